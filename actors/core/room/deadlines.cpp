// What time alone does. Each entry fires what is due at its stamp, then its command; at most
// limits::deadlines_per_entry, the rest with the next entry or Tick (design D3, D5).
#include <utility>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

/// No image for this long counts as complete, where nobody says so (T10).
Millis quiet_time(Modality modality) {
  switch (modality) {
    case Modality::cr:
    case Modality::dx:
      return 30_s;
    case Modality::mr:
      return 10_min;
    default:
      return 3_min;
  }
}

/// A day of half-hours, then whoever paused it has forgotten it for good.
constexpr std::uint8_t hold_reminders_max = 48;

FedTime earlier(FedTime a, FedTime b) { return !a || (b && b < a) ? b : a; }

/// True while nobody waits for the technologist's word.
bool is_acked(const Exam& exam) {
  return exam.protocol_acked == exam.protocol_version ||
         has_task(exam, TaskKind::call_technologist);
}

FedTime regulation_due(const Exam& exam) {
  if (exam.reminders == 0) return exam.state_since + (exam.urgency == Urgency::p0 ? 30_s : 2_min);
  return exam.reminders == 1 ? exam.state_since + 5_min : FedTime{};
}

FedTime waiting_due(const Exam& exam, const Rules& rules) {
  if (exam.reserved_for) return exam.reserved_until;
  if (exam.relax_step == 0) return exam.ready_at + rules.relax_any;
  if (exam.relax_step == 1) return exam.ready_at + rules.relax_overflow;
  if (exam.reminders > 0) return {};
  const Millis patience = exam.urgency == Urgency::p0 ? rules.relax_any : rules.relax_overflow * 2;
  return std::max(exam.ready_at, exam.state_since) + patience;
}

FedTime images_due(const Exam& exam, const Directory& directory) {
  const Rules& rules = directory.rules;
  if (!exam.images_at) return exam.reminders == 0 ? exam.state_since + rules.no_images : FedTime{};
  if (exam.images_expected == 0) {
    const Protocol* protocol = directory.protocol(exam.protocol);
    const bool own = protocol && protocol->quiet > 0_ms;
    return exam.images_at + (own ? protocol->quiet : quiet_time(exam.request.modality));
  }
  return exam.reminders == 0 ? exam.images_at + rules.images_stalled : FedTime{};
}

/// A protocol given: acknowledged, then images.
FedTime protocol_due(const Exam& exam, const Rules& rules) {
  const FedTime images = exam.reminders == 0 ? exam.state_since + rules.no_images : FedTime{};
  if (is_acked(exam)) return images;
  return earlier(exam.state_since + rules.protocol_ack, images);
}

/// Reopened, and nothing new is owed yet. What nobody could be sent is not delivered either.
bool waits_for_version(const Exam& exam) {
  return is_delivered(exam) && !has(exam.flags, ExamFlag::undelivered);
}

/// After the report: support first, then the phone (T17).
FedTime undelivered_due(const Exam& exam, const Rules& rules) {
  if (waits_for_version(exam)) return exam.state_since + rules.close_after;
  if (exam.reminders == 0) return exam.state_since + rules.undelivered;
  const bool call = exam.reminders == 1 && exam.urgency <= Urgency::p1;
  return call ? exam.state_since + rules.undelivered_call : FedTime{};
}

FedTime delivery_due(const Exam& exam, const Rules& rules) {
  FedTime first;
  for (const Delivery& d : exam.deliveries) {
    if (d.state == DeliveryState::pending && (!first || d.since < first)) first = d.since;
  }
  return first ? first + rules.delivery_owner_timeout : FedTime{};
}

FedTime cancel_due(const Exam& exam, const Rules& rules) {
  return exam.cancel_asked_at ? exam.cancel_asked_at + rules.cancel_answer : FedTime{};
}

