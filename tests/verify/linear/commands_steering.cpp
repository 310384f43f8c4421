// The commands of who organises the guard: protocol revised, urgency, hold, take over, direct, pin,
// and the two steps of a cancellation (T8, T14, T21, T22, T28).
#include <algorithm>

#include "messages/types/limits.hpp"
#include "tests/verify/linear/commands.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;
using E = Errc;

constexpr States over = signed_off | ended;

/// Where a pause lets it go on: nobody's claim and nobody's hand outlive it.
States goes_on_from(States stages) {
  States out = stages & bits(S::requested, S::needs_info, S::protocolled, S::acquiring, S::ready);
  if ((stages & bit(S::in_regulation)) != 0) out |= bit(S::requested);
  if ((stages & (held | bit(S::offered))) != 0) out |= bit(S::ready);
  return out;
}

}  // namespace

void Commands::reasoned(std::string_view reason) {
  must(!reason.empty() && reason.size() <= limits::name_bytes, {E::bad_value});
}

void Commands::of_his_house(const Exam& exam) {
  if (!p.session) return;
  const Person* person = m.directory_.person(who());
  const bool own =
      !person || !person->establishment || person->establishment == exam.request.establishment;
  must(own, {E::unauthorised}, "wrong_answer", "it is another hospital's");
}

void Commands::out_of_regulation(ExamId id, Exam& exam) {
  const auto claimer = m.sessions_.find(exam.claimer);
  if (claimer != m.sessions_.end()) claimer->second.hand.erase(id);
  exam.claimer = {};
}

/// A parent's end is that of what was asked about it.
void Commands::cancelled(ExamId id, Exam& exam) {
  out_of_regulation(id, exam);
  m.leave_hand(id, exam);
  exam.wish = {};
  exam.wish_maybe = false;
  set(id, exam, bit(S::cancelled));
  for (const ExamId one : exam.children) {
    Exam& child = m.exams_[one];
    if (child.blurred || (child.may & ~over) == 0) continue;
    m.leave_hand(one, child);
    set(one, child, (child.may & over) | bit(S::cancelled));
  }
}

/// T21: what has begun is only asked for.
void Commands::wants_cancel(Exam& exam) {
  if (exam.parent || (seen && seen->code != E::acquisition_begun)) return;
  const bool asks_still = exam.wish && m.at_ < exam.wish + m.directory_.rules.cancel_answer;
  const bool certain = seen && (exam.stages() & over) == 0 && !exam.wish_maybe;
  if (!certain) exam.wish_maybe = true;
  if (certain && !asks_still) exam.wish = m.at_;
}

void Commands::operator()(const ReviseProtocol& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  state(*exam, bit(S::protocolled), {E::wrong_state});
  const Protocol* protocol = m.directory_.protocol(c.protocol);
  must(protocol, {E::unknown_protocol});
  if (!done() || !protocol) return;
  exam->protocol = *protocol;
  ++exam->protocols;
  if (protocol->vital) m.set_urgency(c.exam, *exam, Urgency::p0, true);
  set(c.exam, *exam, bit(S::protocolled));
}

void Commands::operator()(const AckProtocol& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  of_his_house(*exam);
  must(c.version > 0 && c.version <= exam->protocols, {E::bad_value});
  may((exam->stages() & before_images) != 0, {E::bad_value});
  may((exam->may & ended) != 0, {E::unknown_exam, E::bad_value});
}

/// F3: from anywhere before the waiting room.
void Commands::operator()(const Bypass& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  state(*exam, before_images | bit(S::acquiring), {E::wrong_state});
  may(exam->request.modality == Modality::unknown, {E::bad_value});
  if (!done()) return;
  if (!exam->imaged) exam->imaged = m.at_;  // from here on it is due
  out_of_regulation(c.exam, *exam);
  set(c.exam, *exam, m.ready_states());
}

/// T29: from then on nothing is said of it but that it is there.
void Commands::operator()(const Reopen& c) {
  out.predicted = false;
  if (seen && seen->code != E::ok) return;
  if (Exam* exam = m.find(c.exam)) m.blur(c.exam, *exam);
}

/// T28: a hospital's goes up only, and to P1 at most.
void Commands::operator()(const SetUrgency& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  of_his_house(*exam);
  state(*exam, everything & ~over, {E::wrong_state});
  const bool steers = role() == Role::regulator || role() == Role::duty_head;
  const Urgency wanted = steers ? c.urgency : std::max(c.urgency, Urgency::p1);
  must(steers || !exam->urgency_known || wanted <= exam->urgency, {E::bad_value}, "wrong_answer",
       "a hospital's urgency only rises");
  may(!steers && !exam->urgency_known, {E::bad_value});
  if (done()) m.set_urgency(id_, *exam, wanted, true);
}

