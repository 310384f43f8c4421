// What an on-call engineer reads of a node that works.
#include "tests/nodes/site/node.hpp"

namespace vigie::site {
namespace {

TEST_F(Node, ShowsItsLeadershipCommitsAndSessions) {
  start();
  Raw client(door(), anne_);
  ASSERT_TRUE(client.is_welcome());
  Attach attach;
  attach.session = {77};
  attach.incarnation = {1};
  attach.role = Role::reader;
  attach.site = settings_.id;
  client.send(ClientRequest{{77}, {1}, {}, {}, attach});
  ASSERT_TRUE(client.next<ClientAnswer>());
  EXPECT_EQ(metric("vigie_raft_has_leader{site=\"lyon\"}"), 1);
  EXPECT_EQ(metric("vigie_raft_role{site=\"lyon\",role=\"leader\"}"), 1);
  EXPECT_GE(metric("vigie_raft_commit_duration_seconds_count{site=\"lyon\"}"), 1);
  EXPECT_LT(metric("vigie_raft_commit_duration_seconds_sum{site=\"lyon\"}"), 60);
  EXPECT_GE(metric("vigie_storage_sync_duration_seconds_count{site=\"lyon\"}"), 1);
  EXPECT_EQ(metric("vigie_sessions{site=\"lyon\"}"), 1);
  EXPECT_EQ(metric("vigie_readers{site=\"lyon\",state=\"off\"}"), 1);
  EXPECT_EQ(metric("vigie_connections{site=\"lyon\",role=\"peer\"}"), 0);
  EXPECT_EQ(metric("vigie_posts_staffed{site=\"lyon\",centre=\"lyon\"}"), 1);
  EXPECT_EQ(metric("vigie_read_interruptions_total{site=\"lyon\"}"), 0);
}

TEST_F(Node, CountsNoGapForAFirstView) {
  start();
  Raw client(door(), anne_);
  ASSERT_TRUE(client.is_welcome());
  client.send(Subscribe{1, Desk::all, {}, {}});
  ASSERT_TRUE(client.next<Gap>()) << "a view to begin with";
  EXPECT_EQ(metric("vigie_notify_gaps_total{site=\"lyon\"}"), 0) << "it missed nothing";
}

}  // namespace
}  // namespace vigie::site