/// What its state is due for; tasks and wishes to cancel have their own times.
FedTime state_due(const Exam& exam, const Directory& directory) {
  const Rules& rules = directory.rules;
  switch (exam.state) {
    case ExamState::requested:
      return regulation_due(exam);
    case ExamState::in_regulation:
      return exam.claimed_until;
    case ExamState::needs_info:
      if (exam.reminders >= 2) return {};
      return exam.state_since + rules.info_reminder * (exam.reminders == 0 ? 1 : 3);
    case ExamState::protocolled:
      return protocol_due(exam, rules);
    case ExamState::acquiring:
      return images_due(exam, directory);
    case ExamState::ready:
      return waiting_due(exam, rules);
    case ExamState::offered:
      return exam.offered_until;
    case ExamState::preliminary:
      return exam.reminders == 0 ? exam.state_since + rules.preliminary_reminder : FedTime{};
    case ExamState::held:
      return exam.reminders < hold_reminders_max
                 ? exam.state_since + rules.hold_reminder * (exam.reminders + 1)
                 : FedTime{};
    case ExamState::validated:
      return earlier(delivery_due(exam, rules), undelivered_due(exam, rules));
    case ExamState::delivered: {
      const bool open = has(exam.flags, ExamFlag::late_report | ExamFlag::critical);
      return open || !exam.tasks.empty() ? FedTime{} : exam.delivered_at + rules.close_after;
    }
    case ExamState::refused:
    case ExamState::cancelled:
      return exam.state_since + rules.close_after;
    case ExamState::none:
    case ExamState::reading:
    case ExamState::suspended:
    case ExamState::closed:
      break;
  }
  return {};
}

void offer_expired(Context& ctx, Exam& exam) {
  const SessionId session = exam.reader_session;
  record(ctx, exam, EventKind::offer_expired).session = session;
  take_from_reader(ctx, exam);
  if (const Session* s = ctx.state.sessions().find(session)) {
    Session& reader = ctx.state.edit_session(s->id);
    reader.mode = ReaderMode::away;  // one strike
    ctx.state.reindex(reader);
  }
  return_to_waiting(ctx, exam);
  return_set_aside(ctx, session);
}

void relax(Context& ctx, Exam& exam) {
  if (exam.reserved_for) {  // he did not come: for all
    exam.reserved_for = {};
    exam.reserved_until = {};
    ctx.to_give.push_back(exam.id);
    return;
  }
  if (exam.relax_step == 2) {
    exam.reminders = 1;
    record(ctx, exam, EventKind::exam_without_reader);
    return;
  }
  // Every step that is due: after a pause an exam of a lower class must not be given in between.
  while (exam.relax_step < 2 && waiting_due(exam, ctx.rules()) <= ctx.at) {
    ++exam.relax_step;
    record(ctx, exam, EventKind::exam_relaxed, std::to_string(exam.relax_step));
  }
  ctx.to_give.push_back(exam.id);
}

void remind(Context& ctx, Exam& exam, EventKind kind) {
  ++exam.reminders;
  record(ctx, exam, kind, std::to_string(exam.reminders)).card = card_of(exam);
}

void images_do_not_come(Context& ctx, Exam& exam) {
  remind(ctx, exam, EventKind::images_missing);
  open_task(ctx, exam, TaskKind::find_patient, ctx.rules().task);
}

void report_is_late(Context& ctx, Exam& exam) {
  ++exam.reminders;
  record(ctx, exam, EventKind::report_overdue).session = in_hand_of(exam);
}

void protocol_waits(Context& ctx, Exam& exam) {
  const bool ack = !is_acked(exam) && exam.state_since + ctx.rules().protocol_ack <= ctx.at;
  if (ack) return open_task(ctx, exam, TaskKind::call_technologist, ctx.rules().task);
  images_do_not_come(ctx, exam);
}

void report_does_not_arrive(Context& ctx, Exam& exam) {
  if (waits_for_version(exam)) return delivered_if_complete(ctx, exam);
  const FedTime due = undelivered_due(exam, ctx.rules());
  if (due && due <= ctx.at) {
    const bool first = exam.reminders++ == 0;
    const TaskKind kind = first ? TaskKind::undelivered : TaskKind::call_hospital;
    open_task(ctx, exam, kind, ctx.rules().task);
  }
  rename_owners(ctx, exam, ctx.at - ctx.rules().delivery_owner_timeout);
}

