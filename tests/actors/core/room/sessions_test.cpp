// Sessions belong to the federation (design D7, D8) and keys to people (design D10).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

Proposal attach(PersonId by, SessionId session, Incarnation incarnation, PersonId whose, Role role,
                SiteId door, SiteId post = {}) {
  Proposal p;
  p.key = key_of(by);
  p.door = door;
  p.command = Attach{session, incarnation, whose, role, post, "P1", AcceptMode::manual};
  return p;
}

TEST(Sessions, AReaderGoesOnThroughAnotherCentreWithHisExam) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  night.node(lyon, SiteContact{bordeaux, {1}, false});
  const Answer answer = anne.attach(lyon, next(anne.incarnation));
  EXPECT_EQ(answer.code, Errc::ok);
  EXPECT_EQ(answer.exam, exam);
  EXPECT_EQ(answer.next, RequestNo{1});
  EXPECT_EQ(night.exam(exam).epoch, epoch);
  EXPECT_EQ(anne.sign(exam, 1, epoch).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).reading_site, bordeaux);
}

TEST(Sessions, TheOlderIncarnationIsSuperseded) {
  Night night;
  Actor& anne = night.read(p_anne);
  const Proposal old = anne.proposal(SetReader{});
  EXPECT_EQ(anne.attach(lyon, {2}).code, Errc::ok);
  EXPECT_EQ(night.apply(old).code, Errc::superseded);
  const Answer older = anne.attach(lyon, {1});
  EXPECT_EQ(older.code, Errc::superseded);
  EXPECT_EQ(older.incarnation, Incarnation{2});
}

TEST(Sessions, AnAttachSentTwiceIsOne) {
  Night night;
  Actor& anne = night.read(p_anne);
  const Answer again = anne.attach(bordeaux, {1});
  EXPECT_EQ(again.code, Errc::ok);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.incarnation, Incarnation{1});
}

TEST(Sessions, ASecondLoginOfOnePersonTakesTheFirstOver) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Answer second = night.apply(attach(p_anne, {777}, {1}, {}, Role::reader, lyon, bordeaux));
  EXPECT_EQ(second.code, Errc::ok);
  EXPECT_EQ(second.session, anne.session);
  EXPECT_EQ(second.incarnation, Incarnation{3});
  EXPECT_EQ(second.exam, exam);
  EXPECT_EQ(anne.free().code, Errc::superseded);
}

TEST(Sessions, TheFirstConsoleIsNotTakenForTheSecondWhenItAsksForTheNextIncarnation) {
  Night night;
  Actor& anne = night.read(p_anne);
  ASSERT_EQ(night.apply(attach(p_anne, {777}, {1}, {}, Role::reader, lyon, bordeaux)).code,
            Errc::ok);
  const Answer first = night.apply(
      attach(p_anne, anne.session, next(anne.incarnation), {}, Role::reader, lyon, bordeaux));
  EXPECT_EQ(first.code, Errc::superseded);
  EXPECT_EQ(first.incarnation, Incarnation{3});
}

TEST(Sessions, AnUnknownSessionStartsAtOne) {
  Night night;
  EXPECT_EQ(night.apply(attach(p_anne, {7}, {3}, {}, Role::reader, lyon, bordeaux)).code,
            Errc::no_session);
  EXPECT_EQ(night.apply(attach(p_anne, {}, {1}, {}, Role::reader, lyon, bordeaux)).code,
            Errc::bad_value);
  Proposal ghost;
  ghost.key = key_of(p_anne);
  ghost.door = lyon;
  ghost.session = {4242};
  ghost.incarnation = {1};
  ghost.request = {1};
  ghost.command = SetReader{};
  EXPECT_EQ(night.apply(ghost).code, Errc::no_session);
}

