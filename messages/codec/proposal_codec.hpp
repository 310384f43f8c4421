// A proposed command as bytes: what a follower forwards to the leader, and what a command's log
// entry holds. The door encodes once; the leader only puts the time before it; every node decodes
// once, when it applies.
#pragma once

#include <string>
#include <string_view>

#include "messages/types/command.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

namespace vigie::codec {

/// One Cap'n Proto `Proposal` message. Texts must be within their limits and UTF-8: they are
/// checked where they are decoded, which for a log entry is too late.
std::string encode_proposal(const Proposal& proposal);
/// Takes any alignment. A command of a newer version is an UnknownCommand with its number.
/// The answer depends on the bytes alone, so every node decides the same about a bad entry.
/// @errors malformed, too_large, bad_value: refuse it before it is proposed.
Result<Proposal> decode_proposal(std::string_view bytes);

/// The payload of an EntryKind::command entry: `at`, 8 reserved bytes, the proposal as it came.
std::string make_entry_payload(FedTime at, std::string_view proposal);

struct EntryPayload {
  FedTime at;
  std::string_view proposal;  ///< into the payload
};
/// @errors malformed: shorter than its header. wrong_version: the reserved bytes are used by a
/// newer version; this node must not guess.
Result<EntryPayload> split_entry_payload(std::string_view payload);

}  // namespace vigie::codec
