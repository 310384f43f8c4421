// What canonical bytes may say: only what would be written so, and what the room can reckon with.
#include <gtest/gtest.h>

#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

/// True when the bytes of `record` are read as one.
template <class Record>
bool reads(const Record& record) {
  Record back;
  return from_canonical(canonical_bytes(record), back);
}

TEST(Canonical, ABooleanIsZeroOrOne) {
  bool flag = false;
  EXPECT_TRUE(from_canonical(std::string("\1", 1), flag) && flag);
  EXPECT_FALSE(from_canonical(std::string("\2", 1), flag));
}

TEST(Canonical, NothingBeyondAnEnumerationIsRead) {
  Exam exam;
  EXPECT_TRUE(reads(exam));
  exam.state = ExamState{17};
  EXPECT_FALSE(reads(exam));
  exam = {};
  exam.urgency = Urgency{4};
  EXPECT_FALSE(reads(exam));
  exam = {};
  exam.request.modality = Modality{200};
  EXPECT_FALSE(reads(exam));
  exam = {};
  exam.flags = ExamFlag{0x8000};
  EXPECT_TRUE(reads(exam)) << "a flag of a later version";
}

TEST(Canonical, NoTimeIsReadThatCannotBeAddedTo) {
  Exam exam;
  exam.state_since = {INT64_MAX};
  EXPECT_FALSE(reads(exam));
  exam.state_since = {INT64_MIN};
  EXPECT_FALSE(reads(exam));
  Directory directory = three_centres();
  EXPECT_TRUE(reads(directory));
  directory.rules.close_after = {INT64_MAX};
  EXPECT_FALSE(reads(directory));
}

TEST(Canonical, AStampBeyondAllCalendarsDoesNotMoveTheRoom) {
  Room room;
  Effects effects;
  Proposal founding;
  founding.command = ApplyDirectory{three_centres()};
  room.apply({1}, {1'700'000'000'000}, founding, effects);
  room.apply({2}, {INT64_MAX}, founding, effects);
  EXPECT_EQ(room.now(), FedTime{1'700'000'000'000});
  room.apply({3}, {1'700'000'000'001}, founding, effects);
  EXPECT_EQ(room.now(), FedTime{1'700'000'000'001});
}

}  // namespace
}  // namespace vigie::room::test
