// Reading a StoredJournal again, a slice at a time beside the work, for damage that nobody has met
// yet; and putting a peer's record in the place of a damaged one.
#include <algorithm>

#include "storage/journal/stored_journal.hpp"

namespace vigie::storage {
namespace {

using Part = ScrubPlace::Part;
using Found = std::optional<ArchiveDamage>;

void go_to(ScrubPlace& place, Part part) {
  const std::uint64_t records = place.records;
  place = {};
  place.part = part;
  place.records = records;
}

}  // namespace

Result<Found> StoredJournal::scrub(ScrubPlace& place, std::size_t bytes_max) const {
  switch (place.part) {
    case Part::log:
      if (auto read = scrub_log(place, bytes_max); !read) return read.error();
      break;
    case Part::snapshot:
      if (auto read = scrub_snapshot(place, bytes_max); !read) return read.error();
      break;
    case Part::node:
      if (auto read = verify_node()) {
        place.records += *read;
        go_to(place, Part::archive);
        break;
      } else {
        return read.error();
      }
    case Part::archive:
      return scrub_archive(place, bytes_max);
    case Part::over:
      break;
  }
  return Found{};
}

/// Begins with the record that was read last, so that the chain is followed from slice to slice.
Result<void> StoredJournal::scrub_log(ScrubPlace& place, std::size_t bytes_max) const {
  const LogIndex read_to = std::max(place.index, previous(first_));
  if (read_to >= last_) return go_to(place, Part::snapshot), Result<void>{};
  std::size_t bytes = 0;
  place.index = read_to;
  return walk(std::max(read_to, first_), [&](const RecordView& record) {
    if (record.index <= read_to) return true;
    place.index = record.index;
    ++place.records;
    bytes += record_overhead + record.payload.size();
    return bytes < bytes_max;
  });
}

Result<void> StoredJournal::scrub_snapshot(ScrubPlace& place, std::size_t bytes_max) const {
  for (std::size_t bytes = 0; bytes < bytes_max;) {
    if (!snapshot_ || place.chunk >= snapshot_->chunks) {
      go_to(place, Part::node);
      return {};
    }
    auto chunk = read_snapshot_chunk(place.chunk);
    if (!chunk) return chunk.error();
    ++place.chunk;
    ++place.records;
    bytes += chunk->size();
  }
  return {};
}

/// Is the exam led to this record, or a later one of its?
bool StoredJournal::is_led_to(LogIndex index, ExamId exam) const {
  const auto way = sealed(Column::archive, key::archived_exam(exam));
  if (!way || !*way) return false;
  const auto leads_to = decode_index(**way);
  return leads_to && *leads_to >= index;
}

Result<Found> StoredJournal::scrub_archive(ScrubPlace& place, std::size_t bytes_max) const {
  Found damage;
  std::size_t bytes = 0;
  bool over = true;
  const auto visit = [&](std::string_view name, std::string_view value) {
    const auto at = archive_place(name);
    if (!at) return false;  // the records end here
    over = bytes < bytes_max;
    if (!over) return false;
    place.index = at->first;
    place.exam = {at->second.value + 1};
    ++place.records;
    bytes += value.size();
    const auto content = unseal(name, value);
    if (content && is_led_to(at->first, at->second)) return true;
    over = false;
    damage = ArchiveDamage{at->first, at->second, "", static_cast<bool>(content), {}};
    damage->what = content ? "no way from its exam" : content.error().what;
    if (content) damage->bytes = *content;
    return false;
  };
  const std::string from = key::archived(place.index, place.exam);
  auto scanned = store_->scan(Column::archive, from, From::at_or_after, visit);
  if (!scanned && scanned.error().code != Errc::corrupt) return scanned.error();
  if (!scanned) {  // the store's own: which records are in it, it cannot say
    damage = ArchiveDamage{{}, {}, scanned.error().what, false, {}};
    over = true;
  }
  if (over) go_to(place, Part::over);
  return damage;
}

Result<bool> StoredJournal::repair_archived(const ArchiveRecord& record, bool is_agreed) {
  if (auto ready = writable(); !ready) return ready.error();
  const std::string name = key::archived(record.index, record.exam);
  auto stored = store_->get(Column::archive, name);
  if (!stored && stored.error().code != Errc::corrupt) return stored.error();
  const std::string sealed_record = seal(name, record.bytes);
  constexpr std::size_t crc_bytes = 4;
  // One of the two is undamaged, as a rule: then it says whether the other's record is ours.
  const bool is_ours = stored && *stored &&
                       ((*stored)->substr(0, crc_bytes) == sealed_record.substr(0, crc_bytes) ||
                        (*stored)->substr(std::min(crc_bytes, (*stored)->size())) == record.bytes);
  if (!is_ours && !is_agreed) return false;
  std::vector<Change> changes;
  put_archived(changes, record);
  if (auto written = commit(std::move(changes)); !written) return written.error();
  return true;
}

}  // namespace vigie::storage
