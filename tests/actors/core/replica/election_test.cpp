// Elections, leadership and its end: Raft section 5.2, pre-vote, check-quorum, stickiness,
// transfer.
#include "tests/actors/core/replica/cluster.hpp"

namespace vigie::replica {
namespace {

template <class T>
std::size_t count(const std::deque<Envelope>& net) {
  return static_cast<std::size_t>(std::count_if(
      net.begin(), net.end(), [](const Envelope& e) { return body<T>(e) != nullptr; }));
}

TEST(Election, SingleSiteLeadsAndCommitsOnceSynced) {
  Cluster c(1);
  c.tick(1);
  ASSERT_TRUE(c[1].is_leader());
  c.hold_disk(1);
  const auto first = c.propose(1, "x");
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, LogIndex{2});
  EXPECT_EQ(c[1].commit(), LogIndex{1});
  c.release_disk(1);
  EXPECT_EQ(c[1].commit(), LogIndex{2});
  EXPECT_EQ(c.site(1).applied.back().payload.bytes(), "x");
}

TEST(Election, SingleSiteDoesNotLeadBeforeItsOwnVoteIsSynced) {
  Cluster c(1);
  c.hold_disk(1);
  c.tick(1);
  EXPECT_EQ(c[1].role(), Role::candidate);
  c.release_disk(1);
  EXPECT_TRUE(c[1].is_leader());
}

TEST(Election, ThreeSitesAgreeOnOneLeaderAndCommitItsNoop) {
  Cluster c(3);
  c.run(2_s);
  const int leader = c.leader();
  ASSERT_NE(leader, 0);
  for (int n = 1; n <= 3; ++n) {
    EXPECT_EQ(c[n].leader().value, leader);
    EXPECT_GE(c[n].applied(), LogIndex{1});
  }
  const Term term = c[leader].term();
  c.run(10_s);
  EXPECT_EQ(c[leader].term(), term) << "a healthy federation keeps its leader";
}

TEST(Election, VoterRefusesACandidateWithAnOlderLog) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  c.heal();
  c.crash(1);
  c.pass(c[2].config().election_min);
  c.step(2, 3, {SiteId{2}, Term{2}, VoteRequest{false, false, LogIndex{1}, Term{1}}});
  ASSERT_EQ(count<VoteAnswer>(c.net()), 1u);
  EXPECT_FALSE(body<VoteAnswer>(c.net().back())->granted);
  EXPECT_EQ(c[2].term(), Term{2});
}

TEST(Election, AVoteIsRememberedAcrossACrash) {
  Cluster c(3);
  const Message from_1{SiteId{3}, Term{4}, VoteRequest{}};
  c.step(3, 1, from_1);
  ASSERT_TRUE(body<VoteAnswer>(c.net().back())->granted);
  c.crash(3);
  c.restart(3);
  c.step(3, 2, from_1);
  EXPECT_FALSE(body<VoteAnswer>(c.net().back())->granted);
  c.step(3, 1, from_1);
  EXPECT_TRUE(body<VoteAnswer>(c.net().back())->granted);
}

TEST(Election, AVoteLeavesOnlyOnceItIsSynced) {
  Cluster c(3);
  c.hold_disk(3);
  c.step(3, 1, {SiteId{3}, Term{4}, VoteRequest{}});
  EXPECT_TRUE(c.net().empty());
  c.crash(3);
  c.restart(3);
  c.step(3, 2, {SiteId{3}, Term{4}, VoteRequest{}});
  c.release_disk(3);
  EXPECT_TRUE(body<VoteAnswer>(c.net().back())->granted);
}

TEST(Election, VoterRefusesACandidateBehindACommitItHasSeen) {
  Config config;
  config.self = SiteId{1};
  config.members = {{SiteId{1}}, {SiteId{2}}, {SiteId{3}}};
  Replica replica(config, {{Term{3}, {}}, {}, {}, LogIndex{9}}, 1, BootTime{0});  // rolled back
  replica.step(BootTime{1}, SiteId{2},
               {SiteId{1}, Term{4}, VoteRequest{false, false, LogIndex{8}, Term{3}}});
  EXPECT_FALSE(std::get<VoteAnswer>(replica.take_output().messages.at(0).body).granted);
  replica.step(BootTime{1}, SiteId{3},
               {SiteId{1}, Term{5}, VoteRequest{false, false, LogIndex{9}, Term{3}}});
  EXPECT_TRUE(std::get<VoteAnswer>(replica.take_output().messages_after_write.at(0).body).granted);
}

