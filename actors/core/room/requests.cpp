// Requests enter (T1, T2), change and leave before acquisition (T20).
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

bool fits(const std::vector<std::string>& names, std::size_t count_max) {
  return names.size() <= count_max && std::all_of(names.begin(), names.end(), [](const auto& n) {
           return n.size() <= limits::name_bytes;
         });
}

/// What a door may say of a request; the rest is the room's to find out, or the guard's to decide.
constexpr ExamFlag of_requests = ExamFlag::modality_unknown | ExamFlag::identity_provisional |
                                 ExamFlag::bad_charset | ExamFlag::asked_stat |
                                 ExamFlag::urgency_mapped | ExamFlag::phoned |
                                 ExamFlag::instead_of_ultrasound;

bool are_of_requests(ExamFlag flags) { return (flags | of_requests) == of_requests; }

Errc check(const Context& ctx, const Request& r) {
  const Establishment* establishment = ctx.directory().establishment(r.establishment);
  if (!establishment) return Errc::unknown_establishment;
  if (establishment->legal_entity != r.key.legal_entity) return Errc::bad_value;
  if (r.key.number.empty() || r.key.number.size() > limits::name_bytes) return Errc::bad_value;
  if (r.key.authority.size() > limits::name_bytes) return Errc::bad_value;
  if (r.sealed.size() > limits::sealed_bytes) return Errc::too_large;
  if (!fits(r.accessions, limits::accessions_count)) return Errc::bad_value;
  if (!fits(r.studies, limits::studies_count)) return Errc::bad_value;
  if (!fits(r.priors, limits::priors_count)) return Errc::bad_value;
  if (!are_of_requests(r.flags)) return Errc::bad_value;
  const bool long_name = r.procedure.size() > 2 * limits::name_bytes ||
                         r.callback_phone.size() > limits::name_bytes ||
                         r.protocol.size() > limits::name_bytes;
  if (long_name) return Errc::bad_value;
  // Only whoever answers the phone says that an exam began there.
  const bool pair = ctx.role == Role::assistant || ctx.role == Role::regulator;
  if (has(r.flags, ExamFlag::phoned) && !pair) return Errc::unauthorised;
  return may_speak_for(ctx, r.establishment) ? Errc::ok : Errc::unauthorised;
}

Skill skill_for(const Request& r) {
  switch (r.region) {
    case Region::head:
    case Region::spine:
      return r.modality == Modality::mr ? Skill::neuro : Skill::general;
    case Region::unknown:
    case Region::neck:
    case Region::chest:
    case Region::abdomen_pelvis:
    case Region::limb:
    case Region::whole_body:
      break;
  }
  return Skill::general;
}

/// T1: REQUESTED, and further at once where the agreement asks for no regulation.
void admit(Context& ctx, Exam& exam) {
  const Request& r = exam.request;
  const Agreement* agreement = set_agreement(ctx, exam);
  exam.guard_until = guard_end(ctx, r.establishment);
  enter(ctx, exam, ExamState::requested);
  record(ctx, exam, EventKind::request_submitted).card = card_of(exam);
  const Protocol* protocol = ctx.directory().protocol(r.protocol);
  if (has(exam.flags, ExamFlag::unauthorised_modality)) return;  // the regulator's to judge (O19)
  if (!agreement || agreement->regulation == Regulation::required || !protocol) return;
  if (protocol->skill != Skill::general) exam.skill = protocol->skill;
  if (protocol->vital) exam.urgency = Urgency::p0;
  set_protocol(ctx, exam, *protocol);
  record(ctx, exam, EventKind::protocol_assigned, protocol->code);
  if (r.images_complete) make_ready(ctx, exam);
}

/// T2: ultrasound is refused by the machine, kept, and shown to the regulator.
void refuse_ultrasound(Context& ctx, Exam& exam) {
  const Establishment* e = ctx.directory().establishment(exam.request.establishment);
  const AgeClass age = exam.request.age_class;
  const bool child = age == AgeClass::child || age == AgeClass::infant;
  const Recourse* recourse = e->recourse(child);
  exam.reason = recourse ? text_of(*recourse) : std::string();
  exam.regulator_session = {};
  exam.claimed_until = {};
  exam.tasks.clear();
  enter(ctx, exam, ExamState::refused);
  record(ctx, exam, EventKind::request_refused_by_rule, exam.reason).card = card_of(exam);
}

std::uint64_t next_sequence(Scalars& scalars, SiteId door) {
  for (DoorCounter& counter : scalars.doors) {
    if (counter.door == door) return ++counter.last;
  }
  scalars.doors.push_back({door, 1});
  return 1;
}

