// The table of failpoints, and what a hook sees.
#include "messages/types/failpoint.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace vigie {
namespace {

std::vector<Failpoint> seen;

struct Stopped {};

TEST(Failpoint, HasANameOfItsOwnForEachPlace) {
  const std::set<std::string_view> names(failpoint_names.begin(), failpoint_names.end());
  EXPECT_EQ(names.size(), failpoint_count);
  EXPECT_GE(failpoint_count, 60u);
  EXPECT_EQ(name_of(Failpoint::append_before), "append.before");
}

TEST(Failpoint, DoesNothingUntilATestSaysSo) {
  failpoint(Failpoint::append_before);
  failpoint_hook = [](Failpoint point) {
    seen.push_back(point);
    throw Stopped{};
  };
  EXPECT_THROW(failpoint(Failpoint::vote_after), Stopped);
  failpoint_hook = nullptr;
  failpoint(Failpoint::append_before);
  EXPECT_EQ(seen, std::vector{Failpoint::vote_after});
}

}  // namespace
}  // namespace vigie
