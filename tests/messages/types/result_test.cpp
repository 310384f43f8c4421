#include "messages/types/result.hpp"

#include <gtest/gtest.h>

#include <set>

#include "messages/types/command.hpp"
#include "messages/types/event.hpp"

namespace vigie {
namespace {

std::vector<ErrcInfo> catalogue() {
  std::vector<ErrcInfo> out;
  for (std::uint16_t number = 0; number < 1000; ++number) {
    const ErrcInfo info = errc_info(static_cast<Errc>(number));
    if (info.name != "unknown_code") out.push_back(info);
  }
  return out;
}

TEST(Errc, EveryCodeHasItsOwnNumberAndNameAndSaysWhatToDo) {
  std::set<std::uint16_t> numbers;
  std::set<std::string_view> names;
  for (const ErrcInfo& info : catalogue()) {
    EXPECT_TRUE(numbers.insert(static_cast<std::uint16_t>(info.code)).second) << info.name;
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.text.empty()) << info.name;
    EXPECT_FALSE(info.advice.empty()) << info.name;
    EXPECT_EQ(info.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
        << info.name;
  }
}

// The last enumerator of each range is catalogued, and so is everything between (no holes).
TEST(Errc, EveryRangeIsCataloguedWithoutHoles) {
  const std::pair<Errc, Errc> ranges[] = {{Errc::ok, Errc::duplicate_site},
                                          {Errc::stale, Errc::unknown_key_order},
                                          {Errc::no_leader, Errc::unreachable},
                                          {Errc::disk_full, Errc::apply_halted}};
  std::size_t expected = 0;
  for (const auto& [first, last] : ranges) {
    for (auto n = static_cast<int>(first); n <= static_cast<int>(last); ++n, ++expected) {
      EXPECT_NE(errc_name(static_cast<Errc>(n)), "unknown_code") << n;
    }
  }
  EXPECT_EQ(catalogue().size(), expected) << "a code outside of its range";
}

TEST(Errc, AnUnknownNumberIsKept) {
  EXPECT_EQ(errc_info(static_cast<Errc>(60'000)).code, static_cast<Errc>(60'000));
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 5;
  const Result<int> bad = Error{Errc::gap, "x"};
  EXPECT_TRUE(good);
  EXPECT_EQ(*good, 5);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::gap);
  EXPECT_DEATH(static_cast<void>(bad.value()), "assertion_failed");
}

TEST(Names, OfCommandsAndEventsAreUnique) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(EventKind::clock_corrected); ++kind) {
    if (kind == 38 || kind == 39) continue;  // not given to anything yet
    EXPECT_TRUE(names.insert(name_of(static_cast<EventKind>(kind))).second) << kind;
  }
}

}  // namespace
}  // namespace vigie
