// What the room's shell does with subscriptions and queries that it cannot serve at once.
#include <gtest/gtest.h>

#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {
namespace {

constexpr LogIndex never_reached{1u << 30};

/// A cursor of a federation that was made anew: no centre will ever be there.
Subscribe from_another_log() { return {1, Desk::all, {}, never_reached}; }

TEST(Subscriptions, ACursorThatTheFederationNeverHadIsGivenAFreshView) {
  Cluster c;
  c.elect();
  for (const SiteId door : {c.leader(), c.follower()}) {
    c.at(door).subscribed.clear();
    c.say(door, 4, p_anne, from_another_log());
    c.run(9_s);
    EXPECT_TRUE(c.at(door).subscribed.empty()) << "the node may only be behind";
    c.require([&] { return !c.at(door).subscribed.empty(); });
    ASSERT_EQ(c.at(door).subscribed.size(), 1u);
    EXPECT_EQ(c.at(door).subscribed[0].wish.from, LogIndex{}) << "a gap from 0: begin anew";
    EXPECT_TRUE(c.heard<Complaint>(4).empty());
  }
}

TEST(Subscriptions, WithoutALeaderNobodyCanSayThatACursorIsAnothersLog) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  for (const SiteId site : {lyon, bordeaux, marseille}) {
    if (site != door) c.kill(site);
  }
  c.say(door, 4, p_anne, from_another_log());
  c.run(30_s);
  EXPECT_TRUE(c.at(door).subscribed.empty());
  ASSERT_EQ(c.heard<Complaint>(4).size(), 1u);
  EXPECT_EQ(c.heard<Complaint>(4)[0].second.code, Errc::timeout);
}

TEST(Subscriptions, AskedForAgainAndAgainItWaitsOnceAndNoLonger) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  for (int i = 0; i < 12; ++i) {
    c.say(door, 4, p_anne, from_another_log());
    c.run(1_s);
  }
  EXPECT_EQ(c.at(door).subscribed.size(), 1u);
}

TEST(Subscriptions, WhoIsGoneMeanwhileIsNotSubscribed) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  c.say(door, 4, p_anne, from_another_log());
  c.run_until([&] { return c.host(door).unreplicated() > 0; }, 15_s);
  ASSERT_GT(c.host(door).unreplicated(), 0u) << "the log is being asked";
  c.gone(door, 4);
  c.run(10_s);
  EXPECT_TRUE(c.at(door).subscribed.empty());
  EXPECT_TRUE(c.heard<ClientAnswer>(4).empty());
}

TEST(Queries, AKindThatTheNodeDoesNotKnowIsAnswered) {
  Cluster c;
  c.elect();
  c.say(lyon, 4, p_anne, Query{3, QueryKind::none, {}, {}, false});
  c.require([&] { return !c.heard<QueryReply>(4).empty(); });
  EXPECT_EQ(c.heard<QueryReply>(4)[0].second.code, Errc::unknown_command);
}

}  // namespace
}  // namespace vigie::actors::test
