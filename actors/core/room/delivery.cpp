// The delivery ledger and the end of an exam: owed, acknowledged, closed, archived (T17, T18, D13,
// D14).
#include <algorithm>

#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

/// The first reachable door of the list after `last`, wrapping; `last` itself when none other is.
SiteId next_door(const State& state, const std::vector<SiteId>& doors, SiteId last) {
  const auto at = std::find(doors.begin(), doors.end(), last);
  const std::size_t start =
      at == doors.end() ? 0 : static_cast<std::size_t>(at - doors.begin()) + 1;
  for (std::size_t i = 0; i < doors.size(); ++i) {
    const SiteId door = doors[(start + i) % doors.size()];
    if (state.is_reachable(door)) return door;
  }
  return last ? last : doors.front();
}

}  // namespace

bool is_delivered(const Exam& exam) {
  return std::all_of(exam.deliveries.begin(), exam.deliveries.end(),
                     [](const auto& d) { return d.state == DeliveryState::acked; });
}

void delivered_if_complete(Context& ctx, Exam& exam) {
  if (!is_delivered(exam) || exam.state != ExamState::validated) return;
  set_flag(exam, ExamFlag::undelivered, false);
  close_task(ctx, exam, TaskKind::undelivered);
  close_task(ctx, exam, TaskKind::call_hospital);
  exam.delivered_at = ctx.at;
  enter(ctx, exam, ExamState::delivered);
  record(ctx, exam, EventKind::exam_delivered);
}

void owe_deliveries(Context& ctx, Exam& exam, ReportVersion version) {
  const Establishment* e = ctx.directory().establishment(exam.request.establishment);
  if (!e) {  // it left the directory: nobody may think that its report arrived
    set_flag(exam, ExamFlag::undelivered, true);
    return;
  }
  const std::size_t recipients = e->recipients.size();
  for (std::size_t i = 0; i < recipients; ++i) {
    Delivery delivery;
    delivery.version = version;
    delivery.recipient = static_cast<std::uint8_t>(i);
    delivery.owner = next_door(ctx.state, e->doors, SiteId{});
    delivery.since = ctx.at;
    Event& event = record(ctx, exam, EventKind::delivery_owed, e->recipients[i]);
    event.site = delivery.owner;
    exam.deliveries.push_back(std::move(delivery));
  }
  delivered_if_complete(ctx, exam);
}

void rename_owners(Context& ctx, Exam& exam, FedTime before, SiteId owner) {
  const Establishment* e = ctx.directory().establishment(exam.request.establishment);
  for (Delivery& d : exam.deliveries) {
    if (d.state != DeliveryState::pending || d.since > before) continue;
    if (owner && d.owner != owner) continue;
    d.since = ctx.at;
    if (!e) continue;  // it left the directory
    d.owner = next_door(ctx.state, e->doors, d.owner);
    Event& event = mention(ctx, exam, EventKind::delivery_owed,
                           d.recipient < e->recipients.size() ? e->recipients[d.recipient] : "");
    event.site = d.owner;
  }
}

Answer on_delivery_result(Context& ctx, const DeliveryResult& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  const auto same = [&](const Delivery& d) {
    return d.version == command.version && d.recipient == command.recipient;
  };
  const auto known = std::find_if(found->deliveries.begin(), found->deliveries.end(), same);
  if (known == found->deliveries.end()) return refuse(Errc::bad_value, "no such delivery");
  if (known->state == DeliveryState::acked || command.outcome == DeliveryOutcome::none) {
    return done_again(*found);
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  Delivery& delivery = *std::find_if(exam.deliveries.begin(), exam.deliveries.end(), same);
  delivery.detail = command.detail.substr(0, limits::name_bytes);
  if (command.outcome == DeliveryOutcome::acked) {
    delivery.state = DeliveryState::acked;
    record(ctx, exam, EventKind::delivery_acked, delivery.detail);
    delivered_if_complete(ctx, exam);
  } else {
    delivery.state = DeliveryState::failed;
    set_flag(exam, ExamFlag::undelivered, true);
    record(ctx, exam, EventKind::delivery_failed, delivery.detail);
    open_task(ctx, exam, TaskKind::undelivered, ctx.rules().task);
    if (exam.urgency <= Urgency::p1)
      open_task(ctx, exam, TaskKind::call_hospital, ctx.rules().task);
  }
  return done(exam);
}

void close_exam(Context& ctx, ExamId id) {
  Exam& exam = ctx.state.edit_exam(id);
  if (exam.state == ExamState::delivered) {
    enter(ctx, exam, ExamState::closed);
    record(ctx, exam, EventKind::exam_closed);
  }
  std::string bytes = canonical_bytes(exam);
  if (ctx.state.orders().find(id)) {  // unless its number was used again
    OrderRecord& kept = ctx.state.edit_order(id);
    kept.closed_at = ctx.at;
    kept.unread = exam.state != ExamState::closed;
    kept.archived_at = ctx.index;
    kept.record = hash_of(bytes);
  }
  ctx.out.archive.push_back({exam.id, ctx.index, std::move(bytes)});
  ctx.state.erase_exam(id);
}

}  // namespace vigie::room
