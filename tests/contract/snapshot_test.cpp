// Snapshots and compaction, over both journals.
#include <gtest/gtest.h>

#include "tests/contract/journal_fixture.hpp"

namespace vigie::storage {
namespace {

template <class PlaceKind>
class SnapshotContract : public JournalSuite<PlaceKind> {};
TYPED_TEST_SUITE(SnapshotContract, Places, PlaceNames);

TYPED_TEST(SnapshotContract, FinishedSnapshotIsReadBackInChunks) {
  ASSERT_OK(this->journal().write(append(1, 10, 1)));
  SnapshotMeta meta = meta_at(this->journal(), 6, 1);
  ASSERT_OK(take_snapshot(this->journal(), meta, {"abc", "", "defg"}));
  meta.bytes = 7;
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.snapshot(), meta);
    EXPECT_EQ(journal.read_snapshot_chunk(0).value(), "abc");
    EXPECT_EQ(journal.read_snapshot_chunk(1).value(), "");
    EXPECT_EQ(journal.read_snapshot_chunk(2).value(), "defg");
    EXPECT_EQ(journal.read_snapshot_chunk(3).value(), "");
    expect_log(journal, entries(1, 10, 1));
  });
  EXPECT_EQ(this->journal().recovered().snapshot, meta);
}

TYPED_TEST(SnapshotContract, NewSnapshotReplacesTheOld) {
  ASSERT_OK(this->journal().write(append(1, 10, 1)));
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 3, 1), {"old", "older"}));
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 8, 1), {"new"}));
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.snapshot()->index, LogIndex{8});
    EXPECT_EQ(journal.read_snapshot_chunk(0).value(), "new");
    EXPECT_EQ(journal.read_snapshot_chunk(1).value(), "");
  });
  EXPECT_ERRC(take_snapshot(this->journal(), meta_at(this->journal(), 7, 1), {"x"}),
              Errc::bad_value);
}

TYPED_TEST(SnapshotContract, UnfinishedSnapshotIsInvisibleAndDropped) {
  ASSERT_OK(this->journal().write(append(1, 10, 1)));
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 3, 1), {"done"}));
  ASSERT_OK(this->journal().write_snapshot_chunk(0, "half"));
  ASSERT_OK(this->journal().write_snapshot_chunk(1, "made"));
  EXPECT_EQ(this->journal().read_snapshot_chunk(0).value(), "done");
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.snapshot()->index, LogIndex{3});
    EXPECT_EQ(journal.read_snapshot_chunk(0).value(), "done");
    EXPECT_EQ(journal.read_snapshot_chunk(1).value(), "");
  });
  EXPECT_ERRC(this->journal().write_snapshot_chunk(2, "late"), Errc::bad_value);
}

TYPED_TEST(SnapshotContract, AbandonedChunksDoNotComeBack) {
  ASSERT_OK(this->journal().write(append(1, 4, 1)));
  ASSERT_OK(this->journal().write_snapshot_chunk(0, "a"));
  ASSERT_OK(this->journal().write_snapshot_chunk(1, "b"));
  ASSERT_OK(this->journal().abandon_snapshot());
  EXPECT_ERRC(this->journal().write_snapshot_chunk(2, "c"), Errc::bad_value);
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 4, 1), {"only"}));
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.read_snapshot_chunk(0).value(), "only");
    EXPECT_EQ(journal.read_snapshot_chunk(1).value(), "");
  });
}

TYPED_TEST(SnapshotContract, BeginningAnewDropsTheChunksBefore) {
  ASSERT_OK(this->journal().write(append(1, 4, 1)));
  ASSERT_OK(this->journal().write_snapshot_chunk(0, "aaaa"));
  ASSERT_OK(this->journal().write_snapshot_chunk(1, "bbbb"));
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 4, 1), {"new"}));
  EXPECT_EQ(this->journal().read_snapshot_chunk(1).value(), "");
  EXPECT_OK(this->journal().verify());
}

TYPED_TEST(SnapshotContract, SnapshotOfOtherSizeThanWrittenIsRefused) {
  ASSERT_OK(this->journal().write(append(1, 4, 1)));
  ASSERT_OK(this->journal().write_snapshot_chunk(0, "abc"));
  SnapshotMeta meta = meta_at(this->journal(), 4, 1);
  meta.bytes = 4;
  EXPECT_ERRC(this->journal().finish_snapshot(meta), Errc::bad_value);
  EXPECT_FALSE(this->journal().snapshot());
}

TYPED_TEST(SnapshotContract, SnapshotAfterWhichNoIndexIsLeftIsRefused) {
  ASSERT_OK(this->journal().write_snapshot_chunk(0, "abc"));
  const SnapshotMeta meta{{UINT64_MAX}, {1}, {}, 3};
  EXPECT_ERRC(this->journal().finish_snapshot(meta), Errc::bad_value);
}

