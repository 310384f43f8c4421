// Readings once more, and what comes after a report (domain §5.2; T19, T25, T27).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

AskRead ask(ExamId exam, Purpose purpose, bool mandatory = false) {
  return {exam, purpose, Skill::general, Region::chest, {}, mandatory, "?"};
}

// domain F8
TEST(Children, AColleaguesOpinionIsReadByAnotherAndTheAuthorSigns) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const Answer asked = anne.say(ask(exam, Purpose::opinion));
  ASSERT_EQ(asked.code, Errc::ok) << asked.text;
  EXPECT_EQ(bruno.in_hand(), asked.exam) << "offered like any other";
  bruno.accept_offer(asked.exam);
  EXPECT_EQ(bruno.sign(asked.exam, 1).code, Errc::ok);
  EXPECT_EQ(night.state(asked.exam), ExamState::delivered) << "to its parent, no hospital";
  EXPECT_TRUE(night.exam(asked.exam).deliveries.empty());
  EXPECT_EQ(night.said(EventKind::child_read)->session, anne.session);
  EXPECT_EQ(night.state(exam), ExamState::reading) << "an opinion overwrites nothing";
  EXPECT_EQ(anne.sign(exam, 2).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).reader, p_anne);
}

// domain F8
TEST(Children, AProtocolInvitesAColleagueOnceItIsBeingRead) {
  Directory d = three_centres();
  d.protocols[0].collegial = true;
  Night night(d);
  Actor& anne = night.read(p_anne);
  Actor& bruno = night.read(p_bruno);
  bruno.away();
  const ExamId exam = night.being_read("A1", anne);
  ASSERT_EQ(night.exam(exam).children.size(), 1u);
  const ExamId opinion = night.exam(exam).children.front();
  EXPECT_EQ(night.exam(opinion).purpose, Purpose::opinion);
  EXPECT_EQ(night.state(opinion), ExamState::ready) << "not by who reads it";
  bruno.free();
  EXPECT_EQ(bruno.in_hand(), opinion);
  EXPECT_EQ(bruno.accept_offer(opinion).code, Errc::ok);
  EXPECT_TRUE(night.exam(opinion).children.empty()) << "it ends there";
  EXPECT_EQ(anne.release(exam).code, Errc::ok);
  Actor& lea = night.read(p_lea);
  lea.next();
  EXPECT_EQ(lea.in_hand(), exam);
  EXPECT_EQ(night.exam(exam).children.size(), 1u) << "the opinion is for her, too";
  EXPECT_EQ(lea.sign(exam, 5).code, Errc::ok) << "nobody waits for it";
}

// domain F8
TEST(Children, AColleagueWhoIsFreeIsInvitedAtOnce) {
  Directory d = three_centres();
  d.protocols[0].collegial = true;
  Night night(d);
  night.read(p_anne).next();
  night.read(p_bruno).next();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::reading);
  EXPECT_EQ(night.state(night.exam(exam).children.at(0)), ExamState::reading);
}

TEST(Children, WhoReadsItIsNotAskedAgain) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const ExamId child = night.regulator().say(ask(exam, Purpose::opinion)).exam;
  anne.sign(exam, 1);
  EXPECT_FALSE(anne.in_hand());
  EXPECT_EQ(night.state(child), ExamState::ready);
}

TEST(Children, APolytraumaIsSplitAndSignedWhenAllItsRegionsAreRead) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne, Urgency::p0);
  Actor& bruno = night.read(p_bruno);
  bruno.next();
  const ExamId region = anne.say(ask(exam, Purpose::region)).exam;
  EXPECT_EQ(night.state(region), ExamState::reading);
  EXPECT_EQ(night.exam(region).urgency, Urgency::p0);
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::wrong_state) << "a region is missing";
  EXPECT_EQ(night.state(exam), ExamState::preliminary) << "and her text is kept";
  EXPECT_EQ(bruno.sign(region, 2).code, Errc::ok);
  EXPECT_EQ(anne.sign(exam, 3).code, Errc::ok);
}

// domain O16
TEST(Children, ARecourseGoesToItsSubspecialty) {
  Night night;
  Actor& bruno = night.read(p_bruno);
  const ExamId exam = night.being_read("A1", bruno);
  Actor& luc = night.read(p_luc);
  Actor& lea = night.read(p_lea);
  luc.free();
  AskRead recourse = ask(exam, Purpose::recourse);
  recourse.skill = Skill::neuro;
  const ExamId child = bruno.say(recourse).exam;
  EXPECT_FALSE(luc.in_hand());
  lea.free();
  EXPECT_EQ(lea.in_hand(), child);
}

