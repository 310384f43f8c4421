// The memory of one node, as a contract: hard state, log, snapshot, archive, identity.
//
// Written by the disk thread of a node and by nobody else; storage/rocks keeps it on a disk,
// storage/memory keeps it in memory and can be told to lose, tear, fill and rot. One suite
// (tests/contract) runs over both. The journal does not know what payloads mean.
//
// Durability: a call that returns success has synced what it was given. A call that fails leaves
// the process only one safe thing to do: exit (design D17). Nothing is retried in here.
//
// Integrity: every entry carries a CRC-32C of its own and a hash chained to its predecessor
// (chain_i = BLAKE2b-128(chain_{i-1}, index, term, kind, payload)), so that a damaged or exchanged
// record is found by whoever reads it, whatever the store below says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

namespace vigie::storage {

/// Who a data folder belongs to. Written once when the folder is made; `boot` grows by one at each
/// open for writing.
struct Identity {
  std::string federation;
  std::string site;
  InstanceId instance;
  BootCount boot;
  bool operator==(const Identity&) const = default;
};

/// What a journal is opened for.
enum class OpenMode : std::uint8_t {
  write,  ///< a node's start: made if absent, locked, `boot` grows by one
  read,   ///< a tool's look: nothing is changed or locked, every writing call is refused
};

/// A closed exam leaving the room: kept for ever, found by exam or by the index that closed it.
struct ArchiveRecord {
  LogIndex index;
  ExamId exam;
  std::string bytes;
  bool operator==(const ArchiveRecord&) const = default;
};

/// One atomic, synced write. Everything in it becomes durable together, or nothing does.
struct WriteBatch {
  std::optional<HardState> hard;
  /// Consecutive. The first may be <= last_index(): what was stored from there on is dropped
  /// in the same write. The first must be > the snapshot's index and <= last_index() + 1.
  std::vector<LogEntry> entries;
  std::vector<ArchiveRecord> archive;  ///< writing a record again (same index and exam) is a no-op
  /// Small named values of the node itself (commit seen, island mode, peers' instances).
  std::vector<std::pair<std::string, std::string>> values;
};

/// What a node finds when it starts.
struct Recovered {
  Identity identity;  ///< `boot` already counts this start
  HardState hard;
  std::optional<SnapshotMeta> snapshot;
  LogIndex first_index;  ///< first entry held; last_index + 1 when there is none
  LogIndex last_index;
  LogIndex archive_index;  ///< highest ArchiveRecord::index stored, 0 if none
};

/// How far scrub() has read. A fresh one begins at the start.
struct ScrubPlace {
  enum class Part : std::uint8_t { log, snapshot, node, archive, over };
  Part part = Part::log;
  LogIndex index;  ///< log: read up to here; archive: the next is at or after (index, exam)
  ExamId exam;
  std::uint32_t chunk = 0;    ///< snapshot: the next
  std::uint64_t records = 0;  ///< read so far, of all parts
};

/// A record of the archive that a scrub found damaged.
struct ArchiveDamage {
  LogIndex index;  ///< 0: the store cannot read on, and does not know which records it holds there
  ExamId exam;
  std::string what;
  bool is_whole = false;  ///< only the way from its exam is: `bytes` is the record
  std::string bytes;
};

/// Sizes, for metrics and for the disk guard.
struct Usage {
  std::uint64_t bytes = 0;       ///< on disk, this folder
  std::uint64_t free_bytes = 0;  ///< left on the file system
};

class Journal {
 public:
  virtual ~Journal() = default;

  /// What was found when the journal was opened. Constant over its life.
  virtual const Recovered& recovered() const = 0;

  /// Applies `batch` atomically and returns once it is synced. Cost: one sync; so gather.
  /// @errors Errc::disk_full, Errc::io_error: exit the process. Errc::bad_value: a caller's bug
  /// (gap in the indexes); nothing was written. After a failed write every later one fails too.
  virtual Result<void> write(const WriteBatch& batch) = 0;

  /// Highest index stored; the snapshot's when the log is empty; 0 when nothing is.
  virtual LogIndex last_index() const = 0;
  /// Lowest index that read() can return; last_index() + 1 when the log is empty.
  virtual LogIndex first_index() const = 0;

