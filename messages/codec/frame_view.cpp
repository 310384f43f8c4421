#include "messages/codec/frame_view.hpp"

#include <kj/exception.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace vigie::codec {
namespace {

using capnp::word;
static_assert(std::endian::native == std::endian::little, "frames are written as they lie");

constexpr std::size_t scratch_words = 2048;  // 16 KiB: nearly every frame, and quick to zero

struct ThreadScratch {
  kj::Array<word> words = kj::heapArray<word>(scratch_words);
  bool busy = false;
  ThreadScratch() { std::memset(words.begin(), 0, scratch_words * sizeof(word)); }
};

ThreadScratch& mine() {
  thread_local ThreadScratch scratch;
  return scratch;
}

kj::Array<word> copy_if_misaligned(std::string_view frame, FrameLimits limits) {
  if (frame.size() > limits.bytes) throw Refused{Errc::too_large, "frame"};
  if (frame.empty() || frame.size() % sizeof(word) != 0) {
    throw Refused{Errc::malformed, "frame: not a whole number of words"};
  }
  if (reinterpret_cast<std::uintptr_t>(frame.data()) % alignof(std::uint64_t) == 0) return nullptr;
  auto words = kj::heapArray<word>(frame.size() / sizeof(word));
  std::memcpy(words.begin(), frame.data(), frame.size());
  return words;
}

capnp::ReaderOptions options(std::size_t words, FrameLimits limits) {
  capnp::ReaderOptions out;
  out.traversalLimitInWords = 4 * words;
  out.nestingLimit = limits.nesting;
  return out;
}

}  // namespace

FrameView::FrameView(std::string_view frame, FrameLimits limits)
    : copy_(copy_if_misaligned(frame, limits)),
      words_(copy_ != nullptr ? copy_.begin() : reinterpret_cast<const word*>(frame.data()),
             frame.size() / sizeof(word)),
      reader_(words_, options(words_.size(), limits)) {
  if (reader_.getEnd() != words_.end()) throw Refused{Errc::malformed, "frame: bytes left over"};
}

Error error_in_flight() {
  try {
    throw;
  } catch (const Refused& refused) {
    return {refused.code, refused.what};
  } catch (const kj::Exception& exception) {
    return {Errc::malformed, exception.getDescription().cStr()};
  }
}

Scratch::Scratch() {
  VIGIE_ASSERT(!mine().busy);
  mine().busy = true;
}
Scratch::~Scratch() { mine().busy = false; }
kj::ArrayPtr<word> Scratch::words() const { return mine().words; }

std::string flatten(capnp::MessageBuilder& message) {
  const auto segments = message.getSegmentsForOutput();
  // Number of segments - 1, then the size of each in words, padded to whole words.
  std::string out((segments.size() / 2 + 1) * sizeof(word), '\0');
  std::size_t bytes = out.size();
  const auto put = [&out](std::size_t at, std::size_t number) {
    const auto value = static_cast<std::uint32_t>(number);
    std::memcpy(out.data() + at * sizeof value, &value, sizeof value);
  };
  put(0, segments.size() - 1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    put(i + 1, segments[i].size());
    bytes += segments[i].size() * sizeof(word);
  }
  out.reserve(bytes);
  for (const auto& segment : segments) {
    out.append(reinterpret_cast<const char*>(segment.begin()), segment.size() * sizeof(word));
  }
  return out;
}

}  // namespace vigie::codec
