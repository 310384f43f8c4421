// Regulation, acquisition and what time alone does (T3 to T10; design D3, D5).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

TEST(Regulation, AClaimedExamIsOnePairsUntilItIsReleased) {
  Night night;
  const ExamId exam = night.submit("A1");
  Actor& regulator = night.regulator();
  Actor& other = night.actor(p_regulator_2, Role::regulator, lyon);
  EXPECT_EQ(regulator.claim(exam).code, Errc::ok);
  EXPECT_EQ(other.claim(exam).code, Errc::not_holder);
  EXPECT_EQ(other.accept(exam).code, Errc::not_holder);
  EXPECT_EQ(other.refuse(exam).code, Errc::not_holder);
  EXPECT_EQ(other.say(ReleaseClaim{exam}).code, Errc::not_holder);
  EXPECT_EQ(regulator.say(ReleaseClaim{exam}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::requested);
  EXPECT_EQ(other.claim(exam).code, Errc::ok);
  EXPECT_EQ(regulator.accept(exam).code, Errc::not_holder);
  EXPECT_EQ(other.accept(exam).code, Errc::ok);
  EXPECT_EQ(other.claim(exam).code, Errc::wrong_state);
  EXPECT_EQ(other.accept(exam).code, Errc::wrong_state);
}

/// Sits down at that post of Lyon.
void sit(Night& night, Actor& who, const std::string& post) {
  Proposal p = who.proposal({});
  p.session = {};
  who.incarnation = vigie::next(who.incarnation);
  p.command = Attach{who.session, who.incarnation, {}, who.role, lyon, post, AcceptMode::manual};
  EXPECT_EQ(night.apply(p).code, Errc::ok);
  who.request = {};
}

// domain R1
TEST(Regulation, APhysicianAndAnAssistantAtOnePostAreOneUnit) {
  Night night;
  Actor& physician = night.regulator();
  Actor& assistant = night.actor(p_assistant, Role::assistant, lyon);
  Actor& other = night.actor(p_regulator_2, Role::regulator, lyon);
  sit(night, physician, "pair-1");
  sit(night, assistant, "pair-1");
  sit(night, other, "pair-2");
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(assistant.claim(exam).code, Errc::ok);
  EXPECT_EQ(other.claim(exam).code, Errc::not_holder);
  EXPECT_EQ(assistant.accept(exam).code, Errc::unauthorised);
  EXPECT_EQ(physician.claim(exam).code, Errc::ok) << "it is theirs";
  EXPECT_EQ(physician.accept(exam).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).regulator, p_regulator) << "who decided";
}