// domain R5
TEST(Sessions, SixtyReadersReadAtOnceEachOneExam) {
  constexpr std::uint32_t many = 60;
  Directory d = three_centres();
  d.sites[0].posts = many;
  const auto ct = set_of(Modality::ct);
  for (std::uint32_t i = 0; i < many; ++i) {
    d.people.push_back(reader({500 + i}, "reader" + std::to_string(i), lyon, ct));
    Key key;
    key.id = key_of(PersonId{500 + i});
    key.person = {500 + i};
    d.keys.push_back(key);
  }
  Night night(d);
  for (std::uint32_t i = 0; i < many; ++i) night.read({500 + i}).next();
  std::vector<ExamId> exams;
  for (std::uint32_t i = 0; i < 3 * many; ++i) {
    exams.push_back(night.ready("A" + std::to_string(i)));
    night.pass(1_s);
  }
  for (std::uint64_t report = 1; report <= 3 * many; ++report) {
    Actor& reader = night.read({500 + static_cast<std::uint32_t>(report % many)});
    ASSERT_TRUE(reader.in_hand()) << report;
    EXPECT_EQ(reader.sign(reader.in_hand(), report).code, Errc::ok);
  }
  for (const ExamId exam : exams) EXPECT_EQ(night.state(exam), ExamState::validated);
}

// domain R6
TEST(Sessions, TheEighthLoginAtACentreOfSevenPostsIsRefused) {
  Night night;
  for (std::uint32_t i = 0; i < 7; ++i) {
    EXPECT_EQ(
        night.apply(attach({100 + i}, {100 + i}, {1}, {}, Role::reader, bordeaux, bordeaux)).code,
        Errc::ok);
  }
  EXPECT_EQ(night.apply(attach({107}, {107}, {1}, {}, Role::reader, bordeaux, bordeaux)).code,
            Errc::site_full);
  EXPECT_EQ(night.apply(attach({107}, {107}, {1}, {}, Role::reader, bordeaux, {})).code,
            Errc::site_full);
  EXPECT_EQ(night.apply(attach({103}, {103}, {2}, {}, Role::reader, lyon, bordeaux)).code,
            Errc::ok);
  EXPECT_EQ(night.node(lyon, ExpireSession{{101}, {1}}).code, Errc::ok);
  EXPECT_EQ(night.apply(attach({107}, {107}, {1}, {}, Role::reader, bordeaux, bordeaux)).code,
            Errc::ok);
}

// domain R7
TEST(Sessions, AReaderSitsAtAnEnrolledPostThatNobodyUses) {
  Directory d = three_centres();
  d.sites[1].posts = 2;
  d.sites[1].enrolled = {{"P1"}, {"P2"}};
  Night night(d);
  const auto sit = [&](PersonId who, SessionId session, const std::string& post) {
    Proposal p = attach(who, session, {1}, {}, Role::reader, bordeaux, bordeaux);
    std::get<Attach>(p.command).post = post;
    return night.apply(p);
  };
  EXPECT_EQ(sit(p_anne, {1}, "kitchen").code, Errc::unauthorised);
  EXPECT_EQ(sit(p_anne, {1}, "").code, Errc::unauthorised);
  EXPECT_EQ(sit(p_anne, {1}, "P1").code, Errc::ok);
  EXPECT_EQ(sit(p_bruno, {2}, "P1").code, Errc::site_full);
  EXPECT_EQ(sit(p_bruno, {2}, "P2").code, Errc::ok);
  EXPECT_EQ(night.node(lyon, ExpireSession{{1}, {1}}).code, Errc::ok);
  EXPECT_EQ(sit({100}, {3}, "P1").code, Errc::ok);
}

TEST(Sessions, OnlyAConcentratorsKeyCarriesSessionsOfOthersAndOfItsCentreOnly) {
  Night night;
  EXPECT_EQ(night.apply(attach(p_bruno, {9}, {1}, p_anne, Role::reader, bordeaux, bordeaux)).code,
            Errc::unauthorised);
  EXPECT_EQ(night.apply(attach(p_hub, {9}, {1}, p_anne, Role::reader, bordeaux, bordeaux)).code,
            Errc::ok);
  EXPECT_EQ(night.apply(attach(p_hub, {10}, {1}, p_bruno, Role::reader, bordeaux, bordeaux)).code,
            Errc::ok);
  EXPECT_EQ(night.apply(attach(p_hub, {11}, {1}, p_lea, Role::reader, bordeaux, lyon)).code,
            Errc::unauthorised);
  Proposal say;
  say.key = key_of(p_hub);
  say.door = bordeaux;
  say.session = {9};
  say.incarnation = {1};
  say.request = {1};
  say.command = SetReader{};
  EXPECT_EQ(night.apply(say).code, Errc::ok);
  say.key = key_of(p_bruno);  // somebody else's key under his session id
  say.request = {2};
  EXPECT_EQ(night.apply(say).code, Errc::unauthorised);
}

