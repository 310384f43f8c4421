// Table 1.1 of the interface: what a message means. ORC-1 and ORC-5 first, then OBR-4.1; never
// MSH-9 alone. Internal to the mapping.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/core/hl7/group.hpp"
#include "actors/core/hl7/order.hpp"
#include "actors/core/hl7/refusal.hpp"

namespace vigie::hl7 {

struct Kind {
  std::string type;     ///< ORM, OMI, ADT
  std::string trigger;  ///< O01, O23, A08...
};

inline Refusal refuse(ErrorCode code, Place place, std::string text) {
  return {code, std::move(place), std::move(text)};
}
inline Place orc_place(const Group& group, int field) {
  return {"ORC", group.orc->occurrence, field};
}

/// ORM^O01, OMI^O23, ADT^A08 A31 A40 A47; an absent trigger is that of the type.
/// @errors message_type, event_code, required_field.
Checked<Kind> kind_of(const Message& message);

/// What OBR-4.1 of profile tlr says; nullopt: nothing that decides.
std::optional<Action> by_procedure(std::string_view code);

/// What an order group asks for. A contradiction between ORC-1 and OBR-4.1 is never guessed at.
/// @errors table_value, required_field.
Checked<Action> action_of(const Group& group, const Kind& kind);

}  // namespace vigie::hl7
