// MLLP framing, 0B ... 1C 0D, with the tolerances that real senders need (interfaces §1.4). Knows
// no socket and no clock: the shell feeds bytes, and watches in_frame() for its 30 s.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/limits.hpp"
#include "messages/types/result.hpp"

namespace vigie::hl7 {

/// Cuts a connection's bytes into messages. One per connection.
class MllpReader {
 public:
  explicit MllpReader(std::size_t frame_bytes_max = limits::mllp_frame_bytes)
      : frame_bytes_max_(frame_bytes_max) {}

  /// Takes the next bytes, in any cut, and appends each finished frame's content to `frames`.
  /// Bytes outside a frame are skipped, 1C alone ends a frame, empty frames are dropped, a message
  /// that starts inside an unfinished one replaces it.
  /// @errors Errc::too_large: a frame passed the limit; close the connection. Frames that were
  /// finished before it are in `frames`.
  Result<void> feed(std::string_view bytes, std::vector<std::string>& frames);

  /// True between 0B and 1C: the sender owes the rest.
  bool in_frame() const { return in_frame_; }
  /// Of the unfinished frame, kept.
  std::size_t held_bytes() const { return frame_.size(); }
  /// Bytes seen outside frames so far, but for the 0D that follows a 1C.
  std::size_t skipped_bytes() const { return skipped_bytes_; }

 private:
  void take(std::vector<std::string>& frames);

  std::size_t frame_bytes_max_;
  std::size_t skipped_bytes_ = 0;
  std::string frame_;
  bool in_frame_ = false;
  bool after_end_ = false;
};

/// 0B, `message`, 1C, 0D.
std::string frame(std::string_view message);

}  // namespace vigie::hl7
