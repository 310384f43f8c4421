#include "tests/verify/linear/model.hpp"

#include <algorithm>

#include "messages/types/exam_number.hpp"
#include "messages/types/limits.hpp"
#include "tests/verify/linear/commands.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;

std::string names_of(States states) {
  std::string out;
  for (int i = 0; i < exam_state_count; ++i) {
    const auto state = static_cast<S>(i);
    if ((states & bit(state)) != 0) out += (out.empty() ? "" : "|") + std::string{name_of(state)};
  }
  return out;
}
std::string codes_of(const std::set<Errc>& codes) {
  std::string out;
  for (const Errc code : codes) out += (out.empty() ? "" : "|") + std::string{errc_name(code)};
  return out;
}
/// Events after which their exam stays as they show it, unless it is given to somebody at once.
bool is_last_word(EventKind kind) {
  switch (kind) {
    case EventKind::exam_ready:
    case EventKind::exam_cancelled:
    case EventKind::exam_refused:
    case EventKind::info_requested:
    case EventKind::info_provided:
    case EventKind::read_declined:
    case EventKind::offer_expired:
    case EventKind::offer_withdrawn:
    case EventKind::read_released:
    case EventKind::lease_expired:
    case EventKind::exam_delivered:
    case EventKind::exam_closed:
      return true;
    default:
      return false;
  }
}

/// How many exams that wait are looked at for each that is given (I13).
constexpr int looked_at = 64;

}  // namespace

Prediction Model::apply(const Committed& entry, const Evidence& seen) {
  for (const ExamId id : touched_) exams_[id].trail = exams_[id].may;
  touched_.clear();
  index_ = entry.index;
  Prediction out;
  if (entry.proposal) {
    if (entry.at < at_) fault("history", "federation time goes back", {});
    at_ = std::max(at_, entry.at);
    const Proposal& p = *entry.proposal;
    const Tick* tick = std::get_if<Tick>(&p.command);
    if (tick && tick->new_leader && !p.session) restart_offers();
    fire_deadlines();
    if (numbered(p, out)) {
      Commands commands{*this, p, seen.answer, out};
      commands.run();
    }
    if (seen.answer && out.predicted && !out.allows(seen.answer->code)) {
      const bool ok = seen.answer->code == Errc::ok;
      fault(ok ? out.kind : std::string_view{"wrong_answer"},
            std::string{name_of(p.command)} + " was answered " +
                std::string{errc_name(seen.answer->code)} + ", and should have been " +
                (out.must.empty() ? "ok" : codes_of(out.must)) +
                (out.why.empty() ? "" : ": " + out.why),
            said_by(p.command).exam);
    }
  }
  for (const Given& given : seen.given) take_given(given);
  take_shown(seen.shown, seen.given);
  return out;
}

void Model::fault(std::string_view kind, std::string what, ExamId exam) {
  faults_.push_back({std::string{kind}, std::move(what), {}, index_, exam});
}

const Model::Exam* Model::exam(ExamId id) const {
  const auto found = exams_.find(id);
  return found == exams_.end() ? nullptr : &found->second;
}

bool Model::may_be(ExamId id, ExamState state) const {
  const Exam* known = exam(id);
  return known && (known->may & bit(state)) != 0;
}

/// An exam that waits may have been offered at once to somebody, if not every offer was seen.
States Model::ready_states() const {
  return sharp_ ? bit(S::ready) : bits(S::ready, S::offered, S::reading);
}

void Model::go(ExamId id, Exam& exam, States to) {
  const bool waited = (exam.may & bit(S::ready)) != 0;
  exam.may = to;
  exam.trail = static_cast<States>(exam.trail | to);
  touched_.push_back(id);
  const bool waiting = (to & bit(S::ready)) != 0;
  if (waiting && !waited) exam.ready = at_;
  const auto place = std::tuple{exam.urgency, exam.received, id};
  if (waiting) {
    waiting_.insert(place);
  } else {
    waiting_.erase(place);
  }
}

/// T13, T14: it waits again, and nobody has it.
void Model::back_to_queue(ExamId id, Exam& exam) {
  const auto holder = sessions_.find(exam.holder);
  if (holder != sessions_.end()) {
    exam.last_reader = holder->second.person;
    exam.shunned.insert(holder->second.person);
    holder->second.hand.erase(id);
  }
  exam.holder = {};
  exam.trail = static_cast<States>(exam.trail | bit(S::ready));
  go(id, exam, ready_states());
}

/// D8: at a term's start, and after a stall, offers run anew before anything is due.
void Model::restart_offers() {
  for (auto& [id, exam] : exams_) {
    if ((exam.may & bit(S::offered)) == 0) continue;
    exam.offered_at = at_;
    due_.emplace(at_ + directory_.rules.offer_timeout_p0, id);
    due_.emplace(at_ + directory_.rules.offer_timeout, id);
  }
}

