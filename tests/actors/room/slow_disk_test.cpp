// A leader whose disk is slow hands over, and does not get leadership back at once (faults F6).
#include <gtest/gtest.h>

#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

constexpr std::array all = {lyon, bordeaux, marseille};

class SlowDisk : public ::testing::Test {
 protected:
  void SetUp() override { c_.elect(); }

  /// Work for `span`, during which each sync of the slow ones takes two seconds. @return when
  /// somebody else led first.
  std::optional<Millis> work(Millis span, const std::set<SiteId>& slow) {
    const SiteId before = c_.leader();
    const BootTime begun = c_.now().boot;
    std::optional<Millis> moved;
    for (int tick = 0; c_.now().boot - begun < span; ++tick) {
      for (SiteId site : slow) c_.at(site).disk_held = tick % 10 != 0;
      if (const SiteId leads = c_.leader()) {
        last_ = c_.local(leads, one("w" + std::to_string(++number_)));
        if (leads != before && !moved) moved = c_.now().boot - begun;
      }
      c_.run(200_ms);
    }
    for (SiteId site : all) c_.at(site).disk_held = false;
    return moved;
  }

  Cluster c_;
  int number_ = 0;
  std::shared_ptr<std::vector<Answer>> last_;
};

TEST_F(SlowDisk, OfALeaderMovesLeadershipWithinFifteenSeconds) {
  const SiteId slow = c_.leader();
  const auto moved = work(20_s, {slow});
  ASSERT_TRUE(moved);
  EXPECT_GE(*moved, 10_s);
  EXPECT_LE(*moved, 15_s);
  EXPECT_NE(c_.leader(), slow);
  EXPECT_TRUE(c_.agrees(30_s));
}

TEST_F(SlowDisk, OfEveryVoterMovesNothing) {
  const Term term = c_.host(c_.leader()).replica().term();
  EXPECT_FALSE(work(40_s, {lyon, bordeaux, marseille}));
  EXPECT_EQ(c_.host(c_.leader()).replica().term(), term);
}

TEST_F(SlowDisk, OfAFollowerMovesNothing) { EXPECT_FALSE(work(30_s, {c_.follower()})); }

TEST_F(SlowDisk, ThatIsQuickAgainDoesNotGetLeadershipBackWithinAMinute) {
  const SiteId slow = c_.leader();
  ASSERT_TRUE(work(20_s, {slow}));
  ASSERT_TRUE(c_.host(slow).own_status().disk_slow);
  const SiteId other = c_.leader();
  (void)work(30_s, {other});  // now that one's is slow: it goes to the third
  EXPECT_NE(c_.leader(), slow);
  EXPECT_NE(c_.leader(), other);
  (void)work(65_s, {});
  EXPECT_FALSE(c_.host(slow).own_status().disk_slow);
}

TEST_F(SlowDisk, ForAShortTimeMovesNothing) {
  EXPECT_FALSE(work(6_s, {c_.leader()}));
  EXPECT_FALSE(work(20_s, {}));
}

}  // namespace
}  // namespace vigie::actors::test
