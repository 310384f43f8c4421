// Snapshots of a StoredJournal.
#include <algorithm>

#include "messages/types/failpoint.hpp"
#include "storage/journal/stored_journal.hpp"

namespace vigie::storage {

std::optional<SnapshotMeta> StoredJournal::snapshot() const {
  return snapshot_ ? std::optional{snapshot_->meta} : std::nullopt;
}

Result<void> StoredJournal::write_snapshot_chunk(std::uint32_t number, const std::string& bytes) {
  if (auto ready = writable(); !ready) return ready;
  if (number == 0) {
    if (auto abandoned = abandon_snapshot(); !abandoned) return abandoned;
  }
  if (number != draft_.chunks) {
    return Error{Errc::bad_value, "snapshot chunk " + std::to_string(number) + ", expected " +
                                      std::to_string(draft_.chunks)};
  }
  std::string name = key::chunk(draft_generation(), number);
  std::string value = seal(name, bytes);
  failpoint(Failpoint::chunk_before);
  auto written = store_->write_later(Column::snapshot, std::move(name), std::move(value));
  if (!written) {
    failed_ = written.error();
    return written;
  }
  failpoint(Failpoint::chunk_after);
  ++draft_.chunks;
  draft_.bytes += bytes.size();
  return {};
}

Result<void> StoredJournal::abandon_snapshot() {
  if (draft_.chunks == 0) return {};
  if (auto ready = writable(); !ready) return ready;
  const std::uint64_t generation = draft_generation();
  std::vector<Change> changes;
  changes.push_back(
      Change::erase(Column::snapshot, key::chunk(generation, 0), key::chunk(generation + 1, 0)));
  draft_ = {};
  failpoint(Failpoint::abandon_before);
  auto dropped = commit(std::move(changes));
  failpoint(Failpoint::abandon_after);
  return dropped;
}

/// Raft, figure 13: a snapshot that the log does not contain replaces the whole log.
Result<bool> StoredJournal::replaces_log(const SnapshotMeta& meta) const {
  if (meta.index > last_) return true;
  Term term;
  if (snapshot_ && meta.index == snapshot_->meta.index) {
    term = snapshot_->meta.term;
  } else {
    auto entry = read(meta.index, meta.index, 0);
    if (!entry) return entry.error();
    term = entry->front().term;
  }
  if (term != meta.term) return true;
  auto stored = chain(meta.index);
  if (!stored) return stored.error();
  if (*stored == meta.chain) return false;
  return Error{Errc::corrupt, "snapshot at " + std::to_string(meta.index.value) +
                                  ": its hash chain differs from the log's"};
}

Result<void> StoredJournal::finish_snapshot(const SnapshotMeta& meta) {
  if (auto ready = writable(); !ready) return ready;
  if (!meta.index || !next(meta.index) || meta.bytes != draft_.bytes ||
      (snapshot_ && meta.index < snapshot_->meta.index)) {
    return Error{Errc::bad_value, "snapshot at " + std::to_string(meta.index.value) + " of " +
                                      std::to_string(meta.bytes) + " bytes: " +
                                      std::to_string(draft_.bytes) + " bytes were written"};
  }
  auto drop_log = replaces_log(meta);
  if (!drop_log) return drop_log.error();
  failpoint(Failpoint::finish_before);
  if (auto settled = store_->settle(Column::snapshot); !settled) {
    failed_ = settled.error();
    return settled;
  }
  failpoint(Failpoint::finish_settled);
  const StoredSnapshot made{meta, draft_generation(), draft_.chunks};
  std::vector<Change> changes;
  const auto put = [&](std::string_view name, std::string_view content) {
    changes.push_back(Change::put(Column::node, std::string{name}, seal(name, content)));
  };
  put(key::snapshot, encode(made));
  changes.push_back(
      Change::erase(Column::snapshot, key::chunk(0, 0), key::chunk(made.generation, 0)));
  if (*drop_log) {
    put(key::log_start, encode(next(meta.index)));
    changes.push_back(Change::erase(Column::log, key::batch(LogIndex{0}),
                                    key::batch(next(std::max(last_, meta.index)))));
  }
  if (*drop_log) failpoint(Failpoint::replace_log_before);
  if (auto written = commit(std::move(changes)); !written) return written;
  failpoint(*drop_log ? Failpoint::replace_log_after : Failpoint::finish_after);
  snapshot_ = made;
  draft_ = {};
  store_->reclaim(Column::snapshot, key::chunk(made.generation, 0));
  if (*drop_log) {
    last_ = meta.index;
    last_chain_ = meta.chain;
    first_ = next(meta.index);
    store_->reclaim(Column::log, key::batch(first_));
  }
  failpoint(Failpoint::finish_reclaimed);
  return {};
}

Result<std::string> StoredJournal::read_snapshot_chunk(std::uint32_t number) const {
  if (!snapshot_ || number >= snapshot_->chunks) return std::string{};
  const auto place = [&] { return "snapshot chunk " + std::to_string(number); };
  auto content = sealed(Column::snapshot, key::chunk(snapshot_->generation, number));
  if (!content) return at_place(place(), content.error());
  if (!*content) return Error{Errc::corrupt, place() + ": missing"};
  return std::move(**content);
}

}  // namespace vigie::storage
