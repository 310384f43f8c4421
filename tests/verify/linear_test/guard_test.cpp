// The commands about the guard, as the checker judges them: who has the duty of the federation and
// who may take it, what a guard leaves unread, what engines say, how centres work.
#include <gtest/gtest.h>

#include "tests/verify/linear_test/story.hpp"

namespace vigie::linear {
namespace {

constexpr PersonId p_other{8};

class Guard {
 public:
  Story night;
  const ExamId exam = Story::exam(3);

  Guard() {
    night.attach(Story::head, 7, Role::duty_head);
    night.attach(Story::other_head, 8, Role::duty_head);
  }
  void take(SessionId who, std::uint32_t number, Errc told = Errc::ok, PersonId deputy = {}) {
    night.ask(who, TakeDuty{number, deputy, {exam}}, told);
  }
  void pin(SessionId who, Errc told = Errc::ok) { night.ask(who, Pin{exam, true, "why"}, told); }
  /// Out of reach for so long.
  void lose(SessionId who, Millis span) {
    night.node(ExpireSession{who, {1}});
    night.pass(span);
  }
  void sound() {
    const Findings found = judge(night.h);
    EXPECT_TRUE(found.ok()) << words(found);
  }
  void faulty(std::string_view kind) {
    const Findings found = judge(night.h);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.faults.front().kind, kind) << words(found);
  }
};

TEST(JudgedDuty, OnlyWhoHasItGivesItsCommands) {
  for (const Errc told : {Errc::unauthorised, Errc::ok}) {
    Guard g;
    g.take(Story::head, 0);
    g.pin(Story::head);
    g.pin(Story::other_head, told);
    told == Errc::ok ? g.faulty("two_heads") : g.sound();
  }
}

TEST(JudgedDuty, WhoHasItIsNotRefused) {
  Guard g;
  g.take(Story::head, 0);
  g.pin(Story::head, Errc::unauthorised);
  g.faulty("wrong_answer");
}

TEST(JudgedDuty, NobodyHasWhatNobodyTook) {
  Guard g;
  g.pin(Story::head);
  g.faulty("two_heads");
}

TEST(JudgedDuty, IsNotTakenFromWhoHasIt) {
  for (const Errc told : {Errc::not_holder, Errc::ok}) {
    Guard g;
    g.take(Story::head, 0);
    g.take(Story::other_head, 1, told);
    told == Errc::ok ? g.faulty("two_heads") : g.sound();
  }
}

TEST(JudgedDuty, IsTakenUnderItsNumberOnly) {
  for (const Errc told : {Errc::stale, Errc::ok}) {
    Guard g;
    g.take(Story::head, 0);
    g.night.ask(Story::head, OfferDuty{1, p_other});
    g.take(Story::other_head, 0, told);
    told == Errc::ok ? g.faulty("two_heads") : g.sound();
  }
}

TEST(JudgedDuty, IsHandedOverWithEveryOpenExamSeen) {
  for (const bool all : {true, false}) {
    for (const Errc told : {Errc::ok, Errc::bad_value}) {
      Guard g;
      g.take(Story::head, 0);
      g.night.ask(Story::head, OfferDuty{1, p_other});
      const std::vector<ExamId> seen = all ? std::vector{g.exam} : std::vector<ExamId>{};
      g.night.ask(Story::other_head, TakeDuty{1, {}, seen}, told);
      if (all != (told == Errc::ok)) {
        g.faulty(all ? "wrong_answer" : "two_heads");
        continue;
      }
      g.pin(Story::head, all ? Errc::unauthorised : Errc::ok);
      g.pin(Story::other_head, all ? Errc::ok : Errc::unauthorised);
      g.sound();
    }
  }
}

TEST(JudgedDuty, AfterAHandOverTheFormerHeadHasItNoMore) {
  Guard g;
  g.take(Story::head, 0);
  g.night.ask(Story::head, OfferDuty{1, p_other});
  g.take(Story::other_head, 1);
  g.pin(Story::head);
  g.faulty("two_heads");
}

TEST(JudgedDuty, TheDeputyFollowsAfterAWhileOutOfReachAndNotBefore) {
  for (const Millis span : {4_min, 5_min}) {
    for (const Errc told : {Errc::unauthorised, Errc::ok}) {
      Guard g;
      g.take(Story::head, 0, Errc::ok, p_other);
      g.lose(Story::head, span);
      g.pin(Story::other_head, told);
      const bool follows = span == 5_min;
      if (follows == (told == Errc::ok)) {
        g.sound();
      } else {
        g.faulty(follows ? "wrong_answer" : "two_heads");
      }
    }
  }
}

TEST(JudgedDuty, WhoIsBackInTimeKeepsIt) {
  for (const bool back : {true, false}) {
    Guard g;
    g.take(Story::head, 0, Errc::ok, p_other);
    g.lose(Story::head, 4_min);
    if (back) g.night.attach(Story::head, 7, Role::duty_head, 2);
    g.night.pass(4_min);
    g.pin(Story::other_head, back ? Errc::unauthorised : Errc::ok);
    g.sound();
    if (!back) continue;
    g.pin(Story::other_head);
    g.faulty("two_heads");
  }
}

TEST(JudgedDuty, IsLostWithItsHeadsCentre) {
  for (const Millis span : {4_min, 5_min}) {
    Guard g;
    g.take(Story::head, 0);
    g.night.node(SiteContact{Story::lyon, {1}, false});
    g.night.pass(span);
    g.take(Story::other_head, 1, span == 5_min ? Errc::ok : Errc::not_holder);
    g.sound();
  }
  Guard g;
  g.take(Story::head, 0);
  g.night.node(SiteContact{Story::lyon, {1}, false});
  g.night.pass(1_min);
  g.night.attach(Story::ana, 4, Role::reader, 2);  // through it: it is back
  g.night.pass(5_min);
  g.take(Story::other_head, 1);
  g.faulty("two_heads");
}

// His Attach that nobody was told of may have brought him back, or not.
TEST(JudgedDuty, WhatNobodyWasToldMayHaveBeenSoForOneOfThem) {
  for (const bool back : {true, false}) {
    Guard g;
    g.take(Story::head, 0, Errc::ok, p_other);
    g.lose(Story::head, 4_min);
    g.night.attach(Story::head, 7, Role::duty_head, 3);  // two more than the next
    g.night.silence(g.night.last());
    g.night.pass(4_min);
    g.pin(Story::other_head, back ? Errc::unauthorised : Errc::ok);
    g.sound();
    if (back) continue;  // he may be gone again
    g.pin(Story::head);
    g.faulty("two_heads");
  }
}

// domain O17

/// A night at whose hospital the guard ends within an hour.
class Unread : public Guard {
 public:
  Unread() {
    take(Story::head, 0);
    Directory d = Story::directory();
    d.version = 2;
    Calendar c;
    c.id = {1};
    c.turns = {{UtcTime{}, Band::evening}, {UtcTime{} + 77_min, Band::day}};
    c.until = UtcTime{} + 24_h;
    d.calendars = {c};
    d.establishments[0].calendar = {1};
    night.node(ApplyDirectory{d});
    night.submit("ORD-4", 4);
    night.prepare(4);
  }
  const ExamId unread = Story::exam(4);
  void hand_over(SessionId who, bool kept, Errc told = Errc::ok) {
    night.ask(who, HandOver{{unread, {}}, kept, "Dr B"}, told);
  }
};

TEST(JudgedHandOver, ComesWhenTheGuardEnds) {
  for (const Errc told : {Errc::wrong_state, Errc::ok}) {
    Unread u;
    u.hand_over(Story::head, true, told);
    told == Errc::ok ? u.faulty("wrong_answer") : u.sound();
  }
}

TEST(JudgedHandOver, WhatIsGivenIsReadNoMore) {
  for (const bool kept : {true, false}) {
    Unread u;
    u.night.pass(61_min);
    u.hand_over(Story::head, kept);
    u.night.node(Tick{});
    u.night.given(u.night.last(), u.unread, Story::ana);
    kept ? u.sound() : u.faulty("bad_assignment");
  }
}

TEST(JudgedHandOver, IsDoneOnceAndByTheHospitalOnlyToItself) {
  for (const bool room_is_right : {true, false}) {
    Unread u;
    u.night.pass(61_min);
    u.hand_over(Story::hospital, true, room_is_right ? Errc::unauthorised : Errc::ok);
    if (!room_is_right) {
      u.faulty("wrong_answer");
      continue;
    }
    u.hand_over(Story::head, true);
    u.hand_over(Story::head, false, Errc::wrong_state);
    u.sound();
    u.hand_over(Story::hospital, false);
    u.faulty("wrong_answer");
  }
}

TEST(JudgedHandOver, WhatIsBeingReadIsNotGiven) {
  for (const Errc told : {Errc::wrong_state, Errc::ok}) {
    Unread u;
    u.night.pass(61_min);
    u.night.given(u.night.last(), u.unread, Story::ana);
    u.night.ask(Story::ana, AcceptOffer{u.unread, {0, u.night.last()}});
    u.hand_over(Story::head, false, told);
    told == Errc::ok ? u.faulty("wrong_answer") : u.sound();
  }
}

// domain A1

TEST(Finding, RaisesAnExamBeforeOthers) {
  for (const bool raised : {true, false}) {
    Guard g;
    g.night.attach(Story::gateway, 10, Role::gateway);
    g.night.submit("ORD-4", 4);
    g.night.prepare(3);
    g.night.prepare(4);
    const std::string what = raised ? "bleed" : "";
    g.night.ask(Story::gateway, AddFinding{{Story::exam(4), {}}, "gleamer", "1", what});
    g.night.node(Tick{});
    g.night.given(g.night.last(), Story::exam(3), Story::ana);
    raised ? g.faulty("bad_assignment") : g.sound();
  }
}

TEST(Finding, OfAnEngineThatHasHadItsShareRaisesNothing) {
  Guard g;
  g.night.attach(Story::gateway, 10, Role::gateway);
  for (const char* order : {"ORD-4", "ORD-5"}) g.night.submit(order, order[4] - '0');
  g.night.prepare(4);
  g.night.prepare(5);
  for (const std::uint64_t n : {5u, 4u}) {
    g.night.ask(Story::gateway, AddFinding{{Story::exam(n), {}}, "gleamer", "1", "bleed"});
  }
  g.night.node(Tick{});
  g.night.given(g.night.last(), Story::exam(5), Story::ana);
  g.sound();
  g.night.h.shown.back().event.exam = Story::exam(4);
  g.faulty("bad_assignment");
}

TEST(Finding, IsOfAnEngineOfTheDirectory) {
  for (const Errc told : {Errc::bad_value, Errc::ok}) {
    Guard g;
    g.night.attach(Story::gateway, 10, Role::gateway);
    g.night.ask(Story::gateway, AddFinding{{g.exam, {}}, "other", "1", "bleed"}, told);
    told == Errc::ok ? g.faulty("wrong_answer") : g.sound();
  }
}

// domain R4

TEST(JudgedSites, AReaderWhoReadsIsNotSentAway) {
  for (const Errc told : {Errc::busy_reader, Errc::ok}) {
    Guard g;
    g.night.attach(Story::lead, 9, Role::site_lead);
    g.night.prepare(3);
    g.night.given(g.night.last(), g.exam, Story::ana);
    g.night.ask(Story::ana, AcceptOffer{g.exam, {0, g.night.last()}});
    g.night.ask(Story::lead, SetAway{{4}, "why"}, told);
    told == Errc::ok ? g.faulty("wrong_answer") : g.sound();
  }
}

TEST(JudgedSites, WhoIsAwayIsGivenNothing) {
  for (const bool away : {true, false}) {
    Guard g;
    g.night.attach(Story::lead, 9, Role::site_lead);
    if (away) g.night.ask(Story::lead, SetAway{{4}, "why"});
    g.night.prepare(3);
    g.night.given(g.night.last(), g.exam, Story::ana);
    away ? g.faulty("bad_assignment") : g.sound();
  }
}

TEST(JudgedSites, ALeadSteersHisOwnCentre) {
  for (const Errc told : {Errc::bad_value, Errc::ok}) {
    Guard g;
    g.night.attach(Story::lead, 9, Role::site_lead);
    g.night.ask(Story::lead, SetSite{Story::lyon, 9, true, "flood"});
    g.night.ask(Story::lead, SetSite{Story::lyon, 10, true, "flood"}, told);
    told == Errc::ok ? g.faulty("wrong_answer") : g.sound();
  }
}

}  // namespace
}  // namespace vigie::linear