TEST(Sessions, NobodyTakesARoleThatIsNotHis) {
  Night night;
  EXPECT_EQ(night.apply(attach(p_anne, {9}, {1}, {}, Role::regulator, lyon)).code,
            Errc::unauthorised);
  EXPECT_EQ(night.apply(attach(p_anne, {9}, {1}, {}, Role::node, lyon)).code, Errc::unauthorised);
  EXPECT_EQ(night.apply(attach({555}, {9}, {1}, {}, Role::reader, lyon, lyon)).code,
            Errc::unknown_key);
  EXPECT_EQ(night.apply(attach(p_hub, {9}, {1}, {777}, Role::reader, lyon, lyon)).code,
            Errc::unknown_person);
  Proposal by_node = attach(p_anne, {9}, {1}, p_anne, Role::reader, lyon, lyon);
  by_node.key = key_of(lyon);
  EXPECT_EQ(night.apply(by_node).code, Errc::unauthorised);
}

TEST(Sessions, ASessionIdOfSomebodyElseCannotBeTaken) {
  Night night;
  Actor& anne = night.read(p_anne);
  EXPECT_EQ(night.apply(attach(p_bruno, anne.session, {2}, {}, Role::reader, lyon, bordeaux)).code,
            Errc::unauthorised);
}

TEST(Sessions, ExpiryIsCompareAndSet) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Incarnation old = anne.incarnation;
  anne.attach(lyon, next(old));
  EXPECT_EQ(night.node(lyon, ExpireSession{anne.session, old}).code, Errc::superseded);
  EXPECT_EQ(night.state(exam), ExamState::reading);
  EXPECT_EQ(night.node(lyon, ExpireSession{anne.session, anne.incarnation}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_NE(night.said(EventKind::lease_expired), nullptr);
  EXPECT_EQ(night.node(lyon, ExpireSession{anne.session, anne.incarnation}).code, Errc::no_session);
  EXPECT_EQ(anne.free().code, Errc::no_session);
}

TEST(Sessions, AnExpiredReaderComesBackWithTheNextIncarnation) {
  Night night;
  Actor& anne = night.read(p_anne);
  night.node(lyon, ExpireSession{anne.session, anne.incarnation});
  EXPECT_EQ(anne.attach(bordeaux, {1}).code, Errc::superseded);
  EXPECT_EQ(anne.attach(bordeaux, {2}).code, Errc::ok);
  EXPECT_EQ(anne.record().mode, ReaderMode::off);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(anne.in_hand(), exam);
}

TEST(Sessions, ARegulatorsClaimsReturnWhenHisSessionEnds) {
  Night night;
  const ExamId exam = night.submit("A1");
  Actor& regulator = night.regulator();
  regulator.claim(exam);
  const Epoch before = night.exam(exam).epoch;
  EXPECT_EQ(regulator.say(Detach{}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::requested);
  EXPECT_NE(night.exam(exam).epoch, before);
}

TEST(Sessions, ADetachingReaderGivesBackWhatHeHas) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.say(Detach{});
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_EQ(night.exam(exam).last_reader, p_anne);
}

TEST(Sessions, ADetachWithoutASessionIsAnsweredAndDoesNothing) {
  Night night;
  EXPECT_EQ(night.node(lyon, Detach{}).code, Errc::no_session);
}

TEST(Sessions, ARevokedKeySaysNothingMore) {
  Night night;
  Actor& anne = night.read(p_anne);
  Directory d = three_centres();
  d.version = 2;
  for (Key& key : d.keys) key.revoked = key.person == p_anne;
  EXPECT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::ok);
  EXPECT_EQ(anne.free().code, Errc::unknown_key);
  EXPECT_EQ(anne.attach(lyon, next(anne.incarnation)).code, Errc::unknown_key);
}

