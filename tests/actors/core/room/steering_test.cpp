// The guard steers what is under way: protocols, urgency, holds, take-overs, cancels in two steps,
// what began on the phone, tasks (T6, T8, T9, T14, T21 to T24, T28, T31).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

Directory acknowledging() {
  Directory d = three_centres();
  for (Establishment& e : d.establishments) e.protocol_ack = true;
  return d;
}

const Task* task_of(const Night& night, ExamId exam, TaskKind kind) {
  for (const Task& t : night.exam(exam).tasks) {
    if (t.kind == kind) return &t;
  }
  return nullptr;
}

// domain F4, R8
TEST(Protocols, EachVersionIsAcknowledgedOrTheTechnologistIsCalled) {
  Night night(acknowledging());
  const ExamId exam = night.protocolled("A1");
  EXPECT_EQ(night.technologist().say(AckProtocol{{exam, {}}, 1}).code, Errc::ok);
  EXPECT_EQ(night.regulator().say(ReviseProtocol{exam, "NEURO v1", "with contrast"}).code,
            Errc::ok);
  EXPECT_EQ(night.exam(exam).protocol, "NEURO v1");
  EXPECT_EQ(night.exam(exam).protocol_version, 2);
  EXPECT_EQ(night.exam(exam).protocol_acked, 1) << "the new one nobody has seen";
  night.wait(3_min);
  ASSERT_TRUE(task_of(night, exam, TaskKind::call_technologist));
  EXPECT_EQ(night.technologist().say(AckProtocol{{exam, {}}, 2}).code, Errc::ok);
  EXPECT_FALSE(task_of(night, exam, TaskKind::call_technologist)) << "nobody needs to call";
  night.node(marseille, AcquisitionStarted{{exam, {}}});
  EXPECT_EQ(night.regulator().say(ReviseProtocol{exam, "TDM v1", "too late"}).code,
            Errc::wrong_state);
}

TEST(Protocols, AnUnknownOneIsNotGivenAndAVitalOneMakesItP0) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  EXPECT_EQ(night.regulator().say(ReviseProtocol{exam, "none such", "r"}).code,
            Errc::unknown_protocol);
  EXPECT_EQ(night.exam(exam).protocol_version, 1);
  EXPECT_EQ(night.regulator().say(ReviseProtocol{exam, "AVC v3", "stroke"}).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p0);
}

TEST(Tasks, NobodyCameToBeImagedIsTheAssistantsAndThenTheDutyHeads) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  night.wait(90_min);
  const Task* task = task_of(night, exam, TaskKind::find_patient);
  ASSERT_TRUE(task);
  EXPECT_EQ(owner_of(task->kind), Role::assistant);
  night.wait(10_min);
  EXPECT_TRUE(night.said(EventKind::task_overdue));
  EXPECT_EQ(night.room.next_due(), FedTime{}) << "it rings once";
  night.node(marseille, ImagesProgress{{exam, {}}, 1, 0});
  EXPECT_FALSE(task_of(night, exam, TaskKind::find_patient)) << "there he is";
}

TEST(Tasks, OnlyWhoseItIsClosesIt) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  night.wait(90_min);
  const CloseTask done{exam, TaskKind::find_patient, "went home"};
  EXPECT_EQ(night.actor(p_support, Role::support, lyon).say(done).code, Errc::unauthorised);
  EXPECT_EQ(
      night.actor(p_assistant, Role::assistant, lyon).say(CloseTask{exam, done.task, ""}).code,
      Errc::bad_value)
      << "how it was done is said";
  EXPECT_EQ(night.actor(p_assistant, Role::assistant, lyon).say(done).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).notes.back().text, "went home");
}

TEST(Urgency, AHospitalRaisesItToP1AtMostAndNeverLowersIt) {
  Night night;
  const ExamId exam = night.ready("A1", Urgency::p3);
  const FedTime deadline = night.exam(exam).deadline;
  const auto ask = [&](Urgency urgency) {
    return night.requester().say(SetUrgency{{exam, {}}, urgency, "worse"}).code;
  };
  EXPECT_EQ(ask(Urgency::p0), Errc::ok);
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p1) << "the ceiling of a hospital";
  EXPECT_LT(night.exam(exam).deadline, deadline);
  EXPECT_EQ(ask(Urgency::p2), Errc::bad_value);
  EXPECT_EQ(night.head().say(SetUrgency{{exam, {}}, Urgency::p3, "calm"}).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p3);
}

