// What the link refused before anybody could look at it, as the node's metrics: messages by reason,
// and connections that got no handshake; and how many peers it is connected to.
#pragma once

#include <mutex>

#include "nodes/link/stats.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::site {

class LinkCounts {
 public:
  /// Adds what was counted since the last call. Any thread.
  void update(const link::Stats& now, telemetry::DoorMetrics& metrics);

 private:
  std::mutex mutex_;
  link::Stats told_;
};

}  // namespace vigie::site
