// What orders become in the room, and what hospitals are told beside the acknowledgement.
#include "actors/core/hl7/sealed.hpp"
#include "nodes/door/feed_map.hpp"
#include "tests/nodes/door/door_fixture.hpp"

namespace vigie::door {
namespace {

/// The exam that `number` became, as a room would have it.
Exam exam_of(const std::string& number, ExamState state = ExamState::protocolled) {
  Exam exam;
  exam.id = first_exam;
  exam.state = state;
  exam.state_since = FedTime{1'773'486'000'000};
  exam.request.key = {{111}, "RIS", number};
  exam.request.establishment = EstablishmentId{11};
  exam.request.modality = Modality::ct;
  hl7::Sealed sealed;
  sealed.sending_application = "RIS";
  sealed.sending_facility = "CHALPES";
  sealed.pid = "PID|1||88123^^^CHALPES^PI||DURAND^Zoe";
  sealed.identity.birth_name = "DURAND";
  sealed.identity.ipp = "88123";
  sealed.orc2 = number + "^RIS";
  sealed.context = {{"question", "AVC ?"}};
  exam.request.sealed = hl7::seal(sealed).value();
  return exam;
}

settings::FeedSettings with_results(const Hospital& hospital) {
  auto feed = alpes();
  feed.results = settings::ResultsAddress{false, {"127.0.0.1", hospital.port()}};
  return feed;
}

TEST(OrderRun, SeveralOrdersAreOneSubmit) {
  Bench bench;
  Socket ris = bench.connect();
  ris.message(msh("M1") + pid + order_group("A1") + order_group("A2"));
  ASSERT_TRUE(bench.intake.wait_for(1));
  EXPECT_EQ(bench.intake.as<Submit>(0).requests.size(), 2u);
  Answer answer = accepted();
  answer.exams = {make_exam_id(marseille, 1), make_exam_id(marseille, 2)};
  bench.intake.answer(0, answer);
  const std::string text = field(ris.next().value_or(""), "MSA", 3);
  for (const ExamId id : answer.exams) {
    EXPECT_NE(text.find(exam_number(*directory(), id)), std::string::npos) << text;
  }
}

TEST(OrderRun, AMixedMessageWithAnUnknownOrderStoresNothing) {
  Bench bench;
  Socket ris = bench.connect();
  ris.message(msh("M1") + pid + order_group("A1") + order_group("A2", "XO"));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AE");
  EXPECT_EQ(bench.intake.count(), 0u);
}

TEST(OrderRun, AMixedMessageSubmitsFirst) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  bench.lookup.rule = [](const ExamQuery&) { return std::vector{exam_of("A2")}; };
  Socket ris = bench.connect();
  ris.message(msh("M1") + pid + order_group("A2", "XO") + order_group("A1"));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
  EXPECT_EQ(bench.intake.as<Submit>(0).requests[0].key.number, "A1");
  EXPECT_EQ(bench.intake.as<Amend>(1).request.key.number, "A2");
}

TEST(OrderRun, AnAmendmentKeepsWhatItDoesNotRepeat) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  bench.lookup.rule = [](const ExamQuery& query) {
    EXPECT_EQ(query.ref.key.number, "A1");
    return std::vector{exam_of("A1")};
  };
  Socket ris = bench.connect();
  ris.message(order("M2", "A1", "XO", "SC"));
  ASSERT_TRUE(ris.next());
  const auto sealed = hl7::unseal(bench.intake.as<Amend>(0).request.sealed);
  ASSERT_TRUE(sealed);
  ASSERT_EQ(sealed->context.size(), 1u);
  EXPECT_EQ(sealed->context[0].text, "AVC ?");
  EXPECT_EQ(sealed->identity.given, "Zoé");
}

TEST(OrderRun, AnExaminationDoneNamesItsImages) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1", "SC", "IP"));
  ASSERT_TRUE(ris.next());
  EXPECT_EQ(bench.intake.as<AcquisitionStarted>(0).exam.key.number, "A1");
  ris.message(order("M2", "A1", "XO", "CM") + "IPC|ACC7||1.2.250.1.213.4.5.77.1\r");
  ASSERT_TRUE(ris.next());
  const auto complete = bench.intake.as<AcquisitionComplete>(1);
  EXPECT_EQ(complete.exam.key.number, "A1");
  EXPECT_EQ(complete.accessions, std::vector<std::string>{"ACC7"});
  EXPECT_EQ(complete.studies, std::vector<std::string>{"1.2.250.1.213.4.5.77.1"});
}

