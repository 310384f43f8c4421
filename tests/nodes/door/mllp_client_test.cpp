// Reports on their way to a hospital: the same bytes until it has acknowledged them.
#include "tests/nodes/door/door_fixture.hpp"

namespace vigie::door {
namespace {

/// Outcomes, in order.
class Outcomes {
 public:
  std::function<void(SendOutcome, std::string)> note() {
    return [this](SendOutcome outcome, std::string detail) {
      const std::lock_guard lock(mutex_);
      seen_.emplace_back(outcome, std::move(detail));
      changed_.notify_all();
    };
  }
  /// The `i`-th outcome; unknown_feed with "nothing" when none comes in time.
  std::pair<SendOutcome, std::string> at(std::size_t i) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return seen_.size() > i; })) {
      return {SendOutcome::unknown_feed, "nothing"};
    }
    return seen_[i];
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<SendOutcome, std::string>> seen_;
};

std::shared_ptr<const DeliveryJob> job(std::uint64_t sequence = 1, std::string text = "RAS") {
  auto out = std::make_shared<DeliveryJob>();
  out->exam = make_exam_id(marseille, sequence);
  out->exam_number = exam_number(*directory(), out->exam);
  out->version = ReportVersion{1};
  out->feed = "ch-alpes-ris";
  out->author = "Dr A. MARTIN";
  out->author_rpps = "10101010101";
  out->signed_at = UtcTime{1'773'486'000'000};
  out->record.id = out->exam;
  out->record.signed_at = FedTime{1'773'486'000'000};
  out->record.request.key = {{111}, "RIS", "A" + std::to_string(sequence)};
  Report report;
  report.version = out->version;
  report.kind = ReportKind::final_;
  report.at = out->record.signed_at;
  report.text = std::move(text);
  out->record.reports = {report};
  return out;
}

DoorTimes quick() {
  DoorTimes times;
  times.backoff_min = 1_ms;
  times.backoff_first_max = 5_ms;
  return times;
}

settings::FeedSettings sending_to(const Hospital& hospital) {
  auto feed = alpes();
  feed.results = settings::ResultsAddress{false, {"127.0.0.1", hospital.port()}};
  return feed;
}

TEST(MllpClient, DeliversAndReportsTheAcknowledgement) {
  Hospital hospital;
  Bench bench({sending_to(hospital)}, quick());
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  Socket results = hospital.accept();
  const std::string report = results.next().value_or("");
  EXPECT_EQ(field(report, "MSH", 9).substr(0, 7), "ORU^R01");
  EXPECT_EQ(field(report, "MSH", 10).size(), 20u);
  EXPECT_EQ(field(report, "ORC", 2), "A1^RIS");
  EXPECT_EQ(field(report, "ORC", 3), job()->exam_number);
  EXPECT_EQ(field(report, "OBR", 25), "F");
  EXPECT_NE(report.find("RAS"), std::string::npos);
  EXPECT_EQ(outcomes.count(), 0u);
  results.message(ack_to(report));
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::delivered);
}

TEST(MllpClient, HasOneMessageOutstanding) {
  Hospital hospital;
  Bench bench({sending_to(hospital)}, quick());
  Outcomes outcomes;
  bench.door.send(job(1), outcomes.note());
  bench.door.send(job(2), outcomes.note());
  Socket results = hospital.accept();
  for (const char* number : {"A1^RIS", "A2^RIS"}) {
    const std::string report = results.next().value_or("");
    EXPECT_EQ(field(report, "ORC", 2), number);
    results.message(ack_to(report));
  }
  EXPECT_EQ(outcomes.at(1).first, SendOutcome::delivered);
}

TEST(MllpClient, AnAnswerToAnotherMessageClosesAndTheSameBytesComeAgain) {
  Hospital hospital;
  Bench bench({sending_to(hospital)}, quick());
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  Socket first = hospital.accept();
  const std::string report = first.next().value_or("");
  first.message(ack_to(report, "AA", "ANOTHER"));
  EXPECT_TRUE(first.is_closed());
  Socket second = hospital.accept();
  EXPECT_EQ(second.next().value_or(""), report);
  EXPECT_EQ(outcomes.count(), 0u);
  second.message(ack_to(report));
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::delivered);
}

TEST(MllpClient, SilenceClosesAndTheSameBytesComeAgain) {
  Hospital hospital;
  DoorTimes times = quick();
  times.ack_max = 30_ms;
  Bench bench({sending_to(hospital)}, times);
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  Socket first = hospital.accept();
  const std::string report = first.next().value_or("");
  EXPECT_TRUE(first.is_closed());
  EXPECT_EQ(hospital.accept().next().value_or(""), report);
}

