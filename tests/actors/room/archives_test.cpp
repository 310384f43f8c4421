// Exams that close while a centre is away must be in its archive before it counts again (D13).
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {
namespace {

using Records = std::vector<storage::ArchiveRecord>;

Records archive_of(Node& node) {
  Records records;
  const auto journal = storage::open_memory(node.disk, storage::OpenMode::read, {});
  EXPECT_TRUE(journal) << journal.error().what;
  EXPECT_TRUE(
      (*journal)->scan_archive({}, [&](const auto& r) { return records.push_back(r), true; }));
  return records;
}

room::ArchiveEnd end_of(const Records& records) {
  room::ArchiveEnd end;
  for (const auto& r : records) end.add(r.index, r.exam, r.bytes);
  return end;
}

/// A centre was away while exams closed and the log of that time was given up.
struct Absence {
  Absence(std::uint64_t seed = 1)
      : c({.snapshot_log_bytes = 64 * 1024, .trailing_bytes = 16 * 1024}, seed) {
    c.elect();
    Directory quick = directory();
    quick.version = 2;
    quick.rules.close_after = 1_s;
    (void)c.local(c.leader(), ApplyDirectory{quick});
    close_exams("before", 20);
    away = c.follower();
    c.kill(away);
    c.elect();
    const LogIndex since = c.host(c.leader()).room().applied();
    close_exams("missed", 400);
    close_exams("later", 400);  // so that there is a snapshot after those have closed
    c.run(4_s);
    EXPECT_GT(c.host(c.leader()).replica().log().base(), LogIndex{since.value + 500});
    EXPECT_GT(c.host(c.leader()).room().archive_end().count, 600u);
  }

  OrderKey submit(const std::string& number, std::size_t bytes) {
    Request request = order(number);
    request.images_complete = false;  // so that it may still be cancelled
    request.sealed.resize(std::max(bytes, request.sealed.size()), '.');
    (void)c.local(c.leader(), Submit{{request}, "M" + request.key.number});
    return request.key;
  }

  void close_exams(const std::string& name, int count, std::size_t bytes = 0) {
    for (int i = 0; i < count; ++i) {
      const OrderKey key = submit(name + std::to_string(i), bytes);
      (void)c.local(c.leader(), Cancel{{{}, key}, "test"});
      if (i % 4 == 0) c.run(2_ms);
    }
    c.run(3_s);
  }

  bool all_archives_are_whole() {
    if (!c.agrees(30_s)) return false;
    c.run(1_s);
    for (SiteId site : {lyon, bordeaux, marseille}) {
      const Host& host = c.host(site);
      if (!host.is_archive_complete()) return false;
      if (end_of(archive_of(c.at(site))) != host.room().archive_end()) return false;
    }
    return true;
  }

  std::unique_ptr<storage::Journal> open(SiteId site) {
    auto journal = storage::open_memory(c.at(site).disk, storage::OpenMode::write,
                                        {"test", std::to_string(site.value), {0, site.value}, {}});
    EXPECT_TRUE(journal) << journal.error().what;
    return std::move(*journal);
  }

  /// A record on a site's disk is another from now on, with checks that check.
  void forge(SiteId site) {
    c.kill(site);
    {
      const auto journal = open(site);
      Records records = archive_of(c.at(site));
      ASSERT_GT(records.size(), 200u);
      storage::WriteBatch batch;
      batch.archive = {records[200]};  // well behind its snapshot: not made again
      batch.archive[0].bytes.back() = static_cast<char>(batch.archive[0].bytes.back() ^ 1);
      ASSERT_TRUE(journal->write(batch));
    }
    c.start(site);
    c.elect();
  }

  SiteId other_than(SiteId site) const {
    for (SiteId s : {lyon, bordeaux, marseille}) {
      if (s != site && s != away) return s;
    }
    return {};
  }

  Cluster c;
  SiteId away;
};

TEST(Archives, WhatClosedWhileANodeWasAwayIsInItsArchiveToo) {
  Absence a;
  a.c.start(a.away);
  EXPECT_TRUE(a.c.run_until([&] { return !a.c.host(a.away).is_archive_complete(); }));
  EXPECT_TRUE(a.all_archives_are_whole());
  EXPECT_GE(a.c.at(a.away).fresh, 2u) << "it came by a snapshot";
  a.close_exams("after", 10);
  a.c.kill(a.away);
  a.c.start(a.away);
  EXPECT_TRUE(a.all_archives_are_whole()) << "also after a restart";
}

TEST(Archives, ASnapshotCountsOnlyOnceTheArchiveIsWhole) {
  Absence a;
  a.c.start(a.away);
  a.c.run_until([&] { return !a.c.host(a.away).is_archive_complete(); });
  while (!a.c.host(a.away).is_archive_complete()) {
    const auto journal = storage::open_memory(a.c.at(a.away).disk, storage::OpenMode::read, {});
    const auto snapshot = (*journal)->snapshot();
    const auto from = a.c.host(a.away).room().applied();
    if (snapshot && snapshot->index > from) {  // durable, not yet loaded
      EXPECT_GT(archive_of(a.c.at(a.away)).size(), 600u);
    }
    a.c.run(1_ms);
  }
  EXPECT_TRUE(a.all_archives_are_whole());
}

TEST(Archives, ACrashAtAnyMomentOfTheFetchLosesNothing) {
  std::set<std::string> found;  // what the crashes left
  for (int moment = 0; moment < 12; ++moment) {
    Absence a(static_cast<std::uint64_t>(moment + 1));
    const std::size_t held = archive_of(a.c.at(a.away)).size();
    a.c.start(a.away);
    ASSERT_TRUE(a.c.run_until([&] { return !a.c.host(a.away).is_archive_complete(); }));
    a.c.run(Millis{moment});
    a.c.kill(a.away);
    const std::size_t now = archive_of(a.c.at(a.away)).size();
    found.insert(now == held ? "nothing" : now > held + 300 ? "all" : "some");
    a.c.start(a.away);
    ASSERT_TRUE(a.all_archives_are_whole()) << "killed " << moment << " ms into the fetch";
  }
  EXPECT_TRUE(found.contains("nothing"));
  EXPECT_TRUE(found.contains("all"));
}

TEST(Archives, APeerThatDiesOrLosesFramesMeanwhileIsReplaced) {
  Absence a;
  a.c.lose(5);
  a.c.start(a.away);
  ASSERT_TRUE(a.c.run_until([&] { return !a.c.host(a.away).is_archive_complete(); }));
  a.c.kill(a.c.leader() ? a.c.leader() : a.other_than({}));
  a.c.run(4_s);
  a.c.lose(0);
  for (SiteId site : {lyon, bordeaux, marseille}) {
    if (!a.c.at(site).is_up()) a.c.start(site);
  }
  EXPECT_TRUE(a.all_archives_are_whole());
}

TEST(Archives, APeerThatLiesIsRefusedByHashAndAnotherAsked) {
  Absence a;
  const SiteId liar = a.c.leader();
  const SiteId honest = a.other_than(liar);
  a.forge(liar);
  for (int i = 0; i < 20 && a.c.leader() != liar; ++i) {  // whoever leads is asked first
    a.c.kill(honest);
    a.c.run(1_s);
    a.c.start(honest);
    a.c.elect();
  }
  ASSERT_EQ(a.c.leader(), liar);
  a.c.start(a.away);
  ASSERT_TRUE(a.c.agrees(30_s));
  a.c.run(1_s);
  EXPECT_TRUE(a.c.host(a.away).is_archive_complete());
  EXPECT_TRUE(archive_of(a.c.at(a.away)) == archive_of(a.c.at(honest)));
  EXPECT_FALSE(archive_of(a.c.at(a.away)) == archive_of(a.c.at(liar)));
}

TEST(Archives, WhenNobodyTellsTheTruthANodeStaysBehindAndTheOthersGoOn) {
  Absence a;
  const SiteId one = a.c.leader();
  a.forge(one);
  a.forge(a.other_than(one));
  const Records held = archive_of(a.c.at(a.away));
  a.c.start(a.away);
  a.c.run(8_s);
  const LogIndex base = a.c.host(a.c.leader()).replica().log().base();
  a.close_exams("meanwhile", 2000);
  EXPECT_FALSE(a.c.host(a.away).is_archive_complete());
  EXPECT_TRUE(archive_of(a.c.at(a.away)) == held) << "nothing unchecked is in its archive";
  EXPECT_GT(a.c.host(a.c.leader()).replica().log().base(), base) << "the log is still compacted";
}

/// The leader has a later snapshot than the other one who is up, of several chunks, of which only
/// the first reaches the one who was away.
struct TwoSnapshots : Absence {
  TwoSnapshots() : later(c.leader()), earlier(other_than(later)) {
    c.kill(earlier);
    c.at(earlier).makes_snapshots = false;
    c.start(earlier);
    c.elect();
    EXPECT_EQ(c.leader(), later);
    close_exams("between", 60, limits::sealed_bytes);
    for (int i = 0; i < 60; ++i) {  // they make the snapshot large
      submit("open" + std::to_string(i), limits::sealed_bytes);
      if (i % 4 == 0) c.run(2_ms);
    }
    c.run(2_s);
    EXPECT_GE(c.host(later).replica().snapshot().chunks(), 2u);
    EXPECT_LT(c.at(earlier).snapshot_on_disk(), c.at(later).snapshot_on_disk());
    EXPECT_LT(held_at(earlier), held_at(later));
    c.on_delivery = [this](SiteId from, SiteId to, codec::PeerFrame& frame) {
      if (frame.archive_wish && from == away) wishes.push_back(*frame.archive_wish);
      if (to != away || from != later) return;
      if (frame.archive_chunk && frame.archive_chunk->complete && !ends) {
        frame.archive_chunk.reset();
      }
      std::erase_if(frame.raft, [](const replica::Message& m) {
        const auto* chunk = std::get_if<replica::SnapshotChunk>(&m.body);
        return chunk && chunk->number > 0;
      });
    };
  }

  /// Records in its archive that belong to its snapshot.
  std::size_t held_at(SiteId site) {
    const LogIndex end = c.at(site).snapshot_on_disk();
    const Records all = archive_of(c.at(site));
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& r) { return r.index <= end; }));
  }

  void expect_the_earlier_one_helps() {
    const LogIndex snapshot = c.at(earlier).snapshot_on_disk();
    ASSERT_LT(c.host(away).room().applied(), c.host(earlier).replica().log().base());
    c.kill(later);
    const auto installed = [&] { return c.at(away).snapshot_on_disk() == snapshot; };
    EXPECT_TRUE(c.run_until(installed, 30_s));
    EXPECT_TRUE(c.agrees(30_s));
    EXPECT_EQ(c.leader(), earlier);
    for (const codec::ArchiveWish& wish : wishes) {
      EXPECT_LE(wish.index, next(wish.through)) << "nobody can give that";
    }
    c.start(later);
    EXPECT_TRUE(all_archives_are_whole());
  }

  SiteId later, earlier;
  bool ends = true;  ///< the end of the archive reaches the one who was away
  std::vector<codec::ArchiveWish> wishes;
};

