#include "messages/codec/client_codec.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "messages/schema/vigie.capnp.h"
#include "messages/types/limits.hpp"
#include "tests/messages/codec/samples.hpp"

namespace vigie::codec {
namespace {

std::string frame_of(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  return {reinterpret_cast<const char*>(words.begin()), words.size() * sizeof(capnp::word)};
}

// The same message as another program would send it: cut into many small segments.
std::string in_small_segments(const std::string& frame) {
  std::vector<capnp::word> words(frame.size() / sizeof(capnp::word));
  std::memcpy(static_cast<void*>(words.data()), frame.data(), frame.size());
  capnp::FlatArrayMessageReader reader(kj::arrayPtr(words.data(), words.size()));
  capnp::MallocMessageBuilder message(1, capnp::AllocationStrategy::FIXED_SIZE);
  message.setRoot(reader.getRoot<schema::ClientFrame>());
  return frame_of(message);
}

std::uint64_t hash_of(const Result<std::vector<ClientMessage>>& messages) {
  return std::get<ClientRequest>(messages.value().at(0)).content_hash;
}

TEST(ClientFrame, KeepsEveryFieldOfEveryMessage) {
  const auto sent = samples::client_messages();
  ASSERT_EQ(sent.size(), std::variant_size_v<ClientMessage>);
  const auto got = decode_client(encode_client(sent));
  ASSERT_TRUE(got) << got.error().what;
  ASSERT_EQ(got->size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    ClientMessage message = got.value()[i];
    if (auto* request = std::get_if<ClientRequest>(&message)) request->content_hash = 0;
    EXPECT_TRUE(message == sent[i]) << i;
  }
}

TEST(ClientFrame, CarriesEveryCommandWithinItsNesting) {
  for (const Command& command : samples::commands()) {
    const auto got = decode_client(encode_client({samples::client_request(command)}));
    ASSERT_TRUE(got) << name_of(command) << ": " << got.error().what;
    EXPECT_TRUE(std::get<ClientRequest>(got->at(0)).command == command) << name_of(command);
  }
}

TEST(ClientFrame, IsTakenAtAnyAlignment) {
  const std::string frame =
      encode_client({samples::client_request(Submit{{samples::request()}, "m"})});
  for (std::size_t offset = 0; offset < 8; ++offset) {
    std::string moved(offset, 'x');
    moved += frame;
    const auto got = decode_client(std::string_view(moved).substr(offset));
    ASSERT_TRUE(got) << offset << ": " << got.error().what;
    EXPECT_TRUE(std::get<Submit>(std::get<ClientRequest>(got->at(0)).command).requests[0] ==
                samples::request());
  }
}

TEST(ClientFrame, HashesACommandAlikeHoweverItIsLaidOut) {
  std::vector<std::uint64_t> hashes;
  for (const Command& command : samples::commands()) {
    ClientRequest request = samples::client_request(command);
    const std::string frame = encode_client({request});
    const std::string scattered = in_small_segments(frame);
    ASSERT_NE(frame, scattered);
    const auto hash = hash_of(decode_client(frame));
    EXPECT_EQ(hash, hash_of(decode_client(scattered))) << name_of(command);
    EXPECT_EQ(hash, hash_of(decode_client(("x" + frame).substr(1))));
    request.request = next(request.request);
    request.seen = {1};
    EXPECT_EQ(hash, hash_of(decode_client(encode_client({request})))) << "the command alone counts";
    hashes.push_back(hash);
  }
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

TEST(ClientFrame, HashTellsCommandsApartByOneField) {
  Sign sign{{5}, samples::epoch(), {92}, "Compte rendu"};
  const auto first = hash_of(decode_client(encode_client({samples::client_request(sign)})));
  sign.text.back() = 'x';
  EXPECT_NE(first, hash_of(decode_client(encode_client({samples::client_request(sign)}))));
}

TEST(ClientFrame, RefusesEveryTruncation) {
  const std::string frame = encode_client(samples::client_messages());
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const auto got = decode_client(std::string_view(frame).substr(0, size));
    ASSERT_FALSE(got) << size;
    EXPECT_EQ(got.error().code, Errc::malformed) << size;
  }
  EXPECT_FALSE(decode_client(frame + std::string(8, '\0'))) << "bytes left over";
}

// Reading, and hashing what was read, must stay within what may be read of a frame.
TEST(ClientFrame, TakesAFrameThatIsFullToTheBrim) {
  Request heavy = samples::request();
  heavy.sealed.assign(limits::sealed_bytes, 's');
  const Sign sign{{5}, samples::epoch(), {1}, std::string(limits::report_bytes - 1024, 'r')};
  const std::vector<std::vector<ClientMessage>> batches = {
      {samples::client_request(Submit{{heavy, heavy, heavy}, "m"})},
      {samples::client_request(sign), samples::client_request(sign)},
      std::vector<ClientMessage>(500, samples::client_request(Claim{{5}})),
  };
  for (const auto& batch : batches) {
    const std::string frame = encode_client(batch);
    ASSERT_GT(frame.size(), limits::client_frame_bytes / 2);
    ASSERT_LE(frame.size(), limits::client_frame_bytes);
    const auto got = decode_client(frame);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->size(), batch.size());
  }
}

// domain F5
TEST(ClientFrame, RefusesWhatIsTooLarge) {
  EXPECT_EQ(decode_client(std::string(limits::client_frame_bytes + 8, '\0')).error().code,
            Errc::too_large);
  std::vector<ClientMessage> many(4097, Renew{});
  EXPECT_EQ(decode_client(encode_client(many)).error().code, Errc::too_large);
}

/// A directory whose command is longer than a frame of other clients.
ApplyDirectory long_directory() {
  ApplyDirectory apply;
  for (std::uint32_t i = 1; i <= 1000; ++i) {
    Person& person = apply.directory.people.emplace_back();
    person.id = {i};
    person.name = std::string(100, 'p');
  }
  return apply;
}

// domain N2
TEST(ClientFrame, TakesALongDirectoryAlone) {
  const ClientMessage apply = samples::client_request(long_directory());
  const std::string frame = encode_client({apply});
  ASSERT_GT(frame.size(), 2 * limits::client_frame_bytes);
  ASSERT_LT(frame.size(), limits::directory_frame_bytes);
  const auto got = decode_client(frame);
  ASSERT_TRUE(got) << got.error().what;
  const auto& request = std::get<ClientRequest>(got->front());
  EXPECT_EQ(request.command, Command(long_directory()));
}

TEST(ClientFrame, ALongFrameOfAnythingElseIsTooLarge) {
  const ClientMessage apply = samples::client_request(long_directory());
  EXPECT_EQ(decode_client(encode_client({apply, Renew{}})).error().code, Errc::too_large);
  Submit submit;
  for (int i = 0; i < 12; ++i) {
    submit.requests.emplace_back().sealed = std::string(limits::sealed_bytes - 64, 's');
  }
  const std::string other = encode_client({samples::client_request(submit)});
  ASSERT_LT(other.size(), limits::directory_frame_bytes);
  EXPECT_EQ(decode_client(other).error().code, Errc::too_large);
  EXPECT_EQ(decode_client(std::string(limits::directory_frame_bytes + 8, '\0')).error().code,
            Errc::too_large);
}

TEST(ClientFrame, RefusesAnEmptyBatchAndAMessageOfNoKind) {
  capnp::MallocMessageBuilder empty;
  empty.initRoot<schema::ClientFrame>();
  EXPECT_EQ(decode_client(frame_of(empty)).error().code, Errc::malformed);
  capnp::MallocMessageBuilder none;
  none.initRoot<schema::ClientFrame>().initMessages(1);
  EXPECT_EQ(decode_client(frame_of(none)).error().code, Errc::malformed);
  for (std::size_t words = 1; words < 64; ++words) {
    EXPECT_FALSE(decode_client(std::string(words * 8, '\0')));
  }
}

// A struct pointer that points to itself has no end.
TEST(ClientFrame, RefusesEndlessNesting) {
  const auto put = [](std::string& frame, std::size_t word, std::uint64_t value) {
    std::memcpy(frame.data() + word * 8, &value, 8);
  };
  // Root -> list of pointers-only structs whose tag claims one element that holds the list again.
  std::string frame(8 * 4, '\0');
  put(frame, 0, 3ull << 32);                      // one segment of 3 words
  put(frame, 1, 1ull << 48);                      // root: struct at +0, 0 data, 1 pointer
  put(frame, 2, (0xfffffffcull) | (1ull << 48));  // pointer: struct at -1: itself
  EXPECT_FALSE(decode_client(frame));

  // Deep but finite: a list in a list, 20 levels of them, in place of `messages`.
  std::string deep(8 * 24, '\0');
  put(deep, 0, 23ull << 32);
  put(deep, 1, 1ull << 48);
  for (std::size_t w = 2; w < 24; ++w) put(deep, w, 1ull | (6ull << 32) | (1ull << 35));
  EXPECT_FALSE(decode_client(deep));
}

// A list of 2^29 elements without a size costs its reader nothing but time.
TEST(ClientFrame, RefusesListsThatLieAboutTheirLength) {
  std::string frame(8 * 4, '\0');
  const auto put = [&frame](std::size_t word, std::uint64_t value) {
    std::memcpy(frame.data() + word * 8, &value, 8);
  };
  put(0, 3ull << 32);
  put(1, 1ull << 48);
  put(2, 1ull | (7ull << 32));   // composite list, 0 words of content
  put(3, (0x1fffffffull << 2));  // tag: 2^29 - 1 elements of size 0
  const auto got = decode_client(frame);
  ASSERT_FALSE(got);
}

TEST(ClientFrame, TurnsACommandOfANewerVersionIntoItsNumber) {
  // A union's number lies in the struct's first data word: write one that does not exist yet.
  capnp::MallocMessageBuilder message;
  auto request = message.initRoot<schema::ClientFrame>().initMessages(1)[0].getBody().initRequest();
  request.setRequest(12);
  request.initCommand().initClaim().setExam(5);
  std::string frame = frame_of(message);
  const std::uint16_t claim = 6, future = 777;
  std::size_t found = 0;
  for (std::size_t at = 0; at + 2 <= frame.size(); at += 2) {
    std::string changed = frame;
    std::uint16_t value = 0;
    std::memcpy(&value, frame.data() + at, 2);
    if (value != claim) continue;
    std::memcpy(changed.data() + at, &future, 2);
    const auto got = decode_client(changed);
    if (!got) continue;
    const auto* unknown = std::get_if<UnknownCommand>(&std::get<ClientRequest>(got->at(0)).command);
    if (unknown == nullptr) continue;
    ++found;
    EXPECT_EQ(unknown->number, future);
    EXPECT_EQ(std::get<ClientRequest>(got->at(0)).request, RequestNo{12}) << "can be answered";
  }
  EXPECT_EQ(found, 1u);
}

TEST(ClientFrame, UnderstandsTheRequestOfACommandWithoutBody) {
  capnp::MallocMessageBuilder message;
  message.initRoot<schema::ClientFrame>().initMessages(1)[0].getBody().initRequest().setRequest(3);
  const auto got = decode_client(frame_of(message));
  ASSERT_TRUE(got);
  const Command& command = std::get<ClientRequest>(got->at(0)).command;
  EXPECT_TRUE(command == Command{UnknownCommand{0}});
}

TEST(ClientFrame, CarriesAQueryOfEachKind) {
  for (int kind = 1; kind <= static_cast<int>(QueryKind::directory); ++kind) {
    const Query query{4, static_cast<QueryKind>(kind), "32768", {7}, true};
    const auto got = decode_client(encode_client({query}));
    ASSERT_TRUE(got);
    EXPECT_EQ(std::get<Query>(got->at(0)), query) << kind;
  }
}

TEST(ClientFrame, TakesAQueryOfAKindThatItDoesNotKnowForNone) {
  constexpr auto future = static_cast<QueryKind>(99);
  const auto got = decode_client(encode_client({Query{4, future, {}, {}, false}}));
  ASSERT_TRUE(got);
  EXPECT_EQ(std::get<Query>(got->at(0)).kind, QueryKind::none);
  EXPECT_EQ(std::get<Query>(got->at(0)).query, 4u) << "can be answered";
}

TEST(Schema, NumbersCommandsAsTheVariantDoes) {
  const auto commands = samples::commands();
  for (std::size_t i = 1; i < commands.size(); ++i) {
    const std::string frame = encode_client({samples::client_request(commands[i])});
    std::vector<std::uint64_t> words(frame.size() / 8);
    std::memcpy(words.data(), frame.data(), frame.size());
    capnp::FlatArrayMessageReader reader(
        kj::arrayPtr(reinterpret_cast<const capnp::word*>(words.data()), words.size()));
    const auto command =
        reader.getRoot<schema::ClientFrame>().getMessages()[0].getBody().getRequest().getCommand();
    EXPECT_EQ(static_cast<std::size_t>(command.which()), i) << name_of(commands[i]);
  }
}

}  // namespace
}  // namespace vigie::codec
