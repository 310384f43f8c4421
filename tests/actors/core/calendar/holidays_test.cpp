#include "actors/core/calendar/holidays.hpp"

#include <gtest/gtest.h>

namespace vigie::calendar {
namespace {

using namespace date::literals;

TEST(Holidays, EasterFallsWhereTheAlmanacHasIt) {
  // Earliest and latest possible, and years around now.
  EXPECT_EQ(easter(1818_y), date::sys_days{1818_y / 3 / 22});
  EXPECT_EQ(easter(1943_y), date::sys_days{1943_y / 4 / 25});
  EXPECT_EQ(easter(2008_y), date::sys_days{2008_y / 3 / 23});
  EXPECT_EQ(easter(2024_y), date::sys_days{2024_y / 3 / 31});
  EXPECT_EQ(easter(2025_y), date::sys_days{2025_y / 4 / 20});
  EXPECT_EQ(easter(2026_y), date::sys_days{2026_y / 4 / 5});
  EXPECT_EQ(easter(2027_y), date::sys_days{2027_y / 3 / 28});
  EXPECT_EQ(easter(2038_y), date::sys_days{2038_y / 4 / 25});
}

TEST(Holidays, AreElevenAYearInFrance) {
  for (const date::year year : {2025_y, 2026_y, 2027_y}) {
    int count = 0;
    for (date::sys_days day = year / 1 / 1; day < date::sys_days{(year + date::years{1}) / 1 / 1};
         day += date::days{1}) {
      count += is_holiday(french_holidays(), day) ? 1 : 0;
    }
    EXPECT_EQ(count, 11) << year;
  }
  EXPECT_TRUE(is_holiday(french_holidays(), 2026_y / 5 / 25));   // Whit Monday
  EXPECT_FALSE(is_holiday(french_holidays(), 2026_y / 4 / 3));   // Good Friday
  EXPECT_FALSE(is_holiday(french_holidays(), 2026_y / 4 / 27));  // Mayotte's
}

TEST(Holidays, AreReadAsTheyAreWritten) {
  const auto is = [](std::string_view text, date::sys_days day) {
    const auto holiday = parse_holiday(text);
    return holiday && is_holiday({*holiday}, day);
  };
  EXPECT_TRUE(is("12-26", 2026_y / 12 / 26));
  EXPECT_TRUE(is("good-friday", 2026_y / 4 / 3));
  EXPECT_TRUE(is("easter-2", 2026_y / 4 / 3));
  EXPECT_TRUE(is("easter+39", 2026_y / 5 / 14));
  EXPECT_TRUE(is("whit-monday", 2026_y / 5 / 25));
  EXPECT_TRUE(is("02-29", 2028_y / 2 / 29));
  for (const char* bad : {"", "13-01", "02-30", "00-10", "1-2", "12-2x", "easter", "easter+",
                          "easter*3", "easter+999", "noel", "12/26"}) {
    EXPECT_FALSE(parse_holiday(bad)) << bad;
  }
}

TEST(Holidays, OfACalendarStandOnceEach) {
  const auto alsace = parse_holidays({"france", "good-friday", "12-26"});
  ASSERT_TRUE(alsace);
  EXPECT_EQ(alsace->size(), 13u);
  EXPECT_FALSE(parse_holidays({"france", "12-26", "france"}));
  EXPECT_FALSE(parse_holidays({"12-26", "12-26"}));
}

}  // namespace
}  // namespace vigie::calendar
