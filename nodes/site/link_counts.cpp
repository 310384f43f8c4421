#include "nodes/site/link_counts.hpp"

#include <string>

#include "messages/types/result.hpp"

namespace vigie::site {

void LinkCounts::update(const link::Stats& now, telemetry::DoorMetrics& metrics) {
  const std::lock_guard lock(mutex_);
  const auto add = [](telemetry::Counter& to, const link::Counter& is, const link::Counter& was) {
    to.add(is.value() - was.value());
  };
  const auto reject = [&](Errc reason, const link::Counter& is, const link::Counter& was) {
    add(metrics.rejected_client.of(errc_name(reason)), is, was);
  };
  const link::Stats::Rejected& rejected = now.rejected;
  reject(Errc::malformed, rejected.malformed, told_.rejected.malformed);
  reject(Errc::too_large, rejected.too_large, told_.rejected.too_large);
  reject(Errc::unknown_key, rejected.unknown_key, told_.rejected.unknown_key);
  reject(Errc::unknown_key, rejected.revoked_key, told_.rejected.revoked_key);
  reject(Errc::unknown_key, rejected.no_key, told_.rejected.no_key);
  add(metrics.refused_keys.of("unknown_key"), now.refused.unknown_key, told_.refused.unknown_key);
  add(metrics.refused_keys.of("revoked_key"), now.refused.revoked_key, told_.refused.revoked_key);
  add(metrics.refused_keys.of("malformed"), now.refused.malformed, told_.refused.malformed);
  metrics.connections.of("peer").set(now.peers_up.value() - now.peers_lost.value());
  told_ = now;
}

}  // namespace vigie::site
