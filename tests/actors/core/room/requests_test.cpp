// Requests and their idempotency (T1, T2, T20; design D6).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

TEST(Requests, ARequestIsAnExamWithANumberOfItsDoor) {
  Night night;
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(night.state(exam), ExamState::requested);
  EXPECT_EQ(exam_number(night.room.directory(), exam).substr(0, 4), "MRS-");
  EXPECT_EQ(night.exam(exam).origin_site, marseille);
  ASSERT_NE(night.said(EventKind::request_submitted), nullptr);
  EXPECT_NE(night.said(EventKind::request_submitted)->card, nullptr);
}

// domain N5
TEST(Requests, TheSameOrderByAnotherDoorIsOneExamAndTheSameAnswer) {
  Night night;
  const Answer first = night.submit(marseille, night.request("A1"), "M1");
  const Answer again = night.submit(lyon, night.request("A1"), "M1");
  EXPECT_EQ(again.code, Errc::ok);
  EXPECT_EQ(again.exam, first.exam);
  EXPECT_EQ(again.index, first.index);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(night.room.state().exams().size(), 1u);
}

TEST(Requests, AReusedMessageIdWithANewOrderIsANewExam) {
  Night night;
  const Answer first = night.submit(marseille, night.request("A1"), "M1");
  const Answer second = night.submit(marseille, night.request("A2"), "M1");
  EXPECT_NE(first.exam, second.exam);
  EXPECT_FALSE(second.duplicate);
}

TEST(Requests, AReusedMessageIdWithOtherContentOfAnOpenOrderAmendsIt) {
  Night night;
  const Answer first = night.submit(marseille, night.request("A1"), "1");
  Request changed = night.request("A1");
  changed.asked = Urgency::p1;
  const Answer second = night.submit(marseille, changed, "1");
  EXPECT_EQ(second.exam, first.exam);
  EXPECT_EQ(night.exam(first.exam).urgency, Urgency::p1);
  EXPECT_EQ(night.room.state().exams().size(), 1u);
}

TEST(Requests, ANumberReusedAfterACancelIsANewGeneration) {
  Night night;
  const ExamId first = night.submit("A1");
  EXPECT_EQ(night.requester().cancel(first).code, Errc::ok);
  const Answer again = night.submit(marseille, night.request("A1"), "another message");
  EXPECT_EQ(again.code, Errc::ok);
  EXPECT_NE(again.exam, first);
  EXPECT_EQ(night.exam(again.exam).generation, 2);
  EXPECT_TRUE(has(night.exam(again.exam).flags, ExamFlag::reused_number));
}

TEST(Requests, TheCancelledOrdersOwnMessageComeLateDoesNotReviveIt) {
  Night night;
  const ExamId first = night.submit("A1");
  night.requester().cancel(first);
  const Answer late = night.submit(lyon, night.request("A1"), "MSG-A1");
  EXPECT_EQ(late.exam, first);
  EXPECT_TRUE(late.duplicate);
  EXPECT_EQ(night.state(first), ExamState::cancelled);
}

TEST(Requests, ACancelledOrderSentAnewAfterTheArchiveIsANewGeneration) {
  Night night;
  const ExamId first = night.submit("A1");
  night.requester().cancel(first);
  night.wait(13_h);
  EXPECT_FALSE(night.has_exam(first));
  const Answer again = night.submit(marseille, night.request("A1"), "another message");
  EXPECT_FALSE(again.duplicate);
  EXPECT_EQ(night.exam(again.exam).generation, 2);
}

TEST(Requests, ARefusedOrderSentAnewReachesTheRegulatorAgain) {
  Night night;
  const ExamId first = night.submit("A1");
  night.regulator().claim(first);
  EXPECT_EQ(night.regulator().refuse(first).code, Errc::ok);
  const Answer again = night.submit(marseille, night.request("A1"), "they insist");
  EXPECT_NE(again.exam, first);
  EXPECT_EQ(night.state(again.exam), ExamState::requested);
}

