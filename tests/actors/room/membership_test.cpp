// Sites come, vote and go on a federation that works: an administrator's order becomes a change of
// the directory, and the leader makes the members follow.
#include <gtest/gtest.h>

#include "nodes/site/recovery.hpp"
#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {
namespace {

struct Federation {
  explicit Federation(Options options = {}, std::uint64_t seed = 1)
      : c(options, seed),
        admin(c, p_admin, Role::administrator),
        requester(c, p_requester, Role::requester) {
    c.elect();
    EXPECT_TRUE(admin.attach(c.leader()));
  }

  Answer order(SiteChange what, SiteId site) {
    if (!c.at(admin.door).is_up()) {
      EXPECT_TRUE(admin.attach(c.leader()));
    }
    ChangeSite change{what, new_site(site)};
    const vigie::Site* known = c.host(c.leader()).directory().site(site);
    if (known) change.site.name = known->name;
    return admin.ask(change);
  }
  /// What the leader's members say of `site`.
  std::string member(SiteId site) {
    const SiteId leader = c.leader();
    if (!leader) return "no leader";
    const Member* is = replica::find_member(c.host(leader).replica().members(), site);
    return !is ? "none" : is->voter ? "voter" : "learner";
  }
  bool becomes(SiteId site, const std::string& what, Millis span = 20_s) {
    return c.run_until([&] { return member(site) == what; }, span);
  }
  void enlist(SiteId site) {
    c.add_machine(site);
    ASSERT_EQ(order(SiteChange::add, site).code, Errc::ok);
    ASSERT_TRUE(becomes(site, "learner"));
    ASSERT_EQ(order(SiteChange::promote, site).code, Errc::ok);
    ASSERT_TRUE(becomes(site, "voter"));
  }
  void submit(const std::string& prefix, int count) {
    ASSERT_TRUE(requester.attach(c.leader()));
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(
          requester.ask(Submit{{::vigie::actors::test::order(prefix + std::to_string(i))}, {}})
              .code,
          Errc::ok);
    }
  }

  Cluster c;
  Client admin;
  Client requester;
};

TEST(Membership, AFourthAndAFifthSiteComeWhileWorkGoesOn) {
  Federation f;
  f.submit("a", 5);
  f.enlist(nantes);
  f.submit("b", 5);
  f.enlist(lille);
  f.submit("c", 5);
  EXPECT_TRUE(f.c.agrees());
  EXPECT_EQ(f.c.host(lille).room().state().exams().size(), 15u);
  for (SiteId site : {lyon, bordeaux, marseille, nantes, lille}) {
    EXPECT_EQ(replica::voters(f.c.host(site).replica().members()), 5u);
    EXPECT_EQ(f.c.host(site).peers().size(), 4u);
  }
}

TEST(Membership, ANewSiteStartsFromASnapshotAndItsArchive) {
  Federation f({.snapshot_log_bytes = 16 * 1024, .trailing_bytes = 4 * 1024});
  f.submit("a", 60);
  f.c.require([&] { return f.c.at(f.c.leader()).snapshot_on_disk().value > 0; });
  f.enlist(nantes);
  EXPECT_GT(f.c.host(nantes).replica().snapshot().index.value, 0u);
  EXPECT_TRUE(f.c.agrees());
  f.c.kill(nantes);
  f.c.start(nantes);
  EXPECT_TRUE(f.c.host(nantes).replica().is_voter()) << "remembered over a restart";
  EXPECT_TRUE(f.c.agrees());
}

TEST(Membership, OnlyAnAdministratorMay) {
  Federation f;
  Client regulator(f.c, p_regulator, Role::regulator);
  ASSERT_TRUE(regulator.attach(f.c.leader()));
  EXPECT_EQ(regulator.ask(ChangeSite{SiteChange::remove, new_site(lyon)}).code, Errc::unauthorised);
  EXPECT_EQ(f.member(lyon), "voter");
}

TEST(Membership, ASiteThatDoesNotAnswerIsNotPromotedUntilItDoes) {
  Federation f;
  ASSERT_EQ(f.order(SiteChange::add, nantes).code, Errc::ok);
  ASSERT_TRUE(f.becomes(nantes, "learner"));
  ASSERT_EQ(f.order(SiteChange::promote, nantes).code, Errc::ok);
  EXPECT_FALSE(f.becomes(nantes, "voter", 5_s));
  f.c.add_machine(nantes);
  EXPECT_TRUE(f.becomes(nantes, "voter"));
}

