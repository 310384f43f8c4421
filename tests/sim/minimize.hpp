// Delta debugging of a run's faults: leaves out as many as it can while some violation of the same
// invariant stays.
#pragma once

#include "tests/sim/simulation.hpp"

namespace vigie::sim {

/// @param runs_max Bounds the search. @return options with a longer `without`.
Options minimize(const Options& options, const Outcome& outcome, int runs_max = 60);

}  // namespace vigie::sim
