// Integers as bytes, for the journal's records: little-endian in values, big-endian in keys, so
// that keys sort as their numbers do. Reading never runs past the end: a short input makes ok()
// false.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/ids.hpp"

namespace vigie::storage {

template <class Int>
void put_little(std::string& out, Int value) {
  char bytes[sizeof(Int)];
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    bytes[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  out.append(bytes, sizeof(Int));
}

template <class Int>
void put_big(std::string& out, Int value) {
  char bytes[sizeof(Int)];
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    bytes[sizeof(Int) - 1 - i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  out.append(bytes, sizeof(Int));
}

/// 16 bytes, first byte first: as to_hex() prints them.
inline void put_bits(std::string& out, const Bits128& bits) {
  put_big(out, bits.high);
  put_big(out, bits.low);
}

/// A u16 length, then the bytes. Longer texts are cut: names are checked long before they get here.
inline void put_text(std::string& out, std::string_view text) {
  text = text.substr(0, 0xffff);
  put_little(out, static_cast<std::uint16_t>(text.size()));
  out.append(text);
}

/// Takes values off the front of some bytes. After a read past the end, ok() is false and every
/// further value is 0 or empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <class Int>
  Int little() {
    const std::string_view bytes = take(sizeof(Int));
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | byte(bytes[i]);
    return static_cast<Int>(value);
  }
  template <class Int>
  Int big() {
    std::uint64_t value = 0;
    for (const char c : take(sizeof(Int))) value = value << 8 | byte(c);
    return static_cast<Int>(value);
  }
  Bits128 bits() {
    const auto high = big<std::uint64_t>();
    return {high, big<std::uint64_t>()};
  }
  std::string_view text() { return take(little<std::uint16_t>()); }

 private:
  static std::uint64_t byte(char c) { return static_cast<std::uint8_t>(c); }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace vigie::storage
