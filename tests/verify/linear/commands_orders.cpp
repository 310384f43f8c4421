// The commands about orders: submit, amend, cancel. Which order becomes which exam follows from the
// log alone: a door's numbers go up by one, and what was sent before under an order's key decides
// whether it is the same again, an amendment, or wanted anew.
#include <algorithm>

#include "messages/types/exam_number.hpp"
#include "tests/verify/linear/commands.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;
using E = Errc;

constexpr States unread = bits(S::cancelled, S::refused);

}  // namespace

/// T1: one order is one exam at whatever door, until it ended unread. Then its own message that
/// comes late is still the same order; anything else under its number is a new generation.
Commands::Fate Commands::fate_of(const Request& r, const std::string& message) const {
  const auto found = m.orders_.find(r.key);
  if (found == m.orders_.end()) return Fate::fresh;
  const Model::Order& order = found->second;
  if (!order.exam || !order.known) return Fate::unsure;
  const bool same = order.request == r;
  if (same && !message.empty() && order.message == message) return Fate::same;
  const States may = m.exams_[order.exam].may;
  if ((may & ~unread) == 0) return Fate::fresh;
  if ((may & unread) != 0) return Fate::unsure;
  if (same) return Fate::same;
  return (may & bits(S::closed, S::delivered)) == 0 ? Fate::amended : Fate::unsure;
}

void Commands::take_order(const Request& r, const std::string& message, ExamId told) {
  const Fate fate = fate_of(r, message);
  if (told) return take_told(r, message, fate, told);
  Model::Order& order = m.orders_[r.key];
  switch (fate) {
    case Fate::same:
      return;
    case Fate::amended:
      amend(order.exam, m.exams_[order.exam], r);
      order.request = r;
      order.message = message;
      return;
    case Fate::fresh:
      if (m.doors_[p.door].maybe == 0) return take_fresh(r, message, {});
      ++m.doors_[p.door].maybe;
      order = {{}, r, message, true};
      return;
    case Fate::unsure:
      if (order.exam) m.blur(order.exam, m.exams_[order.exam]);
      ++m.doors_[p.door].maybe;
      order = {{}, {}, {}, false};
      return;
  }
}

/// Its client was told which exam it is.
void Commands::take_told(const Request& r, const std::string& message, Fate fate, ExamId told) {
  const auto found = m.orders_.find(r.key);
  const ExamId before = found == m.orders_.end() ? ExamId{} : found->second.exam;
  if (told == before) {
    Model::Order& order = found->second;
    if (fate == Fate::fresh) {
      m.fault("wrong_answer",
              "order " + r.key.number + " was wanted anew, and is answered as the exam that ended",
              told);
    } else if (fate == Fate::amended) {
      order = {told, r, message, true};
      amend(told, m.exams_[told], r);
    } else if (fate == Fate::unsure) {
      order.known = false;
      m.blur(told, m.exams_[told]);
    }
    return;
  }
  if (before && (fate == Fate::same || fate == Fate::amended)) {
    m.fault("double_effect",
            "order " + r.key.number + " had become exam " + std::to_string(before.value) +
                ", and is answered " + std::to_string(told.value),
            told);
  }
  const Model::Door& door = m.doors_[p.door];
  const bool next_one = door.maybe == 0 && told == make_exam_id(p.door, door.last + 1);
  if (found != m.orders_.end() && !before && !next_one && m.may_exist(told)) {
    (void)m.find(told);  // one of those that nobody was told of, or new: nothing is known of it
    found->second = {told, r, message, false};
    return;
  }
  take_fresh(r, message, told);
}

