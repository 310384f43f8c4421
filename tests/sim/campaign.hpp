// Many runs: which seeds, what is printed of each, what of all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/sim/simulation.hpp"

namespace vigie::sim {

struct Campaign {
  Options options;
  std::optional<std::uint64_t> first;
  std::uint64_t last = 0;
  double seconds = 0;  ///< 0: as many as asked for
  bool minimize = false, list_faults = false, quiet = false;
  unsigned twice_percent = 10;
  std::string progress;
};

/// @param seeds "A..B" or empty. @param profile A name or "all". @param without "3,5-7" or empty.
/// @return 0: no violation. 1: some. 64: it cannot be understood what is wanted, and why is said.
int run_campaign(Campaign campaign, const std::string& seeds, const std::string& profile,
                 double hours, const std::string& without);

}  // namespace vigie::sim
