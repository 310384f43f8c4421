#include "ops/exporter/process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace vigie::exporter {
namespace {

// Field `number` (from 1) of /proc/self/stat. Field 2, the name, may hold blanks: count after it.
std::uint64_t stat_field(int number) {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(text.substr(name_end + 1));
  std::string word;
  for (int field = 3; field <= number; ++field) rest >> word;
  return rest ? std::strtoull(word.c_str(), nullptr, 10) : 0;
}

std::uint64_t boot_time_seconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    if (word != "btime") continue;
    std::uint64_t seconds = 0;
    file >> seconds;
    return seconds;
  }
  return 0;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  rusage self{};
  if (getrusage(RUSAGE_SELF, &self) == 0) {
    usage.cpu_seconds = seconds_of(self.ru_utime) + seconds_of(self.ru_stime);
  }
  usage.threads = stat_field(20);
  usage.resident_bytes = stat_field(24) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  std::error_code failed;
  for (std::filesystem::directory_iterator at("/proc/self/fd", failed), end; !failed && at != end;
       at.increment(failed)) {
    ++usage.open_fds;
  }
  return usage;
}

double process_start_seconds() {
  const std::uint64_t boot = boot_time_seconds();
  if (boot == 0) return 0;
  return static_cast<double>(boot) +
         static_cast<double>(stat_field(22)) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace vigie::exporter
