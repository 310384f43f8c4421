#include "actors/core/hl7/mllp.hpp"

#include <gtest/gtest.h>

namespace vigie::hl7 {
namespace {

std::vector<std::string> read_all(std::string_view bytes, std::size_t step) {
  MllpReader reader;
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    EXPECT_TRUE(reader.feed(bytes.substr(i, step), frames));
  }
  return frames;
}

TEST(Mllp, FrameIsReadBackInAnyCut) {
  const std::string bytes = frame("MSH|one\r") + frame("MSH|two\n");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    EXPECT_EQ(read_all(bytes, step), (std::vector<std::string>{"MSH|one\r", "MSH|two\n"}));
  }
}

TEST(Mllp, BytesBeforeTheStartAreSkippedAndCounted) {
  MllpReader reader;
  std::vector<std::string> frames;
  ASSERT_TRUE(reader.feed("\r\nnoise" + frame("MSH|a") + "\n" + frame("MSH|b"), frames));
  EXPECT_EQ(frames, (std::vector<std::string>{"MSH|a", "MSH|b"}));
  EXPECT_EQ(reader.skipped_bytes(), 8u);
}

TEST(Mllp, AnEndWithoutCarriageReturnEndsTheFrame) {
  EXPECT_EQ(read_all("\x0BMSH|a\x1C\x0BMSH|b\x1C", 3),
            (std::vector<std::string>{"MSH|a", "MSH|b"}));
}

TEST(Mllp, AnUnfinishedFrameIsReplacedByTheMessageThatStartsInIt) {
  EXPECT_EQ(read_all("\x0BMSH|hal\x0BMSH|whole\x1C\r", 4), (std::vector<std::string>{"MSH|whole"}));
}

TEST(Mllp, AVerticalTabInATextIsNotAStart) {
  EXPECT_EQ(read_all("\x0BMSH|a\x0B"
                     "b\x1C\r",
                     2),
            (std::vector<std::string>{"MSH|a\x0B"
                                      "b"}));
}

TEST(Mllp, EmptyFramesAreDropped) { EXPECT_TRUE(read_all("\x0B\x1C\r\x0B\x1C\r", 1).empty()); }

TEST(Mllp, KnowsWhetherTheSenderOwesTheRest) {
  MllpReader reader;
  std::vector<std::string> frames;
  ASSERT_TRUE(reader.feed("noise", frames));
  EXPECT_FALSE(reader.in_frame());
  ASSERT_TRUE(reader.feed("\x0BMSH", frames));
  EXPECT_TRUE(reader.in_frame());
  ASSERT_TRUE(reader.feed("|\x1C", frames));
  EXPECT_FALSE(reader.in_frame());
}

TEST(Mllp, AFrameBeyondTheLimitIsAnErrorAndWhatWasFinishedIsKept) {
  MllpReader reader(8);
  std::vector<std::string> frames;
  EXPECT_TRUE(reader.feed(frame("12345678"), frames));
  const auto result = reader.feed(frame("abc") + "\x0B" + "123456789", frames);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::too_large);
  EXPECT_EQ(frames, (std::vector<std::string>{"12345678", "abc"}));
}

TEST(Mllp, AFrameOfEightMebibytesIsAccepted) {
  const std::string large(limits::mllp_frame_bytes, 'x');
  MllpReader reader;
  std::vector<std::string> frames;
  ASSERT_TRUE(reader.feed(frame(large), frames));
  EXPECT_EQ(frames.front().size(), large.size());
  EXPECT_FALSE(reader.feed(frame(large + "x"), frames));
}

}  // namespace
}  // namespace vigie::hl7
