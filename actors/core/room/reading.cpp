// The reader's side of an assignment: ready, accept, decline, give back (T11 to T14).
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

/// The exam, if the sender's session has it in hand under `epoch` and in `wanted` state.
Result<ExamId> in_my_hand(const Context& ctx, ExamId id, const Epoch& epoch, bool held) {
  const Exam* exam = ctx.state.exams().find(id);
  if (!exam) return Error{Errc::unknown_exam, {}};
  const bool same_epoch = exam->epoch == epoch || is_planted(Bug::epoch_unchecked);
  if (!same_epoch) return Error{Errc::stale, std::string(name_of(exam->state))};
  if (exam->reader_session != ctx.proposal.session) return Error{Errc::not_holder, {}};
  if (held ? !is_held(exam->state) : exam->state != ExamState::offered) {
    return Error{Errc::wrong_state, std::string(name_of(exam->state))};
  }
  return id;
}

Answer refuse_with_epoch(const Context& ctx, ExamId id, const Error& error) {
  Answer answer = refuse(error.code, error.what);
  answer.exam = id;
  if (const Exam* exam = ctx.state.exams().find(id)) answer.epoch = exam->epoch;
  return answer;
}

}  // namespace

void exclude(Exam& exam, PersonId reader) {
  auto& list = exam.excluded;
  if (std::find(list.begin(), list.end(), reader) != list.end()) return;
  if (list.size() == limits::excluded_readers_count) list.erase(list.begin());
  list.push_back(reader);
}

Answer on_set_reader(Context& ctx, const SetReader& command) {
  Session& session = ctx.state.edit_session(ctx.proposal.session);
  // Saying again that he is free costs nobody his turn.
  if (!session.exam && session.mode != ReaderMode::free) session.idle_since = ctx.at;
  session.mode = command.mode;
  session.accept = command.accept;
  Event& event = announce(ctx, EventKind::reader_changed);
  event.session = session.id;
  assign_reader(ctx, session.id);
  Answer answer;
  answer.exam = session.exam;
  const bool is_bound = session.mode == ReaderMode::free && !ctx.directory().roster.empty();
  if (is_bound && ctx.state.view_of(session).off_roster) answer.text = "off the roster";
  return answer;
}

Answer on_accept_offer(Context& ctx, const AcceptOffer& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  const bool again = found && found->epoch == command.epoch && is_held(found->state) &&
                     found->reader_session == ctx.proposal.session;
  if (again) {
    return done_again(*found);
  }
  const auto mine = in_my_hand(ctx, command.exam, command.epoch, false);
  if (!mine) return refuse_with_epoch(ctx, command.exam, mine.error());
  Exam& exam = ctx.state.edit_exam(*mine);
  exam.offered_until = {};
  enter(ctx, exam, ExamState::reading);
  Event& event = record(ctx, exam, EventKind::read_accepted);
  event.session = exam.reader_session;
  Answer answer = done(exam);
  invite_colleague(ctx, exam.id);
  return answer;
}

Answer on_decline_offer(Context& ctx, const DeclineOffer& command) {
  const auto mine = in_my_hand(ctx, command.exam, command.epoch, false);
  if (!mine) return refuse_with_epoch(ctx, command.exam, mine.error());
  static constexpr std::string_view reasons[] = {"none", "images", "skill", "conflict", "other"};
  const auto reason = static_cast<std::size_t>(command.reason);
  if (reason == 0 || reason >= std::size(reasons)) return refuse(Errc::bad_value, "reason");
  Exam& exam = ctx.state.edit_exam(*mine);
  ++exam.declines;
  if (command.reason != DeclineReason::images) exclude(exam, ctx.by);
  Event& event = record(ctx, exam, EventKind::read_declined, std::string(reasons[reason]));
  event.session = exam.reader_session;
  const SessionId session = exam.reader_session;
  take_from_reader(ctx, exam);
  if (command.reason == DeclineReason::images) {
    // Not readable: back to the regulator and the technologist, out of the waiting room.
    exam.epoch = ctx.epoch();
    exam.reader = {};
    exam.reader_session = {};
    exam.request.images_complete = false;
    exam.images_expected = 0;
    enter(ctx, exam, ExamState::acquiring);
    exam.images_at = {};
    record(ctx, exam, EventKind::images_stalled, "declined").card = card_of(exam);
    ctx.state.reindex(exam);
  } else {
    if (exam.declines == 3) record(ctx, exam, EventKind::exam_without_reader, "declined");
    return_to_waiting(ctx, exam);
  }
  next_for(ctx, session);
  return done(exam);
}

