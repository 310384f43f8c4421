#include "nodes/client/directory_parts.hpp"

#include <gtest/gtest.h>

namespace vigie::client {
namespace {

// "abcdef" in two parts, "YWJj" and "ZGVm".
constexpr DirectoryPart first{7, 6, 0, "YWJj"}, second{7, 6, 3, "ZGVm"};

TEST(DirectoryParts, AreJoinedUntilAllIsThere) {
  DirectoryParts parts;
  EXPECT_EQ(parts.argument(), "");
  ASSERT_TRUE(parts.take(first));
  EXPECT_FALSE(parts.is_whole());
  EXPECT_EQ(parts.argument(), "3");
  ASSERT_TRUE(parts.take(second));
  EXPECT_TRUE(parts.is_whole());
  EXPECT_EQ(parts.bytes(), "abcdef");
}

TEST(DirectoryParts, BeginAnewWhenTheVersionChanges) {
  DirectoryParts parts;
  ASSERT_TRUE(parts.take(first));
  ASSERT_TRUE(parts.take({8, 6, 3, "ZGVm"}));
  EXPECT_FALSE(parts.is_whole());
  EXPECT_EQ(parts.argument(), "");
  ASSERT_TRUE(parts.take({8, 3, 0, "ZGVm"}));
  EXPECT_TRUE(parts.is_whole());
  EXPECT_EQ(parts.bytes(), "def");
}

TEST(DirectoryParts, GiveUpWhenItChangesAgainAndAgain) {
  DirectoryParts parts;
  for (std::uint32_t version = 1; version < 3; ++version) {
    ASSERT_TRUE(parts.take({version, 6, 0, "YWJj"}));
    ASSERT_TRUE(parts.take({version + 1, 6, 3, "ZGVm"}));
  }
  ASSERT_TRUE(parts.take({3, 6, 0, "YWJj"}));
  const auto third = parts.take({4, 6, 3, "ZGVm"});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Errc::busy);
}

TEST(DirectoryParts, RefuseWhatWouldNeverEndOrFit) {
  const DirectoryPart bad[] = {{7, 6, 3, ""},         // nothing more
                               {7, 6, 0, "ZGVm"},     // not what was asked for
                               {7, 5, 3, "ZGVm"},     // beyond its end
                               {7, 2, 3, "ZGVm"},     // long beyond
                               {7, 6, 3, "no base"},  // no Base64
                               {7, 1u << 30, 3, "ZGVm"}};
  for (const DirectoryPart& part : bad) {
    DirectoryParts parts;
    ASSERT_TRUE(parts.take(first));
    const auto taken = parts.take(part);
    ASSERT_FALSE(taken) << part.part;
    EXPECT_EQ(taken.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace vigie::client
