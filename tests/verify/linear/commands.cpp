// What is common to all commands; those about sessions, the room and orders.
#include "tests/verify/linear/commands.hpp"

#include <algorithm>

#include "messages/types/exam_number.hpp"
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
  if (name == "settle_late") return {R::reader, R::duty_head};
  if (name == "change_site" || name == "set_level" || name == "apply_directory")
    return {R::administrator};
  if (name == "attach" || name == "detach" || name == "unknown") return {};
  return {R::node};
}

}  // namespace

void Commands::run() {
  out.predicted = true;
  if (p.session && !std::holds_alternative<Attach>(p.command)) authorise();
  std::visit(*this, p.command);
}

void Commands::authorise() {
  const auto roles = roles_for(p.command);
  const Model::Session& s = m.sessions_.at(p.session);
  const bool may = roles.empty() || std::find(roles.begin(), roles.end(), s.role) != roles.end();
  must(may, {E::unauthorised}, "wrong_answer", "the role may not");
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
  const auto found = m.exams_.find(id);
  if (found != m.exams_.end()) return &found->second;
  // A door whose numbers nobody has followed may have it all the same.
  if (m.loose_numbers_.contains(door_of(id))) out.predicted = false;
  must(false, {E::unknown_exam, E::unknown_key_order}, "wrong_answer", "there is no such exam");
  return nullptr;
}

Model::Exam* Commands::named(const ExamRef& ref) {
  if (ref.id) return named(ref.id);
  const auto found = m.orders_.find(ref.key);
  return named(found == m.orders_.end() ? ExamId{} : found->second);
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
  must(exam.claimer == p.session || (exam.may & bit(S::needs_info)) != 0,
       {E::not_holder, E::wrong_state}, "two_holders", "another regulator has it");
}

bool Commands::done() const { return seen ? seen->code == E::ok : out.must.empty(); }

void Commands::set(ExamId id, Exam& exam, States to) {
  // A table that is full is no reason to doubt.
  const bool undecided = !seen && std::any_of(out.may.begin(), out.may.end(),
                                              [](E code) { return code != E::limit_reached; });
  m.go(id, exam, undecided ? static_cast<States>(to | exam.may) : to);
}

// Sessions.

void Commands::operator()(const Attach& c) {
  const Person* person = m.directory_.person(c.person);
  const Key* key = m.directory_.key(p.key);
  const PersonId who = c.person || !key ? c.person : key->person;
  person = person ? person : m.directory_.person(who);
  if (m.directory_.version != 0) {
    must(person, {E::unknown_person, E::unauthorised, E::unknown_key, E::bad_value});
    must(!person || person->roles.contains(c.role), {E::unauthorised});
    may(!key || key->revoked || key->person != who, {E::unauthorised, E::unknown_key});
  }
  may(static_cast<bool>(c.site), {E::site_full, E::bad_value, E::unauthorised});
  may(c.role == Role::reader && !c.site, {E::bad_value, E::unauthorised});
  SessionId id = c.session;
  for (const auto& [other, s] : m.sessions_) {
    if (s.person == who && s.role == c.role) id = other;  // also one that has ended
  }
  if (seen && seen->code == E::ok && seen->session && seen->session != id) {
    // One of an older login, or the one that was asked for: whose it is must be right.
    const auto named = m.sessions_.find(seen->session);
    const bool his =
        named != m.sessions_.end() && named->second.person == who && named->second.role == c.role;
    if (!his && seen->session != c.session) {
      m.fault("wrong_answer", "attached to a session that is not this person's", {});
    }
    id = seen->session;
  }
  Model::Session& s = m.sessions_[id];
  const bool known = static_cast<bool>(s.incarnation);
  if (id == c.session && known) {
    const bool again = c.incarnation == s.incarnation && s.alive;
    must(c.incarnation >= s.incarnation || !s.alive, {E::superseded, E::no_session},
         "double_effect", "a newer incarnation had been attached");
    may(again || !s.alive || c.incarnation > next(s.incarnation),
        {E::superseded, E::no_session, E::bad_value, E::stale, E::retry_from});
    if (again) {  // a repeated one changes nothing but the way to the session
      m.unreachable_.erase(p.door);
      return;
    }
  } else if (id == c.session) {
    may(c.incarnation.value != 1, {E::superseded, E::no_session, E::bad_value});
  }
  if (!done()) return;
  const Incarnation as = seen && seen->incarnation ? seen->incarnation
                         : id == c.session         ? c.incarnation
                                                   : next(s.incarnation);
  if (s.incarnation != as || !s.alive) {
    s.last = {};
    s.past.clear();
  }
  s.person = who;
  s.role = c.role;
  s.site = c.site;
  s.door = p.door;
  m.unreachable_.erase(p.door);  // D8: an attach through a lost centre shows that it is back
  s.incarnation = as;
  s.alive = true;
  s.mode_known = false;
  s.automatic = c.accept == AcceptMode::automatic;
}

void Commands::operator()(const Detach&) {
  if (done()) m.end_session(p.session, m.sessions_[p.session]);
}

void Commands::operator()(const ExpireSession& c) {
  const auto found = m.sessions_.find(c.session);
  out.predicted = false;
  if (found == m.sessions_.end() || found->second.incarnation != c.incarnation) return;
  if (found->second.alive) m.end_session(c.session, found->second);
}

void Commands::operator()(const SiteContact& c) {
  out.predicted = false;
  if (c.reachable) {
    m.unreachable_.erase(c.site);
    return;
  }
  m.unreachable_.insert(c.site);
  for (auto& [id, s] : m.sessions_) {
    if (s.alive && s.role == Role::reader && s.door == c.site) m.drop_hand(id, s, false);
  }
}

