// An exam that began on the phone gets its order (T31, F15): one exam, whatever came first.
#include <algorithm>

#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

template <class Names>
void add_all(Names& have, const Names& more, std::size_t count_max) {
  for (const auto& name : more) {
    const bool known = std::find(have.begin(), have.end(), name) != have.end();
    if (!known && have.size() < count_max) have.push_back(name);
  }
}

/// What the order says that was not said on the phone.
void take_request(Context& ctx, Exam& exam, const Request& order) {
  Request& r = exam.request;
  add_all(r.accessions, order.accessions, limits::accessions_count);
  add_all(r.studies, order.studies, limits::studies_count);
  if (!order.sealed.empty()) r.sealed = order.sealed;
  if (!order.procedure.empty()) r.procedure = order.procedure;
  if (!order.callback_phone.empty()) r.callback_phone = order.callback_phone;
  if (r.region == Region::unknown) r.region = order.region;
  if (r.age_class == AgeClass::unknown) r.age_class = order.age_class;
  if (order.patient_key) ctx.state.set_patient(exam.id, order.patient_key);
}

/// The order's own exam, when it may still be joined: nobody has given it a protocol.
bool may_join(const Exam& own) { return !own.parent && stage_of(own) < ExamState::protocolled; }

}  // namespace

Answer on_link_order(Context& ctx, const LinkOrder& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  const OrderKey& key = command.key;
  const bool fits = !key.number.empty() && key.number.size() <= limits::name_bytes &&
                    key.authority.size() <= limits::name_bytes &&
                    key.legal_entity == found->request.key.legal_entity;
  if (!fits) return refuse(Errc::bad_value, "order: a number of the same legal entity");
  if (found->request.key == key) {
    return done_again(*found);
  }
  const bool over = found->state == ExamState::refused || found->state == ExamState::cancelled;
  if (over) return wrong_state(*found);
  const bool began_on_the_phone = has(found->flags, ExamFlag::phoned);
  if (!began_on_the_phone) return refuse(Errc::wrong_state, "it has its order");
  const OrderRecord* known = ctx.state.order_of(order_hash(key));
  const Exam* own = known ? ctx.state.exams().find(known->exam) : nullptr;
  if (known && !(own && may_join(*own))) {
    return refuse(Errc::wrong_state, "the order is an exam already");
  }
  OrderRecord record_of_order;
  record_of_order.key = order_hash(key);
  record_of_order.exam = found->id;
  record_of_order.index = ctx.index;
  if (known) {
    record_of_order.generation = static_cast<std::uint16_t>(known->generation + 1);
    record_of_order.message_hash = known->message_hash;
    record_of_order.content = known->content;
    ctx.state.erase_order(own->id);
  }
  ctx.state.erase_order(found->id);
  Exam& exam = ctx.state.edit_exam(found->id);
  exam.request.key = key;
  set_flag(exam, ExamFlag::phoned, false);
  if (own) {
    take_request(ctx, exam, own->request);
    cancel_exam(ctx, ctx.state.edit_exam(own->id), "joined");
  }
  ctx.state.insert_order(std::move(record_of_order));
  Event& event = record(ctx, exam, EventKind::order_linked, key.number);
  event.card = card_of(exam);
  event.session = in_hand_of(exam);
  return done(exam);
}

}  // namespace vigie::room