Answer on_release(Context& ctx, const Release& command) {
  const auto mine = in_my_hand(ctx, command.exam, command.epoch, true);
  if (!mine) return refuse_with_epoch(ctx, command.exam, mine.error());
  if (command.reason.empty() || command.reason.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "reason: 1 to 128 bytes");
  }
  Exam& exam = ctx.state.edit_exam(*mine);
  exclude(exam, ctx.by);
  exam.last_reader = ctx.by;
  const SessionId session = exam.reader_session;
  record(ctx, exam, EventKind::read_released, command.reason).session = session;
  take_from_reader(ctx, exam);
  return_to_waiting(ctx, exam);
  next_for(ctx, session);
  return done(exam);
}

Answer on_suspend(Context& ctx, const Suspend& command) {
  const auto mine = in_my_hand(ctx, command.exam, command.epoch, true);
  if (!mine) return refuse_with_epoch(ctx, command.exam, mine.error());
  const Exam& found = *ctx.state.exams().find(*mine);
  if (found.urgency <= Urgency::p1) return refuse(Errc::bad_value, "only a p2 or p3");
  const SessionId id = found.reader_session;
  if (ctx.state.sessions().find(id)->suspended) return refuse(Errc::busy_reader, "one at a time");
  Exam& exam = ctx.state.edit_exam(*mine);
  record(ctx, exam, EventKind::read_suspended).session = id;
  take_from_reader(ctx, exam);
  enter(ctx, exam, ExamState::suspended);
  Session& session = ctx.state.edit_session(id);
  session.suspended = exam.id;
  session.mode = ReaderMode::free;  // for a P0, and nothing else
  assign_reader(ctx, id);
  return done(exam);
}

void bring_back(Context& ctx, Exam& exam) {
  Session& session = ctx.state.edit_session(exam.reader_session);
  session.suspended = {};
  session.exam = exam.id;
  exam.epoch = ctx.epoch();
  enter(ctx, exam, ExamState::reading);
  Event& event = record(ctx, exam, EventKind::read_accepted, "resumed");
  event.session = session.id;
  event.by = session.person;
  event.site = session.site;
  event.card = card_of(exam);
  ctx.state.reindex(exam);
  ctx.state.reindex(session);
}

Answer resume_reading(Context& ctx, const Exam& found) {
  if (found.reader_session != ctx.proposal.session) return refuse(Errc::not_holder);
  if (found.state != ExamState::suspended) {
    return refuse(Errc::wrong_state, std::string(name_of(found.state)));
  }
  const Session* session = ctx.state.sessions().find(ctx.proposal.session);
  if (session->exam) return refuse(Errc::busy_reader);
  Exam& exam = ctx.state.edit_exam(found.id);
  bring_back(ctx, exam);
  return done(exam);
}

Answer on_want_images(Context& ctx, const WantImages& command) {
  const auto mine = in_my_hand(ctx, command.exam, command.epoch, true);
  if (!mine) return refuse_with_epoch(ctx, command.exam, mine.error());
  if (!is_reason(command.reason)) return refuse_reason();
  Exam& exam = ctx.state.edit_exam(*mine);
  if (exam.parent) return refuse(Errc::wrong_state, "asked of the exam itself");
  note(ctx, exam, EventKind::images_wanted, command.reason);
  const SessionId session = leave_hand(ctx, exam);
  reserve(ctx, exam, ctx.by);  // it returns to him
  exam.request.images_complete = false;
  exam.images_expected = 0;
  exam.images_at = {};
  enter(ctx, exam, ExamState::acquiring);
  Event& event = record(ctx, exam, EventKind::images_wanted, command.reason);
  event.session = session;
  event.card = card_of(exam);
  ctx.state.reindex(exam);
  next_for(ctx, session);
  return done(exam);
}

void return_set_aside(Context& ctx, SessionId id) {
  const Session* session = ctx.state.sessions().find(id);
  if (!session || !session->suspended) return;
  Exam& aside = ctx.state.edit_exam(session->suspended);
  record(ctx, aside, EventKind::read_released, "away").session = id;
  leave_hand(ctx, aside);
  return_to_waiting(ctx, aside);
}

}  // namespace vigie::room
