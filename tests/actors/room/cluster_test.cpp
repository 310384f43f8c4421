// The room's shell at three centres, as stories: what is asked is answered.
#include <gtest/gtest.h>

#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

TEST(Cluster, FoundsItsDirectoryThenAttaches) {
  Cluster c;
  Client client(c, p_requester, Role::requester);
  EXPECT_TRUE(client.attach(bordeaux));  // sent before there is a leader
  EXPECT_EQ(c.host(bordeaux).room().directory().version, 1u);
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, WithoutADirectoryFileFoundsNothing) {
  Cluster c({.founded = false});
  c.run(5_s);
  for (SiteId site : {lyon, bordeaux, marseille}) {
    EXPECT_EQ(c.host(site).room().directory().version, 0u);
  }
}

TEST(Cluster, NobodyOutsideMayFoundTheDirectory) {
  Cluster c({.founded = false});
  Directory mine = directory();
  c.say(lyon, 7, p_regulator, ClientRequest{{9}, {1}, {1}, {}, ApplyDirectory{mine}, 1});
  c.run(15_s);
  EXPECT_EQ(c.host(lyon).room().directory().version, 0u);
}

TEST(Cluster, AFollowerAnswersWhatItsClientAsked) {
  Cluster c;
  c.elect();
  Client client(c, p_requester, Role::requester);
  ASSERT_TRUE(client.attach(c.follower()));
  const Answer answer = client.ask(one("A"));
  EXPECT_EQ(answer.code, Errc::ok);
  EXPECT_EQ(exams_numbered(c.host(client.door), "A"), 1u);
  for (const Heard& h : c.all_heard) EXPECT_EQ(h.by, client.door);
}

TEST(Cluster, ALeaderKilledWithCommandsInFlightAnswersEachOnceAndAppliesOnce) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Cluster c({}, seed);
    c.elect();
    const SiteId old = c.leader();
    Client client(c, p_requester, Role::requester);
    ASSERT_TRUE(client.attach(c.follower()));
    std::vector<RequestNo> sent;
    for (int i = 0; i < 20; ++i) {
      sent.push_back(client.send(one("N" + std::to_string(i))));
      if (i == 10) c.run(Millis{static_cast<std::int64_t>(seed)});
    }
    c.kill(old);
    c.require([&] { return !client.answers(sent.back()).empty(); });
    c.run(12_s);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      ASSERT_EQ(client.answers(sent[i]).size(), 1u) << "seed " << seed << " request " << i;
      EXPECT_EQ(client.answers(sent[i]).front().code, Errc::ok);
      EXPECT_EQ(exams_numbered(c.host(client.door), "N" + std::to_string(i)), 1u);
    }
    c.start(old);
    EXPECT_TRUE(c.agrees());
  }
}

TEST(Cluster, FramesThatGetLostCostTimeButNoAnswer) {
  Cluster c({}, 3);
  c.elect();
  Client client(c, p_requester, Role::requester);
  ASSERT_TRUE(client.attach(c.follower()));
  c.lose(10);
  for (int i = 0; i < 20; ++i) {
    const std::string number = "L" + std::to_string(i);
    EXPECT_EQ(client.ask(one(number)).code, Errc::ok);
    EXPECT_EQ(client.answers(client.last).size(), 1u);
    EXPECT_EQ(exams_numbered(c.host(client.door), number), 1u);
  }
  c.lose(0);
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, ARequestSentAgainIsAnsweredTheSameAndAnotherContentIsRefused) {
  Cluster c;
  c.elect();
  Client client(c, p_requester, Role::requester);
  ASSERT_TRUE(client.attach(c.follower()));
  const Answer first = client.ask(one("A"));
  client.repeat({1}, one("A"));
  c.require([&] { return client.answers({1}).size() == 2; });
  EXPECT_TRUE(client.answers({1})[1].duplicate);
  EXPECT_EQ(client.answers({1})[1].exam, first.exam);
}

TEST(Cluster, ALeaderThatCannotCommitDoesNotFillItsLogWithRepetitions) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  for (SiteId site : {lyon, bordeaux, marseille}) c.at(site).disk_held = true;
  c.run(10_ms);
  const LogIndex before = c.host(leader).replica().last_index();
  (void)c.local(leader, one("A"));
  c.run(5_s);
  ASSERT_EQ(c.leader(), leader);
  EXPECT_LE(c.host(leader).replica().last_index().value, before.value + 4);
  for (SiteId site : {lyon, bordeaux, marseille}) c.at(site).disk_held = false;
  EXPECT_TRUE(c.agrees());
}

// Reads.

TEST(Cluster, AQueryWaitsForWhatItsClientHasSeen) {
  Cluster c;
  c.elect();
  ASSERT_TRUE(c.agrees());
  const SiteId behind = c.follower();
  const LogIndex seen = next(next(c.host(behind).room().applied()));
  c.say(behind, 4, p_anne, Query{1, QueryKind::status, {}, seen, false});
  c.say(behind, 4, p_anne, Subscribe{1, Desk::all, {}, seen});
  c.run(100_ms);
  EXPECT_TRUE(c.heard<QueryReply>(4).empty());
  EXPECT_TRUE(c.at(behind).subscribed.empty());
  for (int i = 0; i < 3; ++i) {
    (void)c.local(c.leader(), one("Q" + std::to_string(i)));
    c.run(20_ms);
  }
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 1u);
  EXPECT_GE(c.heard<QueryReply>(4).front().second.as_of, seen);
  ASSERT_EQ(c.at(behind).subscribed.size(), 1u);
  EXPECT_GE(c.at(behind).subscribed.front().applied, seen);
}

