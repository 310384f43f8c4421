#include "actors/core/desk/desk.hpp"

#include <gtest/gtest.h>

#include "messages/types/assignment_events.hpp"
#include "messages/types/limits.hpp"

namespace vigie::desk {
namespace {

constexpr std::uint64_t anna = 7, ben = 8;  // connections
constexpr SessionId annas{70}, bens{80};

Event event_at(std::uint64_t index, EventKind kind, SessionId session, std::uint64_t exam) {
  Event event;
  event.kind = kind;
  event.index = {index};
  event.session = session;
  event.exam = {exam};
  if (kind == EventKind::read_offered || kind == EventKind::request_submitted) {
    event.state = kind == EventKind::read_offered ? ExamState::offered : ExamState::requested;
    event.card = std::make_shared<const ExamCard>();
  }
  return event;
}

AppliedBatchPtr batch(std::uint64_t from, std::uint64_t to, std::vector<Event> events) {
  auto made = std::make_shared<AppliedBatch>();
  made->from = {from};
  made->to = {to};
  made->events = std::move(events);
  return made;
}

Subscribe wish(std::uint32_t number, Desk desk, SessionId session, std::uint64_t from = 0) {
  return {number, desk, session, {from}};
}

struct Told {
  std::vector<ForClient> out;
  const Cover& cover(std::size_t at) { return std::get<Cover>(out.at(at).message); }
  const Gap& gap(std::size_t at) { return std::get<Gap>(out.at(at).message); }
};

TEST(Desk, ANewcomerIsGivenTheView) {
  EventDesk desk(Desk::reader);
  Told told;
  desk.applied(batch(0, 1, {event_at(1, EventKind::read_offered, annas, 5)}), told.out);
  desk.subscribe(anna, wish(1, Desk::reader, annas), told.out);
  ASSERT_EQ(told.out.size(), 1u);
  EXPECT_EQ(told.gap(0).to, LogIndex{1});
  ASSERT_EQ(told.gap(0).view.size(), 1u);
  EXPECT_EQ(told.gap(0).view[0].exam, ExamId{5});
}

TEST(Desk, AReaderIsToldOnlyWhatConcernsHisSession) {
  EventDesk desk(Desk::reader);
  Told told;
  desk.subscribe(anna, wish(1, Desk::reader, annas), told.out);
  desk.subscribe(ben, wish(1, Desk::reader, bens), told.out);
  told.out.clear();
  desk.applied(batch(0, 2,
                     {event_at(1, EventKind::read_offered, annas, 5),
                      event_at(2, EventKind::exam_ready, {}, 6)}),
               told.out);
  ASSERT_EQ(told.out.size(), 1u);
  EXPECT_EQ(told.out[0].connection, anna);
  ASSERT_EQ(told.cover(0).events.size(), 1u);
  EXPECT_EQ(told.cover(0).events[0].exam, ExamId{5});
}

TEST(Desk, CoversFollowEachOtherWithoutAGap) {
  EventDesk desk(Desk::reader);
  Told told;
  desk.subscribe(anna, wish(1, Desk::reader, annas), told.out);
  told.out.clear();
  desk.applied(batch(0, 3, {event_at(2, EventKind::read_offered, annas, 5)}), told.out);
  desk.applied(batch(3, 9, {}), told.out);
  desk.applied(batch(9, 10, {event_at(10, EventKind::offer_expired, annas, 5)}), told.out);
  ASSERT_EQ(told.out.size(), 2u);
  EXPECT_EQ(told.cover(0).from, LogIndex{0});
  EXPECT_EQ(told.cover(0).to, LogIndex{3});
  EXPECT_EQ(told.cover(1).from, LogIndex{3});
  EXPECT_EQ(told.cover(1).to, LogIndex{10});
}

TEST(Desk, AHeartbeatMovesAnIdleCursorOn) {
  EventDesk desk(Desk::reader);
  Told told;
  desk.subscribe(anna, wish(1, Desk::reader, annas), told.out);
  desk.applied(batch(0, 4, {}), told.out);
  told.out.clear();
  desk.heartbeat(told.out);
  ASSERT_EQ(told.out.size(), 1u);
  EXPECT_TRUE(told.cover(0).events.empty());
  EXPECT_EQ(told.cover(0).to, LogIndex{4});
  told.out.clear();
  desk.heartbeat(told.out);
  EXPECT_TRUE(told.out.empty());
}

TEST(Desk, WhatIsTakenAwayLeavesTheView) {
  EventDesk desk(Desk::reader);
  Told told;
  desk.applied(batch(0, 2,
                     {event_at(1, EventKind::read_offered, annas, 5),
                      event_at(2, EventKind::report_validated, annas, 5)}),
               told.out);
  desk.subscribe(anna, wish(1, Desk::reader, annas), told.out);
  EXPECT_TRUE(told.gap(0).view.empty());
}

// A screen that goes on showing what another reads by now is a second holder.
TEST(Desk, AReaderIsToldWhateverTakesAnExamOutOfHisHand) {
  for (std::size_t i = 1; i < event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    if (!is_taken_away(kind)) continue;
    EventDesk desk(Desk::reader);
    Told told;
    desk.subscribe(anna, wish(1, Desk::reader, annas), told.out);
    desk.applied(batch(0, 1, {event_at(1, EventKind::read_offered, annas, 5)}), told.out);
    told.out.clear();
    desk.applied(batch(1, 2, {event_at(2, kind, annas, 5)}), told.out);
    ASSERT_EQ(told.out.size(), 1u) << name_of(kind);
    EXPECT_EQ(told.cover(0).events.size(), 1u) << name_of(kind);
    desk.subscribe(anna, wish(2, Desk::reader, annas), told.out);
    EXPECT_TRUE(told.gap(1).view.empty()) << name_of(kind);
  }
}

TEST(Desk, WhatIsOnHoldLeavesTheRegulatorsViewAndComesBack) {
  EventDesk desk(Desk::regulator);
  Told told;
  Event held = event_at(2, EventKind::exam_held, {}, 5);
  held.state = ExamState::held;
  Event resumed = event_at(3, EventKind::exam_resumed, {}, 5);
  resumed.state = ExamState::requested;
  desk.applied(batch(0, 1, {event_at(1, EventKind::request_submitted, {}, 5)}), told.out);
  desk.applied(batch(1, 2, {held}), told.out);
  desk.subscribe(anna, wish(1, Desk::regulator, annas), told.out);
  EXPECT_TRUE(told.gap(0).view.empty());
  desk.applied(batch(2, 3, {resumed}), told.out);
  desk.subscribe(anna, wish(2, Desk::regulator, annas), told.out);
  EXPECT_EQ(told.gap(2).view.size(), 1u);
}

TEST(Desk, ARegulatorsViewIsWhatWaitsForRegulation) {
  EventDesk desk(Desk::regulator);
  Told told;
  Event accepted = event_at(3, EventKind::protocol_assigned, {}, 5);
  accepted.state = ExamState::protocolled;
  desk.applied(batch(0, 3,
                     {event_at(1, EventKind::request_submitted, {}, 5),
                      event_at(2, EventKind::request_submitted, {}, 6), accepted}),
               told.out);
  desk.subscribe(anna, wish(1, Desk::regulator, annas), told.out);
  ASSERT_EQ(told.gap(0).view.size(), 1u);
  EXPECT_EQ(told.gap(0).view[0].exam, ExamId{6});
}

TEST(Desk, BeyondTheRetentionThereIsAGapAndNoSilence) {
  EventDesk desk(Desk::all);
  Told told;
  std::uint64_t index = 0;
  while (desk.retained() + 64 <= limits::events_retained_count || index < 2000) {
    std::vector<Event> many(64, event_at(index + 1, EventKind::exam_ready, {}, 1));
    desk.applied(batch(index, index + 1, std::move(many)), told.out);
    if (++index > 4000) break;
  }
  desk.subscribe(anna, wish(1, Desk::all, {}, 1), told.out);
  ASSERT_EQ(told.out.size(), 1u);
  EXPECT_EQ(told.gap(0).to, LogIndex{index});
  told.out.clear();
  desk.subscribe(anna, wish(1, Desk::all, {}, index - 1), told.out);
  EXPECT_EQ(told.cover(0).events.size(), 64u);
}

TEST(Desk, AHospitalIsShownWhatBecomesOfItsOwnExams) {
  constexpr EstablishmentId gap{301}, pau{302};
  const auto of = [](EstablishmentId hospital, std::uint64_t index) {
    Event event = event_at(index, EventKind::exam_ready, {}, index);
    event.hospital = hospital;
    return event;
  };
  EventDesk desk(Desk::all);
  Told told;
  desk.subscribe(anna, wish(1, Desk::all, {}), told.out, gap);
  desk.subscribe(ben, wish(1, Desk::all, {}), told.out);
  told.out.clear();
  desk.applied(batch(0, 3, {of(gap, 1), of(pau, 2), event_at(3, EventKind::duty_taken, {}, 0)}),
               told.out);
  desk.applied(batch(3, 4, {of(pau, 4)}), told.out);
  ASSERT_EQ(told.out.size(), 3u) << "nothing to say to anna of the second";
  ASSERT_EQ(told.cover(0).events.size(), 1u);
  EXPECT_EQ(told.cover(0).events[0].exam, ExamId{1});
  EXPECT_EQ(told.cover(1).events.size(), 3u);
  told.out.clear();
  desk.subscribe(anna, wish(1, Desk::all, {}, 1), told.out, pau);
  ASSERT_EQ(told.cover(0).events.size(), 2u) << "resumed, the same";
  EXPECT_EQ(told.cover(0).events[0].exam, ExamId{2});
  told.out.clear();
  desk.applied(batch(4, 5, {of(gap, 5)}), told.out);
  desk.heartbeat(told.out);
  ASSERT_EQ(told.out.size(), 2u);
  EXPECT_TRUE(told.cover(1).events.empty()) << "its cursor moves on";
  EXPECT_EQ(told.cover(1).to, LogIndex{5});
}

TEST(Desk, AForgottenConnectionIsToldNothing) {
  EventDesk desk(Desk::all);
  Told told;
  desk.subscribe(anna, wish(1, Desk::all, {}), told.out);
  desk.forget(anna);
  told.out.clear();
  desk.applied(batch(0, 1, {event_at(1, EventKind::exam_ready, {}, 1)}), told.out);
  EXPECT_TRUE(told.out.empty());
  EXPECT_EQ(desk.subscribers(), 0u);
}

TEST(Desk, AConnectionCarriesNoMoreSubscriptionsThanTheLimit) {
  EventDesk desk(Desk::all);
  Told told;
  for (std::uint32_t n = 1; n <= limits::subscriptions_per_connection + 1; ++n) {
    desk.subscribe(anna, wish(n, Desk::all, {}), told.out);
  }
  EXPECT_EQ(desk.subscribers(), limits::subscriptions_per_connection);
  const auto* refused = std::get_if<Complaint>(&told.out.back().message);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->code, Errc::limit_reached);
  desk.subscribe(anna, wish(1, Desk::all, {}), told.out);
  EXPECT_TRUE(std::holds_alternative<Gap>(told.out.back().message)) << "it replaces its own";
  desk.subscribe(ben, wish(1, Desk::all, {}), told.out);
  EXPECT_TRUE(std::holds_alternative<Gap>(told.out.back().message)) << "another connection";
  desk.forget(anna, 1);
  desk.subscribe(anna, wish(5000, Desk::all, {}), told.out);
  EXPECT_TRUE(std::holds_alternative<Gap>(told.out.back().message)) << "there is room again";
}

TEST(Desk, AfterAFailureWhoIsSubscribedIsGivenAFreshView) {
  EventDesk desk(Desk::reader);
  Told told;
  desk.subscribe(anna, wish(1, Desk::reader, annas), told.out);
  desk.applied(batch(0, 1, {event_at(1, EventKind::read_offered, annas, 5)}), told.out);
  desk.begin_anew();
  EXPECT_EQ(desk.retained(), 0u);
  told.out.clear();
  desk.restart({1}, {event_at(1, EventKind::read_offered, annas, 6)}, told.out);
  ASSERT_EQ(told.out.size(), 1u);
  EXPECT_LT(told.gap(0).from, told.gap(0).to) << "not the first part of a longer view";
  EXPECT_EQ(told.gap(0).to, LogIndex{1});
  ASSERT_EQ(told.gap(0).view.size(), 1u);
  EXPECT_EQ(told.gap(0).view[0].exam, ExamId{6});
  desk.applied(batch(1, 2, {event_at(2, EventKind::offer_expired, annas, 6)}), told.out);
  ASSERT_EQ(told.out.size(), 2u) << "and goes on";
  EXPECT_EQ(told.cover(1).events.size(), 1u);
}

/// A client that goes away at random and comes back with the cursor it kept sees each event exactly
/// once, in order.
TEST(Desk, WhoResumesFromHisCursorMissesNothingAndSeesNothingTwice) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::uint64_t chance = seed;
    const auto draw = [&chance](std::uint64_t below) {
      chance = chance * 6364136223846793005ull + 1442695040888963407ull;
      return (chance >> 33) % below;
    };
    EventDesk desk(Desk::reader);
    std::vector<std::uint64_t> sent, seen;
    std::uint64_t index = 1, cursor = 0;  // a cursor of 0 asks for "from now"
    bool here = false;
    std::vector<ForClient> nobody;
    desk.applied(batch(0, 1, {}), nobody);
    for (int step = 0; step < 200; ++step) {
      std::vector<ForClient> out;
      const std::uint64_t what = draw(10);
      if (what < 6) {
        const std::uint64_t to = index + 1 + draw(4);
        std::vector<Event> events;
        for (std::uint64_t i = index + 1; i <= to; ++i) {
          const bool mine = draw(2) == 0;
          events.push_back(event_at(i, EventKind::images_added, mine ? annas : bens, i));
          if (mine && cursor > 0) sent.push_back(i);
        }
        desk.applied(batch(index, to, std::move(events)), out);
        index = to;
      } else if (what < 7 && here) {
        desk.forget(anna);
        here = false;
      } else if (what < 9 && !here) {
        desk.subscribe(anna, wish(1, Desk::reader, annas, cursor), out);
        here = true;
      } else {
        desk.heartbeat(out);
      }
      for (const ForClient& message : out) {
        if (const auto* gap = std::get_if<Gap>(&message.message)) {
          ASSERT_EQ(cursor, 0u) << "seed " << seed;  // only at the very beginning
          cursor = gap->to.value;
          continue;
        }
        const auto& cover = std::get<Cover>(message.message);
        ASSERT_EQ(cover.from, LogIndex{cursor}) << "seed " << seed;
        for (const Event& event : cover.events) seen.push_back(event.index.value);
        cursor = cover.to.value;
      }
    }
    std::vector<ForClient> last;
    if (!here) desk.subscribe(anna, wish(1, Desk::reader, annas, cursor), last);
    for (const ForClient& message : last) {
      if (const auto* cover = std::get_if<Cover>(&message.message)) {
        for (const Event& event : cover->events) seen.push_back(event.index.value);
      }
    }
    EXPECT_EQ(seen, sent) << "seed " << seed;
  }
}

}  // namespace
}  // namespace vigie::desk