// domain R1
TEST(Regulation, WhatAPairHasClaimedStaysTheOthersWhenOneIsLost) {
  Night night;
  Actor& physician = night.regulator();
  Actor& assistant = night.actor(p_assistant, Role::assistant, lyon);
  sit(night, physician, "pair-1");
  sit(night, assistant, "pair-1");
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(assistant.claim(exam).code, Errc::ok);
  EXPECT_EQ(night.node(lyon, ExpireSession{assistant.session, assistant.incarnation}).code,
            Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::in_regulation);
  EXPECT_EQ(night.exam(exam).regulator_session, physician.session);
  EXPECT_EQ(physician.say(Detach{}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::requested) << "both are gone";
}

TEST(Regulation, AClaimEndsAfterThreeMinutesUnlessRenewed) {
  Night night;
  const ExamId exam = night.submit("A1");
  night.regulator().claim(exam);
  night.wait(2_min);
  night.regulator().claim(exam);
  night.wait(3_min - 1_ms);
  EXPECT_EQ(night.state(exam), ExamState::in_regulation);
  night.wait(1_ms);
  EXPECT_EQ(night.state(exam), ExamState::requested);
  EXPECT_EQ(night.regulator().accept(exam).code, Errc::wrong_state);
}

// domain F12
TEST(Regulation, AnUnclaimedRequestRingsAfterTwoMinutesAndTheDutyHeadAfterFive) {
  Night night;
  night.submit("A1");
  night.wait(2_min - 1_ms);
  EXPECT_EQ(night.count(EventKind::regulation_overdue), 0u);
  night.wait(1_ms);
  EXPECT_EQ(night.count(EventKind::regulation_overdue), 1u);
  night.wait(3_min);
  ASSERT_NE(night.said(EventKind::regulation_overdue), nullptr);
  EXPECT_EQ(night.said(EventKind::regulation_overdue)->text, "2");
  night.wait(24_h);
  EXPECT_EQ(night.count(EventKind::regulation_overdue), 2u);
}

TEST(Regulation, WhatTimeDoesIsNobodysAndOfNoDoor) {
  Night night;
  const ExamId exam = night.submit("A1");
  night.pass(2_min);
  night.regulator();  // an entry of Lyon's door lets it fire
  const TimelineItem& line = night.exam(exam).timeline.back();
  EXPECT_EQ(line.event, static_cast<std::uint8_t>(EventKind::regulation_overdue));
  EXPECT_EQ(line.by, PersonId{});
  EXPECT_EQ(line.site, SiteId{});
}

// domain R9
TEST(Regulation, AQuestionWaitsForItsAnswerAndReminds) {
  Night night;
  const ExamId exam = night.submit("A1");
  Actor& regulator = night.regulator();
  regulator.claim(exam);
  EXPECT_EQ(regulator.say(AskInfo{exam, ""}).code, Errc::bad_value);
  EXPECT_EQ(regulator.say(AskInfo{exam, "creatinine?"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::needs_info);
  night.wait(10_min);
  night.wait(20_min);
  night.wait(24_h);
  EXPECT_EQ(night.count(EventKind::info_overdue), 2u);
  EXPECT_EQ(night.state(exam), ExamState::needs_info) << "never cancelled by itself";
  Actor& stranger = night.actor(p_requester_edouard, Role::requester, lyon);
  EXPECT_EQ(stranger.say(ProvideInfo{{exam, {}}, "x"}).code, Errc::unauthorised);
  const std::string huge(limits::answer_bytes + 1, 'x');
  EXPECT_EQ(night.requester().say(ProvideInfo{{exam, {}}, ""}).code, Errc::bad_value);
  EXPECT_EQ(night.requester().say(ProvideInfo{{exam, {}}, huge}).code, Errc::too_large);
  EXPECT_EQ(night.requester().say(ProvideInfo{{exam, {}}, "80"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::requested);
  EXPECT_EQ(night.exam(exam).request.sealed, "sealed A1") << "the report needs it as it came";
  EXPECT_EQ(night.exam(exam).answers, std::vector<std::string>{"80"});
  ASSERT_NE(night.said(EventKind::info_provided), nullptr);
  EXPECT_EQ(night.said(EventKind::info_provided)->card->answers, std::vector<std::string>{"80"});
  EXPECT_EQ(night.requester().say(ProvideInfo{{exam, {}}, "80"}).code, Errc::wrong_state);
}

// domain R9
TEST(Regulation, AnswersOutliveWhatTheHospitalSendsAnewAndHaveAnEnd) {
  Night night;
  const ExamId exam = night.submit("A1");
  Actor& regulator = night.regulator();
  for (std::size_t i = 0; i < limits::answers_count; ++i) {
    regulator.claim(exam);
    ASSERT_EQ(regulator.say(AskInfo{exam, "creatinine?"}).code, Errc::ok);
    ASSERT_EQ(night.requester().say(ProvideInfo{{exam, {}}, std::to_string(i)}).code, Errc::ok);
  }
  Request anew = night.request("A1");
  anew.sealed = "sealed anew";
  ASSERT_EQ(night.submit(marseille, anew, "M2").exam, exam);
  EXPECT_EQ(night.exam(exam).request.sealed, "sealed anew");
  EXPECT_EQ(night.exam(exam).answers.size(), limits::answers_count);
  EXPECT_EQ(night.exam(exam).answers.back(), "7");
  regulator.claim(exam);
  EXPECT_EQ(regulator.say(AskInfo{exam, "again?"}).code, Errc::limit_reached);
}

TEST(Regulation, ARefusalNeedsAReasonAndACall) {
  Night night;
  const ExamId exam = night.submit("A1");
  Actor& regulator = night.regulator();
  regulator.claim(exam);
  EXPECT_EQ(regulator.say(Refuse{exam, "", true}).code, Errc::bad_value);
  EXPECT_EQ(regulator.say(Refuse{exam, "no", false}).code, Errc::bad_value);
  EXPECT_EQ(regulator.refuse(exam).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::refused);
  night.wait(12_h);
  EXPECT_FALSE(night.has_exam(exam));
}

// domain R2
TEST(Regulation, WithoutAQualificationInForceNothingIsClaimed) {
  Directory d = three_centres();
  Night first;
  for (Person& p : d.people) {
    if (p.id == p_regulator) p.qualifications[0].until = {(first.at + 1_h).value};
  }
  Night night(d);
  const ExamId one = night.submit("A1"), two = night.submit("A2");
  EXPECT_EQ(night.regulator().claim(one).code, Errc::ok);
  night.pass(1_h - 1_min);
  EXPECT_EQ(night.regulator().claim(two).code, Errc::ok);
  night.pass(1_min);
  EXPECT_EQ(night.regulator().claim(two).code, Errc::ok) << "he may end what he has begun";
  EXPECT_EQ(night.regulator().accept(two).code, Errc::ok);
  EXPECT_EQ(night.regulator().claim(night.submit("A3")).code, Errc::unauthorised);
  Actor& other = night.actor(p_regulator_2, Role::regulator, lyon);
  EXPECT_EQ(other.claim(night.submit("A4")).code, Errc::ok);
}

// domain O19
TEST(Regulation, AModalityThatTheHospitalIsNotAuthorisedForIsFlaggedAndJudged) {
  Directory d = three_centres();
  for (Establishment& e : d.establishments) {
    if (e.id == edouard) e.authorised.add(Modality::ct);
  }
  Night night(d);
  Request r = night.request(edouard, "A1");
  r.modality = Modality::cr;
  r.protocol = "RX v1";  // its agreement asks for no regulation
  const ExamId exam = night.submit(lyon, r, "M1").exam;
  EXPECT_EQ(night.state(exam), ExamState::requested);
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::unauthorised_modality));
  EXPECT_EQ(night.exam(exam).reason, "CR is not authorised there");
  night.regulator().claim(exam);
  EXPECT_EQ(night.regulator().accept(exam, Urgency::p2, "RX v1").code, Errc::ok) << "his to judge";
  r = night.request(edouard, "A2");
  EXPECT_FALSE(
      has(night.exam(night.submit(lyon, r, "M2").exam).flags, ExamFlag::unauthorised_modality));
}

// domain F2
TEST(Regulation, AnAcceptanceNeedsARelevanceAndAKnownProtocol) {
  Night night;
  const ExamId exam = night.submit("A1");
  Actor& regulator = night.regulator();
  EXPECT_EQ(regulator.accept(exam).code, Errc::wrong_state) << "claimed first";
  regulator.claim(exam);
  EXPECT_EQ(regulator.accept(exam, Urgency::p2, "no such").code, Errc::unknown_protocol);
  EXPECT_EQ(
      regulator.say(Accept{exam, "", "TDM v1", Urgency::p2, Modality::unknown, Region::unknown})
          .code,
      Errc::bad_value);
  EXPECT_EQ(regulator.accept(exam, Urgency::p3, "AVC v3").code, Errc::ok);
  EXPECT_EQ(night.exam(exam).urgency, Urgency::p0) << "vital by its protocol";
  EXPECT_EQ(night.exam(exam).skill, Skill::neuro);
}

// domain R8, F6
TEST(Acquisition, FirstImageStartsItAndTheCountCompletesIt) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  Actor& technologist = night.technologist();
  technologist.say(ImagesProgress{{exam, {}}, 10, 100});
  EXPECT_EQ(night.state(exam), ExamState::acquiring);
  EXPECT_EQ(night.exam(exam).first_image_at, night.at);
  technologist.say(ImagesProgress{{exam, {}}, 100, 100});
  EXPECT_EQ(night.state(exam), ExamState::ready);
}

TEST(Acquisition, NoImageForThreeMinutesCountsAsCompleteWhenNobodySaysHowMany) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  night.technologist().say(ImagesProgress{{exam, {}}, 10, 0});
  night.wait(3_min);
  EXPECT_EQ(night.state(exam), ExamState::ready);
}

// domain R8
TEST(Acquisition, AStalledSeriesAlertsAndTheRegulatorMayForceIt) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  night.technologist().say(ImagesProgress{{exam, {}}, 10, 100});
  night.wait(5_min);
  EXPECT_EQ(night.count(EventKind::images_stalled), 1u);
  night.technologist().say(ImagesProgress{{exam, {}}, 20, 100});
  night.wait(5_min);
  EXPECT_EQ(night.count(EventKind::images_stalled), 2u) << "it stalled again";
  AcquisitionComplete force{{exam, {}}, {}, {}, 20, true};
  EXPECT_EQ(night.technologist().say(force).code, Errc::unauthorised);
  EXPECT_EQ(night.regulator().say(force).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::partial));
}

