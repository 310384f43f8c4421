#include "actors/core/room/context.hpp"

#include <algorithm>

#include "messages/types/planted.hpp"

namespace vigie::room {

Event& announce(Context& ctx, EventKind kind, std::string text) {
  Event& event = ctx.out.events.emplace_back();
  event.kind = kind;
  event.index = ctx.index;
  event.at = ctx.at;
  event.by = ctx.by;
  event.site = ctx.door;
  event.text = std::move(text);
  return event;
}

Event& mention(Context& ctx, const Exam& exam, EventKind kind, std::string text) {
  Event& event = announce(ctx, kind, std::move(text));
  event.exam = exam.id;
  event.state = exam.state;
  event.urgency = exam.urgency;
  event.epoch = exam.epoch;
  event.hospital = exam.request.establishment;
  return event;
}

Event& record(Context& ctx, Exam& exam, EventKind kind, std::string text) {
  constexpr std::ptrdiff_t beginning = limits::timeline_count / 4;
  auto& timeline = exam.timeline;
  if (timeline.size() == limits::timeline_count) timeline.erase(timeline.begin() + beginning);
  timeline.push_back({ctx.index, ctx.at, ctx.by, ctx.door, static_cast<std::uint8_t>(kind)});
  return mention(ctx, exam, kind, std::move(text));
}

std::shared_ptr<const ExamCard> card_of(const Exam& exam) {
  auto card = std::make_shared<ExamCard>();
  card->exam = exam.id;
  card->epoch = exam.epoch;
  card->state = exam.state;
  card->urgency = exam.urgency;
  card->modality = exam.request.modality;
  card->region = exam.request.region;
  card->age_class = exam.request.age_class;
  card->flags = exam.flags;
  card->establishment = exam.request.establishment;
  card->placer_order = exam.request.key.number;
  card->procedure = exam.request.procedure;
  card->protocol = exam.protocol;
  card->studies = exam.request.studies;
  card->priors = exam.request.priors;
  card->images = exam.images;
  card->received_at = exam.received_at;
  card->ready_at = exam.ready_at;
  card->deadline = exam.deadline;
  card->offered_until = exam.offered_until;
  card->callback_phone = exam.request.callback_phone;
  card->sealed = exam.request.sealed;
  card->answers = exam.answers;
  card->parent = exam.parent;
  card->purpose = exam.purpose;
  return card;
}

void enter(Context& ctx, Exam& exam, ExamState state) {
  exam.state = state;
  if (state != ExamState::held) exam.held_from = ExamState::none;
  exam.state_since = ctx.at;
  exam.reminders = 0;
}

bool may_speak_for(const Context& ctx, EstablishmentId establishment) {
  const Person* person = ctx.directory().person(ctx.by);
  return !person || !person->establishment || person->establishment == establishment;
}

namespace {

/// Agreements whose quota of this guard is used up (domain O22).
std::vector<std::string> full_agreements(const Context& ctx) {
  std::vector<std::string> full;
  for (const GuardCount& c : ctx.state.scalars().guard_counts) {
    const auto& all = ctx.directory().agreements;
    const auto at = std::ranges::find(all, c.agreement, &Agreement::name);
    const bool limited = at != all.end() && at->quota > 0;
    if (limited && c.until > ctx.at && c.count >= at->quota) full.push_back(c.agreement);
  }
  return full;
}

void count_guard(const Context& ctx, const Agreement& agreement, EstablishmentId establishment) {
  auto& counts = ctx.state.edit_scalars().guard_counts;
  std::erase_if(counts, [&](const GuardCount& c) { return c.until <= ctx.at; });
  auto at = std::ranges::find(counts, agreement.name, &GuardCount::agreement);
  if (at == counts.end()) {
    const UtcTime end = ctx.directory().shift_end(establishment, ctx.utc());
    const FedTime until = end ? ctx.fed(end) : ctx.at + 24_h;
    at = counts.insert(counts.end(), {agreement.name, until, 0});
  }
  if (is_planted(Bug::quota_not_counted)) return;
  ++at->count;
}

}  // namespace

const Agreement* set_agreement(const Context& ctx, Exam& exam) {
  const std::vector<std::string> full = full_agreements(ctx);
  // When it came; what is known of it only now, or accepted after six, is under what holds now.
  const Agreement* agreement = nullptr;
  for (const FedTime at : {exam.received_at, ctx.at}) {
    agreement = ctx.directory().agreement(exam.request.establishment, exam.request.modality,
                                          ctx.state.utc(at), full);
    if (agreement) break;
  }
  const bool is_new = agreement && agreement->name != exam.agreement;
  if (is_new && agreement->quota > 0) count_guard(ctx, *agreement, exam.request.establishment);
  const bool is_full = !agreement && !full.empty() &&
                       ctx.directory().agreement(exam.request.establishment, exam.request.modality,
                                                 ctx.utc()) != nullptr;
  set_flag(exam, ExamFlag::over_quota, is_full);
  exam.agreement = agreement ? agreement->name : std::string();
  exam.group = agreement ? agreement->group : GroupId{};
  exam.overflow_group = agreement ? agreement->overflow : GroupId{};
  set_flag(exam, ExamFlag::no_agreement, !agreement);
  const Establishment* e = ctx.directory().establishment(exam.request.establishment);
  const Modality modality = exam.request.modality;
  const bool is_authorised = modality == Modality::unknown || !e || e->is_authorised(modality);
  set_flag(exam, ExamFlag::unauthorised_modality, !is_authorised);
  if (!is_authorised && exam.reason.empty()) {
    exam.reason = std::string(name_of(modality)) + " is not authorised there";
  }
  return agreement;
}

const Exam* find_exam(const State& state, const ExamRef& ref) {
  if (ref.id) return state.exams().find(ref.id);
  const OrderRecord* order = state.order_of(order_hash(ref.key));
  return order && !order->closed_at ? state.exams().find(order->exam) : nullptr;
}

}  // namespace vigie::room
