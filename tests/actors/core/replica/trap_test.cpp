// The known traps of Raft libraries, one script each: A to L are defects of libraft 0.15.0, M to O
// of those who change members by hand. Some sit in structures that we do not have (a failed write
// is fatal here, a core sends nothing itself, memory is owned by values); for those the planted bug
// is the nearest one that breaks the same promise. `ops/check planted` wants each script to fail
// for its own bug (tests/planted/bugs.txt says which is whose).
#include "tests/actors/core/replica/cluster.hpp"

namespace vigie::replica {
namespace {

template <class T>
bool is_from(const Envelope& e, int site) {
  return e.from.value == site && body<T>(e) != nullptr;
}

// A: site 1 led, was cut off and kept entries that nobody else has. The new leader's empty Append
// matches below them: the answer must not speak of the tail.
TEST(TrapA, FollowerAcknowledgesWhatTheAppendCoversNotItsWholeLog) {
  Cluster c(3);
  c.elect(1);
  c.isolate(1);
  for (const char* old : {"old0", "old1", "old2", "old3", "old4"}) ASSERT_TRUE(c.propose(1, old));
  c.deliver();
  c.depose_and_elect(2);
  c.heal();
  c.step(1, 2, {SiteId{1}, c[2].term(), Append{LogIndex{1}, Term{1}, LogIndex{1}, {}}});
  const auto answers = c.take([](const Envelope& e) { return is_from<AppendAnswer>(e, 1); });
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(body<AppendAnswer>(answers[0])->ok);
  EXPECT_EQ(body<AppendAnswer>(answers[0])->index, LogIndex{1});
}

// B: the Raft paper's figure 8. An entry of an old term on a majority is not committed by that.
TEST(TrapB, EntriesOfOldTermsAreNotCommittedByCounting) {
  Cluster c(5, 0, [](Config& config) { config.append_entries_max = 1; });
  c.elect(1);
  for (const int other : {3, 4, 5}) c.cut(1, other);
  ASSERT_TRUE(c.propose(1, "a"));  // (a) index 2 on sites 1 and 2
  c.deliver();
  c.crash(1);
  c.isolate(2);
  c.lose = [](const Envelope& e) { return is_from<Append>(e, 5); };
  c.depose_and_elect(5);  // (b) another index 2 on site 5 alone
  c.crash(5);
  c.restart(1);
  c.heal();
  c.lose = [&c](const Envelope& e) {
    const bool has_first = c.site(3).disk.last() >= LogIndex{2};
    const bool is_late = e.message.to.value == 3 && has_first;
    return body<Append>(e) != nullptr && (e.message.to.value == 4 || is_late);
  };
  c.depose_and_elect(1);  // (c) index 2 of term 1 reaches a majority, the no-op after it does not
  for (int i = 0; i < 4; ++i) c.heartbeat(1);
  ASSERT_EQ(c.site(3).disk.entries.back().term, Term{1});
  ASSERT_EQ(c.site(3).disk.last(), LogIndex{2});
  EXPECT_LT(c[1].commit(), LogIndex{2});
  c.crash(1);
  c.restart(5);
  c.isolate(2);
  c.lose = {};
  c.depose_and_elect(5);  // (d) and may still be replaced
  EXPECT_NE(c[3].log().at(LogIndex{2}).term, Term{1});
}

// C: under a steady load the last stored index is never on a majority; what is, must commit.
TEST(TrapC, WhatAMajorityHasCommitsWhileMoreIsUnderWay) {
  Cluster c(3);
  c.elect(1);
  ASSERT_TRUE(c.propose(1, "first"));
  ASSERT_TRUE(c.propose(1, "second"));
  ASSERT_EQ(c[1].stable(), LogIndex{3});
  const auto appends = c.take([](const Envelope& e) { return e.message.to.value == 2; });
  c.net().clear();
  ASSERT_EQ(appends.size(), 2u);
  c.step(2, 1, appends[0].message);
  c.deliver();
  EXPECT_EQ(c[1].commit(), LogIndex{2});
}

// D: the leader's own copy counts when it is on its disk, not before.
TEST(TrapD, LeaderDoesNotCountItsOwnUnsyncedEntries) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  c.hold_disk(1);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  EXPECT_EQ(c.match(1, 2), LogIndex{2});
  EXPECT_EQ(c[1].commit(), LogIndex{1});
  c.release_disk(1);
  EXPECT_EQ(c[1].commit(), LogIndex{2});
}

// E: a former leader has two appends under way when the new leader replaces their entries. Their
// completion says nothing of the log as it is now.
TEST(TrapE, WritesOfTruncatedEntriesConfirmNothing) {
  Cluster c(3);
  c.elect(1);
  c.isolate(1);
  c.hold_disk(1);
  ASSERT_TRUE(c.propose(1, "a"));
  ASSERT_TRUE(c.propose(1, "b"));
  c.deliver();
  c.depose_and_elect(2);
  c.heal();
  c[2].peer_up(c.now(), SiteId{1});
  c.settle(2);
  c.deliver();
  ASSERT_EQ(c[1].log().last_term(), Term{2});
  ASSERT_GE(c.site(1).writes.size(), 3u);
  c.sync_one(1);
  c.sync_one(1);
  EXPECT_EQ(c[1].stable(), LogIndex{1});
  c.deliver();
  EXPECT_EQ(c.match(2, 1), LogIndex{0}) << "nothing of term 2 is on its disk";
  c.release_disk(1);
  c.deliver();
  EXPECT_EQ(c.match(2, 1), LogIndex{2});
}

// F: an acknowledgement and its write share one fate: it leaves after the sync, or never.
TEST(TrapF, FollowerAcknowledgesOnlyWhatIsSynced) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  c.hold_disk(2);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  EXPECT_EQ(c.match(1, 2), LogIndex{1});
  EXPECT_EQ(c[1].commit(), LogIndex{1});
  c.crash(2);
  c.restart(2);
  c.deliver();
  EXPECT_EQ(c.match(1, 2), LogIndex{1}) << "the write is lost, so is its acknowledgement";
}

