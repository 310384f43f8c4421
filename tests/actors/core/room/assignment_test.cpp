// Who reads what: order of exams, order of readers, relax steps, offers (T10 to T13; domain 5.5).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

// domain N4
TEST(Assignment, AMarseillePatientIsReadInBordeauxWhenTheBestReaderIsThere) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.protocolled("A1");
  EXPECT_EQ(night.state(exam), ExamState::protocolled);
  night.complete(exam);
  EXPECT_EQ(night.state(exam), ExamState::offered);
  EXPECT_EQ(night.exam(exam).reader, p_anne);
  EXPECT_EQ(night.exam(exam).reading_site, bordeaux);
  EXPECT_EQ(night.exam(exam).epoch, (Epoch{0, night.room.applied().value}));
  const Event* offer = night.said(EventKind::read_offered);
  ASSERT_NE(offer, nullptr);
  EXPECT_EQ(offer->session, anne.session);
  EXPECT_EQ(offer->by, p_anne);
  ASSERT_NE(offer->card, nullptr);
  EXPECT_EQ(offer->card->offered_until, night.at + 30_s);
}

// domain F14
TEST(Assignment, EveryDecisionSaysWhy) {
  Night night;
  night.read(p_mia).free();
  night.read(p_anne).free();
  night.read(p_lea).away();
  Request mr = night.request("A1");
  mr.modality = Modality::mr;
  const ExamId exam = night.submit(marseille, mr, "M1").exam;
  night.accepted(exam, Urgency::p0, "NEURO v1");
  night.complete(exam);
  // South reads MR, Lyon on overflow: Mia has no privilege for MR, Anne is in neither group.
  EXPECT_EQ(night.state(exam), ExamState::ready);
  night.read(p_lea).free();
  ASSERT_EQ(night.state(exam), ExamState::offered);
  const Decision& d = night.exam(exam).decisions.back();
  EXPECT_EQ(d.reader, p_lea);
  EXPECT_TRUE(d.by_reader);
  EXPECT_EQ(d.directory_version, 1u);
  EXPECT_EQ(d.relax_step, 2);
  EXPECT_EQ(d.index, night.room.applied());
  EXPECT_EQ(d.removals, (std::vector<Removal>{{p_anne, Filter::group}, {p_mia, Filter::modality}}));
}

TEST(Assignment, TheDecisionSaysWhoWasRemovedByWhatAndKeepsTheBestCandidates) {
  Night night;
  night.read(p_mia).free();
  night.pass(30_s);
  night.read(p_anne).free();
  night.read(p_pia).free();
  Request mr = night.request("A1");
  mr.modality = Modality::mr;
  const ExamId exam = night.submit(marseille, mr, "M1").exam;
  night.accepted(exam, Urgency::p2, "NEURO v1");
  const Answer done = night.node(marseille, AcquisitionComplete{{exam, {}}, {}, {}, 9, false});
  ASSERT_EQ(done.code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready) << "neuro first: nobody in the south has it";
  night.wait(60_s);
  ASSERT_EQ(night.state(exam), ExamState::offered) << "then any privileged reader of the agreement";
  const Decision& d = night.exam(exam).decisions.back();
  EXPECT_EQ(d.reader, p_pia);
  EXPECT_EQ(d.removed[static_cast<std::size_t>(Filter::modality)], 1);
  EXPECT_EQ(d.removed[static_cast<std::size_t>(Filter::group)], 1);
  EXPECT_EQ(d.removed[static_cast<std::size_t>(Filter::eligible)], 1);
  EXPECT_EQ(d.removals, (std::vector<Removal>{{p_mia, Filter::modality}, {p_anne, Filter::group}}));
  ASSERT_EQ(d.candidates.size(), 1u);
  EXPECT_EQ(d.candidates[0].reader, p_pia);
}

TEST(Assignment, TheDecisionSaysWhichReadersWereNotFree) {
  Night night;
  night.read(p_mia).free();
  const ExamId first = night.ready("A1", Urgency::p0, "NEURO v1");
  ASSERT_EQ(night.state(first), ExamState::offered);
  night.read(p_anne).free();
  const ExamId second = night.ready("A2", Urgency::p0, "NEURO v1");
  ASSERT_EQ(night.state(second), ExamState::offered);
  const Decision& d = night.exam(second).decisions.back();
  EXPECT_EQ(d.reader, p_anne);
  EXPECT_EQ(d.removed[static_cast<std::size_t>(Filter::not_free)], 1);
  EXPECT_EQ(d.removals, (std::vector<Removal>{{p_mia, Filter::not_free}}));
}

