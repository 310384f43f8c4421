// The commands that steer an exam, as the checker judges them: what is right is accepted, and what
// the words forbid is refused though the room had answered ok.
#include <gtest/gtest.h>

#include "tests/verify/linear_test/story.hpp"

namespace vigie::linear {
namespace {

/// A night in which Ana reads exam 3, a P2; a duty head is there, and Bob is free.
class Steering {
 public:
  Story night;
  const ExamId exam = Story::exam(3);
  Epoch epoch;

  Steering() {
    night.attach(Story::head, 7, Role::duty_head);
    night.ask(Story::head, TakeDuty{0, {}, {}});
    night.prepare(3);
    epoch = {0, night.last()};
    night.given(night.last(), exam, Story::ana);
    night.ask(Story::ana, AcceptOffer{exam, epoch});
    night.ask(Story::bob, SetReader{ReaderMode::free, AcceptMode::manual});
  }
  void given_again(SessionId to, bool resumed) {
    night.given(night.last(), exam, to);
    Event& event = night.h.shown.back().event;
    if (!resumed) return;
    event.kind = EventKind::read_accepted;
    event.state = ExamState::reading;
    event.text = "resumed";
  }
  /// Exam 4, at once in that session's hand.
  void other_given(SessionId to, Urgency urgency) {
    night.submit("ORD-4", 4);
    night.prepare(4, urgency);
    night.given(night.last(), Story::exam(4), to);
  }
  ExamId ask_read(Purpose purpose) {
    AskRead c;
    c.exam = exam;
    c.purpose = purpose;
    c.region = Region::head;
    c.question = "and here?";
    night.ask(Story::ana, c).replies.front().answer.exam = Story::exam(4);
    return Story::exam(4);
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

TEST(Steering, WhatTheDutyHeadPausesIsNobodysUntilItGoesOn) {
  Steering s;
  s.night.ask(Story::head, Hold{s.exam, "why"});
  s.night.ask(Story::ana, Sign{s.exam, s.epoch, {0x80}, "late"}, Errc::stale);
  s.night.read("board", s.night.last(), {{s.exam, ExamState::held}});
  s.night.ask(Story::regulator, Resume{s.exam});
  s.given_again(Story::bob, false);
  s.sound();
}

TEST(Steering, WhatIsOnHoldIsGivenToNobody) {
  Steering s;
  s.night.ask(Story::head, Hold{s.exam, "why"});
  s.night.node(Tick{});
  s.given_again(Story::bob, false);
  s.faulty("bad_assignment");
}

TEST(Steering, ARegulatorInterruptsNoReader) {
  Steering s;
  s.night.ask(Story::regulator, Hold{s.exam, "why"});
  s.faulty("wrong_answer");
}

TEST(Steering, WhatIsSetAsideReturnsToItsReader) {
  Steering s;
  s.night.ask(Story::ana, Suspend{s.exam, s.epoch});
  s.night.ask(Story::ana, Resume{s.exam});
  s.given_again(Story::ana, true);
  s.night.ask(Story::ana, Sign{s.exam, {0, s.night.last()}, {0x80}, "done"});
  s.sound();
}

TEST(Steering, WhatIsSetAsideIsGivenToNobodyElse) {
  Steering s;
  s.night.ask(Story::ana, Suspend{s.exam, s.epoch});
  s.night.node(Tick{});
  s.given_again(Story::bob, false);
  s.faulty("two_holders");
}

TEST(Steering, WhoSetOneAsideIsGivenAVitalOneOnly) {
  for (const Urgency urgency : {Urgency::p0, Urgency::p1}) {
    Steering s;
    s.night.ask(Story::ana, Suspend{s.exam, s.epoch});
    s.other_given(Story::ana, urgency);
    urgency == Urgency::p0 ? s.sound() : s.faulty("bad_assignment");
  }
}

TEST(Steering, WhatMustBeReadFirstIsReadFirst) {
  for (const Errc told : {Errc::wrong_state, Errc::ok}) {
    Steering s;
    s.ask_read(Purpose::region);
    s.night.ask(Story::ana, Sign{s.exam, s.epoch, {0x80}, "whole"}, told);
    told == Errc::ok ? s.faulty("wrong_answer") : s.sound();
  }
}

TEST(Steering, AnOpinionIsAnExamOfItsOwnAndNobodyWaitsForIt) {
  Steering s;
  const ExamId child = s.ask_read(Purpose::opinion);
  const Epoch given{0, s.night.last()};
  s.night.given(s.night.last(), child, Story::bob);
  s.night.ask(Story::ana, Sign{s.exam, s.epoch, {0x80}, "whole"});
  s.night.ask(Story::bob, AcceptOffer{child, given});
  s.night.ask(Story::bob, Sign{child, given, {0x81}, "I agree"});
  s.night.read("board", s.night.last(), {{child, ExamState::delivered}});
  s.sound();
}

TEST(Steering, WhoHoldsItAnswersTheWishToCancel) {
  for (const auto& [who, told] : {std::pair{Story::ana, Errc::ok},
                                  {Story::head, Errc::ok},
                                  {Story::bob, Errc::not_holder},
                                  {Story::regulator, Errc::not_holder}}) {
    for (const bool room_is_right : {true, false}) {
      Steering s;
      s.night.ask(Story::hospital, Cancel{{s.exam, {}}, "dead"}, Errc::acquisition_begun);
      const bool grants = told == Errc::ok || !room_is_right;
      s.night.ask(who, AnswerCancel{s.exam, true, "yes"}, grants ? Errc::ok : told);
      if (room_is_right) {
        s.sound();
      } else if (told != Errc::ok) {
        s.faulty("two_holders");
      }
    }
  }
}

TEST(Steering, WhoIsTakenOverSignsNoMoreOnceAnotherReads) {
  for (const Errc told : {Errc::stale, Errc::ok}) {
    Steering s;
    s.night.ask(Story::head, TakeOver{s.exam, "too long"});
    const Epoch given{0, s.night.last()};
    s.given_again(Story::bob, false);
    s.night.ask(Story::bob, AcceptOffer{s.exam, given});
    s.night.ask(Story::ana, Sign{s.exam, s.epoch, {0x80}, "mine"}, told);
    told == Errc::ok ? s.faulty("two_holders") : s.sound();
  }
}

TEST(Steering, APinGoesBeforeAllButTheVitalOnes) {
  for (const Urgency other : {Urgency::p0, Urgency::p1}) {
    Steering s;
    s.night.ask(Story::ana, Suspend{s.exam, s.epoch});  // of no concern: she is given P0 only
    s.night.ask(Story::head, TakeOver{s.exam, "she waits"});
    s.night.ask(Story::head, Pin{s.exam, true, "why"});
    s.night.submit("ORD-4", 4);
    s.night.prepare(4, other);
    s.night.attach(SessionId{0xb1}, 5, Role::reader);
    s.night.ask(Story::bob, SetReader{ReaderMode::free, AcceptMode::manual});
    s.given_again(Story::bob, false);
    other == Urgency::p0 ? s.faulty("bad_assignment") : s.sound();
  }
}

TEST(Steering, WhatWentAroundTheProtocolIsDueFromThenOnAndNotFromItsImages) {
  Steering s;
  const ExamId around = Story::exam(4);
  s.night.submit("ORD-4", 4);
  s.night.submit("ORD-5", 5);
  s.night.ask(Story::head, Bypass{around, "why"});
  s.night.prepare(5);
  s.night.ask(Story::technologist, ImagesProgress{{around, {}}, 1, 0});
  s.night.given(s.night.last(), around, Story::bob);
  s.sound();
}

TEST(Steering, AHospitalsUrgencyOnlyRises) {
  Steering s;
  s.night.ask(Story::technologist, SetUrgency{{s.exam, {}}, Urgency::p3, "better"});
  s.faulty("wrong_answer");
}

TEST(Steering, OnlyAnAuthorAddsToAReportAndTheDutyHeadWithdrawsIt) {
  const auto revise = [](Steering& s, SessionId who, ReportKind kind, Errc told) {
    s.night.ask(who, ReviseReport{s.exam, {0x90}, kind, "more"}, told);
  };
  for (const bool room_is_right : {true, false}) {
    Steering s;
    s.night.ask(Story::ana, Sign{s.exam, s.epoch, {0x80}, "whole"});
    revise(s, Story::bob, ReportKind::addendum, room_is_right ? Errc::not_holder : Errc::ok);
    room_is_right ? s.sound() : s.faulty("wrong_answer");
  }
  Steering s;
  s.night.ask(Story::ana, Sign{s.exam, s.epoch, {0x80}, "whole"});
  revise(s, Story::head, ReportKind::addendum, Errc::unauthorised);
  revise(s, Story::head, ReportKind::withdrawal, Errc::ok);
  s.sound();
}

}  // namespace
}  // namespace vigie::linear
