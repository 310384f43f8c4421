// Frames that somebody damaged, at random but always the same: decoding must end, without a crash,
// with messages or an error. Under the asan preset this also looks for reads out of bounds.
#include <gtest/gtest.h>

#include <random>

#include "messages/codec/client_codec.hpp"
#include "messages/codec/directory_codec.hpp"
#include "messages/codec/peer_codec.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "tests/messages/codec/samples.hpp"

namespace vigie::codec {
namespace {

constexpr std::uint64_t seed = 20'261'122;
constexpr int rounds = 50'000;

std::string mutated(std::string frame, std::mt19937_64& random) {
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
    const std::size_t at = below(frame.size());
    switch (below(4)) {
      case 0:
        frame[at] = static_cast<char>(random());
        break;
      case 1:
        frame[at] = static_cast<char>(frame[at] ^ (1 << below(8)));
        break;
      case 2:  // a word over another: pointers that point elsewhere
        frame.replace(at / 8 * 8, 8, frame.substr(below(frame.size()) / 8 * 8, 8));
        break;
      default:
        frame.resize(std::max<std::size_t>(8, at / 8 * 8));
    }
  }
  return frame;
}

template <class Decode>
void survive(const std::vector<std::string>& frames, Decode decode) {
  std::mt19937_64 random(seed);
  int taken = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string frame = mutated(frames[random() % frames.size()], random);
    if (decode(frame)) ++taken;
  }
  EXPECT_GT(taken, 0) << "the mutations are too coarse to reach the fields";
  EXPECT_LT(taken, rounds);
}

TEST(MutatedFrames, FromClientsAreTakenOrRefused) {
  std::vector<std::string> frames = {encode_client(samples::client_messages())};
  for (const Command& command : samples::commands()) {
    frames.push_back(encode_client({samples::client_request(command)}));
  }
  survive(frames, [](const std::string& frame) { return bool(decode_client(frame)); });
}

TEST(MutatedFrames, FromNodesAreTakenOrRefused) {
  const std::vector<std::string> frames = {
      encode_node({Cover{4, {1}, {9}, {samples::event(), samples::event()}}}),
      encode_node({ClientAnswer{{1}, {2}, samples::answer()}, Welcome{}, QueryReply{}})};
  survive(frames, [](const std::string& frame) { return bool(decode_node(frame)); });
}

TEST(MutatedFrames, FromPeersAndTheLogAreTakenOrRefused) {
  PeerFrame peer;
  peer.raft = {
      {{1}, {2}, replica::Append{{3}, {4}, {5}, {{{4}, {4}, EntryKind::command, Payload("x")}}}}};
  peer.proposals = {"abc"};
  peer.renewals = {{}};
  peer.status = SiteStatus{};
  survive({encode_peer(peer)}, [](const std::string& frame) { return bool(decode_peer(frame)); });
  std::vector<std::string> proposals;
  for (const Command& command : samples::commands()) {
    proposals.push_back(encode_proposal(samples::proposal(command)));
  }
  survive(proposals, [](const std::string& bytes) { return bool(decode_proposal(bytes)); });
}

TEST(MutatedFrames, RandomBytesAreRefused) {
  std::mt19937_64 random(seed);
  for (int i = 0; i < rounds; ++i) {
    std::string frame(8 * (1 + random() % 16), '\0');
    for (char& c : frame) c = static_cast<char>(random());
    EXPECT_FALSE(decode_client(frame));
  }
}

}  // namespace
}  // namespace vigie::codec
