// Members follow the directory: an administrator orders a site to come, to vote or to go
// (ChangeSite), apply() writes that down, and whoever leads proposes the configuration entries that
// are still missing, one at a time (design D2, D14). An order is never lost with a leader, and to
// give it twice is harmless.
#include <algorithm>
#include <iterator>
#include <set>

#include "actors/room/host.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

using What = replica::MemberChange::What;

namespace {

const char* name_of(What what) {
  static constexpr const char* names[] = {"add_learner", "promote", "remove"};
  return names[static_cast<std::size_t>(what)];
}

}  // namespace

/// Who is spoken with: all members, by the log or by what is applied, whom the leader still has to
/// tell that it is none any more, and who was ordered in. A snapshot may show a room in which a
/// site that rejoins is no member: if that site leads now, nobody but it will say so.
void Host::follow_members(Now now) {
  members_since_ = replica_.members_since();
  std::set<SiteId> wanted;
  const auto want = [&](const std::vector<Member>& members) {
    for (const Member& m : members) wanted.insert(m.site);
  };
  const std::vector<Member>& applied = room_.state().scalars().members;
  want(replica_.members());
  want(applied.empty() ? settings_.raft.members : applied);
  for (const replica::Progress& p : replica_.peers()) wanted.insert(p.member.site);
  for (const Site& site : room_.directory().sites) {
    const bool ordered_in =
        site.membership == Membership::learner || site.membership == Membership::voter;
    if (ordered_in) wanted.insert(site.id);
  }
  wanted.erase(settings_.self);
  bool changed = false;
  for (auto peer = peers_.begin(); peer != peers_.end();) {
    const bool goes = !wanted.contains(peer->first);
    changed |= goes;
    if (goes) gone_[peer->first] = next_life(peer->second);
    peer = goes ? peers_.erase(peer) : std::next(peer);
  }
  for (SiteId site : wanted) {
    const auto [peer, is_new] = peers_.try_emplace(site);
    if (!is_new) continue;
    peer->second.last_heard = now.boot;
    if (const auto was = gone_.extract(site)) peer->second.memory = was.mapped();
    changed = true;
  }
  if (changed) ports_.members_changed();
}

/// What the directory wants of `site` next and the members are not.
std::optional<replica::MemberChange> Host::owed_to(const Site& site) const {
  const Member* is = replica::find_member(replica_.members(), site.id);
  if (site.membership == Membership::removed) {
    return is ? std::optional(replica::MemberChange{What::remove, *is}) : std::nullopt;
  }
  if (site.membership == Membership::founding) return std::nullopt;
  // It lost its data since: the one that forgot goes before the one that begins anew comes.
  if (is && is->generation != site.generation) return replica::MemberChange{What::remove, *is};
  if (!is) {
    const Member wanted{site.id, false, site.priority, site.generation};
    return replica::MemberChange{What::add_learner, wanted};
  }
  if (site.membership == Membership::voter && !is->voter && may_vote(site.id)) {
    return replica::MemberChange{What::promote, *is};
  }
  return std::nullopt;
}

/// All of it, this node's own removal last: it sees to the others before it goes.
std::vector<replica::MemberChange> Host::owed_changes() const {
  std::vector<replica::MemberChange> owed;
  for (const Site& site : room_.directory().sites) {
    if (auto change = owed_to(site)) owed.push_back(*change);
  }
  const auto is_other = [&](const auto& change) { return change.member.site != settings_.self; };
  std::stable_partition(owed.begin(), owed.end(), is_other);
  return owed;
}

/// Does every voter have the log in which `change` begins? One that was away when a new site came
/// to vote does not know it, and would not vote for it: it may be the only one that holds the
/// newest entry.
bool Host::is_told_to_all(const replica::MemberChange& change) const {
  const bool is_new = change.what == What::promote && !is_listed(change.member.site);
  const auto is_told = [&](const Member& member) {
    return !member.voter || member.site == settings_.self || replica_.is_caught_up(member.site);
  };
  return !is_new || std::all_of(replica_.members().begin(), replica_.members().end(), is_told);
}