TEST(Requests, KeysOfReadExamsAreKnownForNinetyDaysAndForgottenAfter) {
  Night night;
  Request order = night.request(polyclinique, "A1");
  const ExamId exam = night.submit(marseille, order, "M1").exam;
  night.accepted(exam);
  Actor& anne = night.read(p_anne);
  anne.free();
  night.complete(exam);
  anne.accept_offer(exam);
  anne.sign(exam, 1);
  anne.away();
  EXPECT_EQ(night.state(exam), ExamState::delivered);
  night.wait(13_h);
  ASSERT_FALSE(night.has_exam(exam));
  const auto closed_at = night.at;
  night.at = closed_at + 24_h * 89;
  const Answer known = night.submit(marseille, order, "sent again by a restarted interface");
  EXPECT_TRUE(known.duplicate);
  EXPECT_EQ(known.exam, exam);
  night.at = closed_at + 24_h * 91;
  night.tick();
  const Answer forgotten = night.submit(marseille, order, "M1");
  EXPECT_FALSE(forgotten.duplicate);
  EXPECT_NE(forgotten.exam, exam);
}

TEST(Requests, SeveralOrdersOfOneMessageAreAllOrNone) {
  Night night;
  Submit submit{{night.request("A1"), night.request("A2"), night.request("A3")}, "M1"};
  Submit bad = submit;
  bad.requests[2].establishment = {999};
  const Answer none = night.node(marseille, bad);
  EXPECT_EQ(none.code, Errc::unknown_establishment);
  EXPECT_EQ(none.text, "A3");
  EXPECT_EQ(night.room.state().exams().size(), 0u);
  const Answer all = night.node(marseille, submit);
  EXPECT_EQ(all.exams.size(), 3u);
  EXPECT_EQ(all.exam, all.exams.front());
  const Answer again = night.node(lyon, submit);
  EXPECT_EQ(again.exams, all.exams);
  EXPECT_TRUE(again.duplicate);
}

TEST(Requests, AMessageOfWhichSomethingIsNewIsNoDuplicate) {
  Night night;
  const Answer known = night.node(marseille, Submit{{night.request("A1")}, "M1"});
  const Submit more{{night.request("A1"), night.request("A2")}, "M1"};
  const Answer some = night.node(marseille, more);
  EXPECT_FALSE(some.duplicate);
  EXPECT_GT(some.index, known.index);
  EXPECT_EQ(some.exams.front(), known.exam);
  const Answer again = night.node(lyon, more);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.exams, some.exams);
}

TEST(Requests, AMessageCarriesOneToSixteenOrders) {
  Night night;
  EXPECT_EQ(night.node(marseille, Submit{{}, "M1"}).code, Errc::bad_value);
  Submit many{std::vector<Request>(17, night.request("A1")), "M1"};
  EXPECT_EQ(night.node(marseille, many).code, Errc::bad_value);
}

// domain F5
TEST(Requests, WhatDoesNotFitIsRefusedAndChangesNothing) {
  Night night;
  const auto refused = [&](auto&& spoil, Errc code) {
    Request r = night.request("A1");
    spoil(r);
    const Bits128 before = night.room.state().exams().digest();
    EXPECT_EQ(night.submit(marseille, r, "M1").code, code);
    EXPECT_EQ(night.room.state().exams().digest(), before);
  };
  const std::string long_name(129, 'x');
  refused([](Request& r) { r.key.number.clear(); }, Errc::bad_value);
  refused([&](Request& r) { r.key.number = long_name; }, Errc::bad_value);
  refused([&](Request& r) { r.key.authority = long_name; }, Errc::bad_value);
  refused([](Request& r) { r.key.legal_entity = {7}; }, Errc::bad_value);
  refused([](Request& r) { r.establishment = {}; }, Errc::unknown_establishment);
  refused([](Request& r) { r.sealed.assign(limits::sealed_bytes + 1, 'x'); }, Errc::too_large);
  refused([&](Request& r) { r.accessions = {long_name}; }, Errc::bad_value);
  refused([](Request& r) { r.studies.assign(17, "1.2"); }, Errc::bad_value);
  refused([&](Request& r) { r.callback_phone = long_name; }, Errc::bad_value);
}

