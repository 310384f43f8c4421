// One batch of effects of a replica: what its shell must do, as data.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/raft.hpp"

namespace vigie::replica {

/// Handle each Output once, in the order taken. `messages` and `committed` need not wait for any
/// write. Writes go to the disk in the order of `write_no`; within one: `hard`, `chunks`,
/// `finish_snapshot`, `entries` (hard and entries may share a batch if there is no snapshot
/// between). Several Outputs may be gathered into one sync; then confirm the last with persisted().
struct Output {
  /// The newest write so far: this Output's own if has_write().
  std::uint64_t write_no = 0;

  // To be written and synced.
  std::optional<HardState> hard;
  std::vector<WriteSnapshotChunk> chunks;
  /// The chunks given make up this snapshot: finish it in the journal (which drops the log), load
  /// it into the state machine, then call Replica::snapshot_installed(). No committed entries
  /// meanwhile.
  std::optional<SnapshotMeta> finish_snapshot;
  /// Consecutive. If the first is not beyond what was written before, what was there from that
  /// index on is replaced.
  std::vector<LogEntry> entries;

  std::vector<Message> messages;              ///< may go now
  std::vector<Message> messages_after_write;  ///< may go once write `write_no` is synced
  std::vector<SendSnapshotChunk> send_chunks;
  /// To be applied, each exactly once over the life of the process, in index order; perhaps before
  /// they are synced here: a majority has them.
  std::vector<LogEntry> committed;
  std::vector<ReadState> reads;

  bool has_write() const { return hard || !chunks.empty() || finish_snapshot || !entries.empty(); }
};

}  // namespace vigie::replica
