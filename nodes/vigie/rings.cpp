#include "nodes/vigie/rings.hpp"

#include "nodes/vigie/hours.hpp"
#include "nodes/vigie/sayings.hpp"
#include "nodes/vigie/shifts.hpp"

namespace vigie::cli {
namespace {

/// "attendu à lyon depuis 2026-11-23 18:00", and the same for programs.
std::string missed(const Event& event, const Place& place, const Json& shifts, Json& row) {
  std::string text = " n'est pas venu : attendu à " + place.site(event.site);
  for (const Json& shift_row : shifts) {
    const Shift shift = shift_in(shift_row);
    const bool his = shift.person == event.by && shift.site == event.site;
    if (!his || shift_row.value("state", "") != "absent") continue;
    row["since"] = shift_row.value("from", "");
    text += " depuis " + clock_text(shift.from);
    break;
  }
  return text;
}

}  // namespace

bool rings(const Event& event) {
  switch (event.kind) {
    case EventKind::regulation_overdue:
    case EventKind::info_overdue:
      return event.text != "1";
    case EventKind::exam_without_reader:
    case EventKind::task_overdue:
    case EventKind::report_late:
    case EventKind::cancel_asked:
    case EventKind::exam_held:
    case EventKind::exam_bypassed:
    case EventKind::exam_reopened:
    case EventKind::site_unreachable:
    case EventKind::site_set:
    case EventKind::shift_set:
    case EventKind::shift_missed:
    case EventKind::duty_taken:
    case EventKind::duty_offered:
    case EventKind::duty_lost:
    case EventKind::overflow_opened:
    case EventKind::overflow_closed:
      return true;
    case EventKind::task_opened:
      return event.text == name_of(TaskKind::hand_over);
    default:
      return false;
  }
}

Ring ring_of(const Event& event, const Place& place, const Json& shifts) {
  Ring ring;
  ring.row = {{"event", name_of(event.kind)},
              {"exam", event.exam ? place.exam(event.exam) : std::string()},
              {"urgency", name_of(event.urgency)},
              {"by", place.person(event.by)},
              {"site", place.site(event.site)},
              {"text", event.text}};
  ring.text = said(event.kind) + ' ';
  if (event.kind == EventKind::shift_missed) {
    ring.text += place.person(event.by) + missed(event, place, shifts, ring.row);
    return ring;
  }
  if (event.exam) {
    ring.text += place.exam(event.exam);
  } else if (event.site) {
    ring.text += place.site(event.site) +
                 (event.kind == EventKind::shift_set ? ' ' + place.person(event.by) : "");
  } else {
    ring.text += place.person(event.by);
  }
  const bool is_count = event.kind == EventKind::regulation_overdue ||
                        event.kind == EventKind::info_overdue;  // which reminder it is
  if (!is_count) ring.text += ' ' + event.text;
  return ring;
}

}  // namespace vigie::cli