// domain R9
TEST(Requests, ARequesterSpeaksForHisOwnHospitalOnly) {
  Night night;
  Actor& stranger = night.actor(p_requester_edouard, Role::requester, lyon);
  EXPECT_EQ(stranger.say(Submit{{night.request("A1")}, "M1"}).code, Errc::unauthorised);
  const ExamId exam = night.submit("A2");
  EXPECT_EQ(stranger.cancel(exam).code, Errc::unauthorised);
  EXPECT_EQ(night.requester().cancel(exam).code, Errc::ok);
}

// domain R9, N8
TEST(Requests, OfOneLegalEntityEachHospitalAmendsItsOwn) {
  Night night;
  Directory d = night.room.directory();
  ++d.version;
  for (Establishment& e : d.establishments) {
    if (e.id == edouard) e.legal_entity = {timone.value};
  }
  ASSERT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::ok);
  const ExamId exam = night.submit("A1");
  Actor& stranger = night.actor(p_requester_edouard, Role::requester, lyon);
  Request same_number = night.request(edouard, "A1");
  same_number.key = night.request("A1").key;
  same_number.sealed = "another patient";
  EXPECT_EQ(stranger.say(Submit{{same_number}, "M9"}).code, Errc::unauthorised);
  EXPECT_EQ(stranger.say(Amend{same_number, "M9"}).code, Errc::unauthorised);
  EXPECT_EQ(night.exam(exam).request.sealed, "sealed A1");
  same_number.key.number = "A2";
  EXPECT_EQ(stranger.say(Submit{{same_number}, "M10"}).code, Errc::ok);
}

TEST(Requests, SayNothingThatIsTheRoomsToSay) {
  Night night;
  for (const ExamFlag flag : {ExamFlag::pinned, ExamFlag::exceptional, ExamFlag::overflow,
                              ExamFlag::critical, ExamFlag::bypassed, ExamFlag{1u << 31}}) {
    Request r = night.request("A1");
    r.flags = flag;
    EXPECT_EQ(night.submit(marseille, r, "M1").code, Errc::bad_value);
  }
}

// domain O6, F16
TEST(Requests, KeepThatAnUltrasoundWouldHaveBeenTheFirstChoiceAndWhatToCompare) {
  Night night;
  Request r = night.request("A1");
  r.flags = ExamFlag::instead_of_ultrasound;
  r.priors = {"1.2.3"};
  const ExamId exam = night.submit(marseille, r, "M1").exam;
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::instead_of_ultrasound));
  r.priors = {"1.2.3", "1.2.4"};
  EXPECT_EQ(night.node(marseille, Amend{r, "M2"}).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).request.priors, (std::vector<std::string>{"1.2.3", "1.2.4"}));
  Actor& anne = night.read(p_anne);
  anne.next();
  night.complete(night.accepted(exam));
  EXPECT_EQ(night.said(EventKind::read_accepted)->card->priors.size(), 2u) << "for her to compare";
  r.key.number = "A2";
  r.priors.assign(limits::priors_count + 1, "1.2.5");
  EXPECT_EQ(night.submit(marseille, r, "M3").code, Errc::bad_value);
}

// domain O5, O7
TEST(Requests, UltrasoundIsRefusedWithItsRecourseCentre) {
  Night night;
  Request adult = night.request("A1");
  adult.modality = Modality::us;
  const Answer answer = night.submit(marseille, adult, "M1");
  EXPECT_EQ(answer.code, Errc::ok);
  EXPECT_EQ(answer.text, "CHU Nord, 04 00, 30 min");
  EXPECT_EQ(night.state(answer.exam), ExamState::refused);
  EXPECT_NE(night.said(EventKind::request_refused_by_rule), nullptr);
  const Answer again = night.submit(lyon, adult, "M1");
  EXPECT_EQ(again.exam, answer.exam);
  EXPECT_EQ(again.text, answer.text);
  Request child = night.request("A2");
  child.modality = Modality::us;
  child.age_class = AgeClass::child;
  EXPECT_EQ(night.submit(marseille, child, "M2").text, "Pole enfants, 04 11, 45 min");
}