/// Are enough of the voters that `change` leaves up and level with the log? It is in force from the
/// append on: without them it could never be committed, and nothing after it either. And is there
/// one left whom everybody knows?
bool Host::leaves_enough(Now now, const replica::MemberChange& change) const {
  const auto members = replica::changed(replica_.members(), change);
  if (!members) return false;
  const auto is_up = [&](const Member& member) {
    if (!member.voter || member.site == settings_.self) return member.voter;
    const auto peer = peers_.find(member.site);
    return peer != peers_.end() && quarantine_of(peer->second).empty() &&
           replica_.is_caught_up(member.site);
  };
  const auto up = std::count_if(members->begin(), members->end(), is_up);
  if (static_cast<std::size_t>(up) <= replica::voters(*members) / 2) return false;
  // Who is away may know nobody but the voters of its site file: one of them is to lead it in.
  const auto is_known = [&](const Member& member) {
    return is_listed(member.site) && is_up(member);
  };
  const bool is_away = std::any_of(peers_.begin(), peers_.end(), [&](const auto& peer) {
    return peer.first != change.member.site && is_silent(now, peer.second);
  });
  return !is_away || !is_listed(change.member.site) ||
         std::any_of(members->begin(), members->end(), is_known);
}

/// A learner votes only with the log, and with all its exams (design D13).
bool Host::may_vote(SiteId site) const {
  const auto peer = peers_.find(site);
  if (peer == peers_.end() || !peer->second.status) return false;
  const codec::SiteStatus& status = *peer->second.status;
  return replica_.is_caught_up(site) && status.archive_complete && status.archive_checked;
}

void Host::order_members(Now now) {
  if (!leading_ || replica_.members_since() > replica_.commit()) return;
  std::string waits;
  for (const replica::MemberChange& change : owed_changes()) {
    if (leaves_enough(now, change) && is_told_to_all(change)) {
      change_members(now, change);
      break;
    }
    waits += (waits.empty() ? "" : ", ") + in_words(change);
  }
  if (waits == members_wait_) return;
  members_wait_ = std::move(waits);
  if (members_wait_.empty()) return;
  telemetry::log_warning(
      "members_wait", {{"what", members_wait_},
                       {"why", "too few of the voters left would be up, or known to who is away"},
                       {"advice", "see ops/docs/runbook-rejoin.md"}});
}

void Host::change_members(Now now, const replica::MemberChange& change) {
  if (change.member.site == settings_.self) {  // another one leads, and removes it
    static_cast<void>(hand_over(now, true));
    return;
  }
  const auto index = replica_.change(now.boot, change);
  if (!index) return;  // not now: asked again within a second
  telemetry::log_info(
      "members_change",
      {{"what", name_of(change.what)}, {"member", change.member.site}, {"index", *index}});
}

/// For people: "remove lyon".
std::string Host::in_words(const replica::MemberChange& change) const {
  const Site* site = room_.directory().site(change.member.site);
  return std::string(name_of(change.what)) + " " + (site ? site->name : "?");
}

/// A node without a vote reads its archive once it has caught up: the leader asks for that.
void Host::check_archive() {
  const bool wanted = !replica_.is_voter() && !archive_check_ && !gap_ && replica_.leader();
  if (!wanted || room_.applied() < replica_.commit() || !replica_.commit()) return;
  archive_check_.emplace();
  archive_check_->through = room_.applied();
  archive_check_->wanted = room_.archive_end();
  DiskJob job;
  archive_with(job);
  job.check_archive = archive_check_;
  ports_.write(std::move(job));
}

void Host::archive_read(const ArchiveCheck& check) {
  archive_check_ = check;
  if (!check.over) {
    DiskJob job;
    job.check_archive = check;
    return ports_.write(std::move(job));
  }
  if (check.is_right()) {
    telemetry::log_info("archive_checked",
                        {{"index", check.through}, {"exams", check.found.count}});
  } else {
    telemetry::log_error("archive_wrong", {{"index", check.through},
                                           {"found", check.found.count},
                                           {"wanted", check.wanted.count},
                                           {"advice", "see ops/docs/runbook-rejoin.md"}});
  }
}

}  // namespace vigie::actors