void fire(Context& ctx, ExamId id) {
  Exam& exam = ctx.state.edit_exam(id);
  ring_tasks(ctx, exam);
  if (is_open(exam) && exam.guard_until && exam.guard_until <= ctx.at) guard_is_over(ctx, exam);
  const FedTime answer = cancel_due(exam, ctx.rules());
  const bool unanswered = answer && answer <= ctx.at;
  if (unanswered && is_planted(Bug::cancel_granted_by_time)) return cancel_exam(ctx, exam, "time");
  if (unanswered) refuse_cancel(ctx, exam, "unanswered");
  const FedTime due = state_due(exam, ctx.directory());
  if (!due || due > ctx.at) return;
  switch (exam.state) {
    case ExamState::requested:
      return remind(ctx, exam, EventKind::regulation_overdue);
    case ExamState::needs_info:
      return remind(ctx, exam, EventKind::info_overdue);
    case ExamState::protocolled:
      return protocol_waits(ctx, exam);
    case ExamState::in_regulation:
      exam.regulator_session = {};
      exam.claimed_until = {};
      exam.epoch = ctx.epoch();
      enter(ctx, exam, ExamState::requested);
      record(ctx, exam, EventKind::regulation_released, "timeout").card = card_of(exam);
      return;
    case ExamState::acquiring:
      if (!exam.images_at) return images_do_not_come(ctx, exam);
      if (exam.images_expected == 0) return make_ready(ctx, exam);
      return remind(ctx, exam, EventKind::images_stalled);
    case ExamState::ready:
      return relax(ctx, exam);
    case ExamState::offered:
      return offer_expired(ctx, exam);
    case ExamState::preliminary:
      return report_is_late(ctx, exam);
    case ExamState::held:
      return remind(ctx, exam, EventKind::exam_held);
    case ExamState::validated:
      return report_does_not_arrive(ctx, exam);
    case ExamState::delivered:
    case ExamState::refused:
    case ExamState::cancelled:
      return close_exam(ctx, id);
    case ExamState::none:
    case ExamState::reading:
    case ExamState::suspended:
    case ExamState::closed:
      break;
  }
  VIGIE_ASSERT(false && "a state without deadline was due");
}

}  // namespace

FedTime next_due(const Exam& exam, const Directory& directory) {
  const FedTime guard = is_open(exam) ? exam.guard_until : FedTime{};
  const FedTime own = earlier(guard, earlier(task_due(exam), cancel_due(exam, directory.rules)));
  return earlier(own, state_due(exam, directory));
}

void fire_deadlines(Context& ctx, bool roster_turned) {
  // Who may read since the roster's turn takes the first of all, what is due now among it.
  const auto give = [&ctx, &roster_turned] {
    if (std::exchange(roster_turned, false)) give_to_free(ctx);
    give_waiting(ctx);
  };
  std::vector<ExamId> due;
  for (std::size_t left = limits::deadlines_per_entry; left > 0; left -= due.size()) {
    due.clear();
    for (const auto& [when, id] : ctx.state.due()) {
      if (when > ctx.at || due.size() == left) break;
      due.push_back(id);
    }
    if (due.empty()) break;
    for (const ExamId id : due) {
      fire(ctx, id);
      if (const Exam* exam = ctx.state.exams().find(id)) ctx.state.reindex(*exam);
    }
    give();  // may be due again
  }
  give();
}

void restart_offers(Context& ctx) {
  std::vector<ExamId> offered;
  for (const auto& [id, slot] : ctx.state.sessions().slots()) {
    const Exam* exam = slot.record.exam ? ctx.state.exams().find(slot.record.exam) : nullptr;
    if (exam && exam->state == ExamState::offered) offered.push_back(exam->id);
  }
  for (ExamId id : offered) {
    Exam& exam = ctx.state.edit_exam(id);
    const Rules& rules = ctx.rules();
    exam.offered_until =
        ctx.at + (exam.urgency == Urgency::p0 ? rules.offer_timeout_p0 : rules.offer_timeout);
    ctx.state.reindex(exam);
  }
}

}  // namespace vigie::room
