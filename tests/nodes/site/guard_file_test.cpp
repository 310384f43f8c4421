#include "nodes/site/guard_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "messages/types/failpoint.hpp"

namespace vigie::site {
namespace {

constexpr InstanceId ours{7, 8}, another{9, 8};
const GuardMark guard{ours, {4}, {100}};
const Result<std::optional<GuardMark>> none{std::optional<GuardMark>{}};
const Result<std::optional<GuardMark>> there{std::optional<GuardMark>{guard}};

TEST(Guard, AFirstStartHasNeitherFolderNorGuard) {
  EXPECT_EQ(judge(none, {ours, {1}, {}, false}), "");
}

TEST(Guard, TheNextStartOfTheSameFolderMayServe) {
  EXPECT_EQ(judge(there, {ours, {5}, {100}, true}), "");
  EXPECT_EQ(judge(there, {ours, {7}, {250}, true}), "") << "starts that ended early count too";
}

TEST(Guard, AFolderBehindItsGuardMayNot) {
  EXPECT_NE(judge(there, {ours, {5}, {99}, true}).find("rolled back"), std::string::npos);
}

TEST(Guard, AnOlderCopyOfTheFolderMayNotThoughItReachesFarEnough) {
  EXPECT_NE(judge(there, {ours, {4}, {100}, true}).find("rolled back"), std::string::npos);
}

TEST(Guard, AWipedFolderMayNot) {
  EXPECT_NE(judge(there, {another, {1}, {}, false}).find("empty"), std::string::npos);
}

TEST(Guard, AnothersFolderMayNot) { EXPECT_NE(judge(there, {another, {9}, {500}, true}), ""); }

TEST(Guard, AFolderWithoutItsGuardMayNot) {
  EXPECT_NE(judge(none, {ours, {5}, {100}, true}).find("no guard file"), std::string::npos);
}

TEST(Guard, AFolderThatNeverPromisedAnythingNeedsNone) {
  EXPECT_EQ(judge(none, {ours, {2}, {}, false}), "") << "a first start that ended at once";
}

TEST(Guard, AnUnreadableGuardIsNoGuard) {
  EXPECT_NE(judge(Error{Errc::corrupt, "torn"}, {ours, {5}, {100}, true}), "");
}

TEST(GuardText, ComesBackAndNoPartOfItPasses) {
  const std::string text = to_text(guard);
  ASSERT_TRUE(parse_guard(text));
  EXPECT_EQ(*parse_guard(text), guard);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_guard(text.substr(0, size))) << size;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string rotten = text;
    rotten[at] = static_cast<char>(rotten[at] ^ 1);
    EXPECT_FALSE(parse_guard(rotten)) << at;
  }
}

struct Folder {
  Folder() {
    std::string name = testing::TempDir() + "guard-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

TEST(GuardFile, IsReadBackAndReplacedWhole) {
  const Folder folder;
  const auto file = folder.path / "guard";
  ASSERT_TRUE(read_guard(file));
  EXPECT_FALSE(read_guard(file)->has_value());
  ASSERT_TRUE(write_guard(file, guard));
  ASSERT_TRUE(write_guard(file, {ours, {5}, {300}}));
  EXPECT_EQ((*read_guard(file))->kept, LogIndex{300});
  std::ofstream(file, std::ios::trunc) << to_text(guard).substr(0, 30);
  EXPECT_EQ(read_guard(file).error().code, Errc::corrupt);
}

struct Died {};
Failpoint dies_at{};

// What the file system makes of what was not synced is its own: every order of it leaves one of the
// two files, for the new one is synced before it gets the name.
TEST(GuardFile, WhoDiesAtAnyStepLeavesTheOldFileOrTheNewOne) {
  const GuardMark newer{ours, {5}, {300}};
  int died = 0;
  for (std::size_t i = 0; i < failpoint_count; ++i) {
    dies_at = static_cast<Failpoint>(i);
    if (!is_of_guard_file(dies_at)) continue;
    const Folder folder;
    const auto file = folder.path / "guard";
    ASSERT_TRUE(write_guard(file, guard));
    failpoint_hook = [](Failpoint point) {
      if (point == dies_at) throw Died{};
    };
    EXPECT_THROW((void)write_guard(file, newer), Died) << name_of(dies_at);
    failpoint_hook = nullptr;
    const auto left = read_guard(file);
    ASSERT_TRUE(left && *left) << name_of(dies_at);
    EXPECT_EQ(**left, dies_at < Failpoint::guard_renamed ? guard : newer) << name_of(dies_at);
    EXPECT_EQ(judge(left, {ours, {6}, {300}, true}), "") << "the next start is not refused";
    ASSERT_TRUE(write_guard(file, newer)) << "what is left of the half one is in nobody's way";
    EXPECT_EQ(**read_guard(file), newer);
    ++died;
  }
  EXPECT_EQ(died, 6);
}

TEST(GuardFile, AFolderThatIsNotThereIsAnErrorNotAFirstStart) {
  const Folder folder;
  EXPECT_EQ(write_guard(folder.path / "no" / "guard", guard).error().code, Errc::io_error);
}

TEST(GuardKeeper, WritesTheNewestAndNeverLess) {
  const Folder folder;
  const auto file = folder.path / "guard";
  {
    GuardKeeper keeper;
    ASSERT_TRUE(keeper.start(file, guard));
    EXPECT_EQ(**read_guard(file), guard) << "before anything is served";
    keeper.keep({150});
    keeper.keep({120});
  }
  EXPECT_EQ((*read_guard(file))->kept, LogIndex{150});
}

}  // namespace
}  // namespace vigie::site
