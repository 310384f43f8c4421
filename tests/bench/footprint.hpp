// What nodes cost when they do little, and when much waits: memory, disk, idle processor, starts,
// and how long an urgent exam waits behind a backlog (targets for operators, not for throughput).
#pragma once

#include <nlohmann/json.hpp>

#include "messages/types/result.hpp"
#include "tests/bench/federation.hpp"

namespace vigie::bench {

/// Starts `federation`, measures, fills it with `backlog` waiting exams, measures again, kills all
/// nodes, starts them again, and has the backlog read. Minutes for 100,000.
Result<nlohmann::ordered_json> footprint(Federation& federation, int backlog);

}  // namespace vigie::bench
