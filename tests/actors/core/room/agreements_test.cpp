// Which agreement a request is under, by the hours of its establishment's calendar (domain O9,
// O13).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

// domain O13
TEST(Agreements, TheAgreementOfTheArrivalIsKeptForTheExamsLife) {
  Night night;
  const ExamId exam = night.submit("A1");
  Directory revoked = three_centres();
  revoked.version = 2;
  revoked.agreements.erase(revoked.agreements.begin());
  EXPECT_EQ(night.node(lyon, ApplyDirectory{revoked}).code, Errc::ok);
  night.accepted(exam);
  EXPECT_EQ(night.exam(exam).group, everyone_group);
  EXPECT_FALSE(has(night.exam(exam).flags, ExamFlag::exceptional));
}

/// The CT agreement holds by night only; the guard begins an hour from now, and ends in 15 hours.
Directory by_night(UtcTime now) {
  Directory d = three_centres();
  Calendar c;
  c.id = {1};
  c.name = "metropole";
  c.turns = {{now - 9_h, Band::day}, {now + 1_h, Band::evening}, {now + 15_h, Band::day}};
  c.until = now + 24_h;
  d.calendars = {c};
  for (Establishment& e : d.establishments) e.calendar = {1};
  d.agreements[0].bands.add(Band::evening);
  return d;
}

// domain O9
TEST(Agreements, AnAgreementForTheGuardHoldsFromItsFirstMomentOn) {
  Night night(by_night({Night().at.value}));
  const ExamId early = night.submit("A1");
  EXPECT_TRUE(has(night.exam(early).flags, ExamFlag::no_agreement));
  EXPECT_EQ(night.exam(early).agreement, "");
  night.pass(1_h - 1_ms);
  EXPECT_TRUE(has(night.exam(night.submit("A2")).flags, ExamFlag::no_agreement));
  night.pass(1_ms);
  const ExamId sharp = night.submit("A3");
  EXPECT_FALSE(has(night.exam(sharp).flags, ExamFlag::no_agreement));
  EXPECT_EQ(night.exam(sharp).agreement, "ct");
  EXPECT_EQ(night.exam(sharp).group, everyone_group);
  // What came before is under it too once a regulator accepts it now.
  night.accepted(early);
  EXPECT_EQ(night.exam(early).agreement, "ct");
  EXPECT_FALSE(has(night.exam(early).flags, ExamFlag::exceptional));
}

TEST(Agreements, AQuarterOfAnHourAfterTheGuardARequestIsStillUnderItsAgreement) {
  Night night(by_night({Night().at.value}));
  night.pass(15_h + 15_min - 1_ms);
  const ExamId late = night.submit("A1");
  EXPECT_EQ(night.exam(late).agreement, "ct");
  night.pass(1_ms);
  EXPECT_EQ(night.exam(night.submit("A2")).agreement, "");
  night.wait(4_h);  // by day: the exam keeps what it came under
  night.accepted(late);
  EXPECT_EQ(night.exam(late).agreement, "ct");
}

TEST(Agreements, AModalityThatIsSetAfterTheGuardIsUnderWhatHeldWhenTheRequestCame) {
  Night night(by_night({Night().at.value}));
  night.pass(14_h);
  Request r = night.request("A1");
  r.modality = Modality::unknown;
  const ExamId exam = night.submit(marseille, r, "M1").exam;
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::no_agreement));
  night.wait(2_h);
  EXPECT_EQ(night.regulator().claim(exam).code, Errc::ok);
  EXPECT_EQ(night.regulator()
                .say(Accept{exam, "R1", "TDM v1", Urgency::p2, Modality::ct, Region::unknown})
                .code,
            Errc::ok);
  EXPECT_EQ(night.exam(exam).agreement, "ct");
  EXPECT_FALSE(has(night.exam(exam).flags, ExamFlag::exceptional));
}

TEST(Directories, CalendarsThatWereNotExpandedAreRefused) {
  Night night;
  Directory d = by_night({night.at.value});
  d.version = 2;
  d.calendars[0].turns.clear();
  d.calendars[0].until = {};
  EXPECT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::bad_value);
  d.calendars[0].until = {night.at.value};
  EXPECT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::bad_value);
  d.calendars[0].until = {night.at.value + 1};
  EXPECT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::ok);
}

TEST(Agreements, BandsGoByUtcNotByTheStampsOfTheLog) {
  Night night(by_night({Night().at.value}));
  night.pass(59_min + 59_s);
  EXPECT_EQ(night.exam(night.submit("A1")).agreement, "");
  EXPECT_EQ(night.node(lyon, ClockCorrection{1_s}).code, Errc::ok);
  EXPECT_EQ(night.exam(night.submit("A2")).agreement, "ct");
}

// domain O2, O8
TEST(Agreements, MayHaveTargetsOfTheirOwn) {
  Directory d = three_centres();
  d.agreements[0].targets[static_cast<std::size_t>(Urgency::p2)] = 90_min;
  Night night(d);
  const ExamId exam = night.ready("A1"), urgent = night.ready("A2", Urgency::p1);
  EXPECT_EQ(night.exam(exam).deadline, night.exam(exam).first_image_at + 90_min);
  EXPECT_EQ(night.exam(urgent).deadline, night.exam(urgent).first_image_at + d.rules.target_p1);
  EXPECT_EQ(night.head().say(SetUrgency{{exam, {}}, Urgency::p3, "less"}).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).deadline, night.exam(exam).first_image_at + d.rules.target_p3);
}

}  // namespace
}  // namespace vigie::room::test
