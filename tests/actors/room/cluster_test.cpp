// The room's shell at three centres, as stories.
#include <gtest/gtest.h>

#include "messages/codec/proposal_codec.hpp"
#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {
namespace {

Submit one(const std::string& number) { return {{order(number)}, "MSG-" + number}; }

std::size_t exams_numbered(const Host& host, const std::string& number) {
  std::size_t n = 0;
  for (const auto& [id, slot] : host.room().state().exams().slots()) {
    n += slot.record.request.key.number == number;
  }
  return n;
}

ExamState state_of(const Host& host, ExamId exam) {
  const Exam* found = host.room().state().exams().find(exam);
  return found ? found->state : ExamState::none;
}

bool is_unreachable(const Host& host, SiteId site) {
  const auto& lost = host.room().state().scalars().unreachable;
  return std::find(lost.begin(), lost.end(), site) != lost.end();
}

TEST(Cluster, FoundsItsDirectoryThenAttaches) {
  Cluster c;
  Client client(c, p_requester, Role::requester);
  EXPECT_TRUE(client.attach(bordeaux));  // sent before there is a leader
  EXPECT_EQ(c.host(bordeaux).room().directory().version, 1u);
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, WithoutADirectoryFileFoundsNothing) {
  Cluster c({.founded = false});
  c.run(5_s);
  for (SiteId site : {lyon, bordeaux, marseille}) {
    EXPECT_EQ(c.host(site).room().directory().version, 0u);
  }
}

TEST(Cluster, NobodyOutsideMayFoundTheDirectory) {
  Cluster c({.founded = false});
  Directory mine = directory();
  c.say(lyon, 7, p_regulator, ClientRequest{{9}, {1}, {1}, {}, ApplyDirectory{mine}, 1});
  c.run(15_s);
  EXPECT_EQ(c.host(lyon).room().directory().version, 0u);
}

TEST(Cluster, AFollowerAnswersWhatItsClientAsked) {
  Cluster c;
  c.elect();
  Client client(c, p_requester, Role::requester);
  ASSERT_TRUE(client.attach(c.follower()));
  const Answer answer = client.ask(one("A"));
  EXPECT_EQ(answer.code, Errc::ok);
  EXPECT_EQ(exams_numbered(c.host(client.door), "A"), 1u);
  for (const Heard& h : c.all_heard) EXPECT_EQ(h.by, client.door);
}

TEST(Cluster, ALeaderKilledWithCommandsInFlightAnswersEachOnceAndAppliesOnce) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Cluster c({}, seed);
    c.elect();
    const SiteId old = c.leader();
    Client client(c, p_requester, Role::requester);
    ASSERT_TRUE(client.attach(c.follower()));
    std::vector<RequestNo> sent;
    for (int i = 0; i < 20; ++i) {
      sent.push_back(client.send(one("N" + std::to_string(i))));
      if (i == 10) c.run(Millis{static_cast<std::int64_t>(seed)});
    }
    c.kill(old);
    c.require([&] { return !client.answers(sent.back()).empty(); });
    c.run(12_s);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      ASSERT_EQ(client.answers(sent[i]).size(), 1u) << "seed " << seed << " request " << i;
      EXPECT_EQ(client.answers(sent[i]).front().code, Errc::ok);
      EXPECT_EQ(exams_numbered(c.host(client.door), "N" + std::to_string(i)), 1u);
    }
    c.start(old);
    EXPECT_TRUE(c.agrees());
  }
}

TEST(Cluster, FramesThatGetLostCostTimeButNoAnswer) {
  Cluster c({}, 3);
  c.elect();
  Client client(c, p_requester, Role::requester);
  ASSERT_TRUE(client.attach(c.follower()));
  c.lose(10);
  for (int i = 0; i < 20; ++i) {
    const std::string number = "L" + std::to_string(i);
    EXPECT_EQ(client.ask(one(number)).code, Errc::ok);
    EXPECT_EQ(client.answers(client.last).size(), 1u);
    EXPECT_EQ(exams_numbered(c.host(client.door), number), 1u);
  }
  c.lose(0);
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, ARequestSentAgainIsAnsweredTheSameAndAnotherContentIsRefused) {
  Cluster c;
  c.elect();
  Client client(c, p_requester, Role::requester);
  ASSERT_TRUE(client.attach(c.follower()));
  const Answer first = client.ask(one("A"));
  client.repeat({1}, one("A"));
  c.require([&] { return client.answers({1}).size() == 2; });
  EXPECT_TRUE(client.answers({1})[1].duplicate);
  EXPECT_EQ(client.answers({1})[1].exam, first.exam);
}

