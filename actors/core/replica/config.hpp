// What a replica is told once, at its start: who it is, who else there is, how long it waits and
// how much it may hold. See config/samples for how a person writes it down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/member.hpp"
#include "messages/types/raft.hpp"
#include "messages/types/time.hpp"

namespace vigie::replica {

using vigie::Member;

/// A change of one member, for Replica::change(): one at a time, learner first (design D2).
struct MemberChange {
  enum class What : std::uint8_t { add_learner, promote, remove };
  What what = What::add_learner;
  Member member;  ///< whom; priority and generation are for add_learner, `voter` for nobody
};

struct Config {
  SiteId self;
  /// Of a federation that never changed them; the log's word comes first. Sites differ. A node
  /// that joins lists itself as a learner, or not at all.
  std::vector<Member> members;

  // Timings, by default those of a LAN (design, table of timings).
  Millis heartbeat{50};
  Millis election_min{300};
  Millis election_max{600};
  Millis leader_lost_delay_max{30};  ///< pre-vote within this, once the link to the leader broke

  // One Append, and all that are unanswered at one peer. A WAN wants more of the latter.
  std::size_t append_entries_max = 4096;
  std::size_t append_bytes_max = 512 * 1024;
  std::size_t inflight_max = 2;
  std::size_t inflight_bytes_max = 2 * 1024 * 1024;

  /// Log held in memory: propose() answers busy beyond it, a follower takes no entries beyond twice
  /// this. Make a snapshot and call compacted() well before (at a quarter, say).
  std::size_t log_bytes_max = 256 * 1024 * 1024;
  /// Committed entries handed out in one Output.
  std::size_t apply_bytes_max = 4 * 1024 * 1024;
};

/// What the journal held when the process started.
struct Start {
  HardState hard;
  SnapshotMeta snapshot;          ///< index 0: none
  std::vector<LogEntry> entries;  ///< consecutive, from snapshot.index + 1 at the latest
  /// Highest commit index this node is known to have seen (guard file, journal): it votes for no
  /// candidate behind it, whatever became of its own log (design D16).
  LogIndex commit_seen;
  std::vector<Member> members{};  ///< in force at snapshot.index; empty: Config::members
  /// The commit index that the journal itself holds, written with these entries and never before
  /// them: so far they are applied at once. Who this node's peers are is in there: one that waited
  /// for a leader's word might not be able to hear any. Not the guard file's: in a folder that was
  /// rolled back there may be other entries at that index.
  LogIndex committed{};
};

}  // namespace vigie::replica
