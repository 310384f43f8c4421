// What comes in by a client's door, and what a client's SDK reads: client and node frames,
// proposals, entry payloads, directories. What decodes must encode to bytes that decode to the
// same.
#include "messages/codec/client_codec.hpp"
#include "messages/codec/directory_codec.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/limits.hpp"
#include "tests/fuzz/input.hpp"

namespace vigie::fuzz {
namespace {

/// A frame whose pointers share their targets grows when it is written anew, and may then be too
/// large to be read; anything else that was read must stay readable, and stay what it is.
template <class Value, class Encode, class Decode>
void stays(const Value& value, Encode encode, Decode decode) {
  const std::string once = encode(value);
  const auto again = decode(once);
  if (!again && again.error().code == Errc::too_large) return;
  check(static_cast<bool>(again), "what was encoded decodes");
  check(encode(*again) == once, "a round trip changes nothing");
}

template <class Encode, class Decode>
void decode_and_back(std::string_view bytes, Encode encode, Decode decode) {
  if (const auto value = decode(bytes)) stays(*value, encode, decode);
}

void node_frames(std::string_view bytes) {
  const auto messages = codec::decode_node(bytes);
  if (!messages || messages->empty()) return;  // kinds of a newer version are left out
  stays(*messages, codec::encode_node, codec::decode_node);
  for (const std::string& frame : codec::encode_node_frames(*messages)) {
    check(frame.size() <= limits::client_frame_bytes, "parts fit a frame");
    check(static_cast<bool>(codec::decode_node(frame)), "each part decodes");
  }
}

void entry(std::string_view bytes) {
  const auto payload = codec::split_entry_payload(bytes);
  if (!payload) return;
  check(codec::make_entry_payload(payload->at, payload->proposal) == bytes, "stamp and proposal");
  decode_and_back(payload->proposal, codec::encode_proposal, codec::decode_proposal);
}

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  fuzz::Input input(data, size);
  const std::size_t kind = input.below(5);
  const std::string_view bytes = input.rest();
  if (kind == 0) fuzz::decode_and_back(bytes, codec::encode_client, codec::decode_client);
  if (kind == 1) fuzz::node_frames(bytes);
  if (kind == 2) fuzz::decode_and_back(bytes, codec::encode_proposal, codec::decode_proposal);
  if (kind == 3) fuzz::entry(bytes);
  if (kind == 4) fuzz::decode_and_back(bytes, codec::encode_directory, codec::decode_directory);
  return 0;
}
