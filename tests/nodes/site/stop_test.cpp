// A node that is told to stop while it is busy, at its busiest moment: when it has just founded.
#include "tests/nodes/site/node.hpp"

namespace vigie::site {
namespace {

TEST_F(Node, StopsWhileTheRoomStillTellsWhatItApplied) {
  for (int again = 0; again < 100; ++again) {
    std::filesystem::remove_all(settings_.data_dir);
    start();
    site_.reset();
  }
}

}  // namespace
}  // namespace vigie::site
