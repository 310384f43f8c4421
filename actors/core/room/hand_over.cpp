// The end of a guard: what its hospital's day service takes, and what is read all the same (O17).
#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {

FedTime guard_end(const Context& ctx, EstablishmentId establishment) {
  if (!is_guard(ctx.directory().band(establishment, ctx.utc()))) return {};
  const UtcTime end = ctx.directory().shift_end(establishment, ctx.utc());
  return end ? ctx.fed(end) : FedTime{};
}

void guard_is_over(Context& ctx, Exam& exam) {
  exam.guard_until = {};
  open_task(ctx, exam, TaskKind::hand_over, ctx.rules().task);
}

Answer on_hand_over(Context& ctx, const HandOver& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!may_speak_for(ctx, found->request.establishment)) return refuse(Errc::unauthorised);
  if (!is_reason(command.reason)) return refuse_reason();
  const bool hospital = ctx.role == Role::requester;
  if (command.kept && hospital) return refuse(Errc::unauthorised, "the guard says what it keeps");
  if (!has_task(*found, TaskKind::hand_over)) return wrong_state(*found);
  if (!command.kept && is_being_read(*found)) return wrong_state(*found);  // it is all but done
  Exam& exam = ctx.state.edit_exam(found->id);
  note(ctx, exam, EventKind::exam_handed_over, command.reason);
  record(ctx, exam, EventKind::exam_handed_over, command.kept ? "kept" : "day service").card =
      card_of(exam);
  close_task(ctx, exam, TaskKind::hand_over);
  if (!command.kept && !is_planted(Bug::given_exam_read)) cancel_exam(ctx, exam, command.reason);
  return done(exam);
}

}  // namespace vigie::room