// domain O12
TEST(Assignment, RelaxStepsOpenSkillThenOverflowThenRingTheDutyHead) {
  Night night;
  Actor& luc = night.read(p_luc);  // Lyon: the overflow of the south; no neuro
  luc.free();
  Request mr = night.request("A1");
  mr.modality = Modality::mr;
  const ExamId exam = night.submit(marseille, mr, "M1").exam;
  night.accepted(exam, Urgency::p2, "NEURO v1");
  luc.away();
  night.complete(exam);
  night.wait(59_s);
  EXPECT_EQ(night.exam(exam).relax_step, 0);
  night.wait(1_s);
  EXPECT_EQ(night.exam(exam).relax_step, 1);
  luc.free();
  EXPECT_EQ(night.state(exam), ExamState::ready) << "Lyon is not open yet";
  luc.away();
  night.wait(120_s);
  EXPECT_EQ(night.exam(exam).relax_step, 2);
  night.wait(180_s);
  EXPECT_EQ(night.count(EventKind::exam_without_reader), 1u);
  luc.free();
  EXPECT_EQ(luc.in_hand(), exam);
}

TEST(Assignment, RelaxingGivesTheExamToAReaderWhoIsAlreadyFree) {
  Night night;
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const ExamId exam = night.ready("A1", Urgency::p2, "NEURO v1");
  EXPECT_EQ(night.state(exam), ExamState::ready);
  night.wait(60_s);
  EXPECT_EQ(bruno.in_hand(), exam);
}

// domain F11
TEST(Assignment, AVitalExamStartsWithAllStepsOpen) {
  Night night;
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  const ExamId exam = night.ready("A1", Urgency::p3, "AVC v3");
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p0);
  EXPECT_EQ(night.exam(exam).relax_step, 2);
  EXPECT_EQ(bruno.in_hand(), exam);
}

TEST(Assignment, ExamsGoVitalFirstThenEmergentThenByDeadline) {
  Night night;
  const ExamId p3_old = night.ready("A1", Urgency::p3);
  night.pass(50_min);
  const ExamId p2 = night.ready("A2", Urgency::p2);
  const ExamId p3_new = night.ready("A3", Urgency::p3);
  const ExamId p1_old = night.ready("A4", Urgency::p1);
  const ExamId p0_old = night.ready("A5", Urgency::p0);
  night.pass(1_s);
  const ExamId p1 = night.ready("A6", Urgency::p1);
  const ExamId p0 = night.ready("A7", Urgency::p0);
  Actor& anne = night.read(p_anne);
  anne.next();
  // P2 is due 45 min after its images, the old P3 70 min from now, the new one 120.
  std::uint64_t report = 0;
  for (ExamId expected : {p0_old, p0, p1_old, p1, p2, p3_old, p3_new}) {
    ASSERT_EQ(anne.in_hand(), expected);
    ASSERT_EQ(anne.sign(expected, ++report).code, Errc::ok);
  }
  EXPECT_FALSE(anne.in_hand());
}

TEST(Assignment, AnOverdueP3GoesBeforeAYoungP2ButNeverBeforeAP1) {
  Night night;
  const ExamId p3 = night.ready("A1", Urgency::p3);
  night.pass(119_min);
  const ExamId p2 = night.ready("A2", Urgency::p2);
  const ExamId p1 = night.ready("A3", Urgency::p1);
  Actor& anne = night.read(p_anne);
  anne.next();
  EXPECT_EQ(anne.in_hand(), p1);
  anne.sign(p1, 1);
  EXPECT_EQ(anne.in_hand(), p3);
  anne.sign(p3, 2);
  EXPECT_EQ(anne.in_hand(), p2);
}

TEST(Assignment, WhoAskedForTheNextReadsAtOnce) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.next();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::reading);
  EXPECT_EQ(night.room.next_due(), FedTime{}) << "nothing times out while he reads";
}

// domain F7
TEST(Assignment, AReaderHasOneExamAtATime) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId first = night.being_read("A1", anne);
  const ExamId second = night.ready("A2");
  EXPECT_EQ(night.state(second), ExamState::ready);
  anne.free();
  EXPECT_EQ(anne.in_hand(), first);
  anne.sign(first, 1);
  EXPECT_EQ(anne.in_hand(), second);
}

TEST(Assignment, LongestIdleReadsFirstAndSayingFreeAgainCostsNoTurn) {
  Night night;
  Actor& anne = night.read(p_anne);
  Actor& bruno = night.read(p_bruno);
  anne.free();
  night.pass(2_min);
  bruno.free();
  night.pass(1_min);
  anne.free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(anne.in_hand(), exam);
}

