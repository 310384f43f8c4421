// Connections between nodes that are far apart.
#include "nodes/site/link_times.hpp"

#include <gtest/gtest.h>

namespace vigie::site {
namespace {

/// What a lagging peer is sent before it answers: the replica's inflight_bytes_max.
constexpr std::size_t window_bytes = 2 * 1024 * 1024;

/// Until TCP, beginning with ten packets and doubling each round trip, has sent `bytes` and the
/// answer to a ping behind them is back.
Millis time_for(std::size_t bytes, Millis round_trip) {
  Millis time = round_trip;
  std::size_t sent = 0;
  for (std::size_t window = 14'480; sent < bytes; window *= 2) {
    sent += window;
    time = time + round_trip;
  }
  return time;
}

TEST(LinkTimes, APingBehindTheWholeWindowOfALaggingPeerIsAnsweredInTime) {
  const auto timeout = [](settings::Profile profile) {
    return peer_heartbeat(settings::timing_of(profile)).timeout;
  };
  EXPECT_GT(timeout(settings::Profile::wan), time_for(window_bytes, 20_ms) * 2);
  EXPECT_GT(timeout(settings::Profile::overseas), time_for(window_bytes, 220_ms) * 2);
  EXPECT_EQ(timeout(settings::Profile::lan), 600_ms) << "a frozen neighbour is noticed at once";
}

TEST(LinkTimes, AHandshakeOverseasMayLoseAPacket) {
  const auto overseas = handshake_time(settings::timing_of(settings::Profile::overseas));
  EXPECT_GE(overseas, 220_ms * 5 + 1_s);
  EXPECT_LE(overseas, 3_s) << "strangers hold a connection no longer";
}

}  // namespace
}  // namespace vigie::site
