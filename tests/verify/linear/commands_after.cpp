// The commands of who reads, beyond the report: set aside, more images, read once more, told, added
// to, taken note of; what began on the phone; tasks (T19, T23 to T25, T27, T31).
#include <algorithm>

#include "messages/types/exam_number.hpp"
#include "messages/types/limits.hpp"
#include "tests/verify/linear/commands.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;
using E = Errc;

constexpr States reads_or_waits = waits | held;

}  // namespace

void Commands::operator()(const Suspend& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  mine(*exam, c.epoch, held);
  must(!exam->urgency_known || exam->urgency > Urgency::p1, {E::bad_value}, "wrong_answer",
       "only a p2 or p3 is set aside");
  may(!exam->urgency_known, {E::bad_value});
  Model::Session& s = m.sessions_[p.session];
  for (const ExamId other : s.hand) {
    const Exam& had = m.exams_[other];
    if (other == c.exam || had.holder != p.session) continue;
    must(!had.is(S::suspended), {E::busy_reader}, "wrong_answer", "one at a time");
    may((had.may & bit(S::suspended)) != 0, {E::busy_reader});
  }
  if (undecided()) s.mode_known = false;
  if (!done()) return;
  s.mode = ReaderMode::free;
  s.mode_known = true;
  set(c.exam, *exam, bit(S::suspended));
}

void Commands::operator()(const WantImages& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  mine(*exam, c.epoch, held);
  must(!exam->parent, {E::wrong_state}, "wrong_answer", "asked of the exam itself");
  if (!done()) return;
  m.leave_hand(c.exam, *exam);
  exam->reserved = true;
  exam->expected = 0;
  exam->quiet_since = {};
  set(c.exam, *exam, bit(S::acquiring));
}

void Commands::operator()(const TellResult& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.to);
  must(c.text.size() <= limits::name_bytes, {E::bad_value});
  may((exam->may & ended) != 0, {E::unknown_exam});
  if (role() != Role::reader || !m.sharp_) return;
  const bool in_hand =
      exam->holder == p.session && (exam->may & ~(his_to_read | bit(S::offered))) == 0;
  const bool has = in_hand || exam->signers.contains(who());
  const bool wrote = std::any_of(exam->authors.begin(), exam->authors.end(),
                                 [&](const auto& one) { return one.second == who(); });
  must(has || wrote || exam->held_by.contains(who()), {E::not_holder});
  may(!has, {E::not_holder});
}

// Readings once more.

bool Commands::awaits_others(const Exam& exam, bool surely) const {
  if (!surely && exam.children_maybe) return true;
  return std::any_of(exam.mandatory.begin(), exam.mandatory.end(), [&](ExamId child) {
    return surely ? !m.may_be_over(child) : !m.is_over(child);
  });
}

/// Who asks for what, when.
void Commands::may_ask(const Exam& exam, const AskRead& c) {
  must(!exam.parent, {E::wrong_state}, "wrong_answer", "a child has no children");
  const bool finished = c.purpose == Purpose::second_opinion;
  state(exam, finished ? signed_off : reads_or_waits,
        {E::wrong_state, E::not_holder, E::unauthorised});
  if (role() == Role::requester) {
    must(finished, {E::unauthorised, E::wrong_state});
    of_his_house(exam);
  } else if (role() == Role::reader && finished) {
    const bool wrote = std::any_of(exam.authors.begin(), exam.authors.end(),
                                   [&](const auto& one) { return one.second == who(); });
    must(wrote || !m.sharp_, {E::not_holder, E::wrong_state});
    may(!exam.signers.contains(who()), {E::not_holder});
  } else if (role() == Role::reader) {
    must(exam.holder == p.session || !m.sharp_, {E::not_holder, E::wrong_state}, "two_holders",
         "another has it in hand");
    must((exam.may & held) != 0, {E::not_holder, E::wrong_state});
    may((exam.may & ~held) != 0, {E::not_holder, E::wrong_state});
  }
}

