// What was closed, opened once more (T29): its record comes back from the archive with the command
// that asks for it, and is believed because the room has kept its hash.
#include "actors/core/room/context.hpp"

namespace vigie::room {

Answer on_reopen(Context& ctx, const Reopen& command) {
  if (const Exam* here = ctx.state.exams().find(command.exam)) return wrong_state(*here);
  if (!is_reason(command.reason)) return refuse_reason();
  const OrderRecord* order = ctx.state.orders().find(command.exam);
  if (!order || !order->closed_at) return refuse(Errc::unknown_exam);
  if (order->unread) return refuse(Errc::wrong_state, "it was never read");
  if (command.record.empty() || hash_of(command.record) != order->record) {
    return refuse(Errc::not_found, "its record: ask at another centre");
  }
  Exam exam;
  Reader reader(command.record);
  reader(exam);
  if (!reader.ok() || !reader.at_end()) return refuse(Errc::corrupt, "its record");
  Exam& back = ctx.state.insert_exam(std::move(exam));
  ctx.state.edit_order(back.id).closed_at = {};
  ++ctx.state.edit_scalars().reopened;
  back.delivered_at = {};
  enter(ctx, back, ExamState::validated);
  note(ctx, back, EventKind::exam_reopened, command.reason);
  record(ctx, back, EventKind::exam_reopened).card = card_of(back);
  return done(back);
}

}  // namespace vigie::room
