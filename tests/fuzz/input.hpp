// The bytes of one fuzzed run, taken off the front as small and wild values; and check(), which a
// sanitizer's run ends on. Past the end everything is 0, so that every input means something.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "messages/types/assert.hpp"

/// What libFuzzer, or replay.cpp, calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace vigie::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  bool at_end() const { return rest_.empty(); }
  /// Everything that is left.
  std::string_view rest() const { return rest_; }

  std::uint8_t byte() { return take<std::uint8_t>(); }
  /// One of 0 .. n - 1; n <= 256.
  std::size_t below(std::size_t n) { return byte() % n; }
  /// True `percent` times of a hundred, if bytes are even.
  bool chance(std::size_t percent) { return below(100) < percent; }
  /// Any value of an integer.
  template <class Int>
  Int take() {
    Int value{};
    const std::size_t size = std::min(sizeof value, rest_.size());
    if (size > 0) std::memcpy(&value, rest_.data(), size);
    rest_.remove_prefix(size);
    return value;
  }
  /// A number near 0, near `around`, or any.
  std::uint64_t number(std::uint64_t around) {
    const std::uint8_t kind = byte();
    if (kind < 100) return around + kind % 5 - 2;
    if (kind < 200) return kind % 10;
    if (kind < 220) return ~std::uint64_t{0} - kind % 4;
    return take<std::uint64_t>();
  }
  /// Up to `max` bytes; its length comes first.
  std::string_view bytes(std::size_t max) {
    const std::size_t size = std::min({std::size_t{take<std::uint16_t>()}, max, rest_.size()});
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

 private:
  std::string_view rest_;
};

/// Ends the run, and says what did not hold.
inline void check(bool holds, const std::string& what) {
  if (!holds) assertion_failed(what.c_str(), "tests/fuzz", 0);
}

}  // namespace vigie::fuzz