TEST(Urgency, AnotherHospitalsExamIsNotItsBusiness) {
  Night night;
  const ExamId exam = night.ready("A1");
  Actor& other = night.actor(p_requester_edouard, Role::requester, lyon);
  EXPECT_EQ(other.say(SetUrgency{{exam, {}}, Urgency::p1, "r"}).code, Errc::unauthorised);
}

TEST(Holds, WhatIsOnHoldIsOfferedToNobodyAndKeepsItsPlace) {
  Night night;
  const ExamId first = night.ready("A1"), second = night.ready("A2");
  EXPECT_EQ(night.regulator().say(Hold{first, "theatre"}).code, Errc::ok);
  Actor& anne = night.read(p_anne);
  anne.free();
  EXPECT_EQ(anne.in_hand(), second);
  const FedTime ready_at = night.exam(first).ready_at;
  night.wait(30_min);
  EXPECT_EQ(night.count(EventKind::exam_held), 2u) << "it is brought to mind";
  EXPECT_EQ(night.regulator().say(Resume{first}).code, Errc::ok);
  EXPECT_EQ(night.state(first), ExamState::ready);
  EXPECT_EQ(night.exam(first).ready_at, ready_at) << "its wait counts on";
}

TEST(Holds, ImagesThatComeMeanwhileMakeItReadyWhenItGoesOn) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  night.regulator().say(Hold{exam, "pregnant?"});
  night.complete(exam);
  EXPECT_EQ(night.state(exam), ExamState::held);
  night.regulator().say(Resume{exam});
  EXPECT_EQ(night.state(exam), ExamState::ready);
}

TEST(Holds, OnlyTheDutyHeadTakesWhatIsBeingRead) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(night.regulator().say(Hold{exam, "r"}).code, Errc::wrong_state);
  EXPECT_EQ(night.head().say(Hold{exam, "wrong patient?"}).code, Errc::ok);
  EXPECT_EQ(night.said(EventKind::exam_held)->session, anne.session) << "she is told";
  EXPECT_FALSE(anne.in_hand());
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::stale);
  EXPECT_EQ(night.exam(exam).reports.back().kind, ReportKind::late) << "her report is kept";
}

TEST(TakeOvers, TheNextReaderIsAnotherAndTheFirstOnesReportIsWelcome) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(night.head().say(TakeOver{exam, "out of reach"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_FALSE(anne.in_hand()) << "not to her again";
  EXPECT_EQ(night.exam(exam).notes.back().text, "out of reach");
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::ok) << "nobody else reads it (T16b)";
  EXPECT_EQ(night.state(exam), ExamState::validated);
}

// domain O20
TEST(Directing, AReaderWhoRestsIsCalledByTheDutyHeadOnly) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.be(ReaderMode::rest);
  const ExamId exam = night.ready("A1");
  EXPECT_FALSE(anne.in_hand());
  EXPECT_EQ(night.head().say(Direct{exam, p_anne, "his patient"}).code, Errc::ok);
  EXPECT_EQ(anne.in_hand(), exam);
  EXPECT_EQ(night.state(exam), ExamState::offered) << "she accepts it herself";
}

TEST(Directing, IsKeptForThatReaderAndThenForAll) {
  Night night;
  Actor& anne = night.read(p_anne);
  Actor& bruno = night.read(p_bruno);
  const ExamId first = night.being_read("A1", anne);
  const ExamId second = night.ready("A2");
  EXPECT_EQ(night.head().say(Direct{second, p_anne, "the same patient"}).code, Errc::ok);
  bruno.free();
  EXPECT_FALSE(bruno.in_hand()) << "it is kept for her";
  night.wait(15_min);
  EXPECT_EQ(bruno.in_hand(), second) << "not for ever";
  EXPECT_EQ(night.state(first), ExamState::reading);
}

TEST(Directing, NobodyIsDirectedWhoIsNotThereOrMayNot) {
  Night night;
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.head().say(Direct{exam, p_bruno, "r"}).code, Errc::not_eligible);
  EXPECT_EQ(night.head().say(Direct{exam, {999}, "r"}).code, Errc::unknown_person);
  night.actor({100}, Role::reader, bordeaux);
  EXPECT_EQ(night.head().say(Direct{exam, {100}, "r"}).code, Errc::not_eligible) << "CR only";
}

