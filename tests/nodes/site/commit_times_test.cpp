#include "nodes/site/commit_times.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vigie::site {
namespace {

struct Recorded final : telemetry::Histogram {
  void observe(double seconds) override { all.push_back(seconds); }
  void observe_all(const std::vector<double>&, double) override {}
  std::vector<double> all;
};

CommitTimes::Clock::time_point at(int milliseconds) {
  return CommitTimes::Clock::time_point(std::chrono::milliseconds(milliseconds));
}

TEST(CommitTimes, MeasuresEachBatchFromItsAppendToItsCommit) {
  Recorded recorded;
  CommitTimes times(recorded);
  times.appended({10}, at(0));
  times.appended({12}, at(250));
  times.committed({9}, at(300));
  EXPECT_TRUE(recorded.all.empty());
  times.committed({11}, at(500));
  times.committed({20}, at(1250));
  times.committed({20}, at(2000));
  EXPECT_EQ(recorded.all, (std::vector<double>{0.5, 1.0}));
}

TEST(CommitTimes, ForgetsWhatWasOnTheWayWhenTheLeadershipIsLost) {
  Recorded recorded;
  CommitTimes times(recorded);
  times.appended({10}, at(0));
  times.forget();
  times.committed({10}, at(5000));
  EXPECT_TRUE(recorded.all.empty());
}

TEST(CommitTimes, KeepsABoundedNumberWhileNothingCommits) {
  Recorded recorded;
  CommitTimes times(recorded);
  const auto many = CommitTimes::batches_max + 10;
  for (std::size_t i = 1; i <= many; ++i) times.appended({i}, at(0));
  times.committed({many}, at(1000));
  EXPECT_EQ(recorded.all.size(), CommitTimes::batches_max);
}

}  // namespace
}  // namespace vigie::site