void Commands::operator()(const Hold& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  state(*exam, everything & ~over, {E::wrong_state});
  const bool head = role() == Role::duty_head;
  must(head || (exam->may & ~his_to_read) != 0, {E::wrong_state}, "wrong_answer",
       "a reader is not interrupted by a regulator");
  may(!head && (exam->may & his_to_read) != 0, {E::wrong_state});
  if (!done()) return;
  const bool again = (exam->may & bit(S::held)) != 0;
  const States stages = exam->may & ~over & ~(head ? 0u : his_to_read);
  exam->from = goes_on_from(stages & bit(S::suspended) ? stages | bit(S::reading) : stages) |
               (again ? exam->from : 0);
  out_of_regulation(c.exam, *exam);
  m.leave_hand(c.exam, *exam);
  set(c.exam, *exam, bit(S::held));
}

void Commands::operator()(const Resume& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  const bool reader = role() == Role::reader;
  state(*exam, bit(reader ? S::suspended : S::held), {E::wrong_state, E::not_holder});
  if (!reader) {
    if (!done()) return;
    States to = exam->from;
    exam->trail |= to;
    const bool imaged = exam->images_maybe && (to & bits(S::protocolled, S::acquiring)) != 0;
    if (imaged || (to & bit(S::ready)) != 0) to |= m.ready_states();
    return set(c.exam, *exam, to);
  }
  must(exam->holder == p.session || !m.sharp_, {E::not_holder, E::wrong_state}, "two_holders",
       "another set it aside");
  for (const ExamId other : m.sessions_[p.session].hand) {
    const Exam& had = m.exams_[other];
    const States in_hand = held | bit(S::offered);
    if (other == c.exam || had.holder != p.session) continue;
    must((had.may & ~in_hand) != 0 || !m.sharp_, {E::busy_reader});
    may((had.may & in_hand) != 0, {E::busy_reader});
  }
  if (!done() || m.sharp_) return;  // that he has it again is shown
  exam->epoch = {0, m.index_.value};
  set(c.exam, *exam, bit(S::reading));
}

void Commands::operator()(const TakeOver& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  const States unseen = m.sharp_ ? 0 : bit(S::ready);
  state(*exam, his_to_read | bit(S::offered) | unseen, {E::wrong_state});
  if (done()) m.back_to_queue(c.exam, *exam);
}

void Commands::operator()(const Direct& c) {
  for (auto& [id, s] : m.sessions_) {
    if (s.person == c.reader) s.mode_known = false;  // a resting one is called
  }
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  must(m.directory_.person(c.reader) || m.directory_.version == 0, {E::unknown_person});
  state(*exam, waits | bits(S::protocolled, S::acquiring), {E::wrong_state});
  may(true, {E::not_eligible});
  if (!done()) return;
  exam->reserved = true;
  if ((exam->may & bit(S::offered)) != 0) m.back_to_queue(c.exam, *exam);
}

void Commands::operator()(const Pin& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  state(*exam, everything & ~over, {E::wrong_state});
  if (!done()) return;
  exam->pinned = c.on;
}

void Commands::operator()(const AnswerCancel& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  reasoned(c.reason);
  const bool asks = exam->wish && m.at_ < exam->wish + m.directory_.rules.cancel_answer;
  must(asks || exam->wish_maybe, {E::wrong_state}, "wrong_answer", "no hospital asks for it");
  may(exam->wish_maybe, {E::wrong_state});
  may((exam->may & over) != 0, {E::wrong_state, E::unknown_exam});
  const bool read = (exam->may & ~his_to_read) == 0, maybe_read = (exam->may & his_to_read) != 0;
  const bool reader = role() == Role::reader;
  if (role() != Role::duty_head) {
    const bool his = exam->holder == p.session || !m.sharp_;
    must(reader ? maybe_read && his : !read, {E::not_holder}, "two_holders",
         "who holds it answers");
    may(reader ? !read : maybe_read, {E::not_holder});
  }
  if (!done()) return;
  exam->wish = {};
  exam->wish_maybe = false;
  if (c.granted) cancelled(c.exam, *exam);
}

}  // namespace vigie::linear