  /// Entries [first, last], both held; cut short before the payloads' sum would pass `bytes_max`
  /// (but at least one entry).
  /// @errors Errc::not_found: compacted or beyond the end. Errc::corrupt: names the record; leave
  /// service and rejoin.
  virtual Result<std::vector<LogEntry>> read(LogIndex first, LogIndex last,
                                             std::size_t bytes_max) const = 0;
  /// Hash chain at `index` (see top). 0 gives zero bits. @errors as read().
  virtual Result<Bits128> chain(LogIndex index) const = 0;

  /// Writes chunk number `number` (0, 1, ... in order; 0 begins anew) of a snapshot being made. Not
  /// visible, and not synced, before finish_snapshot(); chunks of an unfinished snapshot are
  /// dropped at the next begin or open.
  virtual Result<void> write_snapshot_chunk(std::uint32_t number, const std::string& bytes) = 0;
  /// Makes the chunks written so far the snapshot, atomically and synced. The archive must be
  /// synced through meta.index (design D13). A snapshot beyond last_index(), or in conflict with
  /// the stored term at meta.index, drops the whole log (Raft, figure 13); otherwise the log is
  /// kept and compact() drops what is no longer needed.
  virtual Result<void> finish_snapshot(const SnapshotMeta& meta) = 0;
  /// Drops the chunks of an unfinished snapshot.
  virtual Result<void> abandon_snapshot() = 0;
  virtual std::optional<SnapshotMeta> snapshot() const = 0;
  /// Chunk `number` of the finished snapshot; empty string past the end. @errors Errc::corrupt.
  virtual Result<std::string> read_snapshot_chunk(std::uint32_t number) const = 0;

  /// Drops entries < `first_kept`, at most up to the snapshot's index + 1. May keep a few more
  /// (whole append batches). Space is given back lazily.
  virtual Result<void> compact(LogIndex first_kept) = 0;

  /// The archived exam, if any.
  virtual Result<std::optional<ArchiveRecord>> archived(ExamId exam) const = 0;
  /// Archive records with index > `after`, in index order, until `visit` returns false.
  virtual Result<void> scan_archive(
      LogIndex after, const std::function<bool(const ArchiveRecord&)>& visit) const = 0;

  /// The same for records at or after (index, exam).
  virtual Result<void> scan_archive_from(
      LogIndex index, ExamId exam,
      const std::function<bool(const ArchiveRecord&)>& visit) const = 0;

  /// Reads on from `place` for about `bytes_max` bytes, checks, and moves `place`; Part::over at
  /// the end. Stops behind a damaged record of the archive, so that it can be repaired before going
  /// on.
  /// @errors Errc::corrupt: the log, the snapshot or a record of the node is damaged (place.part
  /// says which): leave service and rejoin.
  virtual Result<std::optional<ArchiveDamage>> scrub(ScrubPlace& place,
                                                     std::size_t bytes_max) const = 0;
  /// Puts `record`, as another node has it, in the place of a damaged one; synced. False: what is
  /// left here of the record neither confirms nor `is_agreed`; nothing was written.
  /// @param is_agreed Two others have it alike.
  virtual Result<bool> repair_archived(const ArchiveRecord& record, bool is_agreed) = 0;

  /// Keeps records apart that another node gave and that are not checked yet: no part of the
  /// archive, not synced, dropped at the next open for writing.
  virtual Result<void> stage_archive(const std::vector<ArchiveRecord>& records) = 0;
  /// Moves staged records to the archive, in order, until about `bytes_max` bytes were moved; what
  /// was moved is synced, each record whole. @return true: more are staged, call again.
  virtual Result<bool> promote_archive(std::size_t bytes_max) = 0;
  virtual Result<void> drop_staged_archive() = 0;

  /// A named value written by WriteBatch::values.
  virtual Result<std::optional<std::string>> value(const std::string& name) const = 0;

  /// Reads everything and checks CRCs, chain and order.
  /// @errors Errc::corrupt with the first damaged record's place.
  virtual Result<void> verify() const = 0;

  virtual Usage usage() const = 0;
};

/// BLAKE2b-128 over (previous, entry): the step of the hash chain. Shared by every implementation
/// and by those who check journals from outside.
Bits128 chain_step(const Bits128& previous, const LogEntry& entry);

}  // namespace vigie::storage
