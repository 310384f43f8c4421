#include "tests/sim/night/guard.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/night/figures.hpp"

namespace vigie::night {
namespace {

LoadOptions weekdays(std::uint64_t seed, int days = 1) {
  LoadOptions options;
  options.seed = seed;
  options.days = days;
  options.bursts = options.overseas = false;
  return options;
}

/// One centre with that many readers at every hour.
Staffing always(int readers) {
  Staffing s{{{"lyon", readers}}, {}};
  for (auto& hour : s.readers) hour = {readers};
  return s;
}

Arrival exam(Millis at, Urgency urgency, Millis read = 10_min) {
  Arrival a;
  a.at = at;
  a.read = read;
  a.urgency = urgency;
  return a;
}

std::vector<std::uint32_t> order(const std::vector<Arrival>& load, Discipline discipline) {
  const auto result = run_guard(load, always(1), discipline);
  EXPECT_TRUE(result);
  std::vector<std::uint32_t> out;
  for (const Read& read : result->reads) out.push_back(read.arrival);
  return out;
}

TEST(Guard, ReadsEveryExamOnceAndNeverWithMoreReadersThanThereAre) {
  const LoadOptions options = weekdays(3);
  const auto load = draw_load(options);
  const Staffing staffing = staffing_for(options, {0.9, 6}, eight_centres());
  const auto result = run_guard(load, staffing, Discipline::guard);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->reads.size(), load.size());
  std::vector<bool> read(load.size());
  std::vector<std::pair<Millis, int>> changes;  // in hand: +1, -1
  for (const Read& r : result->reads) {
    EXPECT_FALSE(read[r.arrival]);
    read[r.arrival] = true;
    EXPECT_GE(r.wait, 0_ms);
    const Millis begun = load[r.arrival].at + r.wait;
    changes.push_back({begun, 1});
    changes.push_back({begun + load[r.arrival].read, -1});
  }
  std::sort(changes.begin(), changes.end());
  int in_hand = 0;
  for (const auto& [at, change] : changes) EXPECT_LE(in_hand += change, 47);
  EXPECT_EQ(in_hand, 0);
}

TEST(Guard, TheSameNightEndsWithTheSameDigest) {
  const LoadOptions options = weekdays(4);
  const auto load = draw_load(options);
  const Staffing staffing = staffing_for(options, {0.9, 6}, eight_centres());
  const auto one = run_guard(load, staffing, Discipline::guard);
  const auto two = run_guard(load, staffing, Discipline::guard);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->digest, two->digest);
  EXPECT_NE(one->digest, run_guard(draw_load(weekdays(5)), staffing, Discipline::guard)->digest);
}

/// The reader has the first; the others come while he reads, in the order of the list.
const std::vector<Arrival> five{exam(1_min, Urgency::p2),  exam(2_min, Urgency::p3),
                                exam(62_min, Urgency::p2), exam(63_min, Urgency::p1),
                                exam(64_min, Urgency::p0), exam(65_min, Urgency::p1)};

TEST(Guard, DisciplinesOrderExamsAsTheirNamesSay) {
  auto load = five;
  load[0].read = 2_h;
  using List = std::vector<std::uint32_t>;
  EXPECT_EQ(order(load, Discipline::guard), (List{0, 4, 3, 5, 2, 1}));  // P2 due 107, P3 due 122
  EXPECT_EQ(order(load, Discipline::fifo), (List{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(order(load, Discipline::strict), (List{0, 4, 3, 5, 2, 1}));
  EXPECT_EQ(order(load, Discipline::deadline), (List{0, 4, 3, 5, 2, 1}));
  load[1].at = 30_s;  // now the P3 came first: it is read at once, then the P2 of minute 1
  load[1].read = 2_h;
  std::swap(load[0], load[1]);
  EXPECT_EQ(order(load, Discipline::vital), (List{0, 4, 1, 3, 5, 2}));  // due 46, 83, 85, 107
  EXPECT_EQ(order(load, Discipline::guard), (List{0, 4, 3, 5, 1, 2}));
}

TEST(Guard, AShiftThatEndsLetsItsReaderFinish) {
  Staffing s{{{"lyon", 1}}, {}};
  for (auto& hour : s.readers) hour = {0};
  s.readers[0] = {1};
  s.readers[5] = {1};
  const auto result = run_guard({exam(50_min, Urgency::p2, 30_min), exam(55_min, Urgency::p2)}, s,
                                Discipline::guard);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->reads[0].wait, 0_ms);
  EXPECT_EQ(result->reads[1].wait, 4_h + 5_min);  // he went home at 01:20; the next comes at 05:00
}

TEST(Guard, WithNobodyStaffedNothingBegins) {
  EXPECT_FALSE(run_guard({exam(1_min, Urgency::p2)}, always(0), Discipline::guard));
}

TEST(Guard, AloneACentreReadsItsOwnHospitalsOnly) {
  const LoadOptions options = weekdays(6);
  const auto load = draw_load(options);
  const Staffing staffing = staffing_alone(options, {0.85, 6}, eight_centres());
  const auto result = run_isolated(load, staffing, Discipline::guard);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->reads.size(), load.size());
  const auto home = homes(staffing.centres);
  for (const Read& r : result->reads) EXPECT_EQ(home[load[r.arrival].hospital], r.centre);
}

Figures figures(double exams_per_day, const StaffingRule& rule, Discipline discipline) {
  LoadOptions options = weekdays(1, 5);
  options.exams_per_day = exams_per_day;
  const Staffing staffing = staffing_for(options, rule, eight_centres());
  Tally tally(staffing);
  for (; options.seed <= 3; ++options.seed) {
    const auto load = draw_load(options);
    tally.add(load, options.days, *run_guard(load, staffing, discipline));
  }
  return tally.figures();
}

// Domain 5.6. The bounds are wide: three seeds, not eight.
// domain F9, Q1
TEST(Guard, ReproducesTheStudysSixteenMinutes) {
  EXPECT_NEAR(figures(1000, {0.9, 6}, Discipline::guard).all.turnaround_mean, 16.0, 1.0);
  EXPECT_NEAR(figures(685, {0.85, 6}, Discipline::guard).all.turnaround_mean, 14.9, 1.0);
}

// domain O15
TEST(Guard, ReproducesWhatTheDisciplinesCost) {
  const StaffingRule few{0.85, 6, 20};
  const Figures fifo = figures(1000, few, Discipline::fifo);
  const Figures guard = figures(1000, few, Discipline::guard);
  EXPECT_GT(fifo.by_urgency[0].over_target_percent, 2.0);
  EXPECT_LT(guard.by_urgency[0].over_target_percent, 0.2);
  EXPECT_LT(guard.by_urgency[1].over_target_percent, 0.5);
  EXPECT_NEAR(fifo.all.turnaround_mean, guard.all.turnaround_mean, 0.5);
}

}  // namespace
}  // namespace vigie::night
