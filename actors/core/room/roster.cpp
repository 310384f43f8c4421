// The roster as it is lived: changed by who leads the guard, and who did not come (domain O21).
#include "messages/types/roster.hpp"

#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

bool is_here(const State& state, PersonId person) {
  const Session* session = state.session_of(person, Role::reader);
  return session && session->live;
}

bool may_change(const Context& ctx, const Shift& shift) {
  return !shift.person || may_steer(ctx, shift.site);
}

}  // namespace

FedTime roster_due(const State& state) {
  const Directory& directory = state.directory();
  const UtcTime turn =
      roster_turn(directory.roster, state.scalars().roster_seen, directory.rules.no_show);
  return turn ? state.fed(turn) : FedTime{};
}

bool watch_roster(Context& ctx) {
  const FedTime due = roster_due(ctx.state);
  if (!due || due > ctx.at) return false;
  const UtcTime seen = ctx.state.scalars().roster_seen, now = ctx.utc();
  ctx.state.edit_scalars().roster_seen = now;
  for (const Shift& shift : ctx.directory().roster) {
    const UtcTime late = shift.from + ctx.rules().no_show;
    const bool is_due = seen < late && late <= now && now < shift.until;
    if (!is_due || is_here(ctx.state, shift.person)) continue;
    const Session* head = ctx.state.session_of(ctx.state.scalars().duty.head, Role::duty_head);
    Event& event = announce(ctx, EventKind::shift_missed);
    event.by = shift.person;
    event.site = shift.site;
    if (head) event.session = head->id;
  }
  return true;
}

Answer on_set_shift(Context& ctx, const SetShift& command) {
  if (!is_reason(command.reason)) return refuse_reason();
  if (!may_change(ctx, command.before) || !may_change(ctx, command.after)) {
    return refuse(Errc::unauthorised, "another centre");
  }
  Directory directory = ctx.directory();
  if (const auto done = change_roster(directory, command.before, command.after); !done) {
    return refuse(done.error().code, done.error().what);
  }
  take_directory(ctx, std::move(directory));
  Event& event = announce(ctx, EventKind::shift_set, command.reason);
  event.by = command.after.person ? command.after.person : command.before.person;
  event.site = command.after.person ? command.after.site : command.before.site;
  return {};
}

}  // namespace vigie::room
