// What a process was doing when it ended, told to the next one.
#include <sys/wait.h>

#include <csignal>

#include "nodes/site/black_box_file.hpp"
#include "nodes/site/build_number.hpp"
#include "nodes/site/readiness.hpp"
#include "tests/nodes/site/node.hpp"

namespace vigie::site {
namespace {

class BlackBoxOnDisk : public Node {
 protected:
  std::filesystem::path file() const { return folder_ / "applying"; }
  /// A process that applies entry 42, and is killed.
  void die_applying() const {
    const pid_t child = ::fork();
    if (child == 0) {
      BlackBoxFile box;
      box.open(file());
      static_cast<void>(actors::count_end(box.box(), 7, {}));
      actors::begin_entry(box.box(), {42});
      ::raise(SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
};

TEST_F(BlackBoxOnDisk, OutlivesAKilledProcessWithoutASync) {
  for (int i = 0; i < 3; ++i) die_applying();
  BlackBoxFile box;
  box.open(file());
  EXPECT_EQ(actors::count_end(box.box(), 7, {}), LogIndex{42});
}

TEST_F(BlackBoxOnDisk, ThatIsTornOrCutShortCountsFromTheBeginning) {
  for (int i = 0; i < 3; ++i) die_applying();
  std::filesystem::resize_file(file(), 100);
  BlackBoxFile box;
  box.open(file());
  EXPECT_EQ(actors::count_end(box.box(), 7, {}), LogIndex{});
  EXPECT_EQ(std::filesystem::file_size(file()), 4096u);
}

TEST_F(BlackBoxOnDisk, ThatCannotBeMadeKeepsNobodyAway) {
  BlackBoxFile box;
  box.open(folder_ / "no such folder" / "applying");
  EXPECT_EQ(actors::count_end(box.box(), 7, {}), LogIndex{});
}

TEST_F(BlackBoxOnDisk, ANodeThatEndedThriceAtAnEntryShowsThatItIsHalted) {
  start();
  site_.reset();
  {
    BlackBoxFile box;
    box.open(settings_.data_dir / "applying");
    static_cast<void>(actors::count_end(box.box(), build_number("test"), {}));
    for (int i = 0; i < 3; ++i) {
      actors::begin_entry(box.box(), {1});
      static_cast<void>(actors::count_end(box.box(), build_number("test"), {}));
    }
  }
  start();
  EXPECT_EQ(metric("vigie_apply_halted{site=\"lyon\"}"), 1);
  EXPECT_EQ(metric("vigie_site_mode{site=\"lyon\",mode=\"halted\"}"), 1);
  EXPECT_EQ(metric("vigie_raft_has_leader{site=\"lyon\"}"), 1);
}

TEST(BuildNumber, IsThisProgramsAndChangesWithTheVersion) {
  EXPECT_EQ(build_number("1"), build_number("1"));
  EXPECT_NE(build_number("1"), build_number("2"));
}

TEST(Readiness, SaysWhyANodeIsNotToBeUsed) {
  EXPECT_EQ(readiness({true, false, false, true}).status, 200);
  const auto halted = readiness({true, true, false, true});
  EXPECT_EQ(halted.status, 503);
  EXPECT_NE(halted.body.find("\"mode\":\"HALTED\",\"reason\":\"apply_halted\""), std::string::npos);
  EXPECT_NE(readiness({true, false, false, false}).body.find("disk_full"), std::string::npos);
  EXPECT_NE(readiness({false, false, true, true}).body.find("QUARANTINED"), std::string::npos);
}

}  // namespace
}  // namespace vigie::site
