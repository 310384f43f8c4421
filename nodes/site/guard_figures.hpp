// The measures of the guard, from the core that counts them to whoever scrapes: what was added
// since the last time. Counting costs an entry a few additions; all the rest is done here.
#pragma once

#include <map>

#include "actors/room/host.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::site {

/// Bounds of the histograms that GuardFigures fills, in seconds.
telemetry::Buckets span_bounds();

/// On the room's thread.
class GuardFigures {
 public:
  void show(const actors::Host& host, telemetry::NodeMetrics& metrics);

 private:
  void show_totals(const kpi::Totals& now, telemetry::NodeMetrics& metrics) const;
  void show_flows(const actors::Host& host, const telemetry::GuardMetrics& guard);
  void show_presence(const actors::Host& host, const telemetry::GuardMetrics& guard);

  // As shown already.
  kpi::Totals totals_;
  std::map<kpi::Flow, std::uint64_t> flows_;
  struct Seconds {
    std::uint64_t logged = 0, busy = 0;
  };
  std::map<SiteId, Seconds> seconds_;
};

}  // namespace vigie::site