void Commands::operator()(const Tick&) { out.predicted = false; }

void Commands::operator()(const ApplyDirectory& c) {
  must(!m.directory_followed_ || c.directory.version == m.directory_.version + 1,
       {E::bad_value, E::stale});
  may(true, {E::bad_value, E::limit_reached});
  if (!done()) return;
  m.directory_ = c.directory;
  (void)m.directory_.normalise();
}

void Commands::operator()(const ChangeSite& c) {
  out.predicted = false;
  if (!seen || seen->code == E::ok) (void)change_site(m.directory_, c);
}

// Orders.

void Commands::take_order(const Request& r, std::size_t place) {
  std::uint64_t& number = m.numbers_[p.door];
  const auto known = m.orders_.find(r.key);
  const auto told = [&]() -> ExamId {
    if (!seen || seen->code != E::ok) return {};
    if (place < seen->exams.size()) return seen->exams[place];
    return place == 0 ? seen->exam : ExamId{};
  }();
  if (known != m.orders_.end()) {
    const Exam& exam = m.exams_[known->second];
    if ((exam.may & bits(S::cancelled, S::refused)) == 0) {
      const bool fresh = told && told != known->second;
      if (fresh && (exam.may & ended) == 0) {
        m.fault("double_effect",
                "order " + r.key.number + " had become exam " +
                    std::to_string(known->second.value) + ", and is answered " +
                    std::to_string(told.value),
                told);
      }
      if (!fresh) return;
    }
  }
  ExamId id = make_exam_id(p.door, number + 1);
  const bool loose = m.loose_numbers_.contains(p.door);
  if (told && told != id && known == m.orders_.end()) {
    const bool near = door_of(told) == p.door && sequence_of(told) > number;
    if (m.exams_.contains(told)) {
      return m.fault("wrong_answer", "exam " + std::to_string(told.value) + " is of another order",
                     told);
    }
    if (!loose || !near) {
      m.fault("wrong_answer", "the door's next exam is " + std::to_string(id.value), told);
    }
  }
  if (told) id = told;
  number = std::max(number, sequence_of(id));
  m.orders_[r.key] = id;
  open_exam(id, r);
}

void Commands::open_exam(ExamId id, const Request& r) {
  Exam& exam = m.exams_[id];
  exam = {};
  exam.request = r;
  exam.urgency = r.asked;
  exam.received = m.at_;
  const Agreement* agreement = m.directory_.agreement(r.establishment, r.modality);
  if (agreement) {
    exam.group = agreement->group;
    exam.overflow = agreement->overflow;
  }
  const bool required = !agreement || agreement->regulation == Regulation::required;
  States to = bit(S::requested);
  if (!required || !r.protocol.empty() || r.images_complete) {
    // It may arrive already made: the agreement decides, and the words leave how far it goes.
    to = static_cast<States>(to | bits(S::protocolled, S::acquiring) | m.ready_states());
    if (const Protocol* protocol = m.directory_.protocol(r.protocol)) exam.protocol = *protocol;
    exam.urgency_known = false;
    exam.first_image = m.at_;
  }
  exam.images_maybe = r.images_complete || !required;
  m.go(id, exam, to);
}

bool Commands::refused_in_part(const Submit& c) {
  bool ultrasound = false;
  for (const Request& r : c.requests) {
    ultrasound |= r.modality == Modality::us;
    must(m.directory_.establishment(r.establishment) || m.directory_.version == 0,
         {E::unknown_establishment, E::unauthorised, E::bad_value});
    may(r.key.number.empty() || r.asked == Urgency::p0, {E::bad_value});
    const Establishment* e = m.directory_.establishment(r.establishment);
    may(e && e->legal_entity != r.key.legal_entity, {E::bad_value, E::unauthorised});
  }
  if (ultrasound) {
    must(c.requests.size() > 1, {E::modality_excluded});
    may(true, {E::modality_excluded});
    m.loose_numbers_.insert(p.door);
  }
  may(true, {E::limit_reached});
  return !done();
}

void Commands::operator()(const Submit& c) {
  must(!c.requests.empty(), {E::bad_value});
  if (refused_in_part(c)) return;
  for (std::size_t i = 0; i < c.requests.size(); ++i) take_order(c.requests[i], i);
}

void Commands::operator()(const Amend& c) {
  Exam* exam = named(ExamRef{{}, c.request.key});
  if (!exam) return;
  may(true, {E::wrong_state, E::already_final, E::bad_value, E::unknown_key_order});
  if (!done()) return;
  m.waiting_.erase({exam->urgency, exam->received, id_});
  exam->urgency = std::min(exam->urgency, c.request.asked);
  exam->urgency_known = false;
  if ((exam->may & bit(S::ready)) != 0) m.waiting_.insert({exam->urgency, exam->received, id_});
}

void Commands::operator()(const Cancel& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  state(*exam, before_images, {E::acquisition_begun, E::wrong_state, E::already_final});
  const bool spares = exam->request.modality == Modality::mr;  // it does not irradiate
  if (spares && !out.must.empty() && (exam->may & signed_off) == 0) out.predicted = false;
  // Whose images came, with the order or before anybody said that they were being made, was
  // irradiated already.
  const bool has_images = exam->request.images > 0 || exam->images_maybe || exam->first_image;
  if (has_images && out.must.empty()) may(true, {E::acquisition_begun});
  if (!done()) return;
  if (const auto s = m.sessions_.find(exam->claimer); s != m.sessions_.end()) {
    s->second.hand.erase(id_);
  }
  set(id_, *exam, bit(S::cancelled));
}

}  // namespace vigie::linear
