#include "nodes/site/restarts.hpp"

#include <gtest/gtest.h>

namespace vigie::site {
namespace {

TEST(Restarts, APartThatFailsNowAndThenBeginsAnewForEver) {
  Restarts restarts;
  BootTime now{1'000'000};
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(restarts.may_begin_anew(Part::desks, now));
    now = now + 13_s;
  }
}

TEST(Restarts, APartThatFailsAgainAndAgainEndsTheProcess) {
  Restarts restarts;
  BootTime now{1'000'000};
  for (std::size_t i = 0; i < restarts_max; ++i) {
    EXPECT_TRUE(restarts.may_begin_anew(Part::desks, now));
    now = now + 1_s;
  }
  EXPECT_FALSE(restarts.may_begin_anew(Part::desks, now));
  EXPECT_TRUE(restarts.may_begin_anew(Part::delivery, now)) << "each part counts for itself";
}

}  // namespace
}  // namespace vigie::site
