// Reports: signed, late, settled, delivered, closed (T15 to T18, T16b; design D13, D14).
#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {
namespace {

const Report* report_of(const Exam& exam, std::uint64_t id) {
  for (const Report& r : exam.reports) {
    if (r.id.value == id) return &r;
  }
  return nullptr;
}

TEST(Signing, ASignedExamIsValidatedAndItsReportOwedToTheHomeDoor) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::ok);
  const Exam& e = night.exam(exam);
  EXPECT_EQ(e.state, ExamState::validated);
  EXPECT_EQ(e.reader, p_anne);
  ASSERT_EQ(e.reports.size(), 1u);
  EXPECT_EQ(e.reports[0].version, ReportVersion{1});
  EXPECT_EQ(e.reports[0].kind, ReportKind::final_);
  ASSERT_EQ(e.deliveries.size(), 1u);
  EXPECT_EQ(e.deliveries[0].owner, marseille);
  EXPECT_FALSE(anne.in_hand());
  EXPECT_EQ(anne.record().units, 13u);
}

TEST(Signing, SigningTwiceIsOneReport) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  anne.sign(exam, 1, epoch);
  const Answer again = anne.sign(exam, 1, epoch);
  EXPECT_EQ(again.code, Errc::ok);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(night.exam(exam).reports.size(), 1u);
  const Answer other = anne.sign(exam, 2, epoch);
  EXPECT_EQ(other.code, Errc::already_final);
  EXPECT_EQ(report_of(night.exam(exam), 2)->kind, ReportKind::late) << "kept all the same";
}

TEST(Signing, AnOfferMayBeSignedWithoutBeingAcceptedFirst) {
  Night night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("A1");
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
}

TEST(Signing, AnOldEpochIsStaleAndTheReportIsKept) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Answer stale = anne.sign(exam, 1, Epoch{0, 1});
  EXPECT_EQ(stale.code, Errc::stale);
  EXPECT_EQ(stale.epoch, night.exam(exam).epoch);
  EXPECT_EQ(report_of(night.exam(exam), 1)->kind, ReportKind::late);
  EXPECT_EQ(night.state(exam), ExamState::reading);
  EXPECT_EQ(anne.sign(exam, 1, Epoch{0, 1}).code, Errc::stale) << "and again";
  EXPECT_EQ(night.exam(exam).reports.size(), 1u);
}

TEST(Signing, OnlyAReportWithAnIdAndOfSensibleSizeIsTaken) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  EXPECT_EQ(anne.sign(exam, 0).code, Errc::bad_value);
  EXPECT_EQ(anne.say(Sign{exam, epoch, {1}, std::string(limits::report_bytes + 1, 'x')}).code,
            Errc::too_large);
  EXPECT_EQ(night.state(exam), ExamState::reading);
}

TEST(Signing, AfterTheLeaseIsLostWhileNobodyReadsIsAccepted) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  night.node(lyon, ExpireSession{anne.session, anne.incarnation});
  EXPECT_EQ(night.state(exam), ExamState::ready);
  anne.attach(lyon, next(anne.incarnation));
  EXPECT_EQ(anne.sign(exam, 1, epoch).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
  EXPECT_EQ(night.exam(exam).reader, p_anne);
  EXPECT_EQ(anne.record().units, 13u);
}

TEST(Signing, AfterTheLeaseIsLostWithdrawsAPendingOfferToSomebodyElse) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  Actor& mia = night.read(p_mia);
  mia.free();
  const ExamId waiting = night.protocolled("A2");
  night.node(lyon, ExpireSession{anne.session, anne.incarnation});
  ASSERT_EQ(mia.in_hand(), exam);
  night.complete(waiting);
  anne.attach(lyon, next(anne.incarnation));
  EXPECT_EQ(anne.sign(exam, 1, epoch).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
  EXPECT_EQ(mia.in_hand(), waiting) << "she gets the next";
  EXPECT_EQ(mia.record().units, 0u) << "not her work";
  EXPECT_EQ(night.exam(exam).reading_site, bordeaux);
  const Event* withdrawn = night.said(EventKind::offer_withdrawn);
  ASSERT_NE(withdrawn, nullptr);
  EXPECT_EQ(withdrawn->session, mia.session);
}

/// Anne's exam went to Bruno, who reads it; then Anne signs.
struct LateReport {
  Night night;
  Actor& anne = night.read(p_anne);
  ExamId exam = night.being_read("A1", anne);
  Actor& bruno = night.read(p_bruno);
  Answer signing = [&] {
    const Epoch epoch = night.exam(exam).epoch;
    bruno.free();
    night.node(lyon, ExpireSession{anne.session, anne.incarnation});
    EXPECT_EQ(bruno.accept_offer(exam).code, Errc::ok);
    anne.attach(lyon, next(anne.incarnation));
    return anne.sign(exam, 1, epoch);
  }();
};