void Commands::operator()(const AskRead& c) {
  Exam* exam = named(c.exam);
  if (!exam) {  // what was asked about it has a number all the same
    Model::Door& door = m.doors_[p.door];
    if (out.must.empty() && (!seen || seen->code == E::ok)) ++door.maybe;
    return;
  }
  reasoned(c.question);
  must(c.purpose != Purpose::none, {E::bad_value});
  must(c.purpose != Purpose::region || c.region != Region::unknown, {E::bad_value});
  may_ask(*exam, c);
  must(!c.reader || m.directory_.person(c.reader), {E::unknown_person});
  may(static_cast<bool>(c.reader), {E::not_eligible});
  may(exam->children.size() >= limits::children_count || exam->children_maybe, {E::limit_reached});
  if (!done()) {
    if (undecided()) ++m.doors_[p.door].maybe;
    return;
  }
  Model::Door& door = m.doors_[p.door];
  if (!seen && door.maybe > 0) {  // which number it has is not known
    ++door.maybe;
    exam->children_maybe = true;
    return;
  }
  const ExamId next_one = make_exam_id(p.door, door.last + 1);
  const ExamId id = seen ? seen->exam : next_one;
  if (id != next_one && door.maybe == 0) {
    m.fault("wrong_answer", "the door's next exam is " + std::to_string(next_one.value), id);
    return;
  }
  if (door.maybe > 0 && sequence_of(id) > door.last + 1) {
    door.gaps.emplace_back(door.last + 1, sequence_of(id) - 1);
  }
  door.maybe = 0;
  door.last = std::max(door.last, sequence_of(id));
  exam->children.insert(id);
  const bool mandatory =
      c.is_mandatory || c.purpose == Purpose::region || c.purpose == Purpose::supervision;
  if (mandatory) exam->mandatory.insert(id);
  take_child(*exam, id, c);
}

/// An exam of its own, READY at once.
void Commands::take_child(const Exam& parent, ExamId id, const AskRead& c) {
  Exam child;
  child.request = parent.request;
  child.request.key = {};
  if (c.purpose == Purpose::region) child.request.region = c.region;
  child.parent = c.exam;
  child.urgency = parent.urgency;
  child.urgency_known = parent.urgency_known;
  child.group = parent.group;
  child.overflow = parent.overflow;
  child.protocol = parent.protocol;
  if (child.protocol && c.skill != Skill::general) child.protocol->skill = c.skill;
  child.protocols = parent.protocols;
  child.received = child.imaged = child.first_image = m.at_;
  child.images = parent.images;
  child.reserved = static_cast<bool>(c.reader);
  child.shunned = parent.held_by;
  for (const auto& [report, author] : parent.authors) child.shunned.insert(author);
  Exam& kept = m.exams_[id] = std::move(child);
  set(id, kept, m.ready_states());
}

// After the report.

void Commands::revised(ExamId id, Exam& exam, const ReviseReport& c) {
  ++exam.finals;
  exam.reports[c.report] = true;
  exam.authors[c.report] = who();
  exam.signers.insert(who());
  const Establishment* e = m.directory_.establishment(exam.request.establishment);
  const bool nobody = !e || e->recipients.empty();
  set(id, exam, nobody ? signed_off : bit(S::validated));
  exam.delivered = m.at_;
  if (nobody) m.due_.emplace(m.at_ + m.directory_.rules.close_after, id);
}

