// Centres that are lost, copied or wrong, and what the log must not be harmed by.
#include <gtest/gtest.h>

#include "messages/codec/proposal_codec.hpp"
#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

TEST(Cluster, ASilentSiteIsMarkedUnreachableAfterTwoSecondsAndComesBack) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader(), lost = c.follower();
  c.cut(lost);
  c.run(1900_ms);
  EXPECT_FALSE(is_unreachable(c.host(leader), lost));
  c.run(1500_ms);
  EXPECT_TRUE(is_unreachable(c.host(leader), lost));
  c.heal(lost);
  EXPECT_TRUE(c.run_until([&] { return !is_unreachable(c.host(c.leader()), lost); }, 3_s));
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, AnotherInstanceFederationOrOlderBootIsNotListenedTo) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader(), victim = c.follower();
  const auto frame = [&](const char* federation, InstanceId instance, BootCount boot) {
    codec::PeerFrame f;
    f.header.federation = codec::federation_hash(federation);
    f.header.instance = instance;
    f.header.boot = boot;
    f.header.site = leader;
    f.raft.push_back({victim, {999}, replica::Heartbeat{{}, 0}});
    return f;
  };
  const auto& known = c.host(victim).peers().at(leader);
  const Term term = c.host(victim).replica().term();
  c.deliver_frame(victim, leader, frame("other", known.memory.instance, known.memory.boot));
  c.deliver_frame(victim, leader, frame("test", {1, 77}, known.memory.boot));
  EXPECT_TRUE(known.foreign);
  c.deliver_frame(victim, leader,
                  frame("test", known.memory.instance, {known.memory.boot.value - 1}));
  EXPECT_EQ(c.host(victim).replica().term(), term);
  auto liar = frame("test", known.memory.instance, known.memory.boot);
  liar.header.site = victim;
  c.deliver_frame(victim, leader, liar);
  EXPECT_EQ(c.host(victim).replica().term(), term);
  c.deliver_frame(victim, leader, frame("test", known.memory.instance, known.memory.boot));
  EXPECT_EQ(c.host(victim).replica().term(), Term{999});
}

TEST(Cluster, ASiteIsNotQuarantinedForEverByACopyThatSpokeOnce) {
  Cluster c;
  c.elect();
  const SiteId site = c.leader(), other = c.follower();
  auto copy = frame_of(c, site, other);
  copy.header.instance = {1, 77};
  const auto& seen = c.host(other).peers().at(site);
  c.run(1_s);
  c.deliver_frame(other, site, copy);
  c.run(4_s);
  EXPECT_TRUE(seen.foreign);  // whoever looks now is told
  c.run(2_s);
  EXPECT_FALSE(seen.foreign);
}

TEST(Cluster, APeerThatCannotApplyTheRoomsLevelIsNotListenedTo) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader(), other = c.follower();
  auto old = frame_of(c, leader, other);
  old.header.level = {0};
  old.raft.push_back({other, {999}, replica::Heartbeat{{}, 0}});
  c.deliver_frame(other, leader, old);
  EXPECT_NE(c.host(other).replica().term(), Term{999});
}

TEST(Cluster, TheLevelIsNotRaisedAboveWhatAllCanApply) {
  Cluster c;
  c.elect();
  const auto answers = c.local(c.leader(), SetLevel{{level_max.value + 1}});
  ASSERT_EQ(answers->size(), 1u);
  EXPECT_EQ(answers->front().code, Errc::level_too_low);
}

/// The leader's log goes on with `payload`, committed, as `to` is told.
void append_foreign(Cluster& c, SiteId to, std::string payload) {
  const SiteId leader = c.leader();
  const replica::Replica& r = c.host(to).replica();
  auto frame = frame_of(c, leader, to);
  const LogIndex last = r.last_index();
  const LogEntry entry{next(last), r.term(), EntryKind::command, Payload(std::move(payload))};
  frame.raft.push_back(
      {to, r.term(), replica::Append{last, *r.log().term(last), entry.index, {entry}}});
  c.deliver_frame(to, leader, frame);
}

std::string payload_of(Cluster& c, Command command) {
  Proposal proposal;
  proposal.command = std::move(command);
  const FedTime at = c.host(c.leader()).room().now();
  return codec::make_entry_payload(at, codec::encode_proposal(proposal));
}

TEST(Cluster, ANodeLeavesAtAnEntryOfANewerVersionAndAppliesNothing) {
  Cluster c;
  c.elect();
  ASSERT_TRUE(c.agrees());
  const SiteId old = c.follower();
  std::string payload = payload_of(c, Tick{});
  payload[8] = 1;  // of the header's reserved bytes
  append_foreign(c, old, payload);
  c.run(1_ms);
  EXPECT_EQ(c.at(old).left_with, 65);
  const SiteId second = c.follower();
  append_foreign(c, second, payload_of(c, SetLevel{{level_max.value + 1}}));
  c.run(1_ms);
  EXPECT_EQ(c.at(second).left_with, 65);
}

