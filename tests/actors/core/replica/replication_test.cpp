// The log's way to the others and back as a commit; reads and rounds. Raft sections 5.3, 5.4, 6.4.
#include "tests/actors/core/replica/cluster.hpp"

namespace vigie::replica {
namespace {

template <class T>
std::size_t count(const std::deque<Envelope>& net) {
  return static_cast<std::size_t>(std::count_if(
      net.begin(), net.end(), [](const Envelope& e) { return body<T>(e) != nullptr; }));
}

/// Gives site `n` a log with these terms, as if from an earlier life.
void remember(Cluster& c, int n, const std::vector<std::uint64_t>& terms) {
  c.crash(n);
  for (const std::uint64_t term : terms) {
    const LogIndex index = next(c.site(n).disk.last());
    const Payload payload(std::to_string(index.value) + "@" + std::to_string(term));
    c.site(n).disk.entries.push_back({index, Term{term}, EntryKind::command, payload});
    c.site(n).disk.hard.term = Term{term};
  }
  c.restart(n);
}

TEST(Replication, CommandsReachEverySiteInOneOrder) {
  Cluster c(3);
  c.elect(1);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(c.propose(1, std::to_string(i)));
  c.deliver();
  for (int n = 1; n <= 3; ++n) {
    ASSERT_EQ(c.site(n).applied.size(), 21u);
    EXPECT_EQ(c.site(n).applied.back().payload.bytes(), "19");
  }
}

TEST(Replication, ABatchGetsConsecutiveIndexes) {
  Cluster c(1);
  c.tick(1);
  const auto first = c[1].propose(
      c.now(), {{EntryKind::command, Payload("a")}, {EntryKind::command, Payload("b")}});
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, LogIndex{2});
  EXPECT_EQ(c[1].last_index(), LogIndex{3});
}

TEST(Replication, ProposalsThatCannotBeAreRefused) {
  Cluster c(3, 0, [](Config& config) { config.log_bytes_max = 1000; });
  EXPECT_EQ(c.propose(1, "x").error().code, Errc::no_leader);
  c.elect(1);
  EXPECT_EQ(c[1].propose(c.now(), {}).error().code, Errc::bad_value);
  EXPECT_EQ(c[1].propose(c.now(), {{EntryKind::configuration, {}}}).error().code, Errc::bad_value);
  EXPECT_EQ(c.propose(1, std::string(limits::entry_bytes + 1, 'x')).error().code, Errc::too_large);
  EXPECT_EQ(c.propose(1, std::string(950, 'x')).error().code, Errc::busy);
  ASSERT_TRUE(c.propose(1, std::string(800, 'x')));
  c.deliver();
  c.site(1).compact(c.now(), 0);
  EXPECT_TRUE(c.propose(1, std::string(800, 'x'))) << "a snapshot makes room";
}

// Raft, figure 7: whatever followers (a) to (f) hold, they end with the leader's log.
TEST(Replication, Figure7FollowersOfAllKindsConvergeOnTheLeadersLog) {
  Cluster c(7);
  remember(c, 1, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6});
  remember(c, 2, {1, 1, 1, 4, 4, 5, 5, 6, 6});
  remember(c, 3, {1, 1, 1, 4});
  remember(c, 4, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6});
  remember(c, 5, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7});
  remember(c, 6, {1, 1, 1, 4, 4, 4, 4});
  remember(c, 7, {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3});
  c.elect(1);
  for (int i = 0; i < 3; ++i) c.heartbeat(1);
  for (int n = 1; n <= 7; ++n) {
    ASSERT_EQ(c.site(n).disk.entries, c.site(1).disk.entries) << "site " << n;
    EXPECT_EQ(c[n].commit(), LogIndex{11}) << "site " << n;
  }
}

