// Random nights: sensible commands and nonsense from many sessions, drawn from a seed.
//
// A Driver only draws; what must hold after each step is random_test.cpp's.
#pragma once

#include <optional>
#include <random>
#include <vector>

#include "tests/actors/core/room/night.hpp"

namespace vigie::room::test {

/// With an engine, a quota, overflow by load, and a guard that begins and ends every six hours.
inline Directory busy_centres() {
  Directory d = three_centres();
  d.engines = {{"aidoc", 5, {{"bleed", Urgency::p1}}}};
  d.rules.overflow_open = 20_min;
  d.rules.overflow_close = 10_min;
  d.agreements[2].quota = 3;
  Calendar c;
  c.id = {1};
  c.name = "six hours";
  UtcTime at{1'700'000'000'000};
  for (int i = 0; i < 400; ++i, at = at + 6_h) {
    c.turns.push_back({at, i % 2 == 0 ? Band::evening : Band::day});
  }
  c.until = at;
  d.calendars = {c};
  for (Establishment& e : d.establishments) e.calendar = {1};
  return d;
}

/// One stamped entry of a night.
struct Stamped {
  FedTime at;
  Proposal proposal;
};

class Driver {
 public:
  Driver(std::uint64_t seed, const Room& room) : random_(seed), room_(room) {}

  /// What left the room may be asked for again.
  void saw(const Effects& effects) {
    for (const ArchivedExam& a : effects.archive) closed_.push_back(a);
  }

  /// The next proposal; may be nonsense, a repetition or late.
  Stamped draw() {
    at_ = at_ + pause();
    if (chance(4) && !said_.empty()) return {at_, said_[below(said_.size())]};  // sent again
    Proposal p = chance(8) ? attach() : chance(35) ? of_node() : of_session();
    said_.push_back(p);
    return {at_, p};
  }

 private:
  struct Who {
    PersonId person;
    Role role;
    SiteId post;
  };
  static const std::vector<Who>& cast() {
    static const std::vector<Who> all = {
        {p_regulator, Role::regulator, {}}, {p_regulator_2, Role::regulator, {}},
        {p_requester, Role::requester, {}}, {p_technologist, Role::technologist, {}},
        {p_head, Role::duty_head, {}},      {p_head_2, Role::duty_head, {}},
        {p_lead, Role::site_lead, {}},      {p_gateway, Role::gateway, {}},
        {p_assistant, Role::assistant, {}}, {p_anne, Role::reader, bordeaux},
        {p_bruno, Role::reader, bordeaux},  {p_lea, Role::reader, lyon},
        {p_luc, Role::reader, lyon},        {p_mia, Role::reader, marseille},
        {p_pia, Role::reader, marseille}};
    return all;
  }

  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  SiteId site() { return {static_cast<std::uint16_t>(1 + below(3))}; }

