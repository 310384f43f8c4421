// Bytes as proposals: who speaks, what he says, about which exam; mostly what the room knows, at
// times anything. Every proposal goes through the codec, as every entry of the log has.
#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "actors/core/room/room.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/world.hpp"

namespace vigie::fuzz {

class Proposals {
 public:
  Proposals(Input& input, const room::Room& room) : in_(input), room_(room) {}

  /// The next one; none when the codec refuses it, as it would have at the door.
  std::optional<Proposal> next() {
    Proposal p;
    const std::uint8_t who = in_.byte();
    if (who < 60) {
      of_node(p);
    } else if (who < 220) {
      of_session(p);
    } else {
      of_anyone(p);
    }
    const auto coded = codec::decode_proposal(codec::encode_proposal(p));
    return coded ? std::optional{*coded} : std::nullopt;
  }

  /// A step of federation time: mostly small, at times over a deadline, backwards or absurd.
  FedTime after(FedTime at) {
    const std::uint8_t kind = in_.byte();
    if (at.value < 0 || at > room_.now() + 24_h) at = room_.now();  // after an absurd one
    if (kind < 150) return at + Millis{kind};
    if (kind < 200) return at + Millis{(kind - 150) * 1'000};
    if (kind < 235) return at + Millis{(kind - 200) * 60'000};
    if (kind < 250) return at + Millis{(kind - 235) * 3'600'000};
    if (kind < 254) return {at.value - 10'000};
    return {in_.take<std::int64_t>()};
  }

 private:
  template <class Slots>
  const auto* any_of(const Slots& slots) {
    using Record = decltype(slots.begin()->second.record);
    if (slots.empty()) return static_cast<const Record*>(nullptr);
    auto at = slots.begin();
    std::advance(at,
                 static_cast<std::ptrdiff_t>(in_.below(slots.size() < 256 ? slots.size() : 256)));
    return &at->second.record;
  }
  const room::Session* any_session() { return any_of(room_.state().sessions().slots()); }
  const Exam* any_exam() { return any_of(room_.state().exams().slots()); }

  void of_node(Proposal& p) {
    p.door = site();
    p.key = {p.door.value};
    p.command = in_.chance(80) ? node_command() : any_command();
  }
  void of_session(Proposal& p) {
    const room::Session* s = any_session();
    if (s == nullptr || in_.chance(12)) return of_newcomer(p);
    p.key = s->key;
    p.door = s->door;
    p.session = s->id;
    p.incarnation = s->incarnation;
    p.request = {in_.chance(95) ? s->last_request.value + 1 : in_.number(s->last_request.value)};
    p.content_hash = in_.chance(90) ? p.request.value : 7;
    p.command = in_.chance(85) ? command_of(*s) : any_command();
  }
  void of_newcomer(Proposal& p) {
    const PersonId person{1 + static_cast<std::uint32_t>(in_.below(people_count))};
    p.key = key_of(person);
    p.door = site();
    p.command = attach(person);
  }
  void of_anyone(Proposal& p) {
    p.key = {static_cast<std::uint32_t>(in_.number(100))};
    p.door = {static_cast<std::uint16_t>(in_.number(2))};
    p.session = {in_.number(1)};
    p.incarnation = {static_cast<std::uint32_t>(in_.number(1))};
    p.request = {in_.number(1)};
    p.content_hash = in_.byte();
    p.command = any_command();
  }

  SiteId site() { return {static_cast<std::uint16_t>(1 + in_.below(sites_count))}; }
  ExamId exam() {
    if (const Exam* e = in_.chance(95) ? any_exam() : nullptr) return e->id;
    return {(std::uint64_t{site().value} << 44) | in_.number(1)};
  }
  /// What a reader has in hand, mostly.
  ExamId exam_of(const room::Session& s) { return s.exam && in_.chance(85) ? s.exam : exam(); }
  Epoch epoch_of(ExamId id) {
    const Exam* e = room_.state().exams().find(id);
    return e != nullptr && in_.chance(85) ? e->epoch : Epoch{in_.below(2), in_.number(1)};
  }
  ExamRef ref() {
    if (in_.chance(80)) return {exam(), {}};
    return {{}, key()};
  }
  OrderKey key() {
    return {{1 + static_cast<std::uint32_t>(in_.below(hospitals_count))},
            "H",
            std::to_string(in_.below(6))};
  }
  std::string text() { return std::string{in_.bytes(in_.chance(95) ? 12 : 300)}; }
  ReportId report_of(ExamId id) {
    const Exam* e = room_.state().exams().find(id);
    if (e != nullptr && !e->reports.empty() && in_.chance(40)) {
      return e->reports[in_.below(e->reports.size() < 256 ? e->reports.size() : 256)].id;
    }
    return {in_.chance(80) ? 1000 + room_.applied().value : in_.number(1)};
  }
  Urgency urgency() { return static_cast<Urgency>(in_.below(4)); }

  Request request() {
    Request r;
    r.establishment = {in_.chance(97) ? 1 + static_cast<std::uint32_t>(in_.below(hospitals_count))
                                      : static_cast<std::uint32_t>(in_.number(1))};
    r.key = key();
    r.key.legal_entity = {r.establishment.value};
    constexpr Modality modalities[] = {Modality::ct, Modality::ct, Modality::ct,     Modality::mr,
                                       Modality::cr, Modality::us, Modality::unknown};
    r.modality = modalities[in_.below(std::size(modalities))];
    r.age_class = static_cast<AgeClass>(in_.below(4));
    r.asked = urgency();
    r.flags = static_cast<ExamFlag>(in_.chance(90) ? 0 : in_.take<std::uint32_t>());
    r.patient_key = {0, in_.below(4)};
    if (in_.chance(30)) r.protocol = "TDM";
    r.images_complete = in_.chance(30);
    r.images = in_.byte();
    if (in_.chance(10)) r.sealed = text();
    return r;
  }
  Command attach(PersonId person) {
    const Person* known = room_.directory().person(person);
    Attach a;
    a.role = static_cast<Role>(in_.below(role_count));
    for (std::size_t i = 0; known != nullptr && i < role_count && in_.chance(97); ++i) {
      if (known->roles.contains(static_cast<Role>(i))) a.role = static_cast<Role>(i);
    }
    const room::Session* s = room_.state().session_of(person, a.role);
    a.session = s != nullptr && in_.chance(80) ? s->id : SessionId{500 + in_.below(40)};
    a.incarnation = {static_cast<std::uint32_t>(
        in_.chance(90) ? (s != nullptr ? s->incarnation.value + 1 : 1) : in_.number(1))};
    if (in_.chance(5)) a.person = {static_cast<std::uint32_t>(in_.below(people_count + 2))};
    a.site = in_.chance(80) ? site() : SiteId{};
    a.accept = static_cast<AcceptMode>(in_.below(2));
    return a;
  }

  Command node_command() {
    switch (in_.below(9)) {
      case 0:
      case 1:
      case 2:
        return submit();
      case 3:
        return DeliveryResult{exam(),
                              {static_cast<std::uint16_t>(in_.number(1))},
                              static_cast<std::uint8_t>(in_.below(3)),
                              static_cast<DeliveryOutcome>(in_.below(3)),
                              "AA"};
      case 4:
        return SiteContact{site(), {1}, in_.chance(70)};
      case 5: {
        const room::Session* s = any_session();
        return s != nullptr ? ExpireSession{s->id, s->incarnation} : ExpireSession{{1}, {1}};
      }
      case 6:
        return AcquisitionComplete{ref(), {"a"}, {"1.2"}, in_.byte(), false};
      case 7:
        return directory();
      default:
        return Tick{in_.chance(30)};
    }
  }
  Command submit() {
    Submit s;
    for (std::size_t n = in_.chance(85) ? 1 : in_.below(5); n > 0; --n) {
      s.requests.push_back(request());
    }
    s.message_id = "M" + std::to_string(in_.below(8));
    return s;
  }
  Command directory() {
    Directory d = room_.directory();
    ++d.version;
    const auto pick = [&](auto& items) -> auto& { return items[in_.below(items.size() % 256)]; };
    const std::size_t kind = in_.below(8);
    if (kind == 0 && !d.people.empty()) pick(d.people).roles.bits = in_.take<std::uint16_t>();
    if (kind == 1 && !d.sites.empty()) pick(d.sites).draining = in_.chance(50);
    if (kind == 2 && !d.agreements.empty()) d.agreements.erase(d.agreements.begin());
    if (kind == 3 && !d.people.empty()) d.people.pop_back();
    if (kind == 4 && !d.keys.empty()) pick(d.keys).revoked = true;
    if (kind == 5 && !d.protocols.empty()) d.protocols.erase(d.protocols.begin());
    if (kind == 6) rule(d.rules) = {in_.take<std::int64_t>()};
    if (kind == 7) d = world(), d.version = room_.directory().version + 1;
    return ApplyDirectory{std::move(d)};
  }
  Millis& rule(Rules& rules) {
    Millis* const all[] = {&rules.offer_timeout,
                           &rules.offer_timeout_p0,
                           &rules.claim_lease,
                           &rules.relax_any,
                           &rules.relax_overflow,
                           &rules.target_p0,
                           &rules.target_p3,
                           &rules.info_reminder,
                           &rules.no_images,
                           &rules.images_stalled,
                           &rules.close_after,
                           &rules.bundle,
                           &rules.delivery_owner_timeout};
    return *all[in_.below(std::size(all))];
  }

  Command command_of(const room::Session& s) {
    switch (s.role) {
      case Role::reader:
        return reader_command(s);
      case Role::regulator:
      case Role::assistant:
        return regulator_command();
      case Role::requester:
      case Role::technologist:
      case Role::gateway:
        return hospital_command();
      case Role::duty_head:
        return in_.chance(50) ? steering_command() : any_command();
      default:
        return any_command();
    }
  }
  Command reader_command(const room::Session& s) {
    const ExamId id = exam_of(s);
    switch (in_.below(9)) {
      case 0:
      case 1:
        return SetReader{static_cast<ReaderMode>(in_.below(4)),
                         static_cast<AcceptMode>(in_.below(2))};
      case 2:
      case 3:
        return AcceptOffer{id, epoch_of(id)};
      case 4:
        return DeclineOffer{id, epoch_of(id), static_cast<DeclineReason>(in_.below(5))};
      case 5:
        return Release{id, epoch_of(id), text()};
      case 6:
        return Preliminary{id, epoch_of(id), report_of(id), text()};
      case 7:
        return SettleLate{id, report_of(id), in_.chance(50)};
      default:
        return Sign{id, epoch_of(id), report_of(id), text()};
    }
  }
  Command regulator_command() {
    constexpr const char* protocols[] = {"TDM", "AVC", "ANY", "", "none such"};
    const ExamId id = exam();
    switch (in_.below(8)) {
      case 0:
      case 1:
        return Claim{id};
      case 2:
        return ReleaseClaim{id};
      case 3:
        return AskInfo{id, text()};
      case 4:
        return Refuse{id, text(), in_.chance(50)};
      default:
        return Accept{id,
                      "R1",
                      protocols[in_.below(std::size(protocols))],
                      urgency(),
                      static_cast<Modality>(in_.below(4)),
                      Region::chest};
    }
  }
  Command hospital_command() {
    switch (in_.below(7)) {
      case 0:
        return Amend{request(), "M"};
      case 1:
        return Cancel{ref(), text()};
      case 2:
        return ProvideInfo{ref(), text()};
      case 3:
        return AcquisitionStarted{ref()};
      case 4:
        return ImagesProgress{ref(), in_.byte(), in_.byte()};
      case 5:
        return AcquisitionComplete{ref(), {}, {text()}, in_.byte(), in_.chance(30)};
      default:
        return submit();
    }
  }
  Command any_command() {
    switch (in_.below(11)) {
      case 0:
        return Detach{};
      case 1:
        return Checkpoint{{in_.number(room_.applied().value)}, {in_.byte(), 2}};
      case 2:
        return ClockCorrection{{static_cast<std::int64_t>(in_.number(500))}};
      case 3:
        return SetLevel{{static_cast<std::uint16_t>(in_.number(1))}};
      case 4:
        return UnknownCommand{in_.take<std::uint16_t>()};
      case 5:
        return attach({1 + static_cast<std::uint32_t>(in_.below(people_count))});
      case 6:
        return reader_command({});
      case 7:
        return regulator_command();
      case 8:
        return hospital_command();
      case 10:  // later than the rest: what stands before it keeps its numbers, for the corpus
        return steering_command();
      default:
        return node_command();
    }
  }
  std::string reason() { return in_.chance(95) ? "r" : text(); }
  PersonId person() { return {static_cast<std::uint32_t>(in_.below(people_count + 2))}; }
  /// By whom it may be said, mostly.
  Command steering_command() {
    const ExamId id = exam();
    switch (in_.below(24)) {
      case 0:
        return ReviseProtocol{id, in_.chance(50) ? "TDM" : "AVC", reason()};
      case 1:
        return AckProtocol{ref(), in_.byte()};
      case 2:
        return SetUrgency{ref(), urgency(), reason()};
      case 3:
        return Hold{id, reason()};
      case 4:
        return Resume{id};
      case 5:
        return LinkOrder{id, key()};
      case 6:
        return AnswerCancel{id, in_.chance(50), reason()};
      case 7:
        return CloseTask{id, static_cast<TaskKind>(in_.below(task_kind_count)), reason()};
      case 8:
        return Suspend{id, epoch_of(id)};
      case 9:
        return WantImages{id, epoch_of(id), reason()};
      case 10:
        return TellResult{id, reason(), text()};
      case 11:
        return ask_read(id);
      case 12:
        return ReviseReport{id, report_of(id), static_cast<ReportKind>(in_.below(7)), text()};
      case 13:
        return AckCritical{ref()};
      case 14:
        return TakeOver{id, reason()};
      case 15:
        return Direct{id, person(), reason()};
      case 16:
        return Pin{id, in_.chance(70), reason()};
      default:
        return guard_command();
    }
  }
  AskRead ask_read(ExamId id) {
    AskRead c;
    c.exam = id;
    c.purpose = static_cast<Purpose>(in_.below(6));
    c.skill = static_cast<Skill>(in_.below(4));
    c.region = in_.chance(80) ? Region::head : Region::unknown;
    if (in_.chance(40)) c.reader = person();
    c.is_mandatory = in_.chance(40);
    c.question = reason();
    return c;
  }
  Command guard_command() {
    const std::uint32_t number = room_.state().scalars().duty.number;
    switch (in_.below(9)) {
      case 6:
        return Bypass{exam(), reason()};
      case 7:
        return Reopen{exam(), reason(), text()};
      case 8:
        return set_shift();
      case 0: {
        TakeDuty c{in_.chance(90) ? number : in_.byte(), person(), {}};
        for (const auto& [id, slot] : room_.state().exams().slots()) {
          if (in_.chance(97)) c.seen.push_back(id);
        }
        return c;
      }
      case 1:
        return OfferDuty{in_.chance(90) ? number : in_.byte(), person()};
      case 2:
        return HandOver{ref(), in_.chance(50), reason()};
      case 3:
        return AddFinding{ref(), in_.chance(90) ? "gleamer" : "x", reason(),
                          in_.chance(70) ? "bleed" : text()};
      case 4:
        return SetSite{site(), static_cast<std::uint16_t>(in_.below(4)), in_.chance(30), reason()};
      default:
        return SetAway{person(), reason()};
    }
  }

  SetShift set_shift() {
    SetShift c;
    c.reason = reason();
    const auto& roster = room_.directory().roster;
    if (!roster.empty() && in_.chance(60)) c.before = roster[in_.below(roster.size())];
    const UtcTime now{room_.state().scalars().at.value};
    if (in_.chance(70)) c.after = {person(), site(), now, now + 1_min * in_.byte()};
    return c;
  }

  Input& in_;
  const room::Room& room_;
};

}  // namespace vigie::fuzz