/// D3: each entry first fires the deadlines that are not after its stamp.
void Model::fire_deadlines() {
  while (!due_.empty() && due_.begin()->first <= at_) {
    const ExamId id = due_.begin()->second;
    due_.erase(due_.begin());
    Exam& exam = exams_[id];
    const Rules& rules = directory_.rules;
    if (exam.is(S::in_regulation) && exam.claimed_until <= at_) {
      if (const auto s = sessions_.find(exam.claimer); s != sessions_.end()) {
        s->second.hand.erase(id);
      }
      exam.claimer = {};
      go(id, exam, bit(S::requested));
    } else if (exam.is(S::offered)) {
      const Millis limit =
          exam.urgency == Urgency::p0 ? rules.offer_timeout_p0 : rules.offer_timeout;
      if (exam.offered_at + std::max(limit, exam.urgency_known ? limit : rules.offer_timeout) <=
          at_) {
        if (const auto s = sessions_.find(exam.holder); s != sessions_.end()) {
          s->second.mode_known = false;  // AWAY
        }
        back_to_queue(id, exam);
      } else if (!exam.urgency_known && exam.offered_at + rules.offer_timeout_p0 <= at_) {
        go(id, exam, static_cast<States>(exam.may | ready_states()));
      }
    } else if ((exam.may & bit(S::delivered)) != 0 && exam.delivered + rules.close_after <= at_) {
      go(id, exam, static_cast<States>(exam.may | bit(S::closed)));
    }
  }
}

/// What a session had in hand goes back to where it came from.
void Model::drop_hand(SessionId id, Session& session, bool readings) {
  const std::set<ExamId> hand = session.hand;
  for (const ExamId one : hand) {
    Exam& exam = exams_[one];
    if (exam.claimer == id && readings) {
      exam.claimer = {};
      const bool asked = (exam.may & bit(S::needs_info)) != 0;
      go(one, exam, asked ? bits(S::needs_info, S::requested) : bit(S::requested));
      session.hand.erase(one);
    } else if (exam.holder == id && (readings || (exam.may & held) == 0)) {
      back_to_queue(one, exam);
    }
  }
}

void Model::end_session(SessionId id, Session& session) {
  drop_hand(id, session, true);
  session.alive = false;
  session.mode_known = false;
}

/// D6 and D7: sessions, incarnations, numbers. @return true if the command is to be looked at.
bool Model::numbered(const Proposal& p, Prediction& out) {
  if (!p.session || std::holds_alternative<Attach>(p.command)) return true;
  out.predicted = true;
  const auto found = sessions_.find(p.session);
  if (found == sessions_.end()) {
    out.must = {Errc::no_session};
    return false;
  }
  Session& s = found->second;
  const bool of_now = s.incarnation == p.incarnation;
  const auto past = s.past.find(p.request);
  if (!s.alive || !of_now) {
    out.must = {of_now ? Errc::no_session : Errc::superseded};
    if (!s.alive || s.incarnation < p.incarnation) out.must.insert(Errc::no_session);
    if (of_now && past != s.past.end()) out.predicted = false;  // a detach, asked for again
    out.why = s.alive ? "it has another incarnation" : "the session has ended";
    return false;
  }
  if (p.request > next(s.last)) {
    out.must = {Errc::retry_from};
    out.next = next(s.last);
    out.why = "the next number is " + std::to_string(next(s.last).value);
    return false;
  }
  if (p.request <= s.last) {
    out.kind = "double_effect";
    out.why = "the number had been used";
    if (past == s.past.end()) {
      out.must = {Errc::old_request};
    } else if (past->second.hash != p.content_hash) {
      out.must = {Errc::request_reused};
    } else {
      out.predicted = false;  // whatever it was answered then
      out.duplicate_of = past->second.index;
    }
    return false;
  }
  s.last = p.request;
  s.past[p.request] = {p.content_hash, index_};
  if (s.past.size() > limits::answers_remembered) s.past.erase(s.past.begin());
  return true;
}

/// T11 as it was seen to happen; was it allowed?
void Model::take_given(const Given& given) {
  const auto found = exams_.find(given.exam);
  if (found == exams_.end()) {
    if (given.certain) fault("wrong_event", "an exam that does not exist was given", given.exam);
    return;
  }
  Exam& exam = found->second;
  ++assignments_;
  const States possible = bits(S::ready, S::offered, S::reading);
  const bool free = (exam.trail & bit(S::ready)) != 0 || (!sharp_ && (exam.trail & possible) != 0);
  if (!free) {
    const bool his = (exam.may & bits(S::offered, S::reading, S::preliminary)) != 0 &&
                     exam.holder && exam.holder != given.session;
    if (given.certain) {
      fault(his ? "two_holders" : "bad_assignment",
            "given while it is " + names_of(exam.may) +
                (his ? " in the hand of session " + to_hex({0, exam.holder.value}).substr(16)
                     : std::string{}),
            given.exam);
    }
    return;
  }
  const auto reader = sessions_.find(given.session);
  if (reader != sessions_.end()) {
    check_reader(given, exam, reader->second);
    if (sharp_) check_order(given, exam, reader->second);
    reader->second.hand.insert(given.exam);
    exam.held_by.insert(reader->second.person);
  } else if (given.session) {
    fault("bad_assignment", "given to a session that does not exist", given.exam);
  }
  exam.holder = given.session;
  exam.epoch = {0, index_.value};
  exam.offered_at = at_;
  const bool automatic = given.at_once || (reader != sessions_.end() && reader->second.automatic);
  exam.trail = static_cast<States>(exam.trail | bit(S::offered));
  go(given.exam, exam, automatic ? bit(S::reading) : bit(S::offered));
  for (const Millis limit : {directory_.rules.offer_timeout_p0, directory_.rules.offer_timeout}) {
    due_.emplace(at_ + limit, given.exam);
  }
}