TEST(Requests, AnOrderAmendedToUltrasoundIsRefusedTheSameWay) {
  Night night;
  const ExamId exam = night.submit("A1");
  night.regulator().claim(exam);
  Request r = night.request("A1");
  r.modality = Modality::us;
  const Answer answer = night.node(marseille, Amend{r, "M2"});
  EXPECT_EQ(answer.text, "CHU Nord, 04 00, 30 min");
  EXPECT_EQ(night.state(exam), ExamState::refused);
}

TEST(Requests, AnUnknownModalityIsAcceptedAndFlaggedAndSetByTheRegulator) {
  Night night;
  Request r = night.request("A1");
  r.modality = Modality::unknown;
  const ExamId exam = night.submit(marseille, r, "M1").exam;
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::modality_unknown));
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::no_agreement));
  night.regulator().claim(exam);
  EXPECT_EQ(night.regulator().accept(exam).code, Errc::bad_value);
  EXPECT_EQ(night.regulator()
                .say(Accept{exam, "R1", "TDM v1", Urgency::p2, Modality::us, Region::chest})
                .code,
            Errc::modality_excluded);
  EXPECT_EQ(night.regulator()
                .say(Accept{exam, "R1", "TDM v1", Urgency::p2, Modality::ct, Region::chest})
                .code,
            Errc::ok);
  EXPECT_FALSE(has(night.exam(exam).flags, ExamFlag::modality_unknown));
  EXPECT_FALSE(has(night.exam(exam).flags, ExamFlag::no_agreement));
  EXPECT_EQ(night.exam(exam).group, everyone_group);
}

TEST(Requests, WithoutAnAgreementTheRegulatorMayAcceptAsExceptional) {
  Night night;
  Request r = night.request("A1");
  r.modality = Modality::cr;
  const ExamId exam = night.submit(marseille, r, "M1").exam;
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::no_agreement));
  night.accepted(exam, Urgency::p2, "RX v1");
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::exceptional));
}

TEST(Requests, AHospitalCannotAskForMoreThanP1) {
  Night night;
  Request r = night.request("A1");
  r.asked = Urgency::p0;
  const ExamId exam = night.submit(marseille, r, "M1").exam;
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p1);
}

TEST(Requests, AnAmendmentRaisesTheUrgencyAndNeverLowersIt) {
  Night night;
  const ExamId exam = night.submit("A1");
  Request r = night.request("A1");
  r.asked = Urgency::p0;
  EXPECT_EQ(night.node(marseille, Amend{r, "M2"}).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p1);
  r.asked = Urgency::p3;
  EXPECT_EQ(night.node(marseille, Amend{r, "M3"}).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p1);
}

TEST(Requests, AnAmendmentOfAWaitingExamMovesItInTheQueue) {
  Night night;
  const ExamId first = night.ready("A1", Urgency::p3);
  const ExamId second = night.ready("A2", Urgency::p3);
  Request r = night.request("A2");
  r.asked = Urgency::p1;
  night.node(marseille, Amend{r, "M3"});
  Actor& anne = night.read(p_anne);
  anne.next();
  EXPECT_EQ(anne.in_hand(), second);
  EXPECT_EQ(night.state(first), ExamState::ready);
}

TEST(Requests, AskedStatTheyRingWhateverTheirUrgencyNowOrFromAnAmendmentOn) {
  Night night;
  Request stat = night.request("A1");
  stat.flags = ExamFlag::asked_stat;
  const ExamId first = night.submit(marseille, stat, "M1").exam;
  EXPECT_TRUE(has(night.exam(first).flags, ExamFlag::asked_stat));
  const ExamId second = night.submit(marseille, night.request("A2"), "M2").exam;
  EXPECT_FALSE(has(night.exam(second).flags, ExamFlag::asked_stat));
  Request now = night.request("A2");
  now.flags = ExamFlag::asked_stat;
  night.node(marseille, Amend{now, "M3"});
  EXPECT_TRUE(has(night.exam(second).flags, ExamFlag::asked_stat));
  night.node(marseille, Amend{night.request("A2"), "M4"});
  EXPECT_TRUE(has(night.exam(second).flags, ExamFlag::asked_stat)) << "asked once, asked";
}