TEST(Archives, AnEarlierSnapshotOfANewLeaderIsInstalledWhenTheArchiveHasMoreAlready) {
  TwoSnapshots t;
  const std::size_t all = t.held_at(t.later);
  t.c.start(t.away);
  ASSERT_TRUE(t.c.run_until([&] { return archive_of(t.c.at(t.away)).size() == all; }));
  ASSERT_FALSE(t.c.host(t.away).is_archive_complete()) << "its snapshot is still under way";
  t.expect_the_earlier_one_helps();
}

TEST(Archives, AnEarlierSnapshotOfANewLeaderIsInstalledWhenTheFetchIsBeyondIt) {
  TwoSnapshots t;
  t.ends = false;
  const LogIndex end = t.c.at(t.earlier).snapshot_on_disk();
  t.c.start(t.away);
  ASSERT_TRUE(t.c.run_until([&] { return !t.wishes.empty() && t.wishes.back().index > end; }));
  t.expect_the_earlier_one_helps();
}

TEST(Archives, NothingIsFetchedOntoADiskThatHasOnlyItsReserve) {
  Absence a;
  const Records held = archive_of(a.c.at(a.away));
  std::size_t wishes = 0;
  a.c.on_delivery = [&](SiteId from, SiteId, codec::PeerFrame& frame) {
    wishes += from == a.away && frame.archive_wish;
  };
  a.c.at(a.away).intake = false;
  a.c.start(a.away);
  a.c.run(8_s);
  EXPECT_EQ(wishes, 0u);
  EXPECT_FALSE(a.c.host(a.away).is_archive_complete());
  EXPECT_TRUE(archive_of(a.c.at(a.away)) == held);
  a.c.at(a.away).intake = true;
  EXPECT_TRUE(a.all_archives_are_whole()) << "it goes on by itself";
  EXPECT_GT(wishes, 0u);
}

