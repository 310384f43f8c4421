// The directory by itself, as bytes: for files and for a node's own records. As a command it
// travels inside a client frame or a Proposal like any other.
#pragma once

#include <string>
#include <string_view>

#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"

namespace vigie::codec {

/// One Cap'n Proto `Directory` message.
std::string encode_directory(const Directory& directory);
/// Takes any alignment. Values are bounded, not judged: normalise() does that.
/// @errors malformed, too_large (1 MiB, or a list or text beyond its bound), bad_value.
Result<Directory> decode_directory(std::string_view bytes);

}  // namespace vigie::codec
