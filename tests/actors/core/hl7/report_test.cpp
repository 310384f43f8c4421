// Table 1.3 of the interface: what Vigie tells a hospital.
#include "actors/core/hl7/report.hpp"

#include <gtest/gtest.h>

#include "tests/actors/core/hl7/samples.hpp"

namespace vigie::hl7 {
namespace {

ReportContent content_of(ReportEvent event) {
  ReportContent out;
  out.event = event;
  out.message_id = "8f3a";
  out.exam_number = "MRS-7K2Q";
  out.sent_at = {{1'773'490'000'000}, 60};
  out.exam_time = {{1'773'489'000'000}, 60};
  out.signed_at = {{1'773'489'900'000}, 60};
  out.reader = {"10101010109", "NOIR", "Iris"};
  out.studies = {"1.2.3", "1.2.4"};
  out.text = "Pas d'hémorragie.\nCœur & vaisseaux | normaux.";
  out.protocol = "TDM crâne\nsans injection";
  return out;
}
std::string report(const ReportContent& content, const Feed& feed = gap_feed(),
                   const std::vector<std::string>& order = plain_order()) {
  const auto out = build_report(order_of(order).request.sealed, content, feed);
  EXPECT_TRUE(out);
  return out ? *out : std::string{};
}
std::string status_of(ReportEvent event, const Feed& feed = gap_feed()) {
  const Message message = parsed(report(content_of(event), feed));
  const Segment* last = nullptr;
  for (const Segment& segment : message.segments()) {
    last = segment.name == "OBX" ? &segment : last;
  }
  return message.get("ORC", 1) + " " + message.get("OBR", 25) + " " + message.text(last, 11);
}

TEST(Report, ValidatedReportInFull) {
  EXPECT_EQ(report(content_of(ReportEvent::validated)),
            "MSH|^~\\&|VIGIE|GARDE|RIS|CH "
            "ALPES|20260314130640+0100||ORU^R01^ORU_R01|8f3a|P|2.5.1|||||FRA|"
            "UNICODE UTF-8\r" +
                pid + "\r" + pv1 + "\r" +
                "ORC|RE|A100^RIS-ALPES^1.2.3.4^ISO|MRS-7K2Q||CM\r"
                "OBR|1|A100^RIS-ALPES|MRS-7K2Q|TDMCR^TDM crâne^L|||20260314125000+0100|||||||||"
                "20202^GRIS^Paul||ACC9|RP9|||20260314130500+0100||CT|F||||||^AVC?|"
                "10101010109&NOIR&Iris\r"
                "OBX|1|ST|113014^DICOM Study^DCM||1.2.3||||||O\r"
                "OBX|2|ST|113014^DICOM Study^DCM||1.2.4||||||O\r"
                "OBX|3|FT|18748-4^CR d'imagerie médicale^LN||Pas d'hémorragie.\\.br\\Cœur \\T\\ "
                "vaisseaux "
                "\\F\\ normaux.||||||F|||20260314130500+0100||10101010109^NOIR^Iris^^^DR^^^"
                "ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS\r");
}

TEST(Report, EveryEventHasItsStatuses) {
  EXPECT_EQ(status_of(ReportEvent::accepted), "OK  F");
  EXPECT_EQ(status_of(ReportEvent::refused), "OC X ");
  EXPECT_EQ(status_of(ReportEvent::cancelled), "CR X ");
  EXPECT_EQ(status_of(ReportEvent::cannot_cancel), "UC  ");
  EXPECT_EQ(status_of(ReportEvent::preliminary), "RE P P");
  EXPECT_EQ(status_of(ReportEvent::validated), "RE F F");
  EXPECT_EQ(status_of(ReportEvent::corrected), "RE C C");
  EXPECT_EQ(status_of(ReportEvent::addendum), "RE C C");
  EXPECT_EQ(status_of(ReportEvent::withdrawn), "RE C W");
  Feed feed = gap_feed();
  feed.cda = true;
  EXPECT_EQ(status_of(ReportEvent::withdrawn, feed), "RE C D");
  feed.addendum = AddendumStyle::append;
  EXPECT_EQ(status_of(ReportEvent::addendum, feed), "RE F F");
}

TEST(Report, TheSameInputsGiveTheSameBytes) {
  EXPECT_EQ(report(content_of(ReportEvent::corrected)), report(content_of(ReportEvent::corrected)));
}

TEST(Report, AcceptedInProfileTlrAnswersTheRequestWithTheProtocol) {
  Feed feed = gap_feed();
  feed.profile = Profile::tlr;
  feed.platform = "VIGIE^^^^^A&1.2&ISO^FINEG^^^750000001";
  const Message message = parsed(report(content_of(ReportEvent::accepted), feed, tlr_order()));
  EXPECT_EQ(message.get("MSH", 21, 1, 0), "1.0^CISIS_TLR_HL7_V2");
  EXPECT_EQ(message.get("ORC", 2, 1, 0), "D55^^1.2.250.1.999.1^ISO");
  EXPECT_EQ(message.get("ORC", 17, 1, 1), "PLATEFORME_TLR");
  EXPECT_EQ(message.get("ORC", 21, 1, 10), "750000001");
  EXPECT_EQ(message.get("OBR", 4), "REPONSE_DEMANDE");
  EXPECT_EQ(message.get("OBR", 25), "");
  EXPECT_EQ(message.get("OBX", 3), "PROTOCOLE_IMAGERIE");
  EXPECT_EQ(message.get("OBX", 2), "FT");
  EXPECT_EQ(message.get("OBX", 5), "TDM crâne\nsans injection");
}

// domain O7
TEST(Report, RefusedNamesTheRecourseCentreAndItsPhone) {
  ReportContent content = content_of(ReportEvent::refused);
  content.reason = "Échographie non réalisée à distance";
  content.recourse = "CH Pôle, 02 40 00 00 00";
  const Message message = parsed(report(content));
  EXPECT_EQ(message.get("ORC", 16, 1, 2),
            "Échographie non réalisée à distance. Centre de recours : CH Pôle, 02 40 00 00 00");
  EXPECT_EQ(message.find("OBX"), nullptr);
}

TEST(Report, TextMayBeOneTxPerLine) {
  Feed feed = gap_feed();
  feed.text = TextStyle::tx;
  const Message message = parsed(report(content_of(ReportEvent::validated), feed));
  EXPECT_EQ(message.text(message.find("OBX", 3), 2), "TX");
  EXPECT_EQ(message.text(message.find("OBX", 3), 5), "Pas d'hémorragie.");
  EXPECT_EQ(message.text(message.find("OBX", 4), 5), "Cœur & vaisseaux | normaux.");
  EXPECT_EQ(message.text(message.find("OBX", 4), 4), "2");
  EXPECT_EQ(message.find("OBX", 5), nullptr);
}

TEST(Report, AnAddendumStandsFirstInTheWholeText) {
  ReportContent content = content_of(ReportEvent::addendum);
  content.addendum = "Fracture relue.";
  const Message message = parsed(report(content));
  EXPECT_EQ(message.text(message.find("OBX", 3), 5).substr(0, 25), "ADDENDUM\nFracture relue.\n");
  EXPECT_NE(message.text(message.find("OBX", 3), 5).find("Pas d'hémorragie."), std::string::npos);
}

TEST(Report, AnAddendumAloneHasItsSuffix) {
  Feed feed = gap_feed();
  feed.addendum = AddendumStyle::append;
  ReportContent content = content_of(ReportEvent::addendum);
  content.addendum = "Fracture relue.";
  const Message message = parsed(report(content, feed));
  EXPECT_EQ(message.raw(message.find("OBX", 3), 3, 1, 0), "18748-4&ADT");
  EXPECT_EQ(message.text(message.find("OBX", 3), 5), "Fracture relue.");
}

TEST(Report, AWithdrawnReportDoesNotRepeatItsText) {
  ReportContent content = content_of(ReportEvent::withdrawn);
  content.reason = "erreur de patient";
  EXPECT_EQ(report(content).find("hémorragie"), std::string::npos);
  EXPECT_NE(report(content).find("COMPTE RENDU RETIRÉ : erreur de patient"), std::string::npos);
}

TEST(Report, SectionsAreSentWhenTheFeedAsks) {
  Feed feed = gap_feed();
  feed.sections = true;
  ReportContent content = content_of(ReportEvent::validated);
  content.sections = {{"55752-0", "Indication", "AVC ?"}, {"19005-8", "Conclusion", "Normal"}};
  const Message message = parsed(report(content, feed));
  EXPECT_EQ(message.text(message.find("OBX", 3), 3), "55752-0");
  EXPECT_EQ(message.text(message.find("OBX", 4), 5), "Normal");
  const Message whole = parsed(report(content));
  EXPECT_EQ(whole.text(whole.find("OBX", 3), 3), "18748-4");
}

// domain Q13
TEST(Report, ADocumentGoesAsBase64ForCdaFeeds) {
  Feed feed = gap_feed();
  feed.cda = true;
  ReportContent content = content_of(ReportEvent::validated);
  content.cda = "hello";
  EXPECT_NE(report(content, feed).find("||^TEXT^XML^Base64^aGVsbG8=||"), std::string::npos);
}

TEST(Report, IsInTheFeedsCharacterSetAndVersion) {
  Feed feed = gap_feed();
  feed.charset = Charset::latin1;
  feed.version = "2.3.1";
  const std::string bytes = report(content_of(ReportEvent::validated), feed);
  EXPECT_NE(bytes.find("Coeur \\T\\ vaisseaux"), std::string::npos);
  EXPECT_NE(bytes.find("h\xE9morragie"), std::string::npos);
  const Message message = parsed(bytes);
  EXPECT_EQ(message.get("MSH", 9, 1, 0), "ORU^R01");
  EXPECT_EQ(message.get("MSH", 12), "2.3.1");
  EXPECT_EQ(message.get("MSH", 18), "8859/1");
}

TEST(Report, ACorrectedIdentityGoesIntoEveryLaterReport) {
  const Sealed base = *unseal(order_of(plain_order()).request.sealed);
  const Order adt = order_of({msh + "|ADT^A08|M2|P|2.5", "PID|1||88123^^^CHALPES^PI||CORRIGÉ"});
  const auto sealed = seal(merge(base, *unseal(adt.request.sealed)));
  const auto out = build_report(*sealed, content_of(ReportEvent::validated), gap_feed());
  ASSERT_TRUE(out);
  EXPECT_EQ(parsed(*out).get("PID", 5), "CORRIGÉ");
  EXPECT_EQ(parsed(*out).get("ORC", 2), "A100");
}

TEST(Report, TheTextCanHoldNoFramingNorSegment) {
  ReportContent content = content_of(ReportEvent::validated);
  content.text = "a\x1C\x0B\rOBX|9|forged\r\nb";
  const std::string bytes = report(content);
  EXPECT_EQ(bytes.find_first_of("\x1C\x0B\n"), std::string::npos);
  EXPECT_EQ(parsed(bytes).find("OBX", 4), nullptr);
}

TEST(Report, WithoutMessageIdOrSealedThereIsNone) {
  ReportContent content = content_of(ReportEvent::validated);
  EXPECT_EQ(build_report("junk", content, gap_feed()).error().code, Errc::malformed);
  content.message_id.clear();
  EXPECT_EQ(build_report("junk", content, gap_feed()).error().code, Errc::bad_value);
}

TEST(Report, TimestampsAreLocalWithTheirOffset) {
  EXPECT_EQ(timestamp({{951'782'400'000}, 0}), "20000229000000+0000");
  EXPECT_EQ(timestamp({{951'782'400'000}, -150}), "20000228213000-0230");
  EXPECT_EQ(timestamp({{1'767'225'599'000}, 240}), "20260101035959+0400");
  EXPECT_EQ(timestamp({}), "");
}

}  // namespace
}  // namespace vigie::hl7
