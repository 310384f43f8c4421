// What time alone does. Each entry fires what is due at its stamp, then its command; at most
// limits::deadlines_per_entry, the rest with the next entry or Tick (design D3, D5).
#include "actors/core/room/context.hpp"

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

FedTime regulation_due(const Exam& exam) {
  if (exam.reminders == 0) return exam.state_since + (exam.urgency == Urgency::p0 ? 30_s : 2_min);
  return exam.reminders == 1 ? exam.state_since + 5_min : FedTime{};
}

FedTime waiting_due(const Exam& exam, const Rules& rules) {
  if (exam.relax_step == 0) return exam.ready_at + rules.relax_any;
  if (exam.relax_step == 1) return exam.ready_at + rules.relax_overflow;
  if (exam.reminders > 0) return {};
  const Millis patience = exam.urgency == Urgency::p0 ? rules.relax_any : rules.relax_overflow * 2;
  return std::max(exam.ready_at, exam.state_since) + patience;
}

FedTime images_due(const Exam& exam, const Rules& rules) {
  if (!exam.images_at) return exam.reminders == 0 ? exam.state_since + rules.no_images : FedTime{};
  if (exam.images_expected == 0) return exam.images_at + quiet_time(exam.request.modality);
  return exam.reminders == 0 ? exam.images_at + rules.images_stalled : FedTime{};
}

FedTime delivery_due(const Exam& exam, const Rules& rules) {
  FedTime first;
  for (const Delivery& d : exam.deliveries) {
    if (d.state == DeliveryState::pending && (!first || d.since < first)) first = d.since;
  }
  return first ? first + rules.delivery_owner_timeout : FedTime{};
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
}

void relax(Context& ctx, Exam& exam) {
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

void fire(Context& ctx, ExamId id) {
  Exam& exam = ctx.state.edit_exam(id);
  switch (exam.state) {
    case ExamState::requested:
      return remind(ctx, exam, EventKind::regulation_overdue);
    case ExamState::needs_info:
      return remind(ctx, exam, EventKind::info_overdue);
    case ExamState::protocolled:
      return remind(ctx, exam, EventKind::images_missing);
    case ExamState::in_regulation:
      exam.regulator_session = {};
      exam.claimed_until = {};
      exam.epoch = ctx.epoch();
      enter(ctx, exam, ExamState::requested);
      record(ctx, exam, EventKind::regulation_released, "timeout").card = card_of(exam);
      return;
    case ExamState::acquiring:
      if (!exam.images_at) return remind(ctx, exam, EventKind::images_missing);
      if (exam.images_expected == 0) return make_ready(ctx, exam);
      return remind(ctx, exam, EventKind::images_stalled);
    case ExamState::ready:
      return relax(ctx, exam);
    case ExamState::offered:
      return offer_expired(ctx, exam);
    case ExamState::validated:
      return rename_owners(ctx, exam, ctx.at - ctx.rules().delivery_owner_timeout);
    case ExamState::delivered:
    case ExamState::refused:
    case ExamState::cancelled:
      return close_exam(ctx, id);
    case ExamState::none:
    case ExamState::reading:
    case ExamState::preliminary:
    case ExamState::closed:
      break;
  }
  VIGIE_ASSERT(false && "a state without deadline was due");
}

}  // namespace

FedTime next_due(const Exam& exam, const Rules& rules) {
  switch (exam.state) {
    case ExamState::requested:
      return regulation_due(exam);
    case ExamState::in_regulation:
      return exam.claimed_until;
    case ExamState::needs_info:
      if (exam.reminders >= 2) return {};
      return exam.state_since + rules.info_reminder * (exam.reminders == 0 ? 1 : 3);
    case ExamState::protocolled:
      return exam.reminders == 0 ? exam.state_since + rules.no_images : FedTime{};
    case ExamState::acquiring:
      return images_due(exam, rules);
    case ExamState::ready:
      return waiting_due(exam, rules);
    case ExamState::offered:
      return exam.offered_until;
    case ExamState::validated:
      return delivery_due(exam, rules);
    case ExamState::delivered:
      if (has(exam.flags, ExamFlag::late_report)) return {};
      return exam.delivered_at + rules.close_after;
    case ExamState::refused:
    case ExamState::cancelled:
      return exam.state_since + rules.close_after;
    case ExamState::none:
    case ExamState::reading:
    case ExamState::preliminary:
    case ExamState::closed:
      break;
  }
  return {};
}

void fire_deadlines(Context& ctx) {
  std::vector<ExamId> due;
  for (std::size_t left = limits::deadlines_per_entry; left > 0; left -= due.size()) {
    due.clear();
    for (const auto& [when, id] : ctx.state.due()) {
      if (when > ctx.at || due.size() == left) break;
      due.push_back(id);
    }
    if (due.empty()) return;
    for (const ExamId id : due) {
      fire(ctx, id);
      if (const Exam* exam = ctx.state.exams().find(id)) ctx.state.reindex(*exam);
    }
    give_waiting(ctx);  // may be due again
  }
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