TEST(Requests, AnAmendmentAfterTheProtocolIsFlaggedAndKeepsTheModality) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  Request r = night.request("A1");
  r.modality = Modality::mr;
  r.sealed = "another name";
  night.node(marseille, Amend{r, "M2"});
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::amended));
  EXPECT_EQ(night.exam(exam).request.modality, Modality::ct);
  EXPECT_EQ(night.exam(exam).request.sealed, "another name");
}

TEST(Requests, AnAmendmentOfAnUnknownOrderIsRefused) {
  Night night;
  EXPECT_EQ(night.node(marseille, Amend{night.request("A9"), "M1"}).code, Errc::unknown_key_order);
}

// domain R9
TEST(Requests, ACancelIsPossibleUntilTheAcquisitionBegins) {
  Night night;
  const ExamId early = night.submit("A1");
  const ExamId claimed = night.submit("A2");
  night.regulator().claim(claimed);
  const ExamId protocolled = night.protocolled("A3");
  for (ExamId exam : {early, claimed, protocolled}) {
    EXPECT_EQ(night.requester().cancel(exam).code, Errc::ok);
    EXPECT_EQ(night.state(exam), ExamState::cancelled);
    EXPECT_TRUE(night.requester().cancel(exam).duplicate);
  }
  const ExamId begun = night.protocolled("A4");
  night.technologist().say(AcquisitionStarted{{begun, {}}});
  EXPECT_EQ(night.requester().cancel(begun).code, Errc::acquisition_begun);
  EXPECT_EQ(night.state(begun), ExamState::acquiring);
}

// domain F3
TEST(Requests, AnExamWhoseImagesAreThereIsReadEvenIfNobodyRegulatedItYet) {
  Night night;
  const ExamId exam = night.submit("A1");
  night.complete(exam);
  EXPECT_EQ(night.requester().cancel(exam).code, Errc::acquisition_begun);
}

TEST(Requests, ACancelByOrderNumberFindsTheCurrentGeneration) {
  Night night;
  const ExamId first = night.submit("A1");
  const OrderKey key = night.exam(first).request.key;
  EXPECT_EQ(night.node(marseille, Cancel{{{}, key}, "mistake"}).exam, first);
  const ExamId second = night.submit(marseille, night.request("A1"), "M2").exam;
  EXPECT_EQ(night.node(marseille, Cancel{{{}, key}, "again"}).exam, second);
  OrderKey unknown = key;
  unknown.number = "A7";
  EXPECT_EQ(night.node(marseille, Cancel{{{}, unknown}, "?"}).code, Errc::unknown_key_order);
}

TEST(Requests, WithoutRegulationAnExamArrivesMadeAndIsOfferedAtOnce) {
  Night night;
  Actor& lea = night.read(p_lea);
  lea.free();
  Request r = night.request(edouard, "A1");
  r.modality = Modality::cr;
  r.protocol = "RX v1";
  r.images_complete = true;
  const ExamId exam = night.submit(lyon, r, "M1").exam;
  EXPECT_EQ(night.state(exam), ExamState::offered);
  EXPECT_EQ(lea.in_hand(), exam);
  r = night.request(polyclinique, "A2");
  r.modality = Modality::cr;
  r.protocol = "RX v1";
  r.images_complete = false;
  EXPECT_EQ(night.state(night.submit(marseille, r, "M2").exam), ExamState::protocolled);
  r = night.request(edouard, "A3");
  r.modality = Modality::cr;
  r.protocol = "no such";
  EXPECT_EQ(night.state(night.submit(lyon, r, "M3").exam), ExamState::requested);
}

// Request numbers of a session.