TEST(Election, AnswersOfStrangersAreIgnored) {
  Cluster c(3);
  c.step(1, 9, {SiteId{1}, Term{50}, HeartbeatAnswer{}});
  c.step(1, 9, {SiteId{1}, Term{50}, VoteAnswer{}});
  EXPECT_EQ(c[1].term(), Term{0});
  EXPECT_TRUE(c.net().empty());
  c.elect(1);
  c.isolate(1);
  ASSERT_TRUE(c.propose(1, "x"));
  c.step(1, 9, {SiteId{1}, c[1].term(), AppendAnswer{true, c[1].last_index(), {}, {}}});
  c.step(1, 8, {SiteId{1}, c[1].term(), AppendAnswer{true, c[1].last_index(), {}, {}}});
  EXPECT_LT(c[1].commit(), c[1].last_index());
}

TEST(PreVote, SiteThatWasCutOffDoesNotDisturbTheTermWhenItReturns) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  c.run(5_s);
  EXPECT_EQ(c[3].term(), Term{1});
  EXPECT_EQ(c[3].role(), Role::pre_candidate);
  c.heal();
  c.run(1_s);
  EXPECT_TRUE(c[1].is_leader());
  EXPECT_EQ(c[1].term(), Term{1});
  EXPECT_EQ(c[3].leader(), SiteId{1});
}

TEST(PreVote, SiteOfANewerTermIsBroughtBackWithoutBeingDeafForEver) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  c.pass(c[3].config().election_min);
  c.step(3, 2, {SiteId{3}, Term{7}, VoteRequest{}});  // it voted in term 7, and nobody won
  c.heal();
  c.run(2_s);
  ASSERT_NE(c.leader(), 0);
  EXPECT_GE(c[c.leader()].term(), Term{7});
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(c[n].leader().value, c.leader());
}

TEST(Stickiness, FollowersOfALiveLeaderIgnoreCandidates) {
  Cluster c(3);
  c.elect(1);
  c.step(2, 3, {SiteId{2}, Term{2}, VoteRequest{false, false, LogIndex{9}, Term{1}}});
  c.step(1, 3, {SiteId{1}, Term{2}, VoteRequest{false, false, LogIndex{9}, Term{1}}});
  EXPECT_TRUE(c.net().empty());
  EXPECT_EQ(c[2].term(), Term{1});
  EXPECT_TRUE(c[1].is_leader());
}

TEST(Stickiness, ABrokenLinkToTheLeaderStartsAnElectionWithin30Ms) {
  Cluster c(3);
  c.elect(1);
  const BootTime died = c.now();
  c.crash(1);
  for (const int n : {2, 3}) {
    c[n].peer_lost(c.now(), SiteId{1});
    EXPECT_LE(c[n].next_deadline(), c.now() + 30_ms);
    EXPECT_EQ(c[n].leader(), SiteId{});
  }
  c.run(35_ms);
  EXPECT_NE(c.leader(), 0) << "a new leader " << (c.now() - died).value << " ms after the loss";
}

TEST(PreVote, OfTwoThatAskAtTheSameMomentTheLowerNumberWins) {
  Cluster c(3);
  c.elect(3);
  c.crash(3);
  c.pass(c[1].config().election_max);
  c.tick(2);
  c.tick(1);
  c.deliver();
  EXPECT_TRUE(c[1].is_leader());
  EXPECT_EQ(c[1].term(), Term{2});
}

TEST(PreVote, OfTwoWhoseRequestsCrossOverseasTheLowerNumberWins) {
  Cluster c(3, 0, [](Config& config) {
    config.heartbeat = 250_ms;
    config.election_min = 3_s;
    config.election_max = 6_s;
  });
  c.elect(3);
  c.crash(3);
  c.pass(c[1].config().election_max);
  c.tick(1);
  c.tick(2);
  c.pass(110_ms);  // as long as either request takes
  c.deliver();
  EXPECT_TRUE(c[1].is_leader());
  EXPECT_EQ(c[1].term(), Term{2});
}

TEST(Stickiness, ABrokenLinkToAnotherFollowerChangesNothing) {
  Cluster c(3);
  c.elect(1);
  const BootTime before = c[2].next_deadline();
  c[2].peer_lost(c.now(), SiteId{3});
  EXPECT_EQ(c[2].next_deadline(), before);
  EXPECT_EQ(c[2].leader(), SiteId{1});
}

TEST(CheckQuorum, LeaderWithoutAMajorityStepsDown) {
  Cluster c(3);
  c.elect(1);
  c.isolate(1);
  c.run(c[1].config().election_max + 60_ms);
  EXPECT_FALSE(c[1].is_leader());
  EXPECT_FALSE(c.propose(1, "x"));
}

