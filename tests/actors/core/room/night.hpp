// A night at three centres, for tests that read like a story.
//
// Every step is one entry applied to the room; after each the invariants are checked. Time moves
// only when the story says so.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "actors/core/room/invariants.hpp"
#include "actors/core/room/room.hpp"

namespace vigie::room::test {

inline constexpr SiteId lyon{1}, bordeaux{2}, marseille{3};
inline constexpr EstablishmentId edouard{101}, pellegrin{201}, timone{301}, polyclinique{302};
inline constexpr GroupId everyone_group{1}, south{2}, overflow_group{3};
inline constexpr PersonId p_requester{1}, p_technologist{2}, p_regulator{3}, p_assistant{4},
    p_head{5}, p_admin{6}, p_gateway{7}, p_support{8}, p_observer{9}, p_lead{10}, p_regulator_2{11},
    p_requester_edouard{12}, p_head_2{13};
inline constexpr PersonId p_anne{21}, p_bruno{22}, p_lea{31}, p_luc{32}, p_mia{41}, p_pia{42},
    p_hub{90};

inline KeyId key_of(PersonId person) { return {1000 + person.value}; }
inline KeyId key_of(SiteId node) { return {node.value}; }

template <class Enum, class... More>
Set<Enum> set_of(Enum first, More... more) {
  Set<Enum> set;
  set.add(first);
  (set.add(more), ...);
  return set;
}

inline Person person(PersonId id, std::string name, Role role, SiteId site = {},
                     EstablishmentId establishment = {}) {
  Person p;
  p.id = id;
  p.name = std::move(name);
  p.rpps = "1000" + std::to_string(id.value);
  p.roles.add(role);
  p.site = site;
  p.establishment = establishment;
  if (role == Role::regulator) p.qualifications = {{role}};
  return p;
}

inline Person reader(PersonId id, std::string name, SiteId site, Set<Modality> modalities,
                     Set<Skill> skills = {}) {
  Person p = person(id, std::move(name), Role::reader, site);
  p.privileges = {{modalities}};
  p.skills = skills;
  return p;
}

inline constexpr AreaId rhone{1}, gironde{2}, provence{3};

inline Establishment hospital(EstablishmentId id, std::string name, AreaId territory,
                              std::vector<SiteId> doors) {
  Establishment e;
  e.id = id;
  e.name = std::move(name);
  e.legal_entity = {id.value};
  e.area = territory;
  e.doors = std::move(doors);
  e.recourses = {{"CHU Nord", "04 00", 30, false}, {"Pole enfants", "04 11", 45, true}};
  e.recipients = {e.name + "-ris"};
  return e;
}

inline Agreement agreement(std::string name, std::vector<EstablishmentId> who,
                           Set<Modality> modalities, GroupId group) {
  Agreement a;
  a.name = std::move(name);
  a.establishments = std::move(who);
  a.modalities = modalities;
  a.group = group;
  a.requester = a.provider = {"signed", {}, {}};
  return a;
}

/// lyon (16 posts), bordeaux (7), marseille (3). CT is read by all, MR of Pellegrin in the south
/// with overflow, radiographs of Edouard without regulation, those of the polyclinic reviewed
/// after.
inline Directory three_centres() {
  Directory d;
  d.version = 1;
  d.federation = "test";
  const auto site = [&](SiteId id, std::string name, std::string code, AreaId territory,
                        std::uint16_t posts) {
    Site s;
    s.id = id;
    s.name = std::move(name);
    s.code = std::move(code);
    s.area = territory;
    s.posts = posts;
    d.sites.push_back(std::move(s));
    Key key;
    key.id = key_of(id);
    key.node = id;
    d.keys.push_back(key);
  };
  site(lyon, "lyon", "LYS", rhone, 16);
  site(bordeaux, "bordeaux", "BOD", gironde, 7);
  site(marseille, "marseille", "MRS", provence, 3);
  d.groups = {{everyone_group, "all", {lyon, bordeaux, marseille}, {}},
              {south, "south", {marseille}, {}},
              {overflow_group, "overflow", {lyon}, {}}};
  d.establishments = {hospital(edouard, "edouard", rhone, {lyon, marseille}),
                      hospital(pellegrin, "pellegrin", gironde, {bordeaux, lyon}),
                      hospital(timone, "timone", provence, {marseille, lyon, bordeaux}),
                      hospital(polyclinique, "polyclinique", provence, {marseille})};
  d.establishments[3].recipients = {};
  for (const auto& e : d.establishments) d.entities.push_back({e.legal_entity, e.name, {}});
  d.areas = {{rhone, "rhone", AreaKind::territory, {}},
             {gironde, "gironde", AreaKind::territory, {}},
             {provence, "provence", AreaKind::territory, {}}};
  const auto ct = set_of(Modality::ct), mr = set_of(Modality::mr), cr = set_of(Modality::cr);
  d.agreements = {agreement("ct", {}, ct, everyone_group),
                  agreement("mr", {pellegrin, timone}, mr, south),
                  agreement("cr-edouard", {edouard}, cr, everyone_group),
                  agreement("cr-polyclinique", {polyclinique}, cr, everyone_group)};
  d.agreements[1].overflow = overflow_group;
  d.agreements[2].regulation = Regulation::none;
  d.agreements[3].regulation = Regulation::after;
  d.people = {person(p_requester, "requester", Role::requester, {}, timone),
              person(p_requester_edouard, "requester-edouard", Role::requester, {}, edouard),
              person(p_technologist, "technologist", Role::technologist, {}, timone),
              person(p_regulator, "regulator", Role::regulator, lyon),
              person(p_regulator_2, "regulator-2", Role::regulator, lyon),
              person(p_assistant, "assistant", Role::assistant, lyon),
              person(p_head, "head", Role::duty_head, lyon),
              person(p_head_2, "head-2", Role::duty_head, bordeaux),
              person(p_lead, "lead", Role::site_lead, lyon),
              person(p_admin, "admin", Role::administrator),
              person(p_gateway, "gateway", Role::gateway, {}, timone),
              person(p_support, "support", Role::support),
              person(p_observer, "observer", Role::observer),
              person(p_hub, "hub", Role::support, bordeaux)};
  const auto all = set_of(Modality::ct, Modality::mr, Modality::cr);
  d.people.push_back(reader(p_anne, "anne", bordeaux, all, set_of(Skill::neuro)));
  d.people.push_back(reader(p_bruno, "bruno", bordeaux, all));
  d.people.push_back(reader(p_lea, "lea", lyon, all, set_of(Skill::neuro)));
  d.people.push_back(reader(p_luc, "luc", lyon, all, set_of(Skill::paediatric)));
  d.people.push_back(reader(p_mia, "mia", marseille, ct));
  d.people.push_back(reader(p_pia, "pia", marseille, all, set_of(Skill::paediatric)));
  for (std::uint32_t i = 0; i < 8; ++i) {
    d.people.push_back(reader({100 + i}, "post" + std::to_string(i), bordeaux, cr));
  }
  for (const Person& p : d.people) {
    Key key;
    key.id = key_of(p.id);
    key.person = p.id;
    key.concentrator = p.id == p_hub;
    d.keys.push_back(key);
  }
  const auto protocol = [&](std::string code, Modality modality, Skill skill, bool vital) {
    Protocol p;
    p.code = std::move(code);
    p.modality = modality;
    p.skill = skill;
    p.vital = vital;
    d.protocols.push_back(std::move(p));
  };
  protocol("TDM v1", Modality::ct, Skill::general, false);
  protocol("AVC v3", Modality::ct, Skill::neuro, true);
  protocol("NEURO v1", Modality::unknown, Skill::neuro, false);
  protocol("RX v1", Modality::cr, Skill::general, false);
  return d;
}

class Night;

/// Somebody's session: numbers his requests as a client does.
class Actor {
 public:
  Actor(Night& night, PersonId person, Role role, SiteId door);
  Answer attach(SiteId door, Incarnation incarnation, AcceptMode accept = AcceptMode::manual);
  Answer say(Command command);
  Proposal proposal(Command command) const;

