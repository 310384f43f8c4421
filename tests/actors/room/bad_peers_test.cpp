// Frames of another node that must not be listened to.
#include <gtest/gtest.h>

#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {
namespace {

TEST(BadPeers, AFrameOfAnotherProtocolVersionIsNotHeard) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader(), victim = c.follower();
  const auto& known = c.host(victim).peers().at(leader);
  codec::PeerFrame frame;
  frame.header.federation = codec::federation_hash("test");
  frame.header.instance = known.memory.instance;
  frame.header.boot = known.memory.boot;
  frame.header.site = leader;
  frame.header.version = protocol_version + 1;
  frame.raft.push_back({victim, {999}, replica::Heartbeat{{}, 0}});
  const Term term = c.host(victim).replica().term();
  c.deliver_frame(victim, leader, frame);
  EXPECT_EQ(c.host(victim).replica().term(), term);
  frame.header.version = protocol_version;
  c.deliver_frame(victim, leader, frame);
  EXPECT_EQ(c.host(victim).replica().term(), Term{999});
}

}  // namespace
}  // namespace vigie::actors::test