TEST(CheckQuorum, LeaderThatIsHeardButHearsNothingStepsDown) {
  Cluster c(3);
  c.elect(1);
  c.cut_one_way(2, 1);
  c.cut_one_way(3, 1);
  c.run(4_s);
  EXPECT_FALSE(c[1].is_leader());
  EXPECT_NE(c.leader(), 0);
}

TEST(Learner, NeitherVotesNorCountsNorCampaigns) {
  Cluster c(3, 1);
  c.elect(1);
  c.cut(1, 2);
  c.cut(1, 3);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  EXPECT_EQ(c.match(1, 4), LogIndex{2}) << "it receives the log";
  EXPECT_EQ(c[1].commit(), LogIndex{1}) << "but a learner's copy is no majority";
  c.heal();
  c.isolate(4);
  c.run(3_s);
  EXPECT_EQ(c[4].role(), Role::follower);
  EXPECT_EQ(c[4].term(), Term{1});
}

TEST(Learner, IsNeitherAskedForItsVoteNorCounted) {
  Cluster c(3, 1);
  c.elect(1);
  c.cut(2, 1);
  c.cut(2, 3);
  std::size_t asked = 0;
  c.lose = [&](const Envelope& e) {
    const bool is_request = body<VoteRequest>(e) != nullptr && e.message.to == SiteId{4};
    asked += is_request ? 1 : 0;
    return false;
  };
  c.run(3_s);
  EXPECT_EQ(asked, 0u);
  EXPECT_FALSE(c[2].is_leader()) << "itself and a learner are no majority of three";
}

TEST(Transfer, HandsOverToACaughtUpVoterInOneRound) {
  Cluster c(3);
  c.elect(1);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  ASSERT_TRUE(c[1].transfer(c.now(), SiteId{3}));
  const auto refused = c.propose(1, "y");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::no_leader);
  c.deliver();
  EXPECT_TRUE(c[3].is_leader());
  EXPECT_EQ(c[1].leader(), SiteId{3});
  EXPECT_EQ(c[3].commit(), LogIndex{3});
}

TEST(Transfer, WaitsUntilTheTargetHasCaughtUpAndGivesUpInTime) {
  Cluster c(3);
  c.elect(1);
  c.isolate(2);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  ASSERT_TRUE(c[1].transfer(c.now(), SiteId{2}));
  c.settle(1);
  EXPECT_EQ(count<TimeoutNow>(c.net()), 0u);
  c.run(c[1].config().election_max + 60_ms);
  EXPECT_TRUE(c[1].is_leader());
  EXPECT_FALSE(c[1].is_transferring());
  EXPECT_TRUE(c.propose(1, "y"));
}

TEST(Transfer, OnlyALeaderAndOnlyToAnotherVoter) {
  Cluster c(3, 1);
  c.elect(1);
  EXPECT_EQ(c[2].transfer(c.now(), SiteId{3}).error().code, Errc::no_leader);
  EXPECT_EQ(c[1].transfer(c.now(), SiteId{1}).error().code, Errc::bad_value);
  EXPECT_EQ(c[1].transfer(c.now(), SiteId{4}).error().code, Errc::bad_value);
  c.isolate(2);
  ASSERT_TRUE(c.propose(1, "x"));
  ASSERT_TRUE(c[1].transfer(c.now(), SiteId{2}));
  EXPECT_EQ(c[1].transfer(c.now(), SiteId{3}).error().code, Errc::busy);
}

TEST(Preference, LeadershipMovesToTheMainlandOnceItHasCaughtUp) {
  Cluster c(3, 0, [](Config& config) {
    for (Member& member : config.members) member.priority = member.site.value == 2 ? 10 : 0;
  });
  c.elect(1);
  c.isolate(2);
  c.run(3_s);
  ASSERT_EQ(c.leader(), 1);
  c.heal();
  c.run(2_s);
  EXPECT_EQ(c.leader(), 2);
  const Term term = c[2].term();
  c.run(20_s);
  EXPECT_EQ(c.leader(), 2);
  EXPECT_EQ(c[2].term(), term);
}

TEST(Preference, LeadershipDoesNotMoveToWhoShouldNotLead) {
  Cluster c(3, 0, [](Config& config) {
    for (Member& member : config.members) member.priority = member.site.value == 2 ? 10 : 0;
  });
  c.elect(1);
  c[1].prefer_others_than({SiteId{2}});
  c.run(20_s);
  EXPECT_EQ(c.leader(), 1);
  c[1].prefer_others_than({});
  c.run(5_s);
  EXPECT_EQ(c.leader(), 2);
}

}  // namespace
}  // namespace vigie::replica
