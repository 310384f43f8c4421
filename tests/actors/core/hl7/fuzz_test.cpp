// Any bytes end in a value or in a refusal. 50,000 mutated messages from a fixed seed; a failure
// prints its round, and a debugger stops there with the same bytes every time.
#include <gtest/gtest.h>

#include <array>

#include "actors/core/hl7/ack.hpp"
#include "actors/core/hl7/mllp.hpp"
#include "actors/core/hl7/report.hpp"
#include "messages/types/limits.hpp"
#include "tests/actors/core/hl7/samples.hpp"

namespace vigie::hl7 {
namespace {

/// SplitMix64.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    state_ += 0x9E3779B97F4A7C15ull;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return static_cast<std::size_t>((z ^ (z >> 31)) % bound);
  }

 private:
  std::uint64_t state_;
};

void mutate(std::string& bytes, Chance& chance) {
  constexpr std::string_view signs = "|^~\\&\r\n\x0B\x1C\"0\xC3\xE9\xFFMX.";
  const std::size_t at = chance.below(bytes.size() + 1);
  const std::size_t length = std::min(chance.below(40), bytes.size() - at);
  switch (chance.below(6)) {
    case 0:
      bytes.insert(at, 1 + chance.below(3), signs[chance.below(signs.size())]);
      break;
    case 1:
      bytes.erase(at, length);
      break;
    case 2:
      bytes.insert(chance.below(bytes.size() + 1), bytes.substr(at, length));
      break;
    case 3:
      if (at < bytes.size()) {
        bytes[at] = static_cast<char>(chance.below(256));
      }
      break;
    case 4:
      if (at < bytes.size()) {
        bytes[at] = signs[chance.below(signs.size())];
      }
      break;
    default:
      bytes.resize(at);
      break;
  }
}

/// `full`: also what is slower, the operator's table and a report.
void walk(const std::string& bytes, const Feed& feed, bool full) {
  const Header header = read_header(bytes, feed.charset);
  const auto message = Message::parse(bytes, feed.charset);
  if (!message) {
    EXPECT_FALSE(message.refusal().text.empty());
    EXPECT_EQ(build_ack(header, feed, message.refusal(), "V", "").size() <= 2, true);
    return;
  }
  if (full) {
    describe(*message, feed, today);
  }
  const auto orders = map_message(*message, feed, today);
  if (!orders) {
    EXPECT_FALSE(orders.refusal().text.empty());
    for (const std::string& ack : build_ack(header, feed, orders.refusal(), "V", "")) {
      EXPECT_TRUE(Message::parse(ack, feed.charset)) << ack;
    }
    return;
  }
  for (const Order& order : *orders) {
    EXPECT_LE(order.request.sealed.size(), limits::sealed_bytes);
    EXPECT_LE(order.request.key.number.size(), limits::name_bytes);
    EXPECT_LE(order.request.procedure.size(), limits::name_bytes);
    EXPECT_LE(order.request.callback_phone.size(), limits::name_bytes);
    EXPECT_LE(order.request.studies.size(), limits::studies_count);
    EXPECT_NE(order.request.asked, Urgency::p0);
    EXPECT_TRUE(is_utf8(order.request.sealed));
    if (!full) {
      continue;
    }
    ReportContent content;
    content.message_id = "R1";
    content.text = order.reason + order.request.procedure;
    const auto report = build_report(order.request.sealed, content, feed);
    ASSERT_TRUE(report);
    const auto reread = Message::parse(*report, feed.charset);
    EXPECT_TRUE(reread) << reread.refusal().text << *report;
  }
}

TEST(Fuzz, FiftyThousandMutatedMessagesEndInAValueOrARefusal) {
  Chance chance(20260314);
  auto two = plain_order();
  two.insert(two.end(), {"ORC|CA|A7^X||||||||||||||^motif", "OBR|2|A7", "ZDS|1.2.3^1^A^DICOM"});
  const std::array<std::string, 4> seeds = {
      lines(plain_order()), lines(tlr_order(), "\n"), lines(two, "\r\n"),
      lines({msh + "|ADT^A40|M2|P|2.5", pid, "MRG|1^^^X^PI", pv1})};
  Feed latin = gap_feed();
  latin.charset = Charset::latin9;
  latin.profile = Profile::tlr;
  latin.text = TextStyle::tx;
  const std::array<Feed, 2> feeds = {gap_feed(), latin};
  for (int round = 0; round < 50'000; ++round) {
    SCOPED_TRACE(round);
    std::string bytes = seeds[chance.below(seeds.size())];
    for (std::size_t n = 1 + chance.below(6); n > 0; --n) {
      mutate(bytes, chance);
    }
    walk(bytes, feeds[chance.below(feeds.size())], round % 5 == 0);
    if (testing::Test::HasFailure()) {
      FAIL() << "round " << round;
    }
  }
}

TEST(Fuzz, AnyBytesInAnyCutNeverConfuseTheFraming) {
  Chance chance(7);
  for (int round = 0; round < 5'000; ++round) {
    std::string bytes = "noise" + frame(lines(plain_order())) + frame("MSH|x");
    mutate(bytes, chance);
    bytes += frame("MSH|last");
    MllpReader whole_reader, cut_reader;
    std::vector<std::string> whole, cut;
    ASSERT_TRUE(whole_reader.feed(bytes, whole));
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t length = 1 + chance.below(50);
      ASSERT_TRUE(cut_reader.feed(std::string_view(bytes).substr(at, length), cut));
      at += length;
    }
    ASSERT_EQ(whole, cut);
    ASSERT_FALSE(whole.empty());
    EXPECT_EQ(whole.back(), "MSH|last");
  }
}

}  // namespace
}  // namespace vigie::hl7
