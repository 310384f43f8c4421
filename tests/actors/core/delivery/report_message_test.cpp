// The bytes of a report: equal at every door and every try.
#include "actors/core/delivery/report_message.hpp"

#include <gtest/gtest.h>

#include "actors/core/hl7/message.hpp"

namespace vigie::delivery {
namespace {

DeliveryJob job() {
  DeliveryJob out;
  out.exam = ExamId{77};
  out.exam_number = "MRS-7K2Q";
  out.version = ReportVersion{1};
  out.feed = "ch-alpes-ris";
  out.author = "Dr A. MARTIN";
  out.author_rpps = "10101010101";
  out.record.request.key = {{5}, "RIS", "A1"};
  out.record.request.studies = {"1.2.3"};
  out.record.signed_at = FedTime{1'773'486'000'000};
  out.signed_at = UtcTime{1'773'486'002'000};  // offset 2 s
  Report report;
  report.version = ReportVersion{1};
  report.kind = ReportKind::final_;
  report.at = FedTime{1'773'486'000'000};
  report.text = "Pas de saignement.";
  out.record.reports = {report};
  return out;
}

hl7::Feed feed() {
  hl7::Feed out;
  out.name = "ch-alpes-ris";
  return out;
}

TEST(ReportMessage, TheSameJobGivesTheSameBytes) {
  const auto one = report_message(job(), feed());
  const auto two = report_message(job(), feed());
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->bytes, two->bytes);
  EXPECT_EQ(one->id.size(), 20u);
}

TEST(ReportMessage, EachVersionAndRecipientHasItsOwnId) {
  const std::string id = message_id("MRS-7K2Q", {1}, "a");
  EXPECT_EQ(id.find_first_not_of("0123456789ABCDEF"), std::string::npos);
  EXPECT_NE(id, message_id("MRS-7K2Q", {2}, "a"));
  EXPECT_NE(id, message_id("MRS-7K2Q", {1}, "b"));
  EXPECT_NE(id, message_id("MRS-7K2R", {1}, "a"));
  EXPECT_NE(id, message_id("MRS-7K2Q", {1}, "a", "refused"));
}

TEST(ReportMessage, ALaterVersionLeavesTheFirstUnchangedAndIsACorrection) {
  const auto before = report_message(job(), feed());
  DeliveryJob later = job();
  Report corrected = later.record.reports[0];
  corrected.version = ReportVersion{2};
  corrected.at = FedTime{1'773'489'600'000};
  later.record.reports.push_back(corrected);
  later.record.signed_at = corrected.at;
  later.signed_at = UtcTime{1'773'489'602'000};
  const auto after = report_message(later, feed());
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->bytes, after->bytes);
  later.version = ReportVersion{2};
  const auto second = report_message(later, feed());
  ASSERT_TRUE(second);
  EXPECT_EQ(hl7::Message::parse(second->bytes, {}).value().get("OBR", 25), "C");
}

TEST(ReportMessage, AnAddendumStandsBeforeTheWholeTextOrAloneWhereTheFeedAppends) {
  DeliveryJob later = job();
  Report addendum = later.record.reports[0];
  addendum.kind = ReportKind::addendum;
  addendum.version = ReportVersion{2};
  addendum.text = "fracture costale";
  later.record.reports.push_back(addendum);
  later.version = ReportVersion{2};
  const std::string first = later.record.reports[0].text;
  const auto whole = report_message(later, feed());
  ASSERT_TRUE(whole);
  const auto message = hl7::Message::parse(whole->bytes, {}).value();
  EXPECT_EQ(message.get("OBR", 25), "C");
  const auto at = whole->bytes.find("fracture costale");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(whole->bytes.find(first.substr(0, 6), at), std::string::npos) << "the whole after it";
  hl7::Feed appends = feed();
  appends.addendum = hl7::AddendumStyle::append;
  const auto alone = report_message(later, appends);
  ASSERT_TRUE(alone);
  EXPECT_EQ(hl7::Message::parse(alone->bytes, {}).value().get("OBR", 25), "F");
  EXPECT_EQ(alone->bytes.find(first.substr(0, 6)), std::string::npos);
  EXPECT_NE(alone->bytes.find("fracture costale"), std::string::npos) << alone->bytes;
}

TEST(ReportMessage, AWithdrawnReportSaysSo) {
  DeliveryJob later = job();
  Report withdrawn = later.record.reports[0];
  withdrawn.kind = ReportKind::withdrawal;
  withdrawn.version = ReportVersion{2};
  withdrawn.text = "compte rendu d'un autre patient";
  later.record.reports.push_back(withdrawn);
  later.version = ReportVersion{2};
  const auto message = report_message(later, feed());
  ASSERT_TRUE(message);
  const auto parsed = hl7::Message::parse(message->bytes, {}).value();
  EXPECT_EQ(parsed.get("OBR", 25), "C");
  EXPECT_NE(message->bytes.find("|||||W|"), std::string::npos) << message->bytes;
  EXPECT_NE(message->bytes.find("autre patient"), std::string::npos) << "why, for who has read it";
}

TEST(ReportMessage, CarriesTheSigningTimeInFrenchLegalTime) {
  const auto report = report_message(job(), feed());
  ASSERT_TRUE(report);
  const auto message = hl7::Message::parse(report->bytes, {});
  ASSERT_TRUE(message);
  EXPECT_EQ(message->get("MSH", 7), "20260314120002+0100");
  EXPECT_EQ(message->get("OBR", 22), "20260314120002+0100");
}

TEST(ReportMessage, ARequestWithoutIdentityStillGetsItsReport) {
  const auto report = report_message(job(), feed());
  ASSERT_TRUE(report);
  const auto message = hl7::Message::parse(report->bytes, {});
  ASSERT_TRUE(message);
  EXPECT_EQ(message->get("ORC", 2), "A1");
  EXPECT_EQ(message->get("ORC", 2, 1, 2), "RIS");
}

TEST(ReportMessage, AnUnknownVersionOrAnUnreadableIdentityIsAnError) {
  DeliveryJob unknown = job();
  unknown.version = ReportVersion{9};
  EXPECT_EQ(report_message(unknown, feed()).error().code, Errc::not_found);
  DeliveryJob unreadable = job();
  unreadable.record.request.sealed = "garbage";
  EXPECT_EQ(report_message(unreadable, feed()).error().code, Errc::malformed);
}

TEST(ReportMessage, LegalTimeChangesOnTheLastSundaysAtOneUtc) {
  struct Case {
    std::int64_t utc_s;
    int minutes;
  };
  for (const Case& c : {Case{1'774'745'999, 60},   // 2026-03-29 00:59:59
                        Case{1'774'746'000, 120},  // 01:00:00
                        Case{1'792'889'999, 120},  // 2026-10-25 00:59:59
                        Case{1'792'890'000, 60},   // 01:00:00
                        Case{1'709'251'200, 60},   // 2024-03-01, a leap year
                        Case{1'711'846'799, 60},   // 2024-03-31 00:59:59
                        Case{1'711'846'800, 120}, Case{1'735'689'600, 60}}) {
    EXPECT_EQ(legal_offset_minutes(UtcTime{c.utc_s * 1000}), c.minutes) << c.utc_s;
  }
}

}  // namespace
}  // namespace vigie::delivery
