#include "storage/journal/stored_journal.hpp"

#include <algorithm>

#include "messages/types/assert.hpp"
#include "messages/types/failpoint.hpp"

namespace vigie::storage {
namespace {

enum class Side : std::uint8_t { before, after };

/// The failpoints beside a write: one for each thing that is in it.
void pass(Side side, const WriteBatch& batch, bool overwrites) {
  const auto at = [side](Failpoint before, Failpoint after) {
    failpoint(side == Side::before ? before : after);
  };
  if (!batch.entries.empty()) at(Failpoint::append_before, Failpoint::append_after);
  if (overwrites) at(Failpoint::overwrite_before, Failpoint::overwrite_after);
  if (batch.hard && batch.hard->vote) at(Failpoint::vote_before, Failpoint::vote_after);
  if (batch.hard && !batch.hard->vote) at(Failpoint::term_before, Failpoint::term_after);
  if (!batch.archive.empty()) at(Failpoint::archive_before, Failpoint::archive_after);
  if (!batch.values.empty()) at(Failpoint::values_before, Failpoint::values_after);
}

}  // namespace

Error at_place(const std::string& place, const Error& error) {
  return {error.code, place + ": " + error.what};
}

StoredJournal::StoredJournal(std::unique_ptr<Store> store, OpenMode mode)
    : store_(std::move(store)), mode_(mode) {}

Result<std::unique_ptr<Journal>> open_journal(std::unique_ptr<Store> store, OpenMode mode,
                                              const Identity& wanted) {
  auto journal = std::make_unique<StoredJournal>(std::move(store), mode);
  if (auto recovered = journal->recover(wanted); !recovered) return recovered.error();
  return std::unique_ptr<Journal>{std::move(journal)};
}

// Writing

Result<void> StoredJournal::writable() const {
  if (mode_ == OpenMode::read) return Error{Errc::bad_value, "journal is open for reading only"};
  if (failed_) return at_place("an earlier write failed", *failed_);
  return {};
}

Result<void> StoredJournal::commit(std::vector<Change> changes) {
  auto written = store_->write(std::move(changes));
  if (!written) failed_ = written.error();
  return written;
}

Result<void> StoredJournal::check(const std::vector<LogEntry>& entries) const {
  if (entries.empty()) return {};
  const LogIndex first = entries.front().index;
  const LogIndex floor = snapshot_ ? snapshot_->meta.index : LogIndex{0};
  if (first <= floor || first > next(last_)) {
    return Error{Errc::bad_value, "append at " + std::to_string(first.value) + ", log ends at " +
                                      std::to_string(last_.value) + ", snapshot at " +
                                      std::to_string(floor.value)};
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].index.value != first.value + i) {
      return Error{Errc::bad_value, "append: gap after " + std::to_string(first.value + i - 1)};
    }
  }
  return {};
}

Result<void> StoredJournal::write(const WriteBatch& batch) {
  if (auto ready = writable(); !ready) return ready;
  if (auto checked = check(batch.entries); !checked) return checked;
  std::vector<Change> changes;
  const auto put = [&](Column column, std::string name, std::string_view content) {
    std::string value = seal(name, content);
    changes.push_back(Change::put(column, std::move(name), std::move(value)));
  };
  Bits128 chain = last_chain_;
  if (auto appended = append(changes, batch.entries, chain); !appended) return appended;
  if (batch.hard) put(Column::node, std::string{key::hard}, encode(*batch.hard));
  for (const ArchiveRecord& record : batch.archive) put_archived(changes, record);
  for (const auto& [name, value] : batch.values) put(Column::node, key::value(name), value);
  if (changes.empty()) return {};
  const bool overwrites = !batch.entries.empty() && batch.entries.front().index <= last_;
  pass(Side::before, batch, overwrites);
  if (auto written = commit(std::move(changes)); !written) return written;
  pass(Side::after, batch, overwrites);
  if (!batch.entries.empty()) {
    last_ = batch.entries.back().index;
    last_chain_ = chain;
  }
  return {};
}

