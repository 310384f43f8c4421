#include "tests/verify/linear/model.hpp"

#include <algorithm>

#include "messages/types/exam_number.hpp"
#include "messages/types/limits.hpp"
#include "tests/verify/linear/commands.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;

std::string codes_of(const std::set<Errc>& codes) {
  std::string out;
  for (const Errc code : codes) out += (out.empty() ? "" : "|") + std::string{errc_name(code)};
  return out;
}
}  // namespace

Prediction Model::apply(const Committed& entry, const Evidence& seen) {
  for (const ExamId id : touched_) exams_[id].trail = exams_[id].may;
  touched_.clear();
  taken_before_.clear();
  by_command_ = 0;
  hours_before_.reset();
  index_ = entry.index;
  Prediction out;
  if (entry.proposal) {
    if (entry.at < at_) fault("history", "federation time goes back", {});
    at_ = std::max(at_, entry.at);
    const Proposal& p = *entry.proposal;
    const Tick* tick = std::get_if<Tick>(&p.command);
    if (tick && tick->new_leader && !p.session) restart_offers();
    fire_deadlines();
    follow_duty();
    by_command_ = touched_.size();
    if (numbered(p, seen.answer, out)) {
      take_before(p, seen.given);
      Commands commands{*this, p, seen.answer, out};
      commands.run();
    }
    follow_duty();
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
  for (const Given& given : seen.given) {
    if (!taken_before_.contains(given.exam)) take_given(given, seen.given);
  }
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

bool Model::may_exist(ExamId id) const {
  if (exams_.contains(id)) return true;
  const auto door = doors_.find(door_of(id));
  if (door == doors_.end()) return false;
  const std::uint64_t number = sequence_of(id);
  const auto& gaps = door->second.gaps;
  const std::uint64_t last = door->second.last;
  return (number > last && number <= last + door->second.maybe) ||
         std::any_of(gaps.begin(), gaps.end(),
                     [&](const auto& gap) { return gap.first <= number && number <= gap.second; });
}

bool Model::may_be(ExamId id, ExamState state) const {
  const Exam* known = exam(id);
  return known ? (known->may & bit(state)) != 0 : may_exist(id);
}

/// The exam, also one of which nobody knows whose it is.
Model::Exam* Model::find(ExamId id) {
  const auto found = exams_.find(id);
  if (found != exams_.end()) return &found->second;
  if (!may_exist(id)) return nullptr;
  Exam& stranger = exams_[id];
  blur(id, stranger);
  return &stranger;
}

void Model::blur(ExamId id, Exam& exam) {
  waiting_.erase({exam.urgency, exam.received, id});
  exam.blurred = true;
  exam.urgency_known = false;
  exam.may = exam.trail = everything;
  for (const ExamId one : exam.children) {  // they end with it
    Exam& child = exams_[one];
    if (!child.blurred && !is_over(one)) blur(one, child);
  }
}

void Model::blur_hand(Session& session) {
  for (const ExamId id : session.hand) blur(id, exams_[id]);
}

/// It may have been joined to another exam.
void Model::blur_named_order(const OrderKey& key) {
  Order& order = orders_[key];
  if (order.exam) blur(order.exam, exams_[order.exam]);
  order.known = false;
}

/// It may have been done or not, whatever it is.
void Model::blur_named(const Proposal& p) {
  const Said said = said_by(p.command);
  if (said.exam) {
    if (Exam* exam = find(said.exam)) blur(said.exam, *exam);
  }
  if (std::holds_alternative<AskRead>(p.command)) ++doors_[p.door].maybe;
  if (std::holds_alternative<TakeDuty>(p.command) || std::holds_alternative<OfferDuty>(p.command)) {
    duties_.clear();
  }
  if (const auto* found = std::get_if<AddFinding>(&p.command)) {
    raises_[found->engine].unsure_until = at_ + 1_h;
  }
  if (const auto* site = std::get_if<SetSite>(&p.command)) {
    closed_[site->site] = std::max(closed_[site->site], site->closed_posts);
  }
  if (const auto* away = std::get_if<SetAway>(&p.command)) {
    for (auto& [id, s] : sessions_) {
      if (s.person == away->reader) s.mode_known = false, blur_hand(s);
    }
  }
  if (const auto* link = std::get_if<LinkOrder>(&p.command)) blur_named_order(link->key);
  if (std::holds_alternative<ClockCorrection>(p.command)) utc_offset_.reset();
  directory_followed_ &= !std::holds_alternative<SetShift>(p.command) &&
                         !std::holds_alternative<ApplyDirectory>(p.command) &&
                         !std::holds_alternative<ChangeSite>(p.command);
  for (const OrderKey& key : said.orders) {
    const auto order = orders_.find(key);
    if (order != orders_.end() && order->second.exam) {
      blur(order->second.exam, exams_[order->second.exam]);
    }
  }
  if (!std::holds_alternative<Submit>(p.command)) return;
  doors_[p.door].maybe += said.orders.size();
  for (const OrderKey& key : said.orders) orders_[key] = {{}, {}, {}, false};
}

/// An exam that waits may have been offered at once to somebody, if not every offer was seen.
States Model::ready_states() const {
  return sharp_ ? bit(S::ready) : bits(S::ready, S::offered, S::reading);
}

void Model::go(ExamId id, Exam& exam, States to) {
  if (exam.blurred) return;
  const bool waited = (exam.may & bit(S::ready)) != 0;
  exam.may = to;
  exam.trail = static_cast<States>(exam.trail | to);
  touched_.push_back(id);
  const bool waiting = (to & bit(S::ready)) != 0;
  if (waiting && !waited) exam.ready = at_;
  if (waiting) note_relaxed(exam);
  const auto place = std::tuple{exam.urgency, exam.received, id};
  if (waiting) {
    waiting_.insert(place);
  } else {
    waiting_.erase(place);
  }
}

/// Nobody has it in hand any more.
void Model::leave_hand(ExamId id, Exam& exam) {
  const auto holder = sessions_.find(exam.holder);
  if ((exam.may & his_to_read) != 0) {  // it may have been: then nobody knows who was the last
    exam.last_reader_known = (exam.may & ~his_to_read) == 0 && holder != sessions_.end();
    if (exam.last_reader_known) exam.last_reader = holder->second.person;
  }
  if (holder != sessions_.end()) {
    exam.shunned.insert(holder->second.person);
    holder->second.hand.erase(id);
  }
  exam.holder = {};
}

/// T13, T14: it waits again.
void Model::back_to_queue(ExamId id, Exam& exam) {
  leave_hand(id, exam);
  exam.trail |= bit(S::ready);
  go(id, exam, ready_states());
}

void Model::set_urgency(ExamId id, Exam& exam, Urgency urgency, bool known) {
  waiting_.erase({exam.urgency, exam.received, id});
  exam.offer_unsure |= exam.urgency != urgency;
  exam.urgency = urgency;
  exam.urgency_known = known;
  if ((exam.may & bit(S::ready)) == 0) return;
  waiting_.insert({exam.urgency, exam.received, id});
  note_relaxed(exam);
}

bool Model::is_over(ExamId id) const {
  const Exam* found = exam(id);
  return found && !found->blurred && (found->may & ~(signed_off | ended)) == 0;
}

bool Model::may_be_over(ExamId id) const {
  const Exam* found = exam(id);
  return !found || found->blurred || (found->may & (signed_off | ended)) != 0;
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

/// AWAY, after an offer that he did not take: nor does he read what he had set aside for it.
void Model::give_up_aside(Session& session, bool surely) {
  session.mode_known = false;
  const std::set<ExamId> hand = session.hand;
  for (const ExamId id : hand) {
    Exam& exam = exams_[id];
    if (!exam.is(S::suspended)) continue;
    surely ? back_to_queue(id, exam) : go(id, exam, exam.may | ready_states());
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
      const bool known = exam.urgency_known && !exam.offer_unsure;
      if (exam.offered_at + std::max(limit, known ? limit : rules.offer_timeout) <= at_) {
        const auto away = sessions_.find(exam.holder);
        back_to_queue(id, exam);
        if (away != sessions_.end()) give_up_aside(away->second, true);
      } else if (!known && exam.offered_at + rules.offer_timeout_p0 <= at_) {
        go(id, exam, static_cast<States>(exam.may | ready_states()));
        const auto away = sessions_.find(exam.holder);
        if (away != sessions_.end()) give_up_aside(away->second, false);
      }
    } else if (exam.quiet_since && (exam.may & bit(S::acquiring)) != 0) {
      go(id, exam, static_cast<States>(exam.may | ready_states()));  // T10
    } else if ((exam.may & bit(S::delivered)) != 0 && exam.delivered + rules.close_after <= at_) {
      go(id, exam, static_cast<States>(exam.may | bit(S::closed)));
    }
  }
}

/// R1: who regulates at one post of a centre.
bool Model::is_one_unit(SessionId a, SessionId b) const {
  const auto one = sessions_.find(a), other = sessions_.find(b);
  if (a == b || one == sessions_.end() || other == sessions_.end()) return a == b;
  const auto regulates = [](const Session& s) {
    return s.role == Role::regulator || s.role == Role::assistant;
  };
  const Session &x = one->second, &y = other->second;
  return regulates(x) && regulates(y) && x.site && x.site == y.site && !x.post.empty() &&
         x.post == y.post;
}

/// Another of its unit, alive; 0: none.
SessionId Model::pair_of(SessionId session) const {
  SessionId found;
  for (const auto& [id, s] : sessions_) {
    if (id != session && s.alive && is_one_unit(id, session)) found = id;
  }
  return found;
}

/// What a session had in hand goes back to where it came from.
void Model::drop_hand(SessionId id, Session& session, bool readings) {
  const std::set<ExamId> hand = session.hand;
  for (const ExamId one : hand) {
    Exam& exam = exams_[one];
    if (exam.blurred) {
      session.hand.erase(one);
    } else if (const SessionId pair = pair_of(id); exam.claimer == id && readings && pair) {
      exam.claimer = pair;
      sessions_[pair].hand.insert(one);
      session.hand.erase(one);
    } else if (exam.claimer == id && readings) {
      exam.claimer = {};
      const bool asked = (exam.may & bit(S::needs_info)) != 0;
      go(one, exam, asked ? bits(S::needs_info, S::requested) : bit(S::requested));
      session.hand.erase(one);
    } else if (exam.holder == id && (readings || (exam.may & his_to_read) == 0)) {
      back_to_queue(one, exam);
    } else if (exam.holder == id && (exam.may & bit(S::offered)) != 0) {
      go(one, exam, static_cast<States>(exam.may | ready_states()));
    }
  }
}

void Model::end_session(SessionId id, Session& session) {
  drop_hand(id, session, true);
  session.alive = false;
  session.mode_known = false;
}

/// D6 and D7: sessions, incarnations, numbers. @return true if the command is to be looked at.
bool Model::numbered(const Proposal& p, const Answer* seen, Prediction& out) {
  if (!p.session || std::holds_alternative<Attach>(p.command)) return true;
  out.predicted = true;
  const auto found = sessions_.find(p.session);
  if (found == sessions_.end()) {
    out.must = {Errc::no_session};
    return false;
  }
  Session& s = found->second;
  if (s.blurred) return numbered_blurred(p, seen, s, out);
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
    if (past == s.past.end() && p.request < s.past_from) {
      out.predicted = false;
    } else if (past == s.past.end()) {
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

/// A request of a session of which nobody knows how it stands: only its answer tells.
bool Model::numbered_blurred(const Proposal& p, const Answer* seen, Session& s, Prediction& out) {
  out.predicted = false;
  if (!seen) {
    if (!std::holds_alternative<Submit>(p.command)) blur_hand(s);
    s.mode_known = false;
    blur_named(p);
    return false;
  }
  const bool refused = seen->code == Errc::retry_from || seen->code == Errc::superseded ||
                       seen->code == Errc::no_session || seen->code == Errc::old_request ||
                       seen->code == Errc::request_reused;
  if (refused) return false;
  s.blurred = false;
  s.alive = true;
  s.incarnation = p.incarnation;
  s.last = s.past_from = p.request;
  s.past = {{p.request, {p.content_hash, index_}}};
  return true;
}

}  // namespace vigie::linear
