// What goes by UTC, as the checker judges it: the roster above all. Clocks are corrected, and so is
// what it says (domain O21, design D3).
#include <gtest/gtest.h>

#include "tests/verify/linear_test/story.hpp"

namespace vigie::linear {
namespace {

constexpr PersonId p_ana{4}, p_bob{5};

/// A night in which exam 3 waits, and Bob is on the roster.
class Roster {
 public:
  Story night;
  const ExamId exam = Story::exam(3);
  const UtcTime begin;

  explicit Roster(Urgency urgency = Urgency::p0) : begin(prepared(urgency)) {
    put({p_bob, Story::lyon, begin, begin + 12_h});
  }
  void put(Shift shift) { night.ask(Story::head, SetShift{{}, shift, "why"}); }
  void correct(Millis change) { night.node(ClockCorrection{change}); }
  /// By an entry of that federation time.
  void give(SessionId to, UtcTime at) {
    night.node(Tick{});
    night.h.log.back().at = FedTime{at.value};
    night.given(night.last(), exam, to);
  }
  void sound() {
    const Findings found = judge(night.h);
    EXPECT_TRUE(found.ok()) << words(found);
  }
  void faulty() {
    const Findings found = judge(night.h);
    ASSERT_EQ(found.faults.size(), 1u) << words(found);
    EXPECT_EQ(found.faults.front().kind, "bad_assignment") << words(found);
  }

