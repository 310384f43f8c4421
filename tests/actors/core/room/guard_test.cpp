// What a guard brings: its end at each hospital (O17), quotas (O22), overflow by load (O12),
// engines (A1, A2).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

constexpr UtcTime begin{1'700'000'000'000};  // of each Night

/// At the Timone it is guard for another hour, then day for ten, then guard.
Directory with_calendar() {
  Directory d = three_centres();
  Calendar c;
  c.id = {1};
  c.name = "timone";
  c.turns = {{begin - 5_h, Band::evening},
             {begin - 2_h, Band::deep_night},
             {begin + 1_h, Band::day},
             {begin + 11_h, Band::evening}};
  c.until = begin + 24_h;
  d.calendars = {c};
  for (Establishment& e : d.establishments) {
    if (e.id == timone) e.calendar = {1};
  }
  return d;
}

bool is_to_hand_over(const Night& night, ExamId exam) {
  return has_task(night.exam(exam), TaskKind::hand_over);
}

// domain O17
TEST(HandOver, WhatIsUnreadWhenItsHospitalsGuardEndsIsATaskForTheDutyHead) {
  Night night(with_calendar());
  const ExamId unread = night.protocolled("A1");
  const ExamId elsewhere = night.submit(lyon, night.request(edouard, "B1"), "M1").exam;
  EXPECT_EQ(night.exam(unread).guard_until, night.at + 1_h);
  EXPECT_FALSE(night.exam(elsewhere).guard_until) << "no calendar there";
  const ExamId read = night.ready("A2");
  night.read(p_anne).next();
  EXPECT_EQ(night.read(p_anne).sign(read, 1).code, Errc::ok);
  night.wait(1_h - 1_ms);
  EXPECT_FALSE(is_to_hand_over(night, unread));
  night.wait(1_ms);
  EXPECT_TRUE(is_to_hand_over(night, unread));
  EXPECT_FALSE(is_to_hand_over(night, read));
  EXPECT_EQ(owner_of(TaskKind::hand_over), Role::duty_head);
  EXPECT_FALSE(night.exam(night.submit("A3")).guard_until) << "it came by day";
}

// domain O17
TEST(HandOver, KeptItIsReadAndGivenItEndsHere) {
  Night night(with_calendar());
  const ExamId kept = night.ready("A1"), given = night.ready("A2"), taken = night.ready("A3");
  night.wait(1_h);
  EXPECT_EQ(night.head().say(HandOver{{kept, {}}, true, ""}).code, Errc::bad_value);
  EXPECT_EQ(night.head().say(HandOver{{kept, {}}, true, "nearly read"}).code, Errc::ok);
  EXPECT_FALSE(is_to_hand_over(night, kept));
  EXPECT_EQ(night.state(kept), ExamState::ready);
  EXPECT_EQ(night.head().say(HandOver{{kept, {}}, true, "again"}).code, Errc::wrong_state);
  EXPECT_EQ(night.head().say(HandOver{{given, {}}, false, "Dr B, on the phone"}).code, Errc::ok);
  EXPECT_EQ(night.state(given), ExamState::cancelled);
  EXPECT_EQ(night.exam(given).reason, "Dr B, on the phone");
  EXPECT_TRUE(night.said(EventKind::exam_handed_over));
  // The day service says so itself; another hospital's does not.
  const HandOver ours{{{}, night.request("A3").key}, false, "Dr C"};
  Actor& stranger = night.actor(p_requester_edouard, Role::requester, lyon);
  EXPECT_EQ(stranger.say(ours).code, Errc::unauthorised);
  EXPECT_EQ(night.requester().say(ours).code, Errc::ok);
  EXPECT_EQ(night.state(taken), ExamState::cancelled);
}

// domain O17
TEST(HandOver, WhatIsBeingReadIsSignedAndNoTaskStaysOpen) {
  Night night(with_calendar());
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  night.wait(1_h);
  EXPECT_TRUE(is_to_hand_over(night, exam));
  EXPECT_EQ(night.head().say(HandOver{{exam, {}}, false, "Dr B"}).code, Errc::wrong_state);
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::ok);
  EXPECT_FALSE(is_to_hand_over(night, exam));
}