TEST(Children, AColleagueAskedByNameIsWaitedFor) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  AskRead named = ask(exam, Purpose::opinion);
  named.reader = p_lea;
  const ExamId child = anne.say(named).exam;
  EXPECT_FALSE(bruno.in_hand());
  Actor& lea = night.read(p_lea);
  lea.free();
  EXPECT_EQ(lea.in_hand(), child);
  named.reader = p_anne;
  EXPECT_EQ(anne.say(named).code, Errc::not_eligible);
}

// domain R13
TEST(Children, WhatASupervisedReaderSignsIsReadByAnAutonomousOneFirst) {
  Directory d = three_centres();
  for (Person& p : d.people) {
    const bool learns = p.id == p_bruno || p.id == p_luc;
    if (learns) p.privileges[0].status = PrivilegeStatus::supervised;
  }
  Night night(d);
  Actor& bruno = night.read(p_bruno);
  const ExamId exam = night.being_read("A1", bruno);
  Actor& luc = night.read(p_luc);
  luc.free();
  EXPECT_EQ(bruno.sign(exam, 1).code, Errc::wrong_state);
  EXPECT_EQ(night.state(exam), ExamState::preliminary) << "his text is kept";
  ASSERT_EQ(night.exam(exam).children.size(), 1u);
  EXPECT_FALSE(luc.in_hand()) << "who learns does not supervise";
  Actor& lea = night.read(p_lea);
  lea.free();
  const ExamId child = lea.in_hand();
  EXPECT_EQ(child, night.exam(exam).children[0]);
  EXPECT_EQ(bruno.sign(exam, 2).code, Errc::wrong_state) << "not before her";
  EXPECT_EQ(night.exam(exam).children.size(), 1u) << "she is asked once";
  lea.accept_offer(child);
  lea.sign(child, 3);
  EXPECT_EQ(bruno.sign(exam, 4).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
}

// domain F13
TEST(Children, ASecondOpinionIsOnAFinishedExam) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(night.requester().say(ask(exam, Purpose::second_opinion)).code, Errc::wrong_state);
  anne.sign(exam, 1);
  anne.away();
  const Answer asked = night.requester().say(ask(exam, Purpose::second_opinion));
  ASSERT_EQ(asked.code, Errc::ok) << asked.text;
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  EXPECT_EQ(bruno.in_hand(), asked.exam);
  EXPECT_EQ(night.exam(exam).state, ExamState::validated) << "no new exam, no new state";
}

TEST(Children, AreCancelledWithTheirParentAndCountedByThemselves) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const ExamId child = anne.say(ask(exam, Purpose::opinion)).exam;
  night.requester().cancel(exam);
  anne.say(AnswerCancel{exam, true, "wrong patient"});
  EXPECT_EQ(night.state(child), ExamState::cancelled);
  night.wait(13_h);
  EXPECT_FALSE(night.has_exam(exam));
  EXPECT_FALSE(night.has_exam(child));
  EXPECT_EQ(night.archive.size(), 2u);
}

// Found by the simulator: his reader was given the parent, which waited and was cancelled.
TEST(Children, WhoseReadingIsCancelledIsGivenNothingThatEndsWithIt) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const ExamId first = anne.say(ask(exam, Purpose::opinion)).exam;
  const ExamId second = anne.say(ask(exam, Purpose::recourse)).exam;
  Actor& bruno = night.read(p_bruno);
  bruno.next();
  ASSERT_EQ(bruno.in_hand(), first);
  anne.say(SetReader{ReaderMode::rest, AcceptMode::manual});
  anne.say(Release{exam, night.exam(exam).epoch, "tired"});
  ASSERT_EQ(night.state(exam), ExamState::ready);
  night.requester().cancel(exam);
  EXPECT_EQ(night.regulator().say(AnswerCancel{exam, true, "yes"}).code, Errc::ok);
  for (const ExamId one : {exam, first, second}) {
    EXPECT_EQ(night.state(one), ExamState::cancelled);
  }
  EXPECT_FALSE(bruno.in_hand());
}

TEST(Children, HaveALimitAndNoChildren) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  ExamId child;
  for (std::size_t i = 0; i < limits::children_count; ++i) {
    child = night.head().say(ask(exam, Purpose::opinion)).exam;
  }
  EXPECT_EQ(night.head().say(ask(exam, Purpose::opinion)).code, Errc::limit_reached);
  EXPECT_EQ(night.head().say(ask(child, Purpose::opinion)).code, Errc::wrong_state);
  EXPECT_EQ(night.head().say(ask(exam, Purpose::none)).code, Errc::bad_value);
}

