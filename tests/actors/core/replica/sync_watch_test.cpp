// When a disk counts as too slow to lead with.
#include "actors/core/replica/sync_watch.hpp"

#include <gtest/gtest.h>

namespace vigie::replica {
namespace {

class Disk {
 public:
  /// A second with `count` writes, of which each takes `took`; `late` more take two seconds.
  bool second(int count, Millis took, int late = 0) {
    for (int i = 0; i < count; ++i) write(now_ - took);
    for (int i = 0; i < late; ++i) write(now_ - 2_s);
    now_ = now_ + 1_s;
    return watch_.is_slow(now_);
  }
  /// Seconds until it counts as slow; 0: not within `max`.
  int seconds_until_slow(int count, Millis took, int late = 0, int max = 30) {
    for (int i = 1; i <= max; ++i) {
      if (second(count, took, late)) return i;
    }
    return 0;
  }
  void hang() { watch_.posted(now_, ++number_); }

 private:
  void write(BootTime since) {
    watch_.posted(since, ++number_);
    watch_.done(now_, number_);
  }

  BootTime now_{1'000'000};
  std::uint64_t number_ = 0;
  SyncWatch watch_;
};

TEST(SyncWatch, TenSecondsOfSlowSyncsAreTooSlow) {
  const int seconds = Disk().seconds_until_slow(1, 1500_ms);
  EXPECT_GE(seconds, 10);
  EXPECT_LE(seconds, 12);
}

TEST(SyncWatch, AsLongAsASecondIsNotTooSlow) {
  EXPECT_EQ(Disk().seconds_until_slow(5, 1000_ms), 0);
}

TEST(SyncWatch, OneInAHundredMayBeLateAndMoreMayNot) {
  EXPECT_EQ(Disk().seconds_until_slow(99, 5_ms, 1), 0);
  EXPECT_GE(Disk().seconds_until_slow(98, 5_ms, 2), 10);
}

TEST(SyncWatch, AHiccupIsNot) {
  Disk disk;
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(disk.second(1, 3_s));
    EXPECT_FALSE(disk.second(1, 3_s));
    EXPECT_FALSE(disk.second(20, 5_ms));
  }
}

TEST(SyncWatch, AWriteThatNeverEndsIs) {
  Disk disk;
  disk.hang();
  const int seconds = disk.seconds_until_slow(0, 0_ms);
  EXPECT_GE(seconds, 11);
  EXPECT_LE(seconds, 13);
}

TEST(SyncWatch, AnIdleDiskIsNot) {
  Disk disk;
  EXPECT_FALSE(disk.second(1, 3_s));
  EXPECT_EQ(disk.seconds_until_slow(0, 0_ms, 0, 120), 0);
}

TEST(SyncWatch, ItStaysSoForAMinuteAfterTheLastSlowSync) {
  Disk disk;
  ASSERT_GT(disk.seconds_until_slow(1, 2_s), 0);
  for (int i = 1; i < 60; ++i) EXPECT_TRUE(disk.second(10, 5_ms)) << i;
  EXPECT_FALSE(disk.second(10, 5_ms));
  EXPECT_FALSE(disk.second(1, 2_s)) << "and then it takes ten seconds again";
}

}  // namespace
}  // namespace vigie::replica