TEST(Replication, RefusalsSkipWholeTerms) {
  Cluster c(3);
  remember(c, 1, std::vector<std::uint64_t>(200, 3));
  remember(c, 2, std::vector<std::uint64_t>(200, 3));
  remember(c, 3, std::vector<std::uint64_t>(300, 2));
  std::size_t refusals = 0;
  c.lose = [&](const Envelope& e) {
    const auto* answer = body<AppendAnswer>(e);
    refusals += answer != nullptr && !answer->ok ? 1 : 0;
    return false;
  };
  c.elect(1);
  EXPECT_EQ(c.match(1, 3), LogIndex{201});
  EXPECT_LE(refusals, 2u);
}

TEST(Replication, CommitNeedsAnyMajorityOfSyncsNotTheLeadersOwn) {
  Cluster c(3);
  c.elect(1);
  c.hold_disk(1);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  EXPECT_EQ(c[1].stable(), LogIndex{1});
  EXPECT_EQ(c[1].commit(), LogIndex{2});
  EXPECT_EQ(c.site(1).applied.back().payload.bytes(), "x");
  c.crash(1);  // it never had it on its disk, and nothing is lost
  c.depose_and_elect(2);
  EXPECT_EQ(c[2].log().at(LogIndex{2}).payload.bytes(), "x");
}

TEST(Replication, CommitIsToldAtOnceWhenNothingIsUnderWay) {
  Cluster c(3);
  c.elect(1);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();  // no tick: nobody waits for a heartbeat
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(c.site(n).applied.back().payload.bytes(), "x");
  EXPECT_TRUE(c.net().empty());
}

TEST(Replication, AtMostTwoAppendsAreUnderWayAndTheNextTakesTheRest) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(c.propose(1, "x"));
  const auto appends =
      c.take([](const Envelope& e) { return body<Append>(e) && e.message.to.value == 2; });
  ASSERT_EQ(appends.size(), 2u);
  c.step(2, 1, appends[0].message);
  c.deliver_one();  // one is answered
  const auto rest =
      c.take([](const Envelope& e) { return body<Append>(e) && e.message.to.value == 2; });
  ASSERT_LE(rest.size(), 1u);
  c.step(2, 1, appends[1].message);
  c.deliver();
  c.run(1_s);
  EXPECT_EQ(c[2].commit(), LogIndex{11});
}

TEST(Replication, OneAppendIsBoundedInBytesAndEntries) {
  Cluster c(2, 0, [](Config& config) {
    config.append_bytes_max = 1000;
    config.append_entries_max = 5;
  });
  c.elect(1);
  c.isolate(2);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(c.propose(1, std::string(i < 20 ? 400 : 1, 'x')));
  c.deliver();
  c.heal();
  c.lose = [](const Envelope& e) {
    const auto* append = body<Append>(e);
    if (append == nullptr) return false;
    std::size_t bytes = 0;
    for (const LogEntry& entry : append->entries) bytes += Log::weight(entry);
    EXPECT_LE(append->entries.size(), 5u);
    EXPECT_LE(bytes, 1000u);
    return false;
  };
  c.run(1_s);
  EXPECT_EQ(c[2].commit(), LogIndex{41});
}

TEST(Replication, LostAppendsAreFoundOutByHeartbeats) {
  Cluster c(3);
  c.elect(1);
  c.lose = [](const Envelope& e) { return body<Append>(e) != nullptr; };
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  c.lose = {};
  c.run(500_ms);
  EXPECT_EQ(c[1].commit(), LogIndex{6});
  EXPECT_EQ(c.site(3).applied_index(), LogIndex{6});
}

TEST(Replication, ABrokenLinkThatComesBackIsProbedAtOnce) {
  Cluster c(3);
  c.elect(1);
  c.isolate(3);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  c[1].peer_lost(c.now(), SiteId{3});
  c.heal();
  c[1].peer_up(c.now(), SiteId{3});
  c.settle(1);
  c.deliver();  // no tick
  EXPECT_EQ(c.site(3).applied_index(), LogIndex{6});
}

