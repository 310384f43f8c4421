// Whoever organises the guard steers an exam: urgency, hold, take over, direct, pin, cancel in two
// steps, to the readers without a protocol (T14, T21, T22, T28, F3). Each with its reason, kept as
// a note.
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

bool is_hospital(Role role) {
  return role == Role::requester || role == Role::technologist || role == Role::gateway ||
         role == Role::node;
}

/// Where a paused exam goes on: nobody's claim and nobody's hand outlive a pause.
ExamState goes_on_from(ExamState stage) {
  if (stage == ExamState::in_regulation) return ExamState::requested;
  return std::min(stage, ExamState::ready);
}

void go_on(Context& ctx, Exam& exam) {
  const ExamState from = exam.held_from;
  if (from == ExamState::ready) {
    return_to_waiting(ctx, exam);
  } else {
    enter(ctx, exam, from);
  }
  record(ctx, exam, EventKind::exam_resumed).card = card_of(exam);
  const bool regulated = from == ExamState::protocolled || from == ExamState::acquiring;
  if (regulated && exam.request.images_complete) make_ready(ctx, exam);
}

/// What no duty head's word overrules: privileges, age, a centre out of reach.
Filter why_not(const Context& ctx, const Exam& exam, const Session& session) {
  routing::ReaderView reader = ctx.state.view_of(session);
  reader.free = true;
  Exam his = exam;
  his.reserved_for = session.person;
  std::erase(his.excluded, session.person);
  return routing::filter_for(ctx.directory(), his, reader);
}

void forget_cancel(Exam& exam) {
  exam.cancel_asked_at = {};
  set_flag(exam, ExamFlag::cancel_asked, false);
}

/// With what was asked about it. @return whose hands they were in.
std::vector<SessionId> end_cancelled(Context& ctx, Exam& exam, std::string reason) {
  const bool given = exam.state == ExamState::offered || is_being_read(exam);
  const SessionId session = given ? leave_hand(ctx, exam) : SessionId{};
  exam.reason = std::move(reason);
  exam.regulator_session = {};
  exam.claimed_until = {};
  exam.tasks.clear();
  forget_cancel(exam);
  enter(ctx, exam, ExamState::cancelled);
  record(ctx, exam, EventKind::exam_cancelled, exam.reason).session = session;
  std::vector<SessionId> freed;
  if (session) freed.push_back(session);
  for (const ExamId id : exam.children) {
    const Exam* child = ctx.state.exams().find(id);
    if (!child || !is_open(*child)) continue;
    const auto more = end_cancelled(ctx, ctx.state.edit_exam(id), "parent");
    freed.insert(freed.end(), more.begin(), more.end());
  }
  ctx.state.reindex(exam);
  return freed;
}

}  // namespace

SessionId leave_hand(Context& ctx, Exam& exam) {
  const SessionId session = exam.reader_session;
  if (is_being_read(exam)) exam.last_reader = exam.reader;  // his report stays welcome (T16b)
  take_from_reader(ctx, exam);
  exam.epoch = ctx.epoch();
  exam.reader = {};
  exam.reader_session = {};
  exam.offered_until = {};
  return session;
}

void cancel_exam(Context& ctx, Exam& exam, std::string reason) {
  // First all of them leave the waiting room: nobody is given one that ends in this entry.
  for (const SessionId session : end_cancelled(ctx, exam, std::move(reason))) {
    next_for(ctx, session);
  }
}

void ask_cancel(Context& ctx, Exam& exam, const std::string& reason) {
  if (has(exam.flags, ExamFlag::cancel_asked)) return;
  exam.flags = exam.flags | ExamFlag::cancel_asked;
  exam.cancel_asked_at = ctx.at;
  note(ctx, exam, EventKind::cancel_asked, reason);
  Event& event = record(ctx, exam, EventKind::cancel_asked, reason);
  event.session = in_hand_of(exam);
  event.card = card_of(exam);
}

void refuse_cancel(Context& ctx, Exam& exam, std::string why) {
  if (!has(exam.flags, ExamFlag::cancel_asked)) return;
  forget_cancel(exam);
  record(ctx, exam, EventKind::cancel_refused, std::move(why));
}

Answer on_set_urgency(Context& ctx, const SetUrgency& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!may_speak_for(ctx, found->request.establishment)) return refuse(Errc::unauthorised);
  if (!is_reason(command.reason)) return refuse_reason();
  if (!is_open(*found)) return wrong_state(*found);
  const bool hospital = is_hospital(ctx.role);
  const Urgency wanted = hospital ? std::max(command.urgency, Urgency::p1) : command.urgency;
  if (wanted == found->urgency) {
    return done_again(*found);
  }
  if (hospital && wanted > found->urgency) {
    return refuse(Errc::bad_value, "a hospital's urgency only rises");
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  note(ctx, exam, EventKind::urgency_set, command.reason);
  change_urgency(ctx, exam, wanted);
  Event& event = record(ctx, exam, EventKind::urgency_set, std::string(name_of(wanted)));
  event.card = card_of(exam);
  return done(exam);
}

void change_urgency(Context& ctx, Exam& exam, Urgency urgency) {
  const bool rises = urgency < exam.urgency;
  if (rises && is_held(exam.state)) {
    ctx.out.shorter_leases.push_back({exam.reader_session, exam.urgency});
  }
  exam.urgency = urgency;
  if (exam.deadline) set_deadline(ctx.directory(), exam);
  if (!rises || exam.state != ExamState::ready) return;
  if (urgency == Urgency::p0) exam.relax_step = 2;
  ctx.to_give.push_back(exam.id);
}