TEST(Assignment, AChildGoesToAPaediatricReaderWhateverWasRelaxed) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  Request r = night.request("A1");
  r.age_class = AgeClass::child;
  const ExamId exam = night.submit(marseille, r, "M1").exam;
  night.accepted(exam, Urgency::p0);
  night.complete(exam);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  night.read(p_luc).free();
  EXPECT_EQ(night.exam(exam).reader, p_luc);
}

// domain Q11
TEST(Assignment, ASecondExamOfAPatientGoesToWhoReadTheFirst) {
  Night night;
  Actor& anne = night.read(p_anne);
  Request first = night.request("A1");
  first.patient_key = {1, 2};
  const ExamId a1 = night.submit(marseille, first, "M1").exam;
  night.accepted(a1);
  anne.free();
  night.complete(a1);
  anne.accept_offer(a1);
  anne.sign(a1, 1);
  Actor& pia = night.read(p_pia);  // same territory as the patient, but she does not know him
  pia.free();
  Request second = night.request("A2");
  second.patient_key = {1, 2};
  const ExamId a2 = night.submit(marseille, second, "M2").exam;
  night.accepted(a2);
  night.complete(a2);
  EXPECT_EQ(night.exam(a2).reader, p_anne);
  anne.decline(a2);
  night.pass(31_min);
  Request third = night.request("A3");
  third.patient_key = {1, 2};
  const ExamId a3 = night.submit(marseille, third, "M3").exam;
  EXPECT_EQ(night.state(a3), ExamState::requested);
}

TEST(Offers, AcceptingTwiceIsAcceptingOnce) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Answer again = anne.accept_offer(exam);
  EXPECT_EQ(again.code, Errc::ok);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(night.count(EventKind::read_accepted), 1u);
}

TEST(Offers, AnOfferNotAcceptedInTimeReturnsAndItsReaderIsAway) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  const Epoch offered = night.exam(exam).epoch;
  night.wait(29_s);
  EXPECT_EQ(night.state(exam), ExamState::offered);
  EXPECT_EQ(night.room.next_due(), night.at + 1_s);
  night.wait(1_s);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_NE(night.exam(exam).epoch, offered);
  EXPECT_EQ(anne.record().mode, ReaderMode::away);
  const Answer late = anne.say(AcceptOffer{exam, offered});
  EXPECT_EQ(late.code, Errc::stale);
  EXPECT_EQ(late.epoch, night.exam(exam).epoch);
}

TEST(Offers, AnAcceptanceInTheEntryOfTheTimeOutComesTooLate) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  const Epoch offered = night.exam(exam).epoch;
  night.pass(30_s);
  EXPECT_EQ(anne.say(AcceptOffer{exam, offered}).code, Errc::stale);
}

TEST(Offers, AVitalOfferWaitsHalfAsLong) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1", Urgency::p0);
  night.wait(15_s);
  EXPECT_EQ(night.state(exam), ExamState::ready);
}

TEST(Offers, AnExpiredOfferGoesToTheNextReader) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  night.wait(30_s);
  EXPECT_EQ(bruno.in_hand(), exam);
}

TEST(Assignment, AfterAPauseAnExamIsRelaxedAllTheWayBeforeALowerClassIsGiven) {
  Night night;
  const EstablishmentId of = pellegrin;
  const auto irm = [&](const std::string& number, Urgency urgency) {
    Request r = night.request(of, number);
    r.modality = Modality::mr;
    const Answer submitted = night.submit(bordeaux, std::move(r), "M" + number);
    EXPECT_EQ(submitted.code, Errc::ok) << submitted.text;
    return night.accepted(submitted.exam, urgency, "NEURO v1");
  };
  const ExamId p3 = irm("A2", Urgency::p3);
  EXPECT_EQ(night.node(bordeaux, ImagesProgress{{p3, {}}, 10, 0}).code, Errc::ok);
  night.pass(9_min);
  const ExamId p1 = irm("A1", Urgency::p1);
  EXPECT_EQ(night.node(bordeaux, AcquisitionComplete{{p1, {}}, {}, {}, 9, false}).code, Errc::ok);
  Actor& lea = night.read(p_lea);  // in Lyon, which the agreement opens as overflow
  lea.free();
  EXPECT_EQ(night.state(p1), ExamState::ready);
  night.wait(5_min);  // without a leader: both steps are due, and the P3 is complete by silence
  EXPECT_EQ(lea.in_hand(), p1);
}

TEST(Offers, OfTwoThatExpireTogetherTheMoreUrgentGoesToTheNextReader) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId p3 = night.ready("A1", Urgency::p3);
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  night.pass(1_s);
  const ExamId p2 = night.ready("A2", Urgency::p2);
  ASSERT_EQ(anne.in_hand(), p3);
  ASSERT_EQ(bruno.in_hand(), p2);
  Actor& luc = night.read(p_luc);
  luc.free();
  night.wait(1_min);  // as after a failover: nothing was applied meanwhile
  EXPECT_EQ(luc.in_hand(), p2);
  EXPECT_EQ(night.state(p3), ExamState::ready);
}

