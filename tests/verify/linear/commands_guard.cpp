// The commands about the guard: who has its duty, how a centre works, what a guard's end leaves
// unread, what engines say (domain R3, R4, O17, A1).
#include <algorithm>

#include "messages/types/limits.hpp"
#include "tests/verify/linear/commands.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;
using E = Errc;
using Duty = Model::Duty;
using Sure = Model::Sure;

constexpr States over = signed_off | ended;

bool is_name(std::string_view text) { return text.size() <= limits::name_bytes; }

}  // namespace

bool Commands::is_duty_head(PersonId person) const {
  const Person* found = m.directory_.person(person);
  return found && found->roles.contains(Role::duty_head);
}

// The duty.

std::set<Errc> Commands::taken(const Duty& duty, const TakeDuty& c) const {
  if (c.number != duty.number) return {E::stale};
  if (c.seen.size() > limits::hand_over_count) return {E::too_large};
  if (c.deputy && (c.deputy == who() || !is_duty_head(c.deputy))) return {E::bad_value};
  if (duty.head == who()) return {E::ok};
  const Sure free = duty.head ? m.is_lost_for_long(duty) : Sure::yes;
  if (free == Sure::yes) return {E::ok};
  std::set<Errc> codes;
  if (duty.offered_to != who()) {
    codes.insert(E::not_holder);
  } else {
    const Sure all = m.has_seen_all(duty, c.seen);
    if (all != Sure::yes) codes.insert(E::bad_value);
    if (all != Sure::no) codes.insert(E::ok);
  }
  if (free == Sure::perhaps) codes.insert(E::ok);
  return codes;
}

void Commands::operator()(const TakeDuty& c) {
  if (m.duties_.empty()) {  // whoever is answered knew its number
    out.predicted = false;
    if (!seen || seen->code != E::ok) return;
    return m.keep_duties({{who(), c.deputy, {}, c.number, {}, {}, {}},
                          {who(), c.deputy, {}, c.number + 1, {}, {}, {}}});
  }
  const bool refused = !out.must.empty();
  Model::Duties after;
  std::set<Errc> codes;
  for (const Duty& duty : m.duties_) {
    const std::set<Errc> here = taken(duty, c);
    codes.insert(here.begin(), here.end());
    for (const E code : here) {
      if (seen && seen->code != code) continue;
      if (code != E::ok || (refused && !seen)) {
        after.push_back(duty);
      } else if (duty.head == who()) {
        after.push_back(duty);
        after.back().deputy = c.deputy;
      } else {
        after.push_back({who(), c.deputy, {}, duty.number + 1, {}, {}, {}});
      }
    }
  }
  const bool ok = codes.erase(E::ok) > 0;
  for (const E code : codes) {
    must(ok, {code}, "two_heads", "the duty is not his to take so");
    may(ok, {code});
  }
  const bool told = seen && (seen->code == E::ok || codes.contains(seen->code));
  if (after.empty() && told) return m.duties_.clear();
  if (!after.empty()) m.keep_duties(std::move(after));
}

void Commands::operator()(const OfferDuty& c) {
  const bool fine = c.to != who() && (!c.to || is_duty_head(c.to));
  must(fine, {E::bad_value, E::stale});
  const auto is_his = [&](const Duty& duty) {
    return duty.head == who() && duty.number == c.number;
  };
  const auto count = [&](const auto& wanted) {
    return std::count_if(m.duties_.begin(), m.duties_.end(), wanted);
  };
  if (m.duties_.empty()) {
    may(true, {E::stale});
    return;
  }
  must(count(is_his) > 0, {E::stale, E::unauthorised}, "two_heads", "it is another duty");
  may(static_cast<std::size_t>(count(is_his)) < m.duties_.size(), {E::stale, E::unauthorised});
  const bool may_be_done = seen ? seen->code == E::ok : out.must.empty();
  if (!may_be_done) return;
  Model::Duties after;
  for (const Duty& duty : m.duties_) {
    const bool done = is_his(duty);
    if (done ? !seen && undecided() : !seen) after.push_back(duty);
    if (!done) continue;
    after.push_back(duty);
    after.back().offered_to = c.to;
    after.back().offered_at = m.at_;
  }
  m.keep_duties(std::move(after));
}

// How a centre works.

bool Commands::may_steer(SiteId site) const {
  if (role() == Role::duty_head) return true;
  const Person* person = m.directory_.person(who());
  return person && person->site == site;
}

void Commands::operator()(const SetSite& c) {
  const Site* site = m.directory_.site(c.site);
  must(site, {E::bad_value});
  must(!site || may_steer(c.site), {E::unauthorised}, "wrong_answer", "it is another's centre");
  reasoned(c.reason);
  must(!site || c.closed_posts <= site->posts, {E::bad_value});
  std::uint16_t& closed = m.closed_[c.site];
  if (seen ? seen->code == E::ok : out.must.empty()) {
    closed = undecided() ? std::max(closed, c.closed_posts) : c.closed_posts;
  }
}

