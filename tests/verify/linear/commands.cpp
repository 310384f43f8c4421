// What is common to all commands; those about sessions and the room.
#include "tests/verify/linear/commands.hpp"

#include <algorithm>

#include "messages/types/limits.hpp"
#include "messages/types/site_change.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;
using E = Errc;

/// messages/README.md, table of commands: who may. Empty: everyone.
std::vector<Role> roles_for(const Command& command) {
  const std::string_view name = name_of(command);
  using R = Role;
  if (name == "submit" || name == "amend") {
    return {R::requester, R::technologist, R::assistant, R::regulator, R::gateway};
  }
  if (name == "cancel") return {R::requester, R::regulator, R::duty_head, R::gateway};
  if (name == "claim" || name == "release_claim" || name == "ask_info") {
    return {R::regulator, R::assistant};
  }
  if (name == "provide_info") return {R::requester, R::technologist, R::assistant, R::gateway};
  if (name == "accept" || name == "refuse") return {R::regulator};
  if (name == "acquisition_started") return {R::technologist, R::assistant, R::gateway};
  if (name == "images_progress") return {R::technologist, R::gateway};
  if (name == "acquisition_complete") return {R::technologist, R::regulator, R::gateway};
  if (name == "set_reader" || name == "accept_offer" || name == "decline_offer" ||
      name == "release" || name == "preliminary" || name == "sign") {
    return {R::reader};
  }
  if (name == "revise_protocol") return {R::regulator};
  if (name == "ack_protocol") return {R::technologist, R::assistant, R::gateway};
  if (name == "set_urgency") {
    return {R::requester, R::technologist, R::gateway, R::regulator, R::duty_head};
  }
  if (name == "hold") return {R::regulator, R::duty_head};
  if (name == "resume") return {R::regulator, R::duty_head, R::reader};
  if (name == "suspend" || name == "want_images") return {R::reader};
  if (name == "take_over" || name == "direct" || name == "pin" || name == "bypass" ||
      name == "reopen") {
    return {R::duty_head};
  }
  if (name == "answer_cancel" || name == "tell_result") {
    return {R::regulator, R::reader, R::duty_head};
  }
  if (name == "revise_report") return {R::reader, R::duty_head};
  if (name == "ack_critical") {
    return {R::requester, R::technologist, R::gateway, R::assistant, R::regulator};
  }
  if (name == "close_task") {
    return {R::assistant, R::regulator, R::support, R::reader, R::duty_head};
  }
  if (name == "link_order") return {R::assistant, R::regulator};
  if (name == "ask_read") return {R::reader, R::regulator, R::duty_head, R::requester};
  if (name == "take_duty" || name == "offer_duty") return {R::duty_head};
  if (name == "hand_over") return {R::requester, R::regulator, R::duty_head};
  if (name == "add_finding") return {R::gateway};
  if (name == "set_site" || name == "set_away" || name == "set_shift") {
    return {R::site_lead, R::duty_head};
  }
  if (name == "settle_late") return {R::reader, R::duty_head};
  if (name == "change_site" || name == "set_level" || name == "apply_directory")
    return {R::administrator};
  if (name == "attach" || name == "detach" || name == "unknown") return {};
  return {R::node};
}

/// What only a leader says; one that was removed leads until another does.
bool is_leaders_duty(const Command& command) {
  return std::holds_alternative<Tick>(command) || std::holds_alternative<ExpireSession>(command) ||
         std::holds_alternative<SiteContact>(command) ||
         std::holds_alternative<Checkpoint>(command);
}

}  // namespace

void Commands::run() {
  out.predicted = true;
  const bool founding =
      m.directory_.version == 0 && std::holds_alternative<ApplyDirectory>(p.command);
  if (!std::holds_alternative<Attach>(p.command) && !founding) {
    p.session ? authorise() : authorise_node();
  }
  if (p.session || out.must.empty()) std::visit(*this, p.command);
}