TEST(HandOver, WhatIsRefusedIsNobodysTask) {
  Night night(with_calendar());
  Request r = night.request("A1");
  r.modality = Modality::unknown;
  const ExamId exam = night.submit(marseille, r, "M1").exam;
  night.wait(1_h);
  EXPECT_TRUE(is_to_hand_over(night, exam));
  r.modality = Modality::us;
  EXPECT_EQ(night.node(marseille, Amend{r, "M2"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::refused);
  EXPECT_EQ(night.head().say(HandOver{{exam, {}}, false, "Dr B"}).code, Errc::wrong_state);
}

/// `quota` exams in a guard under "mr", which a second agreement follows if `next`.
Directory with_quota(std::uint16_t quota, bool next) {
  Directory d = with_calendar();
  d.agreements[1].quota = quota;
  if (next) {
    Agreement second = d.agreements[1];
    second.name = "mr-next";
    second.group = everyone_group;
    second.overflow = {};
    second.quota = 0;
    d.agreements.push_back(second);
  }
  return d;
}

ExamId mr(Night& night, const std::string& number) {
  Request r = night.request(number);
  r.modality = Modality::mr;
  return night.submit(marseille, r, "MSG-" + number).exam;
}

// domain O22
TEST(Quota, BeyondItTheNextAgreementCoversOrTheRegulatorDecides) {
  Night night(with_quota(2, false));
  EXPECT_EQ(night.exam(mr(night, "A1")).agreement, "mr");
  EXPECT_EQ(night.exam(mr(night, "A2")).agreement, "mr");
  const ExamId third = mr(night, "A3");
  EXPECT_EQ(night.exam(third).agreement, "");
  EXPECT_TRUE(has(night.exam(third).flags, ExamFlag::over_quota));
  EXPECT_EQ(night.exam(night.accepted(third, Urgency::p2, "NEURO v1")).state,
            ExamState::protocolled);
  EXPECT_TRUE(has(night.exam(third).flags, ExamFlag::exceptional));

  Night other(with_quota(2, true));
  EXPECT_EQ(other.exam(mr(other, "A1")).agreement, "mr");
  EXPECT_EQ(other.exam(mr(other, "A2")).agreement, "mr");
  const ExamId more = mr(other, "A3");
  EXPECT_EQ(other.exam(more).agreement, "mr-next");
  EXPECT_FALSE(has(other.exam(more).flags, ExamFlag::over_quota));
}

// domain O22
TEST(Quota, CountsAnewWithEachGuard) {
  Night night(with_quota(1, false));
  EXPECT_EQ(night.exam(mr(night, "A1")).agreement, "mr");
  EXPECT_EQ(night.exam(mr(night, "A2")).agreement, "");
  night.wait(1_h);
  EXPECT_EQ(night.exam(mr(night, "A3")).agreement, "mr");
  EXPECT_EQ(night.exam(mr(night, "A4")).agreement, "");
  night.wait(10_h);
  EXPECT_EQ(night.exam(mr(night, "A5")).agreement, "mr");
}

/// MR of the south opens its overflow, Lyon, at half an hour of predicted wait, until ten minutes.
Directory with_overflow() {
  Directory d = three_centres();
  d.rules.overflow_open = 30_min;
  d.rules.overflow_close = 15_min;
  return d;
}

ExamId ready_mr(Night& night, const std::string& number) {
  return night.complete(night.accepted(mr(night, number), Urgency::p3, "NEURO v1"));
}

// domain O12
TEST(Overflow, OpensByLoadAndClosesBelowALowerThreshold) {
  Night night(with_overflow());
  Actor& pia = night.read(p_pia);  // the south's only reader of MR: she is away until then
  const auto is_open = [&] { return is_overflowing(night.room.state(), south); };
  ready_mr(night, "A1");
  const ExamId second = ready_mr(night, "A2");
  EXPECT_FALSE(is_open()) << "26 minutes";
  EXPECT_FALSE(has(night.exam(second).flags, ExamFlag::overflow));
  const ExamId third = ready_mr(night, "A3");
  EXPECT_TRUE(is_open()) << "39 minutes";
  EXPECT_EQ(night.count(EventKind::overflow_opened), 1u);
  EXPECT_TRUE(has(night.exam(second).flags, ExamFlag::overflow)) << "those that wait, too";
  Actor& lea = night.read(p_lea);  // in Lyon: the overflow
  lea.next();
  EXPECT_EQ(lea.in_hand(), night.exam(lea.in_hand()).id);
  EXPECT_EQ(night.state(lea.in_hand()), ExamState::reading);
  EXPECT_TRUE(is_open()) << "26 minutes: above the lower threshold";
  lea.sign(lea.in_hand(), 1);
  EXPECT_FALSE(is_open()) << "13 minutes";
  EXPECT_EQ(night.count(EventKind::overflow_closed), 1u);
  lea.away();
  const ExamId fourth = ready_mr(night, "A4");
  EXPECT_FALSE(has(night.exam(fourth).flags, ExamFlag::overflow));
  EXPECT_EQ(night.exam(third).group, south);
  pia.next();
}

TEST(Overflow, WithoutThresholdsOnlyAnExamsOwnWaitOpensIt) {
  Night night;
  for (int i = 0; i < 6; ++i) ready_mr(night, "A" + std::to_string(i));
  EXPECT_EQ(night.count(EventKind::overflow_opened), 0u);
}

Directory with_engine(std::uint16_t per_hour) {
  Directory d = three_centres();
  d.engines = {{"aidoc", per_hour, {{"haemorrhage", Urgency::p1}, {"fracture", Urgency::p2}}}};
  return d;
}

Answer find(Night& night, ExamId exam, const std::string& finding,
            const std::string& version = "3.1") {
  return night.node(marseille, AddFinding{{exam, {}}, "aidoc", version, finding});
}

// domain A1
TEST(Engines, AFindingRaisesToItsCeilingAndReordersTheQueue) {
  Night night(with_engine(10));
  const ExamId first = night.ready("A1", Urgency::p2), flagged = night.ready("A2", Urgency::p3);
  EXPECT_EQ(find(night, flagged, "haemorrhage").code, Errc::ok);
  EXPECT_EQ(night.exam(flagged).urgency, Urgency::p1);
  Actor& anne = night.read(p_anne);
  anne.next();
  EXPECT_EQ(anne.in_hand(), flagged);
  EXPECT_EQ(find(night, first, "fracture").code, Errc::ok);
  EXPECT_EQ(night.exam(first).urgency, Urgency::p2)
      << "never lower, and no higher than its ceiling";
  EXPECT_FALSE(night.exam(first).findings.front().raised);
  EXPECT_EQ(find(night, first, "cyst").code, Errc::ok);
  EXPECT_EQ(night.exam(first).urgency, Urgency::p2) << "it has no ceiling";
}

// domain A1
TEST(Engines, AFloodOfFlagsIsBoundedByTheHour) {
  Night night(with_engine(3));
  std::vector<ExamId> exams;
  for (int i = 0; i < 6; ++i) exams.push_back(night.ready("A" + std::to_string(i), Urgency::p3));
  const auto raised = [&] {
    return std::count_if(exams.begin(), exams.end(),
                         [&](ExamId id) { return night.exam(id).urgency == Urgency::p1; });
  };
  for (const ExamId exam : exams) EXPECT_EQ(find(night, exam, "haemorrhage").code, Errc::ok);
  EXPECT_EQ(raised(), 3);
  EXPECT_EQ(night.exam(exams.back()).findings.size(), 1u) << "kept all the same";
  night.wait(1_h);
  EXPECT_EQ(find(night, exams.back(), "haemorrhage", "3.2").code, Errc::ok);
  EXPECT_EQ(raised(), 4);
}

// domain A2
TEST(Engines, AFlagIsKeptBesideTheReportAndALateOneDelaysNothing) {
  Night night(with_engine(10));
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(find(night, exam, "").code, Errc::ok) << "it found nothing";
  EXPECT_EQ(night.said(EventKind::ai_received)->session, anne.session) << "his own exam";
  EXPECT_EQ(anne.say(Sign{exam, night.exam(exam).epoch, {1}, "bleed", "haemorrhage"}).code,
            Errc::ok);
  EXPECT_EQ(find(night, exam, "haemorrhage", "4").code, Errc::ok) << "late";
  EXPECT_EQ(night.state(exam), ExamState::validated);
  ASSERT_EQ(night.exam(exam).findings.size(), 2u);
  EXPECT_EQ(night.exam(exam).findings[0].code, "");
  EXPECT_EQ(night.exam(exam).reports.front().critical, "haemorrhage");
}

TEST(Engines, WhatCannotBeIsRefusedAndTwiceIsOnce) {
  Night night(with_engine(10));
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.node(marseille, AddFinding{{exam, {}}, "other", "1", "x"}).code, Errc::bad_value);
  EXPECT_EQ(night.node(marseille, AddFinding{{exam, {}}, "aidoc", "", "x"}).code, Errc::bad_value);
  EXPECT_EQ(night.node(marseille, AddFinding{{{77}, {}}, "aidoc", "1", "x"}).code,
            Errc::unknown_key_order);
  EXPECT_EQ(find(night, exam, "x").code, Errc::ok);
  EXPECT_TRUE(find(night, exam, "x").duplicate);
  for (std::size_t i = 1; i < limits::findings_count; ++i) {
    EXPECT_EQ(find(night, exam, "y" + std::to_string(i)).code, Errc::ok);
  }
  EXPECT_EQ(find(night, exam, "more").code, Errc::limit_reached);
}

}  // namespace
}  // namespace vigie::room::test