TEST(Acquisition, NoImageForNinetyMinutesAsksWhereThePatientIs) {
  Night night;
  night.protocolled("A1");
  const ExamId started = night.protocolled("A2");
  night.technologist().say(AcquisitionStarted{{started, {}}});
  night.wait(90_min);
  EXPECT_EQ(night.count(EventKind::images_missing), 2u);
  EXPECT_EQ(night.state(started), ExamState::acquiring);
}

TEST(Acquisition, ImagesBeforeTheProtocolMakeTheExamReadyWithIt) {
  Night night;
  const ExamId complete = night.complete(night.submit("A1"));
  const ExamId counted = night.submit("A2");
  night.technologist().say(ImagesProgress{{counted, {}}, 50, 50});
  const ExamId begun = night.submit("A3");
  night.technologist().say(ImagesProgress{{begun, {}}, 5, 50});
  const FedTime first = night.at;
  night.pass(1_min);
  EXPECT_EQ(night.state(night.accepted(complete)), ExamState::ready);
  EXPECT_EQ(night.exam(complete).first_image_at, first) << "the clock starts at the first image";
  EXPECT_EQ(night.state(night.accepted(counted)), ExamState::ready);
  EXPECT_EQ(night.state(night.accepted(begun)), ExamState::acquiring);
}

