#include "actors/core/hl7/action.hpp"

#include "actors/core/hl7/fields.hpp"

namespace vigie::hl7 {
namespace {

/// What ORC-1 and ORC-5 say; nullopt: nothing that Vigie takes.
std::optional<Action> by_order_control(std::string_view control, std::string_view status,
                                       std::string_view type) {
  if (control == "NW" && (status.empty() || status == "SC" || status == "IP")) {
    return Action::submit;
  }
  if (control == "XO") {
    return status == "CM" ? Action::acquisition_complete : Action::amend;
  }
  if (control == "SC" && status == "CM") {
    return Action::acquisition_complete;
  }
  if (control == "SC" && status == "IP") {
    return Action::acquisition_started;
  }
  if (control == "SR" && type == "OMI") {
    return Action::acquisition_complete;
  }
  return control == "CA" || control == "DC" ? std::optional(Action::cancel) : std::nullopt;
}

}  // namespace

std::string_view name_of(Action action) {
  constexpr std::string_view names[] = {
      "submit", "amend", "cancel", "acquisition_started", "acquisition_complete", "amend_identity"};
  return names[static_cast<std::size_t>(action)];
}

Checked<Kind> kind_of(const Message& message) {
  const Segment* msh = &message.msh();
  Kind out{message.text(msh, 9, 1), message.text(msh, 9, 2)};
  if (out.type.empty()) {
    return refuse(ErrorCode::required_field, {"MSH", 1, 9}, "Type de message absent (MSH-9)");
  }
  if (out.type == "ADT") {
    out.trigger = out.trigger.empty() ? message.get("EVN", 1) : out.trigger;
    for (const std::string_view event : {"A08", "A31", "A40", "A47"}) {
      if (out.trigger == event) {
        return out;
      }
    }
    return refuse(ErrorCode::event_code, {"MSH", 1, 9}, "Événement ADT non pris en charge");
  }
  if (out.type != "ORM" && out.type != "OMI") {
    return refuse(ErrorCode::message_type, {"MSH", 1, 9}, "Type de message non pris en charge");
  }
  const std::string_view event = out.type == "ORM" ? "O01" : "O23";
  if (!out.trigger.empty() && out.trigger != event) {
    return refuse(ErrorCode::event_code, {"MSH", 1, 9}, "Événement non pris en charge");
  }
  return out;
}

std::optional<Action> by_procedure(std::string_view code) {
  if (code == cancel_code) {
    return Action::cancel;
  }
  return code == done_code ? std::optional(Action::acquisition_complete) : std::nullopt;
}

Checked<Action> action_of(const Group& group, const Kind& kind) {
  const std::string control = group.text(group.orc, 1);
  const std::string status = group.text(group.orc, 5);
  const auto said = by_order_control(control, status, kind.type);
  const auto refined = by_procedure(group.text(group.obr, 4));
  if (!refined) {
    if (said) {
      return *said;
    }
    if (control.empty()) {
      return refuse(ErrorCode::required_field, orc_place(group, 1), "ORC-1 absent");
    }
    const bool known = control == "NW" || control == "SC";
    return refuse(
        ErrorCode::table_value, orc_place(group, known ? 5 : 1),
        known ? "Statut ORC-5 non pris en charge pour cet ORC-1" : "Code ORC-1 non pris en charge");
  }
  const bool vague =
      control.empty() || control == "SC" || control == "SR" || (said && *said == Action::amend);
  if ((said && *said == *refined) || vague) {
    return *refined;
  }
  const int occurrence = group.obr->occurrence;
  return said
             ? refuse(ErrorCode::table_value, {"OBR", occurrence, 4}, "OBR-4 contredit ORC-1")
             : refuse(ErrorCode::table_value, orc_place(group, 1), "Code ORC-1 non pris en charge");
}

}  // namespace vigie::hl7
