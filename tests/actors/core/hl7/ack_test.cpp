#include "actors/core/hl7/ack.hpp"

#include <gtest/gtest.h>

#include "messages/types/limits.hpp"
#include "tests/actors/core/hl7/samples.hpp"

namespace vigie::hl7 {
namespace {

const Answer taken = Taken{{"MRS-7K2Q"}, Stored::replicated};
const Answer refused = Refusal{ErrorCode::required_field, {"ORC", 2, 2}, "Numéro | absent"};

Header header_of(const std::vector<std::string>& segments) {
  return read_header(lines(segments), std::nullopt);
}
std::vector<std::string> acks(const std::vector<std::string>& segments, const Answer& answer,
                              const Feed& feed = gap_feed()) {
  return build_ack(header_of(segments), feed, answer, "V9", "20260314120000+0100");
}
std::string only_ack(const std::vector<std::string>& segments, const Answer& answer,
                     const Feed& feed = gap_feed()) {
  const auto out = acks(segments, answer, feed);
  EXPECT_EQ(out.size(), 1u);
  return out.empty() ? std::string{} : out.front();
}
std::vector<std::string> with_modes(std::string_view accept, std::string_view application) {
  return with(with(plain_order(), "MSH", 15, accept), "MSH", 16, application);
}
std::string codes(const std::vector<std::string>& messages) {
  std::string out;
  for (const std::string& message : messages) {
    out += parsed(message).get("MSA", 1) + " ";
  }
  return out;
}

TEST(Ack, WhatIsStoredIsAccepted) {
  EXPECT_EQ(only_ack(plain_order(), taken),
            "MSH|^~\\&|VIGIE|GARDE|RIS|CH ALPES|20260314120000+0100||ACK^O01^ACK|V9|P|2.5.1|||||"
            "FRA|UNICODE UTF-8\r"
            "MSA|AA|M0001|exam=MRS-7K2Q ack=REPLICATED\r");
}

TEST(Ack, SaysHowDurableAndWhichExams) {
  EXPECT_EQ(
      parsed(only_ack(plain_order(), Taken{{"MRS-1A", "MRS-2B"}, Stored::local})).get("MSA", 3),
      "exam=MRS-1A,MRS-2B ack=LOCAL");
  EXPECT_EQ(parsed(only_ack(plain_order(), Taken{{"X"}, Stored::duplicate})).get("MSA", 3),
            "exam=X ack=DUPLICATE");
  EXPECT_EQ(parsed(only_ack(plain_order(), Taken{})).get("MSA", 3), "ack=REPLICATED");
}

TEST(Ack, ARefusalNamesPlaceCodeAndFrenchText) {
  const std::string ack = only_ack(plain_order(), refused);
  EXPECT_NE(ack.find("MSA|AE|M0001\r"), std::string::npos);
  EXPECT_NE(ack.find("ERR||ORC^2^2|101^Required field missing^HL70357|E||||Numéro \\F\\ absent\r"),
            std::string::npos)
      << ack;
}

TEST(Ack, BeforeVersion25TheErrorIsInMsa3AndErr1) {
  for (const std::string_view version : {"2.1", "2.3.1", "2.4"}) {
    const std::string ack = only_ack(with(plain_order(), "MSH", 12, version), refused);
    EXPECT_NE(ack.find("MSA|AE|M0001|Numéro \\F\\ absent\r"), std::string::npos) << ack;
    EXPECT_NE(ack.find("ERR|ORC^2^2^101&Required field missing&HL70357\r"), std::string::npos);
  }
}

TEST(Ack, TypeAndVersionFollowTheSender) {
  const Message old = parsed(only_ack(with(plain_order(), "MSH", 12, "2.3.1"), taken));
  EXPECT_EQ(old.get("MSH", 9, 1, 0), "ACK");
  EXPECT_EQ(old.get("MSH", 12), "2.3.1");
  const Message french = parsed(only_ack(with(plain_order(), "MSH", 12, "2.5^FRA^2.11"), taken));
  EXPECT_EQ(french.get("MSH", 9, 1, 0), "ACK^O01^ACK");
  EXPECT_EQ(french.get("MSH", 12, 1, 0), "2.5^FRA^2.11");
}

TEST(Ack, WithoutMessageIdTheAnswerHasAnEmptyOne) {
  const std::string ack = only_ack(with(plain_order(), "MSH", 10, ""), refused);
  EXPECT_NE(ack.find("MSA|AE\r"), std::string::npos) << ack;
  EXPECT_EQ(build_ack(read_header("noise", {}), gap_feed(), refused, "V", "").size(), 1u);
}

TEST(Ack, TheMessageIdIsEchoedVerbatim) {
  const std::string ack = only_ack(with(plain_order(), "MSH", 10, " 00\\T\\7^x "), taken);
  EXPECT_NE(ack.find("MSA|AA| 00\\T\\7^x |"), std::string::npos) << ack;
}

TEST(Ack, IsInTheFeedsCharacterSetElseTheSenders) {
  Feed feed = gap_feed();
  feed.charset = Charset::latin1;
  const std::string ack = only_ack(plain_order(), refused, feed);
  EXPECT_NE(ack.find("|8859/1\r"), std::string::npos);
  EXPECT_NE(ack.find("Num\xE9ro"), std::string::npos);
  const std::string same = only_ack(with(plain_order(), "MSH", 18, "8859/15"), refused);
  EXPECT_NE(same.find("|8859/15\r"), std::string::npos);
  const std::string unnamed = only_ack(with(plain_order(), "MSH", 18, ""), refused);
  EXPECT_NE(unnamed.find("|FRA\r"), std::string::npos);
}

TEST(Ack, UsesTheSendersSeparators) {
  const Header header = read_header("MSH#*!%@#RIS#H#V#G###ORM*O01#7#P#2.5\r", {});
  const std::string ack = build_ack(header, gap_feed(), refused, "V9", "")[0];
  EXPECT_NE(ack.find("MSH#*!%@#V#G#RIS#H###ACK*O01*ACK#V9#P#2.5#####FRA\r"), std::string::npos)
      << ack;
  EXPECT_NE(ack.find("#ORC*2*2#101*Required"), std::string::npos);
}

TEST(Ack, EnhancedModeAnswersAsAsked) {
  struct Row {
    std::string_view accept, application, on_success, on_error;
  };
  for (const Row& row :
       {Row{"", "", "AA ", "AE "}, Row{"AL", "NE", "CA ", "CE "}, Row{"AL", "", "CA ", "CE "},
        Row{"AL", "AL", "CA AA ", "CE AE "}, Row{"NE", "AL", "AA ", "AE "},
        Row{"ER", "NE", "", "CE "}, Row{"SU", "NE", "CA ", ""}, Row{"NE", "NE", "", ""},
        Row{"", "ER", "", "AE "}, Row{"", "SU", "AA ", ""}}) {
    const auto message = with_modes(row.accept, row.application);
    EXPECT_EQ(codes(acks(message, taken)), row.on_success) << row.accept << row.application;
    EXPECT_EQ(codes(acks(message, refused)), row.on_error) << row.accept << row.application;
  }
  const auto both = acks(with_modes("AL", "AL"), taken);
  EXPECT_EQ(parsed(both[0]).get("MSH", 10), "V9");
  EXPECT_EQ(parsed(both[1]).get("MSH", 10), "V9B");
}

TEST(Ack, NeverSaysReject) {
  for (int code = 100; code <= 204; ++code) {
    const Refusal refusal{static_cast<ErrorCode>(code), {"MSH", 1}, "x"};
    EXPECT_NE(parsed(only_ack(plain_order(), refusal)).get("MSA", 1), "AR");
  }
}

TEST(Ack, ARefusedUltrasoundMayBeAnErrorForFeedsWithoutReturn) {
  const std::string ack = only_ack(plain_order(), clinical_refusal("Pas d'échographie"));
  EXPECT_NE(ack.find("ERR||OBR^1^24|103^"), std::string::npos);
}

std::string answer_from_hospital(std::string_view code, std::string_view id) {
  return "MSH|^~\\&|H|H|V|V|||ACK|1|P|2.5\rMSA|" + std::string(code) + "|" + std::string(id) +
         "|dit\r";
}

TEST(Ack, HospitalsAnswersAreUnderstood) {
  const auto meaning = [](std::string_view code, const Feed& feed = gap_feed()) {
    return parse_ack(answer_from_hospital(code, "R1"), "R1", feed).meaning;
  };
  EXPECT_EQ(meaning("AA"), AckClass::delivered);
  EXPECT_EQ(meaning("CA"), AckClass::waiting);
  for (const std::string_view code : {"AE", "CE", "CR"}) {
    EXPECT_EQ(meaning(code), AckClass::failed);
  }
  EXPECT_EQ(meaning("AR"), AckClass::retry_later);
  EXPECT_EQ(meaning("??"), AckClass::mismatch);
  Feed commit = gap_feed();
  commit.ack = ExpectedAck::ca;
  EXPECT_EQ(meaning("CA", commit), AckClass::delivered);
}

TEST(Ack, AnAnswerToAnotherMessageIsAMismatch) {
  EXPECT_EQ(parse_ack(answer_from_hospital("AA", "R2"), "R1", gap_feed()).meaning,
            AckClass::mismatch);
  EXPECT_EQ(parse_ack(answer_from_hospital("AA", ""), "R1", gap_feed()).meaning,
            AckClass::mismatch);
  EXPECT_EQ(parse_ack("MSH|^~\\&|H\r", "R1", gap_feed()).meaning, AckClass::mismatch);
  EXPECT_EQ(parse_ack("noise", "R1", gap_feed()).meaning, AckClass::mismatch);
}

TEST(Ack, ReadsIdCodeAndText) {
  const AckReading reading = parse_ack(answer_from_hospital("AE", "R1"), "R1", gap_feed());
  EXPECT_EQ(reading.control_id, "R1");
  EXPECT_EQ(reading.code, "AE");
  EXPECT_EQ(reading.text, "dit");
  const std::string detailed =
      "MSH|^~\\&|H\rMSA|AE|R1\rERR||PID^1|101^Missing|E||||" + std::string(500, 'x') + "\r";
  EXPECT_EQ(parse_ack(detailed, "R1", gap_feed()).text.size(), limits::name_bytes);
}

}  // namespace
}  // namespace vigie::hl7
