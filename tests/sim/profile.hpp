// What a world is like: timings, delays, how bad its network and its disks are, what befalls it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/time.hpp"
#include "tests/sim/world.hpp"

namespace vigie::sim {

struct Profile {
  std::string_view name;
  // The nodes' settings (config/settings, same names).
  Millis heartbeat{50}, election_min{300}, election_max{600}, site_unreachable{2000};
  std::size_t inflight_max = 2;
  // Between centres, one way.
  Time delay = 200 * us, jitter = 300 * us;
  /// The last centre is overseas: this far from the others.
  Time overseas_delay = 0;
  /// Of a million frames. A TCP connection loses none: they come late.
  std::uint32_t loss = 0, duplicated = 0, reordered = 0;
  bool tcp = true;  ///< in order, nothing lost within a connection
  // A sync takes this long.
  Time sync_min = 200 * us, sync_max = 4 * ms;
  Time fault_every = 35 * second;  ///< on the average
  bool rots = false;               ///< storage: more faults of disks
  // Small, so that minutes have what takes hours: snapshots, compaction, exams that close.
  std::size_t snapshot_log_bytes = 48 * 1024, trailing_bytes = 8 * 1024;
  Millis close_after{120'000};
  /// Clocks run up to this much too fast or too slow: parts of a million.
  std::int64_t drift = 50'000;
};

/// @return nothing for an unknown name.
std::optional<Profile> profile_named(std::string_view name);
const std::vector<std::string_view>& profile_names();

struct Options {
  std::uint64_t seed = 1;
  Profile profile;
  int sites = 3;
  Time faults_for = 10 * minute;    ///< safety mode: faults all along
  std::set<std::uint32_t> without;  ///< numbers of faults left out, for minimising
  std::string trace;                ///< file; empty: none
  bool leader_kills_only = false;   ///< failover campaign: kill -9 of the leader, nothing else
};

}  // namespace vigie::sim