// domain F3
TEST(Bypassing, TheDutyHeadSendsAnExamToTheReadersWithoutAProtocol) {
  Night night;
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(night.head().say(Bypass{exam, ""}).code, Errc::bad_value);
  EXPECT_EQ(night.head().say(Bypass{exam, "dying, images are there"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::bypassed));
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::partial)) << "nobody said that all are there";
  EXPECT_EQ(night.exam(exam).notes.back().text, "dying, images are there");
  Actor& anne = night.read(p_anne);
  anne.next();
  EXPECT_EQ(anne.in_hand(), exam);
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::ok);
}

// domain F3
TEST(Bypassing, ItsChildIsReadWithoutAProtocolToo) {
  Night night;
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(night.head().say(Bypass{exam, "dying"}).code, Errc::ok);
  Actor& anne = night.read(p_anne);
  anne.next();
  const AskRead opinion{exam, Purpose::opinion, Skill::general, Region::chest, {}, false, "?"};
  const Answer asked = anne.say(opinion);
  ASSERT_EQ(asked.code, Errc::ok) << asked.text;
  EXPECT_EQ(night.state(asked.exam), ExamState::ready) << "Night looks at the invariants";
  EXPECT_TRUE(night.exam(asked.exam).protocol.empty());
}

// domain F3
TEST(Bypassing, TakesItFromItsRegulatorAndNeedsAModality) {
  Night night;
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(night.regulator().claim(exam).code, Errc::ok);
  EXPECT_EQ(night.head().say(Bypass{exam, "now"}).code, Errc::ok);
  EXPECT_EQ(night.regulator().accept(exam).code, Errc::wrong_state);
  Request r = night.request("A2");
  r.modality = Modality::unknown;
  const ExamId unknown = night.submit(marseille, r, "M2").exam;
  EXPECT_EQ(night.head().say(Bypass{unknown, "now"}).code, Errc::bad_value);
  const ExamId given = night.protocolled("A3");
  EXPECT_EQ(night.head().say(Bypass{given, "the PACS is silent"}).code, Errc::ok);
  EXPECT_FALSE(has(night.exam(given).flags, ExamFlag::bypassed)) << "it has its protocol";
}

TEST(Pins, APinnedExamComesAfterTheVitalOnesAndBeforeAllOthers) {
  Night night;
  const ExamId p1 = night.ready("A1", Urgency::p1), p3 = night.ready("A2", Urgency::p3),
               p0 = night.ready("A3", Urgency::p0);
  EXPECT_EQ(night.head().say(Pin{p3, true, "theatre waits"}).code, Errc::ok);
  Actor& anne = night.read(p_anne);
  std::vector<ExamId> order;
  anne.next();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    order.push_back(anne.in_hand());
    anne.sign(anne.in_hand(), i);
  }
  EXPECT_EQ(order, (std::vector<ExamId>{p0, p3, p1}));
}

TEST(Cancels, WhatHasBegunIsCancelledByWhoReadsIt) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(night.requester().cancel(exam).code, Errc::acquisition_begun);
  EXPECT_EQ(night.said(EventKind::cancel_asked)->session, anne.session);
  EXPECT_EQ(night.state(exam), ExamState::reading);
  EXPECT_EQ(night.regulator().say(AnswerCancel{exam, true, "r"}).code, Errc::not_holder);
  EXPECT_EQ(anne.say(AnswerCancel{exam, true, "wrong patient"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::cancelled);
  EXPECT_FALSE(anne.in_hand());
}

TEST(Cancels, WithoutAnAnswerWithinTwoMinutesItStaysAndTheHospitalIsTold) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  night.requester().cancel(exam);
  night.wait(2_min);
  EXPECT_EQ(night.said(EventKind::cancel_refused)->text, "unanswered");
  EXPECT_EQ(night.state(exam), ExamState::reading);
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::ok);
}

TEST(SettingAside, AVitalExamIsReadFirstAndTheOtherReturns) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId slow = night.being_read("A1", anne, Urgency::p3);
  const ExamId vital = night.ready("A2", Urgency::p0), other = night.ready("A3", Urgency::p1);
  EXPECT_EQ(anne.say(Suspend{slow, night.exam(slow).epoch}).code, Errc::ok);
  EXPECT_EQ(anne.in_hand(), vital) << "the vital one, at once";
  anne.accept_offer(vital);
  EXPECT_EQ(anne.say(Suspend{vital, night.exam(vital).epoch}).code, Errc::bad_value);
  EXPECT_EQ(anne.sign(vital, 1).code, Errc::ok);
  EXPECT_EQ(anne.in_hand(), slow) << "before anything else that waits";
  EXPECT_EQ(night.state(slow), ExamState::reading);
  EXPECT_EQ(night.state(other), ExamState::ready);
  EXPECT_EQ(anne.sign(slow, 2).code, Errc::ok);
}