 private:
  UtcTime prepared(Urgency urgency) {
    night.attach(Story::head, 7, Role::duty_head);
    night.ask(Story::head, TakeDuty{0, {}, {}});
    night.prepare(3, urgency);
    return UtcTime{night.h.log.back().at.value};
  }
};

TEST(JudgedRoster, WhoIsNotOnItIsGivenNothingWhileAnybodyIs) {
  for (const Millis after : {11_h, 12_h}) {
    Roster r;
    r.give(Story::ana, r.begin + after);
    after == 12_h ? r.sound() : r.faulty();
  }
  Roster r;
  r.give(Story::bob, r.begin + 1_h);
  r.sound();
}

TEST(JudgedRoster, AShiftBeginsWithItsFirstMomentAndEndsBeforeItsLast) {
  constexpr Millis from = 10_s, until = 20_s;
  for (const Millis after : {from - 1_ms, from, until - 1_ms, until}) {
    Roster r;
    r.put({p_ana, Story::lyon, r.begin + from, r.begin + until});
    r.give(Story::ana, r.begin + after);
    after >= from&& after < until ? r.sound() : r.faulty();
  }
}

TEST(JudgedRoster, GoesByTheClocksAsTheyWereCorrected) {
  constexpr Millis from = 10_s, until = 20_s;
  for (const Millis change : {Millis{-1000}, Millis{}, 1_s}) {
    for (const Millis after : {from - 500_ms, from + 500_ms, until - 500_ms, until + 500_ms}) {
      Roster r;
      r.put({p_ana, Story::lyon, r.begin + from, r.begin + until});
      r.correct(change);
      r.give(Story::ana, r.begin + after);
      const Millis utc = after + change;
      utc >= from&& utc < until ? r.sound() : r.faulty();
    }
  }
}

TEST(JudgedRoster, CorrectionsAddUpAndOneThatIsTooLongIsNone) {
  for (const Millis change : {500_ms, 1001_ms}) {
    Roster r;
    r.put({p_ana, Story::lyon, r.begin + 10_s, r.begin + 20_s});
    r.correct(change);
    r.correct(change);
    r.give(Story::ana, r.begin + 9_s);
    change == 500_ms ? r.sound() : r.faulty();
  }
}

TEST(JudgedRoster, WhatTimeDoesInAnEntryGoesBeforeItsCommand) {
  for (const bool was_on : {true, false}) {
    Roster r;
    const UtcTime turn = r.begin + 10_s;
    r.put({p_ana, Story::lyon, was_on ? r.begin : turn, was_on ? turn : turn + 1_h});
    r.give(Story::ana, turn - 500_ms);
    r.night.h.log.back().proposal->command = ClockCorrection{1_s};
    r.sound();
  }
}

TEST(JudgedRoster, WhatIsKeptForSomebodyIsHis) {
  for (const bool kept : {true, false}) {
    Roster r;
    if (kept) r.night.ask(Story::head, Direct{r.exam, p_ana, "why"});
    r.give(Story::ana, r.begin + 10_s);
    kept ? r.sound() : r.faulty();
  }
}

TEST(JudgedRoster, WhatGoesOnPastAShiftIsForThoseWhoStay) {
  constexpr Millis reading = 1_min * mean_read_minutes, last_step = 3_min;
  for (const Urgency urgency : {Urgency::p0, Urgency::p2}) {
    for (const Millis after : {1_min, last_step}) {
      for (const Millis left : {reading, reading - 1_ms}) {
        Roster r{urgency};
        r.put({p_ana, Story::lyon, r.begin, r.begin + after + left});
        r.give(Story::ana, r.begin + after);
        const bool anybody = urgency == Urgency::p0 || after == last_step;
        anybody || left == reading ? r.sound() : r.faulty();
      }
    }
  }
}

TEST(JudgedRoster, WhoIsOnItIsPassedOverByNobody) {
  for (const Millis left : {4_h, 4_h - 1_ms}) {
    Roster r{Urgency::p1};
    r.night.submit("ORD-4", 4);
    r.night.prepare(4, Urgency::p1);
    r.put({p_ana, Story::lyon, r.begin, r.begin + 1_min + left});
    r.give(Story::ana, r.begin + 1_min);
    r.night.h.shown.back().event.exam = Story::exam(4);  // which came later
    left == 4_h ? r.faulty() : r.sound();
  }
}

TEST(JudgedRoster, WhereNobodyKnowsHowClocksWereCorrectedNothingGoesByThem) {
  for (const bool known : {true, false}) {
    Roster r;
    r.night.attach(Story::regulator, 2, Role::regulator, 4);  // two more than the next
    r.night.silence(r.night.last());
    r.night.ask(Story::regulator, known ? Command{Tick{}} : Command{ClockCorrection{1_s}});
    r.night.silence(r.night.last());
    r.give(Story::ana, r.begin + 10_s);
    known ? r.faulty() : r.sound();
  }
}

// What else is dated.

TEST(JudgedDates, AQualificationEndsByTheClocksAsTheyWereCorrected) {
  for (const Millis change : {Millis{}, 1_s}) {
    for (const Errc told : {Errc::ok, Errc::unauthorised}) {
      Story night;
      Directory d = Story::directory();
      d.version = 2;
      const UtcTime end = UtcTime{night.h.log.back().at.value} + 1_s;
      d.people[1].qualifications[0].until = end;
      night.node(ApplyDirectory{d});
      night.node(ClockCorrection{change});
      night.ask(Story::regulator, Claim{Story::exam(3)}, told);
      const bool is_over = change == 1_s;
      EXPECT_EQ(judge(night.h).ok(), is_over == (told != Errc::ok)) << words(judge(night.h));
    }
  }
}

TEST(JudgedDates, AnAgreementEndsByTheClocksAsTheyWereCorrected) {
  for (const Millis change : {Millis{}, 1_s}) {
    Story night;
    Directory d = Story::directory();
    d.version = 2;
    d.rules.agreement_grace = {};
    d.groups.push_back({{2}, "others", {}, {}});
    Agreement ending = d.agreements[0];
    ending.name = "ending";
    ending.group = {2};
    ending.until = UtcTime{night.h.log.back().at.value} + 1_s;
    d.agreements.insert(d.agreements.begin(), ending);
    night.node(ApplyDirectory{d});
    night.node(ClockCorrection{change});
    night.submit("ORD-4", 4);
    night.prepare(4);
    night.given(night.last(), Story::exam(4), Story::ana);  // who is of the first group
    EXPECT_EQ(judge(night.h).ok(), change == 1_s) << words(judge(night.h));
  }
}

}  // namespace
}  // namespace vigie::linear
