// One duty head in the federation: taken, handed over, followed (domain R3); site leads (R4).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

Answer take(Night& night, Actor& who, PersonId deputy = {}, std::vector<ExamId> seen = {}) {
  return who.say(TakeDuty{night.duty().number, deputy, std::move(seen)});
}

// domain R3
TEST(Duty, IsOnePersonsWhoTakesItWhenItIsFree) {
  Night night;
  EXPECT_FALSE(night.duty().head);
  Actor& head = night.head();
  EXPECT_EQ(night.duty().head, p_head);
  EXPECT_EQ(night.duty().number, 1u);
  Actor& other = night.actor(p_head_2, Role::duty_head, bordeaux);
  const Answer refused = take(night, other);
  EXPECT_EQ(refused.code, Errc::not_holder);
  EXPECT_EQ(refused.text, "the duty is head's");
  EXPECT_EQ(night.duty().head, p_head);
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(other.say(Pin{exam, true, "r"}).code, Errc::unauthorised);
  EXPECT_EQ(other.say(Pin{exam, true, "r"}).text, "pin: the duty is not yours");
  EXPECT_EQ(head.say(Pin{exam, true, "r"}).code, Errc::ok);
}

// domain R3
TEST(Duty, IsHandedOverWithEveryOpenExamSeen) {
  Night night;
  Actor& head = night.head();
  Actor& other = night.actor(p_head_2, Role::duty_head, bordeaux);
  const ExamId first = night.submit("A1"), second = night.submit("A2");
  night.pass(1_s);
  EXPECT_EQ(other.say(OfferDuty{1, p_head_2}).code, Errc::unauthorised);
  EXPECT_EQ(head.say(OfferDuty{1, p_head_2}).code, Errc::ok);
  EXPECT_EQ(night.said(EventKind::duty_offered)->session, other.session);
  night.pass(1_s);
  const ExamId later = night.submit("A3");
  EXPECT_EQ(head.say(Pin{later, true, "still his"}).code, Errc::ok);
  const Answer unseen = take(night, other, {}, {first});
  EXPECT_EQ(unseen.code, Errc::bad_value);
  EXPECT_EQ(unseen.exam, second);
  EXPECT_EQ(night.duty().head, p_head);
  EXPECT_EQ(take(night, other, {}, {second, first}).code, Errc::ok)
      << "what came later need not be";
  EXPECT_EQ(night.duty().head, p_head_2);
  EXPECT_EQ(night.duty().number, 2u);
  EXPECT_EQ(head.say(Pin{later, false, "no longer his"}).code, Errc::unauthorised);
}

// domain R3
TEST(Duty, ANumberThatIsNotTheDutysChangesNothing) {
  Night night;
  Actor& head = night.head();
  Actor& other = night.actor(p_head_2, Role::duty_head, bordeaux);
  EXPECT_EQ(head.say(OfferDuty{1, p_head_2}).code, Errc::ok);
  const Answer stale = other.say(TakeDuty{0, {}, {}});
  EXPECT_EQ(stale.code, Errc::stale);
  EXPECT_EQ(stale.text, "it is duty 1, of head");
  EXPECT_EQ(head.say(OfferDuty{2, p_head_2}).code, Errc::stale);
  EXPECT_EQ(take(night, other).code, Errc::ok);
  EXPECT_EQ(head.say(TakeDuty{1, {}, {}}).code, Errc::stale);
  EXPECT_EQ(head.say(TakeDuty{2, {}, {}}).code, Errc::not_holder) << "handed over is handed over";
}

TEST(Duty, AnOfferTakenBackIsNoOffer) {
  Night night;
  Actor& head = night.head();
  Actor& other = night.actor(p_head_2, Role::duty_head, bordeaux);
  EXPECT_EQ(head.say(OfferDuty{1, p_head_2}).code, Errc::ok);
  EXPECT_EQ(head.say(OfferDuty{1, {}}).code, Errc::ok);
  EXPECT_EQ(take(night, other).code, Errc::not_holder);
  EXPECT_EQ(head.say(OfferDuty{1, p_anne}).code, Errc::bad_value) << "not a duty head";
  EXPECT_EQ(head.say(OfferDuty{1, p_head}).code, Errc::bad_value);
  EXPECT_EQ(take(night, head, p_anne).code, Errc::bad_value);
  EXPECT_EQ(take(night, head, p_head).code, Errc::bad_value);
}

// domain R3
TEST(Duty, TheDeputyFollowsAfterFiveMinutesOutOfReach) {
  Night night;
  EXPECT_EQ(take(night, night.head(), p_head_2).code, Errc::ok);
  EXPECT_EQ(night.duty().number, 1u) << "naming a deputy is not another duty";
  Actor& deputy = night.actor(p_head_2, Role::duty_head, bordeaux);
  EXPECT_EQ(night.node(bordeaux, SiteContact{lyon, {1}, false}).code, Errc::ok);
  EXPECT_TRUE(night.said(EventKind::duty_lost));
  EXPECT_EQ(night.room.next_due(), night.at + 5_min);
  night.pass(5_min - 1_ms);
  night.node(bordeaux, Tick{});
  EXPECT_EQ(night.duty().head, p_head);
  EXPECT_EQ(take(night, deputy).code, Errc::not_holder);
  night.pass(1_ms);
  night.node(bordeaux, Tick{});
  EXPECT_EQ(night.duty().head, p_head_2);
  EXPECT_EQ(night.duty().number, 2u);
  EXPECT_EQ(night.said(EventKind::duty_taken)->session, deputy.session);
  EXPECT_FALSE(night.duty().lost_since);
  EXPECT_EQ(night.room.next_due(), FedTime{});
  night.node(lyon, Tick{});
  EXPECT_EQ(night.head().say(Pin{{1}, true, "back"}).code, Errc::unauthorised) << "fenced";
}

