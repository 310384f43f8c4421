// What replicas say to each other, and what a replica asks of its shell. Values only; the bytes on
// the wire are the codec's business. The sender is never inside a message: the link knows it from
// the peer's key, and gives it to Replica::step().
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/limits.hpp"

namespace vigie::replica {

/// Where a log ends, or reaches to. Of two, the later one is the more up to date, and holds what is
/// committed up to the other (Raft, section 5.4.1).
struct LogPosition {
  Term term;
  LogIndex index;
  auto operator<=>(const LogPosition&) const = default;
};

/// Asks for a vote (Raft, figure 2), or whether one would be given (pre-vote: changes nothing at
/// the receiver; Message::term is the term that would be campaigned in).
struct VoteRequest {
  bool pre = false;
  bool transfer = false;  ///< the leader asked for this election: stickiness does not apply
  LogIndex last_index;
  Term last_term;
  bool operator==(const VoteRequest&) const = default;
};

struct VoteAnswer {
  bool pre = false;
  bool granted = false;
  bool operator==(const VoteAnswer&) const = default;
};

/// Entries that follow (prev_index, prev_term). May be empty.
struct Append {
  LogIndex prev_index;
  Term prev_term;
  LogIndex commit;  ///< the leader's; counts up to the last entry of this message only
  std::vector<LogEntry> entries;
  bool operator==(const Append&) const = default;
};

/// ok: everything up to `index` = prev + n of that Append (never more) is synced here.
/// Not ok: `index` is the prev_index refused; (hint_index, hint_term) is the last place where the
/// logs may still agree.
struct AppendAnswer {
  bool ok = false;
  LogIndex index;
  LogIndex hint_index;
  Term hint_term;
  bool operator==(const AppendAnswer&) const = default;
};

struct Heartbeat {
  LogIndex commit;          ///< never beyond what the receiver has acknowledged
  std::uint64_t round = 0;  ///< newest quorum round begun; echoed
  bool operator==(const Heartbeat&) const = default;
};

struct HeartbeatAnswer {
  std::uint64_t round = 0;
  bool operator==(const HeartbeatAnswer&) const = default;
};

/// One piece of a snapshot; made by the shell from a SendSnapshotChunk effect.
struct SnapshotChunk {
  SnapshotMeta meta;
  std::uint32_t number = 0;
  Payload bytes;
  bool operator==(const SnapshotChunk&) const = default;
};

/// Asks for chunk `next` of the snapshot at `index`.
struct SnapshotAnswer {
  LogIndex index;
  std::uint32_t next = 0;
  bool operator==(const SnapshotAnswer&) const = default;
};

/// The leader hands over: campaign at once.
struct TimeoutNow {
  bool operator==(const TimeoutNow&) const = default;
};

/// The order of the alternatives is stable: it may be used as the number on the wire.
using MessageBody = std::variant<VoteRequest, VoteAnswer, Append, AppendAnswer, Heartbeat,
                                 HeartbeatAnswer, SnapshotChunk, SnapshotAnswer, TimeoutNow>;

/// One message between two replicas. May be lost, repeated or overtaken: nothing relies on more.
struct Message {
  SiteId to;
  Term term;
  MessageBody body;
  bool operator==(const Message&) const = default;
};

/// Effect: read chunk `number` of the journal's snapshot and send it to `to` as
/// Message{to, term, SnapshotChunk{meta, number, bytes}}. If the journal's snapshot is no longer
/// `meta`, drop it.
struct SendSnapshotChunk {
  SiteId to;
  Term term;
  SnapshotMeta meta;
  std::uint32_t number = 0;
};

/// Effect: give chunk `number` of a snapshot being received to the journal. Number 0 begins a new
/// one: abandon what is unfinished first, also a snapshot of this node's own in the making.
struct WriteSnapshotChunk {
  SnapshotMeta meta;
  std::uint32_t number = 0;
  Payload bytes;
};

/// Answer to read_index(): a state that has applied `index` may serve the read. index 0: refused,
/// leadership was lost meanwhile; ask again.
struct ReadState {
  std::uint64_t context = 0;
  LogIndex index;
  bool operator==(const ReadState&) const = default;
};

}  // namespace vigie::replica
