// A voter that forgot may not vote (design D16): rolled back, wiped or copied, its peers do not
// listen to it, and say so.
#include <gtest/gtest.h>

#include "actors/room/peer_memory.hpp"
#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

struct Night {
  Night() : requester(c, p_requester, Role::requester) {
    c.elect();
    EXPECT_TRUE(requester.attach(c.leader()));
  }
  void submit(int count) {
    for (int i = 0; i < count; ++i) {
      const Answer answer = requester.ask(Submit{{order("q" + std::to_string(++orders))}, {}});
      ASSERT_EQ(answer.code, Errc::ok);
    }
  }
  std::string_view seen(SiteId by, SiteId site) {
    return Host::quarantine_of(c.host(by).peers().at(site));
  }
  /// Nobody counts `site`: its votes and acknowledgements reach no replica.
  bool is_out(SiteId site) {
    return c.run_until([&] {
      for (SiteId other : {lyon, bordeaux, marseille}) {
        if (other != site && c.at(other).is_up() && seen(other, site).empty()) return false;
      }
      return true;
    });
  }

  /// Killed, and its folder is an old copy. @return who.
  SiteId roll_back_a_follower() {
    submit(3);
    c.run(3_s);
    const SiteId old = c.follower();
    const storage::MemoryDisk backup = c.at(old).disk.image();
    submit(20);
    c.run(3_s);
    c.kill(old);
    c.at(old).disk = backup.image();
    return old;
  }

  /// An administrator's order, given at the leader.
  void order_site(SiteChange what, SiteId site) {
    Client admin(c, p_admin, Role::administrator);
    admin.incarnation.value = static_cast<std::uint32_t>(attached++);
    ASSERT_TRUE(admin.attach(c.leader()));
    ChangeSite change;
    change.what = what;
    change.site.name = c.host(c.leader()).directory().site(site)->name;
    ASSERT_EQ(admin.ask(change).code, Errc::ok);
  }
  void start_anew(SiteId site, InstanceId instance) {
    c.at(site).disk = storage::MemoryDisk{};
    c.at(site).instance = instance;
    c.at(site).quarantine.clear();
    c.start(site);
  }
  bool has_joined(SiteId site) {
    return c.run_until([&] {
      const SiteId leader = c.leader();
      const Member* is =
          leader ? replica::find_member(c.host(leader).replica().members(), site) : nullptr;
      return is && is->generation > 0;
    });
  }

  /// Killed, and to rejoin; it has not started since. @return who.
  SiteId order_a_follower_in() {
    submit(5);
    c.run(3_s);
    const SiteId out = c.follower();
    c.kill(out);
    order_site(SiteChange::rejoin, out);
    EXPECT_TRUE(has_joined(out));
    c.run(1_s);
    return out;
  }

  Cluster c;
  Client requester;
  int orders = 0;
  int attached = 0;
};

TEST(Quarantine, AFolderRolledBackIsNotListenedTo) {
  Night night;
  Cluster& c = night.c;
  const SiteId old = night.roll_back_a_follower();
  c.start(old);
  EXPECT_TRUE(night.is_out(old));
  EXPECT_EQ(night.seen(c.leader(), old), "forgot");
  const LogIndex before = c.host(old).replica().last_index();
  night.submit(3);
  c.run(2_s);
  EXPECT_EQ(c.host(old).replica().role() == replica::Role::leader, false);
  EXPECT_GE(c.host(c.leader()).replica().last_index(), before);
}

TEST(Quarantine, AFolderRolledBackIsNotFedAndStaysOutOverItsRestart) {
  Night night;
  Cluster& c = night.c;
  const SiteId old = night.roll_back_a_follower();
  c.start(old);
  ASSERT_TRUE(night.is_out(old));
  c.run(5_s);
  const LogIndex kept = c.host(c.leader()).peers().at(old).memory.kept.index;
  EXPECT_LT(c.host(old).replica().last_index(), kept) << "it could not be told from then on";
  for (SiteId site : {lyon, bordeaux, marseille}) c.kill(site);
  for (SiteId site : {lyon, bordeaux, marseille}) c.start(site);
  EXPECT_TRUE(night.is_out(old)) << "whom it voted for it does not know";
}