/// The role may, and the person still has it.
void Commands::authorise() {
  const auto roles = roles_for(p.command);
  const Model::Session& s = m.sessions_.at(p.session);
  const bool may_role =
      roles.empty() || std::find(roles.begin(), roles.end(), s.role) != roles.end();
  must(may_role, {E::unauthorised}, "wrong_answer", "the role may not");
  may(s.key != p.key, {E::unauthorised});
  if (!m.directory_.keys.empty()) {
    const Key* key = m.directory_.key(p.key);
    const Person* person = m.directory_.person(s.person);
    must(key && !key->revoked, {E::unknown_key, E::unauthorised});
    must(person && person->roles.contains(s.role), {E::unauthorised});
  }
  const bool steers = !roles.empty() && !std::holds_alternative<TakeDuty>(p.command);
  if (s.role == Role::duty_head && steers) authorise_duty(s);
}

/// R3: of all who hold the role one has the duty, and its rights.
void Commands::authorise_duty(const Model::Session& s) {
  const bool undecided = !out.must.empty() || out.may.contains(E::unauthorised);
  const auto has = m.has_duty(s.person);
  must(has != Model::Sure::no, {E::unauthorised}, "two_heads", "he has not the duty");
  may(has == Model::Sure::perhaps, {E::unauthorised});
  if (!seen || undecided || seen->code == E::unknown_key) return;
  // A word that he may not revise a report, or of another house, is the same.
  const Person* person = m.directory_.person(s.person);
  const bool refused = seen->code == E::unauthorised;
  const bool otherwise =
      std::holds_alternative<ReviseReport>(p.command) || !person || person->establishment;
  if (refused && otherwise) return;
  m.has_duty_after_all(s.person, !refused);
}

/// What a node says counts only while it is a centre of the federation, or leads it still.
void Commands::authorise_node() {
  if (m.directory_.keys.empty()) return;
  const Key* key = m.directory_.key(p.key);
  const Site* site = m.directory_.site(p.door);
  must(key && !key->revoked && key->node == p.door, {E::unknown_key, E::unauthorised});
  must(site && (site->membership != Membership::removed || is_leaders_duty(p.command)),
       {E::unauthorised});
}

void Commands::must(bool holds, Codes codes, std::string_view kind, std::string_view why) {
  if (holds) return;
  if (out.must.empty()) {
    out.kind = kind;
    out.why = why;
  }
  out.must.insert(codes);
}

void Commands::may(bool undecided, Codes codes) {
  if (undecided) out.may.insert(codes);
}

void Commands::state(const Exam& exam, States wanted, Codes codes, std::string_view kind) {
  const bool gone = (exam.may & ended) != 0;
  if ((exam.may & wanted) == 0) {
    must(false, codes, kind, "the exam's state");
    if (gone) out.must.insert({E::unknown_exam, E::unknown_key_order});
  } else if ((exam.may & ~wanted) != 0) {
    may(true, codes);
    may(gone, {E::unknown_exam, E::unknown_key_order});
  }
}

Model::Exam* Commands::named(ExamId id) {
  id_ = id;
  Exam* found = m.find(id);
  if (found && !found->blurred) return found;
  if (found) {
    out.predicted = false;
  } else {
    must(false, {E::unknown_exam, E::unknown_key_order}, "wrong_answer", "there is no such exam");
  }
  return nullptr;
}

Model::Exam* Commands::named(const ExamRef& ref) {
  if (ref.id) return named(ref.id);
  const auto found = m.orders_.find(ref.key);
  if (found == m.orders_.end()) return named(ExamId{});
  if (found->second.exam) return named(found->second.exam);
  out.predicted = false;
  return nullptr;
}

void Commands::mine(const Exam& exam, Epoch epoch, States wanted) {
  state(exam, wanted, {E::wrong_state, E::stale, E::not_holder, E::already_final}, "two_holders");
  const bool known = exam.holder || (exam.may & bits(S::offered, S::reading)) == 0 || m.sharp_;
  if (!known) return may(true, {E::stale, E::not_holder, E::wrong_state});
  must(exam.epoch == epoch, {E::stale}, "two_holders", "it was given under another epoch");
  must(exam.holder == p.session, {E::not_holder, E::stale}, "two_holders",
       "it is in another session's hand");
}

void Commands::claimed(const Exam& exam) {
  state(exam, bits(S::in_regulation, S::needs_info), {E::wrong_state, E::not_holder});
  may((exam.may & bit(S::needs_info)) != 0, {E::wrong_state, E::not_holder});
  must(m.is_one_unit(exam.claimer, p.session) || (exam.may & bit(S::needs_info)) != 0,
       {E::not_holder, E::wrong_state}, "two_holders", "another regulator has it");
}

