#include <gtest/gtest.h>

#include "messages/codec/client_codec.hpp"
#include "messages/types/limits.hpp"
#include "tests/messages/codec/samples.hpp"

namespace vigie::codec {
namespace {

template <class T>
T there_and_back(const T& sent) {
  auto got = decode_node(encode_node({sent}));
  EXPECT_TRUE(got) << got.error().what;
  return got ? std::get<T>(got->at(0)) : T{};
}

TEST(NodeFrame, KeepsEveryField) {
  const Welcome welcome{"vigie-demo",     1,      {2},  {3},  "lyon", {11, 12}, {4},
                        NodeMode::island, {9001}, {41}, {31}, true};
  EXPECT_TRUE(there_and_back(welcome) == welcome);
  const ClientAnswer answer{{0xabcdef}, {3}, samples::answer()};
  EXPECT_TRUE(there_and_back(answer) == answer);
  const RenewAck ack{{0xabcdef}, {3}, 99, Millis{60000}, Errc::superseded};
  EXPECT_TRUE(there_and_back(ack) == ack);
  const QueryReply reply{6, Errc::not_found, {9001}, false, "{\"a\":1}"};
  EXPECT_TRUE(there_and_back(reply) == reply);
  const Complaint complaint{Errc::wrong_version, "versionMin 3"};
  EXPECT_TRUE(there_and_back(complaint) == complaint);
}

TEST(NodeFrame, KeepsEventsWithAndWithoutTheirCard) {
  Event plain = samples::event();
  plain.card = nullptr;
  plain.text.clear();
  const Cover cover = there_and_back(Cover{4, {8999}, {9001}, {samples::event(), plain}});
  EXPECT_EQ(cover.subscription, 4u);
  EXPECT_EQ(cover.from, LogIndex{8999});
  EXPECT_EQ(cover.to, LogIndex{9001});
  ASSERT_EQ(cover.events.size(), 2u);
  EXPECT_TRUE(samples::same(cover.events[0], samples::event()));
  EXPECT_TRUE(samples::same(cover.events[1], plain));
  const Gap gap = there_and_back(Gap{5, {1}, {9001}, {samples::event()}});
  EXPECT_EQ(gap.subscription, 5u);
  EXPECT_EQ(gap.from, LogIndex{1});
  EXPECT_EQ(gap.to, LogIndex{9001});
  ASSERT_EQ(gap.view.size(), 1u);
  EXPECT_TRUE(samples::same(gap.view[0], samples::event()));
}

TEST(NodeFrame, KeepsEveryEventKindAndErrorNumber) {
  for (int kind = 0; kind <= static_cast<int>(EventKind::clock_corrected); ++kind) {
    Event event;
    event.kind = static_cast<EventKind>(kind);
    EXPECT_EQ(there_and_back(Cover{1, {1}, {2}, {event}}).events[0].kind, event.kind);
  }
  EXPECT_EQ(there_and_back(Complaint{static_cast<Errc>(999), ""}).code, static_cast<Errc>(999));
}

TEST(NodeFrame, ReadsAnEventOfANewerVersionAsNone) {
  Event event;
  event.kind = static_cast<EventKind>(200);
  EXPECT_EQ(there_and_back(Cover{1, {1}, {2}, {event}}).events[0].kind, EventKind::none);
}

// What a client does with a stream, by the schema's rules.
struct Desk {
  LogIndex cursor;
  std::vector<Event> shown, arriving;
  void take(const Cover& cover) {
    ASSERT_EQ(cover.from, cursor);
    shown.insert(shown.end(), cover.events.begin(), cover.events.end());
    cursor = cover.to;
  }
  void take(const Gap& gap) {
    arriving.insert(arriving.end(), gap.view.begin(), gap.view.end());
    if (gap.to == gap.from) return;
    shown = std::exchange(arriving, {});
    cursor = gap.to;
  }
};

std::vector<Event> heavy_events(std::size_t count, std::size_t sealed_bytes) {
  std::vector<Event> events(count, samples::event());
  for (std::size_t i = 0; i < count; ++i) {
    auto card = samples::card();
    card.sealed.assign(sealed_bytes, 's');
    events[i].index = {100 + i};
    events[i].card = std::make_shared<ExamCard>(card);
  }
  return events;
}

TEST(NodeFrames, CutLongMessagesIntoFramesThatEachCanBeTaken) {
  const auto events = heavy_events(40, limits::sealed_bytes);
  const Gap gap{1, {10}, {100}, events};
  const Cover cover{1, {100}, {200}, events};
  QueryReply reply{6, Errc::ok, {200}, true, std::string(200'000, 'j')};
  const auto frames = encode_node_frames({gap, cover, reply, Complaint{Errc::busy, "x"}});
  EXPECT_GT(frames.size(), 20u);
  Desk desk{{10}, {}, {}};
  std::string json;
  bool ended = false, complained = false;
  for (const std::string& frame : frames) {
    ASSERT_LE(frame.size(), limits::client_frame_bytes);
    const auto messages = decode_node(frame);
    ASSERT_TRUE(messages) << messages.error().what;
    for (const NodeMessage& message : *messages) {
      if (const auto* part = std::get_if<Gap>(&message)) desk.take(*part);
      if (const auto* part = std::get_if<Cover>(&message)) desk.take(*part);
      if (const auto* piece = std::get_if<QueryReply>(&message)) {
        EXPECT_FALSE(ended);
        json += piece->json;
        ended = piece->last;
      }
      complained = complained || std::holds_alternative<Complaint>(message);
    }
  }
  EXPECT_EQ(desk.cursor, LogIndex{200});
  ASSERT_EQ(desk.shown.size(), 80u);
  for (std::size_t i = 0; i < 80; ++i) EXPECT_TRUE(samples::same(desk.shown[i], events[i % 40]));
  EXPECT_EQ(json, reply.json);
  EXPECT_TRUE(ended && complained);
}

TEST(NodeFrames, KeepShortMessagesInOneFrame) {
  EXPECT_TRUE(encode_node_frames({}).empty());
  const auto frames = encode_node_frames({Cover{1, {1}, {1}, {}}, QueryReply{}, RenewAck{}});
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(decode_node(frames[0])->size(), 3u);
}

// The bound of a message's size is never below what it takes, for any mix.
TEST(NodeFrames, NeverPassTheLimitWhateverTheMix) {
  for (std::size_t sealed = 0; sealed < 3000; sealed += 37) {
    std::vector<NodeMessage> messages;
    for (int i = 0; i < 60; ++i) {
      messages.push_back(Cover{1, {1}, {2}, heavy_events(1 + sealed % 5, sealed)});
      messages.push_back(ClientAnswer{{1}, {1}, samples::answer()});
    }
    std::size_t count = 0;
    for (const std::string& frame : encode_node_frames(messages)) {
      ASSERT_LE(frame.size(), limits::client_frame_bytes);
      const auto got = decode_node(frame);
      ASSERT_TRUE(got) << got.error().what;
      count += got->size();
    }
    EXPECT_EQ(count, messages.size());
  }
}

// Texts of whole words leave nothing of the bound's rounding over.
TEST(NodeFrames, NeverPassTheLimitWithManyEventsInOneMessage) {
  const std::string word(8, 'w');
  ExamCard card = samples::card();
  card.placer_order = card.procedure = card.protocol = card.callback_phone = card.sealed = word;
  card.studies = card.priors = card.answers = {word, word};
  Event event = samples::event();
  event.text = word;
  for (const bool with_card : {false, true}) {
    event.card = with_card ? std::make_shared<ExamCard>(card) : nullptr;
    const std::vector<Event> events(3000, event);
    std::size_t count = 0;
    for (const std::string& frame : encode_node_frames({Cover{1, {1}, {2}, events}})) {
      ASSERT_LE(frame.size(), limits::client_frame_bytes);
      const auto got = decode_node(frame);
      ASSERT_TRUE(got) << got.error().what;
      for (const NodeMessage& message : *got) count += std::get<Cover>(message).events.size();
    }
    EXPECT_EQ(count, events.size());
  }
}

}  // namespace
}  // namespace vigie::codec