TEST(Quarantine, TwoWipedNodesFoundNoFederationBesideAThirdThatHasOne) {
  Night night;
  Cluster& c = night.c;
  night.submit(5);
  c.run(3_s);
  for (SiteId wiped : {bordeaux, marseille}) {
    c.kill(wiped);
    c.at(wiped).disk = storage::MemoryDisk{};
    c.at(wiped).instance = {70, wiped.value};
  }
  c.cut(lyon);  // or they would be led by it before they count themselves
  c.run(1_s);   // what was under way between them is over
  for (SiteId wiped : {bordeaux, marseille}) c.start(wiped);
  c.run(20_s);
  EXPECT_EQ(c.host(bordeaux).room().directory().version, 0u);
  EXPECT_EQ(c.host(marseille).room().directory().version, 0u);
  EXPECT_EQ(c.host(lyon).room().state().exams().size(), 5u);
}

TEST(Quarantine, AWipedNodeUnderItsOldNameIsNotListenedTo) {
  Night night;
  Cluster& c = night.c;
  night.submit(5);
  c.run(3_s);
  const SiteId wiped = c.follower();
  c.kill(wiped);
  c.at(wiped).disk = storage::MemoryDisk{};
  c.at(wiped).instance = {77, 77};
  c.start(wiped);
  EXPECT_TRUE(night.is_out(wiped));
  EXPECT_EQ(night.seen(c.leader(), wiped), "duplicate");
}

TEST(Quarantine, PeersRememberOverTheirOwnRestart) {
  Night night;
  Cluster& c = night.c;
  const SiteId old = night.roll_back_a_follower();
  night.submit(1);  // what they remember goes with what is written
  for (SiteId site : {lyon, bordeaux, marseille}) {
    if (site != old) c.kill(site);
  }
  for (SiteId site : {lyon, bordeaux, marseille}) c.start(site);
  EXPECT_TRUE(night.is_out(old));
  EXPECT_TRUE(c.run_until([&] { return c.leader() && c.leader() != old; }));
}

TEST(Quarantine, TwoProcessesOfOneFolderAreBothOut) {
  Night night;
  Cluster& c = night.c;
  night.submit(3);
  const SiteId leader = c.leader(), site = c.follower();
  c.run(3_s);
  const auto& seen = c.host(leader).peers().at(site);
  codec::PeerFrame copy;
  copy.header.federation = codec::federation_hash("test");
  copy.header.instance = seen.memory.instance;
  copy.header.boot = seen.memory.boot;
  copy.header.site = site;
  copy.header.run = 12345;
  copy.header.held = {{1000}, {1000}};
  c.deliver_frame(leader, site, copy);
  EXPECT_EQ(night.seen(leader, site), "duplicate");
  const BootTime heard = seen.last_heard;
  c.run(2_s);
  const LogIndex end = c.host(leader).replica().last_index();
  for (const replica::Progress& p : c.host(leader).replica().peers()) {
    if (p.member.site != site) continue;
    EXPECT_LE(p.contact, heard + 1_s) << "no answer of it is counted";
  }
  EXPECT_GT(end.value, 0u);
  c.run(6_s);  // the copy is silent: the site is itself again
  EXPECT_EQ(night.seen(leader, site), "");
}

TEST(Quarantine, ACopyStartedLaterPutsBothOut) {
  Night night;
  Cluster& c = night.c;
  night.submit(3);
  const SiteId leader = c.leader(), site = c.follower();
  c.run(3_s);
  const auto& seen = c.host(leader).peers().at(site);
  codec::PeerFrame copy;
  copy.header.federation = codec::federation_hash("test");
  copy.header.instance = seen.memory.instance;
  copy.header.boot = next(seen.memory.boot);
  copy.header.site = site;
  copy.header.run = 12345;
  copy.header.held = c.host(site).replica().position(c.host(site).replica().last_index());
  for (int i = 0; i < 6; ++i) {
    c.deliver_frame(leader, site, copy);
    c.run(1_s);
  }
  EXPECT_EQ(night.seen(leader, site), "duplicate") << "the first one still speaks";
}

