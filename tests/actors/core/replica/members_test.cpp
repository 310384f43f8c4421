// Changes of members, step by step: learner first, one at a time, in force from the log on, undone
// with what is truncated, remembered over restarts and snapshots (Ongaro 2014, chapter 4).
#include "actors/core/replica/members.hpp"

#include "tests/actors/core/replica/cluster.hpp"

namespace vigie::replica {
namespace {

using What = MemberChange::What;

/// `n` sites that are members, `spares` that are not; site 1 leads.
struct Federation : Cluster {
  explicit Federation(int n, int spares = 0) : Cluster(n, 0, {}, spares) { elect(1); }

  Errc refusal(int n, What what, int site) {
    const auto result = change(n, what, site);
    return result ? Errc::ok : result.error().code;
  }
  /// Orders it of whoever leads and lets it be carried out everywhere.
  void carry_out(What what, int site) {
    const auto result = change(leader(), what, site);
    ASSERT_TRUE(result) << result.error().what;
    deliver();
    for (int i = 0; i < 6; ++i) heartbeat(leader());
  }
  void enlist(int site) {
    carry_out(What::add_learner, site);
    carry_out(What::promote, site);
  }
  std::size_t voters_seen_by(int n) { return voters((*this)[n].members()); }
};

TEST(MemberList, ComesBackFromItsBytes) {
  const std::vector<Member> members{{SiteId{1}, true, 10}, {SiteId{300}, false, -5}};
  const auto back = decode_members(encode_members(members).bytes());
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, members);
}

TEST(MemberList, RefusesWhatIsNone) {
  const std::string good = encode_members({{SiteId{1}}, {SiteId{2}}}).bytes();
  EXPECT_FALSE(decode_members(""));
  EXPECT_FALSE(decode_members(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(decode_members("\x02" + good.substr(1)));
  EXPECT_FALSE(decode_members(encode_members({{SiteId{1}}, {SiteId{1}}}).bytes())) << "twice";
  EXPECT_FALSE(decode_members(encode_members({{SiteId{1}, false}}).bytes())) << "nobody votes";
  EXPECT_FALSE(decode_members(encode_members({{SiteId{}}}).bytes())) << "nobody";
}

TEST(Members, GrowFromThreeToFive) {
  Federation f(3, 2);
  f.enlist(4);
  f.enlist(5);
  for (int n = 1; n <= 5; ++n) EXPECT_EQ(f.voters_seen_by(n), 5u) << n;
  f.crash(1);
  f.crash(2);
  f.run(2_s);
  ASSERT_NE(f.leader(), 0) << "three of five are a majority";
  ASSERT_TRUE(f.propose(f.leader(), "x"));
  f.deliver();
  EXPECT_EQ(f[f.leader()].commit(), f[f.leader()].last_index());
}

TEST(Members, ShrinkFromFiveToThree) {
  Federation f(5);
  f.carry_out(What::remove, 5);
  f.carry_out(What::remove, 4);
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(f.voters_seen_by(n), 3u) << n;
  f.crash(3);
  ASSERT_TRUE(f.propose(1, "x"));
  f.deliver();
  EXPECT_EQ(f[1].commit(), f[1].last_index()) << "two of three are a majority";
}

TEST(Members, ALearnerGetsTheLogAndCountsOnlyOncePromoted) {
  Federation f(3, 1);
  f.carry_out(What::add_learner, 4);
  EXPECT_FALSE(f[4].is_voter());
  EXPECT_EQ(f[4].commit(), f[1].commit());
  f.cut(1, 2);
  f.cut(1, 3);
  ASSERT_TRUE(f.propose(1, "x"));
  f.deliver();
  EXPECT_LT(f[1].commit(), f[1].last_index()) << "a learner's copy makes no majority";
}

TEST(Members, APromotedSiteCountsFromTheLogOn) {
  Federation f(3, 1);
  f.carry_out(What::add_learner, 4);
  f.cut(1, 2);
  ASSERT_TRUE(f.change(1, What::promote, 4));
  f.isolate(3);
  f.deliver();
  EXPECT_LT(f[1].commit(), f[1].members_since()) << "two of four are no majority";
  f.heal();
  f.heartbeat(1);
  f.heartbeat(1);
  EXPECT_GE(f[1].commit(), f[1].members_since());
}

TEST(Members, OnlyACaughtUpLearnerIsPromoted) {
  Federation f(3, 1);
  f.isolate(4);
  f.carry_out(What::add_learner, 4);
  EXPECT_EQ(f.refusal(1, What::promote, 4), Errc::busy) << "it never answered";
  f.heal();
  for (int i = 0; i < 6; ++i) f.heartbeat(1);
  EXPECT_TRUE(f[1].is_caught_up(SiteId{4}));
  f.isolate(4);
  ASSERT_TRUE(f.propose(1, "x"));
  f.deliver();
  f.heartbeat(1);
  f.heartbeat(1);
  EXPECT_EQ(f.refusal(1, What::promote, 4), Errc::busy) << "it fell behind";
  f.heal();
  f.run(1_s);
  EXPECT_EQ(f.refusal(1, What::promote, 4), Errc::ok);
}

TEST(Members, OneChangeAtATime) {
  Federation f(3, 2);
  f.isolate(1);
  ASSERT_TRUE(f.change(1, What::add_learner, 4));
  EXPECT_EQ(f.refusal(1, What::add_learner, 5), Errc::busy);
  f.heal();
  f.run(200_ms);
  EXPECT_EQ(f.refusal(1, What::add_learner, 5), Errc::ok);
}

TEST(Members, NoChangeBeforeTheTermsFirstCommit) {
  Cluster c(3, 0, {}, 1);
  c.lose = [](const Envelope& e) { return body<Append>(e) != nullptr; };
  c.elect(1);
  EXPECT_EQ(c.change(1, What::add_learner, 4).error().code, Errc::busy);
  c.lose = {};
  c.run(100_ms);
  EXPECT_TRUE(c.change(1, What::add_learner, 4));
}

TEST(Members, RefusesWhatSaysNothingNewAndTheLastVotersRemoval) {
  Federation f(1, 1);
  EXPECT_EQ(f.refusal(1, What::add_learner, 1), Errc::bad_value);
  EXPECT_EQ(f.refusal(1, What::promote, 1), Errc::bad_value);
  EXPECT_EQ(f.refusal(1, What::promote, 2), Errc::bad_value);
  EXPECT_EQ(f.refusal(1, What::remove, 2), Errc::bad_value);
  EXPECT_EQ(f.refusal(1, What::remove, 1), Errc::bad_value);
  EXPECT_EQ(f.refusal(2, What::add_learner, 2), Errc::no_leader);
}

TEST(Members, ALeaderThatRemovesItselfLeadsUntilThatIsCommitted) {
  Federation f(3);
  ASSERT_TRUE(f.change(1, What::remove, 1));
  EXPECT_TRUE(f[1].is_leader());
  EXPECT_FALSE(f[1].is_voter());
  f.deliver();
  EXPECT_FALSE(f[1].is_leader());
  ASSERT_NE(f.leader(), 0) << "it handed over at once";
  EXPECT_NE(f.leader(), 1);
  EXPECT_EQ(f.voters_seen_by(f.leader()), 2u);
  const Term term = f[f.leader()].term();
  f.run(5_s);
  EXPECT_EQ(f[f.leader()].term(), term) << "whom it left are left in peace";
}

TEST(Members, ALeaderThatRemovesItselfDoesNotCountItself) {
  Federation f(3);
  f.isolate(3);
  ASSERT_TRUE(f.change(1, What::remove, 1));
  f.deliver();
  EXPECT_TRUE(f[1].is_leader());
  EXPECT_LT(f[1].commit(), f[1].members_since()) << "site 2 alone is no majority of 2 and 3";
}

// Found by the random lives: site 2 alone has no majority of {1, 2}, and site 1 no longer votes.
TEST(Members, ASiteWhoseRemovalIsNotCommittedMayStillLead) {
  Federation f(2);
  f.isolate(1);
  ASSERT_TRUE(f.change(1, What::remove, 1));
  f.deliver();
  f.crash(1);
  f.restart(1);
  f.heal();
  f.run(3_s);
  EXPECT_EQ(f.leader(), 2);
  EXPECT_EQ(f.voters_seen_by(2), 1u);
  EXPECT_FALSE(f[1].is_member());
}

TEST(Members, ARemovedSiteIsToldAndCampaignsNoMore) {
  Federation f(3);
  f.carry_out(What::remove, 3);
  EXPECT_FALSE(f[3].is_member());
  EXPECT_EQ(f[1].peers().size(), 1u) << "told, then forgotten";
  const Term term = f[1].term();
  f.run(5_s);
  EXPECT_EQ(f[3].role(), Role::follower);
  EXPECT_EQ(f[1].term(), term);
}

TEST(Members, WhatASiteAcknowledgedInItsLifeBeforeDoesNotCountInTheNext) {
  Federation f(3);
  ASSERT_TRUE(f.propose(1, "x"));
  f.deliver();
  f.crash(3);
  f.site(3).disk = {};
  ASSERT_TRUE(f.change(1, What::remove, 3));
  f.deliver();
  ASSERT_TRUE(f.change(1, What::add_learner, 3)) << "while the leader still wants to tell it";
  EXPECT_EQ(f.match(1, 3), LogIndex{});
  f.restart(3);
  f.run(1_s);
  EXPECT_EQ(f.site(3).applied_index(), f[1].commit());
}

TEST(Members, ARemovedSiteThatWasNotToldDisturbsNobody) {
  Federation f(3);
  f.isolate(3);
  f.carry_out(What::remove, 3);
  f.run(10_s);
  EXPECT_EQ(f[1].peers().size(), 1u) << "who does not answer is not waited for";
  f.heal();
  EXPECT_TRUE(f[3].is_voter()) << "it does not know";
  const Term term = f[1].term();
  f.run(10_s);
  EXPECT_TRUE(f[1].is_leader());
  EXPECT_EQ(f[1].term(), term);
  ASSERT_TRUE(f.propose(1, "x"));
  f.deliver();
  EXPECT_EQ(f[2].commit(), f[1].last_index());
}

TEST(Members, AnUncommittedChangeIsRememberedOverARestart) {
  Federation f(3, 1);
  f.isolate(1);
  ASSERT_TRUE(f.change(1, What::add_learner, 4));
  f.deliver();
  f.crash(1);
  f.restart(1);
  EXPECT_NE(find_member(f[1].members(), SiteId{4}), nullptr);
}

TEST(Members, WhatANodeKnewCommittedItAppliesBeforeAnybodySpeaksToIt) {
  Federation f(3);
  ASSERT_TRUE(f.propose(1, "whom to listen to"));
  f.deliver();
  ASSERT_TRUE(f.propose(1, "and more"));  // its write says that the entry before is committed
  f.deliver();
  f.crash(2);
  f.isolate(2);
  f.restart(2);
  EXPECT_EQ(f.site(2).applied_index().value, f[1].commit().value - 1);
}

TEST(Members, ASnapshotHoldsOnlyCommittedMembersAndGivesThemToWhoInstallsIt) {
  Federation f(3, 2);
  f.enlist(4);
  f.isolate(1);
  ASSERT_TRUE(f.change(1, What::remove, 4));
  f.deliver();
  f.site(1).compact(f.now(), 0);
  EXPECT_EQ(voters(f.site(1).disk.snapshot_members), 4u) << "the removal is not committed";
  f.crash(1);
  f.restart(1);
  EXPECT_EQ(f.voters_seen_by(1), 3u) << "but in force: it is in the log";
  f.heal();
  f.run(2_s);  // whoever leads: the removal is committed or undone everywhere
  ASSERT_NE(f.leader(), 0);
  if (f.voters_seen_by(f.leader()) == 4) f.carry_out(What::remove, 4);
  f.run(1_s);
  const int leader = f.leader();
  ASSERT_NE(leader, 0);
  f.site(leader).compact(f.now(), 0);
  f.carry_out(What::add_learner, 5);
  f.run(1_s);
  EXPECT_EQ(f.site(5).disk.snapshot.index, f.site(leader).disk.snapshot.index);
  EXPECT_EQ(f[5].members(), f[leader].members());
  f.crash(5);
  f.restart(5);
  EXPECT_EQ(f[5].members(), f[leader].members());
}

TEST(Members, AChangeIsNotLostWhenItsEntryIsCompacted) {
  Federation f(3, 1);
  f.enlist(4);
  f.run(200_ms);
  for (int n = 1; n <= 4; ++n) {
    f.site(n).compact(f.now(), 0);
    EXPECT_EQ(f.voters_seen_by(n), 4u);
    f.crash(n);
    f.restart(n);
    EXPECT_EQ(f.voters_seen_by(n), 4u) << n;
  }
}

TEST(Members, ALeaderIsFollowedWhoIsNotInAFollowersOwnList) {
  Federation f(3, 2);
  f.enlist(4);
  f.isolate(3);
  f.enlist(5);
  for (const int n : {1, 2}) f.crash(n);
  f.heal();
  f.restart(2);
  f.run(3_s);
  EXPECT_NE(f.leader(), 0) << "2 to 5 are four of five, though 3 has not heard of site 5";
  EXPECT_EQ(f.voters_seen_by(3), 5u);
}

TEST(Members, AMalformedListIsNotTaken) {
  Federation f(3);
  Append append{f[2].last_index(), f[2].log().last_term(), {}, {}};
  append.entries.push_back(
      {next(f[2].last_index()), f[2].term(), EntryKind::configuration, Payload("nonsense")});
  const LogIndex before = f[2].last_index();
  f.step(2, 1, {SiteId{2}, f[2].term(), append});
  EXPECT_EQ(f[2].last_index(), before);
}

}  // namespace
}  // namespace vigie::replica
