#include "nodes/site/disk_guard.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "ops/telemetry/log.hpp"

namespace vigie::site {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebibyte = 1024 * 1024;
/// Enough for RocksDB to recover its write-ahead log (8 MiB) and to vote for a good while.
constexpr std::uint64_t file_bytes_min = 16 * mebibyte;

}  // namespace

std::optional<DiskGuard::Space> DiskGuard::space_of(const fs::path& folder) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (error) return {};
  return Space{space.capacity, space.available};
}

DiskGuard::DiskGuard(fs::path folder, std::uint64_t reserve_bytes, Ask ask)
    : folder_(std::move(folder)),
      file_(folder_ / "reserve"),
      wanted_reserve_(reserve_bytes),
      ask_(std::move(ask)) {}

bool DiskGuard::measure() {
  const auto space = ask_(folder_);
  if (!space) return false;
  space_ = *space;
  reserve_ = wanted_reserve_ > 0 ? wanted_reserve_ : std::min(256 * mebibyte, space_.size / 10);
  file_bytes_ = std::min(reserve_, std::max(reserve_ / 8, file_bytes_min));
  return true;
}

void DiskGuard::make_way() {
  std::error_code error;
  if (!measure()) return;  // the folder is not there yet
  is_held_ = fs::file_size(file_, error) == file_bytes_ && !error;
  if (space_.free >= reserve_) return;
  set_open(false);
  if (!fs::remove(file_, error)) return;
  is_held_ = false;
  telemetry::log_warning("disk_reserve_freed",
                         {{"free_bytes", space_.free}, {"reserve_bytes", reserve_}});
}

void DiskGuard::look() {
  if (!measure()) return;
  // Once closed it opens a little above, so that it does not open and close by turns.
  const std::uint64_t needed = open_ ? reserve_ : reserve_ + reserve_ / 16;
  if (!is_held_ && space_.free > needed + file_bytes_) is_held_ = make_file();
  set_open(is_held_ && space_.free > needed);
}

bool DiskGuard::make_file() {
  const int fd = ::open(file_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  // Allocated, not only long. A file system that copies on write may promise more than it keeps.
  const bool made = ::posix_fallocate(fd, 0, static_cast<off_t>(file_bytes_)) == 0;
  ::close(fd);
  if (!made) ::unlink(file_.c_str());
  if (made) measure();
  return made;
}

void DiskGuard::set_open(bool open) {
  if (open_.exchange(open) == open) return;
  if (open) {
    telemetry::log_info("intake_resumed",
                        {{"free_bytes", space_.free}, {"reserve_bytes", reserve_}});
  } else {
    telemetry::log_error("intake_stopped",
                         {{"free_bytes", space_.free},
                          {"reserve_bytes", reserve_},
                          {"advice", "free space: ops/docs/runbook-disk-full.md"}});
  }
}

}  // namespace vigie::site