  // Requester, technologist.
  Answer cancel(ExamId exam) { return say(Cancel{{exam, {}}, "no longer"}); }
  Answer complete(ExamId exam) { return say(AcquisitionComplete{{exam, {}}, {}, {}, 120, false}); }
  // Regulator.
  Answer claim(ExamId exam) { return say(Claim{exam}); }
  Answer accept(ExamId exam, Urgency urgency = Urgency::p2, std::string protocol = "TDM v1") {
    return say(
        Accept{exam, "R1", std::move(protocol), urgency, Modality::unknown, Region::unknown});
  }
  Answer refuse(ExamId exam) { return say(Refuse{exam, "not relevant", true}); }
  // Reader.
  Answer be(ReaderMode mode, AcceptMode accept = AcceptMode::manual) {
    return say(SetReader{mode, accept});
  }
  Answer free() { return be(ReaderMode::free); }
  Answer next() { return be(ReaderMode::free, AcceptMode::automatic); }
  Answer away() { return be(ReaderMode::away); }
  Answer accept_offer(ExamId exam);
  Answer decline(ExamId exam, DeclineReason reason = DeclineReason::other);
  Answer release(ExamId exam);
  Answer sign(ExamId exam, std::uint64_t report);
  Answer sign(ExamId exam, std::uint64_t report, Epoch epoch) {
    return say(Sign{exam, epoch, {report}, "normal"});
  }
  Answer settle(ExamId exam, std::uint64_t report, bool adopt) {
    return say(SettleLate{exam, {report}, adopt});
  }
  const Session& record() const;
  ExamId in_hand() const { return record().exam; }