// G: a request for votes speaks of a term, a vote for oneself and a log: all of it is synced first.
TEST(TrapG, VotesAreRequestedOnlyWithWhatIsOnDisk) {
  Cluster c(3);
  c.elect(2);
  c.hold_disk(1);
  ASSERT_TRUE(c.propose(2, "not yet on the disk of site 1"));
  c.deliver();
  ASSERT_EQ(c[1].last_index(), LogIndex{2});
  c.crash(2);
  c.pass(c[1].config().election_max);
  c.tick(1);
  std::size_t requests = 0;
  c.lose = [&](const Envelope& e) {
    const auto* request = body<VoteRequest>(e);
    requests += request != nullptr && !request->pre ? 1 : 0;
    return false;
  };
  c.deliver();
  EXPECT_EQ(c[1].role(), Role::candidate);
  EXPECT_EQ(requests, 0u);
  c.release_disk(1);
  c.deliver();
  EXPECT_EQ(requests, 2u);
  EXPECT_TRUE(c[1].is_leader());
}

// H: an acknowledgement of term 1 arrives when its addressee leads again, in term 3, and the
// entries it speaks of are long replaced.
TEST(TrapH, AcknowledgementOfAnOldTermIsNotASuccessInTheNew) {
  Cluster c(5);
  c.elect(1);
  for (const int other : {3, 4, 5}) c.cut(1, other);
  std::vector<Message> late;
  c.lose = [&](const Envelope& e) {
    if (!is_from<AppendAnswer>(e, 2)) return false;
    late.push_back(e.message);
    return true;
  };
  for (const char* text : {"a", "b", "c"}) ASSERT_TRUE(c.propose(1, text));
  c.deliver();
  for (int i = 0; i < 4; ++i) c.heartbeat(1);
  ASSERT_EQ(body<AppendAnswer>({SiteId{2}, late.back()})->index, LogIndex{4});
  c.lose = {};
  c.isolate(1);
  c.isolate(2);
  c.depose_and_elect(3);
  c.heal();
  for (int i = 0; i < 4; ++i) c.heartbeat(3);
  c.depose_and_elect(1);
  ASSERT_EQ(c[1].commit(), LogIndex{3});
  for (const int other : {2, 4, 5}) c.cut(1, other);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  c.step(1, 2, late.back());
  EXPECT_EQ(c.match(1, 2), LogIndex{3});
  EXPECT_EQ(c[1].commit(), LogIndex{3}) << "only sites 1 and 3 have x";
}

