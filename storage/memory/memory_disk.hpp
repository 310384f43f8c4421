// A disk in memory for a journal's twin, with the faults of a real one. It outlives the journals
// opened on it, as a disk outlives processes: open, crash(), open again.
//
// It keeps two pictures: what the open journal sees, and what would survive a crash. They differ by
// the writes that were staged but not synced, kept in order as the bytes of a write-ahead log, so
// that a crash may cut them at any byte. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/journal/journal.hpp"
#include "storage/journal/store.hpp"

namespace vigie::storage {

class MemoryDisk {
 public:
  /// From now on writes return success without being synced: a simulation calls sync() when its
  /// disk is done, and only then believes the journal's answer. Off: every write is synced at once.
  void hold_sync(bool held);
  /// Makes the oldest `writes` staged writes durable; all of them by default.
  void sync(std::size_t writes = static_cast<std::size_t>(-1));
  /// Writes not yet synced.
  std::size_t staged_count() const { return staged_.size(); }
  /// Their bytes, as in a write-ahead log.
  std::uint64_t staged_bytes() const;

  /// The machine stops: of the unsynced bytes only the first `bytes_kept` reached the disk. A write
  /// cut by that is torn, and dropped whole. Of what was written without the log and not settled,
  /// the first `unsettled_kept` values happen to be there. Ends the open journal's hold on the
  /// disk: it can write no more, and another may be opened.
  void crash(std::uint64_t bytes_kept = 0, std::size_t unsettled_kept = 0);
  /// Values written without the log and not settled yet.
  std::size_t unsettled_count() const { return unsettled_.size(); }

  /// Writes fail with Errc::disk_full once all values together would pass `bytes_max`.
  void fill_at(std::uint64_t bytes_max) { capacity_ = bytes_max; }
  /// The write after the next `writes_before` fails with Errc::io_error; once.
  void fail_once(std::uint32_t writes_before = 0) { fail_after_ = writes_before; }
  /// Flips bits of byte `at` (modulo the value's length) of the value of the last key <= `key`, on
  /// the disk itself. False if there is no such value.
  bool rot(Column column, const std::string& key, std::size_t at);
  /// The batch that holds entry `index` becomes `other`'s, or vanishes. False if there is none.
  bool exchange_log(const MemoryDisk& other, LogIndex index);
  bool lose_log(LogIndex index);
  /// rot() for the batch that holds log entry `index`, or for a snapshot's chunk.
  bool rot_log(LogIndex index, std::size_t at);
  bool rot_snapshot(std::uint32_t chunk, std::size_t at);

  /// Sum of all keys and values, synced or not.
  std::uint64_t bytes() const { return seen_.bytes; }
  /// A copy of what is durable, as from a backup: to be opened elsewhere, or put back later.
  MemoryDisk image() const;

 private:
  friend class MemoryStore;
  friend Result<std::unique_ptr<Journal>> open_memory(MemoryDisk&, OpenMode, const Identity&);
  using Value = std::shared_ptr<const std::string>;  // shared by both pictures
  struct Step {
    Column column;
    std::string key;
    std::string end;  ///< without a value: all keys of [key, end) are erased
    Value value;
  };
  using Write = std::vector<Step>;
  struct Picture {
    std::array<std::map<std::string, Value, std::less<>>, column_count> columns;
    std::uint64_t bytes = 0;
    void apply(const Write& write);
  };

  bool alter(Column column, const std::string& key,
             const std::function<Value(const std::string& key, const Value&)>& change);
  enum class Durable : std::uint8_t { when_synced, when_settled };

  static std::uint64_t size(const Write& write);
  std::optional<Write> admit(std::vector<Change> changes);
  Result<void> write(std::vector<Change> changes, Durable durable);
  void settle(Column column);
  void forget(Column column, std::string end);

  Picture seen_;
  Picture durable_;
  std::deque<Write> staged_;
  Write unsettled_;  ///< written past the log: durable once its column is settled
  bool held_ = false;
  std::optional<std::uint64_t> capacity_;
  std::optional<std::uint32_t> fail_after_;
  std::uint64_t owner_ = 0;   ///< the store that may write, 0: none
  std::uint64_t opened_ = 0;  ///< stores opened so far
};

/// Opens the journal on `disk`, which must outlive it. Identity, modes and errors as open_rocks().
Result<std::unique_ptr<Journal>> open_memory(MemoryDisk& disk, OpenMode mode,
                                             const Identity& wanted);

}  // namespace vigie::storage