TEST(Quarantine, AQuarantinedNodeTellsItsStateAndNothingElse) {
  Night night;
  Cluster& c = night.c;
  night.submit(3);
  const SiteId out = c.follower();
  c.kill(out);
  c.at(out).quarantine = "rolled back";
  c.start(out);
  EXPECT_TRUE(night.is_out(out));
  EXPECT_EQ(night.seen(c.leader(), out), "itself");
  Client lost(c, p_regulator, Role::regulator);
  EXPECT_FALSE(lost.attach(out));
  EXPECT_EQ(lost.answers({}).front().code, Errc::quarantined);
  c.say(out, 9, p_admin, Query{1, QueryKind::status, {}, {}, false});
  c.say(out, 9, p_admin, Query{2, QueryKind::exams, {}, {}, false});
  c.run(1_s);
  const auto replies = c.heard<QueryReply>(9);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_NE(replies[0].second.json.find("rolled back"), std::string::npos);
  EXPECT_EQ(replies[1].second.code, Errc::quarantined);
  const Term term = c.host(out).replica().term();
  c.run(5_s);
  EXPECT_EQ(c.host(out).replica().role(), replica::Role::follower);
  EXPECT_EQ(c.host(out).replica().term(), term);
}

TEST(Quarantine, WhoeverForgotComesBackAsALearnerAndVotesAgain) {
  Night night;
  Cluster& c = night.c;
  Client admin(c, p_admin, Role::administrator);
  night.submit(5);
  c.run(3_s);
  const SiteId wiped = c.follower();
  c.kill(wiped);
  c.at(wiped).disk = storage::MemoryDisk{};
  c.at(wiped).instance = {77, 77};
  c.start(wiped);
  ASSERT_TRUE(night.is_out(wiped));
  ASSERT_TRUE(admin.attach(c.leader()));
  ChangeSite rejoin;
  rejoin.what = SiteChange::rejoin;
  rejoin.site.name = c.host(c.leader()).directory().site(wiped)->name;
  ASSERT_EQ(admin.ask(rejoin).code, Errc::ok);
  rejoin.what = SiteChange::promote;
  ASSERT_EQ(admin.ask(rejoin).code, Errc::ok);
  EXPECT_TRUE(c.run_until([&] { return c.host(wiped).replica().is_voter() && c.agrees(1_s); }));
  EXPECT_EQ(night.seen(c.leader(), wiped), "");
  EXPECT_EQ(c.host(wiped).room().state().exams().size(), 5u);
}

TEST(Quarantine, ARejoinThatComesBeforeTheOldProcessIsStoppedStillEndsWell) {
  Night night;
  Cluster& c = night.c;
  night.submit(5);
  c.run(3_s);
  const SiteId out = c.follower();
  c.kill(out);
  c.at(out).quarantine = "rolled back";
  c.start(out);
  ASSERT_TRUE(night.is_out(out));
  night.order_site(SiteChange::rejoin, out);
  ASSERT_TRUE(night.has_joined(out));
  c.run(3_s);  // the old process goes on telling that it is quarantined
  EXPECT_EQ(night.seen(c.leader(), out), "itself");
  c.kill(out);
  night.start_anew(out, {77, 77});
  night.order_site(SiteChange::promote, out);
  EXPECT_TRUE(c.run_until([&] { return c.host(out).replica().is_voter() && c.agrees(1_s); }));
  EXPECT_EQ(night.seen(c.leader(), out), "");
}

