// How a node that missed exams closing gets their records: what to ask a peer for next, and whether
// what came is what the federation archived (design D13).
//
// A snapshot tells where the archive that belongs to it ends (count and rolling hash). The records
// between this node's own end and that one travel in chunks; nothing of them counts before the
// hash at the end is right. Pure: the shell asks, stages and waits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/core/room/archive.hpp"
#include "messages/codec/peer_codec.hpp"
#include "messages/types/result.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::actors {

class ArchiveFetch {
 public:
  /// @param held This node's archive is complete up to index `from`, where it ends so.
  ArchiveFetch(LogIndex from, room::ArchiveEnd held, room::SnapshotArchive wanted);

  /// Another snapshot is to be installed instead. For a later one it goes on from where it is; for
  /// an earlier one it starts over, and aims no lower than what was kept.
  void aim_at(room::SnapshotArchive wanted);
  LogIndex through() const { return wanted_.index; }
  /// Everything has come, and is what was archived.
  bool is_complete() const { return reached_ == wanted_.end; }
  /// What to ask a peer for now.
  codec::ArchiveWish wish() const;
  /// Takes the answer to wish(); another one's is left alone.
  /// @return the records that are whole now, to be staged.
  /// @errors Errc::corrupt: this is not what the federation archived: start_over(), ask another.
  Result<std::vector<storage::ArchiveRecord>> take(codec::ArchiveChunk chunk);
  /// is_complete(): what was staged becomes part of the archive, and is never asked for again.
  void keep();
  /// Forgets everything since the last keep(); what was staged since must be dropped.
  void start_over();

 private:
  /// A place between records: the archive up to here is known.
  struct Position {
    LogIndex index;  ///< the next record is at or after (index, exam)
    ExamId exam;
    bool operator==(const Position&) const = default;
  };
  bool follows(const codec::ArchivePiece& piece) const;

  room::SnapshotArchive wanted_, kept_;
  Position kept_at_, at_;
  room::ArchiveEnd reached_;
  storage::ArchiveRecord partial_;  ///< bytes empty: between records
};

/// The answer to `wish` from `journal`, whose archive is complete through `wish.through`.
/// @errors as Journal::scan_archive().
Result<codec::ArchiveChunk> read_archive(const storage::Journal& journal,
                                         const codec::ArchiveWish& wish);

}  // namespace vigie::actors