TEST(Membership, ALearnerWithoutAllItsExamsIsNotPromoted) {
  Federation f;
  bool checked = false;
  f.c.on_delivery = [&](SiteId from, SiteId, codec::PeerFrame& frame) {
    if (from == nantes && frame.status) frame.status->archive_checked = checked;
  };
  f.c.add_machine(nantes);
  ASSERT_EQ(f.order(SiteChange::add, nantes).code, Errc::ok);
  ASSERT_TRUE(f.becomes(nantes, "learner"));
  ASSERT_EQ(f.order(SiteChange::promote, nantes).code, Errc::ok);
  EXPECT_FALSE(f.becomes(nantes, "voter", 5_s));
  checked = true;
  EXPECT_TRUE(f.becomes(nantes, "voter"));
}

TEST(Membership, ARemovedFollowerIsToldAndTheOthersGoOn) {
  Federation f;
  f.enlist(nantes);
  const SiteId gone = f.c.leader() == bordeaux ? lyon : bordeaux;
  ASSERT_EQ(f.order(SiteChange::remove, gone).code, Errc::ok);
  ASSERT_TRUE(f.becomes(gone, "none"));
  f.c.run(3_s);
  EXPECT_FALSE(f.c.host(gone).replica().is_member()) << "it was told";
  EXPECT_FALSE(f.c.host(f.c.leader()).peers().contains(gone));
  const Term term = f.c.host(f.c.leader()).replica().term();
  f.submit("a", 5);
  f.c.run(10_s);
  EXPECT_EQ(f.c.host(f.c.leader()).replica().term(), term);
}

TEST(Membership, ALeaderThatIsToGoHandsOverFirst) {
  Federation f;
  f.enlist(nantes);
  const SiteId gone = f.c.leader();
  ASSERT_EQ(f.order(SiteChange::remove, gone).code, Errc::ok);
  ASSERT_TRUE(f.c.run_until([&] {
    const SiteId leader = f.c.leader();
    return leader && leader != gone && f.member(gone) == "none";
  }));
  f.c.kill(gone);
  f.submit("a", 3);
  EXPECT_TRUE(f.c.agrees());
}

TEST(Membership, ALeaderThatNobodyCanSucceedTriesEachInTurnAndEverMoreSeldom) {
  Federation f;
  f.enlist(nantes);
  const SiteId goes = f.c.leader();
  std::map<SiteId, std::set<Term>> heirs;
  f.c.on_delivery = [&](SiteId from, SiteId, codec::PeerFrame& frame) {
    std::erase_if(frame.raft, [&](const replica::Message& m) {
      const auto* asks = std::get_if<replica::VoteRequest>(&m.body);
      if (asks && asks->transfer) heirs[from].insert(m.term);
      return asks && from != goes;
    });
  };
  ASSERT_EQ(f.order(SiteChange::remove, goes).code, Errc::ok);
  f.c.run(60_s);
  EXPECT_EQ(f.c.leader(), goes);
  EXPECT_EQ(heirs.size(), 3u) << "each of the others";
  std::size_t times = 0;
  for (const auto& [site, terms] : heirs) times += terms.size();
  EXPECT_LE(times, 7u);
  f.c.on_delivery = {};
  EXPECT_TRUE(f.becomes(goes, "none", 90_s));
}

TEST(Membership, AnOrderOutlivesTheLeaderThatTookIt) {
  Federation f;
  f.c.add_machine(nantes);
  ASSERT_EQ(f.order(SiteChange::add, nantes).code, Errc::ok);
  f.c.kill(f.c.leader());
  EXPECT_TRUE(f.becomes(nantes, "learner"));
}

