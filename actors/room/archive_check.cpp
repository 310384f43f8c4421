#include "actors/room/archive_check.hpp"

namespace vigie::actors {

Result<void> go_on(const storage::Journal& journal, ArchiveCheck& check, std::size_t bytes_max) {
  std::size_t bytes = 0;
  bool over = true;
  const auto read = journal.scan_archive(check.read, [&](const storage::ArchiveRecord& record) {
    if (record.index > check.through) return false;
    if (bytes >= bytes_max && record.index != check.read) return over = false;
    check.found.add(record.index, record.exam, record.bytes);
    check.read = record.index;
    bytes += record.bytes.size();
    return true;
  });
  if (!read) return read.error();
  check.over = over;
  return {};
}

}  // namespace vigie::actors