TEST(Cluster, AQueryFromTheFutureIsGivenUpAndASubscriptionBeginsAnew) {
  Cluster c;
  c.elect();
  c.say(lyon, 4, p_anne, Query{1, QueryKind::status, {}, {1u << 30}, false});
  c.say(lyon, 4, p_anne, Subscribe{1, Desk::all, {}, {1u << 30}});
  c.run(12_s);
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 1u);
  EXPECT_EQ(c.heard<QueryReply>(4).front().second.code, Errc::timeout);
  ASSERT_EQ(c.at(lyon).subscribed.size(), 1u);
  EXPECT_EQ(c.at(lyon).subscribed.front().wish.from, LogIndex{});
}

TEST(Cluster, ALinearizableQueryGoesThroughTheLog) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  const LogIndex before = c.host(c.leader()).room().applied();
  c.say(door, 4, p_anne, Query{1, QueryKind::status, {}, {}, true});
  c.require([&] { return !c.heard<QueryReply>(4).empty(); });
  EXPECT_GT(c.heard<QueryReply>(4).front().second.as_of, before);
  c.cut(door);
  c.say(door, 4, p_anne, Query{2, QueryKind::status, {}, {}, true});
  c.run(12_s);
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 2u);
  EXPECT_NE(c.heard<QueryReply>(4).back().second.code, Errc::ok);
}

TEST(Cluster, ABadHelloIsServedNothing) {
  Cluster c;
  c.elect();
  c.say(lyon, 4, p_anne, Hello{"elsewhere", 1, 1, "x"});
  c.say(lyon, 4, p_anne, Query{1, QueryKind::status, {}, {}, false});
  c.run(10_ms);
  EXPECT_EQ(c.heard<Complaint>(4).size(), 2u);
  EXPECT_TRUE(c.heard<QueryReply>(4).empty());
  c.say(lyon, 4, p_anne, Hello{"test", 1, 1, "x"});
  c.say(lyon, 4, p_anne, Query{1, QueryKind::status, {}, {}, false});
  c.run(10_ms);
  EXPECT_EQ(c.heard<QueryReply>(4).size(), 1u);
}

// A disk that fills, and an end in good order.

TEST(Cluster, WithAFullDiskRequestsAreRefusedAndReportsGoOn) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  Client anne(c, p_anne, Role::reader, bordeaux), requester(c, p_requester, Role::requester);
  ASSERT_TRUE(anne.attach(door));
  ASSERT_TRUE(requester.attach(door));
  anne.ask(SetReader{ReaderMode::free, AcceptMode::manual});
  const ExamId exam = requester.ask(one("A")).exam;
  c.require([&] { return state_of(c.host(door), exam) == ExamState::offered; });
  const Epoch epoch = c.host(door).room().state().exams().find(exam)->epoch;
  c.at(door).intake = false;
  EXPECT_EQ(requester.ask(one("B")).code, Errc::disk_full);
  const auto refused = c.local(door, one("C"));
  ASSERT_EQ(refused->size(), 1u);
  EXPECT_EQ(refused->front().code, Errc::disk_full);
  EXPECT_EQ(anne.ask(AcceptOffer{exam, epoch}).code, Errc::ok);
  EXPECT_EQ(anne.ask(Sign{exam, epoch, {77}, "normal"}).code, Errc::ok);
  EXPECT_EQ(exams_numbered(c.host(door), "B"), 0u);
}

TEST(Cluster, WhoWaitsIsToldThatTheNodeStops) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  c.cut(door);
  const auto answers = c.local(door, one("A"));
  c.say(door, 4, p_anne, Query{1, QueryKind::status, {}, {}, true});
  c.run(10_ms);
  c.host(door).stop();
  ASSERT_EQ(answers->size(), 1u);
  EXPECT_EQ(answers->front().code, Errc::stopping);
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 1u);
  EXPECT_EQ(c.heard<QueryReply>(4).front().second.code, Errc::stopping);
}

TEST(Cluster, WhatANodeVotedIsOnItsDisk) {
  Cluster c;
  c.elect();
  c.kill(c.leader());
  c.elect();
  for (const SiteId site : {lyon, bordeaux, marseille}) {
    if (!c.at(site).is_up()) continue;
    storage::MemoryDisk image = c.at(site).disk.image();
    const auto journal = storage::open_memory(image, storage::OpenMode::read, {});
    ASSERT_TRUE(journal) << journal.error().what;
    EXPECT_EQ((*journal)->recovered().hard.term, c.host(site).replica().term());
    EXPECT_EQ((*journal)->recovered().hard.vote, c.host(site).replica().vote());
  }
}

}  // namespace
}  // namespace vigie::actors::test