TEST(Replication, FollowerWithAFullLogTakesNoMoreUntilItHasASnapshot) {
  Cluster c(2, 1, [](Config& config) {
    if (config.self.value == 3) config.log_bytes_max = 1000;
  });
  c.elect(1);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(c.propose(1, std::string(400, 'x')));
    c.deliver();
  }
  EXPECT_LT(c[3].last_index(), LogIndex{9});
  EXPECT_LE(c[3].log().bytes(), 2600u);
  for (int i = 0; i < 4; ++i) {
    c.site(3).compact(c.now(), 0);
    c.run(300_ms);
  }
  EXPECT_EQ(c.site(3).applied_index(), LogIndex{9});
}

TEST(Replication, MalformedAppendsAreIgnored) {
  Cluster c(3);
  const LogEntry gap{LogIndex{3}, Term{1}, EntryKind::command, Payload("x")};
  const LogEntry future{LogIndex{1}, Term{9}, EntryKind::command, Payload("x")};
  c.step(2, 1, {SiteId{2}, Term{1}, Append{{}, {}, {}, {gap}}});
  c.step(2, 1, {SiteId{2}, Term{1}, Append{{}, {}, {}, {future}}});
  EXPECT_EQ(c[2].last_index(), LogIndex{0});
  EXPECT_TRUE(c.net().empty());
}

TEST(Replication, RepeatedAndLateAppendsTruncateNothing) {
  Cluster c(3);
  c.elect(1);
  ASSERT_TRUE(c.propose(1, "a"));
  const Envelope first = c.net().front();
  c.deliver();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(c.propose(1, "b"));
  c.deliver();
  c.step(first.message.to.value, 1, first.message);
  EXPECT_EQ(c[first.message.to.value].last_index(), LogIndex{5});
  EXPECT_EQ(body<AppendAnswer>(c.net().back())->index, LogIndex{2});
}

TEST(Replication, NothingIsCommittedOnTheWordOfALifeThatADiskForgot) {
  Cluster c(3);
  c.elect(3);
  c.isolate(3);
  for (const char* dead : {"a", "b", "c"}) ASSERT_TRUE(c.propose(3, dead));
  const Disk before = c.site(3).disk;
  c.depose_and_elect(1);
  for (const char* said : {"x", "y"}) ASSERT_TRUE(c.propose(1, said));
  c.deliver();
  c.heal();
  c.run(1_s);
  ASSERT_EQ(c.match(1, 3), c[1].commit()) << "it gave up what was its own";
  c.crash(3);
  c.site(3).disk = before;  // and it is back
  c.restart(3);
  c.step(3, 1, {SiteId{3}, c[1].term(), Heartbeat{c[1].commit(), 1}});  // it was on its way
  EXPECT_LE(c[3].commit(), LogIndex{1}) << "what this leader has not shown to be the same";
  c[1].peer_up(c.now(), SiteId{3});
  c.settle(1);
  c.deliver();
  EXPECT_LE(c[3].commit(), LogIndex{1}) << "its own entries are nobody else's";
}

TEST(Replication, ASiteThatComesBackWithLessIsCountedForThatAndBroughtBack) {
  Cluster c(3);
  c.elect(1);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  const Disk before = c.site(3).disk;
  const LogIndex held = c[3].last_index();
  ASSERT_TRUE(c.propose(1, "y"));
  c.deliver();
  ASSERT_GT(c.match(1, 3), held);
  c.crash(3);
  c.site(3).disk = before;  // its disk said "synced", and was not
  c.restart(3);
  c[1].peer_up(c.now(), SiteId{3});
  c[1].came_back(SiteId{3}, held);
  EXPECT_EQ(c.match(1, 3), held);
  c.run(1_s);
  EXPECT_EQ(c.match(1, 3), c[1].last_index()) << "it used to wait for the next term";
}

