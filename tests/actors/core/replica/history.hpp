// What must hold between the replicas of one federation (Raft, figure 3), as a witness who sees
// all: election safety, leader append-only and log matching, leader completeness, state machine
// safety, and that nothing is promised before it is synced.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/core/replica/replica.hpp"
#include "messages/types/entry.hpp"

namespace vigie::replica {

/// A rolling digest of applied entries: the state machine of these tests.
inline std::uint64_t mix(std::uint64_t digest, const LogEntry& entry) {
  const auto add = [&](std::uint64_t v) { digest = (digest ^ v) * 0x100000001b3u; };
  add(entry.index.value);
  add(entry.term.value);
  for (const char c : entry.payload.bytes()) add(static_cast<unsigned char>(c));
  return digest;
}

class History {
 public:
  /// The first thing that went wrong; empty if nothing did.
  const std::string& violation() const { return violation_; }
  void fail(const std::string& what) {
    if (violation_.empty()) violation_ = what;
  }

  /// `entries` are about to be written after (first - 1, `before`): log matching, by induction.
  void wrote(Term before, const std::vector<LogEntry>& entries) {
    for (const LogEntry& entry : entries) {
      const auto [found, is_new] =
          seen_.try_emplace({entry.index, entry.term}, Seen{before, entry.payload});
      if (!is_new && found->second.before != before) fail("log matching: another predecessor");
      if (!is_new && found->second.payload != entry.payload) fail("log matching: another payload");
      before = entry.term;
    }
  }

  /// After each event at `replica`; `checked` is the caller's note of the commit seen before.
  void observe(const Replica& replica, LogIndex& checked) {
    if (replica.is_leader()) observe_leader(replica);
    // A leader whose own removal commits is none any more when we look.
    const bool has_resigned = !replica.is_member() && replica.commit() >= replica.members_since();
    if (replica.commit().value > committed_.size() && !replica.is_leader() && !has_resigned) {
      fail("a follower knows of a commit that no leader made");
    }
    for (LogIndex i = next(checked); i <= replica.commit(); i = next(i)) {
      if (i > replica.log().base()) observe_commit(replica, replica.log().at(i));
    }
    checked = std::max(checked, replica.commit());
  }

  /// A state machine applied `entry` and has `digest` now.
  void applied(const LogEntry& entry, std::uint64_t digest) {
    if (entry.index.value > committed_.size()) return fail("applied before it was committed");
    if (committed_[entry.index.value - 1].digest != digest) fail("state machine safety");
  }

  /// Who is in the federation at first.
  void founded(std::vector<Member> members) { members_ = std::move(members); }
  /// By what is committed.
  const std::vector<Member>& members() const { return members_; }
  std::size_t changes() const { return changes_; }
  std::size_t committed_count() const { return committed_.size(); }
  std::uint64_t digest_at(LogIndex index) const {
    return index.value == 0 ? 0 : committed_.at(index.value - 1).digest;
  }

 private:
  struct Seen {
    Term before;
    Payload payload;
  };
  struct Committed {
    LogEntry entry;
    Term in_term;  ///< of the leader that committed it
    std::uint64_t digest;
  };

  void observe_leader(const Replica& replica) {
    const auto [found, is_new] = leaders_.try_emplace(replica.term(), replica.config().self);
    if (found->second != replica.config().self) fail("election safety: two leaders in one term");
    if (!is_new) return;
    for (const Committed& c : committed_) {
      if (c.in_term >= replica.term() || c.entry.index <= replica.log().base()) continue;
      if (!replica.log().matches(c.entry.index, c.entry.term)) fail("leader completeness");
    }
  }

  void observe_commit(const Replica& replica, const LogEntry& entry) {
    if (entry.index.value <= committed_.size()) {
      const Committed& known = committed_[entry.index.value - 1];
      if (known.entry != entry) fail("a committed entry was replaced");
      return;
    }
    if (entry.index.value != committed_.size() + 1) return fail("a gap in what was committed");
    if (entry.kind == EntryKind::configuration) observe_members(entry);
    const std::uint64_t before = committed_.empty() ? 0 : committed_.back().digest;
    committed_.push_back({entry, replica.term(), mix(before, entry)});
  }

  // Any majority before shares a voter with any majority after (Ongaro 2014, section 4.1).
  void observe_members(const LogEntry& entry) {
    std::vector<Member> members = *decode_members(entry.payload.bytes());
    std::size_t differ = 0;
    for (const Member& member : members) {
      const Member* before = find_member(members_, member.site);
      differ += member.voter && (before == nullptr || !before->voter) ? 1 : 0;
    }
    for (const Member& member : members_) {
      const Member* after = find_member(members, member.site);
      differ += member.voter && (after == nullptr || !after->voter) ? 1 : 0;
    }
    if (differ > 1) fail("two voters changed at once");
    ++changes_;
    members_ = std::move(members);
  }

  std::vector<Member> members_;
  std::size_t changes_ = 0;
  std::map<std::pair<LogIndex, Term>, Seen> seen_;
  std::map<Term, SiteId> leaders_;
  std::vector<Committed> committed_;
  std::string violation_;
};

}  // namespace vigie::replica
