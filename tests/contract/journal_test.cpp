// What every journal must do, over both implementations.
#include <gtest/gtest.h>

#include "tests/contract/journal_fixture.hpp"

namespace vigie::storage {
namespace {

template <class PlaceKind>
class JournalContract : public JournalSuite<PlaceKind> {};
TYPED_TEST_SUITE(JournalContract, Places, PlaceNames);

TYPED_TEST(JournalContract, NewJournalIsEmpty) {
  const Recovered& found = this->journal().recovered();
  EXPECT_EQ(found.identity, (Identity{"france", "lyon", {1, 2}, {1}}));
  EXPECT_EQ(found.hard, HardState{});
  EXPECT_FALSE(found.snapshot);
  EXPECT_EQ(found.first_index, LogIndex{1});
  EXPECT_EQ(found.last_index, LogIndex{0});
  EXPECT_EQ(found.archive_index, LogIndex{0});
  EXPECT_EQ(this->journal().chain({0}).value(), Bits128{});
  EXPECT_ERRC(this->journal().read({1}, {1}, no_limit), Errc::not_found);
  EXPECT_OK(this->journal().verify());
}

TYPED_TEST(JournalContract, AppendedEntriesAreReadBackAlsoAfterReopening) {
  ASSERT_OK(this->journal().write(append(1, 3, 1)));
  ASSERT_OK(this->journal().write(append(4, 4, 1)));
  ASSERT_OK(this->journal().write(append(5, 9, 2)));
  std::vector<LogEntry> wanted = entries(1, 4, 1);
  for (const LogEntry& one : entries(5, 9, 2)) wanted.push_back(one);
  expect_log(this->journal(), wanted);
  this->reopen();
  expect_log(this->journal(), wanted);
  EXPECT_EQ(this->journal().recovered().first_index, LogIndex{1});
  EXPECT_EQ(this->journal().recovered().last_index, LogIndex{9});
  EXPECT_OK(this->journal().verify());
}

TYPED_TEST(JournalContract, KindAndEmptyPayloadSurvive) {
  WriteBatch batch;
  batch.entries = {{{1}, {1}, EntryKind::noop, {}},
                   {{2}, {1}, EntryKind::configuration, Payload{std::string("\0\xff\n", 3)}}};
  ASSERT_OK(this->journal().write(batch));
  this->reopen();
  expect_log(this->journal(), batch.entries);
}

TYPED_TEST(JournalContract, ReadStopsBeforeItsLimitButGivesOneEntry) {
  WriteBatch batch;
  for (std::uint64_t i = 1; i <= 5; ++i) batch.entries.push_back(entry(i, 1, std::string(10, 'x')));
  ASSERT_OK(this->journal().write(batch));
  EXPECT_EQ(this->journal().read({1}, {5}, 25).value().size(), 2u);
  EXPECT_EQ(this->journal().read({1}, {5}, 30).value().size(), 3u);
  EXPECT_EQ(this->journal().read({3}, {5}, 0).value().size(), 1u);
  EXPECT_EQ(this->journal().read({2}, {4}, no_limit).value().size(), 3u);
}

TYPED_TEST(JournalContract, ReadOutsideTheLogIsNotFound) {
  ASSERT_OK(this->journal().write(append(1, 3, 1)));
  EXPECT_ERRC(this->journal().read({0}, {2}, no_limit), Errc::not_found);
  EXPECT_ERRC(this->journal().read({2}, {4}, no_limit), Errc::not_found);
  EXPECT_ERRC(this->journal().chain({4}), Errc::not_found);
}

TYPED_TEST(JournalContract, GapInIndexesIsRefusedAndNothingIsWritten) {
  ASSERT_OK(this->journal().write(append(1, 3, 1)));
  WriteBatch beyond = append(5, 6, 1);
  beyond.hard = HardState{{9}, {9}};
  EXPECT_ERRC(this->journal().write(beyond), Errc::bad_value);
  WriteBatch holed;
  holed.entries = {entry(4, 1), entry(6, 1)};
  EXPECT_ERRC(this->journal().write(holed), Errc::bad_value);
  EXPECT_ERRC(this->journal().write(append(0, 1, 1)), Errc::bad_value);
  this->reopen();
  EXPECT_EQ(this->journal().recovered().hard, HardState{});
  expect_log(this->journal(), entries(1, 3, 1));
}

/// Overwrites from `first` after three appends [1,4] [5,5] [6,9], and compares all of the log.
template <class Fixture>
void overwrite_from(Fixture& fixture, std::uint64_t first) {
  Journal& journal = fixture;
  ASSERT_OK(journal.write(append(1, 4, 1)));
  ASSERT_OK(journal.write(append(5, 5, 1)));
  ASSERT_OK(journal.write(append(6, 9, 1)));
  ASSERT_OK(journal.write(append(first, first + 1, 2)));
}

TYPED_TEST(JournalContract, OverwritingDropsTheRestWhereverItCuts) {
  for (std::uint64_t first = 1; first <= 10; ++first) {
    TypeParam place;
    auto opened = place.open(OpenMode::write, lyon());
    ASSERT_OK(opened);
    overwrite_from(**opened, first);
    std::vector<LogEntry> wanted = first > 1 ? entries(1, first - 1, 1) : std::vector<LogEntry>{};
    Bits128 chain;
    for (const LogEntry& one : entries(first, first + 1, 2)) wanted.push_back(one);
    for (const LogEntry& one : wanted) chain = chain_step(chain, one);
    for (int round = 0; round < 2; ++round) {
      expect_log(**opened, wanted);
      EXPECT_EQ((*opened)->chain({first + 1}).value(), chain);
      EXPECT_OK((*opened)->verify());
      opened.value().reset();
      opened = place.open(OpenMode::write, lyon());
      ASSERT_OK(opened);
    }
  }
}

TYPED_TEST(JournalContract, LogGrowsOnAfterAnOverwrite) {
  overwrite_from(this->journal(), 3);
  ASSERT_OK(this->journal().write(append(5, 7, 3)));
  std::vector<LogEntry> wanted = entries(1, 2, 1);
  for (const LogEntry& one : entries(3, 4, 2)) wanted.push_back(one);
  for (const LogEntry& one : entries(5, 7, 3)) wanted.push_back(one);
  this->reopen();
  expect_log(this->journal(), wanted);
  EXPECT_OK(this->journal().verify());
}

TYPED_TEST(JournalContract, HardStateComesWithItsEntries) {
  WriteBatch batch = append(1, 2, 4);
  batch.hard = HardState{{4}, {3}};
  ASSERT_OK(this->journal().write(batch));
  this->reopen();
  EXPECT_EQ(this->journal().recovered().hard, (HardState{{4}, {3}}));
  expect_log(this->journal(), entries(1, 2, 4));
  WriteBatch vote;
  vote.hard = HardState{{5}, {1}};
  ASSERT_OK(this->journal().write(vote));
  this->reopen();
  EXPECT_EQ(this->journal().recovered().hard, (HardState{{5}, {1}}));
}

TYPED_TEST(JournalContract, ValuesAreKeptByName) {
  WriteBatch batch;
  batch.values = {{"mode", "island 3"}, {"commit", std::string("\0\1", 2)}, {"empty", ""}};
  ASSERT_OK(this->journal().write(batch));
  batch.values = {{"mode", "connected"}};
  ASSERT_OK(this->journal().write(batch));
  this->reopen();
  EXPECT_EQ(this->journal().value("mode").value(), "connected");
  EXPECT_EQ(this->journal().value("commit").value(), std::string("\0\1", 2));
  EXPECT_EQ(this->journal().value("empty").value(), "");
  EXPECT_FALSE(this->journal().value("none").value());
}

TYPED_TEST(JournalContract, ChainIsTheSameHoweverEntriesWereBatched) {
  TypeParam other;
  auto opened = other.open(OpenMode::write, lyon());
  ASSERT_OK(opened);
  ASSERT_OK((*opened)->write(append(1, 6, 1)));
  for (std::uint64_t i = 1; i <= 6; ++i) ASSERT_OK(this->journal().write(append(i, i, 1)));
  Bits128 chain;
  for (const LogEntry& one : entries(1, 6, 1)) {
    chain = chain_step(chain, one);
    EXPECT_EQ(this->journal().chain(one.index).value(), chain);
    EXPECT_EQ((*opened)->chain(one.index).value(), chain);
  }
}

TYPED_TEST(JournalContract, EachStartIsCountedAndLooksAreNot) {
  this->reopen();
  EXPECT_EQ(this->journal().recovered().identity.boot, BootCount{2});
  this->journal_.reset();
  for (int i = 0; i < 2; ++i) {
    auto look = this->place_.open(OpenMode::read, {});
    ASSERT_OK(look);
    EXPECT_EQ((*look)->recovered().identity.boot, BootCount{2});
  }
  this->open();
  EXPECT_EQ(this->journal().recovered().identity.boot, BootCount{3});
  EXPECT_EQ(this->journal().recovered().identity.instance, (InstanceId{1, 2}));
}

TYPED_TEST(JournalContract, LookingNeedsNoLockAndMayNotWrite) {
  ASSERT_OK(this->journal().write(append(1, 3, 1)));
  auto look = this->place_.open(OpenMode::read, lyon());
  ASSERT_OK(look);
  expect_log(**look, entries(1, 3, 1));
  EXPECT_OK((*look)->verify());
  EXPECT_ERRC((*look)->write(append(4, 4, 1)), Errc::bad_value);
  EXPECT_ERRC((*look)->write_snapshot_chunk(0, "x"), Errc::bad_value);
  EXPECT_ERRC((*look)->finish_snapshot({{1}, {1}, {}, 0}), Errc::bad_value);
  EXPECT_ERRC((*look)->compact({1}), Errc::bad_value);
  look.value().reset();
  EXPECT_OK(this->journal().write(append(4, 4, 1)));
}

TYPED_TEST(JournalContract, LookingWhereNothingIsFindsNothing) {
  TypeParam place;
  EXPECT_ERRC(place.open(OpenMode::read, {}), Errc::not_found);
}

TYPED_TEST(JournalContract, SecondWriterIsLockedOut) {
  EXPECT_ERRC(this->place_.open(OpenMode::write, lyon()), Errc::locked);
  EXPECT_OK(this->journal().write(append(1, 1, 1)));
}

TYPED_TEST(JournalContract, ForeignFolderIsRefusedWithBothNames) {
  this->journal_.reset();
  for (const Identity& wanted :
       {Identity{"france", "bordeaux", {1, 2}, {}}, Identity{"belgique", "lyon", {1, 2}, {}}}) {
    for (const OpenMode mode : {OpenMode::write, OpenMode::read}) {
      const auto opened = this->place_.open(mode, wanted);
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().code, Errc::foreign_folder);
      for (const std::string& name : {wanted.site, wanted.federation, lyon().site}) {
        EXPECT_NE(opened.error().what.find(name), std::string::npos) << opened.error().what;
      }
    }
  }
  this->open();
  EXPECT_EQ(this->journal().recovered().identity.boot, BootCount{2});
}

TYPED_TEST(JournalContract, NewJournalNeedsAnInstance) {
  TypeParam place;
  EXPECT_ERRC(place.open(OpenMode::write, {"france", "lyon", {}, {}}), Errc::bad_value);
}

TYPED_TEST(JournalContract, ArchiveIsFoundByExamAndInIndexOrder) {
  WriteBatch batch;
  batch.archive = {{{300}, {7}, "seven"}, {{20}, {9}, "nine"}, {{20}, {8}, "eight"}};
  ASSERT_OK(this->journal().write(batch));
  ASSERT_OK(this->journal().write(batch));  // again: no change
  this->reopen();
  EXPECT_EQ(this->journal().recovered().archive_index, LogIndex{300});
  EXPECT_EQ(this->journal().archived({7}).value(), batch.archive[0]);
  EXPECT_EQ(this->journal().archived({9}).value(), batch.archive[1]);
  EXPECT_FALSE(this->journal().archived({1}).value());
  const auto seen_after = [&](std::uint64_t after) {
    std::vector<std::string> seen;
    EXPECT_OK(this->journal().scan_archive({after}, [&](const ArchiveRecord& record) {
      seen.push_back(record.bytes);
      return true;
    }));
    return seen;
  };
  EXPECT_EQ(seen_after(0), (std::vector<std::string>{"eight", "nine", "seven"}));
  EXPECT_EQ(seen_after(19), (std::vector<std::string>{"eight", "nine", "seven"}));
  EXPECT_EQ(seen_after(20), (std::vector<std::string>{"seven"}));
  EXPECT_EQ(seen_after(300), (std::vector<std::string>{}));
  EXPECT_OK(this->journal().verify());
}

TYPED_TEST(JournalContract, ArchiveScanStopsWhenTold) {
  WriteBatch batch;
  batch.archive = {{{1}, {1}, "a"}, {{2}, {2}, "b"}};
  ASSERT_OK(this->journal().write(batch));
  int seen = 0;
  EXPECT_OK(this->journal().scan_archive({0}, [&](const ArchiveRecord&) { return ++seen < 1; }));
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace vigie::storage