TEST(MllpClient, AHospitalThatHangsUpGetsTheSameBytesAgain) {
  Hospital hospital;
  Bench bench({sending_to(hospital)}, quick());
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  std::string report;
  for (int i = 0; i < 5; ++i) {
    Socket results = hospital.accept();
    const std::string seen = results.next().value_or("");
    if (i > 0) {
      EXPECT_EQ(seen, report);
    }
    report = seen;
  }
  Socket last = hospital.accept();
  EXPECT_EQ(last.next().value_or(""), report);
  last.message(ack_to(report));
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::delivered);
}

TEST(MllpClient, ARefusalForGoodIsAFailureWithItsText) {
  for (const char* code : {"AE", "CE", "CR"}) {
    Hospital hospital;
    Bench bench({sending_to(hospital)}, quick());
    Outcomes outcomes;
    bench.door.send(job(), outcomes.note());
    Socket results = hospital.accept();
    const std::string report = results.next().value_or("");
    std::string ack = ack_to(report, code);
    ack.insert(ack.size() - 1, "|patient inconnu");
    results.message(ack);
    EXPECT_EQ(outcomes.at(0),
              (std::pair{SendOutcome::failed, std::string(code) + " patient inconnu"}));
  }
}

TEST(MllpClient, TryLaterIsTriedTenTimesThenFails) {
  Hospital hospital;
  Bench bench({sending_to(hospital)}, quick());
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  Socket results = hospital.accept();
  std::string report;
  for (int i = 0; i < 10; ++i) {
    const std::string seen = results.next().value_or("");
    if (i > 0) {
      EXPECT_EQ(seen, report);
    }
    report = seen;
    EXPECT_EQ(outcomes.count(), 0u);
    results.message(ack_to(report, "AR"));
  }
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::failed);
}

TEST(MllpClient, ACommitAcceptIsWaitedOn) {
  Hospital hospital;
  Bench bench({sending_to(hospital)}, quick());
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  Socket results = hospital.accept();
  const std::string report = results.next().value_or("");
  results.raw(hl7::frame(ack_to(report, "CA")) + hl7::frame(ack_to(report, "AA")));
  EXPECT_EQ(outcomes.at(0), (std::pair{SendOutcome::delivered, std::string("AA")}));
}

TEST(MllpClient, WaitsForAHospitalThatIsDown) {
  auto hospital = std::make_unique<Hospital>();
  const auto feed = sending_to(*hospital);
  hospital.reset();
  Bench bench({feed}, quick());
  Outcomes outcomes;
  bench.door.send(job(1), outcomes.note());
  bench.door.withdraw(job(1)->exam, ReportVersion{1}, 0);
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::withdrawn);
}

TEST(MllpClient, DoesNotTakeBackWhatIsOnItsWay) {
  Hospital hospital;
  Bench bench({sending_to(hospital)}, quick());
  Outcomes outcomes;
  bench.door.send(job(1), outcomes.note());
  bench.door.send(job(2), outcomes.note());
  Socket results = hospital.accept();
  const std::string report = results.next().value_or("");
  bench.door.withdraw(job(1)->exam, ReportVersion{1}, 0);
  bench.door.withdraw(job(2)->exam, ReportVersion{1}, 0);
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::withdrawn);  // the second
  results.message(ack_to(report));
  EXPECT_EQ(outcomes.at(1).first, SendOutcome::delivered);
}

TEST(MllpClient, SaysSoWhenAFeedIsNotHere) {
  Bench bench;  // no results address
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::unknown_feed);
  auto elsewhere = std::make_shared<DeliveryJob>(*job());
  elsewhere->feed = "ch-inconnu";
  bench.door.send(elsewhere, outcomes.note());
  EXPECT_EQ(outcomes.at(1).first, SendOutcome::unknown_feed);
}

TEST(MllpClient, ResolvesNames) {
  Hospital hospital;
  auto feed = sending_to(hospital);
  feed.results->endpoint.host = "LOCALHOST";  // not the short cut
  Bench bench({feed}, quick());
  Outcomes outcomes;
  bench.door.send(job(), outcomes.note());
  Socket results = hospital.accept();
  const std::string report = results.next().value_or("");
  results.message(ack_to(report));
  EXPECT_EQ(outcomes.at(0).first, SendOutcome::delivered);
}

}  // namespace
}  // namespace vigie::door
