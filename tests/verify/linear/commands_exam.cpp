// The commands of regulation, acquisition, reading and delivery.
#include <algorithm>

#include "tests/verify/linear/commands.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;
using E = Errc;

/// The shortest time without an image after which an exam may count as complete (T10).
constexpr Millis quiet_least = 30_s;

}  // namespace

// Regulation.

void Commands::operator()(const Claim& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  state(*exam, bits(S::requested, S::in_regulation, S::needs_info),
        {E::wrong_state, E::not_holder});
  may((exam->may & bit(S::needs_info)) != 0, {E::wrong_state, E::not_holder});
  must(!exam->is(S::in_regulation) || m.is_one_unit(exam->claimer, p.session),
       {E::not_holder, E::wrong_state}, "two_holders", "another regulator has it");
  const Model::Session& s = m.sessions_[p.session];
  const Person* person = m.directory_.person(s.person);
  const auto now = m.utc(m.at_);
  const bool is_qualified = person && now && person->is_qualified(Role::regulator, *now);
  const bool unqualified = s.role == Role::regulator && !is_qualified;
  const bool known = now && m.directory_followed_ && m.directory_.version != 0;
  const bool may_renew = (exam->may & bit(S::in_regulation)) != 0;  // without being asked for it
  must(!unqualified || !known || may_renew, {E::unauthorised}, "wrong_answer", "not qualified");
  may(unqualified, {E::unauthorised});
  if (!done()) return;
  const bool is_theirs = exam->is(S::in_regulation) && exam->claimer;
  if (!is_theirs) exam->claimer = p.session;
  exam->claimed_until = m.at_ + m.directory_.rules.claim_lease;
  m.due_.emplace(exam->claimed_until, c.exam);
  m.sessions_[exam->claimer].hand.insert(c.exam);
  set(c.exam, *exam, bit(S::in_regulation));
}

void Commands::operator()(const ReleaseClaim& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  claimed(*exam);
  if (!done()) return;
  out_of_regulation(c.exam, *exam);
  set(c.exam, *exam, bit(S::requested));
}

void Commands::operator()(const AskInfo& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  claimed(*exam);
  may(true, {E::limit_reached});  // answers are not counted here
  if (done()) set(c.exam, *exam, bit(S::needs_info));
}

void Commands::operator()(const ProvideInfo& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  state(*exam, bit(S::needs_info), {E::wrong_state});
  if (done()) set(id_, *exam, bits(S::in_regulation, S::requested));
}

void Commands::operator()(const Accept& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  claimed(*exam);
  const Protocol* protocol = m.directory_.protocol(c.protocol);
  must(protocol || m.directory_.version == 0, {E::unknown_protocol});
  const Modality modality = exam->request.modality;
  may(modality == Modality::unknown || modality == Modality::us ||
          (protocol && protocol->modality != modality),
      {E::bad_value, E::modality_excluded});
  may(c.modality == Modality::us, {E::bad_value, E::modality_excluded});
  if (!done()) return;
  if (protocol) exam->protocol = *protocol;
  ++exam->protocols;
  exam->urgency = protocol && protocol->vital ? Urgency::p0 : c.urgency;
  exam->urgency_known = true;
  if (modality == Modality::unknown) exam->request.modality = c.modality;
  std::vector<const Agreement*> agreements;
  for (const FedTime at : {exam->received, m.at_}) {
    const auto utc = m.utc(at);
    if (utc && agreements.empty()) agreements = agreements_for(exam->request, *utc);
  }
  if (!exam->group && agreements.size() == 1) {
    exam->group = agreements.front()->group;
    exam->overflow = agreements.front()->overflow;
  }
  out_of_regulation(c.exam, *exam);
  States to = bit(S::protocolled);
  if (exam->images_maybe || exam->first_image) to |= bit(S::acquiring);
  if (exam->images_maybe) to |= m.ready_states();
  set(c.exam, *exam, to);
}

void Commands::operator()(const Refuse& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  claimed(*exam);
  may(!c.called_back || c.reason.empty(), {E::bad_value});
  if (!done()) return;
  m.sessions_[p.session].hand.erase(c.exam);
  set(c.exam, *exam, bit(S::refused));
}

// Acquisition. After READY the same words say that images were added (T30).

void Commands::operator()(const AcquisitionStarted& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  const bool early = (exam->may & bits(S::requested, S::in_regulation, S::needs_info)) != 0;
  state(*exam, static_cast<States>(~before_images & ~ended) | bit(S::protocolled),
        {E::wrong_state});
  const bool paused_early = exam->is(S::held) && (exam->from & bits(S::acquiring, S::ready)) == 0;
  must(!paused_early, {E::wrong_state});
  may((exam->may & ~bits(S::protocolled)) != 0 && !early, {E::wrong_state});
  if (!done()) return;
  if (!exam->first_image) exam->first_image = m.at_;
  if ((exam->may & before_images) != 0) set(id_, *exam, bit(S::acquiring));
}