  Millis pause() {
    const std::size_t kind = below(1000);
    if (kind < 700) return {static_cast<std::int64_t>(below(2'000))};
    if (kind < 980) return {static_cast<std::int64_t>(below(8'000))};
    if (kind < 990) return {static_cast<std::int64_t>(below(60'000))};
    if (kind < 995) return {static_cast<std::int64_t>(below(600'000))};
    return kind < 999 ? Millis{13 * 3'600'000} : Millis{-5'000};
  }

  ExamId exam() {
    const auto& slots = room_.state().exams().slots();
    if (slots.empty() || chance(3)) {
      return make_exam_id(site(), 1 + below(30));  // archived, or never there
    }
    auto at = slots.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(slots.size())));
    return at->first;
  }
  /// An exam in that state, if there is one.
  ExamId exam(ExamState state) {
    ExamId found;
    for (const auto& [id, slot] : room_.state().exams().slots()) {
      if (slot.record.state == state && (!found || chance(50))) found = id;
    }
    return found && !chance(10) ? found : exam();
  }
  Epoch epoch_of(ExamId id) {
    const Exam* exam = room_.state().exams().find(id);
    if (!exam || chance(8)) return {0, below(room_.applied().value + 1)};
    return exam->epoch;
  }
  ExamId of_mine(const Session& s) { return s.exam && !chance(10) ? s.exam : exam(); }

  Request request() {
    static const std::vector<Modality> modalities = {Modality::ct,     Modality::ct, Modality::ct,
                                                     Modality::mr,     Modality::cr, Modality::us,
                                                     Modality::unknown};
    Request r;
    r.establishment = one_of<EstablishmentId>({edouard, pellegrin, timone, timone, polyclinique});
    r.key = {LegalEntityId{r.establishment.value}, "H", std::to_string(below(4))};
    r.modality = one_of(modalities);
    r.age_class = chance(10) ? AgeClass::child : AgeClass::adult;
    r.asked = static_cast<Urgency>(below(4));
    r.sealed = std::string(below(40), 's');
    r.patient_key = {0, below(4)};
    if (chance(20)) r.protocol = "RX v1";
    r.images_complete = chance(20);
    if (chance(2)) r.establishment = {999};
    return r;
  }
  Submit submit() {
    Submit s;
    s.message_id = "M" + std::to_string(below(40));
    for (std::size_t n = chance(90) ? 1 : 1 + below(4); n > 0; --n) s.requests.push_back(request());
    return s;
  }

  Proposal attach() { return attach(one_of(cast())); }
  Proposal attach(const Who& who) {
    const Session* known = room_.state().session_of(who.person, who.role);
    Proposal p;
    p.key = key_of(chance(97) ? who.person : p_support);
    p.door = site();
    Attach a;
    a.session = known && !chance(10) ? known->id : SessionId{7000 + below(30)};
    a.incarnation = known ? next(known->incarnation) : Incarnation{1};
    if (chance(15)) a.incarnation = {static_cast<std::uint32_t>(1 + below(4))};
    a.role = who.role;
    a.site = who.post;
    a.accept = chance(30) ? AcceptMode::automatic : AcceptMode::manual;
    p.command = a;
    return p;
  }

  Proposal of_node() {
    Proposal p;
    p.door = site();
    p.key = key_of(chance(98) ? p.door : site());
    p.command = node_command();
    return p;
  }
  Command node_command() {
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return submit();
      case 5:
        return Amend{request(), "M"};
      case 6:
      case 7:
        return AcquisitionComplete{
            {exam(ExamState::protocolled), {}}, {"acc"}, {"1.2.3"}, 50, false};
      case 8:
        return SiteContact{site(), {1}, chance(75)};
      case 9: {
        const auto& sessions = room_.state().sessions().slots();
        if (sessions.empty()) return Tick{};
        auto at = sessions.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(below(sessions.size())));
        const Incarnation held = at->second.record.incarnation;
        return ExpireSession{at->first, chance(70) ? held : Incarnation{1}};
      }
      case 10:
      case 11:
      case 12:
        return DeliveryResult{exam(ExamState::validated),
                              {static_cast<std::uint16_t>(chance(95) ? 1 : 2)},
                              0,
                              chance(80) ? DeliveryOutcome::acked : DeliveryOutcome::failed,
                              "AA"};
      case 13: {
        Directory d = busy_centres();
        d.version = room_.directory().version + (chance(80) ? 1 : 0);
        d.sites[below(3)].draining = chance(20);
        if (chance(30)) d.rules.relax_any = 20_s;
        if (chance(10)) d.agreements.pop_back();
        return ApplyDirectory{d};
      }
      case 14:
        return Detach{};
      default:
        return Tick{chance(30)};
    }
  }

  Proposal of_session() {
    const Who& who = chance(25) ? cast()[below(2)] : one_of(cast());
    const Session* s = room_.state().session_of(who.person, who.role);
    if (!s || (!s->live && chance(90))) return attach(who);
    Proposal p;
    p.key = s->key;
    p.door = s->door;
    p.session = s->id;
    p.incarnation = chance(97) ? s->incarnation : Incarnation{1};
    p.request = next(s->last_request);
    if (chance(4)) p.request = {1 + below(40)};
    p.content_hash = random_();
    p.command = chance(4) ? node_command() : command_of(*s);
    return p;
  }
  Command command_of(const Session& s) {
    const bool steers = s.role == Role::duty_head || s.role == Role::assistant ||
                        s.role == Role::site_lead || s.role == Role::gateway;
    if (chance(steers ? 70 : 20)) return steering_command(s);
    switch (s.role) {
      case Role::requester:
        return requester_command();
      case Role::technologist:
        return technologist_command();
      case Role::regulator:
        return regulator_command(s);
      case Role::reader:
        return reader_command(s);
      default:
        return late_command();
    }
  }
  /// Beside the straight way, by whoever it is: many are refused.
  Command steering_command(const Session& s) {
    const ExamId id = of_mine(s);
    const PersonId reader = chance(80) ? one_of<PersonId>({p_anne, p_bruno, p_lea}) : PersonId{};
    switch (below(28)) {
      case 24:
        return Bypass{exam(), "r"};
      case 25:
      case 26: {
        const ArchivedExam closed = closed_.empty() ? ArchivedExam{} : one_of(closed_);
        return Reopen{closed.exam, "r", chance(90) ? closed.bytes : "x"};
      }
      case 27:
        return set_shift(reader);
      case 18:
        return TakeDuty{room_.state().scalars().duty.number - (chance(10) ? 1u : 0u),
                        chance(50) ? p_head_2 : PersonId{}, chance(80) ? open_exams() : none()};
      case 19:
        return OfferDuty{room_.state().scalars().duty.number, chance(70) ? p_head_2 : p_head};
      case 20:
        return HandOver{{exam(), {}}, chance(50), "r"};
      case 21:
        return AddFinding{{exam(), {}}, chance(90) ? "aidoc" : "x", "1", chance(80) ? "bleed" : ""};
      case 22:
        return SetSite{site(), static_cast<std::uint16_t>(below(5)), chance(30), "r"};
      case 23:
        return SetAway{reader, "r"};
      case 0:
        return ReviseProtocol{exam(ExamState::protocolled), "NEURO v1", "r"};
      case 1:
        return AckProtocol{{id, {}}, static_cast<std::uint16_t>(below(3))};
      case 2:
        return SetUrgency{{id, {}}, static_cast<Urgency>(below(4)), "r"};
      case 3:
        return Hold{id, "r"};
      case 4:
      case 5:
        return Resume{exam(s.role == Role::reader ? ExamState::suspended : ExamState::held)};
      case 6:
        return Suspend{id, epoch_of(id)};
      case 7:
        return WantImages{id, epoch_of(id), "r"};
      case 8:
        return TakeOver{exam(ExamState::reading), "r"};
      case 9:
        return Direct{exam(ExamState::ready), reader, "r"};
      case 10:
        return Pin{exam(ExamState::ready), chance(70), "r"};
      case 11:
        return AnswerCancel{id, chance(50), "r"};
      case 12:
        return TellResult{id, "ward", "r"};
      case 13:
        return ReviseReport{exam(ExamState::delivered),
                            {1000 + random_() % 1'000'000},
                            static_cast<ReportKind>(below(7)),
                            "more"};
      case 14:
        return AckCritical{{id, {}}};
      case 15:
        return CloseTask{id, static_cast<TaskKind>(below(task_kind_count)), "r"};
      case 16:
        return LinkOrder{id, {{301}, "H", std::to_string(below(6))}};
      default:
        return AskRead{id,
                       static_cast<Purpose>(below(6)),
                       static_cast<Skill>(below(6)),
                       Region::chest,
                       reader,
                       chance(30),
                       "r"};
    }
  }
  /// Mostly as the roster stands, and short, so that it seldom binds.
  SetShift set_shift(PersonId reader) {
    SetShift c;
    c.reason = "r";
    const auto& roster = room_.directory().roster;
    if (!roster.empty() && chance(50)) c.before = one_of(roster);
    if (chance(30)) return c;
    const UtcTime from{at_.value + static_cast<std::int64_t>(below(4)) * (1_h).value};
    c.after = {reader, site(), from, from + 1_min * (1 + static_cast<std::int64_t>(below(90)))};
    return c;
  }
  static std::vector<ExamId> none() { return {}; }
  std::vector<ExamId> open_exams() const {
    std::vector<ExamId> open;
    for (const auto& [id, slot] : room_.state().exams().slots()) {
      if (is_open(slot.record)) open.push_back(id);
    }
    return open;
  }
  Command requester_command() {
    switch (below(5)) {
      case 0:
        return Cancel{{exam(), {}}, "no"};
      case 1:
        return ProvideInfo{{exam(), {}}, "info"};
      default:
        return submit();
    }
  }
  Command technologist_command() {
    const ExamRef ref{exam(), {}};
    switch (below(4)) {
      case 0:
        return AcquisitionStarted{ref};
      case 1:
        return ImagesProgress{ref, static_cast<std::uint32_t>(below(100)),
                              static_cast<std::uint32_t>(below(2) * 50)};
      default:
        return AcquisitionComplete{{exam(ExamState::protocolled), {}}, {}, {}, 60, chance(15)};
    }
  }
  ExamId claimed_by(const Session& s) {
    for (const auto& [id, slot] : room_.state().exams().slots()) {
      const Exam& e = slot.record;
      if (e.state == ExamState::in_regulation && e.regulator_session == s.id) return id;
    }
    return {};
  }
  Command regulator_command(const Session& s) {
    static const std::vector<std::string> protocols = {"TDM v1",   "TDM v1", "AVC v3",
                                                       "NEURO v1", "RX v1",  "none such"};
    const ExamId mine = claimed_by(s);
    if (!mine && chance(80)) return Claim{exam(ExamState::requested)};
    const ExamId id = mine && !chance(10) ? mine : exam();
    switch (below(20)) {
      case 0:
        return ReleaseClaim{id};
      case 1:
        return AskInfo{id, "?"};
      case 2:
        return Refuse{id, "no", true};
      case 3:
        return AcquisitionComplete{{exam(), {}}, {}, {}, 3, true};
      case 4:
      case 5:
      case 6:
        return Claim{id};
      default:
        return Accept{id,
                      "R",
                      one_of(protocols),
                      static_cast<Urgency>(below(4)),
                      chance(20) ? Modality::ct : Modality::unknown,
                      Region::chest};
    }
  }
  Command late_command() {
    const ExamId id = exam();
    const Exam* exam = room_.state().exams().find(id);
    ReportId report{below(50)};
    if (exam && !exam->reports.empty()) report = one_of(exam->reports).id;
    return SettleLate{id, report, chance(50)};
  }
  Command reader_command(const Session& s) {
    const ExamId id = of_mine(s);
    const Epoch epoch = epoch_of(id);
    if (!s.exam && chance(60)) return SetReader{ReaderMode::free, s.accept};
    const ReportId report{chance(90) ? 1000 + random_() % 1'000'000 : below(4)};
    switch (below(20)) {
      case 0:
        return DeclineOffer{id, epoch, static_cast<DeclineReason>(below(5))};
      case 1:
        return Release{id, epoch, "r"};
      case 2:
        return Preliminary{id, epoch, report, "draft"};
      case 3:
        return late_command();
      case 4:
        return Detach{};
      case 5:
      case 6:
        return SetReader{chance(80) ? ReaderMode::free : static_cast<ReaderMode>(below(4)),
                         chance(40) ? AcceptMode::automatic : AcceptMode::manual};
      case 9:
      case 10:
      case 11:
      case 12:
      case 13:
        return AcceptOffer{id, epoch};
      default:
        return Sign{id, epoch, report, "report", chance(10) ? "critical" : ""};
    }
  }

  std::mt19937_64 random_;
  const Room& room_;
  FedTime at_{1'700'000'000'000};
  std::vector<Proposal> said_;
  std::vector<ArchivedExam> closed_;
};

}  // namespace vigie::room::test