TEST(Cluster, ALeaderThatCannotCommitDoesNotFillItsLogWithRepetitions) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  for (SiteId site : {lyon, bordeaux, marseille}) c.at(site).disk_held = true;
  c.run(10_ms);
  const LogIndex before = c.host(leader).replica().last_index();
  (void)c.local(leader, one("A"));
  c.run(5_s);
  ASSERT_EQ(c.leader(), leader);
  EXPECT_LE(c.host(leader).replica().last_index().value, before.value + 4);
  for (SiteId site : {lyon, bordeaux, marseille}) c.at(site).disk_held = false;
  EXPECT_TRUE(c.agrees());
}

// Leases.

TEST(Cluster, ARenewalThroughAFollowerIsAckedAfterARound) {
  Cluster c;
  c.elect();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(c.follower()));
  const BootTime sent = c.now().boot;
  client.renew(1);
  c.require([&] { return !client.acks(1).empty(); });
  const auto [heard, ack] = client.acks(1).front();
  EXPECT_EQ(ack.code, Errc::ok);
  EXPECT_EQ(ack.lease, 60_s);
  // There, a round, and back: four ways over the wire.
  EXPECT_GE(heard.at, sent + 4_ms);
}

TEST(Cluster, ALeaderThatIsCutOffAcksNoRenewal) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(leader));
  c.cut(leader);
  client.renew(1);
  c.run(5_s);
  for (const auto& [heard, ack] : client.acks(1)) EXPECT_EQ(ack.code, Errc::no_leader);
  client.renew(2);
  c.run(100_ms);
  for (const auto& [heard, ack] : client.acks(2)) EXPECT_EQ(ack.code, Errc::no_leader);
}

TEST(Cluster, ARenewalWithAnothersKeyIsRefused) {
  Cluster c;
  c.elect();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(c.follower()));
  c.say(client.door, 5, p_lea, Renew{client.session, client.incarnation, 9});
  c.run(1_s);
  const auto acks = c.heard<RenewAck>(5);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks.front().second.code, Errc::unauthorised);
  client.renew(10);  // and its own acks still come to the one who holds it
  c.require([&] { return !client.acks(10).empty(); });
}