Answer on_hold(Context& ctx, const Hold& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  if (found->state == ExamState::held) {
    return done_again(*found);
  }
  if (!is_open(*found)) return wrong_state(*found);
  // A reader is not interrupted by a regulator (F7).
  if (is_being_read(*found) && ctx.role != Role::duty_head) return wrong_state(*found);
  Exam& exam = ctx.state.edit_exam(found->id);
  exam.held_from = goes_on_from(stage_of(exam));
  const bool given = exam.state == ExamState::offered || is_being_read(exam);
  const SessionId session = given ? leave_hand(ctx, exam) : SessionId{};
  exam.regulator_session = {};
  exam.claimed_until = {};
  note(ctx, exam, EventKind::exam_held, command.reason);
  enter(ctx, exam, ExamState::held);
  record(ctx, exam, EventKind::exam_held, command.reason).session = session;
  if (session) next_for(ctx, session);
  return done(exam);
}

Answer on_resume(Context& ctx, const Resume& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (ctx.role == Role::reader) return resume_reading(ctx, *found);
  if (found->state != ExamState::held) return wrong_state(*found);
  Exam& exam = ctx.state.edit_exam(found->id);
  go_on(ctx, exam);
  return done(exam);
}

Answer on_take_over(Context& ctx, const TakeOver& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  const bool given = found->state == ExamState::offered || is_being_read(*found);
  if (!given) return wrong_state(*found);
  Exam& exam = ctx.state.edit_exam(found->id);
  if (!is_planted(Bug::taken_over_returned)) exclude(exam, exam.reader);
  note(ctx, exam, EventKind::read_taken_over, command.reason);
  const SessionId session = leave_hand(ctx, exam);
  return_to_waiting(ctx, exam);
  record(ctx, exam, EventKind::read_taken_over, command.reason).session = session;
  next_for(ctx, session);
  return done(exam);
}

Answer on_direct(Context& ctx, const Direct& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  const bool may = found->state >= ExamState::protocolled && found->state <= ExamState::offered;
  if (!may) return wrong_state(*found);
  if (!ctx.directory().person(command.reader)) return refuse(Errc::unknown_person);
  const Session* session = ctx.state.session_of(command.reader, Role::reader);
  if (!session || !session->live) return refuse(Errc::not_eligible, "he is not at his post");
  if (const Filter filter = why_not(ctx, *found, *session); filter != Filter::eligible) {
    return refuse(Errc::not_eligible, std::string(name_of(filter)));
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  std::erase(exam.excluded, command.reader);
  note(ctx, exam, EventKind::exam_directed, command.reason);
  const bool offered = exam.state == ExamState::offered;
  const SessionId was_offered_to = offered ? leave_hand(ctx, exam) : SessionId{};
  record(ctx, exam, EventKind::exam_directed, command.reason);
  if (offered) {
    record(ctx, exam, EventKind::offer_withdrawn, "directed").session = was_offered_to;
  }
  reserve(ctx, exam, command.reader);
  if (offered || exam.state == ExamState::ready) {
    wake(ctx, session->id);
    return_to_waiting(ctx, exam);
  }
  if (offered) next_for(ctx, was_offered_to);
  return done(exam);
}

Answer on_pin(Context& ctx, const Pin& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  if (!is_open(*found)) return wrong_state(*found);
  Exam& exam = ctx.state.edit_exam(found->id);
  set_flag(exam, ExamFlag::pinned, command.on);
  note(ctx, exam, EventKind::exam_pinned, command.reason);
  record(ctx, exam, EventKind::exam_pinned, command.on ? "on" : "off");
  if (exam.state == ExamState::ready) ctx.to_give.push_back(exam.id);
  return done(exam);
}

Answer on_answer_cancel(Context& ctx, const AnswerCancel& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  if (!has(found->flags, ExamFlag::cancel_asked)) return wrong_state(*found);
  const bool being_read = is_being_read(*found);
  const bool his = being_read && found->reader_session == ctx.proposal.session;
  const bool may = ctx.role == Role::duty_head || (ctx.role == Role::reader ? his : !being_read);
  if (!may && !is_planted(Bug::cancel_granted_by_anybody)) return refuse(Errc::not_holder);
  Exam& exam = ctx.state.edit_exam(found->id);
  if (command.granted) {
    cancel_exam(ctx, exam, command.reason);
  } else {
    note(ctx, exam, EventKind::cancel_refused, command.reason);
    refuse_cancel(ctx, exam, command.reason);
  }
  return done(exam);
}

Answer on_bypass(Context& ctx, const Bypass& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  const bool is_before =
      found->state >= ExamState::requested && found->state <= ExamState::acquiring;
  if (!is_before) return wrong_state(*found);
  if (found->request.modality == Modality::unknown) {
    return refuse(Errc::bad_value, "modality: nobody knows who may read it");
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  exam.regulator_session = {};
  exam.claimed_until = {};
  if (exam.protocol.empty()) set_flag(exam, ExamFlag::bypassed, true);
  if (!exam.request.images_complete) set_flag(exam, ExamFlag::partial, true);
  if (!exam.group) set_flag(exam, ExamFlag::exceptional, true);
  close_task(ctx, exam, TaskKind::call_technologist);
  close_task(ctx, exam, TaskKind::find_patient);
  note(ctx, exam, EventKind::exam_bypassed, command.reason);
  record(ctx, exam, EventKind::exam_bypassed).card = card_of(exam);
  make_ready(ctx, exam);
  return done(exam);
}

}  // namespace vigie::room
