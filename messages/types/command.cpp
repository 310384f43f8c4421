#include "messages/types/command.hpp"

#include <array>

namespace vigie {

std::string_view name_of(const Command& command) {
  static constexpr std::array<std::string_view, std::variant_size_v<Command>> names = {
      "unknown",
      "attach",
      "detach",
      "submit",
      "amend",
      "cancel",
      "claim",
      "release_claim",
      "ask_info",
      "provide_info",
      "accept",
      "refuse",
      "acquisition_started",
      "images_progress",
      "acquisition_complete",
      "set_reader",
      "accept_offer",
      "decline_offer",
      "release",
      "preliminary",
      "sign",
      "settle_late",
      "delivery_result",
      "expire_session",
      "site_contact",
      "tick",
      "checkpoint",
      "clock_correction",
      "set_level",
      "apply_directory",
      "change_site",
      "revise_protocol",
      "ack_protocol",
      "set_urgency",
      "hold",
      "resume",
      "suspend",
      "want_images",
      "take_over",
      "direct",
      "pin",
      "answer_cancel",
      "tell_result",
      "revise_report",
      "ack_critical",
      "close_task",
      "link_order",
      "ask_read",
      "take_duty",
      "offer_duty",
      "hand_over",
      "add_finding",
      "set_site",
      "set_away",
      "set_shift",
      "bypass",
      "reopen"};
  return names[command.index()];
}

}  // namespace vigie
