// The disk's reserve (design D17), with a file system of the test's own size.
#include "nodes/site/disk_guard.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace vigie::site {
namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t mebibyte = 1024 * 1024;

class DiskGuardTest : public testing::Test {
 protected:
  DiskGuardTest() : folder(fs::path(testing::TempDir()) / ("guard" + std::to_string(getpid()))) {
    fs::create_directories(folder);
  }
  ~DiskGuardTest() override { fs::remove_all(folder); }

  /// With a reserve of 16 MiB, and a file of as much.
  DiskGuard guard() const {
    return DiskGuard(folder, 16 * mebibyte, [this](const fs::path&) {
      const std::uint64_t used = has_file() ? 16 : 0;
      const std::uint64_t left = free_mib > used ? free_mib - used : 0;
      return std::optional(DiskGuard::Space{size_mib * mebibyte, left * mebibyte});
    });
  }
  bool has_file() const { return fs::exists(folder / "reserve"); }

  fs::path folder;
  std::uint64_t size_mib = 1000;
  std::uint64_t free_mib = 100;  ///< without the file
};

TEST_F(DiskGuardTest, KeepsAFileAndTakesRequestsWhileThereIsRoom) {
  DiskGuard g = guard();
  g.make_way();
  g.look();
  EXPECT_TRUE(g.intake_open());
  EXPECT_EQ(fs::file_size(folder / "reserve"), 16 * mebibyte);
}

TEST_F(DiskGuardTest, TheReserveIsATenthOfTheDiskAndAtMost256MiB) {
  DiskGuard small(folder, 0, [](const fs::path&) {
    return std::optional(DiskGuard::Space{200 * mebibyte, 100 * mebibyte});
  });
  small.make_way();
  EXPECT_EQ(small.reserve_bytes(), 20 * mebibyte);
  DiskGuard large(folder, 0, [](const fs::path&) {
    return std::optional(DiskGuard::Space{1u << 31, 1u << 30});
  });
  large.make_way();
  EXPECT_EQ(large.reserve_bytes(), (1u << 31) / 10);
  DiskGuard huge(folder, 0, [](const fs::path&) {
    return std::optional(DiskGuard::Space{std::uint64_t{1} << 40, std::uint64_t{1} << 39});
  });
  huge.make_way();
  EXPECT_EQ(huge.reserve_bytes(), 256 * mebibyte);
  EXPECT_EQ(huge.file_bytes(), 32 * mebibyte);
}

TEST_F(DiskGuardTest, StopsIntakeAtTheReserveAndResumesALittleAboveIt) {
  DiskGuard g = guard();
  g.look();
  free_mib = 16 + 17;
  g.look();
  EXPECT_TRUE(g.intake_open());
  free_mib = 16 + 16;
  g.look();
  EXPECT_FALSE(g.intake_open());
  EXPECT_TRUE(has_file()) << "kept for a start on a full disk";
  free_mib = 16 + 17;
  g.look();
  EXPECT_FALSE(g.intake_open());
  free_mib = 16 + 18;
  g.look();
  EXPECT_TRUE(g.intake_open());
}

TEST_F(DiskGuardTest, AStartOnAFullDiskGivesTheFileUpAndTakesNoRequestsUntilThereIsRoom) {
  guard().look();
  ASSERT_TRUE(has_file());
  free_mib = 16 + 1;
  DiskGuard g = guard();
  g.make_way();
  EXPECT_FALSE(has_file());
  for (const std::uint64_t free : {17, 20, 32, 33}) {
    free_mib = free;
    g.look();
    EXPECT_FALSE(g.intake_open()) << free;
    EXPECT_FALSE(has_file()) << free;
  }
  free_mib = 16 + 18;
  g.look();
  EXPECT_TRUE(has_file());
  EXPECT_TRUE(g.intake_open());
}

TEST_F(DiskGuardTest, AStartWithRoomKeepsTheFile) {
  guard().look();
  DiskGuard g = guard();
  g.make_way();
  EXPECT_TRUE(has_file());
  EXPECT_TRUE(g.intake_open());
}

}  // namespace
}  // namespace vigie::site