/// One key for the whole append; `chain` becomes the chain at its end.
Result<void> StoredJournal::append(std::vector<Change>& changes,
                                   const std::vector<LogEntry>& entries, Bits128& chain) const {
  if (entries.empty()) return {};
  const LogIndex first = entries.front().index;
  if (first <= last_) {
    auto kept = cut(changes, first);
    if (!kept) return kept.error();
    chain = *kept;
  }
  std::size_t size = 0;
  for (const LogEntry& entry : entries) size += record_overhead + entry.payload.size();
  std::string batch;
  batch.reserve(size);
  for (const LogEntry& entry : entries) {
    chain = chain_step(chain, entry);
    append_record(batch, entry, chain);
  }
  changes.push_back(Change::put(Column::log, key::batch(first), std::move(batch)));
  return {};
}

/// Drops what is stored from `first` on, and shortens the one batch that reaches over it. Returns
/// the chain at `first` - 1.
Result<Bits128> StoredJournal::cut(std::vector<Change>& changes, LogIndex first) const {
  changes.push_back(Change::erase(Column::log, key::batch(first), key::batch(next(last_))));
  if (first == first_) {  // so first == snapshot + 1
    const auto before = chain_before(first);
    VIGIE_ASSERT(before.has_value());
    return *before;
  }
  const LogIndex kept_last = previous(first);
  std::string kept;
  LogIndex kept_first;
  Bits128 chain;
  auto walked = walk(kept_last, [&](const RecordView& record) {
    if (kept.empty()) kept_first = record.index;
    append_record(kept, record.entry(), record.chain);
    chain = record.chain;
    return record.index < kept_last;
  });
  if (!walked) return walked.error();
  changes.push_back(Change::put(Column::log, key::batch(kept_first), std::move(kept)));
  return chain;
}

// Reading

std::optional<Bits128> StoredJournal::chain_before(LogIndex index) const {
  if (index.value == 1) return Bits128{};
  if (snapshot_ && index == next(snapshot_->meta.index)) return snapshot_->meta.chain;
  return std::nullopt;
}

/// The record at `at`, which must be entry `index`, chained to `previous` where that is known.
/// `previous` becomes its chain.
Result<RecordView> StoredJournal::expect(std::string_view batch, std::size_t at, LogIndex index,
                                         std::optional<Bits128>& previous) const {
  const auto place = [&] { return "log entry " + std::to_string(index.value); };
  auto record = record_at(batch, at);
  if (!record) return at_place(place(), record.error());
  if (record->index != index) {
    return Error{Errc::corrupt, place() + ": found " + std::to_string(record->index.value)};
  }
  if (!previous) previous = chain_before(index);
  if (previous && chain_step(*previous, *record) != record->chain) {
    return Error{Errc::corrupt, place() + ": hash chain broken"};
  }
  if (snapshot_ && index == snapshot_->meta.index && record->chain != snapshot_->meta.chain) {
    return Error{Errc::corrupt, place() + ": hash chain differs from the snapshot's"};
  }
  previous = record->chain;
  return record;
}

/// Visits the log's records, checked, from the start of the batch that holds `from`.
Result<void> StoredJournal::walk(LogIndex from, const VisitRecord& visit) const {
  Result<void> outcome;
  std::optional<Bits128> previous;
  LogIndex expected{0};
  const auto visit_batch = [&](std::string_view name, std::string_view batch) {
    const auto first = decode_batch_key(name);
    if (!expected) expected = first;
    if (first != expected || batch.empty()) {
      outcome = Error{Errc::corrupt, "log entry " + std::to_string(expected.value) +
                                         ": missing; the next batch begins at " +
                                         std::to_string(first.value)};
      return false;
    }
    for (std::size_t at = 0; at < batch.size();) {
      auto record = expect(batch, at, expected, previous);
      if (!record) {
        outcome = record.error();
        return false;
      }
      if (!visit(*record)) return false;
      at = record->end;
      expected = next(expected);
    }
    return true;
  };
  auto scanned = store_->scan(Column::log, key::batch(from), From::at_or_before, visit_batch);
  if (!scanned) return at_place("log from entry " + std::to_string(from.value), scanned.error());
  return outcome;
}

