// What the memory twin can do to a journal, and what the journal then says.
#include <gtest/gtest.h>

#include "storage/journal/record.hpp"
#include "tests/contract/journal_fixture.hpp"

namespace vigie::storage {
namespace {

class MemoryFaults : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    auto opened = open_memory(disk_, OpenMode::write, lyon());
    if (!opened) throw std::runtime_error{failure(opened)};  // nothing to go on with
    journal_ = std::move(*opened);
  }
  MemoryDisk disk_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(MemoryFaults, CrashLosesWhatWasNotSynced) {
  disk_.hold_sync(true);
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  ASSERT_OK(journal_->write(append(4, 5, 1)));
  WriteBatch third = append(6, 6, 1);
  third.hard = HardState{{1}, {2}};
  ASSERT_OK(journal_->write(third));
  EXPECT_EQ(disk_.staged_count(), 3u);
  disk_.sync(2);
  disk_.crash();
  EXPECT_ERRC(journal_->write(append(7, 7, 1)), Errc::io_error);
  open();
  expect_log(*journal_, entries(1, 5, 1));
  EXPECT_EQ(journal_->recovered().hard, HardState{});
  EXPECT_OK(journal_->verify());
}

TEST_F(MemoryFaults, ProcessEndWithoutCrashLosesNothing) {
  disk_.hold_sync(true);
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  journal_.reset();
  open();
  expect_log(*journal_, entries(1, 3, 1));
}

TEST_F(MemoryFaults, TornWriteIsDroppedWholeAtWhateverByteItTears) {
  ASSERT_OK(journal_->write(append(1, 4, 1)));
  disk_.hold_sync(true);
  WriteBatch second = append(3, 5, 2);  // cuts, puts, and changes the hard state
  second.hard = HardState{{2}, {1}};
  std::uint64_t whole = 1;
  for (std::uint64_t kept = 0; kept <= whole; ++kept) {
    MemoryDisk copy = disk_.image();
    auto opened = open_memory(copy, OpenMode::write, lyon());
    ASSERT_OK(opened);
    copy.hold_sync(true);
    ASSERT_OK((*opened)->write(second));
    whole = copy.staged_bytes();
    copy.crash(kept);
    auto after = open_memory(copy, OpenMode::write, lyon());
    ASSERT_OK(after);
    const bool survived = kept == whole;
    EXPECT_EQ((*after)->recovered().hard, survived ? *second.hard : HardState{});
    EXPECT_EQ((*after)->last_index(), LogIndex{survived ? 5u : 4u});
    EXPECT_OK((*after)->verify());
  }
}

TEST_F(MemoryFaults, CrashInASnapshotKeepsTheOldOne) {
  ASSERT_OK(journal_->write(append(1, 9, 1)));
  ASSERT_OK(take_snapshot(*journal_, meta_at(*journal_, 3, 1), {"old"}));
  disk_.hold_sync(true);
  ASSERT_OK(take_snapshot(*journal_, meta_at(*journal_, 6, 1), {"new", "newer"}));
  disk_.crash(disk_.staged_bytes() - 1);
  open();
  EXPECT_EQ(journal_->snapshot()->index, LogIndex{3});
  EXPECT_EQ(journal_->read_snapshot_chunk(0).value(), "old");
  EXPECT_OK(journal_->verify());
}

TEST_F(MemoryFaults, UnfinishedSnapshotLeavesNothingBehindAfterAStart) {
  ASSERT_OK(journal_->write(append(1, 9, 1)));
  const std::uint64_t before = disk_.bytes();
  ASSERT_OK(journal_->write_snapshot_chunk(0, "half"));
  ASSERT_OK(journal_->write_snapshot_chunk(1, "made"));
  EXPECT_GT(disk_.bytes(), before);
  journal_.reset();
  open();
  EXPECT_EQ(disk_.bytes(), before);
}

TEST_F(MemoryFaults, FullDiskFailsTheWriteAndEveryLaterOne) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  disk_.fill_at(disk_.bytes() + 100);
  EXPECT_ERRC(journal_->write(append(4, 20, 1)), Errc::disk_full);
  EXPECT_ERRC(journal_->write(append(4, 4, 1)), Errc::disk_full);
  EXPECT_EQ(journal_->last_index(), LogIndex{3});
  expect_log(*journal_, entries(1, 3, 1));
  disk_.crash();
  open();
  EXPECT_LE(journal_->usage().free_bytes, 100u);
  expect_log(*journal_, entries(1, 3, 1));
}

TEST_F(MemoryFaults, FailedWriteChangesNothingAndEndsTheJournal) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  disk_.fail_once(1);
  ASSERT_OK(journal_->write(append(4, 4, 1)));
  EXPECT_ERRC(journal_->write(append(2, 5, 2)), Errc::io_error);
  EXPECT_ERRC(journal_->write(append(5, 5, 1)), Errc::io_error);
  expect_log(*journal_, entries(1, 4, 1));
  journal_.reset();
  open();
  expect_log(*journal_, entries(1, 4, 1));
  EXPECT_OK(journal_->write(append(5, 5, 1)));
}