/// A new exam, with the door's next number.
void Commands::take_fresh(const Request& r, const std::string& message, ExamId told) {
  Model::Door& door = m.doors_[p.door];
  ExamId id = make_exam_id(p.door, door.last + 1);
  if (told && told != id) {
    const bool near = door_of(told) == p.door && sequence_of(told) > door.last &&
                      sequence_of(told) <= door.last + door.maybe + 1;
    if (!near) {
      const bool taken = m.exams_.contains(told);
      const std::string number = std::to_string(taken ? told.value : id.value);
      m.fault(
          "wrong_answer",
          taken ? "exam " + number + " is of another order" : "the door's next exam is " + number,
          told);
      if (taken) return;
    }
    id = told;
  }
  if (told && door.maybe > 0) {  // the numbers are known again, but not whose those before it are
    if (sequence_of(id) > door.last + 1) {
      door.gaps.emplace_back(door.last + 1, sequence_of(id) - 1);
    }
    door.maybe = 0;
  }
  door.last = std::max(door.last, sequence_of(id));
  m.orders_[r.key] = {id, r, message, true};
  open_exam(id, r);
}

std::vector<const Agreement*> Commands::agreements_for(const Request& r, UtcTime at) const {
  std::vector<const Agreement*> all;
  std::vector<std::string> full;
  do {
    all.push_back(m.directory_.agreement(r.establishment, r.modality, at, full));
    if (all.back()) full.push_back(all.back()->name);
  } while (all.back() && all.back()->quota > 0);
  if (all.size() == 1 && !all.back()) all.clear();
  return all;
}

void Commands::open_exam(ExamId id, const Request& r) {
  Exam& exam = m.exams_[id];
  exam = {};
  exam.request = r;
  exam.urgency = std::max(r.asked, Urgency::p1);  // the ceiling of what a hospital may ask
  exam.received = m.at_;
  exam.images = r.images;
  exam.phoned = has(r.flags, ExamFlag::phoned);
  const auto now = m.utc(m.at_);
  if (!now) return m.blur(id, exam);  // under which agreement, nobody knows
  const auto agreements = agreements_for(r, *now);
  const Agreement* agreement = agreements.empty() ? nullptr : agreements.front();
  const bool one_group = std::all_of(agreements.begin(), agreements.end(), [&](const Agreement* a) {
    return a && a->group == agreement->group && a->overflow == agreement->overflow;
  });
  if (agreement && one_group) {
    exam.group = agreement->group;
    exam.overflow = agreement->overflow;
  }
  const UtcTime end = m.directory_.shift_end(r.establishment, *now);
  const bool guarded = is_guard(m.directory_.band(r.establishment, *now));
  if (guarded && end) exam.guard_until = m.at_ + (end - *now);
  const Establishment* hospital = m.directory_.establishment(r.establishment);
  const bool is_authorised = !hospital || hospital->is_authorised(r.modality);
  const auto requires_it = [&](const Agreement* a) {
    return !a || !is_authorised || a->regulation == Regulation::required;
  };
  const bool required = std::all_of(agreements.begin(), agreements.end(), requires_it);
  const bool unsure = !required && std::any_of(agreements.begin(), agreements.end(), requires_it);
  States to = bit(S::requested);
  if (!required || !r.protocol.empty() || r.images_complete) {
    // It may arrive already made: the agreement decides, and the words leave how far it goes.
    to = static_cast<States>(to | bits(S::protocolled, S::acquiring) | m.ready_states());
    const Protocol* protocol = m.directory_.protocol(r.protocol);
    if (protocol) exam.protocol = *protocol;
    if (protocol && protocol->vital && !required) exam.urgency = Urgency::p0;
    exam.urgency_known = protocol && !required && !(unsure && protocol->vital);
    exam.first_image = m.at_;
    exam.protocols = !required;
    exam.agreement_maybe = unsure;
    if (r.images_complete) exam.imaged = m.at_;
  }
  if (r.modality == Modality::us) to = bit(S::refused);  // T2
  exam.images_maybe = r.images_complete || !required;
  m.go(id, exam, to);
}

