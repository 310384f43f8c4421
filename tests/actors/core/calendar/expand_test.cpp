#include "actors/core/calendar/expand.hpp"

#include <gtest/gtest.h>

namespace vigie::calendar {
namespace {

using namespace date::literals;

UtcTime at(date::sys_days day, Millis time = {}) {
  return UtcTime{static_cast<std::int64_t>(day.time_since_epoch().count()) * (24_h).value} + time;
}
/// A place whose clocks say UTC, or UTC and so much.
std::vector<Offset> always(Millis ahead) { return {{at(1970_y / 1 / 1), ahead}}; }

Calendar expanded(const std::vector<Offset>& offsets, date::sys_days first, date::sys_days last,
                  Millis guard_end = 8_h) {
  Calendar c;
  c.holidays = {"france"};
  c.guard_end = guard_end;
  EXPECT_TRUE(expand(c, offsets, first, last));
  return c;
}

// domain O2, O3
TEST(Calendars, AWeekHasItsBands) {
  // Monday 12 to Monday 19 January 2026.
  const Calendar c = expanded(always({}), 2026_y / 1 / 12, 2026_y / 1 / 19);
  const auto monday = at(2026_y / 1 / 12);
  EXPECT_EQ(c.at(monday), Band::deep_night);
  EXPECT_EQ(c.at(monday + 8_h - 1_ms), Band::deep_night);
  EXPECT_EQ(c.at(monday + 8_h), Band::day);
  EXPECT_EQ(c.at(monday + 18_h - 1_ms), Band::day);
  EXPECT_EQ(c.at(monday + 18_h), Band::evening);
  EXPECT_EQ(c.at(monday + 24_h), Band::deep_night);
  const auto saturday = monday + 24_h * 5;
  EXPECT_EQ(c.at(saturday + 7_h), Band::deep_night);
  EXPECT_EQ(c.at(saturday + 12_h), Band::weekend);
  EXPECT_EQ(c.at(saturday + 20_h), Band::evening);
  EXPECT_EQ(c.at(saturday + 24_h + 12_h), Band::weekend);
  EXPECT_EQ(c.turns.size(), 21u);
}

TEST(Calendars, KnowNothingOutsideOfTheirHorizon) {
  const Calendar c = expanded(always({}), 2026_y / 1 / 12, 2026_y / 1 / 19);
  EXPECT_EQ(c.at(at(2026_y / 1 / 12) - 1_ms), Band::none);
  EXPECT_EQ(c.at(at(2026_y / 1 / 19) - 1_ms), Band::evening);
  EXPECT_EQ(c.until, at(2026_y / 1 / 19));
  EXPECT_EQ(c.at(c.until), Band::none);
  EXPECT_EQ(Calendar{}.at(at(2026_y / 1 / 12)), Band::none);
  EXPECT_FALSE(is_guard(Band::none));
  EXPECT_FALSE(is_guard(Band::day));
  EXPECT_TRUE(is_guard(Band::weekend));
}

TEST(Calendars, AHolidayIsGuardByDayAlsoOnASunday) {
  const Calendar c = expanded(always({}), 2026_y / 11 / 1, 2026_y / 11 / 13);
  EXPECT_EQ(c.at(at(2026_y / 11 / 1, 12_h)), Band::holiday);   // a Sunday
  EXPECT_EQ(c.at(at(2026_y / 11 / 11, 12_h)), Band::holiday);  // a Wednesday
  EXPECT_EQ(c.at(at(2026_y / 11 / 10, 12_h)), Band::day);
  EXPECT_EQ(c.at(at(2026_y / 11 / 12, 12_h)), Band::day);
}

TEST(Calendars, ATimeThatTheClocksSkipIsTheMomentOfTheSkip) {
  // At 02:00 of 10 March clocks go to 03:00; the guard ends at 02:30, which is never.
  const auto skip = at(2026_y / 3 / 10, 1_h);
  const std::vector<Offset> offsets{{at(2026_y / 1 / 1), 1_h}, {skip, 2_h}};
  const Calendar c = expanded(offsets, 2026_y / 3 / 10, 2026_y / 3 / 11, 2_h + 30_min);
  EXPECT_EQ(c.at(skip - 1_ms), Band::deep_night);
  EXPECT_EQ(c.at(skip), Band::day);
}

TEST(Calendars, OfATimeThatTheClocksShowTwiceTheFirstIsMeant) {
  // At 03:00 of 10 November clocks go back to 02:00; the guard ends at 02:30.
  const auto back = at(2026_y / 11 / 10, 1_h);
  const std::vector<Offset> offsets{{at(2026_y / 1 / 1), 2_h}, {back, 1_h}};
  const Calendar c = expanded(offsets, 2026_y / 11 / 10, 2026_y / 11 / 11, 2_h + 30_min);
  EXPECT_EQ(c.at(back - 30_min - 1_ms), Band::deep_night);
  EXPECT_EQ(c.at(back - 30_min), Band::day);
}

TEST(Calendars, AGuardUntilMidnightHasNoDeepNight) {
  Calendar c = expanded(always({}), 2026_y / 1 / 12, 2026_y / 1 / 19, 0_h);
  EXPECT_EQ(c.at(at(2026_y / 1 / 12)), Band::day);
  EXPECT_EQ(c.at(at(2026_y / 1 / 13) - 1_ms), Band::evening);
  for (std::size_t i = 1; i < c.turns.size(); ++i) {
    EXPECT_LT(c.turns[i - 1].at, c.turns[i].at);
    EXPECT_NE(c.turns[i - 1].band, c.turns[i].band);
  }
}

TEST(Calendars, AHolidayThatIsNoneIsRefusedAndChangesNothing) {
  Calendar c = expanded(always({}), 2026_y / 1 / 12, 2026_y / 1 / 19);
  const Calendar before = c;
  c.holidays = {"france", "13-01"};
  const auto refused = expand(c, always({}), 2026_y / 2 / 1, 2026_y / 2 / 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.substr(0, 8), "'13-01':");
  EXPECT_EQ(c.turns, before.turns);
}

TEST(Calendars, NamesOfBandsAreReadBack) {
  for (int i = 1; i < band_count; ++i) {
    Band band{};
    EXPECT_TRUE(band_of(name_of(static_cast<Band>(i)), band));
    EXPECT_EQ(band, static_cast<Band>(i));
  }
  Band band{};
  EXPECT_FALSE(band_of("none", band));
  EXPECT_FALSE(band_of("night", band));
  EXPECT_EQ(name_of(static_cast<Band>(200)), "none");
}

}  // namespace
}  // namespace vigie::calendar
