#include "tests/sim/night/load.hpp"

#include <gtest/gtest.h>

#include <map>

namespace vigie::night {
namespace {

LoadOptions many(int days) {
  LoadOptions options;
  options.days = days;
  options.bursts = options.overseas = false;
  return options;
}

TEST(NightLoad, IsTheSameForTheSameSeed) {
  LoadOptions options;
  const auto first = draw_load(options), again = draw_load(options);
  ASSERT_EQ(first.size(), again.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].at, again[i].at);
    EXPECT_EQ(first[i].read, again[i].read);
    EXPECT_EQ(first[i].hospital, again[i].hospital);
  }
  options.seed = 2;
  EXPECT_NE(draw_load(options)[0].at, first[0].at);
}

// domain Q1
TEST(NightLoad, FollowsTheHoursTheKindsAndTheClassesOfTheDomain) {
  const auto load = draw_load(many(100));  // 100,000 exams: a share is known to 0.5 % and better
  std::array<double, 24> hours{};
  std::map<std::uint8_t, double> kind_share;
  std::map<Urgency, double> urgency_share;
  std::map<std::uint8_t, double> minutes;
  for (const Arrival& a : load) {
    hours[static_cast<std::size_t>(a.at.value / (1_h).value % 24)] += 0.01;
    kind_share[a.kind] += 1.0 / static_cast<double>(load.size());
    urgency_share[a.urgency] += 1.0 / static_cast<double>(load.size());
    minutes[a.kind] += static_cast<double>(a.read.value) / 60'000;
  }
  EXPECT_NEAR(static_cast<double>(load.size()), 100'000, 1'500);
  EXPECT_NEAR(hours[4], 18, 1.5);
  EXPECT_NEAR(hours[21], 91, 3.5);
  for (std::uint8_t k = 0; k < kinds.size(); ++k) {
    EXPECT_NEAR(kind_share[k], kinds[k].share, 0.006) << kinds[k].name;
    const double mean = minutes[k] / (kind_share[k] * static_cast<double>(load.size()));
    EXPECT_NEAR(mean, kinds[k].minutes, kinds[k].minutes * 0.04) << kinds[k].name;
  }
  // 15/30/45/10 %, then strokes and polytraumas are P0 (domain 5.5: 22, 27, 41, 9).
  EXPECT_NEAR(urgency_share[Urgency::p0], 0.2265, 0.006);
  EXPECT_NEAR(urgency_share[Urgency::p1], 0.273, 0.006);
  EXPECT_NEAR(urgency_share[Urgency::p2], 0.4095, 0.006);
  EXPECT_NEAR(urgency_share[Urgency::p3], 0.091, 0.004);
  EXPECT_NEAR(mean_read_minutes(), 12.96, 0.01);
}

TEST(NightLoad, OverseasHospitalsLiveThreeHoursAhead) {
  LoadOptions options = many(1);
  options.overseas = true;
  // At 21:00 of the mainland it is midnight there: 95 % of 91 and 5 % of 44.
  EXPECT_NEAR(expected(options, 21), 0.95 * 91 + 0.05 * 44, 1e-9);
}

TEST(NightLoad, ACrashBringsSeveralExamsOfOneHospitalAtOnce) {
  LoadOptions options = many(1);
  options.exams_per_day = 0.001;  // nothing else
  options.bursts = true;
  const auto load = draw_load(options);
  ASSERT_GE(load.size(), 4u);
  ASSERT_LE(load.size(), 10u);
  EXPECT_LE((load.back().at - load.front().at), 15_min);
  for (const Arrival& a : load) EXPECT_EQ(a.hospital, load[0].hospital);
}

}  // namespace
}  // namespace vigie::night
