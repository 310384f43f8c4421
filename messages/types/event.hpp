// Events: what applying an entry made true. Past tense. Every node derives the same events from the
// same entry; subscriptions, timelines, logs and metrics are made of them and of nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie {

/// Numbers are stable: they are in timelines on disk and on the wire.
enum class EventKind : std::uint8_t {
  none = 0,
  request_submitted = 1,
  request_repeated = 2,
  request_amended = 3,
  request_refused_by_rule = 4,
  exam_cancelled = 5,
  regulation_claimed = 6,
  regulation_released = 7,
  regulation_overdue = 8,
  info_requested = 9,
  info_provided = 10,
  info_overdue = 11,
  protocol_assigned = 12,
  exam_refused = 13,
  acquisition_started = 14,
  images_progress = 15,
  images_missing = 16,
  images_stalled = 17,
  images_added = 18,
  exam_ready = 19,
  exam_relaxed = 20,
  exam_without_reader = 21,
  read_offered = 22,
  read_accepted = 23,
  read_declined = 24,
  offer_expired = 25,
  offer_withdrawn = 26,
  read_released = 27,
  lease_expired = 28,
  report_preliminary = 29,
  report_validated = 30,
  report_late = 31,
  late_settled = 32,
  delivery_owed = 33,
  delivery_acked = 34,
  delivery_failed = 35,
  exam_delivered = 36,
  exam_closed = 37,
  session_attached = 40,
  session_ended = 41,
  reader_changed = 42,
  site_unreachable = 43,
  site_reachable = 44,
  directory_applied = 45,
  level_set = 46,
  clock_corrected = 47,
  protocol_revised = 48,
  protocol_acked = 49,
  urgency_set = 50,
  exam_held = 51,
  exam_resumed = 52,
  read_suspended = 53,
  images_wanted = 54,
  read_taken_over = 55,
  exam_directed = 56,
  exam_pinned = 57,
  cancel_asked = 58,
  cancel_refused = 59,
  result_told = 60,
  report_revised = 61,
  critical_acked = 62,
  task_opened = 63,
  task_closed = 64,
  task_overdue = 65,
  order_linked = 66,
  read_asked = 67,
  child_read = 68,
  report_overdue = 69,
  duty_taken = 70,
  duty_offered = 71,
  duty_lost = 72,
  exam_handed_over = 73,
  ai_received = 74,
  site_set = 75,
  overflow_opened = 76,
  overflow_closed = 77,
  shift_set = 78,
  shift_missed = 79,
  exam_bypassed = 80,
  exam_reopened = 81,
};
inline constexpr std::size_t event_kind_count = 82;

/// What a reader or regulator needs to see of an exam, at the moment of an event.
struct ExamCard {
  ExamId exam;
  Epoch epoch;
  ExamState state = ExamState::none;
  Urgency urgency = Urgency::p2;
  Modality modality = Modality::unknown;
  Region region = Region::unknown;
  AgeClass age_class = AgeClass::unknown;
  ExamFlag flags = ExamFlag::none;
  EstablishmentId establishment;
  std::string placer_order;
  std::string procedure;
  std::string protocol;
  std::vector<std::string> studies;
  std::vector<std::string> priors;
  std::uint32_t images = 0;
  FedTime received_at, ready_at, deadline, offered_until;
  std::string callback_phone;
  std::string sealed;
  std::vector<std::string> answers;
  ExamId parent;  ///< of a reading once more
  Purpose purpose = Purpose::none;
};

struct Event {
  EventKind kind = EventKind::none;
  Urgency urgency = Urgency::p2;
  ExamState state = ExamState::none;  ///< of the exam, after
  LogIndex index;
  FedTime at;
  ExamId exam;
  SessionId session;  ///< whose screen it concerns; 0: no particular one
  PersonId by;        ///< who did it, or to whom it was given
  SiteId site;
  Epoch epoch;
  std::string text;  ///< code or number, never a patient's data
  /// Only with read_offered, read_accepted given at once, and what a regulator's desk shows.
  std::shared_ptr<const ExamCard> card;
  EstablishmentId hospital;  ///< of the exam; for the node's own use, not on the wire
};

std::string_view name_of(EventKind kind);  ///< "RequestSubmitted", ...

}  // namespace vigie
