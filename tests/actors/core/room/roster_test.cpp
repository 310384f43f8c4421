// The roster (O21): who is on it is offered exams, who does not come is told of, and whoever leads
// the guard changes it.
#include "messages/types/roster.hpp"

#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

constexpr UtcTime begin{1'700'000'000'000};  // of each Night

Shift shift(PersonId who, SiteId where, Millis from, Millis until) {
  return {who, where, begin + from, begin + until};
}

Directory with_roster(std::vector<Shift> roster) {
  Directory d = three_centres();
  d.roster = std::move(roster);
  return d;
}

/// Anne from an hour ago for eight, Lea in an hour for eight.
std::vector<Shift> anne_then_lea() {
  return {shift(p_lea, lyon, 1_h, 9_h), shift(p_anne, bordeaux, 0_ms - 1_h, 7_h)};
}

// domain O21
TEST(Roster, WhoIsNotOnItIsOfferedNothingUntilHisShiftBegins) {
  Night night(with_roster(anne_then_lea()));
  Actor& lea = night.read(p_lea);
  lea.free();
  const ExamId first = night.ready("A1");
  EXPECT_EQ(night.state(first), ExamState::ready) << "Lea is not on yet, Anne is not there";
  night.wait(1_h - 1_ms);
  EXPECT_EQ(night.state(first), ExamState::ready);
  EXPECT_EQ(night.room.next_due(), night.at + 1_ms) << "the leader wakes for it";
  night.wait(1_ms);
  EXPECT_EQ(lea.in_hand(), first);
}

// domain O21
TEST(Roster, BindsWhileAnybodyIsOnIt) {
  Night night(with_roster({shift(p_anne, bordeaux, 0_ms, 1_h), shift(p_anne, bordeaux, 2_h, 3_h)}));
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const ExamId exam = night.ready("A1");
  night.wait(30_min);
  EXPECT_EQ(night.state(exam), ExamState::ready) << "Anne is expected";
  night.wait(30_min);
  EXPECT_EQ(bruno.in_hand(), exam) << "nobody is";
}

// domain O21
TEST(Roster, AnExamThatTheDutyHeadGivesGoesToWhoIsNotOnIt) {
  Night night(with_roster(anne_then_lea()));
  night.read(p_bruno).free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_EQ(night.head().say(Direct{exam, p_bruno, "nobody else"}).code, Errc::ok);
  EXPECT_EQ(night.read(p_bruno).in_hand(), exam);
}

// domain O21
TEST(Roster, WhoDoesNotComeIsToldOfOnce) {
  Night night(with_roster(anne_then_lea()));
  Actor& head = night.head();
  night.wait(1_h + night.room.directory().rules.no_show - 1_ms);
  EXPECT_EQ(night.count(EventKind::shift_missed), 1u) << "Anne, who began before";
  night.wait(1_ms);
  ASSERT_EQ(night.count(EventKind::shift_missed), 2u);
  const Event& missed = *night.said(EventKind::shift_missed);
  EXPECT_EQ(missed.by, p_lea);
  EXPECT_EQ(missed.site, lyon);
  EXPECT_EQ(missed.session, head.session);
  night.wait(10_h);
  EXPECT_EQ(night.count(EventKind::shift_missed), 2u);
}

// domain O21
TEST(Roster, WhoIsThereIsNotMissed) {
  Night night(with_roster({shift(p_lea, lyon, 1_h, 9_h)}));
  night.read(p_lea);
  night.wait(2_h);
  EXPECT_EQ(night.count(EventKind::shift_missed), 0u);
}

