#include "tests/sim/floors.hpp"

namespace vigie::sim {
namespace {

/// A transition of the lifecycle, by the event that says that it happened.
struct Transition {
  std::string_view name;
  EventKind event;
};
constexpr Transition transitions[] = {
    {"T1", EventKind::request_submitted},
    {"T2", EventKind::request_refused_by_rule},
    {"T4", EventKind::regulation_released},
    {"T5", EventKind::info_requested},
    {"T5", EventKind::info_provided},
    {"T5", EventKind::info_overdue},
    {"T6", EventKind::protocol_assigned},
    {"T7", EventKind::exam_refused},
    {"T9", EventKind::acquisition_started},
    {"T9", EventKind::images_missing},
    {"T10", EventKind::images_progress},
    {"T10", EventKind::images_stalled},
    {"T10", EventKind::exam_ready},
    {"T11", EventKind::read_offered},
    {"T11", EventKind::exam_relaxed},
    {"T11", EventKind::exam_without_reader},
    {"T12", EventKind::read_accepted},
    {"T13", EventKind::read_declined},
    {"T13", EventKind::offer_expired},
    {"T13", EventKind::offer_withdrawn},
    {"T14", EventKind::read_released},
    {"T14", EventKind::lease_expired},
    {"T15", EventKind::report_preliminary},
    {"T16", EventKind::report_validated},
    {"T16b", EventKind::report_late},
    {"T16b", EventKind::late_settled},
    {"T17", EventKind::delivery_owed},
    {"T17", EventKind::delivery_acked},
    {"T17", EventKind::delivery_failed},
    {"T17", EventKind::exam_delivered},
    {"T18", EventKind::exam_closed},
    {"T20", EventKind::exam_cancelled},
    {"T6", EventKind::protocol_acked},
    {"T8", EventKind::protocol_revised},
    {"T14", EventKind::read_taken_over},
    {"T19", EventKind::report_revised},
    {"T21", EventKind::cancel_asked},
    {"T21", EventKind::cancel_refused},
    {"T22", EventKind::exam_held},
    {"T22", EventKind::exam_resumed},
    {"T23", EventKind::images_wanted},
    {"T24", EventKind::read_suspended},
    {"T25", EventKind::result_told},
    {"T28", EventKind::urgency_set},
    {"T31", EventKind::order_linked},
    {"routing", EventKind::exam_directed},
    {"routing", EventKind::exam_pinned},
    {"critical", EventKind::critical_acked},
    {"task", EventKind::task_opened},
    {"task", EventKind::task_closed},
    {"task", EventKind::task_overdue},
    {"child", EventKind::read_asked},
    {"child", EventKind::child_read},
    {"T15", EventKind::report_overdue},
    {"R3", EventKind::duty_taken},
    {"R3", EventKind::duty_offered},
    {"R3", EventKind::duty_lost},
    {"R4", EventKind::site_set},
    {"O21", EventKind::shift_set},
    {"O21", EventKind::shift_missed},
    {"F3", EventKind::exam_bypassed},
    {"T29", EventKind::exam_reopened},
    {"O12", EventKind::overflow_opened},
    {"O12", EventKind::overflow_closed},
    {"O17", EventKind::exam_handed_over},
    {"A1", EventKind::ai_received},
    {"T28", EventKind::request_amended},
    {"T30", EventKind::images_added},
    {"session", EventKind::session_attached},
    {"session", EventKind::session_ended},
    {"session", EventKind::reader_changed},
    {"site", EventKind::site_unreachable},
    {"site", EventKind::site_reachable},
    {"site", EventKind::directory_applied},
};

/// Nobody in this world gives these: there is one version and one level, and the clocks are what
/// the leaders say.
constexpr bool is_given(std::size_t command) {
  return command != 0 && command != Command(ClockCorrection{}).index() &&
         command != Command(SetLevel{}).index();
}

/// From here on in the variant they steer an exam under way or the guard (exam_command.hpp,
/// guard_command.hpp), most of them in
/// vain where the exam has moved on: so these count when they were answered OK, and not once only.
constexpr std::size_t steering_from = Command(ReviseProtocol{}).index();
constexpr std::uint64_t steered_min = 10;

std::uint64_t at(const std::array<std::uint64_t, event_kinds>& events, EventKind kind) {
  return events.at(static_cast<std::size_t>(kind));
}

template <std::size_t place = 0>
std::string command_named(std::size_t wanted) {
  if constexpr (place < std::variant_size_v<Command>) {
    if (place == wanted) return std::string(name_of(Command(std::in_place_index<place>)));
    return command_named<place + 1>(wanted);
  }
  return {};
}

}  // namespace

void Floors::add(const Outcome& r) {
  for (std::size_t i = 0; i < faults_.size(); ++i) faults_[i] += r.faults[i];
  for (std::size_t i = 0; i < events_.size(); ++i) events_[i] += r.exams.events[i];
  for (std::size_t i = 0; i < commands_.size(); ++i) commands_[i] += r.commands[i];
  for (std::size_t i = 0; i < done_.size(); ++i) done_[i] += r.done[i];
  guard_.add(r.guard);
  installs_ += r.installs;
  in_order_ += r.in_order;
  by_deadline_ += r.by_deadline;
}

std::string Floors::table() const {
  std::string text = "faults:";
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    text += " " + std::string(fault_names[i]) + "=" + std::to_string(faults_[i]);
  }
  text += "\ntransitions:";
  for (const Transition& t : transitions) {
    text += " " + std::string(t.name) + ":" + std::string(name_of(t.event)) + "=" +
            std::to_string(at(events_, t.event));
  }
  text += "\ncommands:";
  for (std::size_t i = 1; i < commands_.size(); ++i) {
    if (is_given(i)) text += " " + command_named(i) + "=" + std::to_string(commands_[i]);
  }
  text += "\nanswered ok:";
  for (std::size_t i = steering_from; i < done_.size(); ++i) {
    text += " " + command_named(i) + "=" + std::to_string(done_[i]);
  }
  text += "\nguard: duty handed over=" + std::to_string(guard_.handed_over) +
          " followed=" + std::to_string(guard_.followed) +
          " raised by engines=" + std::to_string(guard_.raised) +
          " and no more=" + std::to_string(guard_.capped) +
          " quotas used up=" + std::to_string(guard_.full);
  return text + "\nsnapshots taken over: " + std::to_string(installs_) +
         ", given before others: " + std::to_string(in_order_) +
         ", by deadline: " + std::to_string(by_deadline_) + "\n";
}

std::vector<std::string> Floors::missing() const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    if (faults_[i] == 0) all.push_back("fault " + std::string(fault_names[i]));
  }
  for (const Transition& t : transitions) {
    if (at(events_, t.event) > 0) continue;
    all.push_back(std::string(t.name) + " " + std::string(name_of(t.event)));
  }
  for (std::size_t i = 1; i < commands_.size(); ++i) {
    if (is_given(i) && commands_[i] == 0) all.push_back("command " + command_named(i));
  }
  for (std::size_t i = steering_from; i < done_.size(); ++i) {
    if (done_[i] < steered_min) all.push_back("command " + command_named(i) + " done");
  }
  if (guard_.handed_over == 0) all.push_back("duty handed over");
  if (guard_.followed == 0) all.push_back("duty followed by a deputy");
  if (guard_.raised == 0) all.push_back("exam raised by an engine");
  if (guard_.capped == 0) all.push_back("engine that had raised enough");
  if (guard_.full == 0) all.push_back("quota used up");
  if (installs_ == 0) all.push_back("snapshot taken over");
  if (in_order_ == 0) all.push_back("given before others");
  if (by_deadline_ == 0) all.push_back("given by deadline");
  return all;
}

}  // namespace vigie::sim
