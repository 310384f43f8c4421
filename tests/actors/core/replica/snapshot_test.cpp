// Snapshots: made by one site, sent in chunks, installed by another (Raft section 7, figure 13).
#include "tests/actors/core/replica/cluster.hpp"

namespace vigie::replica {
namespace {

/// `site` misses 8 entries that site 1 no longer has.
void fall_behind(Cluster& c, int site, std::uint64_t spare = 0) {
  c.elect(1);
  c.isolate(site);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(c.propose(1, "x"));
    c.deliver();
  }
  c.site(1).compact(c.now(), spare);
  ASSERT_EQ(c[1].snapshot().index, LogIndex{9});
  c.heal();
}

/// Notes the numbers of the chunks that are delivered.
void watch_chunks(Cluster& c, std::vector<std::uint32_t>& numbers) {
  c.lose = [&](const Envelope& e) {
    if (const auto* chunk = body<SnapshotChunk>(e)) numbers.push_back(chunk->number);
    return false;
  };
}

TEST(Snapshot, SlowSiteGetsItInChunksOneByOneAndGoesOnFromThere) {
  Cluster c(3);
  fall_behind(c, 3);
  std::vector<std::uint32_t> numbers;
  watch_chunks(c, numbers);
  c.run(300_ms);
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(c[3].snapshot().index, LogIndex{9});
  EXPECT_EQ(c.site(3).disk.snapshot.index, LogIndex{9});
  ASSERT_TRUE(c.propose(1, "y"));
  c.deliver();
  EXPECT_EQ(c.site(3).applied_index(), LogIndex{10});
  EXPECT_EQ(c.site(3).digest(), c.site(1).digest());
  EXPECT_FALSE(c[1].is_sending_snapshot());
}

TEST(Snapshot, EntriesSparedByTheLeaderSpareTheSnapshot) {
  Cluster c(3);
  fall_behind(c, 3, 9);
  std::vector<std::uint32_t> numbers;
  watch_chunks(c, numbers);
  c.run(300_ms);
  EXPECT_TRUE(numbers.empty());
  EXPECT_EQ(c.site(3).applied_index(), LogIndex{9});
}

TEST(Snapshot, ALostChunkIsSentAgain) {
  Cluster c(3);
  fall_behind(c, 3);
  int chunks = 0;
  c.lose = [&](const Envelope& e) { return body<SnapshotChunk>(e) != nullptr && ++chunks == 2; };
  c.run(3_s);
  EXPECT_EQ(chunks, 4);
  EXPECT_EQ(c.site(3).applied_index(), c[1].commit());
}

TEST(Snapshot, ALostFinalAnswerIsAskedForAgain) {
  Cluster c(3);
  fall_behind(c, 3);
  int answers = 0;
  c.lose = [&](const Envelope& e) {
    const auto* answer = body<AppendAnswer>(e);
    return answer != nullptr && e.from.value == 3 && answer->index == LogIndex{9} && ++answers == 1;
  };
  c.run(3_s);
  EXPECT_GE(answers, 2);
  EXPECT_EQ(c.match(1, 3), c[1].last_index());
}

TEST(Snapshot, NothingIsAcknowledgedBeforeItIsFinishedOnDisk) {
  Cluster c(3);
  fall_behind(c, 3);
  c.hold_disk(3);
  for (int i = 0; i < 4; ++i) c.heartbeat(1);
  while (c.site(3).writes.size() > 0 && !c.site(3).writes.front().finish) {
    c.sync_one(3);
    c.deliver();
  }
  ASSERT_EQ(c.site(3).writes.size(), 1u);
  EXPECT_TRUE(c[3].is_installing());
  EXPECT_LT(c.match(1, 3), LogIndex{9});
  c.crash(3);
  c.restart(3);
  EXPECT_EQ(c[3].last_index(), LogIndex{1}) << "unfinished: it still has its old log";
  c.release_disk(3);
  c.run(3_s);
  EXPECT_EQ(c.site(3).applied_index(), c[1].commit());
}

TEST(Snapshot, EntriesArriveBehindASnapshotThatIsStillBeingWritten) {
  Cluster c(3);
  fall_behind(c, 3);
  for (int i = 0; i < 2; ++i) c.heartbeat(1);
  ASSERT_TRUE(c.propose(1, "y"));
  c.run(1_s);
  EXPECT_EQ(c.site(3).applied_index(), LogIndex{10});
  EXPECT_EQ(c.site(3).digest(), c.history().digest_at(LogIndex{10}));
}

TEST(Snapshot, ANewLeaderStartsItOver) {
  Cluster c(3);
  fall_behind(c, 3);
  c.site(2).compact(c.now(), 0);
  int chunks = 0;
  c.lose = [&](const Envelope& e) { return body<SnapshotChunk>(e) != nullptr && ++chunks > 2; };
  for (int i = 0; i < 4; ++i) c.heartbeat(1);
  ASSERT_TRUE(c[3].is_installing());
  c.crash(1);
  c.lose = {};
  std::vector<std::uint32_t> numbers;
  watch_chunks(c, numbers);
  c.depose_and_elect(2);
  c.run(2_s);
  EXPECT_EQ(numbers, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(c.site(3).applied_index(), c[2].commit());
}

TEST(Snapshot, ANewerOneOfTheSameLeaderReplacesTheOneUnderWay) {
  Cluster c(3);
  fall_behind(c, 3);
  int chunks = 0;
  c.lose = [&](const Envelope& e) { return body<SnapshotChunk>(e) != nullptr && ++chunks > 2; };
  for (int i = 0; i < 4; ++i) c.heartbeat(1);
  ASSERT_TRUE(c[1].is_sending_snapshot());
  ASSERT_TRUE(c.propose(1, "y"));
  c.deliver();
  c.lose = {};
  c.site(1).compact(c.now(), 0);
  c.run(1_s);
  EXPECT_EQ(c[3].snapshot().index, LogIndex{10});
  EXPECT_EQ(c.site(3).applied_index(), LogIndex{10});
}

// Figure 13, step 6: the log already holds the snapshot's last entry, so it stays.
TEST(Snapshot, OneThatTheLogAlreadyCoversOnlyCommits) {
  Cluster c(3);
  c.elect(1);
  c.lose = [](const Envelope& e) { return body<Heartbeat>(e) != nullptr; };
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  ASSERT_EQ(c[3].last_index(), LogIndex{5});
  const LogIndex before = c[3].commit();
  const SnapshotMeta meta{LogIndex{4}, Term{1}, {}, 1};
  c.step(3, 1, {SiteId{3}, Term{1}, SnapshotChunk{meta, 0, Payload("0")}});
  EXPECT_LE(before, c[3].commit());
  EXPECT_EQ(c[3].last_index(), LogIndex{5});
  EXPECT_FALSE(c[3].is_installing());
  EXPECT_EQ(body<AppendAnswer>(c.net().back())->index, LogIndex{4});
}

TEST(Snapshot, ChunksOutOfOrderAreAskedForAgain) {
  Cluster c(3);
  const SnapshotMeta meta{LogIndex{9}, Term{1}, {}, 3 * limits::snapshot_chunk_bytes};
  c.step(3, 1, {SiteId{3}, Term{1}, SnapshotChunk{meta, 1, Payload("0")}});
  EXPECT_EQ(*body<SnapshotAnswer>(c.net().back()), (SnapshotAnswer{LogIndex{9}, 0}));
  c.step(3, 1, {SiteId{3}, Term{1}, SnapshotChunk{meta, 0, Payload("0")}});
  c.step(3, 1, {SiteId{3}, Term{1}, SnapshotChunk{meta, 2, Payload("0")}});
  EXPECT_EQ(*body<SnapshotAnswer>(c.net().back()), (SnapshotAnswer{LogIndex{9}, 1}));
}

TEST(Snapshot, ASiteRestartsFromItsOwn) {
  Cluster c(3);
  c.elect(1);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(c.propose(1, "x"));
  c.deliver();
  c.site(2).compact(c.now(), 0);
  ASSERT_TRUE(c.propose(1, "y"));
  c.deliver();
  c.crash(2);
  c.restart(2);
  EXPECT_EQ(c[2].applied(), LogIndex{6});
  EXPECT_EQ(c[2].last_index(), LogIndex{7});
  c[1].peer_up(c.now(), SiteId{2});
  c.run(1_s);
  EXPECT_EQ(c.site(2).digest(), c.site(1).digest());
}

TEST(Snapshot, ALearnerStartsFromOne) {
  Cluster c(3, 1);
  fall_behind(c, 4);
  c.run(1_s);
  EXPECT_EQ(c.site(4).applied_index(), LogIndex{9});
}

}  // namespace
}  // namespace vigie::replica