TEST(LateReports, WhileSomebodyReadsAReportIsKeptBesideAndShownToHim) {
  LateReport story;
  EXPECT_EQ(story.signing.code, Errc::stale);
  const Exam& e = story.night.exam(story.exam);
  EXPECT_EQ(e.state, ExamState::reading);
  EXPECT_EQ(e.reader, p_bruno);
  EXPECT_TRUE(has(e.flags, ExamFlag::late_report));
  const Event* late = story.night.said(EventKind::report_late);
  ASSERT_NE(late, nullptr);
  EXPECT_EQ(late->session, story.bruno.session);
}

TEST(LateReports, TheReaderMayAdoptIt) {
  LateReport story;
  EXPECT_EQ(story.anne.settle(story.exam, 1, true).code, Errc::not_holder);
  EXPECT_EQ(story.bruno.settle(story.exam, 1, true).code, Errc::ok);
  const Exam& e = story.night.exam(story.exam);
  EXPECT_EQ(e.state, ExamState::validated);
  EXPECT_EQ(e.reader, p_anne);
  ASSERT_EQ(e.reports.size(), 1u);
  EXPECT_EQ(e.reports[0].author, p_anne);
  EXPECT_EQ(e.reports[0].kind, ReportKind::final_);
  EXPECT_FALSE(e.reports[0].settled);
  EXPECT_FALSE(has(e.flags, ExamFlag::late_report));
  EXPECT_FALSE(story.bruno.in_hand());
}

TEST(LateReports, AdoptedItIsFinalNoSoonerThanHisOwnWouldBe) {
  LateReport story;
  AskRead ask;
  ask.exam = story.exam;
  ask.purpose = Purpose::opinion;
  ask.is_mandatory = true;
  ask.question = "sure?";
  EXPECT_EQ(story.bruno.say(ask).code, Errc::ok);
  EXPECT_EQ(story.bruno.settle(story.exam, 1, true).code, Errc::wrong_state);
  EXPECT_EQ(story.night.head().settle(story.exam, 1, true).code, Errc::wrong_state);
  EXPECT_EQ(story.night.state(story.exam), ExamState::reading);
  EXPECT_TRUE(has(story.night.exam(story.exam).flags, ExamFlag::late_report));
}

TEST(LateReports, ACriticalFindingOfOneIsAdoptedWithIt) {
  LateReport story;
  const Sign critical{story.exam, Epoch{0, 1}, {5}, "bleed", "HSA"};
  EXPECT_EQ(story.anne.say(critical).code, Errc::stale);
  EXPECT_FALSE(has(story.night.exam(story.exam).flags, ExamFlag::critical));
  EXPECT_EQ(story.bruno.settle(story.exam, 5, true).code, Errc::ok);
  EXPECT_EQ(story.night.exam(story.exam).critical, "HSA");
  EXPECT_TRUE(has_task(story.night.exam(story.exam), TaskKind::critical_result));
}

TEST(LateReports, TheReaderMayKeepHisOwn) {
  LateReport story;
  EXPECT_EQ(story.bruno.settle(story.exam, 7, false).code, Errc::bad_value);
  EXPECT_EQ(story.bruno.settle(story.exam, 1, false).code, Errc::ok);
  EXPECT_TRUE(story.bruno.settle(story.exam, 1, false).duplicate);
  EXPECT_FALSE(has(story.night.exam(story.exam).flags, ExamFlag::late_report));
  EXPECT_EQ(story.bruno.sign(story.exam, 2).code, Errc::ok);
  const Exam& e = story.night.exam(story.exam);
  EXPECT_EQ(e.reports.size(), 2u);
  EXPECT_EQ(e.reader, p_bruno);
}

TEST(LateReports, TheDutyHeadMayDecideForHim) {
  LateReport story;
  EXPECT_EQ(story.night.head().settle(story.exam, 1, true).code, Errc::ok);
  EXPECT_EQ(story.night.state(story.exam), ExamState::validated);
  EXPECT_FALSE(story.bruno.in_hand());
  ASSERT_TRUE(story.night.said(EventKind::read_taken_over));
  EXPECT_EQ(story.night.said(EventKind::read_taken_over)->session, story.bruno.session);
}

