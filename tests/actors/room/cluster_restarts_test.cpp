// Snapshots and restarts at three centres.
#include <gtest/gtest.h>

#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

TEST(Snapshots, AreMadeBeforeTheLogIsFullHoweverLargeTheRoom) {
  Cluster c({.snapshot_log_bytes = 16 * 1024, .trailing_bytes = 1024, .log_bytes_max = 128 * 1024});
  c.elect();
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  for (int i = 0; i < 500; ++i) {
    Submit submit = one("A" + std::to_string(i));
    submit.requests[0].sealed.assign(1000, 'x');
    ASSERT_EQ(requester.ask(submit).code, Errc::ok) << i;
  }
}

TEST(Cluster, AFollowerThatWasAwayLongInstallsTheSnapshot) {
  Cluster c({.snapshot_log_bytes = 64 * 1024, .trailing_bytes = 16 * 1024});
  c.elect();
  const SiteId away = c.follower();
  c.kill(away);
  c.elect();
  const SiteId leader = c.leader();
  for (int i = 0; i < 600; ++i) {
    (void)c.local(leader, one("S" + std::to_string(i)));
    c.run(2_ms);
  }
  c.run(3_s);
  ASSERT_GT(c.host(leader).replica().log().base(), LogIndex{200});
  c.start(away);
  for (int i = 0; i < 300; ++i) {  // under load
    (void)c.local(leader, one("T" + std::to_string(i)));
    c.run(2_ms);
  }
  EXPECT_TRUE(c.agrees());
  EXPECT_GE(c.at(away).fresh, 2u);  // at its start, and after the snapshot
  EXPECT_EQ(exams_numbered(c.host(away), "S0"), 1u);
  EXPECT_EQ(exams_numbered(c.host(away), "T299"), 1u);
  c.kill(away);  // what it installed is on its disk
  c.start(away);
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, AnOwnSnapshotThatIsDoneWhileAnotherArrivesIsKnown) {
  Cluster c({.snapshot_log_bytes = 64 * 1024, .trailing_bytes = 16 * 1024});
  c.elect();
  const SiteId site = c.follower(), leader = c.leader();
  c.at(site).disk_held = true;
  for (int i = 0; !c.at(site).finishing() && i < 600; ++i) {
    (void)c.local(leader, one("S" + std::to_string(i)));
    c.run(2_ms);
  }
  ASSERT_TRUE(c.at(site).finishing());
  const SnapshotMeta theirs{{100'000}, c.host(site).replica().term(), {}, 3'000'000};
  auto frame = frame_of(c, leader, site);
  room::Room room;
  while (room.applied() < theirs.index) room.skip(next(room.applied()));
  room.begin_snapshot();
  frame.raft.push_back(
      {site, theirs.term,
       replica::SnapshotChunk{theirs, 0, Payload(room.next_snapshot_piece(100'000))}});
  c.deliver_frame(site, leader, frame);
  c.at(site).work();
  c.at(site).disk_held = false;
  c.at(site).work();
  ASSERT_GT(c.at(site).snapshot_on_disk(), LogIndex{});
  EXPECT_EQ(c.host(site).replica().snapshot().index, c.at(site).snapshot_on_disk());
  EXPECT_GT(c.host(site).replica().log().base(), LogIndex{});
}

TEST(Cluster, ARestartFromTheJournalsGivesTheSameDigest) {
  Cluster c({.snapshot_log_bytes = 32 * 1024, .trailing_bytes = 8 * 1024});
  c.elect();
  for (int i = 0; i < 200; ++i) {
    (void)c.local(lyon, one("R" + std::to_string(i)));
    c.run(3_ms);
  }
  ASSERT_TRUE(c.agrees());
  for (SiteId site : {lyon, bordeaux, marseille}) c.kill(site);
  for (SiteId site : {lyon, bordeaux, marseille}) c.start(site);
  c.elect();
  ASSERT_TRUE(c.agrees());
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(exams_numbered(c.host(lyon), "R" + std::to_string(i)), 1u);
  }
}

/// Kills all three, lets 10 s pass and UTC be an hour off, starts them again. @return by how much
/// the stamps then are ahead of the time that passed.
Millis moved_by_a_restart(Cluster& c) {
  c.elect();
  const auto before = c.local(lyon, one("A"));
  c.require([&] { return !before->empty(); });
  c.run(30_s);  // idle: the last entry's arrival is long ago
  const FedTime at = c.host(lyon).room().now();
  const BootTime then = c.now().boot;
  for (SiteId site : {lyon, bordeaux, marseille}) c.kill(site);
  c.run(10_s);
  c.utc_error = 3600_s;
  for (SiteId site : {lyon, bordeaux, marseille}) c.start(site);
  c.elect();
  const auto after = c.local(lyon, one("B"));
  c.require([&] { return !after->empty(); });
  return (c.host(lyon).room().now() - at) - (c.now().boot - then);
}

TEST(Cluster, ARestartedProcessKeepsFederationTimeWhateverUtcSays) {
  Cluster c;
  const Millis moved = moved_by_a_restart(c);
  EXPECT_GE(moved, 0_ms);
  EXPECT_LE(moved, 31_s) << "at most what passed since the last stamp was applied";
}

TEST(Cluster, AfterTheMachineBootedUtcSaysHowLongItWasAway) {
  Cluster c;
  c.machine_boot = "";  // nor is an unknown one ever the same
  EXPECT_GE(moved_by_a_restart(c), 3600_s - 31_s);
}

TEST(Cluster, WhatTheDiskHadNotDoneWhenTheNodeDiedIsNotMissed) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Cluster c({}, seed);
    c.elect();
    const SiteId slow = c.follower();
    c.at(slow).disk_held = true;
    for (int i = 0; i < 20; ++i) (void)c.local(c.leader(), one("D" + std::to_string(i)));
    c.run(200_ms);
    c.kill(slow);
    c.at(slow).disk_held = false;
    c.start(slow);
    EXPECT_TRUE(c.agrees());
    EXPECT_EQ(exams_numbered(c.host(slow), "D19"), 1u);
  }
}

}  // namespace
}  // namespace vigie::actors::test