  Night* night;
  PersonId person;
  Role role;
  SessionId session;
  Incarnation incarnation;
  RequestNo request{};
  SiteId door;
};

class Night {
 public:
  explicit Night(Directory directory = three_centres()) {
    EXPECT_EQ(node(lyon, ApplyDirectory{std::move(directory)}).code, Errc::ok);
  }

  /// One entry, at the story's time.
  Answer apply(const Proposal& proposal) {
    out = {};
    const Answer answer = room.apply(vigie::next(room.applied()), at, proposal, out);
    for (const Event& e : out.events) events.push_back(e);
    for (const ArchivedExam& a : out.archive) archive.push_back(a);
    const auto broken = violations(room);
    EXPECT_TRUE(broken.empty()) << broken.front();
    return answer;
  }
  Answer node(SiteId door, Command command) {
    Proposal p;
    p.key = key_of(door);
    p.door = door;
    p.command = std::move(command);
    return apply(p);
  }
  void pass(Millis span) { at = at + span; }
  /// Time passes, and the leader lets what is due happen.
  void wait(Millis span) {
    pass(span);
    tick();
  }
  Answer tick(bool new_leader = false) { return node(lyon, Tick{new_leader}); }

  Request request(EstablishmentId establishment, const std::string& number) const {
    Request r;
    r.establishment = establishment;
    r.key = {LegalEntityId{establishment.value}, "HOSP", number};
    r.modality = Modality::ct;
    r.region = Region::chest;
    r.age_class = AgeClass::adult;
    r.sealed = "sealed " + number;
    return r;
  }
  Request request(const std::string& number) const { return request(timone, number); }
  Answer submit(SiteId door, Request r, std::string message_id) {
    return node(door, Submit{{std::move(r)}, std::move(message_id)});
  }
  /// A CT of the Timone, by Marseille's feed.
  ExamId submit(const std::string& number) {
    const Answer answer = submit(marseille, request(number), "MSG-" + number);
    EXPECT_EQ(answer.code, Errc::ok) << answer.text;
    return answer.exam;
  }
  Actor& regulator() { return actor(p_regulator, Role::regulator, lyon); }
  Actor& technologist() { return actor(p_technologist, Role::technologist, marseille); }
  Actor& requester() { return actor(p_requester, Role::requester, marseille); }
  /// He has the duty, unless somebody had it before him.
  Actor& head() { return actor(p_head, Role::duty_head, lyon); }
  const Duty& duty() const { return room.state().scalars().duty; }
  /// A reader at his centre, off until told otherwise.
  Actor& read(PersonId who) { return actor(who, Role::reader, room.directory().person(who)->site); }
  Actor& actor(PersonId who, Role role, SiteId door) {
    const auto at_ = actors_.find({who, role});
    if (at_ != actors_.end()) return at_->second;
    return actors_.emplace(std::pair{who, role}, Actor{*this, who, role, door}).first->second;
  }

