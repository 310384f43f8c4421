#include "tests/sim/night/staffing.hpp"

#include <gtest/gtest.h>

namespace vigie::night {
namespace {

LoadOptions weekday() {
  LoadOptions options;
  options.bursts = options.overseas = false;
  return options;
}

TEST(Staffing, FollowsTheLoadWithAFloorAndWithinThePosts) {
  const Staffing s = staffing_for(weekday(), {0.9, 6}, eight_centres());
  EXPECT_EQ(s.total(4), 6);    // 18 exams an hour keep 4.3 busy
  EXPECT_EQ(s.total(21), 22);  // 91: 21.8
  for (const auto& hour : s.readers) {
    for (std::size_t i = 0; i < hour.size(); ++i) EXPECT_LE(hour[i], s.centres[i].posts);
  }
  EXPECT_EQ(staffing_for(weekday(), {0.9, 6, 10}, eight_centres()).total(21), 10);
  EXPECT_EQ(staffing_for(weekday(), {0.1, 6}, eight_centres()).total(21), 47);
}

// domain O15
TEST(Staffing, ReaderHoursAreThoseOfTheStudy) {
  EXPECT_EQ(staffing_for(weekday(), {0.85, 6}, eight_centres()).reader_hours_per_day(), 272);
  auto equal = eight_centres();
  for (Centre& c : equal) c.posts = 6;
  EXPECT_EQ(staffing_alone(weekday(), {0.85, 6}, equal).reader_hours_per_day(), 336);
}

TEST(Staffing, EachCentreHasHospitalsForItsPosts) {
  const auto& centres = eight_centres();
  const auto home = homes(centres);
  std::vector<double> share(centres.size(), 0);
  for (std::size_t h = 0; h < home.size(); ++h) {
    share[home[h]] += weight_of(static_cast<std::uint16_t>(h));
  }
  for (std::size_t i = 0; i < centres.size(); ++i) {
    EXPECT_NEAR(share[i], centres[i].posts / 47.0, 0.02) << centres[i].name;
  }
}

TEST(Staffing, AFileThatWasWrittenIsReadBack) {
  const Staffing s = staffing_for(weekday(), {0.9, 6}, eight_centres());
  const auto again = parse_staffing(to_csv(s));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->readers, s.readers);
  EXPECT_EQ(again->centres[1].name, "bordeaux");
  EXPECT_EQ(again->centres[1].posts, 7);
}

TEST(Staffing, ABadFileIsRefusedWithItsLine) {
  auto csv = to_csv(staffing_for(weekday(), {0.9, 6}, eight_centres()));
  const auto refusal = [&](const std::string& from, const std::string& to) {
    std::string bad = csv;
    const std::size_t at = bad.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    bad.replace(at, from.size(), to);
    const auto parsed = parse_staffing(bad);
    return parsed ? std::string("taken") : parsed.error().what;
  };
  EXPECT_EQ(refusal("lyon:16", "lyon"), "line 1: 'lyon' is not CENTRE:POSTS");
  EXPECT_EQ(refusal("lyon:16", "brest:16"), "line 1: brest stands twice");
  EXPECT_EQ(refusal("\n3,", "\n4,"), "line 5: hour 3 is wanted here");
  EXPECT_EQ(refusal("\n0,", "\n0,99"), "line 2: lyon has 16 posts");
  EXPECT_EQ(refusal("\n0,", "\n0,x"), "line 2: 'x5' is no number of readers");
  EXPECT_EQ(refusal("\n0,", "\n0,1,"), "line 2: 8 numbers of readers are wanted");
  EXPECT_EQ(parse_staffing("").error().what, "line 0: a header and 24 hours are wanted");
  std::string nobody = "hour,lyon:1\n";
  for (int hour = 0; hour < 24; ++hour) nobody += std::to_string(hour) + ",0\n";
  EXPECT_EQ(parse_staffing(nobody).error().what, "line 2: nobody reads at any hour");
}

}  // namespace
}  // namespace vigie::night
