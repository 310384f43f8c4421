// The staged archive, over both journals: records of another node, not yet known to be right.
#include <gtest/gtest.h>

#include "tests/contract/journal_fixture.hpp"

namespace vigie::storage {
namespace {

template <class PlaceKind>
class ArchiveContract : public JournalSuite<PlaceKind> {};
TYPED_TEST_SUITE(ArchiveContract, Places, PlaceNames);

std::vector<ArchiveRecord> stored(const Journal& journal) {
  std::vector<ArchiveRecord> records;
  EXPECT_OK(journal.scan_archive(
      {0}, [&](const ArchiveRecord& record) { return records.push_back(record), true; }));
  return records;
}

std::vector<ArchiveRecord> some(std::uint64_t first, std::uint64_t last) {
  std::vector<ArchiveRecord> records;
  for (std::uint64_t i = first; i <= last; ++i) {
    records.push_back({{100 + i}, {i}, std::string(100, 'a') + std::to_string(i)});
  }
  return records;
}

TYPED_TEST(ArchiveContract, StagedRecordsAreNoPartOfTheArchiveUntilPromoted) {
  WriteBatch own;
  own.archive = some(1, 2);
  ASSERT_OK(this->journal().write(own));
  ASSERT_OK(this->journal().stage_archive(some(3, 4)));
  EXPECT_EQ(stored(this->journal()), some(1, 2));
  EXPECT_FALSE(this->journal().archived({3}).value());
  const auto more = this->journal().promote_archive(no_limit);
  ASSERT_OK(more);
  EXPECT_FALSE(*more);
  this->now_and_reopened([&](const Journal& journal) {
    EXPECT_EQ(stored(journal), some(1, 4));
    EXPECT_EQ(journal.archived({3}).value(), some(3, 3).front());
  });
  EXPECT_EQ(this->journal().recovered().archive_index, LogIndex{104});
}

TYPED_TEST(ArchiveContract, PromotionInSlicesLeavesTheRestStaged) {
  ASSERT_OK(this->journal().stage_archive(some(1, 4)));
  ASSERT_OK(this->journal().stage_archive(some(5, 9)));
  auto more = this->journal().promote_archive(250);
  ASSERT_OK(more);
  EXPECT_TRUE(*more);
  EXPECT_EQ(stored(this->journal()), some(1, 3));
  for (int i = 0; i < 10 && *more; ++i) {
    more = this->journal().promote_archive(250);
    ASSERT_OK(more);
  }
  EXPECT_FALSE(*more);
  EXPECT_EQ(stored(this->journal()), some(1, 9));
  EXPECT_FALSE(this->journal().promote_archive(250).value());
}

TYPED_TEST(ArchiveContract, StagedRecordsAreDroppedByOrderOrAtTheNextStart) {
  ASSERT_OK(this->journal().stage_archive(some(1, 3)));
  ASSERT_OK(this->journal().drop_staged_archive());
  ASSERT_OK(this->journal().stage_archive(some(4, 5)));
  ASSERT_OK(this->journal().promote_archive(1));  // the first of them; then the process dies
  this->now_and_reopened([&](const Journal& journal) { EXPECT_EQ(stored(journal), some(4, 4)); });
  EXPECT_FALSE(this->journal().promote_archive(no_limit).value());
  EXPECT_EQ(stored(this->journal()), some(4, 4));
}

}  // namespace
}  // namespace vigie::storage
