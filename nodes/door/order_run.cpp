#include "nodes/door/order_run.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/core/hl7/sealed.hpp"
#include "messages/types/exam_number.hpp"
#include "messages/types/limits.hpp"
#include "nodes/door/feed_map.hpp"

namespace vigie::door {
namespace {

bool is_over(ExamState state) {
  return state == ExamState::refused || state == ExamState::cancelled || state == ExamState::closed;
}

/// The exam's sealed field with what the message repeats of it laid over.
std::string merged(const std::string& known, const std::string& newer) {
  const auto base = hl7::unseal(known);
  const auto change = hl7::unseal(newer);
  if (!base || !change) return newer;
  auto bytes = hl7::seal(hl7::merge(*base, *change));
  return bytes ? std::move(bytes).value() : newer;
}

/// Does `newer` say something that a reader should see and that `known` does not have?
bool tells_more(const std::string& known, const std::string& newer) {
  const auto before = hl7::unseal(known);
  const auto after = hl7::unseal(merged(known, newer));
  return before && after &&
         (before->context != after->context || before->attachments != after->attachments ||
          before->identity != after->identity);
}

ExamRef by_key(const hl7::Order& order) { return {{}, order.request.key}; }

/// An identity correction, as an amendment of one exam that changes nothing else.
Amend identity_amend(const Exam& exam, const hl7::Order& order) {
  Request request = exam.request;
  request.asked = Urgency::p3;
  request.sealed = merged(exam.request.sealed, order.request.sealed);
  if (order.request.patient_key) request.patient_key = order.request.patient_key;
  return {std::move(request), order.message_id};
}

hl7::Refusal ultrasound_refusal(const std::string& recourse) {
  return hl7::clinical_refusal("Échographie non réalisée en téléradiologie" +
                               (recourse.empty() ? "" : " ; recours : " + recourse));
}

}  // namespace

bool is_not_now(Errc code) {
  switch (code) {
    case Errc::no_leader:
    case Errc::busy:
    case Errc::stopping:
    case Errc::timeout:
    case Errc::unreachable:
    case Errc::disk_full:
    case Errc::io_error:
    case Errc::limit_reached:
    // This node's own standing in the federation, never the hospital's fault.
    case Errc::unknown_key:
    case Errc::unauthorised:
    case Errc::level_too_low:
    case Errc::unknown_command:
    case Errc::quarantined:
    case Errc::apply_halted:
      return true;
    default:
      return false;
  }
}

hl7::Refusal refusal_of(Errc code) {
  using hl7::ErrorCode;
  switch (code) {
    case Errc::unknown_key_order:
    case Errc::unknown_exam:
      return {ErrorCode::unknown_key, {"ORC", 1, 2}, "Demande inconnue"};
    case Errc::unknown_establishment:
      return {ErrorCode::unknown_key, {"MSH", 1, 4}, "Établissement inconnu"};
    case Errc::wrong_state:
      return {ErrorCode::table_value, {"ORC", 1, 1}, "L'état de la demande ne le permet pas"};
    case Errc::acquisition_begun:
      return {ErrorCode::table_value,
              {"ORC", 1, 1},
              "Acquisition commencée : l'examen sera interprété"};
    case Errc::too_large:
      return {ErrorCode::data_type, {}, "Message trop volumineux"};
    case Errc::bad_value:
    case Errc::malformed:
      return {ErrorCode::data_type, {}, "Valeur refusée"};
    default:
      return {ErrorCode::table_value, {}, "Demande refusée : " + std::string(errc_name(code))};
  }
}

OrderRun::OrderRun(Ports ports, Context context, std::vector<hl7::Order> orders)
    : ports_(std::move(ports)), context_(std::move(context)), orders_(std::move(orders)) {
  for (hl7::Order& order : orders_) complete(order, context_.federation);
}

void OrderRun::start(std::function<void(Verdict)> done) {
  done_ = std::move(done);
  if (untellable_ultrasound()) {
    const Establishment* e =
        context_.directory->establishment(orders_.front().request.establishment);
    const AgeClass age = orders_.front().request.age_class;
    const bool child = age == AgeClass::child || age == AgeClass::infant;
    const Recourse* recourse = e ? e->recourse(child) : nullptr;
    return finish(ultrasound_refusal(recourse ? text_of(*recourse) : std::string{}));
  }
  std::vector<ExamQuery> queries;
  const auto look_up = [&](const hl7::Order& order, ExamQuery query) {
    looked_up_.push_back(&order);
    queries.push_back(std::move(query));
  };
  for (const hl7::Order& order : orders_) {
    if (order.action == hl7::Action::submit) continue;
    if (order.action != hl7::Action::amend_identity) {
      look_up(order, {by_key(order), {}});
      continue;
    }
    look_up(order, {{}, order.request.patient_key});
    if (order.prior_patient_number.empty()) continue;
    look_up(order, {{},
                    patient_key(context_.federation, order.request.key.legal_entity,
                                order.prior_patient_number)});
  }
  if (queries.empty()) return plan({});
  find(std::move(queries), &OrderRun::plan);
}

void OrderRun::find(std::vector<ExamQuery> queries, void (OrderRun::*then)(const Found&)) {
  ports_.lookup.find(std::move(queries), [self = shared_from_this(), then](Found found) {
    self->ports_.inbox->post([self, then, found = std::move(found)] { ((*self).*then)(found); });
  });
}

std::vector<const hl7::Order*> OrderRun::submits() const {
  std::vector<const hl7::Order*> out;
  for (const hl7::Order& order : orders_) {
    if (order.action == hl7::Action::submit) out.push_back(&order);
  }
  return out;
}

/// Several orders, one of which can only be refused by AE: none may be stored.
bool OrderRun::untellable_ultrasound() const {
  const auto all = submits();
  return !context_.can_tell && all.size() > 1 &&
         std::any_of(all.begin(), all.end(), [](const auto* order) { return order->ultrasound; });
}

bool OrderRun::mixed_with_unknown(const Found& found) const {
  const auto all = submits();
  if (all.empty()) return false;
  for (std::size_t i = 0; i < looked_up_.size(); ++i) {
    const hl7::Order& order = *looked_up_[i];
    const bool in_message = std::any_of(all.begin(), all.end(), [&](const hl7::Order* other) {
      return other->request.key == order.request.key;
    });
    if (found[i].empty() && !in_message) return true;
  }
  return false;
}

void OrderRun::plan(const Found& found) {
  if (mixed_with_unknown(found)) return finish(refusal_of(Errc::unknown_key_order));
  Submit submit;
  std::size_t sealed_bytes = 0;
  for (const hl7::Order* order : submits()) {
    submit.message_id = order->message_id;
    submit.requests.push_back(order->request);
    sealed_bytes += order->request.sealed.size();
  }
  if (sealed_bytes > limits::submit_sealed_bytes) return finish(refusal_of(Errc::too_large));
  if (!submit.requests.empty()) steps_.push_back({std::move(submit), submits().front()});
  for (std::size_t i = 0; i < looked_up_.size(); ++i) plan_order(*looked_up_[i], found[i]);
  next_step();
}

void OrderRun::plan_order(const hl7::Order& order, const std::vector<Exam>& exams) {
  const Exam* exam = exams.empty() ? nullptr : &exams.front();
  Request request = order.request;
  if (exam != nullptr) request.sealed = merged(exam->request.sealed, request.sealed);
  switch (order.action) {
    case hl7::Action::submit:
      break;
    case hl7::Action::amend:
      steps_.push_back({Amend{std::move(request), order.message_id}, &order});
      break;
    case hl7::Action::cancel:
      steps_.push_back({Cancel{by_key(order), order.reason}, &order});
      break;
    case hl7::Action::acquisition_started:
      steps_.push_back({AcquisitionStarted{by_key(order)}, &order});
      break;
    case hl7::Action::acquisition_complete:
      if (exam != nullptr && tells_more(exam->request.sealed, order.request.sealed)) {
        steps_.push_back({Amend{std::move(request), order.message_id}, &order});
      }
      steps_.push_back({AcquisitionComplete{by_key(order), order.request.accessions,
                                            order.request.studies, 0, false},
                        &order});
      break;
    case hl7::Action::amend_identity:
      for (const Exam& one : exams) {
        if (!is_over(one.state)) steps_.push_back({identity_amend(one, order), &order});
      }
      break;
  }
}

void OrderRun::next_step() {
  if (step_ == steps_.size()) return look_back();
  ports_.intake.propose(std::move(steps_[step_].command),
                        [self = shared_from_this()](const Answer& answer) {
                          self->ports_.inbox->post([self, answer] { self->answered(answer); });
                        });
}

void OrderRun::answered(const Answer& answer) {
  const hl7::Action action = steps_[step_].order->action;
  if (is_not_now(answer.code)) return finish(answer.code);
  const bool kept = action == hl7::Action::cancel && answer.code == Errc::acquisition_begun &&
                    context_.can_tell && answer.exam;
  const bool moot = action == hl7::Action::amend_identity && answer.code != Errc::ok;
  if (answer.code != Errc::ok && !kept && !moot) return finish(refusal_of(answer.code));
  if (kept) {
    not_cancelled_.push_back(answer.exam);
  } else if (action == hl7::Action::cancel && !answer.duplicate) {
    cancelled_.push_back(answer.exam);
  }
  if (action == hl7::Action::submit || action == hl7::Action::amend) {
    recourse_ = recourse_ || !answer.text.empty() || steps_[step_].order->ultrasound;
  }
  all_duplicate_ = all_duplicate_ && answer.duplicate;
  const auto of_answer = answer.exams.empty() ? std::vector<ExamId>{answer.exam} : answer.exams;
  for (const ExamId id : of_answer) {
    if (id && std::find(exams_.begin(), exams_.end(), id) == exams_.end()) exams_.push_back(id);
  }
  ++step_;
  next_step();
}

void OrderRun::look_back() {
  const auto all = submits();
  const bool look =
      recourse_ || !cancelled_.empty() || !not_cancelled_.empty() ||
      std::any_of(all.begin(), all.end(), [](auto* order) { return order->ultrasound; });
  if (!look) return conclude({});
  std::vector<ExamQuery> queries;
  for (const ExamId id : exams_) queries.push_back({{id, {}}, {}});
  find(std::move(queries), &OrderRun::looked_back);
}

void OrderRun::looked_back(const Found& found) {
  std::vector<Exam> exams;
  for (const auto& list : found) exams.insert(exams.end(), list.begin(), list.end());
  conclude(exams);
}

void OrderRun::conclude(const std::vector<Exam>& exams) {
  const auto among = [](const std::vector<ExamId>& ids, ExamId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (const Exam& exam : exams) {
    if (exam.state == ExamState::refused && exam.request.modality == Modality::us) {
      if (!context_.can_tell) return finish(ultrasound_refusal(exam.reason));
      notices_.push_back({exam, hl7::ReportEvent::refused});
    } else if (among(not_cancelled_, exam.id)) {
      notices_.push_back({exam, hl7::ReportEvent::cannot_cancel});
    } else if (among(cancelled_, exam.id) && context_.can_tell) {
      notices_.push_back({exam, hl7::ReportEvent::cancelled});
    }
  }
  hl7::Taken taken;
  for (const ExamId id : exams_) taken.exams.push_back(number_of(id));
  const bool duplicate = all_duplicate_ && !steps_.empty();
  taken.stored = duplicate ? hl7::Stored::duplicate : hl7::Stored::replicated;
  finish(hl7::Answer(std::move(taken)));
}

void OrderRun::finish(std::variant<hl7::Answer, Errc> answer) {
  const auto done = std::exchange(done_, nullptr);
  done({std::move(answer), std::move(notices_)});
}

std::string OrderRun::number_of(ExamId exam) const {
  return exam_number(*context_.directory, exam);
}

}  // namespace vigie::door