// domain F16
TEST(OrderRun, AnExaminationDoneBringsItsContrastToTheReader) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  bench.lookup.rule = [](const ExamQuery&) { return std::vector{exam_of("A1")}; };
  Socket ris = bench.connect();
  ris.message(order("M2", "A1", "XO", "CM") + "OBX|1|NM|29463-7^Body weight^LN||71|kg|||||O\r");
  ASSERT_TRUE(ris.next());
  ASSERT_EQ(bench.intake.count(), 2u);
  const auto sealed = hl7::unseal(bench.intake.as<Amend>(0).request.sealed);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->context.size(), 2u);
  EXPECT_EQ(bench.intake.as<AcquisitionComplete>(1).exam.key.number, "A1");
}

TEST(OrderRun, AnIdentityCorrectionReachesEveryOpenExamOfThePatient) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  const PatientKey patient = patient_key("essai", LegalEntityId{111}, "88123");
  bench.lookup.rule = [patient](const ExamQuery& query) {
    EXPECT_EQ(query.patient, patient);
    return std::vector{exam_of("A1"), exam_of("A2", ExamState::cancelled),
                       exam_of("A3", ExamState::reading)};
  };
  Socket ris = bench.connect();
  ris.message(msh("M1", "CHALPES", "ADT^A08^ADT_A01") +
              "PID|1||88123^^^CHALPES^PI||DUPONT^Zoé^^^^^L||19800229|F\r");
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
  ASSERT_EQ(bench.intake.count(), 2u);
  for (const std::size_t i : {0, 1}) {
    const auto amend = bench.intake.as<Amend>(i);
    EXPECT_EQ(amend.request.key.number, i == 0 ? "A1" : "A3");
    EXPECT_EQ(amend.request.asked, Urgency::p3);
    const auto sealed = hl7::unseal(amend.request.sealed);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->identity.birth_name, "DUPONT");
    EXPECT_EQ(sealed->orc2, (i == 0 ? "A1" : "A3") + std::string("^RIS"));
  }
}

TEST(OrderRun, AnIdentityCorrectionOfAStrangerIsTakenNote) {
  Bench bench;
  Socket ris = bench.connect();
  ris.message(msh("M1", "CHALPES", "ADT^A08^ADT_A01") +
              "PID|1||999^^^CHALPES^PI||DUPONT^Zoé^^^^^L\r");
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
  EXPECT_EQ(bench.intake.count(), 0u);
}

TEST(OrderRun, AnUltrasoundIsTakenAndTheRecourseIsToldInAMessage) {
  Hospital hospital;
  Bench bench({with_results(hospital)});
  bench.intake.rule = [](const Command&) {
    Answer answer = accepted();
    answer.text = "CHU Nord, 04 91 00 00 00";
    return answer;
  };
  bench.lookup.rule = [](const ExamQuery& query) {
    EXPECT_EQ(query.ref.id, first_exam);
    Exam exam = exam_of("A1", ExamState::refused);
    exam.request.modality = Modality::us;
    exam.reason = "CHU Nord, 04 91 00 00 00";
    return std::vector{exam};
  };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1", "NW", "SC", "US"));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
  Socket results = hospital.accept();
  const std::string told = results.next().value_or("");
  EXPECT_EQ(field(told, "ORC", 1), "OC");
  EXPECT_EQ(field(told, "ORC", 2), "A1^RIS");
  EXPECT_NE(field(told, "ORC", 16).find("CHU Nord"), std::string::npos);
  EXPECT_EQ(field(told, "OBR", 25), "X");
}

TEST(OrderRun, AnUltrasoundIsAnErrorForAFeedThatCannotBeTold) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  bench.lookup.rule = [](const ExamQuery&) {
    Exam exam = exam_of("A1", ExamState::refused);
    exam.request.modality = Modality::us;
    exam.reason = "CHU Nord, 04 91 00 00 00";
    return std::vector{exam};
  };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1", "NW", "SC", "US"));
  const std::string ack = ris.next().value_or("");
  EXPECT_EQ(field(ack, "MSA", 1), "AE");
  EXPECT_NE(field(ack, "ERR", 8).find("CHU Nord"), std::string::npos);
  // Among several orders nothing is stored.
  ris.message(msh("M2") + pid + order_group("A2") + order_group("A3", "NW", "SC", "US"));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AE");
  EXPECT_EQ(bench.intake.count(), 1u);
}

