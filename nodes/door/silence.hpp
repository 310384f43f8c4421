// A feed that has gone quiet is often a hospital whose orders reach nobody: gauges and an alert.
#pragma once

#include "nodes/door/live_feed.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::door {

/// How long `rules` let a feed be quiet at `hour` (0..23, local); 0: for ever.
Millis silence_allowed(const std::vector<settings::SilenceRule>& rules, int hour);

/// Sets the feed's two gauges, and logs when it becomes late and when it speaks again.
void watch_silence(LiveFeed& feed, telemetry::DoorMetrics& metrics);

}  // namespace vigie::door