TEST(Cluster, ASessionExpiresWhenNobodyRenewsAndNotWhenRenewed) {
  Cluster c;
  c.elect();
  Client silent(c, p_lea, Role::reader, lyon), alive(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(silent.attach(c.follower()));
  ASSERT_TRUE(alive.attach(c.follower()));
  const auto live = [&](const Client& who) {
    return c.host(who.door).room().state().sessions().find(who.session)->live;
  };
  for (std::uint64_t i = 1; i <= 8; ++i) {
    alive.renew(i);
    c.run(10_s);
    if (i == 5) {
      EXPECT_TRUE(live(silent));
    }
  }
  EXPECT_FALSE(live(silent));
  EXPECT_TRUE(live(alive));
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, ANewLeaderGivesEverySessionAFullLease) {
  Cluster c;
  c.elect();
  Client client(c, p_lea, Role::reader, lyon);
  ASSERT_TRUE(client.attach(c.follower()));
  c.run(50_s);
  c.kill(c.leader());
  c.elect();
  c.run(50_s);
  EXPECT_TRUE(c.host(c.leader()).room().state().sessions().find(client.session)->live);
  c.run(15_s);
  EXPECT_FALSE(c.host(c.leader()).room().state().sessions().find(client.session)->live);
}

/// Anne's session, after she held a P2 exam, was acked a lease of 180 s, and signed.
Client anne_who_was_acked_three_minutes(Cluster& c, SiteId door) {
  Client anne(c, p_anne, Role::reader, bordeaux);
  EXPECT_TRUE(anne.attach(door));
  EXPECT_EQ(anne.ask(SetReader{ReaderMode::free, AcceptMode::automatic}).code, Errc::ok);
  const auto submitted = c.local(marseille, one("P2"));
  c.require([&] { return !submitted->empty(); });
  const ExamId exam = submitted->front().exam;
  c.require([&] { return state_of(c.host(door), exam) == ExamState::reading; });
  anne.renew(1);
  c.require([&] { return !anne.acks(1).empty(); });
  EXPECT_EQ(anne.acks(1).front().second.lease, 180_s);
  const Epoch epoch = c.host(door).room().state().exams().find(exam)->epoch;
  EXPECT_EQ(anne.ask(Sign{exam, epoch, {77}, "normal"}).code, Errc::ok);
  EXPECT_EQ(anne.ask(SetReader{ReaderMode::off, AcceptMode::manual}).code, Errc::ok);
  return anne;
}

TEST(Cluster, ANewLeaderHoldsToTheLongerLeaseThatTheOldOneAcked) {
  Cluster c;
  c.elect();
  const Client anne = anne_who_was_acked_three_minutes(c, c.follower());
  c.kill(c.leader());
  c.elect();
  const auto live = [&] {
    return c.host(c.leader()).room().state().sessions().find(anne.session)->live;
  };
  c.run(175_s);
  EXPECT_TRUE(live());
  c.run(15_s);
  EXPECT_FALSE(live());
}

TEST(Cluster, NobodyKnowsWhatWasAckedBeforeASnapshotSoTheLongestLeaseIsWaitedFor) {
  Cluster c({.snapshot_log_bytes = 16 * 1024, .trailing_bytes = 4 * 1024});
  c.elect();
  const Client anne = anne_who_was_acked_three_minutes(c, c.follower());
  for (int i = 0; i < 200; ++i) {
    (void)c.local(lyon, one("S" + std::to_string(i)));
    c.run(2_ms);
  }
  ASSERT_TRUE(c.agrees());
  for (SiteId site : {lyon, bordeaux, marseille}) c.kill(site);
  for (SiteId site : {lyon, bordeaux, marseille}) {
    c.start(site);
    ASSERT_GT(c.host(site).room().applied(), LogIndex{50}) << "not from a snapshot";
  }
  c.elect();
  c.run(175_s);
  EXPECT_TRUE(c.host(c.leader()).room().state().sessions().find(anne.session)->live);
}

TEST(Cluster, ALeaderThatStoodStillExpiresNobodyWhoWasThere) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  Client client(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(client.attach(leader));
  // All three stand still for longer than a lease, so nobody else takes over; and what wakes the
  // leader is a client's word, not its timer.
  for (SiteId site : {lyon, bordeaux, marseille}) c.freeze(site, 70_s);
  c.run(69_s);
  c.say(leader, 3, p_anne, Query{1, QueryKind::readers, {}, {}, false});
  c.host(leader).pump(Now{c.now().boot + 1_s, c.now().utc});
  c.run(5_s);
  EXPECT_TRUE(c.host(leader).room().state().sessions().find(client.session)->live);
}

TEST(Cluster, AnAckNamesTheLeaseThatTheLeaderHoldsTo) {
  Cluster c;
  c.elect();
  const SiteId leader = c.leader();
  Client anne(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(anne.attach(leader));
  ASSERT_EQ(anne.ask(SetReader{ReaderMode::free, AcceptMode::manual}).code, Errc::ok);
  const auto submitted = c.local(marseille, one("A"));
  c.require([&] { return !submitted->empty(); });
  const ExamId exam = submitted->front().exam;
  c.require([&] { return state_of(c.host(leader), exam) == ExamState::offered; });
  const Epoch epoch = c.host(leader).room().state().exams().find(exam)->epoch;
  anne.renew(1);  // counted before he holds the exam, acked when he does
  const RequestNo accepted = anne.send(AcceptOffer{exam, epoch});
  c.require([&] { return !anne.acks(1).empty() && !anne.answers(accepted).empty(); });
  ASSERT_EQ(anne.answers(accepted).front().code, Errc::ok);
  EXPECT_EQ(anne.acks(1).front().second.lease, 60_s);
  anne.renew(2);
  c.require([&] { return !anne.acks(2).empty(); });
  EXPECT_EQ(anne.acks(2).front().second.lease, 180_s);
}

// Sites.

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
  c.deliver_frame(victim, leader, frame("other", known.instance, known.boot));
  c.deliver_frame(victim, leader, frame("test", {1, 77}, known.boot));
  EXPECT_TRUE(known.foreign);
  c.deliver_frame(victim, leader, frame("test", known.instance, {known.boot.value - 1}));
  EXPECT_EQ(c.host(victim).replica().term(), term);
  auto liar = frame("test", known.instance, known.boot);
  liar.header.site = victim;
  c.deliver_frame(victim, leader, liar);
  EXPECT_EQ(c.host(victim).replica().term(), term);
  c.deliver_frame(victim, leader, frame("test", known.instance, known.boot));
  EXPECT_EQ(c.host(victim).replica().term(), Term{999});
}

/// A frame as `from` would send it to `to` now.
codec::PeerFrame frame_of(Cluster& c, SiteId from, SiteId to) {
  const auto& known = c.host(to).peers().at(from);
  codec::PeerFrame frame;
  frame.header.federation = codec::federation_hash("test");
  frame.header.instance = known.instance;
  frame.header.boot = known.boot;
  frame.header.site = from;
  return frame;
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

// What the log must not be harmed by.

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
    large.requests.back().sealed.assign(limits::sealed_bytes, 'x');
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
  frame.header.instance = header.instance;
  frame.header.boot = header.boot;
  frame.header.site = door;
  frame.proposals = {"rubbish", std::string(limits::entry_bytes, 'x')};
  c.deliver_frame(leader, door, frame);
  const auto fine = c.local(leader, one("A"));
  c.require([&] { return !fine->empty(); }, 1_s);
  EXPECT_EQ(fine->front().code, Errc::ok);
  EXPECT_TRUE(c.agrees());
}

// Snapshots and restarts.

TEST(Cluster, AFollowerThatWasAwayLongInstallsTheSnapshot) {
  Cluster c({.snapshot_log_bytes = 64 * 1024, .trailing_bytes = 16 * 1024});
  c.elect();
  const SiteId away = c.follower();
  c.kill(away);
  c.elect();
  const SiteId leader = c.leader();
  for (int i = 0; i < 600; ++i) {
    (void)c.local(leader, one("S" + std::to_string(i)));
    c.run(2_ms);
  }
  c.run(3_s);
  ASSERT_GT(c.host(leader).replica().log().base(), LogIndex{200});
  c.start(away);
  for (int i = 0; i < 300; ++i) {  // under load
    (void)c.local(leader, one("T" + std::to_string(i)));
    c.run(2_ms);
  }
  EXPECT_TRUE(c.agrees());
  EXPECT_GE(c.at(away).fresh, 2u);  // at its start, and after the snapshot
  EXPECT_EQ(exams_numbered(c.host(away), "S0"), 1u);
  EXPECT_EQ(exams_numbered(c.host(away), "T299"), 1u);
  c.kill(away);  // what it installed is on its disk
  c.start(away);
  EXPECT_TRUE(c.agrees());
}

TEST(Cluster, AnOwnSnapshotThatIsDoneWhileAnotherArrivesIsKnown) {
  Cluster c({.snapshot_log_bytes = 64 * 1024, .trailing_bytes = 16 * 1024});
  c.elect();
  const SiteId site = c.follower(), leader = c.leader();
  c.at(site).disk_held = true;
  for (int i = 0; !c.at(site).finishing() && i < 600; ++i) {
    (void)c.local(leader, one("S" + std::to_string(i)));
    c.run(2_ms);
  }
  ASSERT_TRUE(c.at(site).finishing());
  const SnapshotMeta theirs{{100'000}, c.host(site).replica().term(), {}, 3'000'000};
  auto frame = frame_of(c, leader, site);
  room::Room room;
  while (room.applied() < theirs.index) room.skip(next(room.applied()));
  room.begin_snapshot();
  frame.raft.push_back(
      {site, theirs.term,
       replica::SnapshotChunk{theirs, 0, Payload(room.next_snapshot_piece(100'000))}});
  c.deliver_frame(site, leader, frame);
  c.at(site).work();
  c.at(site).disk_held = false;
  c.at(site).work();
  ASSERT_GT(c.at(site).snapshot_on_disk(), LogIndex{});
  EXPECT_EQ(c.host(site).replica().snapshot().index, c.at(site).snapshot_on_disk());
  EXPECT_GT(c.host(site).replica().log().base(), LogIndex{});
}

TEST(Cluster, ARestartFromTheJournalsGivesTheSameDigest) {
  Cluster c({.snapshot_log_bytes = 32 * 1024, .trailing_bytes = 8 * 1024});
  c.elect();
  for (int i = 0; i < 200; ++i) {
    (void)c.local(lyon, one("R" + std::to_string(i)));
    c.run(3_ms);
  }
  ASSERT_TRUE(c.agrees());
  for (SiteId site : {lyon, bordeaux, marseille}) c.kill(site);
  for (SiteId site : {lyon, bordeaux, marseille}) c.start(site);
  c.elect();
  ASSERT_TRUE(c.agrees());
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(exams_numbered(c.host(lyon), "R" + std::to_string(i)), 1u);
  }
}

/// Kills all three, lets 10 s pass and UTC be an hour off, starts them again. @return by how much
/// the stamps then are ahead of the time that passed.
Millis moved_by_a_restart(Cluster& c) {
  c.elect();
  const auto before = c.local(lyon, one("A"));
  c.require([&] { return !before->empty(); });
  c.run(30_s);  // idle: the last entry's arrival is long ago
  const FedTime at = c.host(lyon).room().now();
  const BootTime then = c.now().boot;
  for (SiteId site : {lyon, bordeaux, marseille}) c.kill(site);
  c.run(10_s);
  c.utc_error = 3600_s;
  for (SiteId site : {lyon, bordeaux, marseille}) c.start(site);
  c.elect();
  const auto after = c.local(lyon, one("B"));
  c.require([&] { return !after->empty(); });
  return (c.host(lyon).room().now() - at) - (c.now().boot - then);
}

TEST(Cluster, ARestartedProcessKeepsFederationTimeWhateverUtcSays) {
  Cluster c;
  const Millis moved = moved_by_a_restart(c);
  EXPECT_GE(moved, 0_ms);
  EXPECT_LE(moved, 31_s) << "at most what passed since the last stamp was applied";
}

TEST(Cluster, AfterTheMachineBootedUtcSaysHowLongItWasAway) {
  Cluster c;
  c.machine_boot = "";  // nor is an unknown one ever the same
  EXPECT_GE(moved_by_a_restart(c), 3600_s - 31_s);
}

TEST(Cluster, WhatTheDiskHadNotDoneWhenTheNodeDiedIsNotMissed) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Cluster c({}, seed);
    c.elect();
    const SiteId slow = c.follower();
    c.at(slow).disk_held = true;
    for (int i = 0; i < 20; ++i) (void)c.local(c.leader(), one("D" + std::to_string(i)));
    c.run(200_ms);
    c.kill(slow);
    c.at(slow).disk_held = false;
    c.start(slow);
    EXPECT_TRUE(c.agrees());
    EXPECT_EQ(exams_numbered(c.host(slow), "D19"), 1u);
  }
}

// Reads.

TEST(Cluster, AQueryWaitsForWhatItsClientHasSeen) {
  Cluster c;
  c.elect();
  ASSERT_TRUE(c.agrees());
  const SiteId behind = c.follower();
  const LogIndex seen = next(next(c.host(behind).room().applied()));
  c.say(behind, 4, p_anne, Query{1, QueryKind::status, {}, seen, false});
  c.say(behind, 4, p_anne, Subscribe{1, Desk::all, {}, seen});
  c.run(100_ms);
  EXPECT_TRUE(c.heard<QueryReply>(4).empty());
  EXPECT_TRUE(c.at(behind).subscribed.empty());
  for (int i = 0; i < 3; ++i) {
    (void)c.local(c.leader(), one("Q" + std::to_string(i)));
    c.run(20_ms);
  }
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 1u);
  EXPECT_GE(c.heard<QueryReply>(4).front().second.as_of, seen);
  ASSERT_EQ(c.at(behind).subscribed.size(), 1u);
  EXPECT_GE(c.at(behind).subscribed.front().applied, seen);
}

TEST(Cluster, AQueryFromTheFutureIsGivenUpAndASubscriptionBeginsAnew) {
  Cluster c;
  c.elect();
  c.say(lyon, 4, p_anne, Query{1, QueryKind::status, {}, {1u << 30}, false});
  c.say(lyon, 4, p_anne, Subscribe{1, Desk::all, {}, {1u << 30}});
  c.run(12_s);
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 1u);
  EXPECT_EQ(c.heard<QueryReply>(4).front().second.code, Errc::timeout);
  ASSERT_EQ(c.at(lyon).subscribed.size(), 1u);
  EXPECT_EQ(c.at(lyon).subscribed.front().wish.from, LogIndex{});
}

TEST(Cluster, ALinearizableQueryGoesThroughTheLog) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  const LogIndex before = c.host(c.leader()).room().applied();
  c.say(door, 4, p_anne, Query{1, QueryKind::status, {}, {}, true});
  c.require([&] { return !c.heard<QueryReply>(4).empty(); });
  EXPECT_GT(c.heard<QueryReply>(4).front().second.as_of, before);
  c.cut(door);
  c.say(door, 4, p_anne, Query{2, QueryKind::status, {}, {}, true});
  c.run(12_s);
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 2u);
  EXPECT_NE(c.heard<QueryReply>(4).back().second.code, Errc::ok);
}

TEST(Cluster, ABadHelloIsServedNothing) {
  Cluster c;
  c.elect();
  c.say(lyon, 4, p_anne, Hello{"elsewhere", 1, 1, "x"});
  c.say(lyon, 4, p_anne, Query{1, QueryKind::status, {}, {}, false});
  c.run(10_ms);
  EXPECT_EQ(c.heard<Complaint>(4).size(), 2u);
  EXPECT_TRUE(c.heard<QueryReply>(4).empty());
  c.say(lyon, 4, p_anne, Hello{"test", 1, 1, "x"});
  c.say(lyon, 4, p_anne, Query{1, QueryKind::status, {}, {}, false});
  c.run(10_ms);
  EXPECT_EQ(c.heard<QueryReply>(4).size(), 1u);
}

// A disk that fills, and an end in good order.

TEST(Cluster, WithAFullDiskRequestsAreRefusedAndReportsGoOn) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  Client anne(c, p_anne, Role::reader, bordeaux), requester(c, p_requester, Role::requester);
  ASSERT_TRUE(anne.attach(door));
  ASSERT_TRUE(requester.attach(door));
  anne.ask(SetReader{ReaderMode::free, AcceptMode::manual});
  const ExamId exam = requester.ask(one("A")).exam;
  c.require([&] { return state_of(c.host(door), exam) == ExamState::offered; });
  const Epoch epoch = c.host(door).room().state().exams().find(exam)->epoch;
  c.at(door).intake = false;
  EXPECT_EQ(requester.ask(one("B")).code, Errc::disk_full);
  const auto refused = c.local(door, one("C"));
  ASSERT_EQ(refused->size(), 1u);
  EXPECT_EQ(refused->front().code, Errc::disk_full);
  EXPECT_EQ(anne.ask(AcceptOffer{exam, epoch}).code, Errc::ok);
  EXPECT_EQ(anne.ask(Sign{exam, epoch, {77}, "normal"}).code, Errc::ok);
  EXPECT_EQ(exams_numbered(c.host(door), "B"), 0u);
}

TEST(Cluster, WhoWaitsIsToldThatTheNodeStops) {
  Cluster c;
  c.elect();
  const SiteId door = c.follower();
  c.cut(door);
  const auto answers = c.local(door, one("A"));
  c.say(door, 4, p_anne, Query{1, QueryKind::status, {}, {}, true});
  c.run(10_ms);
  c.host(door).stop();
  ASSERT_EQ(answers->size(), 1u);
  EXPECT_EQ(answers->front().code, Errc::stopping);
  ASSERT_EQ(c.heard<QueryReply>(4).size(), 1u);
  EXPECT_EQ(c.heard<QueryReply>(4).front().second.code, Errc::stopping);
}

}  // namespace
}  // namespace vigie::actors::test