  ExamId protocolled(const std::string& number, Urgency urgency = Urgency::p2,
                     const std::string& protocol = "TDM v1") {
    return accepted(submit(number), urgency, protocol);
  }
  ExamId accepted(ExamId exam, Urgency urgency = Urgency::p2,
                  const std::string& protocol = "TDM v1") {
    EXPECT_EQ(regulator().claim(exam).code, Errc::ok);
    const Answer answer = regulator().accept(exam, urgency, protocol);
    EXPECT_EQ(answer.code, Errc::ok) << answer.text;
    return exam;
  }
  ExamId complete(ExamId exam) {
    EXPECT_EQ(node(marseille, AcquisitionComplete{{exam, {}}, {}, {}, 100, false}).code, Errc::ok);
    return exam;
  }
  /// In the waiting room, or already with a reader.
  ExamId ready(const std::string& number, Urgency urgency = Urgency::p2,
               const std::string& protocol = "TDM v1") {
    return complete(protocolled(number, urgency, protocol));
  }
  /// In `who`'s hands; he must be the only free reader.
  ExamId being_read(const std::string& number, Actor& who, Urgency urgency = Urgency::p2) {
    who.free();
    const ExamId exam = ready(number, urgency);
    EXPECT_EQ(who.accept_offer(exam).code, Errc::ok);
    return exam;
  }
  Answer acknowledge(ExamId exam, DeliveryOutcome outcome = DeliveryOutcome::acked) {
    return node(marseille, DeliveryResult{exam, {1}, 0, outcome, "AA"});
  }

  const Exam& exam(ExamId id) const {
    const Exam* found = room.state().exams().find(id);
    VIGIE_ASSERT(found != nullptr);
    return *found;
  }
  bool has_exam(ExamId id) const { return room.state().exams().find(id) != nullptr; }
  ExamState state(ExamId id) const { return exam(id).state; }
  std::size_t count(EventKind kind) const {
    return static_cast<std::size_t>(std::count_if(events.begin(), events.end(),
                                                  [&](const Event& e) { return e.kind == kind; }));
  }
  /// Did the last entry say `kind`?
  const Event* said(EventKind kind) const {
    const auto e = std::find_if(out.events.begin(), out.events.end(),
                                [&](const Event& x) { return x.kind == kind; });
    return e == out.events.end() ? nullptr : &*e;
  }

  Room room;
  FedTime at{1'700'000'000'000};
  Effects out;  ///< of the last entry
  std::vector<Event> events;
  std::vector<ArchivedExam> archive;
  std::uint64_t hash = 0;

 private:
  std::map<std::pair<PersonId, Role>, Actor> actors_;
};

inline Actor::Actor(Night& n, PersonId who, Role as, SiteId where)
    : night(&n), person(who), role(as), session{5000 + who.value}, door(where) {
  EXPECT_EQ(attach(where, {1}).code, Errc::ok);
  if (role == Role::duty_head && !n.duty().head) {
    EXPECT_EQ(say(TakeDuty{n.duty().number, {}, {}}).code, Errc::ok);
  }
}

inline Answer Actor::attach(SiteId where, Incarnation wanted, AcceptMode accept_mode) {
  Proposal p;
  p.key = key_of(person);
  p.door = where;
  const SiteId post =
      role == Role::reader ? night->room.directory().person(person)->site : SiteId{};
  p.command = Attach{session, wanted, {}, role, post, "P1", accept_mode};
  const Answer answer = night->apply(p);
  if (answer.code != Errc::ok) return answer;
  door = where;
  session = answer.session;
  incarnation = answer.incarnation;
  request = previous(answer.next);
  return answer;
}

inline Proposal Actor::proposal(Command command) const {
  Proposal p;
  p.key = key_of(person);
  p.door = door;
  p.session = session;
  p.incarnation = incarnation;
  p.request = request;
  p.content_hash = night->hash;
  p.command = std::move(command);
  return p;
}

inline Answer Actor::say(Command command) {
  request = vigie::next(request);
  ++night->hash;
  return night->apply(proposal(std::move(command)));
}

inline Answer Actor::accept_offer(ExamId exam) {
  return say(AcceptOffer{exam, night->exam(exam).epoch});
}
inline Answer Actor::decline(ExamId exam, DeclineReason reason) {
  return say(DeclineOffer{exam, night->exam(exam).epoch, reason});
}
inline Answer Actor::release(ExamId exam) {
  return say(Release{exam, night->exam(exam).epoch, "tired"});
}
inline Answer Actor::sign(ExamId exam, std::uint64_t report) {
  return sign(exam, report, night->exam(exam).epoch);
}
inline const Session& Actor::record() const {
  return *night->room.state().sessions().find(session);
}

}  // namespace vigie::room::test
