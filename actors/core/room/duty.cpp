// The duty of the federation: one head, with a deputy; handed over with every open exam seen;
// followed by the deputy when its head is out of reach (domain R3).
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

bool is_duty_head(const Directory& directory, PersonId person) {
  const Person* found = directory.person(person);
  return found && found->roles.contains(Role::duty_head);
}

/// A session of that role, by a node that can be reached.
bool is_in_reach(const State& state, PersonId person) {
  if (!is_duty_head(state.directory(), person)) return false;
  const Session* session = state.session_of(person, Role::duty_head);
  return session && session->live && state.is_reachable(session->door);
}

std::string name_in(const Directory& directory, PersonId person) {
  const Person* found = directory.person(person);
  return found ? found->name : std::to_string(person.value);
}

Answer stale_duty(const Context& ctx) {
  const Duty& duty = ctx.state.scalars().duty;
  Answer answer = refuse(Errc::stale, "it is duty " + std::to_string(duty.number));
  if (duty.head) answer.text += ", of " + name_in(ctx.directory(), duty.head);
  return answer;
}

bool is_lost_for_long(const Context& ctx, const Duty& duty) {
  return duty.lost_since && duty.lost_since + ctx.rules().duty_succession <= ctx.at;
}

/// The open exams of when it was offered that `seen` does not name; of the first that a list shows.
Answer unseen(const Context& ctx, const Duty& duty, std::vector<ExamId> seen) {
  std::sort(seen.begin(), seen.end());
  std::size_t missing = 0;
  std::size_t open = 0;
  ExamId first;
  for (const auto& [id, slot] : ctx.state.exams().slots()) {
    const Exam& exam = slot.record;
    if (!is_open(exam)) continue;
    if (++open > limits::hand_over_count) break;
    if (exam.received_at > duty.offered_at) continue;
    if (std::binary_search(seen.begin(), seen.end(), id)) continue;
    if (missing++ == 0) first = id;
  }
  if (missing == 0 || is_planted(Bug::unseen_handed_over)) return {};
  Answer answer = refuse(Errc::bad_value, std::to_string(missing) + " open exam(s) not seen: " +
                                              exam_number(ctx.directory(), first) + " ...");
  answer.exam = first;
  return answer;
}

void change_duty(Context& ctx, PersonId head, PersonId deputy, std::string why) {
  Duty& duty = ctx.state.edit_scalars().duty;
  const std::uint32_t step = is_planted(Bug::duty_number_kept) ? 0 : 1;
  duty = {head, deputy, {}, duty.number + step, ctx.at, {}, {}};
  Event& event = announce(ctx, EventKind::duty_taken, std::move(why));
  event.by = head;
  const Session* session = ctx.state.session_of(head, Role::duty_head);
  if (session) event.session = session->id;
}

}  // namespace

bool has_duty(const State& state, PersonId person) {
  if (is_planted(Bug::duty_not_asked)) return true;
  if (is_planted(Bug::deputy_obeyed) && person == state.scalars().duty.deputy) return true;
  return person && state.scalars().duty.head == person;
}

FedTime duty_due(const State& state) {
  const Duty& duty = state.scalars().duty;
  const bool followed = duty.lost_since && is_in_reach(state, duty.deputy);
  return followed ? duty.lost_since + state.directory().rules.duty_succession : FedTime{};
}

void follow_duty(Context& ctx) {
  const Duty& duty = ctx.state.scalars().duty;
  if (!duty.head) return;
  const bool here = is_in_reach(ctx.state, duty.head);
  if (here && !duty.lost_since) return;
  if (here) {
    ctx.state.edit_scalars().duty.lost_since = {};
  } else if (!duty.lost_since) {
    ctx.state.edit_scalars().duty.lost_since = ctx.at;
    announce(ctx, EventKind::duty_lost).by = duty.head;
  } else if (is_lost_for_long(ctx, duty) && is_in_reach(ctx.state, duty.deputy)) {
    change_duty(ctx, duty.deputy, {}, "succession");
  }
}

Answer on_take_duty(Context& ctx, const TakeDuty& command) {
  const Duty& duty = ctx.state.scalars().duty;
  const bool meant = command.number == duty.number || is_planted(Bug::duty_number_ignored);
  if (!meant) return stale_duty(ctx);
  if (command.seen.size() > limits::hand_over_count) return refuse(Errc::too_large, "seen");
  if (command.deputy == ctx.by) return refuse(Errc::bad_value, "deputy: another person");
  if (command.deputy && !is_duty_head(ctx.directory(), command.deputy)) {
    return refuse(Errc::bad_value, "deputy: not a duty head");
  }
  if (duty.head == ctx.by) {  // a deputy named, or another
    const bool same = duty.deputy == command.deputy;
    ctx.state.edit_scalars().duty.deputy = command.deputy;
    if (!same) announce(ctx, EventKind::duty_taken, "deputy").session = ctx.proposal.session;
    Answer answer;
    answer.duplicate = same;
    return answer;
  }
  const bool is_free = !duty.head || is_lost_for_long(ctx, duty);
  if (!is_free && duty.offered_to != ctx.by) {
    return refuse(Errc::not_holder, "the duty is " + name_in(ctx.directory(), duty.head) + "'s");
  }
  if (!is_free) {
    const Answer answer = unseen(ctx, duty, command.seen);
    if (answer.code != Errc::ok) return answer;
  }
  change_duty(ctx, ctx.by, command.deputy, is_free ? "free" : "handed over");
  return {};
}

Answer on_offer_duty(Context& ctx, const OfferDuty& command) {
  if (command.number != ctx.state.scalars().duty.number) return stale_duty(ctx);
  if (command.to == ctx.by) return refuse(Errc::bad_value, "to: another person");
  if (command.to && !is_duty_head(ctx.directory(), command.to)) {
    return refuse(Errc::bad_value, "to: not a duty head");
  }
  Duty& duty = ctx.state.edit_scalars().duty;
  duty.offered_to = command.to;
  duty.offered_at = ctx.at;
  Event& event = announce(ctx, EventKind::duty_offered, std::to_string(command.to.value));
  const Session* session = ctx.state.session_of(command.to, Role::duty_head);
  if (session) event.session = session->id;
  return {};
}

}  // namespace vigie::room