TEST(Duty, WhoIsBackInTimeKeepsIt) {
  Night night;
  EXPECT_EQ(take(night, night.head(), p_head_2).code, Errc::ok);
  night.actor(p_head_2, Role::duty_head, bordeaux);
  EXPECT_EQ(night.head().say(Detach{}).code, Errc::ok);
  EXPECT_TRUE(night.said(EventKind::duty_lost));
  night.wait(4_min);
  EXPECT_EQ(night.head().attach(bordeaux, vigie::next(night.head().incarnation)).code, Errc::ok);
  EXPECT_FALSE(night.duty().lost_since);
  night.wait(10_min);
  EXPECT_EQ(night.duty().head, p_head);
}

TEST(Duty, WithoutADeputyAnybodyOfTheRoleMayTakeALostDuty) {
  Night night;
  EXPECT_EQ(take(night, night.head(), p_head_2).code, Errc::ok);
  EXPECT_EQ(night.head().say(Detach{}).code, Errc::ok);
  night.wait(1_h);
  EXPECT_EQ(night.duty().head, p_head) << "his deputy is not there either";
  // Who comes is asked nothing: the deputy has it at once.
  Actor& deputy = night.actor(p_head_2, Role::duty_head, bordeaux);
  EXPECT_EQ(night.duty().head, p_head_2);
  EXPECT_EQ(deputy.say(Detach{}).code, Errc::ok);
  night.wait(1_h);
  EXPECT_EQ(night.duty().head, p_head_2) << "he had named nobody";
  Actor& head = night.head();
  EXPECT_EQ(head.attach(lyon, vigie::next(head.incarnation)).code, Errc::ok);
  EXPECT_EQ(take(night, head).code, Errc::ok);
  EXPECT_EQ(night.duty().number, 3u);
}

// domain R4
TEST(Sites, ALeadClosesPostsOfHisOwnCentreOnly) {
  Night night;
  Actor& lead = night.actor(p_lead, Role::site_lead, lyon);
  EXPECT_EQ(lead.say(SetSite{marseille, 1, false, "r"}).code, Errc::unauthorised);
  EXPECT_EQ(lead.say(SetSite{lyon, 17, false, "r"}).code, Errc::bad_value);
  EXPECT_EQ(lead.say(SetSite{lyon, 15, false, ""}).code, Errc::bad_value);
  EXPECT_EQ(lead.say(SetSite{lyon, 15, false, "flood"}).code, Errc::ok);
  night.read(p_lea);
  Proposal p;
  p.key = key_of(p_luc);
  p.door = lyon;
  p.command = Attach{{9}, {1}, {}, Role::reader, lyon, "P2", AcceptMode::manual};
  EXPECT_EQ(night.apply(p).code, Errc::site_full);
  EXPECT_EQ(night.head().say(SetSite{lyon, 0, false, "dry"}).code, Errc::ok);
  EXPECT_EQ(night.apply(p).code, Errc::ok);
  EXPECT_TRUE(night.room.state().scalars().site_work.empty());
}

// domain R4
TEST(Sites, ReadersOfADegradedCentreComeLast) {
  Night night;
  Actor& lead = night.actor(p_lead, Role::site_lead, lyon);
  EXPECT_EQ(lead.say(SetSite{lyon, 0, true, "slow viewer"}).code, Errc::ok);
  night.read(p_lea).free();
  night.pass(30_min);  // idle for long, and the territory's own
  night.read(p_bruno).free();
  const ExamId exam = night.submit(lyon, night.request(edouard, "A1"), "M1").exam;
  night.complete(night.accepted(exam));
  EXPECT_EQ(night.exam(exam).reader, p_bruno);
  const ExamId second = night.submit(lyon, night.request(edouard, "A2"), "M2").exam;
  night.complete(night.accepted(second));
  EXPECT_EQ(night.exam(second).reader, p_lea) << "rather than nobody";
}

// domain R4
TEST(Sites, ALeadMarksHisReadersAwayAndAnOfferGoesOn) {
  Night night;
  Actor& lead = night.actor(p_lead, Role::site_lead, lyon);
  Actor& lea = night.read(p_lea);
  lea.free();
  night.read(p_anne);
  EXPECT_EQ(lead.say(SetAway{p_anne, "r"}).code, Errc::unauthorised);
  EXPECT_EQ(lead.say(SetAway{p_luc, "r"}).code, Errc::not_found);
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::offered);
  EXPECT_EQ(lead.say(SetAway{p_lea, "called to theatre"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_EQ(lea.record().mode, ReaderMode::away);
  lea.free();
  EXPECT_EQ(lea.accept_offer(exam).code, Errc::ok);
  EXPECT_EQ(lead.say(SetAway{p_lea, "later"}).code, Errc::busy_reader) << "he is not interrupted";
  EXPECT_EQ(night.state(exam), ExamState::reading);
}

}  // namespace
}  // namespace vigie::room::test
