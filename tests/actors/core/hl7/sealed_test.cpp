#include "actors/core/hl7/sealed.hpp"

#include <gtest/gtest.h>

#include "actors/core/hl7/charset.hpp"
#include "messages/types/limits.hpp"

namespace vigie::hl7 {
namespace {

Sealed some() {
  Sealed out;
  out.pid = "PID|1||88^^^X^PI||A^B\\T\\C";
  out.orc2 = "A1^NS";
  out.obr4 = "P1^Text^L";
  out.identity = {"NÉE", "USUEL", "Zoé", "19800229", "F", "88", "180", "VALI", "V1", true};
  out.requester = {"10101010101", "ROUX", "Luc"};
  out.callback_phone = "+33";
  out.context = {{"question", "ligne 1\nligne 2 \\ fin"}, {"weight", "68 kg"}};
  out.attachments = {{"PDF", "application^PDF", 5, "ab", "aGVsbG8="}};
  return out;
}

TEST(Sealed, WhatIsSealedIsOpenedTheSame) {
  const auto bytes = seal(some());
  ASSERT_TRUE(bytes);
  const auto opened = unseal(*bytes);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, some());
  EXPECT_EQ(*seal(*opened), *bytes);
}

TEST(Sealed, LongContextIsCutAtASignAndMarked) {
  Sealed sealed = some();
  sealed.context = {{"question", "courte"}, {"note", std::string()}, {"history", "bref"}};
  for (int i = 0; i < 6000; ++i) {
    sealed.context[1].text += "é\n\\";
  }
  const auto bytes = seal(sealed);
  ASSERT_TRUE(bytes);
  EXPECT_LE(bytes->size(), limits::sealed_bytes);
  EXPECT_GT(bytes->size(), limits::sealed_bytes - 300);
  EXPECT_TRUE(is_utf8(*bytes));
  const auto opened = unseal(*bytes);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->cut);
  EXPECT_EQ(opened->context[0].text, "courte");
  EXPECT_EQ(sealed.context[1].text.substr(0, opened->context[1].text.size()),
            opened->context[1].text);
  EXPECT_EQ(opened->attachments[0].sha256, "ab");  // noted whatever the context's length
}

TEST(Sealed, ManyAttachmentsStayInsideTheLimit) {
  Sealed sealed = some();
  sealed.attachments.assign(
      40, {"doc", "application^PDF", 9000, std::string(64, 'f'), std::string(9000, 'A')});
  const auto bytes = seal(sealed);
  ASSERT_TRUE(bytes);
  EXPECT_LE(bytes->size(), limits::sealed_bytes);
  const auto opened = unseal(*bytes);
  EXPECT_EQ(opened->attachments.size(), 16u);
  EXPECT_EQ(opened->attachments[0].content.size(), 9000u);
  EXPECT_TRUE(opened->attachments[1].content.empty());
  EXPECT_TRUE(opened->cut);
}

TEST(Sealed, IdentityBeyondTheLimitIsAnError) {
  Sealed sealed = some();
  sealed.pid = std::string(limits::sealed_bytes, 'x');
  const auto bytes = seal(sealed);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::too_large);
}

TEST(Sealed, OtherBytesAreMalformed) {
  EXPECT_FALSE(unseal(""));
  EXPECT_FALSE(unseal("vigie-sealed 2\n"));
  EXPECT_FALSE(unseal("vigie-sealed 1\nno sign\n"));
  EXPECT_FALSE(unseal("vigie-sealed 1\natt=a\tb\tmany\tc\td\n"));
  EXPECT_TRUE(unseal("vigie-sealed 1\nlater=field\n"));
}

TEST(Sealed, ACorrectedIdentityReplacesTheOldOneAndNothingElse) {
  Sealed correction;
  correction.pid = "PID|1||99";
  correction.identity.usual_name = "AUTRE";
  const Sealed merged = merge(some(), correction);
  EXPECT_EQ(merged.pid, "PID|1||99");
  EXPECT_EQ(merged.identity.usual_name, "AUTRE");
  EXPECT_EQ(merged.identity.ins, "");
  EXPECT_EQ(merged.identity.visit, "V1");
  EXPECT_EQ(merged.orc2, "A1^NS");
  EXPECT_EQ(merged.context, some().context);
}

TEST(Sealed, ExaminationDoneAddsItsContext) {
  Sealed done;
  done.context = {{"product", "V08 80 ml"}, {"weight", "70 kg"}};
  const Sealed merged = merge(some(), done);
  EXPECT_EQ(merged.context.size(), 3u);
  EXPECT_EQ(merged.context[0].code, "question");
  EXPECT_EQ(merged.context[2].text, "70 kg");
  EXPECT_EQ(merged.identity, some().identity);
}

}  // namespace
}  // namespace vigie::hl7
