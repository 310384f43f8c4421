// What this process costs the machine, from /proc and getrusage.
#pragma once

#include <cstdint>

namespace vigie::exporter {

struct ProcessUsage {
  double cpu_seconds = 0;  ///< user and system, all threads
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t threads = 0;
};

/// What cannot be read is 0. Cost: three small reads.
ProcessUsage process_usage();

/// When the process started, as Unix time in seconds; 0 if unknown.
double process_start_seconds();

}  // namespace vigie::exporter
