// T29: what was closed is opened once more, with its record from an archive.
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

/// Signed by Anne, delivered and closed.
ExamId closed(Night& night, const std::string& number) {
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read(number, anne);
  EXPECT_EQ(anne.sign(exam, 70 + exam.value).code, Errc::ok);
  EXPECT_EQ(night.acknowledge(exam).code, Errc::ok);
  night.wait(13_h);
  EXPECT_FALSE(night.has_exam(exam));
  return exam;
}

TEST(Reopen, BringsTheExamBackForAnotherVersionAndClosesItAgain) {
  Night night;
  const ExamId exam = closed(night, "A1");
  const std::string record = night.archive.back().bytes;
  EXPECT_EQ(night.head().say(Reopen{exam, "family asks", record}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
  EXPECT_EQ(night.exam(exam).notes.back().text, "family asks");
  EXPECT_TRUE(night.said(EventKind::exam_reopened));
  EXPECT_EQ(night.submit("A1"), exam) << "its order is this exam's again";
  const ReviseReport addendum{exam, {99}, ReportKind::addendum, "also a nodule"};
  EXPECT_EQ(night.read(p_anne).say(addendum).code, Errc::ok);
  ASSERT_EQ(night.exam(exam).deliveries.back().state, DeliveryState::pending);
  const DeliveryResult arrived{exam, {2}, 0, DeliveryOutcome::acked, "AA"};
  EXPECT_EQ(night.node(marseille, arrived).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::delivered);
  night.wait(13_h);
  EXPECT_FALSE(night.has_exam(exam));
  EXPECT_EQ(night.archive.size(), 2u);
  EXPECT_NE(night.archive.back().bytes, record);
}

TEST(Reopen, OfWhichNothingCameIsClosedAgain) {
  Night night;
  const ExamId exam = closed(night, "A1");
  EXPECT_EQ(night.head().say(Reopen{exam, "look", night.archive.back().bytes}).code, Errc::ok);
  night.wait(1_h);
  EXPECT_EQ(night.state(exam), ExamState::validated);
  EXPECT_TRUE(night.exam(exam).tasks.empty()) << "nothing is undelivered";
  night.wait(12_h);
  EXPECT_EQ(night.state(exam), ExamState::delivered);
  night.wait(12_h);
  EXPECT_FALSE(night.has_exam(exam));
}

TEST(Reopen, BelievesOnlyTheRecordThatLeftTheRoom) {
  Night night;
  const ExamId exam = closed(night, "A1");
  const std::string first = night.archive.back().bytes;
  std::string forged = first;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  Actor& head = night.head();
  EXPECT_EQ(head.say(Reopen{exam, "look", forged}).code, Errc::not_found);
  EXPECT_EQ(head.say(Reopen{exam, "look", {}}).code, Errc::not_found);
  EXPECT_EQ(head.say(Reopen{exam, "", first}).code, Errc::bad_value);
  EXPECT_EQ(head.say(Reopen{{77}, "look", first}).code, Errc::unknown_exam);
  EXPECT_EQ(head.say(Reopen{exam, "look", first}).code, Errc::ok);
  EXPECT_EQ(head.say(Reopen{exam, "look", first}).code, Errc::wrong_state);
  night.wait(13_h);
  night.wait(13_h);
  ASSERT_FALSE(night.has_exam(exam));
  EXPECT_EQ(head.say(Reopen{exam, "look", first}).code, Errc::not_found) << "that is the old one";
  EXPECT_EQ(head.say(Reopen{exam, "look", night.archive.back().bytes}).code, Errc::ok);
}

TEST(Reopen, NothingThatWasNeverRead) {
  Night night;
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(night.requester().cancel(exam).code, Errc::ok);
  night.wait(13_h);
  ASSERT_FALSE(night.has_exam(exam));
  EXPECT_EQ(night.head().say(Reopen{exam, "look", night.archive.back().bytes}).code,
            Errc::wrong_state);
}

}  // namespace
}  // namespace vigie::room::test
