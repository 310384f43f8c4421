#include "actors/core/hl7/message.hpp"

#include <gtest/gtest.h>

#include "tests/actors/core/hl7/samples.hpp"

namespace vigie::hl7 {
namespace {

TEST(Message, SegmentsMayEndInCrLfOrBoth) {
  for (const std::string_view end : {"\r", "\n", "\r\n"}) {
    const Message message = parsed(lines(plain_order(), end));
    EXPECT_EQ(message.segments().size(), 5u);
    EXPECT_EQ(message.get("ORC", 2), "A100");
    EXPECT_EQ(message.get("MSH", 10), "M0001");
  }
}

TEST(Message, ALineFeedInsideAValueIsPartOfIt) {
  const Message message = parsed("MSH|^~\\&|a\rNTE|1||first\nsecond\r\nPID|1\r");
  EXPECT_EQ(message.segments().size(), 3u);
  EXPECT_EQ(message.get("NTE", 3), "first\nsecond");
}

TEST(Message, PiecesAreFoundByNumberFromOne) {
  const Message message = parsed("MSH|^~\\&|a\rZZZ|r1c1^s1&s2^c3~r2c1^r2c2||last\r");
  EXPECT_EQ(message.get("ZZZ", 1), "r1c1");
  EXPECT_EQ(message.get("ZZZ", 1, 1, 2, 2), "s2");
  EXPECT_EQ(message.get("ZZZ", 1, 1, 2, 0), "s1&s2");
  EXPECT_EQ(message.get("ZZZ", 1, 2, 2), "r2c2");
  EXPECT_EQ(message.get("ZZZ", 1, 1, 0), "r1c1^s1&s2^c3");
  EXPECT_EQ(message.get("ZZZ", 3), "last");
  EXPECT_EQ(message.get("ZZZ", 9, 4, 4, 4), "");
  EXPECT_EQ(message.get("NOT", 1), "");
  EXPECT_EQ(message.repetitions(message.find("ZZZ"), 1).size(), 2u);
}

TEST(Message, TheHl7NullIsEmpty) {
  EXPECT_EQ(parsed("MSH|^~\\&|a\rPID|1|\"\"|x\r").get("PID", 2), "");
}

TEST(Message, SeparatorsComeFromTheMessage) {
  const Message message = parsed("MSH#*!%@#RIS\rPID#1##7*a@b!8\r");
  EXPECT_EQ(message.get("PID", 3, 1, 2, 2), "b");
  EXPECT_EQ(message.get("PID", 3, 2), "8");
  EXPECT_EQ(message.get("MSH", 3), "RIS");
}

TEST(Message, RawValuesAreRewrittenUnderTheUsualSeparators) {
  const Separators from{'#', '*', '!', '%', '@'};
  EXPECT_EQ(standard("1#a*b@c!d%F%|", from), "1|a^b&c~d\\F\\\\F\\");
  EXPECT_EQ(standard("PID|1^2&3~\\T\\", Separators{}), "PID|1^2&3~\\T\\");
  EXPECT_EQ(standard("a\nb\x0B", Separators{}), "a b ");
}

TEST(Message, EscapesAreResolvedAndMade) {
  const Separators usual;
  EXPECT_EQ(unescape("\\F\\\\S\\\\T\\\\R\\\\E\\", usual), "|^&~\\");
  EXPECT_EQ(unescape("a\\.br\\b\\XE9\\\\XC3A9\\", usual), "a\nbéé");
  EXPECT_EQ(unescape("\\H\\bold\\N\\", usual), "bold");
  EXPECT_EQ(unescape("C:\\temp and \\Q1\\", usual), "C:\\temp and \\Q1\\");
  const std::string text = "a|b^c&d~e\\f\nsuite";
  EXPECT_EQ(unescape(escape(text, usual, "\\.br\\"), usual), text);
  EXPECT_EQ(escape("a\x0B\x1C\tb", usual), "a b");
}

TEST(Message, WhatIsNotAMessageIsRefusedWithItsPlace) {
  for (const std::string_view frame :
       {"", "MSH", "hello", "PID|1\rMSH|^~\\&|", "MSH|^^^^|x", "MSHA^~\\&|x"}) {
    const auto message = Message::parse(frame, std::nullopt);
    ASSERT_FALSE(message) << frame;
    EXPECT_EQ(message.refusal().code, ErrorCode::segment_sequence);
    EXPECT_EQ(message.refusal().place.text(), "MSH^1");
  }
  EXPECT_FALSE(Message::parse("MSH|^~\\&|a\rpid|1\r", std::nullopt));
  EXPECT_FALSE(Message::parse("MSH|^~\\&|a\rMSH|^~\\&|b\r", std::nullopt));
}

TEST(Message, SegmentsAndFieldsAreBounded) {
  std::string many = "MSH|^~\\&|a\r";
  for (std::size_t i = 0; i < segments_per_message; ++i) {
    many += "NTE|1\r";
  }
  EXPECT_FALSE(Message::parse(many, std::nullopt));
  EXPECT_FALSE(Message::parse("MSH|^~\\&|a\rPID" + std::string(300, '|') + "\r", std::nullopt));
}

TEST(Message, ByteOrderMarkAndBlankLinesAreSkipped) {
  const Message message = parsed("\xEF\xBB\xBFMSH|^~\\&|a\r\r\n\nPID|1\r");
  EXPECT_EQ(message.segments().size(), 2u);
}

TEST(Message, HeaderOfABrokenMessageStillNamesIt) {
  const Header header = read_header("MSH|^~\\&|A|B|C|D|t||ORM^O01|ID7|P|2.5\rgarbage", {});
  EXPECT_TRUE(header.found);
  EXPECT_EQ(header.control_id, "ID7");
  EXPECT_EQ(header.type, "ORM");
  EXPECT_FALSE(read_header("garbage", {}).found);
}

}  // namespace
}  // namespace vigie::hl7
