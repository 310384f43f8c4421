// The archive of a StoredJournal: closed exams by index and by exam, and those that another node
// gave, staged apart until they are known to be the right ones (design D13).
#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "storage/journal/stored_journal.hpp"

namespace vigie::storage {

void StoredJournal::put_archived(std::vector<Change>& changes, const ArchiveRecord& record) {
  const auto put = [&](std::string name, std::string_view content) {
    std::string value = seal(name, content);
    changes.push_back(Change::put(Column::archive, std::move(name), std::move(value)));
  };
  put(key::archived(record.index, record.exam), record.bytes);
  put(key::archived_exam(record.exam), encode(record.index));
}

Result<std::optional<ArchiveRecord>> StoredJournal::archived(ExamId exam) const {
  const auto place = [&] { return "archive of exam " + std::to_string(exam.value); };
  auto way = sealed(Column::archive, key::archived_exam(exam));
  if (!way) return at_place(place(), way.error());
  if (!*way) return std::optional<ArchiveRecord>{};
  auto index = decode_index(**way);
  if (!index) return at_place(place(), index.error());
  auto bytes = sealed(Column::archive, key::archived(*index, exam));
  if (!bytes) return at_place(place(), bytes.error());
  if (!*bytes) return Error{Errc::corrupt, place() + ": missing"};
  return std::optional{ArchiveRecord{*index, exam, std::move(**bytes)}};
}

Result<void> StoredJournal::scan_archive(
    LogIndex after, const std::function<bool(const ArchiveRecord&)>& visit) const {
  return scan_archive_from(next(after), ExamId{0}, visit);
}

Result<void> StoredJournal::scan_archive_from(
    LogIndex index, ExamId exam, const std::function<bool(const ArchiveRecord&)>& visit) const {
  Result<void> outcome;
  const auto visit_one = [&](std::string_view name, std::string_view value) {
    const auto place = archive_place(name);
    if (!place) return false;
    auto bytes = unseal(name, value);
    if (!bytes) {
      outcome = at_place("archive record " + std::to_string(place->first.value) + " of exam " +
                             std::to_string(place->second.value),
                         bytes.error());
      return false;
    }
    return visit({place->first, place->second, std::string{*bytes}});
  };
  const std::string from = key::archived(index, exam);
  auto scanned = store_->scan(Column::archive, from, From::at_or_after, visit_one);
  if (!scanned) return at_place("archive", scanned.error());
  return outcome;
}

Result<void> StoredJournal::stage_archive(const std::vector<ArchiveRecord>& records) {
  if (auto ready = writable(); !ready) return ready;
  failpoint(Failpoint::stage_before);
  for (const ArchiveRecord& record : records) {
    std::string name = key::staged(record.index, record.exam);
    std::string value = seal(name, record.bytes);
    auto written = store_->write_later(Column::archive, std::move(name), std::move(value));
    if (!written) {
      failed_ = written.error();
      return written;
    }
  }
  failpoint(Failpoint::stage_after);
  return {};
}

Result<bool> StoredJournal::promote_archive(std::size_t bytes_max) {
  if (auto ready = writable(); !ready) return ready.error();
  std::vector<Change> changes;
  std::size_t bytes = 0;
  bool more = false;
  Result<void> outcome;
  std::string moved_to;  // end of what is moved
  const std::string from = key::staged(LogIndex{0}, ExamId{0});
  auto scanned = store_->scan(Column::archive, from, From::at_or_after, [&](auto name, auto value) {
    const auto place = staged_place(name);
    if (!place) return false;
    more = bytes >= bytes_max;
    if (more) return false;
    auto content = unseal(name, value);
    if (!content) {
      outcome = at_place("staged exam " + std::to_string(place->second.value), content.error());
      return false;
    }
    put_archived(changes, {place->first, place->second, std::string{*content}});
    bytes += content->size();
    moved_to = std::string{name} + '\0';
    return true;
  });
  if (!scanned) return at_place("archive", scanned.error());
  if (!outcome) return outcome.error();
  if (changes.empty()) return false;
  if (is_planted(Bug::promoted_not_synced)) {
    for (const auto& c : changes) outcome = store_->write_later(c.column, c.key, c.value_or_end);
    changes.clear();
  }
  changes.push_back(Change::erase(Column::archive, from, std::move(moved_to)));
  failpoint(Failpoint::promote_before);
  if (auto written = commit(std::move(changes)); !written) return written.error();
  failpoint(Failpoint::promote_after);
  return more;
}

Result<void> StoredJournal::drop_staged_archive() {
  if (auto ready = writable(); !ready) return ready;
  std::vector<Change> changes;
  changes.push_back(
      Change::erase(Column::archive, key::staged(LogIndex{0}, ExamId{0}), key::staged_end()));
  failpoint(Failpoint::drop_staged_before);
  auto dropped = commit(std::move(changes));
  failpoint(Failpoint::drop_staged_after);
  return dropped;
}

}  // namespace vigie::storage