// domain O21
TEST(Roster, IsChangedAsItStandsOrNotAtAll) {
  Night night(with_roster(anne_then_lea()));
  const Shift leas = shift(p_lea, lyon, 1_h, 9_h), lucs = shift(p_luc, lyon, 1_h, 9_h);
  Actor& head = night.head();
  const std::uint32_t version = night.room.directory().version;
  EXPECT_EQ(head.say(SetShift{lucs, leas, "swap"}).code, Errc::stale);
  EXPECT_EQ(head.say(SetShift{leas, leas, "same"}).code, Errc::bad_value);
  EXPECT_EQ(head.say(SetShift{leas, lucs, ""}).code, Errc::bad_value);
  EXPECT_EQ(head.say(SetShift{leas, shift(p_regulator, lyon, 1_h, 9_h), "who"}).code,
            Errc::bad_value);
  EXPECT_EQ(head.say(SetShift{leas, shift(p_luc, lyon, 1_h, 26_h), "long"}).code, Errc::bad_value);
  EXPECT_EQ(head.say(SetShift{{}, shift(p_anne, lyon, 1_h, 2_h), "twice"}).code, Errc::bad_value);
  EXPECT_EQ(night.room.directory().version, version) << "nothing was changed";
  EXPECT_EQ(head.say(SetShift{leas, lucs, "swap"}).code, Errc::ok);
  EXPECT_EQ(night.room.directory().version, version + 1);
  EXPECT_TRUE(night.said(EventKind::shift_set));
  night.wait(1_h);
  night.read(p_lea).free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::ready) << "Lea has given her shift away";
  night.read(p_luc).free();
  EXPECT_EQ(night.read(p_luc).in_hand(), exam);
}

// domain O21
TEST(Roster, WhoIsCalledInReadsAtOnce) {
  Night night(with_roster(anne_then_lea()));
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const ExamId exam = night.ready("A1");
  const SetShift called{{}, shift(p_bruno, bordeaux, 0_ms, 2_h), "crash"};
  EXPECT_EQ(night.head().say(called).code, Errc::ok);
  EXPECT_EQ(bruno.in_hand(), exam);
}

// domain R4, O21
TEST(Roster, ASiteLeadChangesHisOwnCentreOnly) {
  Night night(with_roster(anne_then_lea()));
  Actor& lead = night.actor(p_lead, Role::site_lead, lyon);
  const Shift leas = shift(p_lea, lyon, 1_h, 9_h), annes = shift(p_anne, bordeaux, 0_ms - 1_h, 7_h);
  EXPECT_EQ(lead.say(SetShift{annes, {}, "ill"}).code, Errc::unauthorised);
  EXPECT_EQ(lead.say(SetShift{leas, shift(p_bruno, bordeaux, 1_h, 9_h), "swap"}).code,
            Errc::unauthorised);
  EXPECT_EQ(lead.say(SetShift{leas, shift(p_luc, lyon, 1_h, 9_h), "swap"}).code, Errc::ok);
}

// domain O21
TEST(Roster, WhatWouldNotBeDoneInTimeIsReadByWhoIsThereAtTheLastStep) {
  Night night(with_roster({shift(p_anne, bordeaux, 0_ms, 1_h)}));
  Actor& anne = night.read(p_anne);
  night.wait(50_min);
  anne.free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::ready) << "13 minutes, and 10 are left";
  const ExamId vital = night.ready("A2", Urgency::p0);
  EXPECT_EQ(anne.in_hand(), vital);
  EXPECT_EQ(anne.accept_offer(vital).code, Errc::ok);
  EXPECT_EQ(anne.sign(vital, 1).code, Errc::ok);
  EXPECT_FALSE(anne.in_hand());
  night.wait(night.room.directory().rules.relax_overflow);
  EXPECT_EQ(anne.in_hand(), exam);
}

TEST(Roster, TurnsWhenAShiftBeginsEndsOrIsMissed) {
  const std::vector<Shift> roster = {shift(p_anne, lyon, 0_ms, 8_h), shift(p_lea, lyon, 2_h, 10_h),
                                     shift(p_luc, lyon, 30_h, 38_h)};
  const auto turn = [&](Millis after) { return roster_turn(roster, begin + after, 5_min) - begin; };
  EXPECT_EQ(turn(0_ms - 1_ms), 0_ms);
  EXPECT_EQ(turn(0_ms), 5_min);
  EXPECT_EQ(turn(5_min), 2_h);
  EXPECT_EQ(turn(2_h), 2_h + 5_min);
  EXPECT_EQ(turn(3_h), 8_h);
  EXPECT_EQ(turn(8_h), 10_h);
  EXPECT_EQ(turn(10_h), 30_h);
  EXPECT_FALSE(roster_turn(roster, begin + 38_h, 5_min));
  EXPECT_FALSE(roster_turn({}, begin, 5_min));
}

}  // namespace
}  // namespace vigie::room::test