TYPED_TEST(SnapshotContract, SnapshotBeyondTheLogReplacesIt) {
  ASSERT_OK(this->journal().write(append(1, 5, 1)));
  const SnapshotMeta meta{{100}, {7}, {11, 12}, 0};
  ASSERT_OK(take_snapshot(this->journal(), meta, {"state"}));
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.first_index(), LogIndex{101});
    EXPECT_EQ(journal.last_index(), LogIndex{100});
    EXPECT_EQ(journal.chain({100}).value(), (Bits128{11, 12}));
    EXPECT_ERRC(journal.read({5}, {5}, no_limit), Errc::not_found);
  });
  EXPECT_ERRC(this->journal().write(append(100, 101, 7)), Errc::bad_value);
  ASSERT_OK(this->journal().write(append(101, 103, 7)));
  const Bits128 chain = chain_step({11, 12}, entries(101, 101, 7).front());
  this->now_and_reopened([&](const Journal& journal) {
    expect_log(journal, entries(101, 103, 7));
    EXPECT_EQ(journal.chain({101}).value(), chain);
  });
  // The first entry after a snapshot can be replaced too.
  ASSERT_OK(this->journal().write(append(101, 101, 8)));
  this->now_and_reopened(
      [&](const Journal& journal) { expect_log(journal, entries(101, 101, 8)); });
}

TYPED_TEST(SnapshotContract, SnapshotOfAnotherTermReplacesTheLog) {
  ASSERT_OK(this->journal().write(append(1, 9, 1)));
  ASSERT_OK(take_snapshot(this->journal(), {{5}, {2}, {1, 1}, 0}, {"state"}));
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.first_index(), LogIndex{6});
    EXPECT_EQ(journal.last_index(), LogIndex{5});
  });
}

TYPED_TEST(SnapshotContract, SnapshotOfAnotherHistoryInTheSameTermIsCorruption) {
  ASSERT_OK(this->journal().write(append(1, 9, 1)));
  EXPECT_ERRC(take_snapshot(this->journal(), {{5}, {1}, {1, 1}, 0}, {"state"}), Errc::corrupt);
  this->now_and_reopened([&](const Journal& journal) { expect_log(journal, entries(1, 9, 1)); });
}

TYPED_TEST(SnapshotContract, CompactionNeverPassesTheSnapshot) {
  for (std::uint64_t i = 1; i <= 20; i += 2) ASSERT_OK(this->journal().write(append(i, i + 1, 1)));
  ASSERT_OK(this->journal().compact({10}));
  EXPECT_EQ(this->journal().first_index(), LogIndex{1});
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 11, 1), {"s"}));
  ASSERT_OK(this->journal().compact({6}));
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.first_index(), LogIndex{5});
    expect_log(journal, entries(5, 20, 1));
    EXPECT_ERRC(journal.read({4}, {20}, no_limit), Errc::not_found);
  });
  ASSERT_OK(this->journal().compact({20}));
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.first_index(), LogIndex{11});
    expect_log(journal, entries(11, 20, 1));
  });
}

TYPED_TEST(SnapshotContract, WholeLogCanBeCompactedAndGrowsOn) {
  ASSERT_OK(this->journal().write(append(1, 6, 1)));
  const Bits128 chain = this->journal().chain({6}).value();
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 6, 1), {"s"}));
  ASSERT_OK(this->journal().compact({7}));
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(journal.first_index(), LogIndex{7});
    EXPECT_EQ(journal.last_index(), LogIndex{6});
    EXPECT_EQ(journal.chain({6}).value(), chain);
  });
  ASSERT_OK(this->journal().write(append(7, 8, 2)));
  this->now_and_reopened([&](const Journal& journal) {
    expect_log(journal, entries(7, 8, 2));
    EXPECT_EQ(journal.chain({7}).value(), chain_step(chain, entries(7, 7, 2).front()));
  });
}

TYPED_TEST(SnapshotContract, OverwriteCutsABatchThatCompactionKept) {
  ASSERT_OK(this->journal().write(append(1, 4, 1)));
  ASSERT_OK(this->journal().write(append(5, 12, 1)));
  ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 7, 1), {"s"}));
  ASSERT_OK(this->journal().compact({8}));
  EXPECT_EQ(this->journal().first_index(), LogIndex{5});
  EXPECT_ERRC(this->journal().write(append(7, 8, 2)), Errc::bad_value);
  ASSERT_OK(this->journal().write(append(8, 9, 2)));
  std::vector<LogEntry> wanted = entries(5, 7, 1);
  for (const LogEntry& one : entries(8, 9, 2)) wanted.push_back(one);
  this->now_and_reopened([&](const Journal& journal) { expect_log(journal, wanted); });
}

TYPED_TEST(SnapshotContract, UsageIsCounted) {
  ASSERT_OK(this->journal().write(append(1, 100, 1)));
  EXPECT_GT(this->journal().usage().bytes, 1000u);
  EXPECT_GT(this->journal().usage().free_bytes, 1000u);
}

}  // namespace
}  // namespace vigie::storage
