// How long the connections between nodes may be silent, by the federation's own timing: a line that
// is slow is not a line that is broken.
#pragma once

#include <algorithm>

#include "config/settings/settings.hpp"
#include "nodes/link/link.hpp"

namespace vigie::site {

/// A ping waits behind what was sent before it, up to the whole window that a lagging peer is sent
/// when its line comes up again, and TCP begins slowly: eight round trips and more. A connection
/// that is cut before its answer is back begins anew with the same window, for ever.
inline link::Heartbeat peer_heartbeat(const settings::Timing& timing) {
  const link::Heartbeat usual = link::LinkSettings{}.peer_heartbeat;
  return {usual.interval, std::max(usual.timeout, timing.election_max)};
}

/// Five round trips of TCP and CURVE, one packet lost.
inline Millis handshake_time(const settings::Timing& timing) {
  return std::max(link::LinkSettings{}.handshake, timing.election_min);
}

}  // namespace vigie::site
