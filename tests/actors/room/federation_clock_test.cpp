// Federation time over restarts (design D3).
#include "actors/room/federation_clock.hpp"

#include <gtest/gtest.h>

namespace vigie::actors {
namespace {

constexpr FedTime stamp{1'700'000'000'000};
constexpr Now start{{5'000}, {1'700'000'500'000}};
Now later(Millis span) { return {start.boot + span, start.utc + span}; }
std::string mark(const std::string& machine) {
  return ClockMark{machine, start.boot - 4_s, stamp}.text();
}

TEST(FederationClock, TheVeryFirstStampIsUtc) {
  const FederationClock clock("m", "", {}, start);
  EXPECT_EQ(clock.at(start).value, start.utc.value);
}

TEST(FederationClock, GoesOnFromTheNewestStampByTheBootClock) {
  FederationClock clock("m", "", {}, start);
  clock.heard(stamp, later(1_s));
  EXPECT_EQ(clock.at(later(3_s)), stamp + 2_s);
  clock.heard(stamp - 1_s, later(3_s));  // an older one says nothing
  EXPECT_EQ(clock.at(later(3_s)), stamp + 2_s);
}

TEST(FederationClock, ARestartedProcessGoesOnFromItsMark) {
  const FederationClock clock("m", mark("m"), stamp, start);
  EXPECT_EQ(clock.at(later(1_s)), stamp + 5_s);
}

TEST(FederationClock, AMarkThatIsOlderThanTheLogTakesNothingBack) {
  const FederationClock clock("m", mark("m"), stamp + 60_s, start);
  EXPECT_EQ(clock.at(start), stamp + 60_s);
}

TEST(FederationClock, AfterABootUtcCountsUnlessTheLogIsAhead) {
  const std::string marks[] = {mark("other"), "", "rubbish", "12", "12 x m"};
  for (const std::string& text : marks) {
    const FederationClock clock("m", text, stamp, start);
    EXPECT_EQ(clock.at(start).value, start.utc.value) << text;
  }
  const FederationClock unknown("", mark(""), stamp, start);
  EXPECT_EQ(unknown.at(start).value, start.utc.value);
  const FedTime ahead = stamp + 3600_s;
  EXPECT_EQ(FederationClock("m", "", ahead, start).at(start), ahead);
}

TEST(FederationClock, WhatTheLeaderStampsCountsMoreThanAGuessByUtc) {
  FederationClock clock("m", "", stamp, start);
  ASSERT_EQ(clock.at(start).value, start.utc.value);
  clock.heard(stamp + 10_s, start);
  EXPECT_EQ(clock.at(later(1_s)), stamp + 11_s);
}

TEST(FederationClock, IsMarkedOnceASecondAndReadsItsOwnMark) {
  FederationClock clock("a b-c", "", {}, start);
  EXPECT_EQ(clock.mark(start), "");
  clock.heard(stamp, start);
  const auto first = ClockMark::parse(clock.mark(start));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->machine_boot, "a b-c");
  EXPECT_EQ(first->boot, start.boot);
  EXPECT_EQ(first->at, stamp);
  EXPECT_EQ(clock.mark(later(999_ms)), "");
  EXPECT_NE(clock.mark(later(1_s)), "");
}

}  // namespace
}  // namespace vigie::actors