TEST(Membership, ASiteThatLostItsDataRejoinsAsALearner) {
  Federation f;
  f.submit("a", 5);
  const SiteId wiped = f.c.follower();
  f.c.kill(wiped);
  ASSERT_EQ(f.order(SiteChange::rejoin, wiped).code, Errc::ok);
  ASSERT_TRUE(f.becomes(wiped, "learner")) << "removed first: what it promised counts no more";
  f.c.at(wiped).disk = storage::MemoryDisk{};
  f.c.at(wiped).instance = {77, 77};
  f.c.start(wiped);
  ASSERT_EQ(f.order(SiteChange::promote, wiped).code, Errc::ok);
  ASSERT_TRUE(f.becomes(wiped, "voter"));
  EXPECT_TRUE(f.c.agrees());
  EXPECT_EQ(f.c.host(wiped).room().state().exams().size(), 5u);
}

TEST(Membership, AnOrderThatWouldEndTheMajorityWaits) {
  for (const bool of_leader : {false, true}) {
    Federation f;
    f.submit("a", 3);
    const SiteId leader = f.c.leader();
    std::vector<SiteId> others = {lyon, bordeaux, marseille};
    std::erase(others, leader);
    const SiteId dead = others[0], wrong = of_leader ? leader : others[1];
    f.c.kill(dead);
    ASSERT_EQ(f.order(SiteChange::rejoin, wrong).code, Errc::ok);
    f.c.run(10_s);
    ASSERT_TRUE(f.c.leader()) << "the federation goes on";
    f.submit("b", 1);
    EXPECT_EQ(f.member(wrong), "voter") << "the last two cannot do without it";
    EXPECT_NE(f.c.host(f.c.leader()).members_wait(), "");
    f.c.start(dead);
    EXPECT_TRUE(f.becomes(wrong, "learner")) << "it waited; it was not lost";
    EXPECT_TRUE(f.c.run_until(
        [&] { return f.c.leader() && f.c.host(f.c.leader()).members_wait().empty(); }));
    f.submit("c", 1);
  }
}

TEST(Membership, TheRightOrderGoesBeforeTheWrongOneThatWaits) {
  Federation f;
  const SiteId leader = f.c.leader();
  std::vector<SiteId> others = {lyon, bordeaux, marseille};
  std::erase(others, leader);
  f.c.kill(others[1]);
  ASSERT_EQ(f.order(SiteChange::rejoin, others[0]).code, Errc::ok);
  f.c.run(3_s);
  ASSERT_TRUE(f.c.leader());
  ASSERT_EQ(f.order(SiteChange::rejoin, others[1]).code, Errc::ok);
  EXPECT_TRUE(f.becomes(others[1], "learner"));
  EXPECT_TRUE(f.becomes(others[0], "learner")) << "the leader alone is a majority then";
  f.submit("a", 1);
}

TEST(Membership, ALeaderThatIsToGoSeesToTheOthersFirst) {
  Federation f;
  bool checked = false;
  f.c.on_delivery = [&](SiteId from, SiteId, codec::PeerFrame& frame) {
    if (from == nantes && frame.status) frame.status->archive_checked = checked;
  };
  const SiteId last = f.c.leader();
  for (SiteId site : {nantes, lille}) {
    f.c.add_machine(site);
    ASSERT_EQ(f.order(SiteChange::add, site).code, Errc::ok);
    ASSERT_TRUE(f.becomes(site, "learner"));
  }
  for (SiteId site : {lyon, bordeaux, marseille}) {
    if (site == last) continue;
    ASSERT_EQ(f.order(SiteChange::remove, site).code, Errc::ok);
    ASSERT_TRUE(f.becomes(site, "none"));
  }
  ASSERT_EQ(f.order(SiteChange::promote, nantes).code, Errc::ok);
  ASSERT_EQ(f.order(SiteChange::remove, last).code, Errc::ok);
  f.c.run(3_s);
  EXPECT_EQ(f.member(last), "voter") << "nobody else may vote yet";
  checked = true;
  EXPECT_TRUE(f.c.run_until([&] { return f.c.leader() == nantes && f.member(last) == "none"; }));
}