/// Changes one record of a node's room, as a fault in its memory would.
void spoil(Cluster& c, SiteId site) {
  auto& state = const_cast<room::State&>(c.host(site).room().state());
  ++state.edit_scalars().submitted;
}

bool all_left(Cluster& c, std::set<SiteId> expected) {
  std::set<SiteId> left;
  for (SiteId site : {lyon, bordeaux, marseille}) {
    if (c.at(site).left_with == 65) left.insert(site);
  }
  return left == expected;
}

TEST(Cluster, ANodeWhoseRoomDiffersFromTheMajoritysLeaves) {
  for (bool of_leader : {false, true}) {
    Cluster c;
    c.elect();
    ASSERT_TRUE(c.agrees());
    const SiteId wrong = of_leader ? c.leader() : c.follower();
    spoil(c, wrong);
    (void)c.local(c.follower(), one("A"));
    EXPECT_TRUE(c.run_until([&] { return all_left(c, {wrong}); }, 5_s)) << of_leader;
    c.elect();  // the others go on, and go on alone
    const auto answers = c.local(c.leader(), one("B"));
    c.run(5_s);
    ASSERT_EQ(answers->size(), 1u);
    EXPECT_TRUE(all_left(c, {wrong}));
    c.start(wrong);  // its journal was right: so it is again
    EXPECT_TRUE(c.agrees());
    c.run(5_s);
    EXPECT_TRUE(all_left(c, {}));
  }
}

TEST(Cluster, TwoNodesThatDifferGoOnByTheLog) {
  Cluster c;
  c.elect();
  ASSERT_TRUE(c.agrees());
  c.kill(c.follower());
  c.elect();
  spoil(c, c.leader());
  (void)c.local(c.leader(), one("A"));
  c.run(5_s);
  const auto answers = c.local(c.leader(), one("B"));
  c.run(5_s);
  ASSERT_EQ(answers->size(), 1u);
  EXPECT_EQ(answers->front().code, Errc::ok);
  EXPECT_TRUE(all_left(c, {}));
}

TEST(Cluster, ACheckpointFromAClientHarmsNobody) {
  Cluster c;
  c.elect();
  Client client(c, p_requester, Role::requester);
  ASSERT_TRUE(client.attach(c.leader()));
  // Aimed at whichever index it will be compared with.
  for (std::uint64_t ahead = 0; ahead < 3; ++ahead) {
    const LogIndex index{c.host(client.door).room().applied().value + ahead};
    EXPECT_EQ(client.ask(Checkpoint{index, {1, 2}}).code, Errc::unauthorised);
  }
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, AnEntryThatWouldBeTooLargeIsRefusedAloneAndAtOnce) {
  Cluster c;
  c.elect();
  Submit large{{}, "MSG"};
  for (std::size_t i = 0; i < limits::orders_per_message; ++i) {
    large.requests.push_back(order("B" + std::to_string(i)));
    large.requests.back().sealed.assign(limits::entry_bytes / limits::orders_per_message, 'x');
  }
  const auto refused = c.local(c.leader(), large);
  const auto fine = c.local(c.leader(), one("A"));
  c.require([&] { return !fine->empty(); }, 1_s);
  EXPECT_EQ(fine->front().code, Errc::ok);
  ASSERT_EQ(refused->size(), 1u);
  EXPECT_EQ(refused->front().code, Errc::too_large);
}

TEST(Cluster, ACommandThatNobodyCouldReadIsRefusedAtItsDoor) {
  Cluster c;
  c.elect();
  const LogIndex before = c.host(c.leader()).replica().last_index();
  const auto answers = c.local(
      c.leader(), DeliveryResult{{5}, {1}, 0, DeliveryOutcome::failed, "\xff\xfe not UTF-8"});
  c.run(20_ms);
  ASSERT_EQ(answers->size(), 1u);
  EXPECT_NE(answers->front().code, Errc::ok);
  EXPECT_EQ(c.host(c.leader()).replica().last_index(), before);
}

TEST(Cluster, AnEntryThatCannotBeDecodedIsPassedByEveryNode) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader(), door = c.follower();
  const auto& header = c.host(leader).peers().at(door);
  codec::PeerFrame frame;
  frame.header.federation = codec::federation_hash("test");
  frame.header.instance = header.memory.instance;
  frame.header.boot = header.memory.boot;
  frame.header.site = door;
  frame.proposals = {"rubbish", std::string(limits::entry_bytes, 'x')};
  c.deliver_frame(leader, door, frame);
  const auto fine = c.local(leader, one("A"));
  c.require([&] { return !fine->empty(); }, 1_s);
  EXPECT_EQ(fine->front().code, Errc::ok);
  EXPECT_TRUE(c.agrees());
}

}  // namespace
}  // namespace vigie::actors::test
