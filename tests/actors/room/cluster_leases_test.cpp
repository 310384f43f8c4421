// Sessions and their leases at three centres (design D8).
#include <gtest/gtest.h>

#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

TEST(Cluster, ARenewalThroughAFollowerIsAckedAfterARound) {
  Cluster c;
  c.elect();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(c.follower()));
  const BootTime sent = c.now().boot;
  client.renew(1);
  c.require([&] { return !client.acks(1).empty(); });
  const auto [heard, ack] = client.acks(1).front();
  EXPECT_EQ(ack.code, Errc::ok);
  EXPECT_EQ(ack.lease, 60_s);
  // There, a round, and back: four ways over the wire.
  EXPECT_GE(heard.at, sent + 4_ms);
}

TEST(Cluster, ALeaderThatIsCutOffAcksNoRenewal) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(leader));
  c.cut(leader);
  client.renew(1);
  c.run(5_s);
  for (const auto& [heard, ack] : client.acks(1)) EXPECT_EQ(ack.code, Errc::no_leader);
  client.renew(2);
  c.run(100_ms);
  for (const auto& [heard, ack] : client.acks(2)) EXPECT_EQ(ack.code, Errc::no_leader);
}

TEST(Cluster, ARenewalWithAnothersKeyIsRefused) {
  Cluster c;
  c.elect();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(c.follower()));
  c.say(client.door, 5, p_lea, Renew{client.session, client.incarnation, 9});
  c.run(1_s);
  const auto acks = c.heard<RenewAck>(5);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks.front().second.code, Errc::unauthorised);
  client.renew(10);  // and its own acks still come to the one who holds it
  c.require([&] { return !client.acks(10).empty(); });
}

TEST(Cluster, ASessionExpiresWhenNobodyRenewsAndNotWhenRenewed) {
  Cluster c;
  c.elect();
  Client silent(c, p_lea, Role::reader, lyon), alive(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(silent.attach(c.follower()));
  ASSERT_TRUE(alive.attach(c.follower()));
  const auto live = [&](const Client& who) {
    return c.host(who.door).room().state().sessions().find(who.session)->live;
  };
  for (std::uint64_t i = 1; i <= 8; ++i) {
    alive.renew(i);
    c.run(10_s);
    if (i == 5) {
      EXPECT_TRUE(live(silent));
    }
  }
  EXPECT_FALSE(live(silent));
  EXPECT_TRUE(live(alive));
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, ANewLeaderGivesEverySessionAFullLease) {
  Cluster c;
  c.elect();
  Client client(c, p_lea, Role::reader, lyon);
  ASSERT_TRUE(client.attach(c.follower()));
  c.run(50_s);
  c.kill(c.leader());
  c.elect();
  c.run(50_s);
  EXPECT_TRUE(c.host(c.leader()).room().state().sessions().find(client.session)->live);
  c.run(15_s);
  EXPECT_FALSE(c.host(c.leader()).room().state().sessions().find(client.session)->live);
}

/// Anne's session, after she held a P2 exam, was acked a lease of 180 s, and signed.
Client anne_who_was_acked_three_minutes(Cluster& c, SiteId door) {
  Client anne(c, p_anne, Role::reader, bordeaux);
  EXPECT_TRUE(anne.attach(door));
  EXPECT_EQ(anne.ask(SetReader{ReaderMode::free, AcceptMode::automatic}).code, Errc::ok);
  const auto submitted = c.local(marseille, one("P2"));
  c.require([&] { return !submitted->empty(); });
  const ExamId exam = submitted->front().exam;
  c.require([&] { return state_of(c.host(door), exam) == ExamState::reading; });
  anne.renew(1);
  c.require([&] { return !anne.acks(1).empty(); });
  EXPECT_EQ(anne.acks(1).front().second.lease, 180_s);
  const Epoch epoch = c.host(door).room().state().exams().find(exam)->epoch;
  EXPECT_EQ(anne.ask(Sign{exam, epoch, {77}, "normal"}).code, Errc::ok);
  EXPECT_EQ(anne.ask(SetReader{ReaderMode::off, AcceptMode::manual}).code, Errc::ok);
  return anne;
}

TEST(Cluster, ANewLeaderHoldsToTheLongerLeaseThatTheOldOneAcked) {
  Cluster c;
  c.elect();
  const Client anne = anne_who_was_acked_three_minutes(c, c.follower());
  c.kill(c.leader());
  c.elect();
  const auto live = [&] {
    return c.host(c.leader()).room().state().sessions().find(anne.session)->live;
  };
  c.run(175_s);
  EXPECT_TRUE(live());
  c.run(15_s);
  EXPECT_FALSE(live());
}

TEST(Cluster, NobodyKnowsWhatWasAckedBeforeASnapshotSoTheLongestLeaseIsWaitedFor) {
  Cluster c({.snapshot_log_bytes = 16 * 1024, .trailing_bytes = 4 * 1024});
  c.elect();
  const Client anne = anne_who_was_acked_three_minutes(c, c.follower());
  for (int i = 0; i < 200; ++i) {
    (void)c.local(lyon, one("S" + std::to_string(i)));
    c.run(2_ms);
  }
  ASSERT_TRUE(c.agrees());
  for (SiteId site : {lyon, bordeaux, marseille}) c.kill(site);
  for (SiteId site : {lyon, bordeaux, marseille}) {
    c.start(site);
    ASSERT_GT(c.host(site).room().applied(), LogIndex{50}) << "not from a snapshot";
  }
  c.elect();
  c.run(175_s);
  EXPECT_TRUE(c.host(c.leader()).room().state().sessions().find(anne.session)->live);
}

TEST(Cluster, ALeaderThatStoodStillExpiresNobodyWhoWasThere) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(leader));
  // All three stand still for longer than a lease, so nobody else takes over; and what wakes the
  // leader is a client's word, not its timer.
  for (SiteId site : {lyon, bordeaux, marseille}) c.freeze(site, 70_s);
  c.run(69_s);
  c.say(leader, 3, p_anne, Query{1, QueryKind::readers, {}, {}, false});
  c.host(leader).pump(Now{c.now().boot + 1_s, c.now().utc});
  c.run(5_s);
  EXPECT_TRUE(c.host(leader).room().state().sessions().find(client.session)->live);
}