TEST(OrderRun, ACancelInTimeIsConfirmedInAMessage) {
  Hospital hospital;
  Bench bench({with_results(hospital)});
  bench.intake.rule = [](const Command&) { return accepted(); };
  bench.lookup.rule = [](const ExamQuery&) {
    return std::vector{exam_of("A1", ExamState::cancelled)};
  };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1", "CA", ""));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
  EXPECT_EQ(bench.intake.as<Cancel>(0).exam.key.number, "A1");
  Socket results = hospital.accept();
  EXPECT_EQ(field(results.next().value_or(""), "ORC", 1), "CR");
}

TEST(OrderRun, ACancelTooLateIsTakenAndToldImpossible) {
  Hospital hospital;
  Bench bench({with_results(hospital)});
  bench.intake.rule = [](const Command&) { return refused(Errc::acquisition_begun, first_exam); };
  bench.lookup.rule = [](const ExamQuery&) {
    return std::vector{exam_of("A1", ExamState::acquiring)};
  };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1", "CA", ""));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
  Socket results = hospital.accept();
  EXPECT_EQ(field(results.next().value_or(""), "ORC", 1), "UC");
}

TEST(OrderRun, ACancelTooLateIsAnErrorForAFeedThatCannotBeTold) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return refused(Errc::acquisition_begun, first_exam); };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1", "CA", ""));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AE");
}

TEST(OrderRun, AProtocolIsToldToFeedsWhoseTechnologistsAnswer) {
  Hospital hospital;
  auto feed = with_results(hospital);
  feed.protocol_ack = settings::FeedProtocolAck::client;
  Bench bench({feed});
  bench.lookup.rule = [](const ExamQuery&) {
    Exam exam = exam_of("A1");
    exam.protocol = "AVC-TDM v3";
    return std::vector{exam};
  };
  bench.door.notify(first_exam, EventKind::protocol_assigned);
  Socket results = hospital.accept();
  const std::string told = results.next().value_or("");
  EXPECT_EQ(field(told, "ORC", 1), "OK");
  EXPECT_NE(told.find("AVC-TDM v3"), std::string::npos);
}

TEST(FeedMap, GivesTheMappingWhatSettingsAndDirectorySay) {
  auto feed = alpes();
  feed.charset = "8859/15";
  feed.text = settings::FeedText::tx;
  feed.profile = settings::FeedProfile::tlr;
  const hl7::Feed mapped = map_feed(feed, *directory(), settings::FederationMode::training);
  ASSERT_EQ(mapped.establishments.size(), 1u);
  EXPECT_EQ(mapped.establishments[0].legal_entity, LegalEntityId{111});
  EXPECT_EQ(mapped.establishments[0].finess, std::vector<std::string>{"050000116"});
  EXPECT_EQ(mapped.establishments[0].aliases, (std::vector<std::string>{"ch-alpes", "CHALPES"}));
  EXPECT_EQ(mapped.authority, "ch-alpes-ris");
  EXPECT_EQ(mapped.charset, hl7::Charset::latin9);
  EXPECT_EQ(mapped.text, hl7::TextStyle::tx);
  EXPECT_EQ(mapped.profile, hl7::Profile::tlr);
  EXPECT_EQ(mapped.federation, hl7::Federation::training);
  EXPECT_EQ(mapped.doors, (std::vector<std::string>{"marseille", "bordeaux"}));
  EXPECT_TRUE(is_door(feed, *directory(), "bordeaux"));
  EXPECT_FALSE(is_door(feed, *directory(), "lyon"));
}

TEST(FeedMap, APatientKeyDependsOnFederationEntityAndNumber) {
  const PatientKey key = patient_key("essai", LegalEntityId{1}, "88123");
  EXPECT_EQ(key, patient_key("essai", LegalEntityId{1}, "88123"));
  EXPECT_NE(key, patient_key("autre", LegalEntityId{1}, "88123"));
  EXPECT_NE(key, patient_key("essai", LegalEntityId{2}, "88123"));
  EXPECT_NE(key, patient_key("essai", LegalEntityId{1}, "88124"));
  EXPECT_FALSE(patient_key("essai", LegalEntityId{1}, ""));
}

}  // namespace
}  // namespace vigie::door