TEST(Sessions, TheOldestEndedSessionMakesRoomForANewOne) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.say(Detach{});
  Effects out;
  LogIndex index = night.room.applied();
  std::size_t refused = 0;
  for (std::uint64_t i = 0; i < limits::sessions_count + 1; ++i) {
    index = next(index);
    const Answer a = night.room.apply(
        index, night.at, attach(p_requester, {10'000 + i}, {1}, {}, Role::requester, lyon), out);
    if (a.code == Errc::limit_reached) ++refused;
  }
  EXPECT_EQ(refused, 1u);  // 4096 live ones, none to forget
  EXPECT_EQ(night.room.state().sessions().find(anne.session), nullptr);
  EXPECT_EQ(night.room.state().sessions().size(), limits::sessions_count);
  EXPECT_TRUE(violations(night.room).empty());
}

TEST(SiteUnreachable, OffersReturnAtOnceAndReadingsStay) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId reading = night.being_read("A1", anne);
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const ExamId offered = night.ready("A2");
  ASSERT_EQ(bruno.in_hand(), offered);
  EXPECT_EQ(night.node(lyon, SiteContact{bordeaux, {1}, false}).code, Errc::ok);
  EXPECT_EQ(night.state(offered), ExamState::ready);
  EXPECT_EQ(night.state(reading), ExamState::reading);
  EXPECT_EQ(bruno.record().mode, ReaderMode::free);  // no strike
  const ExamId third = night.ready("A3");
  EXPECT_EQ(night.state(third), ExamState::ready) << "no new offer to a lost centre";
  EXPECT_EQ(night.node(lyon, SiteContact{bordeaux, {1}, true}).code, Errc::ok);
  EXPECT_EQ(bruno.in_hand(), offered);
}

TEST(SiteUnreachable, AnAttachThroughTheCentreClearsIt) {
  Night night;
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  night.node(lyon, SiteContact{bordeaux, {1}, false});
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::ready);
  night.read(p_anne);  // attaches in Bordeaux
  EXPECT_TRUE(night.room.state().is_reachable(bordeaux));
  EXPECT_EQ(bruno.in_hand(), exam);
}

TEST(SiteUnreachable, AReaderOfTheLostCentreIsOfferedExamsThroughAnother) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  night.node(lyon, SiteContact{bordeaux, {1}, false});
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(anne.attach(lyon, {2}).exam, exam);
}

// domain N6
TEST(SiteUnreachable, ACentreThatIsRemovedIsLeftAsALostOne) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId signed_one = night.being_read("A1", anne);
  anne.sign(signed_one, 1);
  const SiteId owner = night.exam(signed_one).deliveries[0].owner;
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const ExamId offered = night.ready("A2");
  ASSERT_EQ(bruno.in_hand(), offered);
  Actor& admin = night.actor(p_admin, Role::administrator, lyon);
  const auto remove = [&](SiteId site) {
    ChangeSite change;
    change.what = SiteChange::remove;
    change.site.name = night.room.directory().site(site)->name;
    return admin.say(change).code;
  };
  ASSERT_EQ(remove(bordeaux), Errc::ok);
  EXPECT_FALSE(night.room.state().is_reachable(bordeaux));
  EXPECT_EQ(night.state(offered), ExamState::ready) << "its door shows nobody an offer";
  if (owner != bordeaux) {
    ASSERT_EQ(remove(owner), Errc::ok);
  }
  EXPECT_NE(night.exam(signed_one).deliveries[0].owner, owner) << "it will not deliver it";
  EXPECT_TRUE(night.room.state().is_reachable(night.exam(signed_one).deliveries[0].owner));
  EXPECT_TRUE(violations(night.room).empty());
}

TEST(SiteUnreachable, ACentreThatIsRemovedStillDoesALeadersDuties) {
  Night night;
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const ExamId offered = night.ready("A1");
  ASSERT_EQ(bruno.in_hand(), offered);
  const FedTime until = night.exam(offered).offered_until;
  ChangeSite change;
  change.what = SiteChange::remove;
  change.site.name = night.room.directory().site(marseille)->name;
  Actor& admin = night.actor(p_admin, Role::administrator, lyon);
  ASSERT_EQ(admin.say(change).code, Errc::ok);
  night.pass(20_s);
  EXPECT_EQ(night.node(marseille, Tick{true}).code, Errc::ok);
  EXPECT_GT(night.exam(offered).offered_until, until) << "offers run anew under a new leader";
  EXPECT_EQ(night.node(marseille, SiteContact{lyon, {1}, false}).code, Errc::ok);
  const ExpireSession expiry{bruno.session, bruno.incarnation};
  EXPECT_EQ(night.node(marseille, expiry).code, Errc::ok);
  EXPECT_EQ(night.node(marseille, DeliveryResult{}).code, Errc::unauthorised);
}

TEST(SiteUnreachable, AnUnknownCentreIsRefused) {
  Night night;
  EXPECT_EQ(night.node(lyon, SiteContact{{9}, {1}, false}).code, Errc::bad_value);
}

}  // namespace
}  // namespace vigie::room::test