void Commands::operator()(const SetAway& c) {
  reasoned(c.reason);
  std::vector<SessionId> his;
  bool known = true;
  for (const auto& [id, s] : m.sessions_) {
    known &= !s.blurred || (s.person != c.reader && s.role != Role::none);
    if (s.person == c.reader && s.role == Role::reader && s.alive) his.push_back(id);
  }
  must(!known || !his.empty(), {E::not_found}, "wrong_answer", "he is not at his post");
  if (!known || his.size() != 1) {
    out.predicted = false;
    for (auto& [id, s] : m.sessions_) {
      if (s.person == c.reader) s.mode_known = false, m.blur_hand(s);
    }
    return;
  }
  Model::Session& s = m.sessions_[his.front()];
  must(may_steer(s.site), {E::unauthorised}, "wrong_answer", "it is another's centre");
  const std::set<ExamId> hand = s.hand;
  for (const ExamId id : hand) {
    const Exam& exam = m.exams_[id];
    if (!exam.blurred && exam.holder != his.front() && m.sharp_) continue;
    must((exam.may & ~held) != 0, {E::busy_reader}, "wrong_answer", "a reader is not interrupted");
  }
  may(true, {E::busy_reader});  // what time gave him in this very entry is not known here
  if (seen ? seen->code != E::ok : !out.must.empty()) return;
  s.mode = ReaderMode::away;
  s.mode_known = !undecided();
  s.automatic = false;
  constexpr States not_begun = bits(S::offered, S::suspended);
  for (const ExamId id : hand) {  // an offer goes on to another, and what he had set aside
    Exam& exam = m.exams_[id];
    if (exam.blurred || exam.holder != his.front()) continue;
    if ((exam.may & ~not_begun) == 0 && !undecided()) {
      m.back_to_queue(id, exam);
    } else if ((exam.may & not_begun) != 0) {
      m.go(id, exam, static_cast<States>(exam.may | m.ready_states()));
    }
  }
}

/// O21: the roster as it stands becomes another.
void Commands::operator()(const SetShift& c) {
  reasoned(c.reason);
  for (const Shift& shift : {c.before, c.after}) {
    must(!shift.person || may_steer(shift.site), {E::unauthorised}, "wrong_answer",
         "it is another's centre");
  }
  Directory changed = m.directory_;
  const auto sound = change_roster(changed, c.before, c.after);
  if (!sound && m.directory_followed_) must(false, {sound.error().code});
  may(!m.directory_followed_, {E::stale, E::bad_value});
  if (seen ? seen->code != E::ok : !out.must.empty()) return;
  m.directory_followed_ &= !undecided();
  if (sound) m.take_directory(std::move(changed));
}

// The end of a guard.

bool Commands::is_to_hand_over(const Exam& exam) const {
  return exam.guard_until && exam.guard_until <= m.at_ && !exam.handed;
}

void Commands::operator()(const HandOver& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  of_his_house(*exam);
  reasoned(c.reason);
  must(!c.kept || role() != Role::requester, {E::unauthorised}, "wrong_answer",
       "the guard says what it keeps");
  state(*exam, everything & ~over, {E::wrong_state});
  must(is_to_hand_over(*exam), {E::wrong_state}, "wrong_answer", "it is not to be handed over");
  may(exam->handed_maybe, {E::wrong_state});
  must(c.kept || (exam->may & ~his_to_read) != 0, {E::wrong_state}, "wrong_answer",
       "what is being read is not given");
  may(!c.kept && (exam->may & his_to_read) != 0, {E::wrong_state});
  if (!done()) return;
  exam->handed = true;
  if (!c.kept) cancelled(id_, *exam);
}

// What engines say.

/// Up to its finding's ceiling, never down, and so often in an hour.
void Commands::raise(ExamId id, Exam& exam, const Engine& engine, const std::string& finding) {
  const Ceiling* ceiling = engine.ceiling(finding);
  if (!ceiling || (exam.may & ~over) == 0) return;
  if (exam.urgency_known && ceiling->urgency >= exam.urgency) return;
  Model::Raises& raises = m.raises_[engine.name];
  const bool fits = seen || exam.found.size() <= limits::findings_count;
  const bool sure = exam.urgency_known && (exam.may & over) == 0 && !undecided() && fits &&
                    raises.unsure_until <= m.at_;
  if (!sure) {
    raises.unsure_until = m.at_ + 1_h;
    return m.set_urgency(id, exam, std::min(exam.urgency, ceiling->urgency), false);
  }
  if (!raises.since || raises.since + 1_h <= m.at_) raises.since = m.at_, raises.count = 0;
  if (raises.count >= engine.raises_per_hour) return;
  ++raises.count;
  m.set_urgency(id, exam, ceiling->urgency, true);
}

void Commands::operator()(const AddFinding& c) {
  Exam* exam = named(c.exam);
  const Engine* engine = m.directory_.engine(c.engine);
  if (!exam) {
    if (!out.predicted) m.raises_[c.engine].unsure_until = m.at_ + 1_h;
    return;
  }
  of_his_house(*exam);
  must(engine, {E::bad_value});
  must(!c.version.empty() && is_name(c.version) && is_name(c.finding), {E::bad_value});
  state(*exam, everything & ~bits(S::refused, S::cancelled), {E::wrong_state});
  may((exam->may & ended) != 0, {E::unknown_exam, E::unknown_key_order});
  must(!exam->parent, {E::wrong_state}, "wrong_answer", "said of the exam itself");
  may(true, {E::limit_reached});
  const bool taken = seen ? seen->code == E::ok : out.must.empty();
  if (!taken || !engine) return;
  const bool again = !exam->found.emplace(c.engine, c.version, c.finding).second;
  if (!again) raise(id_, *exam, *engine, c.finding);
}

}  // namespace vigie::linear
