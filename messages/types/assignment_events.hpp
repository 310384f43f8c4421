// Which events put an exam into a reader's hand, and which take it out: one rule for the desk that
// shows it and for the client that holds it. (tests/verify has its own, so that it can disagree.)
#pragma once

#include "messages/types/event.hpp"

namespace vigie {

/// The exam is in the hand of Event::session after this.
constexpr bool is_given(EventKind kind) {
  return kind == EventKind::read_offered || kind == EventKind::read_accepted;
}

/// It no longer is.
constexpr bool is_taken_away(EventKind kind) {
  switch (kind) {
    case EventKind::read_declined:
    case EventKind::offer_expired:
    case EventKind::offer_withdrawn:
    case EventKind::read_released:
    case EventKind::lease_expired:
    case EventKind::report_validated:
    case EventKind::exam_cancelled:
    case EventKind::exam_held:
    case EventKind::read_suspended:
    case EventKind::images_wanted:
    case EventKind::read_taken_over:
    case EventKind::session_ended:
      return true;
    default:
      return false;
  }
}

}  // namespace vigie
