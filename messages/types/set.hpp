// A set of enumerators: one value, the same bits on the wire and in records.
#pragma once

#include <cstdint>

namespace vigie {

/// A set of small enumerators, as bits.
template <class Enum>
struct Set {
  std::uint16_t bits = 0;
  constexpr bool contains(Enum e) const { return (bits >> static_cast<unsigned>(e)) & 1u; }
  constexpr void add(Enum e) {
    bits = static_cast<std::uint16_t>(bits | (1u << static_cast<unsigned>(e)));
  }
  template <class... Enums>
  static constexpr Set of(Enums... es) {
    Set set;
    (set.add(es), ...);
    return set;
  }
  constexpr bool operator==(const Set&) const = default;
};

}  // namespace vigie
