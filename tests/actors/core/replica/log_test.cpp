// The log in memory, and what of it is known to be on disk.
#include "actors/core/replica/log.hpp"

#include <gtest/gtest.h>

#include "actors/core/replica/writes.hpp"

namespace vigie::replica {
namespace {

Log log_of(std::initializer_list<std::uint64_t> terms) {
  Log log(LogIndex{10}, Term{1});
  for (const std::uint64_t term : terms) {
    log.append({next(log.last_index()), Term{term}, EntryKind::command, Payload("12345678")});
  }
  return log;
}

TEST(Log, KnowsTheTermOfItsBaseAndOfEveryEntryAndNoOther) {
  const Log log = log_of({2, 2, 5});
  EXPECT_EQ(log.term(LogIndex{9}), std::nullopt);
  EXPECT_EQ(log.term(LogIndex{10}), Term{1});
  EXPECT_EQ(log.term(LogIndex{13}), Term{5});
  EXPECT_EQ(log.term(LogIndex{14}), std::nullopt);
  EXPECT_EQ(log.last_term(), Term{5});
}

TEST(Log, FindsTheLastPlaceOfATermOrAnEarlierOne) {
  const Log log = log_of({2, 2, 5, 5, 7});
  EXPECT_EQ(log.last_up_to(LogIndex{99}, Term{5}), LogIndex{14});
  EXPECT_EQ(log.last_up_to(LogIndex{13}, Term{5}), LogIndex{13});
  EXPECT_EQ(log.last_up_to(LogIndex{99}, Term{4}), LogIndex{12});
  EXPECT_EQ(log.last_up_to(LogIndex{99}, Term{0}), LogIndex{10});
  EXPECT_EQ(log.last_up_to(LogIndex{3}, Term{9}), LogIndex{10});
}

TEST(Log, SlicesAreBoundedButNeverEmptyWhenThereIsSomething) {
  const Log log = log_of({2, 2, 2, 2});
  EXPECT_EQ(log.slice(LogIndex{11}, LogIndex{99}, 1u << 20, 3).size(), 3u);
  EXPECT_EQ(log.slice(LogIndex{11}, LogIndex{14}, 1, 99).size(), 1u);
  EXPECT_EQ(log.slice(LogIndex{13}, LogIndex{14}, 1u << 20, 99).front().index, LogIndex{13});
  EXPECT_TRUE(log.slice(LogIndex{15}, LogIndex{99}, 1u << 20, 99).empty());
}

TEST(Log, CountsItsBytesThroughTruncationAndCompaction) {
  Log log = log_of({2, 2, 5, 5});
  const std::size_t one = log.bytes() / 4;
  log.truncate_from(LogIndex{14});
  EXPECT_EQ(log.bytes(), 3 * one);
  log.compact(LogIndex{12});
  EXPECT_EQ(log.bytes(), one);
  EXPECT_EQ(log.base(), LogIndex{12});
  EXPECT_EQ(log.term(LogIndex{12}), Term{2});
  log.reset(LogIndex{50}, Term{9});
  EXPECT_EQ(log.bytes(), 0u);
  EXPECT_EQ(log.last_index(), LogIndex{50});
}

TEST(LogDeathTest, AGapOrAFallingTermStopsTheProcess) {
  Log log = log_of({3});
  EXPECT_DEATH(log.append({LogIndex{13}, Term{3}, EntryKind::noop, {}}), "assertion_failed");
  EXPECT_DEATH(log.append({LogIndex{12}, Term{2}, EntryKind::noop, {}}), "assertion_failed");
}

TEST(Writes, AConfirmationCoversAllEarlierOnesAndMayRepeat) {
  Writes writes(LogIndex{5});
  const auto first = writes.issue(LogIndex{6}, true);
  const auto second = writes.issue(LogIndex{9}, false);
  EXPECT_FALSE(writes.is_hard_stable());
  writes.persisted(first);
  EXPECT_TRUE(writes.is_hard_stable());
  EXPECT_EQ(writes.stable(), LogIndex{6});
  writes.persisted(second);
  writes.persisted(first);
  EXPECT_EQ(writes.stable(), LogIndex{9});
  EXPECT_TRUE(writes.is_idle());
}

TEST(Writes, TruncationTakesBackWhatIsStableAndWhatIsUnderWay) {
  Writes writes(LogIndex{5});
  const auto first = writes.issue(LogIndex{8}, false);
  writes.truncated(LogIndex{4});
  EXPECT_EQ(writes.stable(), LogIndex{3});
  const auto second = writes.issue(LogIndex{6}, false);
  writes.persisted(first);
  EXPECT_EQ(writes.stable(), LogIndex{3});
  writes.persisted(second);
  EXPECT_EQ(writes.stable(), LogIndex{6});
}

}  // namespace
}  // namespace vigie::replica