TEST_F(MemoryFaults, RottenByteAnywhereInABatchIsFound) {
  for (std::uint64_t i = 1; i <= 9; i += 3) ASSERT_OK(journal_->write(append(i, i + 2, 1)));
  const std::size_t batch_bytes = 3 * (record_overhead + std::string{"entry 4/1"}.size());
  for (std::size_t at = 0; at < batch_bytes; ++at) {
    MemoryDisk copy = disk_.image();
    auto opened = open_memory(copy, OpenMode::write, lyon());
    ASSERT_OK(opened);
    ASSERT_TRUE(copy.rot_log({5}, at));
    EXPECT_ERRC((*opened)->read({1}, {9}, no_limit), Errc::corrupt);
    EXPECT_ERRC((*opened)->verify(), Errc::corrupt);
    EXPECT_OK((*opened)->read({1}, {3}, no_limit));
    EXPECT_OK((*opened)->read({7}, {9}, no_limit));
  }
}

TEST_F(MemoryFaults, CorruptionNamesTheEntry) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  ASSERT_OK(journal_->write(append(4, 9, 1)));
  ASSERT_TRUE(disk_.rot_log({6}, 2 * (record_overhead + 9) + 20));
  const auto read = journal_->read({4}, {9}, no_limit);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().what.find("log entry 6"), std::string::npos) << read.error().what;
}

TEST_F(MemoryFaults, RottenTailIsRefusedAtOpen) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  ASSERT_OK(journal_->write(append(4, 6, 1)));
  journal_.reset();
  ASSERT_TRUE(disk_.rot_log({6}, 100));
  EXPECT_ERRC(open_memory(disk_, OpenMode::write, lyon()), Errc::corrupt);
}

TEST_F(MemoryFaults, RottenNodeRecordIsRefusedAtOpen) {
  WriteBatch batch;
  batch.hard = HardState{{3}, {1}};
  ASSERT_OK(journal_->write(batch));
  for (const std::string name : {"hard", "identity"}) {
    for (std::size_t at = 0; at < 14; ++at) {
      MemoryDisk copy = disk_.image();
      ASSERT_TRUE(copy.rot(Column::node, name, at));
      EXPECT_ERRC(open_memory(copy, OpenMode::write, lyon()), Errc::corrupt);
    }
  }
}

TEST_F(MemoryFaults, RottenSnapshotIsFoundByReadAndVerify) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  ASSERT_OK(take_snapshot(*journal_, meta_at(*journal_, 3, 1), {"first", "second"}));
  ASSERT_TRUE(disk_.rot_snapshot(1, 7));
  EXPECT_OK(journal_->read_snapshot_chunk(0));
  EXPECT_ERRC(journal_->read_snapshot_chunk(1), Errc::corrupt);
  EXPECT_ERRC(journal_->verify(), Errc::corrupt);
}

TEST_F(MemoryFaults, RottenArchiveIsFound) {
  WriteBatch batch;
  batch.archive = {{{5}, {7}, "seven"}};
  ASSERT_OK(journal_->write(batch));
  ASSERT_TRUE(disk_.rot(Column::archive, "j", 6));  // the last "i..." key
  EXPECT_ERRC(journal_->archived({7}), Errc::corrupt);
  EXPECT_ERRC(journal_->verify(), Errc::corrupt);
}

TEST_F(MemoryFaults, ExchangedEntryBreaksTheChain) {
  // The same indexes with another payload, well formed: another node's disk, say.
  ASSERT_OK(journal_->write(append(1, 2, 1)));
  MemoryDisk other = disk_.image();
  auto opened = open_memory(other, OpenMode::write, lyon());
  ASSERT_OK(opened);
  ASSERT_OK(journal_->write(append(3, 3, 1)));
  ASSERT_OK((*opened)->write(append(3, 3, 2)));
  ASSERT_OK(journal_->write(append(4, 4, 1)));
  ASSERT_OK((*opened)->write(append(4, 4, 1)));
  ASSERT_TRUE(disk_.exchange_log(other, {3}));
  EXPECT_ERRC(journal_->verify(), Errc::corrupt);
  EXPECT_OK((*opened)->verify());
}

TEST_F(MemoryFaults, LostBatchIsRefusedAtOpenOrRead) {
  for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_OK(journal_->write(append(i, i, 1)));
  journal_.reset();
  for (std::uint64_t lost = 1; lost <= 4; ++lost) {
    MemoryDisk copy = disk_.image();
    ASSERT_TRUE(copy.lose_log({lost}));
    auto opened = open_memory(copy, OpenMode::write, lyon());
    if (opened) {
      EXPECT_ERRC((*opened)->verify(), Errc::corrupt);
      EXPECT_ERRC((*opened)->read({1}, {5}, no_limit), Errc::corrupt);
    } else {
      EXPECT_EQ(opened.error().code, Errc::corrupt);
    }
  }
}

TEST_F(MemoryFaults, ImageIsAnOldStateToRollBackTo) {
  ASSERT_OK(journal_->write(append(1, 2, 1)));
  const MemoryDisk backup = disk_.image();
  ASSERT_OK(journal_->write(append(3, 4, 1)));
  journal_.reset();
  disk_ = backup;
  open();
  expect_log(*journal_, entries(1, 2, 1));
}

}  // namespace
}  // namespace vigie::storage