TEST(LateReports, AfterTheFinalReportALateOneCannotReplaceItAndKeepsTheExamOpen) {
  LateReport story;
  Night& night = story.night;
  EXPECT_EQ(story.bruno.sign(story.exam, 2).code, Errc::ok);
  night.acknowledge(story.exam);
  EXPECT_EQ(night.state(story.exam), ExamState::delivered);
  night.wait(24_h);
  EXPECT_TRUE(night.has_exam(story.exam)) << "an open question is not archived";
  EXPECT_EQ(story.bruno.settle(story.exam, 1, true).code, Errc::already_final);
  EXPECT_EQ(story.bruno.settle(story.exam, 1, false).code, Errc::ok);
  night.tick();
  EXPECT_FALSE(night.has_exam(story.exam));
}

TEST(LateReports, BeyondWhatAnExamHoldsTheyAreParkedNotDropped) {
  LateReport story;
  for (std::uint64_t id = 2; id < 40; ++id) {
    EXPECT_EQ(story.anne.sign(story.exam, id, Epoch{0, 1}).code, Errc::stale);
  }
  const Exam& e = story.night.exam(story.exam);
  EXPECT_EQ(e.reports.size(), limits::reports_per_exam);
  EXPECT_EQ(story.night.room.state().parked().size(), 39u - limits::reports_per_exam);
}

TEST(LateReports, ASignOfAnArchivedExamIsParked) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  anne.sign(exam, 1);
  night.acknowledge(exam);
  night.wait(12_h);
  ASSERT_FALSE(night.has_exam(exam));
  const Answer parked = anne.sign(exam, 2, epoch);
  EXPECT_EQ(parked.code, Errc::unknown_exam);
  ASSERT_EQ(night.room.state().parked().size(), 1u);
  const ParkedReport& kept = night.room.state().parked().slots().begin()->second.record;
  EXPECT_EQ(kept.exam, exam);
  EXPECT_EQ(kept.report.text, "normal");
  EXPECT_EQ(kept.report.author, p_anne);
  anne.sign(exam, 2, epoch);
  EXPECT_EQ(night.room.state().parked().size(), 1u);
}

TEST(LateReports, AReleasedExamMayStillBeSignedByWhoReleasedIt) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  anne.release(exam);
  EXPECT_EQ(anne.sign(exam, 1, epoch).code, Errc::ok);
}

TEST(Preliminaries, AWetReadIsShownAndKeepsTheExamInHand) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  const Epoch epoch = night.exam(exam).epoch;
  EXPECT_EQ(anne.say(Preliminary{exam, epoch, {1}, "bleeding"}).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::preliminary);
  EXPECT_EQ(anne.say(Preliminary{exam, epoch, {2}, "no bleeding"}).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).reports.size(), 1u);
  EXPECT_EQ(anne.say(Preliminary{exam, Epoch{0, 1}, {3}, "x"}).code, Errc::stale);
  EXPECT_EQ(anne.sign(exam, 1, epoch).code, Errc::ok);
  EXPECT_EQ(night.exam(exam).reports.size(), 2u);
}

TEST(Preliminaries, TheDraftStaysWhenTheReaderIsLost) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.say(Preliminary{exam, night.exam(exam).epoch, {1}, "bleeding"});
  night.node(lyon, ExpireSession{anne.session, anne.incarnation});
  EXPECT_EQ(night.state(exam), ExamState::ready);
  EXPECT_EQ(night.exam(exam).reports.size(), 1u);
}

// domain F10
TEST(Delivery, AcknowledgedByAllAnExamIsDeliveredAndTwelveHoursLaterArchived) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  EXPECT_EQ(night.acknowledge(exam).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::delivered);
  EXPECT_TRUE(night.acknowledge(exam).duplicate);
  EXPECT_EQ(night.count(EventKind::delivery_acked), 1u);
  night.wait(12_h - 1_ms);
  EXPECT_TRUE(night.has_exam(exam));
  const Bits128 chain = night.room.state().scalars().archive_hash;
  night.wait(1_ms);
  EXPECT_FALSE(night.has_exam(exam));
  ASSERT_EQ(night.archive.size(), 1u);
  Exam archived;
  ASSERT_TRUE(from_canonical(night.archive[0].bytes, archived));
  EXPECT_EQ(archived.state, ExamState::closed);
  EXPECT_EQ(archived.id, exam);
  EXPECT_NE(night.room.state().scalars().archive_hash, chain);
}

TEST(Delivery, ARefusedReportFlagsTheExamUntilItIsAcknowledged) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  EXPECT_EQ(night.acknowledge(exam, DeliveryOutcome::failed).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::undelivered));
  EXPECT_EQ(night.exam(exam).tasks.front().kind, TaskKind::undelivered) << "support knows";
  for (int i = 0; i < 4; ++i) night.wait(10_min);
  EXPECT_EQ(night.room.next_due(), FedTime{}) << "no loop on a refusal";
  night.acknowledge(exam);
  EXPECT_EQ(night.state(exam), ExamState::delivered);
  EXPECT_FALSE(has(night.exam(exam).flags, ExamFlag::undelivered));
}