TEST(RequestNumbers, TheSameNumberGetsTheSameAnswerAndIsNotDoneAgain) {
  Night night;
  Actor& requester = night.requester();
  const Answer first = requester.say(Submit{{night.request("A1")}, "M1"});
  night.pass(1_s);
  const Answer again = night.apply(requester.proposal(Submit{{night.request("A1")}, "M1"}));
  EXPECT_EQ(again.exam, first.exam);
  EXPECT_EQ(again.index, first.index);
  EXPECT_TRUE(again.duplicate);
}

TEST(RequestNumbers, ARoomFromASnapshotGivesTheSameAnswerToo) {
  Night night;
  Actor& requester = night.requester();
  const Answer first = requester.say(Submit{{night.request("A1")}, "M1"});
  night.room.begin_snapshot();
  SnapshotLoader loader;
  for (std::string piece = night.room.next_snapshot_piece(4096); !piece.empty();
       piece = night.room.next_snapshot_piece(4096)) {
    ASSERT_TRUE(loader.feed(piece));
  }
  auto loaded = loader.finish();
  ASSERT_TRUE(loaded) << loaded.error().what;
  night.room = std::move(*loaded);
  const Answer again = night.apply(requester.proposal(Submit{{night.request("A1")}, "M1"}));
  EXPECT_EQ(again.code, Errc::ok);
  EXPECT_EQ(again.index, first.index);
  EXPECT_TRUE(again.duplicate);
}

TEST(RequestNumbers, ARefusalIsRememberedToo) {
  Night night;
  Actor& regulator = night.regulator();
  EXPECT_EQ(regulator.claim({77}).code, Errc::unknown_exam);
  const Answer again = night.apply(regulator.proposal(Claim{{77}}));
  EXPECT_EQ(again.code, Errc::unknown_exam);
  EXPECT_TRUE(again.duplicate);
}

TEST(RequestNumbers, TheSameNumberWithOtherContentIsRefused) {
  Night night;
  Actor& requester = night.requester();
  requester.say(Submit{{night.request("A1")}, "M1"});
  Proposal other = requester.proposal(Submit{{night.request("A2")}, "M2"});
  ++other.content_hash;
  EXPECT_EQ(night.apply(other).code, Errc::request_reused);
  EXPECT_EQ(night.room.state().exams().size(), 1u);
}

TEST(RequestNumbers, AGapIsToldWhereToGoOn) {
  Night night;
  Actor& requester = night.requester();
  requester.say(Submit{{night.request("A1")}, "M1"});
  Proposal ahead = requester.proposal(Submit{{night.request("A2")}, "M2"});
  ahead.request = {9};
  const Answer answer = night.apply(ahead);
  EXPECT_EQ(answer.code, Errc::retry_from);
  EXPECT_EQ(answer.next, RequestNo{2});
  EXPECT_EQ(night.room.state().exams().size(), 1u);
}

TEST(RequestNumbers, OlderThanTheWindowIsNeverDoneAgain) {
  Night night;
  Actor& requester = night.requester();
  const Proposal first = [&] {
    requester.say(Submit{{night.request("A0")}, "M0"});
    return requester.proposal(Submit{{night.request("A0")}, "M0"});
  }();
  for (int i = 1; i < 32; ++i) requester.cancel({});
  EXPECT_TRUE(night.apply(first).duplicate);
  requester.cancel({});
  EXPECT_EQ(night.apply(first).code, Errc::old_request);
  EXPECT_EQ(requester.record().answers.size(), limits::answers_remembered);
}

TEST(RequestNumbers, AnUnknownCommandIsAnswered) {
  Night night;
  EXPECT_EQ(night.regulator().say(UnknownCommand{77}).code, Errc::unknown_command);
  EXPECT_EQ(night.node(lyon, UnknownCommand{78}).code, Errc::unknown_command);
  night.room.apply_undecodable(next(night.room.applied()), night.at, night.out);
  EXPECT_EQ(night.regulator().claim({1}).code, Errc::unknown_exam);
}

}  // namespace
}  // namespace vigie::room::test
