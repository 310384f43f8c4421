// Table 1.2 of the interface, row by row: where each field of a request is read.
#include "actors/core/hl7/map.hpp"

#include <gtest/gtest.h>

#include "actors/core/hl7/codes.hpp"
#include "actors/core/hl7/identity.hpp"
#include "messages/types/limits.hpp"
#include "tests/actors/core/hl7/samples.hpp"

namespace vigie::hl7 {
namespace {

Request request_of(const std::vector<std::string>& segments, const Feed& feed = gap_feed()) {
  return order_of(segments, feed).request;
}
Sealed sealed_of(const std::vector<std::string>& segments, const Feed& feed = gap_feed()) {
  return *unseal(request_of(segments, feed).sealed);
}
std::string context_of(const Sealed& sealed, std::string_view code) {
  for (const ContextItem& item : sealed.context) {
    if (item.code == code) {
      return item.text;
    }
  }
  return {};
}
std::vector<std::string> plus(std::vector<std::string> segments,
                              const std::vector<std::string>& more) {
  segments.insert(segments.end(), more.begin(), more.end());
  return segments;
}

bool rings(const Order& order) { return has(order.request.flags, ExamFlag::asked_stat); }

TEST(Map, PlainOrderOfProfileSwf) {
  const Order order = order_of(plain_order());
  const Request& r = order.request;
  EXPECT_EQ(r.key, (OrderKey{LegalEntityId{5}, "1.2.3.4", "A100"}));
  EXPECT_EQ(r.establishment, EstablishmentId{11});
  EXPECT_EQ(r.modality, Modality::ct);
  EXPECT_EQ(r.region, Region::head);
  EXPECT_EQ(r.side, Side::none);
  EXPECT_EQ(r.age_class, AgeClass::adult);
  EXPECT_EQ(r.asked, Urgency::p1);  // OBR-27.6 A over ORC-7.6 R
  EXPECT_EQ(r.flags, ExamFlag::none);
  EXPECT_EQ(r.procedure, "TDMCR^TDM crâne^L");
  EXPECT_EQ(r.accessions, std::vector<std::string>{"ACC9"});
  EXPECT_EQ(r.callback_phone, "0492111111");
  EXPECT_EQ(order.message_id, "M0001");
  EXPECT_EQ(order.patient_number, "88123");
  EXPECT_EQ(order.ins, "180017512345678");
  EXPECT_EQ(order.age_years, 46);
  EXPECT_EQ(order.visit, "V778");
  EXPECT_EQ(order.requester, (Clinician{"10101010101", "BLANC", "Ève"}));
  EXPECT_EQ(order.pathway, "AVC-TDM v3");
  EXPECT_FALSE(rings(order));
}

TEST(Map, RequestOfProfileTlrWithObservationsBeforeIpc) {
  const Order order = order_of(tlr_order());
  const Request& r = order.request;
  EXPECT_EQ(r.key, (OrderKey{LegalEntityId{5}, "1.2.250.1.999.1", "D55"}));
  EXPECT_EQ(r.modality, Modality::mr);
  EXPECT_EQ(r.region, Region::spine);
  EXPECT_EQ(r.side, Side::left);
  EXPECT_EQ(r.procedure, "LHQN001^IRM rachis^CCAM");
  EXPECT_EQ(r.accessions, std::vector<std::string>{"ACN7"});
  EXPECT_EQ(r.studies, std::vector<std::string>{"1.2.250.1.213.4.5.77.1"});
  EXPECT_EQ(r.callback_phone, "+33492222222");
  EXPECT_EQ(r.asked, Urgency::p3);
}

TEST(Map, EstablishmentIsClaimedFromLeftToRightInsideTheFeed) {
  Feed feed = gap_feed();
  feed.establishments.push_back({{12}, {5}, {"050000999"}, {"CH VAL", "RX-DEPT"}});
  auto segments = with(plain_order(), "ORC", 21, "X^^^^^^FINEG^^^1050000999");
  EXPECT_EQ(request_of(segments, feed).establishment, EstablishmentId{12});
  segments = with(plain_order(), "ORC", 21, "X^^^^^^OTHER^^^050000999");
  EXPECT_EQ(request_of(segments, feed).establishment, EstablishmentId{11});  // MSH-4
  segments = with(plain_order(), "MSH", 4, "ch val");
  EXPECT_EQ(request_of(segments, feed).establishment, EstablishmentId{12});
  segments = with(with(plain_order(), "MSH", 4, ""), "PV1", 3, "URG^^^CH VAL");
  EXPECT_EQ(request_of(segments, feed).establishment, EstablishmentId{12});
  segments = with(with(plain_order(), "MSH", 4, ""), "PV1", 3, "URG");
  EXPECT_EQ(request_of(with(segments, "ORC", 17, "RX-DEPT"), feed).establishment,
            EstablishmentId{12});
}

TEST(Map, EstablishmentOutsideTheFeedIsAnUnknownKey) {
  const Refusal by_msh = refusal_of(with(plain_order(), "MSH", 4, "CH AILLEURS"));
  EXPECT_EQ(by_msh.code, ErrorCode::unknown_key);
  EXPECT_EQ(by_msh.place.text(), "MSH^1^4");
  const Refusal by_orc = refusal_of(with(plain_order(), "ORC", 21, "X^^^^^^FINEG^^^999999999"));
  EXPECT_EQ(by_orc.code, ErrorCode::unknown_key);
  EXPECT_EQ(by_orc.place.text(), "ORC^1^21");
}

// domain N8
TEST(Map, ALegalEntityOfSeveralSitesIsSettledByTheNextClaim) {
  Feed feed = gap_feed();
  feed.establishments[0].finess.push_back("050001111");
  feed.establishments.push_back({{12}, {5}, {"050000999", "050001111"}, {"CH VAL"}});
  const auto segments = with(plain_order(), "ORC", 21, "X^^^^^^FINEJ^^^050001111");
  EXPECT_EQ(request_of(segments, feed).establishment, EstablishmentId{11});
  EXPECT_EQ(request_of(with(segments, "MSH", 4, "CH VAL"), feed).establishment,
            EstablishmentId{12});
  const auto vague = with(with(segments, "MSH", 4, ""), "PV1", 3, "");
  EXPECT_EQ(refusal_of(vague, feed).code, ErrorCode::unknown_key);
}

TEST(Map, WithoutAnyClaimTheOnlyEstablishmentOfTheFeedIsMeant) {
  const auto segments = with(with(plain_order(), "MSH", 4, ""), "PV1", 3, "");
  EXPECT_EQ(request_of(segments).establishment, EstablishmentId{11});
  Feed two = gap_feed();
  two.establishments.push_back({{12}, {5}, {}, {"CH VAL"}});
  EXPECT_EQ(refusal_of(segments, two).code, ErrorCode::required_field);
}

TEST(Map, OrderNumberIsPlacerThenFillerThenAccession) {
  auto segments = plain_order();
  EXPECT_EQ(request_of(segments).key.number, "A100");
  segments = with(with(segments, "ORC", 2, ""), "OBR", 2, "B2^NS2^9.9.9^ISO");
  EXPECT_EQ(request_of(segments).key.number, "B2");
  EXPECT_EQ(request_of(segments).key.authority, "9.9.9");
  segments = with(segments, "OBR", 2, "");
  EXPECT_EQ(request_of(segments).key.number, "F7");
  EXPECT_EQ(request_of(segments).key.authority, "RIS-ALPES");
  segments = with(with(segments, "ORC", 3, ""), "OBR", 3, "F8^FILL");
  EXPECT_EQ(request_of(segments).key.number, "F8");
  EXPECT_EQ(request_of(segments).key.authority, "FILL");
  segments = with(segments, "OBR", 3, "");
  EXPECT_EQ(refusal_of(segments).code, ErrorCode::required_field);
  EXPECT_EQ(refusal_of(segments).place.text(), "ORC^1^2");
  Feed feed = gap_feed();
  feed.key = KeySource::accession;
  EXPECT_EQ(request_of(segments, feed).key.number, "ACC9");
  EXPECT_EQ(request_of(segments, feed).key.authority, "RIS-ALPES");
}

TEST(Map, AuthorityIsUniversalThenNamespaceThenTheFeeds) {
  EXPECT_EQ(request_of(with(plain_order(), "ORC", 2, "A1^NS")).key.authority, "NS");
  EXPECT_EQ(request_of(with(plain_order(), "ORC", 2, "A1")).key.authority, "RIS-ALPES");
}

TEST(Map, AccessionIsIpcThenObr18ThenObr3IfTheFeedSaysSo) {
  auto segments = plus(plain_order(), {"IPC|ACX^^1.2^ISO", "IPC|ACY"});
  EXPECT_EQ(request_of(segments).accessions, (std::vector<std::string>{"ACX", "ACY"}));
  segments = with(plain_order(), "OBR", 18, "");
  EXPECT_TRUE(request_of(segments).accessions.empty());
  Feed feed = gap_feed();
  feed.accession_in_obr3 = true;
  EXPECT_EQ(request_of(segments, feed).accessions, std::vector<std::string>{"F7"});
}

TEST(Map, StudyIsIpcThenZdsThenObservation113014) {
  const std::vector<std::string> zds = {"ZDS|1.2.826.5^100^Application^DICOM"};
  const std::string code = "|113014^DICOM Study^DCM||";
  for (const std::string& value : std::vector<std::string>{
           "ST" + code + "1.2.826.7", "HD" + code + "1.2.826.7^^ISO",
           "RP" + code + "1.2.826.7^1^Application^DICOM", "HD" + code + "store^1.2.826.7^ISO"}) {
    const auto observed = plus(plain_order(), {"OBX|1|" + value});
    EXPECT_EQ(request_of(observed).studies, std::vector<std::string>{"1.2.826.7"}) << value;
    EXPECT_EQ(request_of(plus(observed, zds)).studies, std::vector<std::string>{"1.2.826.5"});
  }
  EXPECT_EQ(request_of(plus(plus(plain_order(), zds), {"IPC|A||1.2.826.3"})).studies,
            std::vector<std::string>{"1.2.826.3"});
  EXPECT_TRUE(request_of(plus(plain_order(), {"ZDS|not a uid"})).studies.empty());
}

TEST(Map, ModalityIsIpcThenObservationThenObr24ThenTheTable) {
  const auto observed =
      plus(plain_order(), {"OBX|1|CE|MODALITE_IMAGERIE^^TLR_OBSERVATION||MR^IRM^DCM"});
  EXPECT_EQ(request_of(observed).modality, Modality::mr);
  EXPECT_EQ(request_of(plus(observed, {"IPC|A||||XA"})).modality, Modality::xa);
  const auto silent = with(plain_order(), "OBR", 24, "RAD");
  EXPECT_EQ(request_of(silent).modality, Modality::ct);  // procedure table
  const auto unknown = with(silent, "OBR", 4, "LOCAL9^?^L");
  EXPECT_EQ(request_of(unknown).modality, Modality::unknown);
  EXPECT_TRUE(has(request_of(unknown).flags, ExamFlag::modality_unknown));
}

TEST(Map, ModalityCodesOfTable0074AreUnderstood) {
  for (const std::string_view code : {"US", "RUS", "OUS", "CUS", "VUS"}) {
    const Order order = order_of(with(plain_order(), "OBR", 24, code));
    EXPECT_EQ(order.request.modality, Modality::us);
    EXPECT_TRUE(order.ultrasound);  // refused by the room, never by the mapping
  }
  EXPECT_EQ(modality_of_code("NMR"), Modality::mr);
  EXPECT_EQ(modality_of_code("rx"), Modality::cr);
  EXPECT_EQ(modality_of_code("RAD"), Modality::unknown);
  EXPECT_EQ(modality_of_code("RF"), Modality::other);
}

TEST(Map, ProcedureIsObr44ThenObr4ThenTheObservedAct) {
  EXPECT_EQ(request_of(with(plain_order(), "OBR", 44, "ACQK001^Scanner^CCAM")).procedure,
            "ACQK001^Scanner^CCAM");
  EXPECT_EQ(request_of(with(tlr_order(), "OBR", 44, "ACQK001^Scanner^CCAM")).procedure,
            "ACQK001^Scanner^CCAM");
  EXPECT_EQ(request_of(with(plain_order(), "OBR", 4, "^texte seul")).procedure, "^texte seul");
}

TEST(Map, RegionAndSideComeFromSnomedThenTheTable) {
  const std::string region = "OBX|1|CE|REGION_ANATOMIQUE^^TLR_OBSERVATION|1.1|";
  const std::string side = "OBX|2|CE|REGION_ANATOMIQUE^^TLR_OBSERVATION|1.2|";
  Request r = request_of(
      plus(plain_order(), {region + "51185008^thorax^SCT", side + "24028007^droit^SCT"}));
  EXPECT_EQ(r.region, Region::chest);
  EXPECT_EQ(r.side, Side::right);
  r = request_of(plus(with(plain_order(), "OBR", 4, "RXPOI^x^L"), {region + "1^?^SCT"}));
  EXPECT_EQ(r.region, Region::limb);
  EXPECT_EQ(r.side, Side::left);
  r = request_of(plus(with(plain_order(), "OBR", 4, "Z^x^L"), {side + "24028007^droit^SCT"}));
  EXPECT_EQ(r.region, Region::unknown);
  EXPECT_EQ(r.side, Side::right);
}

TEST(Map, UrgencyIsTq1ThenObr27ThenOrc7ThenObr5) {
  auto segments = with(with(plain_order(), "PV1", 2, "O"), "OBR", 5, "S");
  EXPECT_EQ(request_of(plus(segments, {"TQ1|1||||||||S^STAT"})).asked, Urgency::p1);
  EXPECT_TRUE(rings(order_of(plus(segments, {"TQ1|1||||||||S"}))));
  EXPECT_EQ(request_of(plus(segments, {"TQ1|1||||||S"})).asked, Urgency::p1);  // TQ1-9 absent
  EXPECT_FALSE(rings(order_of(plus(segments, {"TQ1|1||||||S"}))));             // OBR-27: A
  segments = with(segments, "OBR", 27, "");
  EXPECT_EQ(request_of(segments).asked, Urgency::p3);  // ORC-7.6: R
  segments = with(segments, "ORC", 7, "");
  EXPECT_TRUE(rings(order_of(segments)));  // OBR-5: S
}

TEST(Map, UrgencyCodesNeverGiveP0) {
  struct Row {
    std::string_view code, patient_class;
    Urgency urgency;
    bool rings, mapped;
  };
  for (const Row& row :
       {Row{"S", "O", Urgency::p1, true, false}, Row{"A", "O", Urgency::p1, false, false},
        Row{"U", "O", Urgency::p2, false, true}, Row{"R", "O", Urgency::p3, false, false},
        Row{"P", "I", Urgency::p2, false, false}, Row{"C", "E", Urgency::p2, false, false},
        Row{"T", "", Urgency::p3, false, false}, Row{"", "E", Urgency::p2, false, false},
        Row{"", "", Urgency::p3, false, false}, Row{"XX", "I", Urgency::p2, false, true}}) {
    const AskedUrgency got = urgency_of_code(row.code, row.patient_class);
    EXPECT_EQ(got.urgency, row.urgency) << row.code;
    EXPECT_EQ(got.rings_as_p0, row.rings) << row.code;
    EXPECT_EQ(got.mapped, row.mapped) << row.code;
  }
}

TEST(Map, PatientNumberIsTheOneOfTypePi) {
  EXPECT_EQ(order_of(with(plain_order(), "PID", 3, "1^^^X^MR~2^^^Y^PI")).patient_number, "2");
  EXPECT_EQ(order_of(with(plain_order(), "PID", 3, "3^^^X")).patient_number, "3");
  const std::string ins = "1^^^INS&1.2.250.1.213.1.4.8&ISO";
  EXPECT_EQ(order_of(with(plain_order(), "PID", 3, ins)).patient_number, "");
}

TEST(Map, InsIsUsedOnlyWhenQualified) {
  for (const std::string_view status : {"PROV", "", "VALI~DOUT", "VIDE", "FICT"}) {
    const Order order = order_of(with(plain_order(), "PID", 32, status));
    EXPECT_EQ(order.ins, "") << status;
    EXPECT_TRUE(has(order.request.flags, ExamFlag::identity_provisional)) << status;
  }
  EXPECT_NE(order_of(with(plain_order(), "PID", 32, "PROV~VALI")).ins, "");
  const std::string test_ins = "9^^^INS&1.2.250.1.213.1.4.10&ISO^INS";
  Feed training = gap_feed();
  training.federation = Federation::training;
  EXPECT_EQ(order_of(with(plain_order(), "PID", 3, test_ins)).ins, "");
  EXPECT_EQ(order_of(with(plain_order(), "PID", 3, test_ins), training).ins, "9");
}

TEST(Map, NamesFollowTheirType) {
  const Identity identity = sealed_of(plain_order()).identity;
  EXPECT_EQ(identity.usual_name, "MARTIN");
  EXPECT_EQ(identity.birth_name, "DURAND");
  EXPECT_EQ(identity.given, "Zoé");
  EXPECT_EQ(identity.sex, "F");
  EXPECT_TRUE(identity.validated);
}

TEST(Map, AgeIsCountedOnTheGivenDay) {
  EXPECT_EQ(age_years("20260314", today), 0);
  EXPECT_EQ(age_years("20240315", today), 1);
  EXPECT_EQ(age_years("20240314", today), 2);
  EXPECT_EQ(age_years("1950", today), 76);
  EXPECT_EQ(age_years("195004", today), 75);
  EXPECT_EQ(age_years("19500000", today), 76);
  EXPECT_EQ(age_years("20270101", today), -1);
  EXPECT_EQ(age_years("99", today), -1);
  EXPECT_EQ(age_class(1), AgeClass::infant);
  EXPECT_EQ(age_class(2), AgeClass::child);
  EXPECT_EQ(age_class(16), AgeClass::adult);
  EXPECT_EQ(age_class(-1), AgeClass::unknown);
}

TEST(Map, VisitIsPv119ThenPid18) {
  const auto segments = with(plain_order(), "PID", 18, "V9^^^X");
  EXPECT_EQ(order_of(segments).visit, "V778");
  EXPECT_EQ(order_of(with(segments, "PV1", 19, "")).visit, "V9");
}

TEST(Map, RequesterIsOrc12ThenObr16ThenPv17) {
  auto segments = with(plain_order(), "ORC", 12, "810101010102^VERT^Ana^^^^^^^D^^^IDNPS");
  EXPECT_EQ(order_of(segments).requester, (Clinician{"10101010102", "VERT", "Ana"}));
  segments = with(segments, "ORC", 12, "");
  EXPECT_EQ(order_of(segments).requester, (Clinician{"", "GRIS", "Paul"}));
  segments = with(segments, "OBR", 16, "");
  EXPECT_EQ(order_of(segments).requester, (Clinician{"", "ROUX", "Luc"}));
}

// domain F16
TEST(Map, CallbackPhoneIsOrc14ThenObr17ThenTheFeed) {
  auto segments = with(plain_order(), "ORC", 14, "01^PRN^CP^^^^^^^^^+33102");
  EXPECT_EQ(request_of(segments).callback_phone, "+33102");
  segments = with(with(segments, "ORC", 14, ""), "OBR", 17, "0403");
  EXPECT_EQ(request_of(segments).callback_phone, "0403");
  EXPECT_EQ(request_of(with(segments, "OBR", 17, "")).callback_phone, "0492000000");
}

TEST(Map, ClinicalContextIsSealed) {
  const Sealed sealed = sealed_of(
      plus(plain_order(), {"AL1|1|DA|IOD^Produit iodé", "OBX|1|NM|2160-0^Creat^LN||71|umol/L",
                           "OBX|2|NM|8302-2^Height^LN||170|cm", "OBX|3|NM|29463-7^Weight^LN||68|kg",
                           "OBX|4|TX|kg^Body Weight||15kg", "NTE|1||ligne\\.br\\deux"}));
  EXPECT_EQ(context_of(sealed, "question"), "céphalée brutale");
  EXPECT_EQ(sealed.context[1], (ContextItem{"question", "AVC?"}));
  EXPECT_EQ(context_of(sealed, "allergy"), "Produit iodé");
  EXPECT_EQ(context_of(sealed, "creatinine"), "71 umol/L");
  EXPECT_EQ(context_of(sealed, "height"), "170 cm");
  EXPECT_EQ(context_of(sealed, "weight"), "68 kg");
  EXPECT_EQ(context_of(sealed, "observation"), "Body Weight : 15kg");
  EXPECT_EQ(context_of(sealed, "note"), "ligne\ndeux");
  EXPECT_EQ(context_of(sealed_of(tlr_order()), "history"), "HTA\ndiabète");
}

TEST(Map, PregnancyIsObservedOrInPv115) {
  EXPECT_EQ(
      context_of(sealed_of(plus(plain_order(), {"OBX|1|CE|82810-3^P^LN||Y^oui"})), "pregnancy"),
      "oui");
  EXPECT_NE(context_of(sealed_of(with(plain_order(), "PV1", 15, "A1~B6")), "pregnancy"), "");
}

TEST(Map, ExaminationDoneBringsTimeProductsDeviceAndViewer) {
  const std::string product = "|PRODUIT_ADMINISTRE^^TLR_OBSERVATION|";
  const auto segments =
      plus(with(with(plain_order(), "ORC", 1, "XO"), "ORC", 5, "CM"),
           {"TQ1|1||||||20260314131500", "OBX|1|CE" + product + "1.1|V08^^ATC",
            "OBX|2|ST" + product + "1.2|LOT7", "OBX|3|NM" + product + "1.3|80|ml",
            "OBX|4|TX|APPAREIL_IMAGERIE^^T|1.1|SN42", "OBX|5|TX|APPAREIL_IMAGERIE^^T|1.2|Modèle X",
            "OBX|6|ED|URL_PARTIELLE_VIEWER^^T||^TEXT^^Base64^L3ZpZXcvMTI=", "IPC|ACC5||1.2.826.9"});
  const Order order = order_of(segments);
  const Sealed sealed = *unseal(order.request.sealed);
  EXPECT_EQ(order.action, Action::acquisition_complete);
  EXPECT_EQ(order.exam_time, "20260314131500");
  EXPECT_EQ(context_of(sealed, "product"), "V08 LOT7 80 ml");
  EXPECT_EQ(context_of(sealed, "device"), "SN42 Modèle X");
  EXPECT_EQ(context_of(sealed, "viewer"), "/view/12");
  EXPECT_EQ(order.request.accessions, std::vector<std::string>{"ACC5"});
}

TEST(Map, APriorityInThePlaceOfTheExamTimeIsNotATime) {
  EXPECT_EQ(order_of(plus(plain_order(), {"TQ1|1||||||S|2026"})).exam_time, "");
}

TEST(Map, ASmallAttachmentIsKeptALargeOneIsNoted) {
  const std::string head = "OBX|1|ED|DEMANDE^Demande PDF^L||RIS^application^PDF^Base64^";
  const Sealed small = sealed_of(plus(plain_order(), {head + "aGVsbG8="}));
  ASSERT_EQ(small.attachments.size(), 1u);
  EXPECT_EQ(small.attachments[0].label, "Demande PDF");
  EXPECT_EQ(small.attachments[0].type, "application^PDF");
  EXPECT_EQ(small.attachments[0].size_bytes, 5u);
  EXPECT_EQ(small.attachments[0].sha256,
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  EXPECT_EQ(small.attachments[0].content, "aGVsbG8=");
  EXPECT_FALSE(small.cut);

  const Request large =
      request_of(plus(plain_order(), {head + std::string(std::size_t{4} << 20, 'A')}));
  EXPECT_LE(large.sealed.size(), limits::sealed_bytes);
  const Sealed noted = *unseal(large.sealed);
  EXPECT_EQ(noted.attachments[0].size_bytes, std::uint64_t{3} << 20);
  EXPECT_EQ(noted.attachments[0].content, "");
  EXPECT_TRUE(noted.cut);
}

TEST(Map, EchoFieldsAreSealedVerbatim) {
  const Sealed sealed = sealed_of(plain_order());
  EXPECT_EQ(sealed.pid, pid);
  EXPECT_EQ(sealed.pv1, pv1);
  EXPECT_EQ(sealed.orc2, "A100^RIS-ALPES^1.2.3.4^ISO");
  EXPECT_EQ(sealed.obr19, "RP9");
  EXPECT_EQ(sealed.sending_facility, "CH ALPES");
}

TEST(Map, AnIdentityThatCannotBeKeptIsRefused) {
  const auto segments = with(plain_order(), "PID", 11, std::string(20'000, 'a'));
  EXPECT_EQ(refusal_of(segments).code, ErrorCode::data_type);
}

TEST(Map, AnOrderNumberLongerThanAKeyIsRefused) {
  EXPECT_EQ(refusal_of(with(plain_order(), "ORC", 2, std::string(200, '7'))).place.text(),
            "ORC^1^2");
}

TEST(Map, EmptyDateOfTheMessageAndEmptySetIdsAreAccepted) {
  EXPECT_EQ(order_of(with(with(plain_order(), "MSH", 7, ""), "OBR", 1, "")).action, Action::submit);
}

TEST(Map, EscapesAreResolvedInValues) {
  const auto segments =
      with(plain_order(), "OBR", 13, "TA 180\\F\\90 \\T\\ c\\XE9\\phal\\XC3A9\\e");
  EXPECT_EQ(context_of(sealed_of(segments), "question"), "TA 180|90 & céphalée");
}

TEST(Map, DescribeNamesTheSourceOfEachField) {
  const auto rows = describe(parsed(lines(tlr_order())), gap_feed(), today);
  const auto source_of = [&](std::string_view field) -> std::string {
    for (const Described& row : rows) {
      if (row.field == field) {
        return row.source + "=" + row.value;
      }
    }
    return "?";
  };
  EXPECT_EQ(source_of("establishment"), "ORC-21.10=050000116");
  EXPECT_EQ(source_of("key.number"), "ORC-2.1=D55");
  EXPECT_EQ(source_of("key.authority"), "ORC-2.3=1.2.250.1.999.1");
  EXPECT_EQ(source_of("accession"), "IPC-1.1=ACN7");
  EXPECT_EQ(source_of("study"), "IPC-3.1=1.2.250.1.213.4.5.77.1");
  EXPECT_EQ(source_of("modality"), "OBX(MODALITE_IMAGERIE)-5.1=MR (MR)");
  EXPECT_EQ(source_of("region"), "OBX(REGION_ANATOMIQUE)-5.1=spine (122496007)");
  EXPECT_EQ(source_of("callback_phone"), "ORC-14.12=+33492222222");
  EXPECT_EQ(source_of("action"), "ORC-1, ORC-5, OBR-4.1=submit");
}

}  // namespace
}  // namespace vigie::hl7