TEST(Replication, ARestartedSiteAppliesItsLogAgain) {
  Cluster c(3);
  c.elect(1);
  ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  for (int n = 1; n <= 3; ++n) c.crash(n);
  for (int n = 1; n <= 3; ++n) c.restart(n);
  EXPECT_EQ(c.site(2).applied_index(), LogIndex{1}) << "what it knew committed, and no more";
  c.run(2_s);
  for (int n = 1; n <= 3; ++n) EXPECT_EQ(c.site(n).applied_index(), LogIndex{3});
}

TEST(Reads, AReadWaitsForAQuorumRoundBegunAfterIt) {
  Cluster c(3);
  c.elect(1);
  ASSERT_TRUE(c[1].read_index(c.now(), 77));
  c.settle(1);
  EXPECT_TRUE(c.site(1).reads.empty());
  c.deliver();
  ASSERT_EQ(c.site(1).reads.size(), 1u);
  EXPECT_EQ(c.site(1).reads[0], (ReadState{77, LogIndex{1}}));
  EXPECT_EQ(c[2].read_index(c.now(), 1).error().code, Errc::no_leader);
}

TEST(Reads, ADeposedLeaderServesNoReadAndRefusesItAtTheEnd) {
  Cluster c(3);
  c.elect(1);
  c.isolate(1);
  c.pass(300_ms);
  c.elect(2);
  ASSERT_TRUE(c.propose(2, "x"));
  c.deliver();
  ASSERT_TRUE(c[1].read_index(c.now(), 5));
  c.settle(1);
  c.deliver();
  EXPECT_TRUE(c.site(1).reads.empty());
  c.heal();
  c.run(300_ms);
  ASSERT_EQ(c.site(1).reads.size(), 1u);
  EXPECT_EQ(c.site(1).reads[0], (ReadState{5, LogIndex{0}}));
}

TEST(Reads, NoReadBeforeTheNoopOfTheTermIsCommitted) {
  Cluster c(3);
  c.lose = [](const Envelope& e) { return body<Append>(e) != nullptr; };
  c.elect(1);
  ASSERT_TRUE(c[1].read_index(c.now(), 5));
  const auto round = c[1].begin_round(c.now());
  ASSERT_TRUE(round);
  for (int i = 0; i < 5; ++i) c.heartbeat(1);
  EXPECT_TRUE(c.site(1).reads.empty());
  EXPECT_LT(c[1].rounds_confirmed(), *round);
  c.lose = {};
  for (int i = 0; i < 5; ++i) c.heartbeat(1);
  EXPECT_EQ(c.site(1).reads.size(), 1u);
  EXPECT_GE(c[1].rounds_confirmed(), *round);
  EXPECT_TRUE(c[1].is_settled_leader());
}

TEST(Rounds, ManyCallersShareOneRound) {
  Cluster c(3);
  c.elect(1);
  const auto first = c[1].begin_round(c.now());
  c.settle(1);
  EXPECT_EQ(count<Heartbeat>(c.net()), 2u);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(c[1].begin_round(c.now()));
  c.settle(1);
  EXPECT_EQ(count<Heartbeat>(c.net()), 2u) << "the others wait for the next";
  c.deliver();
  EXPECT_EQ(c[1].rounds_confirmed(), *first + 100);
}

TEST(Rounds, AnAnswerToAnEarlierHeartbeatConfirmsNothing) {
  Cluster c(3);
  c.elect(1);
  c.tick(1);
  c.pass(50_ms);
  c.tick(1);
  const auto old = c.take([](const Envelope&) { return true; });
  const auto round = c[1].begin_round(c.now());
  c.settle(1);
  c.net().clear();  // the round's heartbeats are lost
  for (const Envelope& e : old) c.step(e.message.to.value, 1, e.message);
  c.deliver();
  EXPECT_LT(c[1].rounds_confirmed(), *round);
  c.heartbeat(1);
  EXPECT_EQ(c[1].rounds_confirmed(), *round);
}

}  // namespace
}  // namespace vigie::replica
