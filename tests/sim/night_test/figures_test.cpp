#include "tests/sim/night/figures.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace vigie::night {
namespace {

/// Four P1 exams of one hospital, and how long each waited.
struct Sample {
  std::vector<Arrival> load;
  GuardResult result;
  Staffing staffing{{{"lyon", 2}, {"brest", 1}}, {}};

  Sample() {
    for (auto& hour : staffing.readers) hour = {1, 0};
    staffing.readers[20] = {2, 1};
    const Millis waits[] = {0_min, 2_min, 20_min, 30_min};
    for (std::uint32_t i = 0; i < 4; ++i) {
      Arrival a;
      a.at = 1_h * i;
      a.read = 6_min;
      a.urgency = Urgency::p1;
      load.push_back(a);
      result.reads.push_back({i, static_cast<std::uint16_t>(i == 3), waits[i]});
    }
  }
  Figures figures() const {
    Tally tally(staffing);
    tally.add(load, 1, result);
    return tally.figures();
  }
};

// domain Q2, Q3
TEST(Figures, AreCountedFromWaitsAndReads) {
  const Figures f = Sample().figures();
  const Waits& p1 = f.by_urgency[1];
  EXPECT_EQ(p1.exams, 4u);
  EXPECT_DOUBLE_EQ(p1.wait_mean, 13);
  EXPECT_DOUBLE_EQ(p1.wait_p50, 2);
  EXPECT_DOUBLE_EQ(p1.wait_p99, 30);
  EXPECT_DOUBLE_EQ(p1.wait_max, 30);
  EXPECT_DOUBLE_EQ(p1.over_target_percent, 25);  // 20 minutes are not over 20 minutes
  EXPECT_DOUBLE_EQ(p1.turnaround_mean, 19);
  EXPECT_DOUBLE_EQ(f.all.over_target_percent, 25);
  EXPECT_EQ(f.by_urgency[0].exams, 0u);
  EXPECT_EQ(f.readers_min, 1);
  EXPECT_EQ(f.readers_max, 3);
  EXPECT_DOUBLE_EQ(f.reader_hours_per_day, 26);
  EXPECT_NEAR(f.busy_percent, 100 * 0.4 / 26, 1e-9);
  EXPECT_EQ(f.reads_by_centre, (std::vector<std::size_t>{3, 1}));
  EXPECT_EQ(f.reads_of_other_homes, (std::vector<std::size_t>{0, 1}));
}

TEST(Figures, AreWrittenAsTableAndAsCsv) {
  const Sample sample;
  std::ostringstream table;
  print_table(table, sample.figures());
  EXPECT_NE(table.str().find("readers 1 to 3, 26 reader-hours"), std::string::npos);
  std::string csv = csv_header();
  append_csv(csv, "x", sample.figures());
  EXPECT_NE(csv.find("\nx,p1,4,13.000,2.000,30.000,30.000,25.0000,19.000,"), std::string::npos);
  const std::string exams = exams_csv(sample.load, sample.staffing, sample.result);
  EXPECT_NE(exams.find("\n0T03:00:00,0,\"CT head\",p1,30.000,6.000,brest\n"), std::string::npos);
}

}  // namespace
}  // namespace vigie::night
