// A poison entry: whoever applies it ends. The third end at one index halts applying there, at
// every centre, until another program comes (faults F33).
#include <gtest/gtest.h>

#include <stdexcept>

#include "messages/types/failpoint.hpp"
#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

constexpr std::array all = {lyon, bordeaux, marseille};

BlackBox ended_at(std::uint64_t index, int times) {
  BlackBox box;
  for (int i = 0; i <= times; ++i) {
    static_cast<void>(count_end(box, 7, {}));
    if (i < times) begin_entry(box, {index});
  }
  return box;
}

TEST(BlackBox, TheThirdEndAtOneIndexHaltsThere) {
  BlackBox box;
  EXPECT_EQ(count_end(box, 7, {}), LogIndex{}) << "a first start";
  for (int end = 1; end <= 3; ++end) {
    begin_entry(box, {500});
    EXPECT_EQ(count_end(box, 7, {499}), end < 3 ? LogIndex{} : LogIndex{500}) << end;
  }
  EXPECT_EQ(count_end(box, 7, {499}), LogIndex{500}) << "and a start without a try is halted too";
}

TEST(BlackBox, AnEndElsewhereOrAnEntryThatIsAppliedBeginsTheCountAnew) {
  BlackBox elsewhere = ended_at(500, 2);
  begin_entry(elsewhere, {501});
  EXPECT_EQ(count_end(elsewhere, 7, {}), LogIndex{});
  EXPECT_EQ(elsewhere.ends, 1u);
  BlackBox applied = ended_at(500, 2);
  begin_entry(applied, {500});
  end_entries(applied, {500});
  begin_entry(applied, {500});
  EXPECT_EQ(count_end(applied, 7, {}), LogIndex{});
  BlackBox killed = ended_at(500, 2);
  begin_entry(killed, {499});
  end_entries(killed, {499});
  EXPECT_EQ(count_end(killed, 7, {}), LogIndex{}) << "it ended between two entries";
  EXPECT_EQ(killed.ends, 2u);
}

TEST(BlackBox, AnotherProgramASnapshotBeyondOrATornRecordLiftTheHalt) {
  ASSERT_EQ(ended_at(500, 3).ends, 3u);
  BlackBox other = ended_at(500, 3);
  EXPECT_EQ(count_end(other, 8, {}), LogIndex{});
  EXPECT_EQ(other.ends, 0u);
  BlackBox past = ended_at(500, 3);
  EXPECT_EQ(count_end(past, 7, {500}), LogIndex{});
  BlackBox torn = ended_at(500, 3);
  torn.suspect = 0x01f4000000000000u;
  EXPECT_EQ(count_end(torn, 7, {}), LogIndex{});
  EXPECT_EQ(torn.ends, 0u);
}

/// An entry that ends whoever applies it.
class PoisonEntry : public ::testing::Test {
 protected:
  enum class End { killed, thrown };
  void SetUp() override {
    test_ = this;
    failpoint_hook = [](Failpoint point) {
      if (point == Failpoint::apply_entry) test_->pass();
    };
    c_.elect();
    c_.require([&] { return c_.agrees(); });
  }
  void TearDown() override { failpoint_hook = nullptr; }

  void pass() {
    if (!c_.acting || poison_.value == 0 || cured_ || (sick_ && c_.acting != sick_)) return;
    if (c_.at(c_.acting).black_box.applying != poison_.value) return;
    ++ends_[c_.acting];
    if (end_ == End::thrown) throw std::runtime_error("poison");
    throw Node::Died{};
  }
  void submit(const std::string& number) { asked_ = c_.local(c_.leader(), one(number)); }
  /// Whoever ended starts again, as systemd does, for `span`.
  void go_on(Millis span) {
    const BootTime end = c_.now().boot + span;
    while (c_.now().boot < end) {
      c_.run(200_ms);
      for (SiteId site : all) {
        if (!c_.at(site).is_up()) c_.start(site);
      }
    }
  }
  bool all_halted() {
    return std::ranges::all_of(
        all, [&](SiteId s) { return c_.at(s).is_up() && c_.host(s).is_halted(); });
  }
  SiteId raft_leader() {
    for (SiteId site : all) {
      if (c_.at(site).is_up() && c_.host(site).replica().is_settled_leader()) return site;
    }
    return {};
  }
  void poison_next() {
    poison_ = next(c_.host(c_.leader()).replica().last_index());
    submit("poison");
  }
  void halt_all() {
    poison_next();
    go_on(20_s);
    ASSERT_TRUE(all_halted());
  }

  static inline PoisonEntry* test_ = nullptr;
  Cluster c_;
  LogIndex poison_;
  bool cured_ = false;
  SiteId sick_;  ///< 0: whoever applies it ends
  End end_ = End::killed;
  std::map<SiteId, int> ends_;
  std::shared_ptr<std::vector<Answer>> asked_;
};

