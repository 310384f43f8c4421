// The linearizability checker, checked: a sound night is accepted, and each way of touching it is
// refused for its reason, naming the operation, the index and the exam.
#include <gtest/gtest.h>

#include "tests/verify/linear_test/story.hpp"

namespace vigie::linear {
namespace {

std::string words(const Findings& f) {
  std::string out;
  for (const Fault& one : f.faults) {
    out += one.kind + " at " + std::to_string(one.index.value) + " (" + one.where + ", exam " +
           std::to_string(one.exam.value) + "): " + one.what + "\n";
  }
  return out;
}

TEST(Linear, ASoundNightIsAccepted) {
  for (const bool shown : {true, false}) {
    const Story night{shown};
    const Findings found = judge(night.h);
    EXPECT_TRUE(found.ok()) << words(found);
    EXPECT_EQ(found.operations, night.h.operations.size());
    EXPECT_EQ(found.swept, found.operations);
    EXPECT_EQ(found.unpredicted, 0u);
    EXPECT_EQ(found.unknown, 0u);
    EXPECT_EQ(found.assignments, 3u);
    EXPECT_EQ(found.reads, 1u);
    EXPECT_EQ(found.exams_searched, 3u);
    EXPECT_EQ(found.unsearched, 0u);
  }
}

}  // namespace
}  // namespace vigie::linear