// domain F3
TEST(Acquisition, ItDoesNotStartWithoutAProtocol) {
  Night night;
  const ExamId exam = night.submit("A1");
  EXPECT_EQ(night.technologist().say(AcquisitionStarted{{exam, {}}}).code, Errc::wrong_state);
  const ExamId fine = night.protocolled("A2");
  EXPECT_EQ(night.technologist().say(AcquisitionStarted{{fine, {}}}).code, Errc::ok);
  EXPECT_TRUE(night.technologist().say(AcquisitionStarted{{fine, {}}}).duplicate);
  EXPECT_EQ(night.technologist().say(AcquisitionStarted{{{99}, {}}}).code, Errc::unknown_key_order);
}

TEST(Acquisition, ImagesOfACancelledExamAreRefused) {
  Night night;
  const ExamId exam = night.protocolled("A1");
  night.requester().cancel(exam);
  EXPECT_EQ(night.technologist().complete(exam).code, Errc::wrong_state);
}

TEST(Acquisition, ImagesAfterReadyAreShownToTheReader) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_TRUE(night.technologist().say(ImagesProgress{{exam, {}}, 100, 0}).code == Errc::ok);
  EXPECT_EQ(night.said(EventKind::images_added), nullptr) << "no more than before";
  night.technologist().say(ImagesProgress{{exam, {}}, 140, 0});
  const Event* added = night.said(EventKind::images_added);
  ASSERT_NE(added, nullptr);
  EXPECT_EQ(added->session, anne.session);
}

TEST(Time, ItNeverGoesBack) {
  Night night;
  night.submit("A1");
  const FedTime now = night.at;
  night.at = now - 1_h;
  night.tick();
  EXPECT_EQ(night.room.now(), now);
  EXPECT_EQ(night.exam(night.submit("A2")).received_at, now);
}