TEST(Quarantine, AFolderThatWasRefusedIsNotTakenForTheNewLife) {
  Night night;
  Cluster& c = night.c;
  const SiteId out = night.roll_back_a_follower();
  c.start(out);
  ASSERT_TRUE(night.is_out(out));
  night.order_site(SiteChange::rejoin, out);
  ASSERT_TRUE(night.has_joined(out));
  c.run(3_s);  // nobody has stopped it
  EXPECT_EQ(night.seen(c.leader(), out), "forgot");
  const SiteId other{static_cast<std::uint16_t>(6 - out.value - c.leader().value)};
  c.kill(other);
  c.start(other);  // who remembers that
  c.run(3_s);
  EXPECT_EQ(night.seen(other, out), "forgot");
  c.kill(out);
  night.start_anew(out, {77, 77});
  night.order_site(SiteChange::promote, out);
  EXPECT_TRUE(c.run_until([&] { return c.host(out).replica().is_voter() && c.agrees(1_s); }));
  EXPECT_EQ(night.seen(c.leader(), out), "");
  codec::PeerFrame late = frame_of(c, c.leader(), out);
  late.header.instance = {0, out.value};
  late.header.boot = {2};
  late.header.mode = NodeMode::connected;
  c.deliver_frame(c.leader(), out, late);
  EXPECT_EQ(night.seen(c.leader(), out), "") << "nobody asks that folder any more";
}

/// Of the former life of `site`: who gets it had no reason to refuse it.
codec::PeerFrame late_frame_of(SiteId site) {
  codec::PeerFrame late;
  late.header.federation = codec::federation_hash("test");
  late.header.instance = {0, site.value};
  late.header.boot = {9};
  late.header.site = site;
  late.header.run = 12345;
  late.header.mode = NodeMode::connected;
  return late;
}

TEST(Quarantine, ALateFrameOfTheLifeBeforeIsNotTakenForTheNewOne) {
  Night night;
  Cluster& c = night.c;
  const SiteId out = night.order_a_follower_in(), leader = c.leader();
  c.deliver_frame(leader, out, late_frame_of(out));
  c.run(1_s);
  EXPECT_EQ(c.host(leader).peers().at(out).memory.instance, Bits128{}) << "nobody has spoken yet";
  night.start_anew(out, {77, 77});
  night.order_site(SiteChange::promote, out);
  EXPECT_TRUE(c.run_until([&] { return c.host(out).replica().is_voter() && c.agrees(1_s); }));
  EXPECT_EQ(c.leader(), leader);
  EXPECT_EQ(night.seen(leader, out), "");
}

TEST(Quarantine, WhoWasTakenForTheNewLifeGivesWayToWhoIsInIt) {
  Night night;
  Cluster& c = night.c;
  const SiteId out = night.order_a_follower_in(), leader = c.leader();
  const SiteId other{static_cast<std::uint16_t>(6 - out.value - leader.value)};
  const codec::PeerFrame late = late_frame_of(out);
  for (int n = 0; n < 2; ++n) {  // the second so late that it is taken for the new life
    c.deliver_frame(other, out, late);
    c.run(3_s);
  }
  ASSERT_EQ(c.host(other).peers().at(out).memory.instance, late.header.instance);
  night.start_anew(out, {77, 77});
  night.order_site(SiteChange::promote, out);
  ASSERT_TRUE(c.run_until([&] { return c.host(out).replica().is_voter() && c.agrees(1_s); }));
  EXPECT_EQ(night.seen(other, out), "");
  c.kill(leader);
  EXPECT_TRUE(c.run_until([&] { return static_cast<bool>(c.leader()); }));
}