TEST(Cluster, AnAckNamesTheLeaseThatTheLeaderHoldsTo) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  Client anne(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(anne.attach(leader));
  ASSERT_EQ(anne.ask(SetReader{ReaderMode::free, AcceptMode::manual}).code, Errc::ok);
  const auto submitted = c.local(marseille, one("A"));
  c.require([&] { return !submitted->empty(); });
  const ExamId exam = submitted->front().exam;
  c.require([&] { return state_of(c.host(leader), exam) == ExamState::offered; });
  const Epoch epoch = c.host(leader).room().state().exams().find(exam)->epoch;
  anne.renew(1);  // counted before he holds the exam, acked when he does
  const RequestNo accepted = anne.send(AcceptOffer{exam, epoch});
  c.require([&] { return !anne.acks(1).empty() && !anne.answers(accepted).empty(); });
  ASSERT_EQ(anne.answers(accepted).front().code, Errc::ok);
  EXPECT_EQ(anne.acks(1).front().second.lease, 60_s);
  anne.renew(2);
  c.require([&] { return !anne.acks(2).empty(); });
  EXPECT_EQ(anne.acks(2).front().second.lease, 180_s);
}

TEST(Cluster, AnExpiryThatFindsTheLogFullIsNotForgotten) {
  Cluster c({.snapshot_log_bytes = 32 * 1024, .trailing_bytes = 1024, .log_bytes_max = 256 * 1024});
  c.elect();
  const SiteId leader = c.leader();
  const Term term = c.host(leader).replica().term();
  Client silent(c, p_lea, Role::reader, lyon), busy(c, p_requester, Role::requester);
  ASSERT_TRUE(silent.attach(leader));
  c.run(40_s);
  ASSERT_TRUE(busy.attach(leader));
  const auto hold = [&](bool held) {
    for (SiteId site : {lyon, bordeaux, marseille}) c.at(site).disk_held = held && site != leader;
  };
  hold(true);
  const auto grows_by = [&](const std::function<void()>& propose) {
    const LogIndex before = c.host(leader).replica().last_index();
    propose();
    c.run(5_ms);
    return c.host(leader).replica().last_index() > before;
  };
  int number = 0;
  for (const std::size_t size : {16 * 1024, 1024}) {
    while (grows_by([&] {
      Request request = order("f" + std::to_string(++number));
      request.sealed = std::string(size, 'x');
      busy.send(Submit{{request}, {}});
    })) {
    }
  }
  while (grows_by([&] { c.local(leader, Tick{}); })) {
  }
  c.run(35_s);  // the lease ends at 60 s
  const auto live = [&] {
    return c.host(leader).room().state().sessions().find(silent.session)->live;
  };
  EXPECT_TRUE(live()) << "nothing could be written down";
  hold(false);
  EXPECT_TRUE(c.run_until([&] { return !live(); }, 10_s));
  EXPECT_EQ(c.host(leader).replica().term(), term);
}

}  // namespace
}  // namespace vigie::actors::test
