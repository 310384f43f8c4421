// What another node sends: Raft messages, snapshot chunks, forwarded proposals, archive pieces.
// What decodes must encode to what decodes to the same, within the bounds that batching counts
// with.
#include "messages/codec/peer_codec.hpp"
#include "tests/fuzz/input.hpp"

namespace vigie::fuzz {
namespace {

std::size_t bound_of(const codec::PeerFrame& frame) {
  std::size_t bytes = codec::peer_fixed_bytes;
  for (const auto& message : frame.raft) bytes += codec::peer_bytes(message);
  for (const auto& proposal : frame.proposals) bytes += codec::peer_bytes(proposal);
  bytes += codec::peer_renewal_bytes * (frame.renewals.size() + frame.renewal_acks.size());
  if (frame.status) bytes += codec::peer_status_bytes;
  if (frame.archive_wish) bytes += codec::peer_archive_wish_bytes;
  if (frame.archive_chunk) bytes += codec::peer_bytes(*frame.archive_chunk);
  return bytes;
}

void frame(std::string_view bytes) {
  const auto frame = codec::decode_peer(bytes);
  if (!frame) return;
  const std::string once = codec::encode_peer(*frame);
  check(once.size() <= bound_of(*frame), "a frame is within its bounds");
  const auto again = codec::decode_peer(once);
  if (!again && again.error().code == Errc::too_large) return;  // its pointers shared a target
  check(again && *again == *frame, "a round trip changes nothing");
}

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vigie::fuzz::frame({reinterpret_cast<const char*>(data), size});
  return 0;
}