Answer sign_critical(Actor& reader, Night& night, ExamId exam) {
  return reader.say(Sign{exam, night.exam(exam).epoch, {1}, "bleeding", "HSA"});
}

// domain R9
TEST(CriticalResults, AreAcknowledgedOrTheHospitalIsCalledAndTheExamStaysOpen) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  ASSERT_EQ(sign_critical(anne, night, exam).code, Errc::ok);
  night.acknowledge(exam);
  night.wait(15_min);
  EXPECT_TRUE(night.said(EventKind::task_overdue));
  night.wait(24_h);
  EXPECT_TRUE(night.has_exam(exam)) << "nobody has taken note of it (T18)";
  EXPECT_EQ(night.requester().say(AckCritical{{exam, {}}}).code, Errc::ok);
  night.tick();
  EXPECT_FALSE(night.has_exam(exam));
}

TEST(AfterTheReport, AnAddendumIsAVersionAndDeliveredLikeTheFirst) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  night.acknowledge(exam);
  const ReviseReport addendum{exam, {2}, ReportKind::addendum, "also a fracture"};
  EXPECT_EQ(anne.say(addendum).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
  EXPECT_EQ(night.exam(exam).reports.back().version.value, 2);
  EXPECT_EQ(night.exam(exam).deliveries.back().version.value, 2);
  EXPECT_TRUE(anne.say(addendum).duplicate) << "sent twice it is one version";
  night.node(marseille, DeliveryResult{exam, {2}, 0, DeliveryOutcome::acked, "AA"});
  EXPECT_EQ(night.state(exam), ExamState::delivered);
}

TEST(AfterTheReport, AWithdrawnOneIsDeliveredAndAnotherIsAskedFor) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  night.acknowledge(exam);
  EXPECT_EQ(night.head().say(ReviseReport{exam, {2}, ReportKind::withdrawal, "wrong patient"}).code,
            Errc::ok);
  night.node(marseille, DeliveryResult{exam, {2}, 0, DeliveryOutcome::acked, "AA"});
  night.wait(24_h);
  EXPECT_TRUE(night.has_exam(exam)) << "it has no report: it is not over";
  EXPECT_EQ(anne.say(ReviseReport{exam, {3}, ReportKind::correction, "normal"}).code, Errc::ok);
  night.node(marseille, DeliveryResult{exam, {3}, 0, DeliveryOutcome::acked, "AA"});
  night.wait(13_h);
  EXPECT_FALSE(night.has_exam(exam));
}

TEST(AfterTheReport, ImagesThatComeLateAreTheAuthorsTask) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  night.node(marseille, ImagesProgress{{exam, {}}, 500, 0});
  ASSERT_EQ(night.exam(exam).tasks.size(), 1u);
  EXPECT_EQ(night.exam(exam).tasks[0].kind, TaskKind::images_after_report);
  EXPECT_EQ(anne.say(CloseTask{exam, TaskKind::images_after_report, "same"}).code, Errc::ok);
}

TEST(AfterTheReport, WhatWasToldIsKeptWithWhoWasTold) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(anne.say(TellResult{exam, "emergency physician", "bleeding"}).code, Errc::ok);
  const Note& note = night.exam(exam).notes.back();
  EXPECT_EQ(note.text, "emergency physician: bleeding");
  EXPECT_EQ(note.by, p_anne);
}

TEST(AfterTheReport, OneThatDoesNotArriveIsSupportsThenTheRegulatorsOnThePhone) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne, Urgency::p1);
  anne.sign(exam, 1);
  anne.away();
  night.wait(5_min);
  ASSERT_EQ(night.exam(exam).tasks.size(), 1u);
  EXPECT_EQ(night.exam(exam).tasks[0].kind, TaskKind::undelivered);
  night.wait(5_min);
  EXPECT_EQ(night.exam(exam).tasks.back().kind, TaskKind::call_hospital);
  EXPECT_EQ(night.regulator().say(TellResult{exam, "ward", "bleeding"}).code, Errc::ok);
  night.acknowledge(exam);
  EXPECT_TRUE(night.exam(exam).tasks.empty()) << "it arrived";
}

TEST(Preliminary, AFinalReportIsExpectedWithinHalfAnHour) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.say(Preliminary{exam, night.exam(exam).epoch, {1}, "look"});
  night.wait(30_min);
  EXPECT_EQ(night.said(EventKind::report_overdue)->session, anne.session);
}

}  // namespace
}  // namespace vigie::room::test
