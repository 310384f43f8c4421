#include "messages/codec/fields.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace vigie::codec {
namespace {

bool is_continuation(unsigned char c) { return (c & 0xC0u) == 0x80u; }

// Bytes of the well-formed sign that begins at `at`; 0: none (Unicode, table 3-7).
std::size_t sign_bytes(const unsigned char* at, std::size_t left) {
  const unsigned char first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (left < size || !std::all_of(at + 1, at + size, is_continuation)) return 0;
  const unsigned char second = at[1];
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : size;
}

}  // namespace

bool is_utf8(const char* text, std::size_t size) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text);
  std::size_t at = 0;
  while (at < size) {
    std::uint64_t eight = 0;
    if (size - at >= sizeof eight) {
      std::memcpy(&eight, bytes + at, sizeof eight);
      if ((eight & 0x8080808080808080u) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t step = sign_bytes(bytes + at, size - at);
    if (step == 0) return false;
    at += step;
  }
  return true;
}

std::string take_text(capnp::Text::Reader from, std::size_t max, const char* field) {
  if (from.size() > max) throw Refused{Errc::too_large, field};
  if (!is_utf8(from.begin(), from.size())) throw Refused{Errc::bad_value, field};
  return {from.begin(), from.size()};
}

std::string take_data(capnp::Data::Reader from, std::size_t max, const char* field) {
  if (from.size() > max) throw Refused{Errc::too_large, field};
  return {reinterpret_cast<const char*>(from.begin()), from.size()};
}

PublicKey take_key(capnp::Data::Reader from, const char* field) {
  PublicKey key{};
  if (from.size() != key.size()) throw Refused{Errc::bad_value, field};
  std::copy(from.begin(), from.end(), key.begin());
  return key;
}

}  // namespace vigie::codec