ExamId create(Context& ctx, const Request& request, const Submit& command,
              std::uint16_t generation) {
  Exam exam;
  exam.id = next_exam_id(ctx);
  exam.request = request;
  exam.generation = generation;
  exam.message_id = command.message_id;
  exam.origin_site = ctx.proposal.door;
  exam.flags = request.flags;
  if (request.modality == Modality::unknown) exam.flags = exam.flags | ExamFlag::modality_unknown;
  if (generation > 1) exam.flags = exam.flags | ExamFlag::reused_number;
  // Ceiling of what a hospital may ask: emergency departments order everything at once.
  exam.urgency = std::max(request.asked, Urgency::p1);
  exam.request.asked = exam.urgency;
  exam.skill = skill_for(request);
  exam.images = request.images;
  exam.received_at = ctx.at;
  if (request.images_complete) exam.first_image_at = exam.images_at = ctx.at;
  Exam& kept = ctx.state.insert_exam(std::move(exam));
  if (request.modality == Modality::us) {
    refuse_ultrasound(ctx, kept);
  } else {
    admit(ctx, kept);
  }
  return kept.id;
}

void amend_request(Context& ctx, Exam& exam, const Request& r) {
  const bool before_protocol = stage_of(exam) < ExamState::protocolled;
  const Urgency asked = std::max(r.asked, Urgency::p1);
  if (asked < exam.urgency && !is_final(exam.state)) change_urgency(ctx, exam, asked);  // T28
  exam.request.asked = std::min(exam.request.asked, asked);
  if (has(r.flags, ExamFlag::asked_stat)) exam.flags = exam.flags | ExamFlag::asked_stat;
  for (const std::string& a : r.accessions) {
    auto& have = exam.request.accessions;
    const bool known = std::find(have.begin(), have.end(), a) != have.end();
    if (!known && have.size() < limits::accessions_count) have.push_back(a);
  }
  for (const std::string& prior : r.priors) {
    auto& have = exam.request.priors;
    const bool known = std::find(have.begin(), have.end(), prior) != have.end();
    if (!known && have.size() < limits::priors_count) have.push_back(prior);
  }
  if (before_protocol) {
    if (r.modality != Modality::unknown && r.modality != exam.request.modality) {
      exam.request.modality = r.modality;
      set_flag(exam, ExamFlag::modality_unknown, false);
      set_agreement(ctx, exam);
    }
    if (r.region != Region::unknown) exam.request.region = r.region;
    if (!r.procedure.empty()) exam.request.procedure = r.procedure;
  } else {
    exam.flags = exam.flags | ExamFlag::amended;
  }
  if (!r.callback_phone.empty()) exam.request.callback_phone = r.callback_phone;
  if (!r.sealed.empty()) exam.request.sealed = r.sealed;  // identity reaches the reader at once
  if (r.patient_key) ctx.state.set_patient(exam.id, r.patient_key);
  Event& event = record(ctx, exam, EventKind::request_amended);
  event.card = card_of(exam);
  event.session = in_hand_of(exam);
  if (before_protocol && exam.request.modality == Modality::us) refuse_ultrasound(ctx, exam);
}

std::uint64_t message_hash(const std::string& message_id) { return hash_of(message_id).low; }

struct Known {
  enum class What { fresh, same, changed, new_generation } what = What::fresh;
  const OrderRecord* order = nullptr;
};

Known look_up(const Context& ctx, const Bits128& key, const std::string& message_id,
              const Bits128& content) {
  const OrderRecord* order = ctx.state.order_of(key);
  if (!order) return {};
  const bool same_content = order->content == content;
  const bool same_message = !message_id.empty() && order->message_hash == message_hash(message_id);
  const Exam* exam = ctx.state.exams().find(order->exam);
  const bool unread = exam
                          ? exam->state == ExamState::cancelled || exam->state == ExamState::refused
                          : order->unread;
  // An unread order that is sent anew is wanted again; its own message come late is not.
  if (same_content && (same_message || !unread)) return {Known::What::same, order};
  return {!exam || unread ? Known::What::new_generation : Known::What::changed, order};
}

/// Where to go with an ultrasound; empty for anything else.
std::string recourse_of(const Context& ctx, ExamId id) {
  const Exam* exam = ctx.state.exams().find(id);
  return exam && exam->request.modality == Modality::us ? exam->reason : std::string{};
}

