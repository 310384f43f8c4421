#include "messages/codec/peer_codec.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "messages/codec/directory_codec.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/limits.hpp"
#include "tests/messages/codec/samples.hpp"

namespace vigie::codec {
namespace {

namespace r = replica;

PeerFrame sample_frame() {
  PeerFrame f;
  f.header = {federation_hash("vigie-demo"),
              {21, 22},
              {5},
              NodeMode::connected,
              1,
              {3},
              {2},
              77,
              {{4}, {12}}};
  const std::vector<r::MessageBody> bodies = {
      r::VoteRequest{true, true, {100}, {7}},
      r::VoteAnswer{true, true},
      r::Append{{100},
                {7},
                {99},
                {{{101}, {8}, EntryKind::noop, {}},
                 {{102}, {8}, EntryKind::command, Payload(std::string("\0payload\xff", 9))},
                 {{103}, {9}, EntryKind::configuration, Payload("members")}}},
      r::AppendAnswer{true, {103}, {50}, {6}},
      r::Heartbeat{{103}, 77},
      r::HeartbeatAnswer{78},
      r::SnapshotChunk{{{90}, {7}, {31, 32}, 300'000}, 1, Payload(std::string(1000, 's'))},
      r::SnapshotAnswer{{90}, 2},
      r::TimeoutNow{},
  };
  std::uint64_t term = 9;
  for (const r::MessageBody& body : bodies) f.raft.push_back({{3}, {term++}, body});
  f.proposals = {encode_proposal(samples::proposal(Claim{{5}})), "anything"};
  f.renewals = {{{0xabc}, {2}, 123, {2}}, {{0xabd}, {3}, 124, {1}}};
  f.renewal_acks = {{{0xabc}, {2}, 123, Millis{60000}, Errc::no_session}};
  f.status = SiteStatus{7, 3,       {102}, {103}, {9},          {41, 42}, true, 5,
                        6, "0.1.0", false, true,  {{8}, {101}}, true,     {77}, true};
  f.archive_wish = ArchiveWish{{900}, {800}, {7}, 11};
  f.archive_chunk = ArchiveChunk{
      {{901}, {801}, {8}, 12}, true, true, {{{801}, {8}, 100, "rest"}, {{802}, {9}, 3, "all"}}};
  return f;
}

TEST(PeerFrame, KeepsEveryFieldOfEveryMessage) {
  const PeerFrame sent = sample_frame();
  ASSERT_EQ(sent.raft.size(), std::variant_size_v<r::MessageBody>);
  const auto got = decode_peer(encode_peer(sent));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_TRUE(got->header == sent.header);
  ASSERT_EQ(got->raft.size(), sent.raft.size());
  for (std::size_t i = 0; i < sent.raft.size(); ++i) {
    EXPECT_TRUE(got->raft[i] == sent.raft[i]) << i;
  }
  EXPECT_TRUE(*got == sent);
}

TEST(PeerFrame, MayHoldNothingButItsHeader) {
  PeerFrame sent;
  sent.header.site = {2};
  sent.header.generation = 3;
  const std::string frame = encode_peer(sent);
  EXPECT_LT(frame.size(), peer_fixed_bytes);
  const auto got = decode_peer(frame);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_TRUE(*got == sent);
}

TEST(PeerFrame, CarriesAWholeSnapshotChunkAndALargeEntry) {
  PeerFrame sent;
  sent.raft = {
      {{1}, {1}, r::SnapshotChunk{{}, 0, Payload(std::string(256 * 1024, 'c'))}},
      {{1},
       {1},
       r::Append{
           {},
           {},
           {},
           {{{1}, {1}, EntryKind::command, Payload(std::string(limits::entry_bytes, 'e'))}}}}};
  const auto got = decode_peer(encode_peer(sent));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_TRUE(*got == sent);
}

// domain Q7
TEST(PeerFrame, IsNeverLongerThanItsBounds) {
  const PeerFrame f = sample_frame();
  std::size_t bound = peer_fixed_bytes + peer_status_bytes;
  for (const auto& message : f.raft) bound += peer_bytes(message);
  for (const auto& proposal : f.proposals) bound += peer_bytes(proposal);
  bound += peer_renewal_bytes * (f.renewals.size() + f.renewal_acks.size());
  bound += peer_archive_wish_bytes + peer_bytes(*f.archive_chunk);
  EXPECT_LE(encode_peer(f).size(), bound);
  for (std::size_t entries = 1; entries < 200; entries += 7) {
    for (std::size_t bytes = 0; bytes < 30; ++bytes) {
      PeerFrame one;
      r::Append append;
      append.entries.assign(entries,
                            {{1}, {1}, EntryKind::command, Payload(std::string(bytes, 'x'))});
      one.raft = {{{1}, {1}, append}};
      EXPECT_LE(encode_peer(one).size(), peer_fixed_bytes + peer_bytes(one.raft[0]));
    }
  }
}

TEST(PeerFrame, CarriesAFullArchiveChunkAndRefusesOneBeyondItsLimits) {
  PeerFrame sent;
  sent.archive_chunk.emplace();
  constexpr std::size_t share = limits::snapshot_chunk_bytes / archive_pieces_count;
  for (std::size_t i = 0; i < archive_pieces_count; ++i) {
    sent.archive_chunk->pieces.push_back({{1}, {i}, share, std::string(share, 'a')});
  }
  const std::string frame = encode_peer(sent);
  EXPECT_LE(frame.size(), peer_fixed_bytes + peer_bytes(*sent.archive_chunk));
  EXPECT_LE(frame.size(), limits::peer_frame_bytes);
  const auto got = decode_peer(frame);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_TRUE(*got == sent);
  sent.archive_chunk->pieces.push_back({});
  EXPECT_EQ(decode_peer(encode_peer(sent)).error().code, Errc::too_large);
  sent.archive_chunk->pieces = {{{1}, {1}, archive_record_bytes + 1, "x"}};
  EXPECT_EQ(decode_peer(encode_peer(sent)).error().code, Errc::too_large);
}

TEST(PeerFrame, RefusesATooLargeFrameAndAnEntryOfAnUnknownKind) {
  EXPECT_EQ(decode_peer(std::string(limits::peer_frame_bytes + 8, '\0')).error().code,
            Errc::too_large);
  PeerFrame f;
  f.raft = {{{1}, {1}, r::Append{{}, {}, {}, {{{1}, {1}, static_cast<EntryKind>(9), {}}}}}};
  EXPECT_EQ(decode_peer(encode_peer(f)).error().code, Errc::bad_value);
}

// domain N1
TEST(PeerFrame, TellsFederationsApart) {
  EXPECT_NE(federation_hash("vigie-demo"), federation_hash("vigie-dem0"));
  EXPECT_EQ(federation_hash(""), 0x2d06800538d394c2u) << "XXH3, 64 bits, seed 0";
}

TEST(DirectoryCodec, KeepsEveryField) {
  const auto got = decode_directory(encode_directory(samples::directory()));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_TRUE(*got == samples::directory());
}

TEST(DirectoryCodec, RefusesAKeyOfAnotherLength) {
  EXPECT_EQ(decode_directory("").error().code, Errc::malformed);
  std::string bytes = encode_directory(samples::directory());
  // The first key's bytes are 1, 2, ... 32; its pointer's length field is the only 32 << 3 | 2.
  bool seen = false;
  for (std::size_t at = 4; at + 4 <= bytes.size() && !seen; at += 8) {
    std::uint32_t upper = 0;
    std::memcpy(&upper, bytes.data() + at, 4);
    if (upper != ((32u << 3) | 2u)) continue;
    upper = (31u << 3) | 2u;
    std::memcpy(bytes.data() + at, &upper, 4);
    seen = true;
  }
  ASSERT_TRUE(seen);
  EXPECT_EQ(decode_directory(bytes).error().code, Errc::bad_value);
}

}  // namespace
}  // namespace vigie::codec
