// One ORC group of a message (or one patient of an ADT), and values with the place they came from.
// Internal to the mapping.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/feed.hpp"
#include "actors/core/hl7/message.hpp"

namespace vigie::hl7 {

/// A value and where it stood: {"A1", "ORC-2.1"}.
struct Found {
  std::string value;
  std::string source;
  explicit operator bool() const { return !value.empty(); }
};
/// Table 1.2's rule: left to right, the first that is not empty.
Found first_of(std::initializer_list<Found> candidates);

struct Group {
  const Message* message = nullptr;
  const Feed* feed = nullptr;
  const Segment* pid = nullptr;
  const Segment* pv1 = nullptr;
  const Segment* orc = nullptr;
  const Segment* obr = nullptr;
  const Segment* mrg = nullptr;
  std::vector<const Segment*> shared;  ///< before the first ORC, without MSH and EVN
  std::vector<const Segment*> own;     ///< ORC and what follows it, in any order

  /// One value with its place.
  Found at(const Segment* segment, int field, int component = 1, int sub = 1) const;
  /// Own segments of that name.
  std::vector<const Segment*> all(std::string_view name) const;
  const Segment* first(std::string_view name) const;
  /// Own and shared OBX with this OBX-3.1 (or OBX-3.4).
  std::vector<const Segment*> observations(std::string_view code) const;
  /// OBX-5 of the first such OBX, with "OBX(code)-5.1" as its place.
  Found observed(std::string_view code, int component = 1) const;
  std::string text(const Segment* segment, int field, int component = 1, int sub = 1) const {
    return message->text(segment, field, component, sub);
  }
};

/// By ORC; at most limits::orders_per_message + 1. Empty when there is no ORC.
std::vector<Group> order_groups(const Message& message, const Feed& feed);
/// By PID, for ADT.
std::vector<Group> patient_groups(const Message& message, const Feed& feed);

}  // namespace vigie::hl7