bool Commands::undecided() const {
  // A table that is full is no reason to doubt.
  return !seen && out.must.empty() && std::any_of(out.may.begin(), out.may.end(), [](E code) {
    return code != E::limit_reached;
  });
}

bool Commands::done() {
  if (seen) return seen->code == E::ok;
  if (undecided() && id_) {
    if (Exam* exam = m.find(id_)) m.blur(id_, *exam);
  }
  return out.must.empty() && !undecided();
}

void Commands::set(ExamId id, Exam& exam, States to) { m.go(id, exam, to); }

// Sessions.

bool Commands::is_full(SiteId site, SessionId but) const {
  const Site* found = m.directory_.site(site);
  if (!found) return m.directory_.version != 0;
  const auto taken = std::count_if(m.sessions_.begin(), m.sessions_.end(), [&](const auto& one) {
    const Model::Session& s = one.second;
    return (s.alive || s.blurred) && s.role == Role::reader && s.site == site && one.first != but;
  });
  const auto closed = m.closed_.find(site);
  const std::uint64_t gone = closed == m.closed_.end() ? 0 : closed->second;
  return static_cast<std::uint64_t>(taken) + gone >= found->posts;
}

/// Which session it becomes; 0: nobody knows.
SessionId Commands::session_for(const Attach& c, PersonId who) {
  std::vector<SessionId> his;  // also one that has ended
  for (const auto& [other, s] : m.sessions_) {
    if (s.person == who && s.role == c.role) his.push_back(other);
  }
  const bool same = std::find(his.begin(), his.end(), c.session) != his.end();
  if (!seen) {
    if (same || his.empty()) return c.session;
    for (const SessionId one : his) m.sessions_[one].blurred = true;
    return {};
  }
  const SessionId id = same || his.empty() ? c.session : his.back();
  if (seen->code != E::ok || !seen->session || seen->session == id) return id;
  // One of an older login, or the one that was asked for: whose it is must be right.
  const bool is_his = std::find(his.begin(), his.end(), seen->session) != his.end();
  if (!is_his && seen->session != c.session) {
    m.fault("wrong_answer", "attached to a session that is not this person's", {});
  }
  return seen->session;
}

void Commands::operator()(const Attach& c) {
  const Person* person = m.directory_.person(c.person);
  const Key* key = m.directory_.key(p.key);
  const PersonId who = c.person || !key ? c.person : key->person;
  person = person ? person : m.directory_.person(who);
  if (m.directory_.version != 0) {
    must(person, {E::unknown_person, E::unauthorised, E::unknown_key, E::bad_value});
    must(!person || person->roles.contains(c.role), {E::unauthorised});
    const bool own = key && !key->revoked && key->person == who;
    may(!own && !m.directory_.keys.empty(), {E::unauthorised, E::unknown_key});
  }
  may(c.site && !m.directory_.site(c.site), {E::site_full, E::bad_value, E::unauthorised});
  if (!seen && m.unreachable_.erase(p.door) > 0) m.reach_unsure_.insert(p.door);  // if it was taken
  const SessionId id = session_for(c, who);
  if (!id) return void(m.sessions_[c.session].blurred = true);
  Model::Session& s = m.sessions_[id];
  const SiteId site = c.site ? c.site : s.site;
  const Site* posts = m.directory_.site(site);
  const bool is_named = posts && !posts->enrolled.empty();
  may(c.role == Role::reader && (!site || is_named || is_full(site, id)),
      {E::site_full, E::bad_value, E::unauthorised});
  may(m.sessions_.size() > limits::sessions_count, {E::no_session});  // forgotten
  const bool known = static_cast<bool>(s.incarnation);
  if (s.blurred) {
    out.predicted = false;
    if (!seen) return;
  } else if (id == c.session && known) {
    const bool again = c.incarnation == s.incarnation && s.alive;
    must(c.incarnation >= s.incarnation || !s.alive, {E::superseded, E::no_session},
         "double_effect", "a newer incarnation had been attached");
    may(again || c.incarnation <= s.incarnation || c.incarnation > next(s.incarnation),
        {E::superseded, E::no_session, E::bad_value, E::stale, E::retry_from});
    if (again) {  // a repeated one changes nothing but the way to the session
      if (s.door != p.door) s.door = {};  // which way it has now is not said
      if (m.unreachable_.erase(p.door) > 0) m.reach_unsure_.insert(p.door);
      return;
    }
  } else if (id == c.session) {
    may(c.incarnation.value != 1, {E::superseded, E::no_session, E::bad_value});
  }
  if (undecided()) s.blurred = true;
  if (done()) attached(id, c, who);
}