TEST_F(PoisonEntry, HaltsEveryNodeAfterThreeEndsAndTheFederationKeepsItsLeader) {
  submit("before");
  c_.require([&] { return c_.agrees(); });
  halt_all();
  std::set<std::string> digests, hashes;
  for (SiteId site : all) {
    EXPECT_EQ(ends_[site], 3) << site.value;
    EXPECT_EQ(c_.host(site).room().applied(), previous(poison_));
    EXPECT_EQ(c_.host(site).halted_at(), poison_);
    digests.insert(to_hex(c_.host(site).room().digest()));
    hashes.insert(c_.host(site).halted_hash());
  }
  EXPECT_EQ(digests.size(), 1u);
  EXPECT_EQ(hashes.size(), 1u);
  EXPECT_EQ(hashes.begin()->size(), 32u);
  const SiteId leads = raft_leader();
  ASSERT_TRUE(leads) << "it votes and leads";
  c_.kill(leads);
  c_.start(leads);
  c_.require([&] { return static_cast<bool>(raft_leader()); });
  EXPECT_TRUE(all_halted()) << "a restart alone changes nothing";
}

TEST_F(PoisonEntry, ThatThrowsCountsAsOneThatKills) {
  end_ = End::thrown;
  halt_all();
  for (SiteId site : all) EXPECT_EQ(ends_[site], 3) << site.value;
}

TEST_F(PoisonEntry, RefusesCommandsWithItsOwnCodeAndShowsWhatItKnows) {
  halt_all();
  const auto local = c_.local(lyon, one("later"));
  ASSERT_EQ(local->size(), 1u);
  EXPECT_EQ(local->front().code, Errc::apply_halted);
  c_.say(lyon, 1, p_requester, Hello{});
  c_.say(lyon, 1, p_requester, ClientRequest{{9}, {1}, {1}, {}, one("x"), 1});
  c_.say(lyon, 1, p_requester, Renew{{9}, {1}, 5});
  c_.say(lyon, 1, p_requester, Query{1, QueryKind::status, {}, {}, false});
  c_.say(lyon, 1, p_requester, Query{2, QueryKind::status, {}, {}, true});
  c_.run(100_ms);
  ASSERT_EQ(c_.heard<Welcome>(1).size(), 1u);
  EXPECT_EQ(c_.heard<Welcome>(1)[0].second.mode, NodeMode::halted);
  ASSERT_EQ(c_.heard<ClientAnswer>(1).size(), 1u);
  EXPECT_EQ(c_.heard<ClientAnswer>(1)[0].second.answer.code, Errc::apply_halted);
  ASSERT_EQ(c_.heard<RenewAck>(1).size(), 1u);
  EXPECT_EQ(c_.heard<RenewAck>(1)[0].second.code, Errc::apply_halted);
  const auto replies = c_.heard<QueryReply>(1);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].second.code, Errc::ok);
  EXPECT_NE(replies[0].second.json.find("\"mode\":\"HALTED\""), std::string::npos);
  EXPECT_NE(replies[0].second.json.find("\"halted_at\":" + std::to_string(poison_.value)),
            std::string::npos);
  EXPECT_EQ(replies[1].second.code, Errc::apply_halted);
}

TEST_F(PoisonEntry, IsAppliedOnceAnotherProgramIsInstalledNodeByNode) {
  halt_all();
  cured_ = true;
  for (SiteId site : all) {
    c_.kill(site);
    c_.at(site).build = 2;
    c_.start(site);
    c_.run(3_s);
  }
  EXPECT_TRUE(c_.agrees());
  for (SiteId site : all) {
    EXPECT_FALSE(c_.host(site).is_halted());
    EXPECT_GE(c_.host(site).room().applied(), poison_);
  }
  submit("after");
  EXPECT_TRUE(c_.run_until([&] { return !asked_->empty(); }));
  EXPECT_EQ(asked_->front().code, Errc::ok);
}

TEST_F(PoisonEntry, ANodeThatAloneHaltsDoesNotKeepLeadership) {
  const SiteId sick = sick_ = c_.leader();
  poison_next();
  go_on(10_s);
  ASSERT_TRUE(c_.host(sick).is_halted());
  EXPECT_NE(c_.leader(), sick);
  ASSERT_TRUE(c_.leader());
  submit("meanwhile");
  EXPECT_TRUE(c_.run_until([&] { return !asked_->empty(); })) << "the others go on";
  for (SiteId other : all) {  // it is elected, and hands over at once
    if (other != sick && c_.leader() == other) c_.kill(other), c_.run(100_ms), c_.start(other);
  }
  go_on(5_s);
  ASSERT_TRUE(c_.leader());
  EXPECT_NE(c_.leader(), sick);
  submit("again");
  EXPECT_TRUE(c_.run_until([&] { return !asked_->empty(); }));
}

}  // namespace
}  // namespace vigie::actors::test
