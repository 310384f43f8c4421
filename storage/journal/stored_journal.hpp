// The Journal over any Store: which records there are, what a write changes, what a start checks.
//
// Invariants, checked at open: the first batch begins at `log_start`; log_start <= snapshot + 1;
// the log reaches the snapshot or is empty and begins right after it. A journal that breaks one has
// lost something that was synced: it is refused, never repaired in silence.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/journal/journal.hpp"
#include "storage/journal/node_record.hpp"
#include "storage/journal/record.hpp"
#include "storage/journal/store.hpp"

namespace vigie::storage {

class StoredJournal final : public Journal {
 public:
  StoredJournal(std::unique_ptr<Store> store, OpenMode mode);
  /// To be called once, before anything else. See open_journal().
  Result<void> recover(const Identity& wanted);

  const Recovered& recovered() const override { return recovered_; }
  Result<void> write(const WriteBatch& batch) override;
  LogIndex last_index() const override { return last_; }
  LogIndex first_index() const override { return first_; }
  Result<std::vector<LogEntry>> read(LogIndex first, LogIndex last,
                                     std::size_t bytes_max) const override;
  Result<Bits128> chain(LogIndex index) const override;
  Result<void> write_snapshot_chunk(std::uint32_t number, const std::string& bytes) override;
  Result<void> finish_snapshot(const SnapshotMeta& meta) override;
  Result<void> abandon_snapshot() override;
  std::optional<SnapshotMeta> snapshot() const override;
  Result<std::string> read_snapshot_chunk(std::uint32_t number) const override;
  Result<void> compact(LogIndex first_kept) override;
  Result<std::optional<ArchiveRecord>> archived(ExamId exam) const override;
  Result<void> scan_archive(LogIndex after,
                            const std::function<bool(const ArchiveRecord&)>& visit) const override;
  Result<void> scan_archive_from(
      LogIndex index, ExamId exam,
      const std::function<bool(const ArchiveRecord&)>& visit) const override;
  Result<std::optional<ArchiveDamage>> scrub(ScrubPlace& place,
                                             std::size_t bytes_max) const override;
  Result<bool> repair_archived(const ArchiveRecord& record, bool is_agreed) override;
  Result<void> stage_archive(const std::vector<ArchiveRecord>& records) override;
  Result<bool> promote_archive(std::size_t bytes_max) override;
  Result<void> drop_staged_archive() override;
  Result<std::optional<std::string>> value(const std::string& name) const override;
  Result<void> verify() const override;
  Usage usage() const override { return store_->usage(); }

 private:
  using VisitRecord = std::function<bool(const RecordView&)>;
  /// A snapshot being made.
  struct Draft {
    std::uint32_t chunks = 0;
    std::uint64_t bytes = 0;
  };

  // stored_recovery.cpp
  Result<Identity> find_identity(const Identity& wanted) const;
  Result<void> recover_node();
  Result<void> recover_log();
  Result<void> recover_log_end(LogIndex last_batch);
  Result<void> recover_archive();
  Result<void> begin_boot();
  Result<void> verify_log() const;
  Result<void> verify_snapshot() const;
  Result<std::uint64_t> verify_node() const;
  Result<void> verify_archive() const;
  Result<std::optional<LogIndex>> batch_near(LogIndex index, From from) const;

  // stored_journal.cpp
  Result<void> check(const std::vector<LogEntry>& entries) const;
  Result<void> append(std::vector<Change>& changes, const std::vector<LogEntry>& entries,
                      Bits128& chain) const;
  Result<Bits128> cut(std::vector<Change>& changes, LogIndex first) const;
  Result<void> commit(std::vector<Change> changes);
  Result<void> writable() const;
  Result<void> walk(LogIndex from, const VisitRecord& visit) const;
  Result<RecordView> expect(std::string_view batch, std::size_t at, LogIndex index,
                            std::optional<Bits128>& previous) const;
  std::optional<Bits128> chain_before(LogIndex index) const;
  Result<std::optional<std::string>> sealed(Column column, std::string_view key) const;

  // stored_archive.cpp
  static void put_archived(std::vector<Change>& changes, const ArchiveRecord& record);

  // stored_scrub.cpp
  Result<void> scrub_log(ScrubPlace& place, std::size_t bytes_max) const;
  Result<void> scrub_snapshot(ScrubPlace& place, std::size_t bytes_max) const;
  Result<std::optional<ArchiveDamage>> scrub_archive(ScrubPlace& place,
                                                     std::size_t bytes_max) const;
  bool is_led_to(LogIndex index, ExamId exam) const;

  // stored_snapshot.cpp
  std::uint64_t draft_generation() const { return snapshot_ ? snapshot_->generation + 1 : 1; }
  Result<bool> replaces_log(const SnapshotMeta& meta) const;

  std::unique_ptr<Store> store_;
  OpenMode mode_;
  Recovered recovered_;
  std::optional<Error> failed_;  ///< of the first write that failed
  LogIndex first_{1};
  LogIndex last_{0};
  Bits128 last_chain_;
  std::optional<StoredSnapshot> snapshot_;
  Draft draft_;
};

/// "a: b", for errors.
Error at_place(const std::string& place, const Error& error);

}  // namespace vigie::storage
