// What a StoredJournal checks when it is opened, and when it is asked to verify itself.
#include <limits>

#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "storage/journal/stored_journal.hpp"

namespace vigie::storage {
namespace {

constexpr LogIndex beyond_all{std::numeric_limits<std::uint64_t>::max()};

Result<bool> is_empty(const Store& store) {
  bool empty = true;
  for (const Column column : {Column::node, Column::log, Column::snapshot, Column::archive}) {
    auto scanned = store.scan(column, {}, From::at_or_after, [&](auto, auto) {
      empty = false;
      return false;
    });
    if (!scanned) return scanned.error();
  }
  return empty;
}

Error foreign(const Identity& found, const Identity& wanted) {
  return {Errc::foreign_folder, "journal belongs to site " + found.site + " of federation " +
                                    found.federation + ", wanted is site " + wanted.site +
                                    " of federation " + wanted.federation};
}

}  // namespace

Result<void> StoredJournal::recover(const Identity& wanted) {
  failpoint(Failpoint::open_begun);
  auto identity = find_identity(wanted);
  if (!identity) return identity.error();
  recovered_.identity = std::move(*identity);
  if (auto node = recover_node(); !node) return node;
  if (auto log = recover_log(); !log) return log;
  if (auto archive = recover_archive(); !archive) return archive;
  failpoint(Failpoint::open_recovered);
  recovered_.snapshot = snapshot();
  recovered_.first_index = first_;
  recovered_.last_index = last_;
  return mode_ == OpenMode::write ? begin_boot() : Result<void>{};
}

Result<Identity> StoredJournal::find_identity(const Identity& wanted) const {
  auto stored = sealed(Column::node, key::identity);
  if (!stored) return at_place("identity", stored.error());
  if (*stored) {
    auto found = decode_identity(**stored);
    if (!found) return at_place("identity", found.error());
    const bool any = mode_ == OpenMode::read && wanted.federation.empty() && wanted.site.empty();
    if (!any && (found->federation != wanted.federation || found->site != wanted.site)) {
      return foreign(*found, wanted);
    }
    return found;
  }
  auto empty = is_empty(*store_);
  if (!empty) return empty.error();
  if (!*empty) return Error{Errc::corrupt, "identity: missing"};
  if (mode_ == OpenMode::read) return Error{Errc::not_found, "no journal here"};
  if (!wanted.instance) return Error{Errc::bad_value, "a new journal needs an instance"};
  Identity made = wanted;
  made.boot = {};
  return made;
}

Result<void> StoredJournal::recover_node() {
  auto hard = sealed(Column::node, key::hard);
  if (!hard) return at_place("hard state", hard.error());
  if (*hard) {
    auto decoded = decode_hard(**hard);
    if (!decoded) return at_place("hard state", decoded.error());
    recovered_.hard = *decoded;
  }
  auto snapshot = sealed(Column::node, key::snapshot);
  if (!snapshot) return at_place("snapshot", snapshot.error());
  if (*snapshot) {
    auto decoded = decode_snapshot(**snapshot);
    if (!decoded) return at_place("snapshot", decoded.error());
    if (!next(decoded->meta.index)) return Error{Errc::corrupt, "snapshot: beyond all indexes"};
    snapshot_ = *decoded;
  }
  auto start = sealed(Column::node, key::log_start);
  if (!start) return at_place("log start", start.error());
  if (*start) {
    auto decoded = decode_index(**start);
    if (!decoded) return at_place("log start", decoded.error());
    if (!*decoded) return Error{Errc::corrupt, "log start: 0"};
    first_ = *decoded;
  }
  return {};
}

/// The first index of the batch at or near `index`, if any.
Result<std::optional<LogIndex>> StoredJournal::batch_near(LogIndex index, From from) const {
  std::optional<LogIndex> found;
  auto scanned = store_->scan(Column::log, key::batch(index), from, [&](auto name, auto) {
    found = decode_batch_key(name);
    return false;
  });
  if (!scanned) return at_place("log near " + std::to_string(index.value), scanned.error());
  return found;
}

Result<void> StoredJournal::recover_log() {
  const LogIndex floor = snapshot_ ? snapshot_->meta.index : LogIndex{0};
  if (first_ > next(floor)) {
    return Error{Errc::corrupt, "log begins at " + std::to_string(first_.value) +
                                    ", snapshot is at " + std::to_string(floor.value)};
  }
  auto first_batch = batch_near(first_, From::at_or_after);
  if (!first_batch) return first_batch.error();
  if (!*first_batch && first_ == next(floor)) {
    last_ = floor;
    last_chain_ = snapshot_ ? snapshot_->meta.chain : Bits128{};
    return {};
  }
  if (!*first_batch || **first_batch != first_) {
    return Error{Errc::corrupt, "log entry " + std::to_string(first_.value) + ": missing"};
  }
  auto last_batch = batch_near(beyond_all, From::at_or_before);
  if (!last_batch) return last_batch.error();
  return recover_log_end(last_batch->value_or(first_));
}

/// Reads the last two batches: the tail is where a crash can have bitten.
Result<void> StoredJournal::recover_log_end(LogIndex last_batch) {
  const LogIndex from = last_batch > first_ ? previous(last_batch) : first_;
  auto walked = walk(from, [&](const RecordView& record) {
    last_ = record.index;
    last_chain_ = record.chain;
    return true;
  });
  if (!walked && !is_planted(Bug::tail_cut_on_corruption)) return walked;
  if (snapshot_ && last_ < snapshot_->meta.index) {
    return Error{Errc::corrupt, "log ends at " + std::to_string(last_.value) + ", snapshot is at " +
                                    std::to_string(snapshot_->meta.index.value)};
  }
  return {};
}

Result<void> StoredJournal::recover_archive() {
  const std::string end = key::archived(beyond_all, ExamId{beyond_all.value});
  auto scanned = store_->scan(Column::archive, end, From::at_or_before, [&](auto name, auto) {
    if (const auto place = archive_place(name)) recovered_.archive_index = place->first;
    return false;
  });
  if (!scanned) return at_place("archive", scanned.error());
  return {};
}

/// Counts this start, and drops what an unfinished snapshot or fetch of the archive left.
Result<void> StoredJournal::begin_boot() {
  recovered_.identity.boot = next(recovered_.identity.boot);
  std::vector<Change> changes;
  changes.push_back(Change::put(Column::node, std::string{key::identity},
                                seal(key::identity, encode(recovered_.identity))));
  const auto drop = [&](Column column, const std::string& from, std::string end) -> Result<void> {
    bool leftover = false;
    auto scanned = store_->scan(column, from, From::at_or_after, [&](auto name, auto) {
      leftover = name < end;
      return false;
    });
    if (leftover) changes.push_back(Change::erase(column, from, std::move(end)));
    return scanned;
  };
  auto dropped =
      drop(Column::snapshot, key::chunk(draft_generation(), 0), key::chunk(beyond_all.value, 0));
  if (!dropped) return at_place("snapshot", dropped.error());
  dropped = drop(Column::archive, key::staged(LogIndex{0}, ExamId{0}), key::staged_end());
  if (!dropped) return at_place("archive", dropped.error());
  failpoint(Failpoint::open_boot_before);
  auto counted = commit(std::move(changes));
  failpoint(Failpoint::open_boot_after);
  return counted;
}

// Verify

Result<void> StoredJournal::verify() const {
  if (auto log = verify_log(); !log) return log;
  if (auto chunks = verify_snapshot(); !chunks) return chunks;
  if (auto archive = verify_archive(); !archive) return archive;
  if (auto node = verify_node(); !node) return node.error();
  return store_->verify();
}

Result<void> StoredJournal::verify_log() const {
  if (first_ > last_) return {};
  LogIndex end{0};
  auto walked = walk(first_, [&](const RecordView& record) {
    end = record.index;
    return true;
  });
  if (!walked) return walked;
  if (end == last_) return {};
  return Error{Errc::corrupt, "log ends at " + std::to_string(end.value) + ", should at " +
                                  std::to_string(last_.value)};
}

Result<void> StoredJournal::verify_snapshot() const {
  if (!snapshot_) return {};
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < snapshot_->chunks; ++i) {
    auto chunk = read_snapshot_chunk(i);
    if (!chunk) return chunk.error();
    bytes += chunk->size();
  }
  if (bytes == snapshot_->meta.bytes) return {};
  return Error{Errc::corrupt, "snapshot has " + std::to_string(bytes) + " bytes, should have " +
                                  std::to_string(snapshot_->meta.bytes)};
}

/// @return how many there are.
Result<std::uint64_t> StoredJournal::verify_node() const {
  std::uint64_t count = 0;
  Result<void> outcome;
  auto scanned = store_->scan(Column::node, {}, From::at_or_after, [&](auto name, auto value) {
    auto content = unseal(name, value);
    if (!content) outcome = at_place("node record " + std::string{name}, content.error());
    ++count;
    return static_cast<bool>(content);
  });
  if (!scanned) return at_place("node records", scanned.error());
  if (!outcome) return outcome.error();
  return count;
}

/// Every archive record's seal, and that its exam leads to a record.
Result<void> StoredJournal::verify_archive() const {
  Result<void> outcome;
  auto scanned = scan_archive(LogIndex{0}, [&](const ArchiveRecord& record) {
    auto found = archived(record.exam);
    if (!found) outcome = found.error();
    if (found && !*found) {
      outcome =
          Error{Errc::corrupt, "archive: no way to exam " + std::to_string(record.exam.value)};
    }
    return static_cast<bool>(outcome);
  });
  return scanned ? outcome : scanned;
}

}  // namespace vigie::storage
