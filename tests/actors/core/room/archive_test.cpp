// What a room says of the exams that have left it (design D13).
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

/// The archive as a node's disk gives it back.
std::vector<ArchivedExam> as_stored(std::vector<ArchivedExam> records) {
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
    return std::tie(a.index, a.exam) < std::tie(b.index, b.exam);
  });
  return records;
}

ArchiveEnd end_of(const std::vector<ArchivedExam>& records) {
  ArchiveEnd end;
  for (const ArchivedExam& r : records) end.add(r.index, r.exam, r.bytes);
  return end;
}

/// Two exams that one entry closes, the younger one first.
void close_two(Night& night) {
  Actor& anne = night.read(p_anne);
  const ExamId first = night.being_read("A1", anne);
  anne.sign(first, 1);
  const ExamId second = night.being_read("A2", anne);
  anne.sign(second, 2);
  night.acknowledge(second);
  night.wait(1_s);
  night.acknowledge(first);
  night.wait(13_h);
}

TEST(Archive, EndsWhereTheStoredRecordsEndInWhateverOrderAnEntryClosedThem) {
  Night night;
  close_two(night);
  ASSERT_EQ(night.archive.size(), 2u);
  ASSERT_EQ(night.archive[0].index, night.archive[1].index);
  EXPECT_EQ(night.room.archive_end(), end_of(as_stored(night.archive)));
  EXPECT_EQ(night.room.archive_end().count, 2u);
}

// domain Q8
TEST(Archive, ARecordMissingMovedOrAlteredEndsItElsewhere) {
  Night night;
  close_two(night);
  const auto stored = as_stored(night.archive);
  auto other = stored;
  other.pop_back();
  EXPECT_NE(end_of(other).hash, night.room.archive_end().hash);
  other = stored;
  other[0].bytes.back() = static_cast<char>(other[0].bytes.back() ^ 1);
  EXPECT_NE(end_of(other).hash, night.room.archive_end().hash);
  other = stored;
  other[0].index = previous(other[0].index);
  EXPECT_NE(end_of(other).hash, night.room.archive_end().hash);
  std::swap(other[0].exam, other[1].exam);
  EXPECT_NE(end_of(other).hash, night.room.archive_end().hash);
}

TEST(Archive, ASnapshotsFirstBytesTellItsEnd) {
  Night night;
  close_two(night);
  night.room.begin_snapshot();
  const std::string piece = night.room.next_snapshot_piece(64 * 1024);
  const auto said = archive_of_snapshot(piece);
  ASSERT_TRUE(said) << said.error().what;
  EXPECT_EQ(said->index, night.room.applied());
  EXPECT_EQ(said->end, night.room.archive_end());
  EXPECT_FALSE(archive_of_snapshot(""));
  EXPECT_FALSE(archive_of_snapshot(piece.substr(0, 60)));
  std::string other = piece;
  other[5] = 'x';  // the magic word
  EXPECT_FALSE(archive_of_snapshot(other));
}

}  // namespace
}  // namespace vigie::room::test
