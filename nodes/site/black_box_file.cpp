#include "nodes/site/black_box_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ops/telemetry/log.hpp"

namespace vigie::site {
namespace {

constexpr std::size_t page_bytes = 4096;
static_assert(sizeof(actors::BlackBox) <= page_bytes);

/// Whole and allocated: a store to a page that has no place on the disk would end the process.
bool is_whole(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return false;
  if (status.st_size == page_bytes && status.st_blocks > 0) return true;
  const std::array<char, page_bytes> zeros{};
  return ::ftruncate(fd, 0) == 0 && ::pwrite(fd, zeros.data(), page_bytes, 0) == page_bytes &&
         ::fsync(fd) == 0;
}

}  // namespace

BlackBoxFile::~BlackBoxFile() {
  if (page_) ::munmap(page_, page_bytes);
}

void BlackBoxFile::open(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void* page = MAP_FAILED;
  if (fd >= 0 && is_whole(fd)) {
    page = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  if (page == MAP_FAILED) {
    telemetry::log_warning("black_box_missing",
                           {{"file", file.string()}, {"what", std::strerror(errno)}});
  } else {
    page_ = static_cast<actors::BlackBox*>(page);
  }
  if (fd >= 0) ::close(fd);
}

}  // namespace vigie::site