TEST(Offers, OfTwoThatALostCentreHadTheMoreUrgentGoesToTheNextReader) {
  for (const bool anne_has_p0 : {false, true}) {
    Night night;
    Actor& anne = night.read(p_anne);
    anne.free();
    const ExamId first = night.ready("A1", anne_has_p0 ? Urgency::p0 : Urgency::p3);
    Actor& bruno = night.read(p_bruno);
    bruno.free();
    const ExamId second = night.ready("A2", anne_has_p0 ? Urgency::p3 : Urgency::p0);
    ASSERT_EQ(anne.in_hand(), first);
    ASSERT_EQ(bruno.in_hand(), second);
    Actor& luc = night.read(p_luc);
    luc.free();
    night.node(lyon, SiteContact{bordeaux, {1}, false});
    EXPECT_EQ(luc.in_hand(), anne_has_p0 ? first : second);
    EXPECT_EQ(night.state(anne_has_p0 ? second : first), ExamState::ready);
  }
}

TEST(Offers, ADeclinedExamIsNotOfferedAgainToWhoDeclinedIt) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  const ExamId other = night.ready("A2");
  EXPECT_EQ(anne.decline(exam, DeclineReason::skill).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_EQ(anne.in_hand(), other) << "he takes the next";
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  EXPECT_EQ(bruno.in_hand(), exam);
}

TEST(Offers, ADeclineNeedsAReason) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(anne.decline(exam, DeclineReason::none).code, Errc::bad_value);
  EXPECT_EQ(night.state(exam), ExamState::offered);
}

TEST(Offers, TheThirdDeclineGoesToTheDutyHead) {
  Night night;
  const ExamId exam = night.ready("A1");
  for (PersonId who : {p_anne, p_bruno, p_lea}) {
    EXPECT_EQ(night.count(EventKind::exam_without_reader), 0u);
    Actor& reader = night.read(who);
    reader.free();
    EXPECT_EQ(reader.decline(exam).code, Errc::ok);
  }
  EXPECT_EQ(night.count(EventKind::exam_without_reader), 1u);
}

TEST(Offers, UnreadableImagesGoBackToTheTechnologist) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(anne.decline(exam, DeclineReason::images).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::acquiring);
  EXPECT_FALSE(anne.in_hand());
  night.complete(exam);
  EXPECT_EQ(anne.in_hand(), exam) << "he may read them once they are good";
}

TEST(Offers, SomebodyElsesOfferCannotBeAcceptedNorDeclined) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  Actor& bruno = night.read(p_bruno);
  EXPECT_EQ(bruno.accept_offer(exam).code, Errc::not_holder);
  EXPECT_EQ(bruno.decline(exam).code, Errc::not_holder);
  EXPECT_EQ(bruno.say(AcceptOffer{{99}, {}}).code, Errc::unknown_exam);
}

TEST(Offers, AReleasedExamGoesToSomebodyElse) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(anne.say(Release{exam, night.exam(exam).epoch, ""}).code, Errc::bad_value);
  EXPECT_EQ(anne.release(exam).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_FALSE(anne.in_hand());
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  EXPECT_EQ(bruno.in_hand(), exam);
}

TEST(Offers, AReaderMayHaveMoreExamsAfterADirectoryGivesHimThePrivilege) {
  Night night;
  Actor& mia = night.read(p_mia);
  mia.free();
  Request mr = night.request("A1");
  mr.modality = Modality::mr;
  const ExamId exam = night.submit(marseille, mr, "M1").exam;
  night.accepted(exam);
  night.complete(exam);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  Directory d = three_centres();
  d.version = 2;
  for (Person& p : d.people) {
    if (p.id == p_mia) p.privileges[0].modalities.add(Modality::mr);
  }
  night.node(lyon, ApplyDirectory{d});
  EXPECT_EQ(mia.in_hand(), exam);
  EXPECT_EQ(night.exam(exam).decisions.back().directory_version, 2u);
}

TEST(Offers, ADrainingCentreGetsNoNewOffer) {
  Night night;
  Directory d = three_centres();
  d.version = 2;
  d.sites[1].draining = true;
  night.node(lyon, ApplyDirectory{d});
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(night.state(exam), ExamState::ready);
  d.version = 3;
  d.sites[1].draining = false;
  night.node(lyon, ApplyDirectory{d});
  EXPECT_EQ(anne.in_hand(), exam);
}

}  // namespace
}  // namespace vigie::room::test