void follow_a_leader_of_a_new_life(const Options& options, int meanwhile) {
  Federation f(options);
  Cluster& c = f.c;
  f.enlist(nantes);
  f.enlist(lille);
  f.submit("a", 3);
  c.run(2_s);
  std::vector<SiteId> others = {lyon, bordeaux, marseille};
  std::erase(others, c.leader());
  const SiteId away = others[0], reborn = others[1];
  c.kill(away);
  c.kill(reborn);
  f.submit("m", meanwhile);
  ASSERT_EQ(f.order(SiteChange::rejoin, reborn).code, Errc::ok);
  ASSERT_TRUE(f.becomes(reborn, "learner"));
  c.at(reborn).disk = storage::MemoryDisk{};
  c.at(reborn).instance = {77, 77};
  c.start(reborn);
  ASSERT_EQ(f.order(SiteChange::promote, reborn).code, Errc::ok);
  ASSERT_TRUE(f.becomes(reborn, "voter"));
  for (int i = 0; i < 20 && c.leader() != reborn; ++i) {
    const SiteId before = c.leader();
    c.kill(before);
    ASSERT_TRUE(c.run_until([&] { return c.leader() && c.leader() != before; }));
    c.start(before);
    ASSERT_TRUE(c.agrees());
  }
  ASSERT_EQ(c.leader(), reborn);
  c.start(away);
  EXPECT_TRUE(c.agrees());
  EXPECT_EQ(c.leader(), reborn);
  EXPECT_EQ(Host::quarantine_of(c.host(away).peers().at(reborn)), "");
  f.submit("b", 3);
  EXPECT_TRUE(c.agrees());
}

TEST(Membership, AVoterThatWasAwayFollowsALeaderThatBeganANewLifeMeanwhile) {
  follow_a_leader_of_a_new_life({}, 1);
}

TEST(Membership, AVoterThatWasAwayTakesTheSnapshotOfALeaderThatBeganANewLife) {
  follow_a_leader_of_a_new_life({.snapshot_log_bytes = 16 * 1024, .trailing_bytes = 4 * 1024}, 60);
}

TEST(Membership, WhoIsOrderedInIsHeardByWhoDoesNotKnowItAsAMemberYet) {
  Federation f;
  Cluster& c = f.c;
  const SiteId behind = c.follower();
  bool withheld = true;
  c.on_delivery = [&](SiteId, SiteId to, codec::PeerFrame& frame) {
    if (!withheld || to != behind) return;
    for (replica::Message& m : frame.raft) {
      auto* append = std::get_if<replica::Append>(&m.body);
      if (!append) continue;
      auto& entries = append->entries;
      const auto change = std::find_if(entries.begin(), entries.end(), [](const LogEntry& e) {
        return e.kind == EntryKind::configuration;
      });
      entries.erase(change, entries.end());
    }
  };
  c.add_machine(nantes);
  ASSERT_EQ(f.order(SiteChange::add, nantes).code, Errc::ok);
  ASSERT_TRUE(f.becomes(nantes, "learner"));
  c.run(3_s);
  ASSERT_EQ(replica::find_member(c.host(behind).replica().members(), nantes), nullptr);
  EXPECT_TRUE(c.host(behind).peers().contains(nantes)) << "were it to lead now, nobody else speaks";
  withheld = false;
  EXPECT_TRUE(c.agrees());
}

TEST(Membership, NobodyComesToVoteWhileAVoterIsAwayThatNeverHeardOfIt) {
  Federation f;
  Cluster& c = f.c;
  const SiteId away = c.follower();
  c.kill(away);
  c.add_machine(nantes);
  ASSERT_EQ(f.order(SiteChange::add, nantes).code, Errc::ok);
  ASSERT_TRUE(f.becomes(nantes, "learner"));
  ASSERT_EQ(f.order(SiteChange::promote, nantes).code, Errc::ok);
  c.run(20_s);
  EXPECT_EQ(f.member(nantes), "learner") << "with the newest entry on it alone nobody could lead";
  c.start(away);
  EXPECT_TRUE(f.becomes(nantes, "voter"));
  EXPECT_TRUE(c.agrees());
}