void Commands::operator()(const ImagesProgress& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  may(!exam->is(S::acquiring), {E::wrong_state, E::unknown_exam});
  may((exam->may & ended) != 0, {E::unknown_key_order});  // named by its order
  if (!done()) return;
  if (!exam->first_image) exam->first_image = m.at_;
  if (!exam->imaged) exam->imaged = m.at_;
  exam->images = std::max(exam->images, c.received);
  if (c.expected > 0) exam->expected = c.expected;
  // Whoever counts them all has them all (T10).
  const bool all = exam->expected > 0 && exam->images >= exam->expected;
  const bool paused = (exam->may & bit(S::held)) != 0;
  if (all && (paused || (exam->may & before_images) != 0)) exam->images_maybe = true;
  if ((exam->may & bits(S::protocolled, S::acquiring)) == 0) return;
  const States to = static_cast<States>(exam->may | bit(S::acquiring));
  m.go(id_, *exam, all ? static_cast<States>(to | m.ready_states()) : to);
  exam->quiet_since = m.at_;
  m.due_.emplace(m.at_ + quiet_least, id_);
}

void Commands::operator()(const AcquisitionComplete& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  may(!exam->is(S::acquiring), {E::wrong_state, E::unknown_exam, E::unauthorised});
  may((exam->may & ended) != 0, {E::unknown_key_order});
  if (!done()) return;
  if (!exam->first_image) exam->first_image = m.at_;
  if (!exam->imaged) exam->imaged = m.at_;
  exam->images = std::max(exam->images, c.images);
  if ((exam->may & bits(S::acquiring, S::protocolled)) != 0) {
    const States early = bits(S::requested, S::in_regulation, S::needs_info);
    exam->trail =
        static_cast<States>(exam->trail | bit(S::acquiring));  // what nobody began, begins
    set(id_, *exam, m.ready_states() | (exam->agreement_maybe ? exam->may & early : 0u));
  }
  if ((exam->stages() & (before_images | bit(S::acquiring))) != 0) {
    exam->images_maybe = true;
  }
}

// Reading.

void Commands::operator()(const SetReader& c) {
  Model::Session& s = m.sessions_[p.session];
  may(!s.hand.empty() || !m.sharp_, {E::busy_reader});
  if (seen ? seen->code != E::ok : !out.must.empty()) return;
  s.mode = c.mode;
  s.mode_known = !undecided();
  s.automatic = c.accept == AcceptMode::automatic;
  if (c.mode == ReaderMode::free) return;
  for (const ExamId id : s.hand) {  // it may be withdrawn from who goes away
    Exam& exam = m.exams_[id];
    if (exam.is(S::offered)) m.go(id, exam, static_cast<States>(exam.may | m.ready_states()));
  }
}

void Commands::operator()(const AcceptOffer& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  mine(*exam, c.epoch, static_cast<States>(held | bit(S::offered)));
  may(!exam->is(S::offered), {E::wrong_state, E::stale});
  if (!done()) return;
  exam->holder = p.session;
  m.sessions_[p.session].hand.insert(c.exam);
  const bool wrote = (exam->may & bit(S::preliminary)) != 0;
  set(c.exam, *exam, wrote ? held : bit(S::reading));
}

void Commands::operator()(const DeclineOffer& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  mine(*exam, c.epoch, bit(S::offered));
  if (!done()) return;
  m.sessions_[p.session].mode_known = false;
  m.back_to_queue(c.exam, *exam);
  const bool sent_back = c.reason == DeclineReason::images;
  if (sent_back)
    m.go(c.exam, *exam, static_cast<States>(exam->may | before_images | bit(S::acquiring)));
}

void Commands::operator()(const Release& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  mine(*exam, c.epoch, static_cast<States>(held | bit(S::offered)));
  may((exam->may & bit(S::offered)) != 0, {E::wrong_state});
  if (done()) m.back_to_queue(c.exam, *exam);
}

void Commands::operator()(const Preliminary& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  mine(*exam, c.epoch, held);
  may(exam->reports.contains(c.report), {E::already_final, E::wrong_state});
  may(true, {E::limit_reached});
  exam->authors[c.report] = who();
  if (done()) set(c.exam, *exam, bit(S::preliminary));
}

void Commands::finish(ExamId id, Exam& exam, ReportId report) {
  if (const auto s = m.sessions_.find(exam.holder); s != m.sessions_.end()) {
    s->second.hand.erase(id);
  }
  ++exam.finals;
  exam.reports[report] = true;
  exam.signers.insert(exam.authors[report]);
  exam.critical |= exam.criticals.contains(report);
  exam.wish = {};
  exam.wish_maybe = false;
  if (exam.parent) {  // its report goes to its parent
    exam.trail |= bit(S::validated);
    set(id, exam, bit(S::delivered));
    exam.delivered = m.at_;
    m.due_.emplace(m.at_ + m.directory_.rules.close_after, id);
    return;
  }
  const Establishment* e = m.directory_.establishment(exam.request.establishment);
  const bool nobody = !e || e->recipients.empty();
  set(id, exam, nobody ? bits(S::validated, S::delivered) : bit(S::validated));
  exam.delivered = m.at_;
  if (nobody) m.due_.emplace(m.at_ + m.directory_.rules.close_after, id);
}

