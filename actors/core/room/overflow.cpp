// Overflow by load (domain O12): when the wait that a group's exams must expect passes a threshold,
// its overflow is open to them at once; with hysteresis, and each turn told.
#include <algorithm>

#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

/// What who comes now must expect: all that waits before him, by the readers who are there.
Millis predicted_wait(const State& state, GroupId group) {
  const std::size_t waiting = state.waiting().waiting_for(group);
  if (waiting == 0) return {};
  const std::size_t readers = std::max<std::size_t>(state.readers_of(group), 1);
  return 1_min * static_cast<std::int64_t>(mean_read_minutes * waiting / readers);
}

void announce_overflow(Context& ctx, EventKind kind, GroupId group) {
  const ProviderGroup* found = ctx.directory().group(group);
  announce(ctx, kind, found ? found->name : std::to_string(group.value));
}

/// Those that wait already profit too; beyond a bound they come by their own wait.
void open_to_waiting(Context& ctx, GroupId group) {
  for (const ExamId id : ctx.state.waiting().of(group, limits::deadlines_per_entry)) {
    Exam& exam = ctx.state.edit_exam(id);
    set_flag(exam, ExamFlag::overflow, true);
    ctx.to_give.push_back(id);
  }
}

}  // namespace

bool is_overflowing(const State& state, GroupId group) {
  const auto& open = state.scalars().overflowing;
  return std::binary_search(open.begin(), open.end(), group);
}

bool watch_overflow(Context& ctx) {
  const Rules& rules = ctx.rules();
  auto& open = ctx.state.edit_scalars().overflowing;
  if (rules.overflow_open == 0_ms) {
    open.clear();
    return false;
  }
  std::vector<GroupId> now;
  for (const GroupId group : ctx.state.groups_with_overflow()) {
    const bool was = is_overflowing(ctx.state, group);
    const Millis wait = predicted_wait(ctx.state, group);
    const bool is = was ? wait > rules.overflow_close : wait >= rules.overflow_open;
    if (is) now.push_back(group);
    if (is == was) continue;
    announce_overflow(ctx, is ? EventKind::overflow_opened : EventKind::overflow_closed, group);
    if (is) open_to_waiting(ctx, group);
  }
  open = std::move(now);
  return !ctx.to_give.empty();
}

}  // namespace vigie::room
