#include "nodes/site/guard_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::site {
namespace {

constexpr std::string_view title = "vigie-guard 1";

/// FNV-1a: it is to notice what is torn, not who lies.
std::uint64_t sum_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::string body_of(const GuardMark& mark) {
  return std::string(title) + "\ninstance " + std::to_string(mark.instance.high) + ' ' +
         std::to_string(mark.instance.low) + "\nboot " + std::to_string(mark.boot.value) +
         "\nkept " + std::to_string(mark.kept.value) + '\n';
}

Error failed(const std::filesystem::path& file, const char* what) {
  return {Errc::io_error, file.string() + ": " + what + ": " + std::strerror(errno)};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int operator*() const { return fd_; }

 private:
  const int fd_;
};

Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(*fd) != 0) return failed(folder, "sync");
  return {};
}

}  // namespace

std::string to_text(const GuardMark& mark) {
  const std::string body = body_of(mark);
  return body + "sum " + std::to_string(sum_of(body)) + '\n';
}

Result<GuardMark> parse_guard(std::string_view text) {
  GuardMark mark;
  std::istringstream in{std::string(text)};
  std::string line, instance, boot, kept;
  std::getline(in, line);
  in >> instance >> mark.instance.high >> mark.instance.low >> boot >> mark.boot.value >> kept >>
      mark.kept.value;
  if (!in || to_text(mark) != text) return Error{Errc::corrupt, "not a guard file, or torn"};
  return mark;
}

std::string judge(const Result<std::optional<GuardMark>>& guard, const FolderMark& folder) {
  if (is_planted(Bug::guard_ignored)) return {};
  if (!guard) return "its guard file cannot be read (" + guard.error().what + ")";
  if (!*guard) {
    if (!folder.promised) return {};  // a first start
    return "there is a data folder and no guard file: the folder may be a copy or a backup";
  }
  const GuardMark& kept = **guard;
  if (folder.instance != kept.instance) {
    return folder.promised
               ? "the data folder is another one than the guard file's"
               : "the data folder is empty, and the guard file says that there was another one";
  }
  if (folder.boot <= kept.boot) {
    return "the data folder is of start " + std::to_string(folder.boot.value) +
           ", the guard file already of start " + std::to_string(kept.boot.value) +
           ": the folder was rolled back";
  }
  if (folder.last < kept.kept) {
    return "the data folder ends at index " + std::to_string(folder.last.value) +
           ", and was synced through " + std::to_string(kept.kept.value) +
           ": the folder was rolled back";
  }
  return {};
}

Result<std::optional<GuardMark>> read_guard(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    if (error) return Error{Errc::io_error, file.string() + ": " + error.message()};
    return std::optional<GuardMark>{};
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return failed(file, "read");
  const auto mark = parse_guard(text.str());
  if (!mark) return Error{mark.error().code, file.string() + ": " + mark.error().what};
  return std::optional<GuardMark>{*mark};
}

Result<void> write_guard(const std::filesystem::path& file, const GuardMark& mark) {
  const std::filesystem::path fresh = file.string() + ".new";
  const std::string text = to_text(mark);
  failpoint(Failpoint::guard_before);
  {
    const Descriptor fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd) return failed(fresh, "open");
    failpoint(Failpoint::guard_opened);
    const ssize_t written = ::write(*fd, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) return failed(fresh, "write");
    failpoint(Failpoint::guard_written);
    if (::fsync(*fd) != 0) return failed(fresh, "sync");
    failpoint(Failpoint::guard_synced);
  }
  if (::rename(fresh.c_str(), file.c_str()) != 0) return failed(file, "rename");
  failpoint(Failpoint::guard_renamed);
  auto synced = sync_folder(file.has_parent_path() ? file.parent_path() : ".");
  failpoint(Failpoint::guard_after);
  return synced;
}

GuardKeeper::~GuardKeeper() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Result<void> GuardKeeper::start(std::filesystem::path file, const GuardMark& mark) {
  file_ = std::move(file);
  mark_ = mark;
  if (auto written = write_guard(file_, mark_); !written) return written;
  thread_ = std::thread([this] { run(); });
  return {};
}

void GuardKeeper::keep(LogIndex kept) {
  {
    std::lock_guard lock(mutex_);
    if (kept <= mark_.kept) return;
    mark_.kept = kept;
    is_due_ = true;
  }
  changed_.notify_one();
}

/// A write that fails leaves the file behind what is synced, where it still guards: not fatal.
void GuardKeeper::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_due_ || is_over_; });
    if (!is_due_) return;
    is_due_ = false;
    const GuardMark mark = mark_;
    lock.unlock();
    if (const auto written = write_guard(file_, mark); !written) {
      telemetry::log_error("guard_file_failed", {{"what", written.error().what}});
    }
    lock.lock();
  }
}

}  // namespace vigie::site