/// T16, T16b. A report is kept whatever its epoch; only one becomes the exam's.
void Commands::operator()(const Sign& c) {
  Exam* exam = named(c.exam);
  if (!exam) return;
  const PersonId who = this->who();
  const auto before = exam->reports.find(c.report);
  if (before != exam->reports.end()) {  // one report, however often it is signed
    may(!before->second, {E::stale, E::already_final, E::wrong_state});
    may(true, {E::already_final, E::stale, E::unknown_exam});
    return;
  }
  const States open = waits | his_to_read;
  exam->authors[c.report] = who;
  if (!c.critical.empty()) exam->criticals.insert(c.report);
  must((exam->may & open) != 0,
       {E::already_final, E::stale, E::wrong_state, E::unknown_exam, E::not_holder},
       (exam->may & signed_off) != 0 ? "double_effect" : "wrong_answer", "the exam's state");
  may((exam->may & ~open) != 0, {E::already_final, E::stale, E::wrong_state, E::unknown_exam});
  const bool blind = !m.sharp_ && !exam->holder;
  const bool his =
      exam->holder == p.session && exam->epoch == c.epoch && (exam->may & his_to_read) != 0;
  const bool offered = exam->holder == p.session && exam->is(S::offered);
  const bool was_his = exam->held_by.contains(who) || blind;
  if (!his) {
    const bool read = (exam->may & ~his_to_read) == 0;
    must(!read || blind, {E::stale, E::not_holder, E::already_final}, "two_holders",
         "another is reading it");
    must(was_his || offered, {E::stale, E::not_holder}, "two_holders", "he never held it");
    const bool last = exam->last_reader == who && exam->last_reader_known && m.sharp_ &&
                      (exam->may & his_to_read) == 0;
    may(!last || offered, {E::stale, E::not_holder, E::wrong_state});
  }
  // T16: what must be read first is read first. The text is kept meanwhile.
  must(!awaits_others(*exam, true), {E::wrong_state, E::stale}, "wrong_answer",
       "a mandatory reading is open");
  may(awaits_others(*exam, false), {E::wrong_state, E::stale});
  may(true, {E::limit_reached});
  const bool sets_aside = !seen || seen->code == E::wrong_state;
  if (done()) {
    finish(c.exam, *exam, c.report);
  } else if (sets_aside && awaits_others(*exam, false) && (exam->may & held) != 0) {
    m.go(c.exam, *exam, seen ? bit(S::preliminary) : exam->may | bit(S::preliminary));
  } else if (!seen || seen->code == E::stale || seen->code == E::already_final) {
    exam->reports[c.report] = false;
  }
}

void Commands::operator()(const SettleLate& c) {
  out.predicted = false;
  Exam* exam = named(c.exam);
  if (!exam || (seen && seen->code != E::ok)) return;
  if (!c.adopt) return void(exam->reports[c.report] = true);
  const auto late = exam->reports.find(c.report);
  const bool first = late != exam->reports.end() && !late->second && (exam->may & ~held) == 0;
  // Adopted, it is the exam's report. One that was settled before stays as it was.
  if (!seen || !first || !exam->holder) return m.blur(c.exam, *exam);
  if (awaits_others(*exam, true)) {
    m.fault("wrong_answer", "a late report was adopted while a mandatory reading is open", c.exam);
  }
  finish(c.exam, *exam, c.report);
}

void Commands::operator()(const DeliveryResult& c) {
  out.predicted = false;
  Exam* exam = named(c.exam);
  if (!exam || (exam->may & signed_off) == 0 || c.outcome != DeliveryOutcome::acked) return;
  if (!exam->acked.emplace(c.version, c.recipient).second) return;  // it was, and is told again
  const Establishment* e = m.directory_.establishment(exam->request.establishment);
  const auto of_version = std::count_if(exam->acked.begin(), exam->acked.end(), [&](const auto& a) {
    return a.first.value == exam->finals;
  });
  if (e && static_cast<std::size_t>(of_version) >= e->recipients.size()) {
    exam->trail |= bit(S::validated);
    States maybe = static_cast<States>(exam->may & ~signed_off);
    // What is owed of the reports before it may be on its way yet.
    if (exam->acked.size() < exam->finals * e->recipients.size()) maybe |= bit(S::validated);
    m.go(c.exam, *exam, static_cast<States>(maybe | bit(S::delivered)));
    exam->delivered = m.at_;
    m.due_.emplace(m.at_ + m.directory_.rules.close_after, c.exam);
  }
}

}  // namespace vigie::linear
