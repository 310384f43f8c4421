#include "nodes/client/directory_parts.hpp"

#include <sodium.h>

#include <algorithm>
#include <optional>

#include "messages/types/limits.hpp"

namespace vigie::client {
namespace {

constexpr std::size_t directory_bytes_max = limits::peer_frame_bytes;  // as codec::decode_directory

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  const int refused =
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL);
  if (refused != 0) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

}  // namespace

Result<void> DirectoryParts::take(const DirectoryPart& part) {
  if (!bytes_.empty() && part.version != version_) return begin_anew();
  const auto more = from_base64(part.part);
  const bool fits = more && !more->empty() && part.offset == bytes_.size() &&
                    part.bytes <= directory_bytes_max &&
                    more->size() <= part.bytes - std::min(part.bytes, part.offset);
  if (!fits) return Error{Errc::malformed, "the node's reply is no part of a directory"};
  version_ = part.version;
  bytes_ += *more;
  is_whole_ = bytes_.size() == part.bytes;
  return {};
}

Result<void> DirectoryParts::begin_anew() {
  if (tries_++ == tries_max) {
    return Error{Errc::busy, "the directory changes while it is read: try again"};
  }
  bytes_.clear();
  is_whole_ = false;
  return {};
}

}  // namespace vigie::client
