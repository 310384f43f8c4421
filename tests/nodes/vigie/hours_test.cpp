// Hours as they are typed at a desk in France, the two nights among them whose clocks are changed.
#include "nodes/vigie/hours.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace vigie::cli {
namespace {

class TypedHours : public ::testing::Test {
 protected:
  TypedHours() {
    ::setenv("TZ", "Europe/Paris", 1);
    ::tzset();
  }
  ~TypedHours() override {
    ::unsetenv("TZ");
    ::tzset();
  }

  static UtcTime at(int day, int hour, int minute = 0) {
    return UtcTime{1'793'491'200'000} + 24_h * (day - 1) + 1_h * hour + 1_min * minute;
  }
  /// "from, until" as they are understood; or what is said against them.
  static std::string read(const std::string& typed, UtcTime now, const std::string& day = {}) {
    const auto hours = hours_in(day, typed, now);
    if (!hours) return hours.error().what;
    return clock_text(hours->from) + ", " + clock_text(hours->until);
  }
};

TEST_F(TypedHours, AreThoseUnderWayElseTheNext) {
  const UtcTime evening = at(23, 19);  // 20:00 in Paris, 2026-11-23
  EXPECT_EQ(read("18:00-08:00", evening), "2026-11-23 18:00, 2026-11-24 08:00");
  EXPECT_EQ(read("22:00-02:00", evening), "2026-11-23 22:00, 2026-11-24 02:00");
  EXPECT_EQ(read("08:00-18:00", evening), "2026-11-24 08:00, 2026-11-24 18:00");
  EXPECT_EQ(read("18:00-08:00", at(24, 2)), "2026-11-23 18:00, 2026-11-24 08:00");
  EXPECT_EQ(read("18:00-08:00", at(24, 7)), "2026-11-24 18:00, 2026-11-25 08:00") << "just over";
}

TEST_F(TypedHours, BeginOnTheDayThatIsNamed) {
  EXPECT_EQ(read("18:00-08:00", at(23, 19), "2026-11-30"), "2026-11-30 18:00, 2026-12-01 08:00");
  EXPECT_EQ(read("00:00-00:00", at(23, 19), "2026-12-31"), "2026-12-31 00:00, 2027-01-01 00:00");
}

TEST_F(TypedHours, OfTheNightsWhoseClocksChangeAreThirteenAndFifteenHours) {
  const auto spring = hours_in("2027-03-27", "18:00-08:00", at(23, 19));
  const auto autumn = hours_in("2027-10-30", "18:00-08:00", at(23, 19));
  ASSERT_TRUE(spring && autumn);
  EXPECT_EQ(spring->until - spring->from, 1_h * 13);
  EXPECT_EQ(autumn->until - autumn->from, 1_h * 15);
}

TEST_F(TypedHours, ThatAreNoneAreSaidSo) {
  for (const char* typed : {"", "18", "18:00", "18:00-", "24:00-08:00", "18:60-08:00",
                            "18:00-08:00x", "-1:00-08:00", "18h-8h"}) {
    EXPECT_NE(read(typed, at(23, 19)).find("des heures, comme 18:00-08:00"), std::string::npos)
        << typed;
  }
  for (const char* day : {"2026-02-31", "2026-13-01", "demain", "2026-11-24x"}) {
    EXPECT_NE(read("18:00-08:00", at(23, 19), day).find("un jour, comme 2026-11-23"),
              std::string::npos)
        << day;
  }
}

}  // namespace
}  // namespace vigie::cli