/// Why it may be refused whole.
void Commands::check_orders(const Submit& c) {
  must(!c.requests.empty(), {E::bad_value});
  for (const Request& r : c.requests) {
    must(m.directory_.establishment(r.establishment) || m.directory_.version == 0,
         {E::unknown_establishment, E::unauthorised, E::bad_value});
    may(r.key.number.empty() || r.asked == Urgency::p0, {E::bad_value});
    may(r.modality == Modality::us, {E::modality_excluded});
    const bool phone = role() == Role::assistant || role() == Role::regulator;
    must(phone || !has(r.flags, ExamFlag::phoned), {E::unauthorised});
    const Establishment* e = m.directory_.establishment(r.establishment);
    may(e && e->legal_entity != r.key.legal_entity, {E::bad_value, E::unauthorised});
  }
  may(true, {E::limit_reached});
}

void Commands::operator()(const Submit& c) {
  check_orders(c);
  for (const Request& r : c.requests) m.patients_[r.patient_key].insert(r.key);
  if (undecided()) return m.blur_named(p);
  if (!done()) return;
  for (std::size_t i = 0; i < c.requests.size(); ++i) {
    ExamId told;
    if (seen) told = i < seen->exams.size() ? seen->exams[i] : i == 0 ? seen->exam : ExamId{};
    take_order(c.requests[i], c.message_id, told);
  }
}

void Commands::amend(ExamId id, Exam& exam, const Request& r) {
  if (exam.blurred) return;
  if (r.modality != Modality::unknown && r.modality != exam.request.modality &&
      (exam.stages() & before_images) != 0) {
    return m.blur(id, exam);  // another agreement, or none
  }
  const Urgency asked = std::max(r.asked, Urgency::p1);
  m.waiting_.erase({exam.urgency, exam.received, id});
  exam.urgency = std::min(exam.urgency, asked);
  exam.urgency_known = false;
  if ((exam.may & bit(S::ready)) != 0) m.waiting_.insert({exam.urgency, exam.received, id});
}

void Commands::operator()(const Amend& c) {
  Exam* exam = named(ExamRef{{}, c.request.key});
  m.patients_[c.request.patient_key].insert(c.request.key);
  if (!exam) return;
  may((exam->may & (ended | signed_off)) != 0,
      {E::wrong_state, E::already_final, E::unknown_key_order});
  may(seen, {E::bad_value});
  if (!done()) return;
  const bool known = exam->urgency_known && seen && seen->code == E::ok;
  amend(id_, *exam, c.request);
  exam->urgency_known = known && !exam->blurred;
}

void Commands::operator()(const Cancel& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  // Cancelled again is cancelled. What is on hold counts as where it was.
  const bool steers = role() == Role::regulator || role() == Role::duty_head;
  const bool child = exam->parent && steers;
  const States open = ~(signed_off | ended) & everything;
  const States wanted = (child ? open : before_images) | bit(S::cancelled);
  const States now = exam->stages();
  of_his_house(*exam);
  must((now & wanted) != 0, {E::acquisition_begun, E::wrong_state, E::already_final},
       "wrong_answer", "the exam's state");
  may((now & ~wanted) != 0, {E::acquisition_begun, E::wrong_state, E::already_final});
  may((now & ended) != 0, {E::unknown_exam, E::unknown_key_order});
  const bool spares = exam->request.modality == Modality::mr;  // it does not irradiate
  if (spares && !exam->parent && !out.must.empty() && (exam->may & signed_off) == 0)
    out.predicted = false;
  // Whose images came, with the order or before anybody said that they were being made, was
  // irradiated already.
  const bool has_images =
      !child && (exam->request.images > 0 || exam->images_maybe || exam->first_image);
  if (has_images && out.must.empty()) may(true, {E::acquisition_begun});
  may((exam->may & bit(S::cancelled)) != 0, {E::unknown_exam, E::unknown_key_order});
  if (done()) return cancelled(id_, *exam);
  if ((now & open) != 0) wants_cancel(*exam);
}

}  // namespace vigie::linear