/// The hard filters (domain §5.5), as far as the words say them.
void Model::check_reader(const Given& given, const Exam& exam, const Session& reader) {
  const auto bad = [&](const std::string& why) { fault("bad_assignment", why, given.exam); };
  if (reader.role != Role::reader || !reader.alive) return bad("given to who is no reader here");
  for (const ExamId other : reader.hand) {
    const Exam& had = exams_[other];
    if (other == given.exam || had.holder != given.session) continue;
    if ((had.may & ~bits(S::offered, S::reading, S::preliminary)) == 0) {
      bad("given to a reader who has exam " + std::to_string(other.value) + " in hand");
    }
  }
  if (reader.mode_known && reader.mode != ReaderMode::free)
    bad("given to a reader who is not free");
  if (unreachable_.contains(reader.door)) bad("given to a reader at a centre out of reach");
  const Person* person = directory_.person(reader.person);
  if (!person) return;
  const bool modality = exam.request.modality == Modality::unknown ||
                        person->modalities.contains(exam.request.modality);
  if (!modality) bad("given to a reader who does not read this modality");
  const auto reads_for = [&](GroupId id) {
    const ProviderGroup* group = directory_.group(id);
    return group &&
           std::find(group->sites.begin(), group->sites.end(), reader.site) != group->sites.end();
  };
  if (exam.group && !reads_for(exam.group) && !(exam.overflow && reads_for(exam.overflow))) {
    bad("given to a reader outside the agreement");
  }
}

bool Model::surely_eligible(const Exam& exam, const Session& reader) const {
  const Person* person = directory_.person(reader.person);
  const ProviderGroup* group = directory_.group(exam.group);
  if (!person || !group || !exam.protocol || !exam.is(S::ready)) return false;
  const bool here =
      std::find(group->sites.begin(), group->sites.end(), reader.site) != group->sites.end();
  const bool age =
      exam.request.age_class == AgeClass::adult || person->skills.contains(Skill::paediatric);
  return here && age && person->modalities.contains(exam.request.modality) &&
         person->skills.contains(exam.protocol->skill) && !exam.shunned.contains(person->id) &&
         exam.urgency_known;
}

/// I13: nobody who waits longer and is at least as urgent is passed over. Deadlines of P2 against
/// P3 are left out: the words give two ways to count them.
void Model::check_order(const Given& given, const Exam& exam, const Session& reader) {
  if (exam.request.patient_key || !exam.urgency_known)
    return;  // may go where the patient's others went
  int looked = 0;
  for (const auto& [urgency, received, id] : waiting_) {
    if (++looked > looked_at || urgency > exam.urgency) return;
    const Exam& other = exams_[id];
    if (id == given.exam || other.request.patient_key || !surely_eligible(other, reader)) continue;
    const bool class_first = urgency < exam.urgency && urgency <= Urgency::p1;
    const bool longer = urgency == exam.urgency && other.received < exam.received &&
                        other.first_image < exam.first_image && other.ready < exam.ready;
    if (!class_first && !longer) continue;
    return fault("bad_assignment",
                 "given before exam " + std::to_string(id.value) + ", which goes first",
                 given.exam);
  }
}

/// What clients were shown of this entry must be a state that the exam was in; and narrows it.
void Model::take_shown(const std::vector<const Shown*>& shown, const std::vector<Given>& given) {
  std::map<ExamId, States> states;
  for (const Shown* one : shown) {
    const Event& e = one->event;
    const auto found = exams_.find(e.exam);
    if (!e.exam) continue;
    if (found == exams_.end()) {
      fault("wrong_event", std::string{name_of(e.kind)} + " of an exam that does not exist",
            e.exam);
      faults_.back().where = one->where;
      continue;
    }
    const Exam& exam = found->second;
    if (e.state != S::none && (exam.trail & bit(e.state)) == 0) {
      fault(one->view ? "stale_read" : "wrong_event",
            std::string{name_of(e.kind)} + " shows " + std::string{name_of(e.state)} +
                ", and it is " + names_of(exam.trail),
            e.exam);
      faults_.back().where = one->where;
    } else if (!one->view && is_last_word(e.kind)) {
      states[e.exam] = static_cast<States>(states[e.exam] | bit(e.state));
    }
  }
  for (const auto& [id, seen] : states) {
    const bool assigned =
        std::any_of(given.begin(), given.end(), [id = id](const Given& g) { return g.exam == id; });
    const States both = static_cast<States>(exams_[id].may & seen);
    const bool queued = (both & bit(S::ready)) != 0;
    if (!assigned && both != 0 && (!queued || sharp_)) go(id, exams_[id], both);
  }
}

}  // namespace vigie::linear