TEST(SettingAside, OnlyAVitalExamComesBetween) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId slow = night.being_read("A1", anne, Urgency::p3);
  anne.say(Suspend{slow, night.exam(slow).epoch});
  night.ready("A2", Urgency::p1);
  EXPECT_FALSE(anne.in_hand());
  EXPECT_EQ(anne.say(Resume{slow}).code, Errc::ok);
  EXPECT_EQ(anne.in_hand(), slow);
}

TEST(SettingAside, WhoseSessionEndsLosesBoth) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId slow = night.being_read("A1", anne, Urgency::p3);
  const ExamId vital = night.ready("A2", Urgency::p0);
  anne.say(Suspend{slow, night.exam(slow).epoch});
  anne.accept_offer(vital);
  night.node(lyon, ExpireSession{anne.session, anne.incarnation});
  EXPECT_EQ(night.state(slow), ExamState::ready);
  EXPECT_EQ(night.state(vital), ExamState::ready);
  EXPECT_TRUE(task_of(night, vital, TaskKind::call_reader)) << "somebody calls her (T14)";
  EXPECT_FALSE(task_of(night, slow, TaskKind::call_reader));
}

TEST(MoreImages, AreMadeAndTheExamReturnsToItsReader) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  Actor& bruno = night.read(p_bruno);
  EXPECT_EQ(anne.say(WantImages{exam, night.exam(exam).epoch, "late phase"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::acquiring);
  const ExamId meanwhile = night.ready("A2");
  EXPECT_EQ(anne.in_hand(), meanwhile) << "she takes another meanwhile";
  anne.accept_offer(meanwhile);
  bruno.free();
  night.complete(exam);
  EXPECT_FALSE(bruno.in_hand()) << "it is hers";
  anne.sign(meanwhile, 1);
  EXPECT_EQ(anne.in_hand(), exam);
}

// domain F1, F15
TEST(Phone, AnExamThatBeganOnThePhoneGetsItsOrderBeforeOrAfterItCame) {
  Night night;
  Actor& assistant = night.actor(p_assistant, Role::assistant, lyon);
  Request call = night.request("PHONE-1");
  call.flags = ExamFlag::phoned;
  EXPECT_EQ(night.requester().say(Submit{{call}, "C1"}).code, Errc::unauthorised)
      << "only who answers the phone says so";
  const ExamId exam = assistant.say(Submit{{call}, "C1"}).exam;
  night.accepted(exam, Urgency::p0, "AVC v3");

  const ExamId own = night.submit("A7");  // its order comes, unknown as such
  const OrderKey key = night.request("A7").key;
  EXPECT_EQ(assistant.say(LinkOrder{exam, key}).code, Errc::ok);
  EXPECT_EQ(night.state(own), ExamState::cancelled) << "one exam";
  EXPECT_EQ(night.exam(exam).request.key, key);
  EXPECT_EQ(night.exam(exam).request.sealed, "sealed A7") << "the order knows more";
  const Answer again = night.submit(marseille, night.request("A7"), "MSG-A7");
  EXPECT_EQ(again.exam, exam);
  EXPECT_TRUE(again.duplicate) << "the order sent again is this exam";
  EXPECT_EQ(assistant.say(LinkOrder{exam, night.request("A8").key}).code, Errc::wrong_state)
      << "it has its order";
}

TEST(Phone, AnOrderLinkedBeforeItComesIsThatExam) {
  Night night;
  Actor& assistant = night.actor(p_assistant, Role::assistant, lyon);
  Request call = night.request("PHONE-1");
  call.flags = ExamFlag::phoned;
  const ExamId exam = assistant.say(Submit{{call}, "C1"}).exam;
  EXPECT_EQ(assistant.say(LinkOrder{exam, night.request("A7").key}).code, Errc::ok);
  EXPECT_EQ(night.submit("A7"), exam);
}

TEST(Phone, AnOrderThatIsBeingReadIsNotTakenAway) {
  Night night;
  Actor& assistant = night.actor(p_assistant, Role::assistant, lyon);
  Request call = night.request("PHONE-1");
  call.flags = ExamFlag::phoned;
  const ExamId exam = assistant.say(Submit{{call}, "C1"}).exam;
  night.ready("A7");
  EXPECT_EQ(assistant.say(LinkOrder{exam, night.request("A7").key}).code, Errc::wrong_state);
}

}  // namespace
}  // namespace vigie::room::test
