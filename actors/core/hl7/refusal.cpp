#include "actors/core/hl7/refusal.hpp"

namespace vigie::hl7 {

std::string Place::text(char separator) const {
  if (segment.empty()) {
    return {};
  }
  std::string out = segment + separator + std::to_string(occurrence);
  for (const int number : {field, repetition, component}) {
    if (number == 0) {
      break;
    }
    out += separator + std::to_string(number);
  }
  return out;
}

}  // namespace vigie::hl7