Result<std::vector<LogEntry>> StoredJournal::read(LogIndex first, LogIndex last,
                                                  std::size_t bytes_max) const {
  if (first < first_ || last > last_ || first > last) {
    return Error{Errc::not_found, "log holds " + std::to_string(first_.value) + " to " +
                                      std::to_string(last_.value) + ", asked " +
                                      std::to_string(first.value) + " to " +
                                      std::to_string(last.value)};
  }
  std::vector<LogEntry> entries;
  std::size_t bytes = 0;
  bool cut_short = false;
  auto walked = walk(first, [&](const RecordView& record) {
    if (record.index < first) return true;
    bytes += record.payload.size();
    cut_short = !entries.empty() && bytes > bytes_max;
    if (cut_short) return false;
    entries.push_back(record.entry());
    return record.index < last;
  });
  if (!walked) return walked.error();
  if (!cut_short && (entries.empty() || entries.back().index != last)) {
    return Error{Errc::corrupt, "log entry " + std::to_string(last.value) + ": missing"};
  }
  return entries;
}

Result<Bits128> StoredJournal::chain(LogIndex index) const {
  if (index == last_) return last_chain_;
  if (const auto known = chain_before(next(index))) return *known;
  if (index < first_ || index > last_) {
    return Error{Errc::not_found, "no chain at " + std::to_string(index.value)};
  }
  std::optional<Bits128> chain;
  auto walked = walk(index, [&](const RecordView& record) {
    if (record.index == index) chain = record.chain;
    return record.index < index;
  });
  if (!walked) return walked.error();
  if (!chain) {
    return Error{Errc::corrupt, "log entry " + std::to_string(index.value) + ": missing"};
  }
  return *chain;
}

/// The content of a sealed value, if there is one.
Result<std::optional<std::string>> StoredJournal::sealed(Column column,
                                                         std::string_view name) const {
  auto value = store_->get(column, name);
  if (!value || !*value) return value;
  auto content = unseal(name, **value);
  if (!content) return content.error();
  return std::optional<std::string>{std::string{*content}};
}

Result<std::optional<std::string>> StoredJournal::value(const std::string& name) const {
  auto content = sealed(Column::node, key::value(name));
  if (!content) return at_place("value " + name, content.error());
  return content;
}

Result<void> StoredJournal::compact(LogIndex first_kept) {
  if (auto ready = writable(); !ready) return ready;
  if (!snapshot_ || first_ > last_) return {};
  first_kept = std::min(first_kept, next(snapshot_->meta.index));
  if (first_kept <= first_) return {};
  LogIndex start = first_kept;  // at most last_ + 1: then nothing is kept
  if (first_kept <= last_) {
    auto batch = batch_near(first_kept, From::at_or_before);
    if (!batch) return batch.error();
    if (!*batch || **batch <= first_) return {};
    start = **batch;
  }
  // What is below the start means nothing from now on; erasing it key by key would cost the store
  // a rewrite of what it has yet to drop.
  std::vector<Change> changes;
  changes.push_back(
      Change::put(Column::node, std::string{key::log_start}, seal(key::log_start, encode(start))));
  failpoint(Failpoint::compact_before);
  if (auto written = commit(std::move(changes)); !written) return written;
  failpoint(Failpoint::compact_after);
  first_ = start;
  store_->reclaim(Column::log, key::batch(start));
  failpoint(Failpoint::compact_reclaimed);
  return {};
}

}  // namespace vigie::storage
