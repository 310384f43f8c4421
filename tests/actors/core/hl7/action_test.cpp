// Table 1.1 of the interface, row by row: what a message means.
#include <gtest/gtest.h>

#include "messages/types/limits.hpp"
#include "tests/actors/core/hl7/samples.hpp"

namespace vigie::hl7 {
namespace {

std::vector<std::string> with_control(std::string_view control, std::string_view status) {
  return with(with(plain_order(), "ORC", 1, control), "ORC", 5, status);
}
std::vector<std::string> as_omi(std::vector<std::string> segments) {
  return with(std::move(segments), "MSH", 9, "OMI^O23^OMI_O23");
}
void expect_refused(const std::vector<std::string>& segments, int code, std::string_view place,
                    const Feed& feed = gap_feed()) {
  const Refusal refusal = refusal_of(segments, feed);
  EXPECT_EQ(static_cast<int>(refusal.code), code) << refusal.text;
  EXPECT_EQ(refusal.place.text(), place);
  EXPECT_FALSE(refusal.text.empty());
}

TEST(Action, NewOrderWithoutStatusOrScheduledOrInProgressIsASubmit) {
  for (const std::string_view status : {"", "SC", "IP"}) {
    EXPECT_EQ(order_of(with_control("NW", status)).action, Action::submit);
    EXPECT_EQ(order_of(as_omi(with_control("NW", status))).action, Action::submit);
  }
  expect_refused(with_control("NW", "CM"), 103, "ORC^1^5");
}

TEST(Action, ChangeIsAnAmendUnlessCompleted) {
  EXPECT_EQ(order_of(with_control("XO", "")).action, Action::amend);
  EXPECT_EQ(order_of(with_control("XO", "SC")).action, Action::amend);
  EXPECT_EQ(order_of(with_control("XO", "CM")).action, Action::acquisition_complete);
}

TEST(Action, StatusChangeIsStartedOrComplete) {
  EXPECT_EQ(order_of(with_control("SC", "IP")).action, Action::acquisition_started);
  EXPECT_EQ(order_of(with_control("SC", "CM")).action, Action::acquisition_complete);
  expect_refused(with_control("SC", "SC"), 103, "ORC^1^5");
}

TEST(Action, StatusResponseOfAnImagingOrderIsComplete) {
  EXPECT_EQ(order_of(as_omi(with_control("SR", ""))).action, Action::acquisition_complete);
  expect_refused(with_control("SR", ""), 103, "ORC^1^1");
}

TEST(Action, TlrProcedureCompletesACancelsB) {
  const auto done = with(tlr_order(), "OBR", 4, "COMPLEMENT_POST_ACTE^x^TLR_OBR_PROCEDURE");
  const auto cancel = with(tlr_order(), "OBR", 4, "ANNULATION_DEMANDE^x^TLR_OBR_PROCEDURE");
  EXPECT_EQ(order_of(with(as_omi(done), "ORC", 1, "SR")).action, Action::acquisition_complete);
  EXPECT_EQ(order_of(with(done, "ORC", 1, "XO")).action, Action::acquisition_complete);
  EXPECT_EQ(order_of(with(done, "ORC", 1, "")).action, Action::acquisition_complete);
  EXPECT_EQ(order_of(with(cancel, "ORC", 1, "CA")).action, Action::cancel);
  EXPECT_EQ(order_of(with(cancel, "ORC", 1, "")).action, Action::cancel);
}

TEST(Action, AProcedureThatContradictsTheOrderControlIsRefused) {
  expect_refused(with(tlr_order(), "OBR", 4, "ANNULATION_DEMANDE^x^TLR_OBR_PROCEDURE"), 103,
                 "OBR^1^4");
}

TEST(Action, CancelAndDiscontinueCarryTheirReason) {
  for (const std::string_view control : {"CA", "DC"}) {
    const auto segments = with(with_control(control, ""), "ORC", 16, "^patient transféré");
    const Order order = order_of(segments);
    EXPECT_EQ(order.action, Action::cancel);
    EXPECT_EQ(order.reason, "patient transféré");
  }
}

TEST(Action, ACancelNeedsNoPatientNorObservationRequest) {
  const auto plain = with_control("CA", "");
  EXPECT_EQ(order_of({plain[0], plain[3]}).action, Action::cancel);
}

TEST(Action, OtherOrderControlsAreNotSupported) {
  for (const std::string_view control : {"HD", "RL", "RP", "RO", "PA", "CH", "ZZ"}) {
    expect_refused(with_control(control, ""), 103, "ORC^1^1");
  }
  expect_refused(with_control("", ""), 101, "ORC^1^1");
}

TEST(Action, IdentityEventsAmendTheIdentity) {
  for (const std::string event : {"A08", "A31", "A40", "A47"}) {
    const Order order = order_of(
        {msh + "|ADT^" + event + "|M2|P|2.5", "EVN|" + event, pid, "MRG|77001^^^CHALPES^PI", pv1});
    EXPECT_EQ(order.action, Action::amend_identity);
    EXPECT_EQ(order.patient_number, "88123");
    EXPECT_EQ(order.prior_patient_number, "77001");
    EXPECT_EQ(order.request.establishment, EstablishmentId{11});
    EXPECT_EQ(unseal(order.request.sealed)->identity.usual_name, "MARTIN");
  }
  expect_refused({msh + "|ADT^A01|M2|P|2.5", pid}, 201, "MSH^1^9");
  expect_refused({msh + "|ADT^A08|M2|P|2.5", "PID|1"}, 101, "PID^1^3");
}

TEST(Action, AMergeOfTwoPatientsIsTwoOrders) {
  const auto orders = mapped({msh + "|ADT^A40|M2|P|2.5", pid, "MRG|1^^^X^PI", pid, "MRG|2^^^X^PI"});
  ASSERT_TRUE(orders);
  ASSERT_EQ(orders->size(), 2u);
  EXPECT_EQ((*orders)[1].prior_patient_number, "2");
}

// domain Q12
TEST(Action, TestMessagesAreRefusedInProductionOnly) {
  Feed training = gap_feed();
  training.federation = Federation::training;
  for (const std::string_view mode : {"T", "D"}) {
    expect_refused(with(plain_order(), "MSH", 11, mode), 202, "MSH^1^11");
    EXPECT_EQ(order_of(with(plain_order(), "MSH", 11, mode), training).action, Action::submit);
  }
  EXPECT_EQ(order_of(with(plain_order(), "MSH", 11, "")).action, Action::submit);
}

TEST(Action, OtherMessagesEventsAndVersionsAreRefused) {
  expect_refused(with(plain_order(), "MSH", 9, "ORU^R01"), 200, "MSH^1^9");
  expect_refused(with(plain_order(), "MSH", 9, "ORM^O02"), 201, "MSH^1^9");
  expect_refused(with(plain_order(), "MSH", 9, ""), 101, "MSH^1^9");
  expect_refused(with(plain_order(), "MSH", 12, "3.0"), 203, "MSH^1^12");
  expect_refused(with(plain_order(), "MSH", 12, "2.9"), 203, "MSH^1^12");
  for (const std::string_view version : {"2.1", "2.3.1", "2.5^FRA^2.11", "2.8", "2.8.2", ""}) {
    EXPECT_EQ(order_of(with(plain_order(), "MSH", 12, version)).action, Action::submit);
  }
}

TEST(Action, AMessageWithoutIdIsRefused) {
  expect_refused(with(plain_order(), "MSH", 10, ""), 101, "MSH^1^10");
}

TEST(Action, MissingSegmentsAreNamed) {
  const auto all = plain_order();
  expect_refused({all[0], all[1], all[2]}, 100, "ORC^1");
  expect_refused({all[0], all[3], all[4]}, 100, "PID^1");
  expect_refused({all[0], all[1], all[3]}, 100, "OBR^1");
}

TEST(Action, TwoOrdersOfOneMessageAreTwoExamsOrNone) {
  auto segments = plain_order();
  segments.push_back("ORC|NW|A101^RIS-ALPES||||||");
  segments.push_back("OBR|2|A101||RXPOI^Radio poignet^L||||||||||||||ACC10");
  const auto orders = mapped(segments);
  ASSERT_TRUE(orders);
  ASSERT_EQ(orders->size(), 2u);
  EXPECT_EQ((*orders)[0].request.key.number, "A100");
  EXPECT_EQ((*orders)[0].request.accessions, std::vector<std::string>{"ACC9"});
  EXPECT_EQ((*orders)[1].request.key.number, "A101");
  EXPECT_EQ((*orders)[1].request.accessions, std::vector<std::string>{"ACC10"});
  EXPECT_EQ((*orders)[1].request.modality, Modality::cr);

  segments[5] = "ORC|HD|A101";
  const Refusal refusal = refusal_of(segments);
  EXPECT_EQ(refusal.place.text(), "ORC^2^1");
}

TEST(Action, OneOrderOverSeveralGroupsIsOneExamWithSeveralStudies) {
  auto segments = as_omi(plain_order());
  segments.push_back("IPC|ACC1||1.2.3");
  segments.push_back(segments[3]);
  segments.push_back(segments[4]);
  segments.push_back("IPC|ACC2||1.2.4");
  const Order order = order_of(segments);
  EXPECT_EQ(order.request.studies, (std::vector<std::string>{"1.2.3", "1.2.4"}));
  EXPECT_EQ(order.request.accessions, (std::vector<std::string>{"ACC1", "ACC2"}));
}

TEST(Action, MoreOrdersThanOneCommitTakesAreRefused) {
  auto segments = plain_order();
  for (std::size_t i = 0; i < limits::orders_per_message; ++i) {
    segments.push_back("ORC|NW|B" + std::to_string(i));
    segments.push_back("OBR|1");
  }
  expect_refused(segments, 100, "ORC^1");
  segments.resize(segments.size() - 2);
  EXPECT_EQ(mapped(segments)->size(), limits::orders_per_message);
}

TEST(Action, TheSameContentHasTheSameHashWhateverItsHeader) {
  const Order first = order_of(plain_order());
  const Order retry = order_of(with(with(plain_order(), "MSH", 7, "20260314"), "MSH", 10, "M9"));
  const Order other = order_of(with(plain_order(), "OBR", 13, "autre question"));
  EXPECT_EQ(first.content_hash, retry.content_hash);
  EXPECT_NE(first.content_hash, other.content_hash);
  EXPECT_EQ(retry.message_id, "M9");
}

}  // namespace
}  // namespace vigie::hl7
