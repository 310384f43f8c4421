// Private to the codec: how one Cap'n Proto message gets in and out of one frame. Everything that
// arrives goes through decode(): it copies what is not aligned (most received frames), bounds what
// a hostile frame can cost, and turns whatever Cap'n Proto throws into an Error.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "messages/types/limits.hpp"
#include "messages/types/result.hpp"

namespace vigie::codec {

/// What a frame may be: its size, and how deep its pointers may go.
struct FrameLimits {
  std::size_t bytes = 0;
  int nesting = 0;
};
inline constexpr FrameLimits client_frame{limits::client_frame_bytes, limits::client_nesting};
inline constexpr FrameLimits directory_frame{limits::directory_frame_bytes, limits::client_nesting};
inline constexpr FrameLimits peer_frame{limits::peer_frame_bytes, limits::peer_nesting};

/// Thrown by what reads fields, caught by decode(): this field cannot be taken.
struct Refused {
  Errc code = Errc::malformed;
  const char* what = "";
};

/// One received message, readable in place while the frame's bytes live. Each field may be read
/// about once: reading counts against four times the frame's size.
class FrameView {
 public:
  /// @throws Refused, kj::Exception when the frame is none.
  FrameView(std::string_view frame, FrameLimits limits);
  template <class Root>
  typename Root::Reader root() {
    return reader_.getRoot<Root>();
  }

 private:
  kj::Array<capnp::word> copy_;  ///< only of a misaligned frame
  kj::ArrayPtr<const capnp::word> words_;
  capnp::FlatArrayMessageReader reader_;
};

/// The Error of the exception that is being handled.
Error error_in_flight();

/// Runs `read(root, T&)` over a frame. The only way in.
template <class Root, class T, class Read>
Result<T> decode(std::string_view frame, FrameLimits limits, Read read) {
  try {
    FrameView view(frame, limits);
    T out{};
    read(view.root<Root>(), out);
    return out;
  } catch (...) {
    return error_in_flight();
  }
}

/// This thread's zeroed first segment; a message that outgrows it continues on the heap. One
/// message at a time.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  kj::ArrayPtr<capnp::word> words() const;
};

/// The stream framing of a finished message.
std::string flatten(capnp::MessageBuilder& message);

/// Runs `fill(root)` and returns the frame. The only way out.
template <class Root, class Fill>
std::string encode(Fill fill) {
  Scratch scratch;
  capnp::MallocMessageBuilder message(scratch.words());
  fill(message.initRoot<Root>());
  return flatten(message);
}

}  // namespace vigie::codec
