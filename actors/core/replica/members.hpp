// Who votes, as the log says it: a configuration entry holds the whole list of members, and the
// newest one in a log is in force there, committed or not (Ongaro 2014, section 4.1). One that is
// truncated puts the list before it back in force.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/core/replica/config.hpp"
#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

namespace vigie::replica {

/// Sites that a federation can have, learners included.
inline constexpr std::size_t members_max = 64;

/// The payload of a configuration entry. Deterministic: equal lists, equal bytes.
Payload encode_members(const std::vector<Member>& members);
/// @errors Errc::malformed: not such a payload, or a list without a voter or with a site twice.
Result<std::vector<Member>> decode_members(std::string_view payload);

/// The one of `site`; nullptr: no member.
const Member* find_member(const std::vector<Member>& members, SiteId site);
/// How many vote.
std::size_t voters(const std::vector<Member>& members);

/// `members` after `change`.
/// @errors Errc::bad_value: there already, not there, a voter already, or the last voter removed.
Result<std::vector<Member>> changed(std::vector<Member> members, const MemberChange& change);

/// The lists that a log holds: one before its first entry, one for each configuration entry.
class MemberHistory {
 public:
  explicit MemberHistory(std::vector<Member> base) : lists_{{LogIndex{}, std::move(base)}} {}

  /// In force now.
  const std::vector<Member>& now() const { return lists_.back().second; }
  /// Index of the entry that put now() in force; 0: what this node began with.
  LogIndex since() const { return lists_.back().first; }

  /// In force at `index`; nullptr: not known any more.
  const std::vector<Member>* at(LogIndex index) const;

  /// Does `site` vote by any list that may still be in force? One whose removal is not committed
  /// may be the only one who can lead until it is (Ongaro 2014, section 4.2.2).
  bool is_voter(SiteId site) const;

  /// The log now ends with this configuration entry.
  void append(LogIndex index, std::vector<Member> members) {
    lists_.emplace_back(index, std::move(members));
  }
  /// Entries >= `from` are gone. @return true: now() changed.
  bool truncate_from(LogIndex from);
  /// Nothing up to `index` can be truncated any more.
  void settle(LogIndex index);
  /// A snapshot at `index` holds `members`; they replace what was known up to there.
  void restore(LogIndex index, std::vector<Member> members);

 private:
  std::vector<std::pair<LogIndex, std::vector<Member>>> lists_;  ///< never empty, indexes grow
};

}  // namespace vigie::replica
