#include "actors/core/hl7/charset.hpp"

#include <gtest/gtest.h>

#include "tests/actors/core/hl7/samples.hpp"

namespace vigie::hl7 {
namespace {

TEST(Charset, NamesOfTable0211AreKnown) {
  EXPECT_EQ(charset_of("UNICODE UTF-8"), Charset::utf8);
  EXPECT_EQ(charset_of("8859/15"), Charset::latin9);
  EXPECT_EQ(charset_of("8859/1"), Charset::latin1);
  EXPECT_EQ(charset_of("ASCII"), Charset::ascii);
  EXPECT_EQ(charset_of("utf-8"), Charset::utf8);
  EXPECT_EQ(charset_of(""), std::nullopt);
  EXPECT_EQ(charset_of("ISO IR87"), std::nullopt);
}

TEST(Charset, EachOneByteSetReadsItsOwnSigns) {
  EXPECT_EQ(decode("\xE9", Charset::latin1).text, "é");
  EXPECT_EQ(decode("\xBD\xA4", Charset::latin9).text, "œ€");
  EXPECT_EQ(decode("\xBD", Charset::latin1).text, "½");
  EXPECT_EQ(decode("\x92\x9C\x80", Charset::windows1252).text, "’œ€");
  EXPECT_FALSE(decode("\x92", Charset::windows1252).bad);
}

TEST(Charset, BadBytesBecomeReplacementSignsAndAFlag) {
  for (const auto& [bytes, charset] :
       {std::pair{"a\xFFz", Charset::utf8}, std::pair{"a\xE9z", Charset::ascii},
        std::pair{"a\x81z", Charset::windows1252}, std::pair{"a\xC3z", Charset::utf8}}) {
    const Decoded decoded = decode(bytes, charset);
    EXPECT_EQ(decoded.text, "a\xEF\xBF\xBDz");
    EXPECT_TRUE(decoded.bad);
  }
}

TEST(Charset, HoweverManyByteOrderMarksStandFirstWhatIsWrittenIsReadBack) {
  const Decoded decoded = decode("\xEF\xBB\xBF\xEF\xBB\xBFMSH|", Charset::utf8);
  EXPECT_EQ(decoded.text, "MSH|");
  EXPECT_FALSE(decoded.bad);
  const std::string written = encode(decoded.text, Charset::utf8);
  EXPECT_EQ(decode(written, Charset::utf8).text, decoded.text);
}

TEST(Charset, OverlongAndSurrogateFormsAreNotUtf8) {
  EXPECT_FALSE(is_utf8("\xC0\xAF"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
  EXPECT_TRUE(is_utf8("\xF0\x9F\xA9\xBA"));
}

TEST(Charset, LatinOneWithWindowsQuotesIsReadAndFlagged) {
  const Decoded decoded = decode("l\x92\xE9tat", Charset::latin1);
  EXPECT_EQ(decoded.text, "l’état");
  EXPECT_TRUE(decoded.bad);
}

TEST(Charset, Msh18WinsThenTheFeedThenTheBytes) {
  EXPECT_EQ(decode_message("\xE9", "8859/15", '~', Charset::utf8).charset, Charset::latin9);
  EXPECT_EQ(decode_message("\xE9", "?~8859/1", '~', std::nullopt).charset, Charset::latin1);
  EXPECT_EQ(decode_message("\xE9", "8859/1~UNICODE UTF-8", '~', {}).text, "é");
  EXPECT_EQ(decode_message("\xE9", "", '~', Charset::latin9).charset, Charset::latin9);
  EXPECT_EQ(decode_message("\xC3\xA9", "", '~', std::nullopt).charset, Charset::utf8);
  EXPECT_EQ(decode_message("\xE9\x92", "", '~', std::nullopt).text, "é’");
}

TEST(Charset, LatinOneOutIsTransliteratedAsWritten) {
  EXPECT_EQ(encode("cœur ’a’ … – é", Charset::latin1), "coeur 'a' ... - \xE9");
  EXPECT_EQ(encode("œ€ ½", Charset::latin9), "\xBD\xA4 1/2");
  EXPECT_EQ(encode("é≥中", Charset::ascii), "e>=?");
  EXPECT_EQ(encode("e\xCC\x81", Charset::latin1), "e");
}

TEST(Charset, NoTransliterationMakesAnHl7Separator) {
  for (std::uint32_t c = 0x80; c < 0x3000; ++c) {
    std::string sign;
    if (c < 0x800) {
      sign = {static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      sign = {static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    }
    for (const Charset charset : {Charset::ascii, Charset::latin1, Charset::latin9}) {
      EXPECT_EQ(encode(sign, charset).find_first_of("|^~\\&\r\n"), std::string::npos) << c;
    }
  }
}

TEST(Charset, AMessageInLatinOneIsTheSameAsInUtf8) {
  auto segments = plain_order();
  const Message utf8 = parsed(lines(segments));
  segments = with(segments, "MSH", 18, "8859/1");
  const Message latin1 = parsed(encode(lines(segments), Charset::latin1));
  EXPECT_EQ(latin1.get("PID", 5, 1, 2), "Zoé");
  EXPECT_EQ(latin1.get("PID", 5, 1, 2), utf8.get("PID", 5, 1, 2));
  EXPECT_FALSE(latin1.bad_charset());
}

TEST(Charset, AMessageWithoutMsh18IsReadByItsBytes) {
  const auto segments = with(plain_order(), "MSH", 18, "");
  EXPECT_EQ(parsed(lines(segments)).charset(), Charset::utf8);
  const std::string latin = encode(lines(segments), Charset::latin1);
  EXPECT_EQ(parsed(latin).charset(), Charset::windows1252);
  EXPECT_EQ(parsed(latin).get("PID", 5, 1, 2), "Zoé");
  EXPECT_EQ(parsed(latin, Charset::latin9).charset(), Charset::latin9);
}

TEST(Charset, BadBytesNeverRefuseAnOrder) {
  auto segments = with(plain_order(), "OBR", 13,
                       "c\xFFphal\xE9"
                       "e");
  const Order order = order_of(segments);
  EXPECT_TRUE(has(order.request.flags, ExamFlag::bad_charset));
}

}  // namespace
}  // namespace vigie::hl7
