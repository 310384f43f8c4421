#include "actors/core/replica/members.hpp"

#include <algorithm>
#include <string>

#include "messages/types/planted.hpp"

namespace vigie::replica {

namespace {

// Version, then for each member: site (2), voter (1), priority (4), generation (2); little-endian.
constexpr char payload_version = 1;
constexpr std::size_t member_bytes = 9;

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xffu));
}

std::uint32_t get(std::string_view in, std::size_t at, int bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(in[at + static_cast<std::size_t>(i)]);
    value |= static_cast<std::uint32_t>(byte) << (8 * i);
  }
  return value;
}

auto find_in(std::vector<Member>& members, SiteId site) {
  return std::find_if(members.begin(), members.end(),
                      [&](const Member& member) { return member.site == site; });
}

}  // namespace

Payload encode_members(const std::vector<Member>& members) {
  std::string out(1, payload_version);
  for (const Member& member : members) {
    put(out, member.site.value, 2);
    put(out, member.voter ? 1 : 0, 1);
    put(out, static_cast<std::uint32_t>(member.priority), 4);
    put(out, member.generation, 2);
  }
  return Payload(std::move(out));
}

Result<std::vector<Member>> decode_members(std::string_view payload) {
  const bool is_shaped = !payload.empty() && payload[0] == payload_version &&
                         (payload.size() - 1) % member_bytes == 0 &&
                         payload.size() <= 1 + members_max * member_bytes;
  if (!is_shaped) return Error{Errc::malformed, "list of members"};
  std::vector<Member> members;
  for (std::size_t at = 1; at < payload.size(); at += member_bytes) {
    const SiteId site{static_cast<std::uint16_t>(get(payload, at, 2))};
    const std::uint32_t voter = get(payload, at + 2, 1);
    if (!site || voter > 1 || find_member(members, site) != nullptr) {
      return Error{Errc::malformed, "list of members: a bad site"};
    }
    members.push_back({site, voter == 1, static_cast<int>(get(payload, at + 3, 4)),
                       static_cast<std::uint16_t>(get(payload, at + 7, 2))});
  }
  if (voters(members) == 0) return Error{Errc::malformed, "list of members: nobody votes"};
  return members;
}

const Member* find_member(const std::vector<Member>& members, SiteId site) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.site == site; });
  return found == members.end() ? nullptr : &*found;
}

std::size_t voters(const std::vector<Member>& members) {
  return static_cast<std::size_t>(std::count_if(members.begin(), members.end(),
                                                [](const Member& member) { return member.voter; }));
}

Result<std::vector<Member>> changed(std::vector<Member> members, const MemberChange& change) {
  const auto found = find_in(members, change.member.site);
  const bool is_there = found != members.end();
  const auto refuse = [](const char* why) { return Error{Errc::bad_value, why}; };
  switch (change.what) {
    case MemberChange::What::add_learner:
      if (!change.member.site) return refuse("no site");
      if (is_there) return refuse("it is a member already");
      if (members.size() >= members_max) return refuse("64 members are the most");
      members.push_back(change.member);
      members.back().voter = false;
      return members;
    case MemberChange::What::promote:
      if (!is_there) return refuse("it is no member");
      if (found->voter) return refuse("it votes already");
      found->voter = true;
      return members;
    case MemberChange::What::remove:
      if (!is_there) return refuse("it is no member");
      if (found->voter && voters(members) == 1) return refuse("it is the last voter");
      members.erase(found);
      return members;
  }
  return refuse("no such change");
}

const std::vector<Member>* MemberHistory::at(LogIndex index) const {
  const auto newest = std::find_if(lists_.rbegin(), lists_.rend(),
                                   [&](const auto& list) { return list.first <= index; });
  return newest == lists_.rend() ? nullptr : &newest->second;
}

bool MemberHistory::is_voter(SiteId site) const {
  return std::any_of(lists_.begin(), lists_.end(), [&](const auto& list) {
    const Member* member = find_member(list.second, site);
    return member != nullptr && member->voter;
  });
}

bool MemberHistory::truncate_from(LogIndex from) {
  if (is_planted(Bug::change_outlives_truncation)) return false;
  const std::size_t before = lists_.size();
  while (lists_.size() > 1 && lists_.back().first >= from) lists_.pop_back();
  return lists_.size() != before;
}

void MemberHistory::settle(LogIndex index) {
  const auto newer = std::find_if(lists_.begin(), lists_.end(),
                                  [&](const auto& list) { return list.first > index; });
  if (newer - lists_.begin() > 1) lists_.erase(lists_.begin(), newer - 1);
}

void MemberHistory::restore(LogIndex index, std::vector<Member> members) {
  std::erase_if(lists_, [&](const auto& list) { return list.first <= index; });
  lists_.emplace(lists_.begin(), index, std::move(members));
}

}  // namespace vigie::replica