// I: a former leader's change of members goes with the entry that made it.
TEST(TrapI, ATruncatedChangeOfMembersIsUndone) {
  Cluster c(3, 0, {}, 1);
  c.elect(1);
  c.isolate(1);
  ASSERT_TRUE(c.change(1, MemberChange::What::remove, 3));
  c.deliver();
  ASSERT_EQ(voters(c[1].members()), 2u);
  c.depose_and_elect(2);
  ASSERT_TRUE(c.propose(2, "x"));
  c.deliver();
  c.heal();
  for (int i = 0; i < 4; ++i) c.heartbeat(2);
  ASSERT_EQ(c[1].log().last_term(), c[2].term());
  EXPECT_EQ(voters(c[1].members()), 3u);
}

// J: a follower in the middle of a snapshot has no log worth an election.
TEST(TrapJ, FollowerInstallingASnapshotDoesNotCampaign) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(c.propose(1, "x"));
    c.deliver();
  }
  c.site(1).compact(c.now(), 0);
  c.heal();
  int chunks = 0;
  c.lose = [&](const Envelope& e) { return body<SnapshotChunk>(e) != nullptr && ++chunks > 1; };
  for (int i = 0; i < 4; ++i) c.heartbeat(1);
  ASSERT_TRUE(c[3].is_installing());
  c.pass(c[3].config().election_max * 2);
  c.tick(3);
  EXPECT_EQ(c[3].role(), Role::follower);
  EXPECT_TRUE(c.net().empty());
  c.lose = {};
  for (int i = 0; i < 9; ++i) c.heartbeat(1);
  EXPECT_FALSE(c[3].is_installing());
  EXPECT_EQ(c.site(3).applied_index(), c[1].commit());
}

// K: a transfer ends with the leadership that began it.
TEST(TrapK, TransferDoesNotOutliveItsLeadership) {
  Cluster c(3);
  c.elect(1);
  c.cut(1, 2);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  ASSERT_TRUE(c[1].transfer(c.now(), SiteId{2}));
  c.settle(1);
  c.deliver();
  c.depose_and_elect(3);
  c.heartbeat(3);
  ASSERT_EQ(c[1].role(), Role::follower);
  c.heal();
  for (int i = 0; i < 4; ++i) c.heartbeat(3);
  c.depose_and_elect(1);
  EXPECT_FALSE(c[1].is_transferring());
  EXPECT_TRUE(c.propose(1, "y"));
  c.deliver();
  EXPECT_EQ(c.leader(), 1);
}

// L: whoever asks, and whyever: one vote a term.
TEST(TrapL, TransfereeGetsNoSecondVoteInATerm) {
  Cluster c(3);
  c.step(3, 1, {SiteId{3}, Term{5}, VoteRequest{false, false, {}, {}}});
  c.step(3, 2, {SiteId{3}, Term{5}, VoteRequest{false, true, {}, {}}});
  const auto answers = c.take([](const Envelope& e) { return is_from<VoteAnswer>(e, 3); });
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(body<VoteAnswer>(answers[0])->granted);
  EXPECT_FALSE(body<VoteAnswer>(answers[1])->granted);
}

// M: a learner's copy makes no majority.
TEST(TrapM, ALearnersCopyDoesNotCommit) {
  Cluster c(3, 1);
  c.elect(1);
  c.cut(1, 2);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  EXPECT_EQ(c[1].commit(), LogIndex{2}) << "sites 1 and 3 are a majority of three";
  c.cut(1, 3);
  ASSERT_TRUE(c.propose(1, "y"));
  c.deliver();
  EXPECT_EQ(c[1].commit(), LogIndex{2});
}

// N: a second change must wait until the first is committed, else majorities need not meet.
TEST(TrapN, ASecondChangeWaitsForTheFirst) {
  Cluster c(5);
  c.elect(1);
  c.isolate(1);
  ASSERT_TRUE(c.change(1, MemberChange::What::remove, 5));
  EXPECT_FALSE(c.change(1, MemberChange::What::remove, 4));
}

// O: two leaders in turn, each with a change of its own: majorities of the two need not meet unless
// a leader first commits in its own term (raft-dev, July 2015).
TEST(TrapO, AChangeWaitsForACommitOfItsTerm) {
  Cluster c(5);
  c.elect(1);
  c.lose = [](const Envelope& e) { return body<Append>(e) != nullptr; };
  c.depose_and_elect(2);
  EXPECT_FALSE(c.change(2, MemberChange::What::remove, 5));
}

}  // namespace
}  // namespace vigie::replica
