// The cursor's discipline: nothing skipped, nothing twice, gaps said.
#include "nodes/client/cursor.hpp"

#include <gtest/gtest.h>

namespace vigie::client {
namespace {

using Verdict = Cursor::Verdict;

Event event(std::uint64_t index, std::uint64_t exam = 1) {
  Event e;
  e.kind = EventKind::read_offered;
  e.index = LogIndex{index};
  e.exam = ExamId{exam};
  return e;
}

Cover cover(std::uint64_t from, std::uint64_t to, std::vector<Event> events = {}) {
  return {1, LogIndex{from}, LogIndex{to}, std::move(events)};
}

Gap gap(std::uint64_t from, std::uint64_t to, std::vector<Event> view = {}) {
  return {1, LogIndex{from}, LogIndex{to}, std::move(view)};
}

TEST(Cursor, TakesACoverThatBeginsAtIt) {
  Cursor cursor(LogIndex{5});
  std::vector<Event> out;
  EXPECT_EQ(cursor.take(cover(5, 9, {event(7)}), out), Verdict::events);
  EXPECT_EQ(out.size(), 1u);
  EXPECT_EQ(cursor.index(), LogIndex{9});
}

TEST(Cursor, MovesWithAnEmptyCover) {
  Cursor cursor(LogIndex{5});
  std::vector<Event> out;
  EXPECT_EQ(cursor.take(cover(5, 9), out), Verdict::nothing);
  EXPECT_EQ(cursor.index(), LogIndex{9});
}

TEST(Cursor, AsksAgainWhenACoverBeginsBeyondIt) {
  Cursor cursor(LogIndex{5});
  std::vector<Event> out;
  EXPECT_EQ(cursor.take(cover(7, 9, {event(8)}), out), Verdict::subscribe);
  EXPECT_EQ(cursor.index(), LogIndex{5});
  EXPECT_TRUE(out.empty());
}

TEST(Cursor, IgnoresWhatWasUnderWayWhileItWaitsForItsSubscription) {
  Cursor cursor(LogIndex{5});
  std::vector<Event> out;
  cursor.subscribed();
  EXPECT_EQ(cursor.take(cover(7, 9, {event(8)}), out), Verdict::nothing);
  EXPECT_EQ(cursor.take(cover(5, 9, {event(6), event(8)}), out), Verdict::events);
  EXPECT_EQ(out.size(), 2u);
  EXPECT_FALSE(cursor.is_waiting());
}

TEST(Cursor, IgnoresACoverThatItHasTakenBefore) {
  Cursor cursor(LogIndex{9});
  std::vector<Event> out;
  EXPECT_EQ(cursor.take(cover(5, 9, {event(7)}), out), Verdict::nothing);
  EXPECT_TRUE(out.empty());
}

TEST(Cursor, TakesEachEventOfALongCoverOnceEvenIfItsFirstPartComesAgain) {
  Cursor cursor(LogIndex{5});
  std::vector<Event> out;
  EXPECT_EQ(cursor.take(cover(5, 5, {event(6, 1), event(6, 2)}), out), Verdict::events);
  EXPECT_EQ(cursor.index(), LogIndex{5});
  cursor.subscribed();  // a reconnection in between
  EXPECT_EQ(cursor.take(cover(5, 8, {event(6, 1), event(6, 2), event(7, 3)}), out),
            Verdict::events);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].exam, ExamId{3});
  EXPECT_EQ(cursor.index(), LogIndex{8});
}

TEST(Cursor, ReplacesTheScreenAfterAGap) {
  Cursor cursor(LogIndex{5});
  std::vector<Event> out;
  EXPECT_EQ(cursor.take(gap(5, 80, {event(70)}), out), Verdict::view);
  EXPECT_EQ(out.size(), 1u);
  EXPECT_EQ(cursor.index(), LogIndex{80});
}

TEST(Cursor, CollectsThePartsOfALongView) {
  Cursor cursor;
  std::vector<Event> out;
  cursor.subscribed();
  EXPECT_EQ(cursor.take(gap(0, 0, {event(70, 1)}), out), Verdict::nothing);
  EXPECT_EQ(cursor.take(gap(0, 80, {event(71, 2)}), out), Verdict::view);
  EXPECT_EQ(out.size(), 2u);
}

TEST(Cursor, DoesNotGoBackToANodeThatIsBehind) {
  Cursor cursor(LogIndex{50});
  std::vector<Event> out;
  EXPECT_EQ(cursor.take(gap(50, 40), out), Verdict::behind);
  EXPECT_EQ(cursor.index(), LogIndex{50});
}

TEST(Cursor, GoesBackWhereTheFederationNeverHadItsIndex) {
  Cursor cursor(LogIndex{50});
  std::vector<Event> out;
  cursor.subscribed();
  EXPECT_EQ(cursor.take(gap(0, 0, {event(3, 1)}), out), Verdict::nothing) << "a first part";
  EXPECT_EQ(cursor.take(gap(0, 12, {event(7, 2)}), out), Verdict::view);
  EXPECT_EQ(out.size(), 2u);
  EXPECT_EQ(cursor.index(), LogIndex{12});
  EXPECT_FALSE(cursor.is_waiting());
}

}  // namespace
}  // namespace vigie::client
