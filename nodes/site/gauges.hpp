// The node's state as gauges, set when somebody scrapes.
#pragma once

#include "actors/room/host.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::site {

/// On the room's thread.
void set_gauges(const actors::Host& host, actors::Now now, telemetry::NodeMetrics& metrics);

}  // namespace vigie::site