TEST(PeerMemory, LinesOfEarlierBuildsAreRead) {
  const auto all = memories_from("2 0 7 3 99 120\n3 0 8 4 98 121 2\nnothing\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all.at(bordeaux).kept.index, LogIndex{120});
  EXPECT_EQ(all.at(marseille).generation, 2);
  EXPECT_EQ(memories_from(to_text(all)), all);
}

TEST(Quarantine, WhatAnEarlierLifeKeptIsNotAskedOfTheNext) {
  Night night;
  Cluster& c = night.c;
  const SiteId out = night.order_a_follower_in(), leader = c.leader();
  const auto& seen = c.host(leader).peers().at(out);
  ASSERT_TRUE(seen.status && seen.status->kept.index.value > 5);
  codec::PeerFrame first;  // of the new folder, before it told its state
  first.header.federation = codec::federation_hash("test");
  first.header.instance = {77, 77};
  first.header.boot = {1};
  first.header.site = out;
  first.header.run = 12345;
  first.header.mode = NodeMode::connected;
  c.deliver_frame(leader, out, first);
  c.run(3_s);
  EXPECT_EQ(seen.memory.instance, (InstanceId{77, 77}));
  EXPECT_EQ(seen.memory.kept, replica::LogPosition{});
  EXPECT_FALSE(seen.status);
}

TEST(Quarantine, ALeaderKnowsWhatWasAcknowledgedTheMomentBefore) {
  Night night;
  Cluster& c = night.c;
  night.submit(3);
  c.run(3_s);
  const SiteId leader = c.leader(), old = c.follower();
  const storage::MemoryDisk backup = c.at(old).disk.image();
  const auto acknowledged = [&] {
    for (const replica::Progress& p : c.host(leader).replica().peers()) {
      if (p.member.site == old) return std::min(p.match, c.host(leader).replica().commit());
    }
    return LogIndex{};
  };
  const LogIndex before = acknowledged();
  night.submit(1);
  c.require([&] { return acknowledged() > before; });
  ASSERT_EQ(c.host(leader).peers().at(old).memory.kept.index, before) << "a second behind";
  c.kill(old);
  c.at(old).disk = backup.image();  // its disk said "synced", and was not
  c.start(old);
  EXPECT_TRUE(c.run_until([&] { return night.seen(leader, old) == "forgot"; }, 1_s));
  c.run(2_s);
  c.kill(leader);  // and does not forget it over its own restart
  c.start(leader);
  EXPECT_TRUE(c.run_until([&] { return night.seen(leader, old) == "forgot"; }));
}

TEST(Quarantine, ATailThatANewLeaderCutIsNotForgotten) {
  Night night;
  Cluster& c = night.c;
  night.submit(3);
  c.run(3_s);
  const SiteId leader = c.leader();
  c.cut(leader);
  night.requester.send(Submit{{order("lost")}, {}});  // on the disk of the old leader alone
  c.require([&] { return c.leader() && c.leader() != leader; });
  c.heal(leader);
  c.run(1_s);
  for (int i = 0; i < 3; ++i) {
    const SiteId site = c.follower();
    c.kill(site);
    c.start(site);
    EXPECT_TRUE(c.agrees());
    EXPECT_EQ(night.seen(c.leader(), site), "");
  }
}

TEST(Quarantine, ALogThatIsAsLongAsItWasButEndsInALostTailForgot) {
  Night night;
  Cluster& c = night.c;
  night.submit(3);
  c.run(3_s);
  const SiteId old = c.leader();
  c.cut(old);
  for (int i = 0; i < 60; ++i) (void)c.local(old, one("lost" + std::to_string(i)));
  c.run(100_ms);
  const storage::MemoryDisk backup = c.at(old).disk.image();  // with what nobody else has
  const LogIndex end = c.host(old).replica().last_index();
  c.run(30_s);  // until whoever asked was told that it did not work
  c.heal(old);
  ASSERT_TRUE(night.requester.attach(c.leader()));
  night.submit(2);
  c.run(3_s);
  ASSERT_LT(c.host(c.leader()).replica().last_index(), end);
  c.kill(old);
  c.at(old).disk = backup.image();
  c.start(old);
  EXPECT_TRUE(night.is_out(old));
  EXPECT_EQ(night.seen(c.leader(), old), "forgot");
}

TEST(Quarantine, AQuarantinedDoorCountsAsLost) {
  Night night;
  Cluster& c = night.c;
  night.submit(3);
  const SiteId out = c.follower();
  const auto is_lost = [&] {
    const auto& lost = c.host(c.leader()).room().state().scalars().unreachable;
    return std::find(lost.begin(), lost.end(), out) != lost.end();
  };
  c.kill(out);
  c.at(out).quarantine = "rolled back";
  c.start(out);  // before anybody missed it
  EXPECT_TRUE(c.run_until(is_lost, 4_s)) << "what is offered at that door would wait there";
  c.kill(out);
  c.at(out).quarantine.clear();
  c.start(out);
  EXPECT_TRUE(c.run_until([&] { return !is_lost(); }, 4_s));
}

}  // namespace
}  // namespace vigie::actors::test