TEST(Delivery, WhatIsNotOwedCannotBeAcknowledged) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  EXPECT_EQ(night.acknowledge(exam).code, Errc::bad_value);
  anne.sign(exam, 1);
  EXPECT_EQ(night.node(lyon, DeliveryResult{exam, {2}, 0, DeliveryOutcome::acked, ""}).code,
            Errc::bad_value);
  EXPECT_EQ(night.node(lyon, DeliveryResult{exam, {1}, 1, DeliveryOutcome::acked, ""}).code,
            Errc::bad_value);
  EXPECT_EQ(night.node(lyon, DeliveryResult{{99}, {1}, 0, DeliveryOutcome::acked, ""}).code,
            Errc::unknown_exam);
}

TEST(Delivery, TheNextDoorTriesAfterThirtySecondsWithoutAResult) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  anne.away();
  for (SiteId expected : {lyon, bordeaux, marseille, lyon}) {
    night.wait(30_s);
    EXPECT_EQ(night.exam(exam).deliveries[0].owner, expected);
  }
  night.wait(30_min);  // support is told,
  night.wait(30_min);  // and then the duty head
  const std::size_t lines = night.exam(exam).timeline.size();
  for (int i = 0; i < 240; ++i) night.wait(30_s);
  EXPECT_EQ(night.exam(exam).timeline.size(), lines) << "two hours of retries are no history";
}

TEST(Delivery, WhenACentreIsLostOnlyItsDeliveriesAreRenamed) {
  Night night;
  Directory d = three_centres();
  d.version = 2;
  d.establishments[2].recipients = {"ris", "dpi"};
  night.node(lyon, ApplyDirectory{d});
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  ASSERT_EQ(night.exam(exam).deliveries.size(), 2u);
  night.acknowledge(exam);
  EXPECT_EQ(night.state(exam), ExamState::validated) << "one recipient is still to be told";
  night.pass(10_s);
  night.node(lyon, SiteContact{lyon, {1}, false});
  EXPECT_EQ(night.exam(exam).deliveries[1].owner, marseille);
  night.node(lyon, SiteContact{marseille, {1}, false});
  EXPECT_EQ(night.exam(exam).deliveries[0].owner, marseille) << "acknowledged is acknowledged";
  EXPECT_EQ(night.exam(exam).deliveries[1].owner, bordeaux) << "Lyon is lost too";
  EXPECT_EQ(night.exam(exam).deliveries[1].since, night.at);
}

TEST(Delivery, AHospitalThatLeftTheDirectoryDoesNotCountAsServed) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  Directory d = three_centres();
  d.version = 2;
  std::erase_if(d.establishments, [](const auto& e) { return e.id == timone; });
  std::erase_if(d.agreements, [](const auto& a) { return a.name == "mr"; });
  ASSERT_EQ(night.node(lyon, ApplyDirectory{d}).code, Errc::ok);
  EXPECT_EQ(anne.sign(exam, 1).code, Errc::ok);
  EXPECT_EQ(night.state(exam), ExamState::validated);
  EXPECT_TRUE(has(night.exam(exam).flags, ExamFlag::undelivered));
  night.wait(13_h);
  EXPECT_EQ(night.state(exam), ExamState::validated) << "and is not closed";
}

TEST(Delivery, AHospitalThatLeavesWhileAReportIsOwedStopsNothingElse) {
  Night night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("A1", anne);
  anne.sign(exam, 1);
  Directory d = three_centres();
  d.version = 2;
  std::erase_if(d.establishments, [](const auto& e) { return e.id == timone; });
  std::erase_if(d.agreements, [](const auto& a) { return a.name == "mr"; });
  night.node(lyon, ApplyDirectory{d});
  const ExamId other = night.submit(lyon, night.request(edouard, "B1"), "M").exam;
  night.wait(10_min);
  EXPECT_EQ(night.count(EventKind::regulation_overdue), 2u) << exam_number("MRS", other);
}

TEST(Delivery, NoRecipientsMeansDeliveredAtOnce) {
  Night night;
  const ExamId exam = night.submit(marseille, night.request(polyclinique, "A1"), "M1").exam;
  night.accepted(exam);
  Actor& anne = night.read(p_anne);
  anne.free();
  night.complete(exam);
  anne.sign(exam, 1);
  EXPECT_EQ(night.state(exam), ExamState::delivered);
}

}  // namespace
}  // namespace vigie::room::test