TEST(Time, AtMostTwoHundredFiftySixDeadlinesFireInOneEntry) {
  Night night;
  for (int i = 0; i < 20; ++i) {
    Submit submit;
    submit.message_id = "M" + std::to_string(i);
    for (int j = 0; j < 15; ++j) {
      submit.requests.push_back(night.request("A" + std::to_string(20 * i + j) + "x"));
    }
    night.node(marseille, submit);
  }
  const std::size_t submitted = night.room.state().exams().size();
  ASSERT_GT(submitted, 256u);
  ASSERT_LT(submitted, 512u);
  night.wait(2_min);
  EXPECT_EQ(night.count(EventKind::regulation_overdue), 256u);
  EXPECT_LE(night.room.next_due(), night.at) << "a leader sees that a Tick is due";
  night.tick();
  EXPECT_EQ(night.count(EventKind::regulation_overdue), submitted);
  EXPECT_GT(night.room.next_due(), night.at);
}

TEST(Time, ANewLeaderRestartsTheOffersWithoutAStrike) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  night.pass(45_s);  // nobody led, nobody could accept
  night.tick(true);
  EXPECT_EQ(night.state(exam), ExamState::offered);
  EXPECT_EQ(night.exam(exam).offered_until, night.at + 30_s);
  EXPECT_EQ(anne.record().mode, ReaderMode::free);
  EXPECT_EQ(anne.accept_offer(exam).code, Errc::ok);
}

TEST(Time, OnlyANodesTickRestartsOffers) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  night.pass(45_s);
  EXPECT_EQ(anne.say(Tick{true}).code, Errc::unauthorised);
  EXPECT_EQ(night.state(exam), ExamState::ready);
}

TEST(Time, AClockCorrectionIsBounded) {
  Night night;
  EXPECT_EQ(night.node(lyon, ClockCorrection{{1000}}).code, Errc::ok);
  EXPECT_EQ(night.node(lyon, ClockCorrection{{1001}}).code, Errc::bad_value);
  EXPECT_EQ(night.node(lyon, ClockCorrection{{-1001}}).code, Errc::bad_value);
  EXPECT_EQ(night.room.state().scalars().utc_offset, Millis{1000});
}

// domain F14
TEST(Directories, TheirVersionsFollowEachOtherAndMistakesAreNamed) {
  Night night;
  Directory d = three_centres();
  EXPECT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::bad_value);
  d.version = 2;
  d.groups[0].sites.push_back({9});
  const Answer refused = night.node(lyon, ApplyDirectory{d});
  EXPECT_EQ(refused.code, Errc::bad_value);
  EXPECT_EQ(refused.text, "group all: unknown site");
  d.groups[0].sites.pop_back();
  EXPECT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::ok);
  EXPECT_TRUE(night.out.directory_changed);
}

TEST(Directories, OtherTimesHoldForExamsThatAlreadyWait) {
  Night night;
  const ExamId exam = night.ready("A1");
  Directory d = three_centres();
  d.version = 2;
  d.rules.relax_any = 10_s;
  night.node(lyon, ApplyDirectory{d});
  EXPECT_EQ(night.room.next_due(), night.at + 10_s);
  night.wait(10_s);
  EXPECT_EQ(night.exam(exam).relax_step, 1);
}

TEST(Timelines, AFullOneKeepsHowItBeganAndWhatCameLast) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.ready("A1");
  for (int i = 0; i < 200; ++i) {
    anne.free();
    night.wait(30_s);
  }
  anne.free();
  const auto& timeline = night.exam(exam).timeline;
  EXPECT_EQ(timeline.size(), limits::timeline_count);
  EXPECT_EQ(timeline.front().event, static_cast<std::uint8_t>(EventKind::request_submitted));
  EXPECT_EQ(timeline.back().event, static_cast<std::uint8_t>(EventKind::read_offered));
  EXPECT_EQ(timeline.back().by, p_anne);
}

}  // namespace
}  // namespace vigie::room::test