TEST(Membership, ASiteThatMayBeUnknownToWhoIsAwayDoesNotLead) {
  Federation f;
  Cluster& c = f.c;
  c.add_machine(nantes);
  ChangeSite add{SiteChange::add, new_site(nantes)};
  add.site.priority = 100;  // leads as soon as it may
  ASSERT_EQ(f.admin.ask(add).code, Errc::ok);
  ASSERT_TRUE(f.becomes(nantes, "learner"));
  ASSERT_EQ(f.order(SiteChange::promote, nantes).code, Errc::ok);
  ASSERT_TRUE(c.run_until([&] { return c.leader() == nantes; }, 30_s));
  const SiteId away = c.follower();
  c.kill(away);  // it may come back with an empty folder, and its old site file
  EXPECT_TRUE(c.run_until([&] { return c.leader() && c.leader() != nantes; }, 30_s));
  c.start(away);
  EXPECT_TRUE(c.run_until([&] { return c.leader() == nantes; }, 60_s));
  f.submit("a", 3);
  EXPECT_TRUE(c.agrees());
}

TEST(Membership, WhoIsAwayFindsOneThatItKnowsWhenItComesBack) {
  Federation f;
  Cluster& c = f.c;
  f.enlist(nantes);
  f.enlist(lille);
  const SiteId last = c.leader();
  const SiteId away{static_cast<std::uint16_t>(last == lyon ? 2 : 1)};
  c.kill(away);
  c.run(5_s);
  const SiteId other{static_cast<std::uint16_t>(6 - away.value - last.value)};
  ASSERT_EQ(f.order(SiteChange::remove, other).code, Errc::ok);
  ASSERT_TRUE(f.becomes(other, "none"));
  ASSERT_EQ(f.order(SiteChange::remove, last).code, Errc::ok);
  c.run(20_s);
  EXPECT_EQ(f.member(last), "voter") << "it alone can lead in who is away";
  c.start(away);
  EXPECT_TRUE(f.becomes(last, "none"));
  EXPECT_TRUE(c.run_until([&] { return c.host(away).replica().leader() == c.leader(); }));
}

TEST(Membership, ASiteBeginsAnewAmongOthersThatDidWithAllTheirClosedExams) {
  Federation f({.snapshot_log_bytes = 16 * 1024, .trailing_bytes = 4 * 1024});
  Cluster& c = f.c;
  Directory quick = c.host(c.leader()).directory();
  ++quick.version;
  quick.rules.close_after = 1_s;
  (void)c.local(c.leader(), ApplyDirectory{quick});
  const auto close = [&](const std::string& prefix, int count) {
    for (int i = 0; i < count; ++i) {
      Request request = order(prefix + std::to_string(i));
      request.images_complete = false;
      const OrderKey key = request.key;
      (void)c.local(c.leader(), Submit{{std::move(request)}, "M" + key.number});
      (void)c.local(c.leader(), Cancel{{{}, key}, "test"});
    }
    c.run(3_s);
  };
  close("a", 60);
  std::uint64_t life = 70;
  for (SiteId site : {lyon, bordeaux, marseille, lyon}) {  // the last one, of two of a second life
    c.kill(site);
    c.require([&] { return static_cast<bool>(c.leader()); });
    close("b" + std::to_string(++life), 60);
    ASSERT_EQ(f.order(SiteChange::rejoin, site).code, Errc::ok);
    ASSERT_TRUE(f.becomes(site, "learner"));
    c.at(site).disk = storage::MemoryDisk{};
    c.at(site).instance = {life, life};
    c.start(site);
    ASSERT_EQ(f.order(SiteChange::promote, site).code, Errc::ok);
    ASSERT_TRUE(f.becomes(site, "voter", 60_s)) << site.value;
  }
  EXPECT_TRUE(c.agrees());
  EXPECT_GT(c.host(lyon).room().archive_end().count, 200u);
}

TEST(MembershipDeathTest, ANodeWhoseRoomAndLogNameOtherMembersStops) {
  Federation f({.snapshot_log_bytes = 16 * 1024, .trailing_bytes = 4 * 1024});
  f.enlist(nantes);
  const SiteId site = f.c.leader();
  const LogIndex since = f.c.host(site).replica().members_since();
  f.submit("a", 60);
  f.c.require([&] { return f.c.at(site).snapshot_on_disk() > since; });
  f.c.kill(site);
  f.c.on_start = [](SiteId, site::RecoveredNode& found) { found.start.members.pop_back(); };
  EXPECT_DEATH(f.c.start(site), "members");
}

}  // namespace
}  // namespace vigie::actors::test