void Commands::attached(SessionId id, const Attach& c, PersonId who) {
  Model::Session& s = m.sessions_[id];
  const Incarnation as = seen && seen->incarnation ? seen->incarnation
                         : id == c.session         ? c.incarnation
                                                   : next(next(s.incarnation));
  if (s.incarnation != as || !s.alive || s.blurred) {
    s.past.clear();
    s.last = s.past_from = {};
    if (s.blurred && seen && seen->next) s.last = {seen->next.value - 1}, s.past_from = seen->next;
  }
  s.person = who;
  s.role = c.role;
  if (c.site || !s.site) s.site = c.site;
  if (!c.post.empty()) s.post = c.post;
  s.door = p.door;
  s.key = p.key;
  m.unreachable_.erase(p.door);  // D8: an attach through a lost centre shows that it is back
  if (!undecided()) m.reach_unsure_.erase(p.door);
  s.incarnation = as;
  s.alive = true;
  s.blurred = false;
  s.mode_known = false;
  s.automatic = c.accept == AcceptMode::automatic;
}

void Commands::operator()(const Detach&) {
  if (done()) m.end_session(p.session, m.sessions_[p.session]);
}

void Commands::operator()(const ExpireSession& c) {
  const auto found = m.sessions_.find(c.session);
  out.predicted = false;
  if (found == m.sessions_.end()) return;
  if (!found->second.blurred && found->second.incarnation != c.incarnation) return;
  if (found->second.blurred) {
    m.blur_hand(found->second);
  } else if (found->second.alive) {
    m.end_session(c.session, found->second);
  }
}

/// What was not accepted through that door returns.
void Commands::leave(SiteId door) {
  for (auto& [id, s] : m.sessions_) {
    if (s.role != Role::reader) continue;
    if (s.blurred || !s.door) {
      m.blur_hand(s);  // it may have been there
    } else if (s.alive && s.door == door) {
      m.drop_hand(id, s, false);
    }
  }
}

void Commands::operator()(const SiteContact& c) {
  out.predicted = false;
  m.reach_unsure_.erase(c.site);
  if (c.reachable) {
    m.unreachable_.erase(c.site);
    return;
  }
  m.unreachable_.insert(c.site);
  leave(c.site);
}

void Commands::operator()(const Tick&) { out.predicted = false; }

void Commands::operator()(const ApplyDirectory& c) {
  must(!m.directory_followed_ || c.directory.version == m.directory_.version + 1,
       {E::bad_value, E::stale});
  Directory brought = c.directory;
  must(static_cast<bool>(brought.normalise()), {E::bad_value});
  const auto horizon = brought.horizon();
  const auto now = m.utc(m.at_);
  must(!horizon || !now || *horizon > *now, {E::bad_value}, "wrong_answer", "of a calendar's past");
  may(horizon && !now, {E::bad_value});
  may(true, {E::limit_reached});
  m.directory_followed_ &= !undecided();
  if (done()) m.take_directory(std::move(brought));
}

void Commands::operator()(const ClockCorrection& c) {
  must(c.offset_change >= Millis{-1000} && c.offset_change <= 1_s, {E::bad_value});
  may(!m.directory_followed_, {E::unknown_key, E::unauthorised});
  if (undecided()) m.utc_offset_.reset();
  if (done()) m.correct_clock(c.offset_change);
}

void Commands::operator()(const ChangeSite& c) {
  out.predicted = false;
  Directory changed = m.directory_;
  if (!done() || !change_site(changed, c)) return;
  m.take_directory(std::move(changed));
  for (const Site& site : m.directory_.sites) {  // nobody is shown an offer at its door any more
    if (c.what == SiteChange::remove && site.name == c.site.name) leave(site.id);
  }
}

}  // namespace vigie::linear