TEST(Archives, WhatHasAllComeIsMadeUseOfOnADiskThatHasOnlyItsReserve) {
  Absence a;
  a.c.on_delivery = [&](SiteId, SiteId to, codec::PeerFrame& frame) {
    if (to == a.away && frame.archive_chunk && frame.archive_chunk->complete) {
      a.c.at(to).intake = false;
    }
  };
  a.c.start(a.away);
  EXPECT_TRUE(a.all_archives_are_whole());
  EXPECT_FALSE(a.c.at(a.away).intake);
}

TEST(Archives, AFetchThatTurnsBackKeepsWhatIsPartOfTheArchive) {
  const auto at = [](std::uint64_t index, std::uint64_t count) {
    return room::SnapshotArchive{{index}, {count, {}}};
  };
  ArchiveFetch fetch({800}, at(800, 80).end, at(1000, 80));
  ASSERT_TRUE(fetch.is_complete());
  fetch.keep();
  fetch.aim_at(at(1200, 120));
  EXPECT_FALSE(fetch.is_complete());
  fetch.aim_at(at(1100, 110));
  EXPECT_FALSE(fetch.is_complete());
  EXPECT_EQ(fetch.through(), LogIndex{1100});
  fetch.aim_at(at(900, 80));
  EXPECT_TRUE(fetch.is_complete());
  EXPECT_EQ(fetch.through(), LogIndex{1000});
}

}  // namespace
}  // namespace vigie::actors::test
