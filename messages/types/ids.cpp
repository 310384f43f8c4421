#include "messages/types/ids.hpp"

#include <cstdio>

namespace vigie {

std::string to_hex(const Bits128& bits) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(bits.high),
                static_cast<unsigned long long>(bits.low));
  return text;
}

}  // namespace vigie