/// T19, T27: each is a version of its own.
void Commands::operator()(const ReviseReport& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  must(c.report && is_version(c.kind) && c.kind != ReportKind::final_ && !c.text.empty(),
       {E::bad_value});
  must(c.text.size() <= limits::report_bytes, {E::too_large});
  if (exam->reports.contains(c.report) || exam->authors.contains(c.report)) {
    may(true, {E::wrong_state, E::not_holder});  // sent twice it is one version
    if (!exam->reports.contains(c.report) && (!seen || seen->code == E::ok)) m.blur(c.exam, *exam);
    return;
  }
  state(*exam, signed_off, {E::wrong_state});
  must(!exam->parent, {E::wrong_state}, "wrong_answer", "a child's report is its parent's");
  if (role() == Role::duty_head) {
    must(c.kind == ReportKind::withdrawal, {E::unauthorised});
  } else if (m.sharp_) {
    must(exam->signers.contains(who()), {E::not_holder}, "wrong_answer", "he is not its author");
  } else {
    may(true, {E::not_holder});
  }
  may(true, {E::limit_reached});
  if (seen ? seen->code == E::ok : out.must.empty()) revised(c.exam, *exam, c);
}

void Commands::operator()(const AckCritical& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  of_his_house(*exam);
  must(exam->critical, {E::wrong_state}, "wrong_answer", "it has no critical result");
  may((exam->may & ended) != 0, {E::unknown_exam, E::wrong_state});
}

/// Which tasks are open is a matter of times, which the words leave to the directory.
void Commands::operator()(const CloseTask& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  may(true, {E::wrong_state, E::unauthorised});
  may((exam->may & ended) != 0, {E::unknown_exam});
  must(c.task != TaskKind::critical_result || exam->critical, {E::wrong_state});
  if (c.task == TaskKind::hand_over) {
    must(is_to_hand_over(*exam), {E::wrong_state}, "wrong_answer", "it is not to be handed over");
    must(role() == Role::duty_head, {E::unauthorised, E::wrong_state});
    if (!seen) exam->handed_maybe = true;
    if (seen && seen->code == E::ok) exam->handed = true;
  }
  must(c.task != TaskKind::images_after_report && c.task != TaskKind::new_report ? true
                                                                                 : exam->finals > 0,
       {E::wrong_state});
}

// T31.

/// One exam, whatever came first: what the order had become is joined to it.
void Commands::joined(ExamId id, Exam& exam, const LinkOrder& c) {
  const auto known = m.orders_.find(c.key);
  Model::Order linked{id, {}, {}, true};
  if (known != m.orders_.end()) {
    linked.request = known->second.request;
    linked.message = known->second.message;
    linked.known = known->second.known;
    Exam* own = known->second.exam ? m.find(known->second.exam) : nullptr;
    if (own && !own->blurred) {
      const Request& r = own->request;
      if (exam.request.region == Region::unknown) exam.request.region = r.region;
      if (exam.request.age_class == AgeClass::unknown) exam.request.age_class = r.age_class;
      if (r.patient_key) exam.request.patient_key = r.patient_key;
      cancelled(known->second.exam, *own);
    } else if (!own) {
      linked.known = false;
    }
  }
  m.orders_.erase(exam.request.key);
  exam.request.key = c.key;
  exam.phoned = false;
  m.patients_[exam.request.patient_key].insert(c.key);
  m.orders_[c.key] = std::move(linked);
}

void Commands::operator()(const LinkOrder& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  must(!c.key.number.empty() && c.key.legal_entity == exam->request.key.legal_entity,
       {E::bad_value});
  if (exam->request.key == c.key) return may((exam->may & ended) != 0, {E::unknown_exam});
  state(*exam, everything & ~bits(S::refused, S::cancelled), {E::wrong_state});
  must(exam->phoned, {E::wrong_state}, "wrong_answer", "it has its order");
  may((exam->may & ended) != 0, {E::unknown_exam, E::wrong_state});
  if (const auto order = m.orders_.find(c.key); order != m.orders_.end()) {
    const Exam* own = order->second.exam ? m.find(order->second.exam) : nullptr;
    constexpr States early = bits(S::requested, S::in_regulation, S::needs_info);
    const States now = own ? own->stages() : everything;
    must((now & early) != 0, {E::wrong_state}, "wrong_answer", "the order is an exam already");
    may((now & ~early) != 0, {E::wrong_state});
    if (undecided()) m.blur_named_order(c.key);
  }
  if (done()) joined(c.exam, *exam, c);
}

}  // namespace vigie::linear