Answer submit_one(Context& ctx, const Request& r, const Submit& command) {
  const Bits128 key = order_hash(r.key);
  const Bits128 content = hash_canonical(r);
  const Known known = look_up(ctx, key, command.message_id, content);
  Answer answer;
  if (known.what == Known::What::same) {
    answer.exam = known.order->exam;
    answer.index = known.order->index;
    answer.duplicate = true;
    answer.text = recourse_of(ctx, answer.exam);
    return answer;
  }
  if (known.what == Known::What::changed) {
    Exam& exam = ctx.state.edit_exam(known.order->exam);
    amend_request(ctx, exam, r);
    OrderRecord& order = ctx.state.edit_order(exam.id);
    order.message_hash = message_hash(command.message_id);
    order.content = content;
    answer.exam = exam.id;
    const std::string recourse = recourse_of(ctx, exam.id);
    answer.text = recourse.empty() ? "amended" : recourse;
    return answer;
  }
  OrderRecord order;
  order.key = key;
  order.generation = static_cast<std::uint16_t>(known.order ? known.order->generation + 1 : 1);
  order.index = ctx.index;
  order.message_hash = message_hash(command.message_id);
  order.content = content;
  order.exam = create(ctx, r, command, order.generation);
  answer.exam = order.exam;
  answer.text = recourse_of(ctx, order.exam);
  if (known.order) ctx.state.erase_order(known.order->exam);
  if (!is_planted(Bug::order_key_forgotten)) ctx.state.insert_order(order);
  return answer;
}

/// Is it the open order of another hospital of the sender's legal entity, whose numbers they share?
bool is_of_another(const Context& ctx, const OrderKey& key) {
  const Person* person = ctx.directory().person(ctx.by);
  if (!person || !person->establishment) return false;
  const Exam* open = find_exam(ctx.state, {{}, key});
  return open && open->request.establishment != person->establishment;
}

}  // namespace

ExamId next_exam_id(Context& ctx) {
  Scalars& scalars = ctx.state.edit_scalars();
  ++scalars.submitted;
  return make_exam_id(ctx.proposal.door, next_sequence(scalars, ctx.proposal.door));
}

Answer on_submit(Context& ctx, const Submit& command) {
  if (command.requests.empty() || command.requests.size() > limits::orders_per_message) {
    return refuse(Errc::bad_value, "a message carries 1 to 16 orders");
  }
  if (command.message_id.size() > limits::name_bytes) return refuse(Errc::bad_value, "message id");
  for (const Request& r : command.requests) {  // all or none
    if (const Errc code = check(ctx, r); code != Errc::ok) return refuse(code, r.key.number);
    if (is_of_another(ctx, r.key)) return refuse(Errc::unauthorised, r.key.number);
  }
  Answer first;
  std::vector<ExamId> all;
  bool all_known = true;
  for (const Request& r : command.requests) {
    Answer one = submit_one(ctx, r, command);
    all.push_back(one.exam);
    all_known = all_known && one.duplicate;
    if (all.size() == 1) first = std::move(one);
  }
  if (!all_known) {  // something of it is new, and was done here
    first.duplicate = false;
    first.index = {};
  }
  if (all.size() > 1) first.exams = std::move(all);
  return first;
}

Answer on_amend(Context& ctx, const Amend& command) {
  const Exam* found = find_exam(ctx.state, {{}, command.request.key});
  if (!found) return refuse(Errc::unknown_key_order, command.request.key.number);
  if (const Errc code = check(ctx, command.request); code != Errc::ok) return refuse(code);
  if (found->state == ExamState::cancelled || found->state == ExamState::refused) {
    return wrong_state(*found);
  }
  if (is_of_another(ctx, command.request.key)) return refuse(Errc::unauthorised);
  Exam& exam = ctx.state.edit_exam(found->id);
  amend_request(ctx, exam, command.request);
  Answer answer = done(exam);
  answer.text = recourse_of(ctx, exam.id);
  return answer;
}

Answer on_cancel(Context& ctx, const Cancel& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (!found) return refuse(Errc::unknown_key_order, command.exam.key.number);
  if (found->state == ExamState::cancelled) {
    return done_again(*found);
  }
  if (!may_speak_for(ctx, found->request.establishment)) return refuse(Errc::unauthorised);
  if (found->state == ExamState::refused) return refuse(Errc::wrong_state, "REFUSED");
  const std::string reason = command.reason.substr(0, limits::name_bytes);
  const ExamState stage = stage_of(*found);
  const bool steers = ctx.role == Role::regulator || ctx.role == Role::duty_head;
  const bool child = found->parent && steers && stage < ExamState::validated;
  if (!child && (stage > ExamState::protocolled || found->first_image_at)) {
    // What has begun is cancelled by who regulates or reads it (T21).
    const bool open = stage < ExamState::validated && !found->parent;
    if (open) ask_cancel(ctx, ctx.state.edit_exam(found->id), reason);
    Answer no = refuse(Errc::acquisition_begun, std::string(name_of(found->state)));
    no.exam = found->id;
    return no;
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  cancel_exam(ctx, exam, reason);
  return done(exam);
}

}  // namespace vigie::room
