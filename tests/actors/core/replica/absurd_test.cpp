// What a broken peer may say: it is dropped and counted, and the process goes on.
#include "tests/actors/core/replica/cluster.hpp"

namespace vigie::replica {
namespace {

constexpr std::uint64_t most = ~std::uint64_t{0};

/// Site 1 after a term of which it leads nothing: entries 1 to 3 of term 2, all committed.
Replica follower() {
  Config config;
  config.self = {1};
  config.members = {{{1}, true, 0}, {{2}, true, 0}, {{3}, true, 0}};
  Replica replica(config, {}, 1, BootTime{1000});
  Append append{{}, {}, {3}, {}};
  for (std::uint64_t i = 1; i <= 3; ++i) {
    append.entries.push_back({{i}, {2}, EntryKind::command, Payload{"x"}});
  }
  replica.step(BootTime{1000}, {2}, {{1}, {2}, append});
  const Output out = replica.take_output();
  replica.persisted(BootTime{1000}, out.write_no);
  EXPECT_EQ(replica.commit(), LogIndex{3});
  return replica;
}

/// Site 1 as leader of a term of its own.
Replica leader() {
  Replica replica = follower();
  const BootTime later{100'000};
  replica.tick(later);
  replica.step(later, {2}, {{1}, next(replica.term()), VoteAnswer{true, true}});
  const Output out = replica.take_output();
  replica.persisted(later, out.write_no);
  replica.step(later, {3}, {{1}, replica.term(), VoteAnswer{false, true}});
  EXPECT_TRUE(replica.is_leader());
  return replica;
}

/// Drops `body`, said in `term`: nothing is answered and nothing changes.
void expect_dropped(Replica& replica, Term term, const MessageBody& body) {
  (void)replica.take_output();
  const auto before = std::tuple{replica.term(), replica.last_index(), replica.role()};
  const std::uint64_t dropped = replica.absurd_messages();
  replica.step(BootTime{200'000}, {2}, {{1}, term, body});
  EXPECT_EQ(replica.absurd_messages(), dropped + 1);
  EXPECT_TRUE((before == std::tuple{replica.term(), replica.last_index(), replica.role()}));
  EXPECT_FALSE(replica.has_output());
  EXPECT_EQ(find_violation(replica), "");
}

TEST(Absurd, AnotherEntryWhereOneIsCommittedIsDropped) {
  Replica replica = follower();
  const LogEntry other{{2}, {3}, EntryKind::command, Payload{"y"}};
  expect_dropped(replica, {3}, Append{{1}, {2}, {3}, {other}});
}

TEST(Absurd, AnEntryOfAnEarlierTermThanTheCompactedOneIsDropped) {
  Replica replica = follower();
  (void)replica.take_output();
  replica.compacted(BootTime{1000}, {{3}, {2}, {}, 1}, {4});
  ASSERT_EQ(replica.log().base(), LogIndex{3});
  const LogEntry old{{3}, {1}, EntryKind::command, {}}, after{{4}, {1}, EntryKind::command, {}};
  expect_dropped(replica, {2}, Append{{2}, {1}, {}, {old, after}});
}

TEST(Absurd, ASecondLeaderOfOneTermIsNotListenedTo) {
  Replica replica = leader();
  expect_dropped(replica, replica.term(), Heartbeat{{1}, 1});
  expect_dropped(replica, replica.term(), Append{{3}, {2}, {3}, {}});
  EXPECT_TRUE(replica.is_leader());
}

TEST(Absurd, NumbersThatWouldWrapAreDropped) {
  Replica replica = follower();
  expect_dropped(replica, {most}, VoteRequest{false, true, {most}, {most}});
  expect_dropped(replica, {2}, SnapshotChunk{{{most}, {2}, {}, 1}, 0, {}});
  expect_dropped(replica, {2}, SnapshotChunk{{{9}, {2}, {}, most}, 0, {}});
}

TEST(Absurd, ASnapshotThatCannotBeIsDropped) {
  Replica replica = follower();
  expect_dropped(replica, {2}, SnapshotChunk{{{9}, {3}, {}, 1}, 0, {}});  // of a term to come
  expect_dropped(replica, {2},
                 SnapshotChunk{{{9}, {1}, {}, 1}, 0, {}});  // older than what it holds
  expect_dropped(replica, {2}, SnapshotChunk{{{9}, {2}, {}, 1}, 1, {}});  // beyond its last chunk
}

TEST(Absurd, VotesBeforeItsOwnIsOnDiskDoNotMakeALeader) {
  Replica replica = follower();
  const BootTime later{100'000};
  replica.tick(later);
  replica.step(later, {2}, {{1}, next(replica.term()), VoteAnswer{true, true}});
  ASSERT_EQ(replica.role(), Role::candidate);
  replica.step(later, {2}, {{1}, replica.term(), VoteAnswer{false, true}});
  replica.step(later, {3}, {{1}, replica.term(), VoteAnswer{false, true}});
  EXPECT_EQ(replica.role(), Role::candidate);
  replica.persisted(later, replica.take_output().write_no);
  EXPECT_TRUE(replica.is_leader());
}

}  // namespace
}  // namespace vigie::replica
