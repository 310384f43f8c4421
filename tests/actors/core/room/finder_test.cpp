// The finder against the plainest of models.
#include "actors/core/room/finder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace vigie::room {
namespace {

TEST(Finder, FindsWhatAModelFindsWhateverWasInsertedAndErased) {
  std::mt19937_64 random(7);
  Finder finder;
  std::set<std::pair<Bits128, ExamId>> model;
  for (int step = 0; step < 20'000; ++step) {
    const Bits128 key{random() % 3, random() % 200};
    const ExamId id{1 + random() % 5};
    const bool erase = random() % 100 < (step / 5'000 % 2 == 0 ? 40u : 60u);
    if (erase && model.erase({key, id}) == 1) finder.erase(key, id);
    if (!erase && model.emplace(key, id).second) finder.insert(key, id);
    ASSERT_EQ(finder.size(), model.size());
    std::set<ExamId> found, expected;
    const Bits128 asked{random() % 3, random() % 200};
    finder.each(asked, [&](ExamId x) { found.insert(x); });
    for (std::uint64_t x = 1; x <= 5; ++x) {
      if (model.contains({asked, {x}})) expected.insert({x});
    }
    ASSERT_EQ(found, expected) << "step " << step;
  }
}

TEST(Finder, AnEmptyOneFindsNothing) {
  Finder finder;
  finder.each({1, 2}, [](ExamId) { FAIL(); });
  EXPECT_EQ(finder.size(), 0u);
}

}  // namespace
}  // namespace vigie::room
