// One of everything, with a different value in every field, so that a field that is forgotten or
// crossed with another shows in a round trip.
#pragma once

#include <string>
#include <vector>

#include "messages/types/command.hpp"
#include "messages/types/wire.hpp"

namespace vigie::samples {

inline OrderKey order_key() { return {{71}, "AUTH&1.2.3&ISO", "ORD-0042"}; }
inline ExamRef exam_ref() { return {{(3ull << 44) | 99}, order_key()}; }

inline Request request() {
  Request r;
  r.key = order_key();
  r.establishment = {812};
  r.modality = Modality::ct;
  r.region = Region::head;
  r.side = Side::left;
  r.age_class = AgeClass::child;
  r.asked = Urgency::p1;
  r.flags = ExamFlag::identity_provisional | ExamFlag::bad_charset;
  r.procedure = "ACQK001^TDM du crâne^CCAM";
  r.accessions = {"A1", "A22"};
  r.studies = {"1.2.250.1", "1.2.250.2"};
  r.priors = {"1.2.250.9"};
  r.patient_key = {0x1122334455667788, 0x99aabbccddeeff00};
  r.callback_phone = "0492000000";
  r.sealed = std::string("PID|1||\xe9\x00\xff", 10);
  r.protocol = "AVC-TDM v3";
  r.images_complete = true;
  r.images = 1812;
  return r;
}

inline PublicKey public_key(std::uint8_t from) {
  PublicKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(from + i);
  return key;
}

inline Directory directory() {
  Directory d;
  d.version = 7;
  d.federation = "vigie-demo";
  d.sites = {{{1}, "lyon", "LYS", {11}, 4, "0472", public_key(1), true, {}, {}, 0, 0},
             {{2}, "gap", "GAP", {12}, 1, "0492", public_key(9), false, {}, {}, 0, 0}};
  d.sites[1].enrolled = {{"gap-1", PostKind::home}};
  d.groups = {{{5}, "nuit", {{1}, {2}}, {{812}}}};
  Agreement a;
  a.name = "gap-nuit";
  a.establishments = {{812}, {813}};
  a.modalities.add(Modality::ct);
  a.bands.add(Band::deep_night);
  a.group = {5};
  a.overflow = {6};
  a.regulation = Regulation::after;
  a.from = {1'767'225'600'000};
  a.until = {1'798'761'600'000};
  a.requester = {"directeur du CH", {1'767'000'000'000}, "sha256:12"};
  a.provider = {"garde", {1'767'100'000'000}, "sha256:34"};
  a.entities = {{71}};
  a.areas = {{12}};
  a.kind = AgreementKind::pool;
  a.legal_basis = "CSP L. 6146-2";
  a.pool_min = 3;
  a.after = {"gap-jour"};
  a.quota = 30;
  a.targets = {10_min, 21_min, 46_min, 0_ms};
  a.readers_min = 4;
  d.agreements = {a};
  d.entities = {{{71}, "CH des Alpes", EntityKind::public_}};
  d.areas = {{{11}, "ARA", AreaKind::region, {}}, {{12}, "Hautes-Alpes", AreaKind::ght, {11}}};
  d.calendars = {{{3},
                  "gap",
                  "Europe/Paris",
                  {"france", "12-26"},
                  18_h + 30_min,
                  8_h,
                  {{{1'767'225'600'000}, Band::deep_night}, {{1'767'250'800'000}, Band::holiday}},
                  {1'767'300'000'000}}};
  d.establishments = {{{812},
                       "CH GAP",
                       {71},
                       "050000116",
                       {12},
                       {3},
                       {{2}, {1}},
                       "0492",
                       {{"Timone", "0491", 45, true}},
                       {"gap-ris", "gap-pacs"},
                       {},
                       true}};
  d.establishments[0].authorised.add(Modality::ct);
  Person p{{31}, "Dr A", "10001234567", {}, {1}, {812}, {}, {}, {813}, {}};
  p.roles.add(Role::reader);
  p.privileges = {{Set<Modality>::of(Modality::mr),
                   Set<Region>::of(Region::spine),
                   Set<AgeClass>::of(AgeClass::child),
                   PrivilegeStatus::supervised,
                   {1'798'761'600'000}}};
  p.qualifications = {{Role::regulator, {1'767'225'600'000}, {1'798'761'600'000}, "formation"}};
  p.skills.add(Skill::neuro);
  p.area = {11};
  p.home_hours = 39;
  d.people = {p};
  d.keys = {{{41}, public_key(77), {31}, {2}, true, true}};
  d.protocols = {{"AVC v3", "AVC", Modality::ct, Region::head, Skill::neuro, 17, true, 90_s, true}};
  std::int64_t ms = 1001;
  for (Millis* rule : {&d.rules.offer_timeout,
                       &d.rules.offer_timeout_p0,
                       &d.rules.claim_lease,
                       &d.rules.relax_any,
                       &d.rules.relax_overflow,
                       &d.rules.target_p0,
                       &d.rules.target_p1,
                       &d.rules.target_p2,
                       &d.rules.target_p3,
                       &d.rules.info_reminder,
                       &d.rules.no_images,
                       &d.rules.images_stalled,
                       &d.rules.delivery_owner_timeout,
                       &d.rules.close_after,
                       &d.rules.bundle,
                       &d.rules.agreement_grace,
                       &d.rules.protocol_ack,
                       &d.rules.cancel_answer,
                       &d.rules.hold_reminder,
                       &d.rules.reserve,
                       &d.rules.preliminary_reminder,
                       &d.rules.critical_ack,
                       &d.rules.undelivered,
                       &d.rules.undelivered_call,
                       &d.rules.task,
                       &d.rules.duty_succession,
                       &d.rules.overflow_open,
                       &d.rules.overflow_close,
                       &d.rules.no_show}) {
    *rule = Millis{ms++};
  }
  d.engines = {{"aidoc", 12, {{"hémorragie", Urgency::p1}, {"fracture", Urgency::p2}}}};
  d.roster = {{{31}, {2}, {1'767'225'600'000}, {1'767'268'800'000}}};
  return d;
}

inline Epoch epoch() { return {17, 4711}; }

/// Every alternative of Command, in its order.
inline std::vector<Command> commands() {
  const ExamId exam{(1ull << 44) | 5};
  return {
      UnknownCommand{4097},
      Attach{{0xabcdef}, {3}, {31}, Role::reader, {2}, "poste 3", AcceptMode::automatic},
      Detach{},
      Submit{{request(), request()}, "MSG-1"},
      Amend{request(), "MSG-2"},
      Cancel{exam_ref(), "doublon"},
      Claim{exam},
      ReleaseClaim{exam},
      AskInfo{exam, "sous anticoagulants ?"},
      ProvideInfo{exam_ref(), "apixaban \xe9"},
      Accept{exam, "R1", "AVC-TDM v3", Urgency::p0, Modality::mr, Region::spine},
      Refuse{exam, "échographie", true},
      AcquisitionStarted{exam_ref()},
      ImagesProgress{exam_ref(), 12, 1812},
      AcquisitionComplete{exam_ref(), {"A1"}, {"1.2", "1.3"}, 1812, true},
      SetReader{ReaderMode::rest, AcceptMode::automatic},
      AcceptOffer{exam, epoch()},
      DeclineOffer{exam, epoch(), DeclineReason::conflict},
      Release{exam, epoch(), "appel"},
      Preliminary{exam, epoch(), {91}, "pas d'h\xe9morragie"},
      Sign{exam, epoch(), {92}, "Compte rendu", "HSA"},
      SettleLate{exam, {93}, true},
      DeliveryResult{exam, {2}, 3, DeliveryOutcome::failed, "AE 204"},
      ExpireSession{{0xabcdef}, {3}},
      SiteContact{{2}, {8}, true},
      Tick{true},
      Checkpoint{{9000}, {1, 2}},
      ClockCorrection{Millis{-250}},
      SetLevel{{2}},
      ApplyDirectory{directory()},
      ChangeSite{SiteChange::add,
                 {{},
                  "nantes",
                  "NTE",
                  {13},
                  2,
                  "+33 2",
                  PublicKey{1, 2, 3},
                  false,
                  "10.0.0.4:7100",
                  Membership::voter,
                  7,
                  -5}},
      ReviseProtocol{exam, "AVC-TDM v4", "claustrophobe"},
      AckProtocol{exam_ref(), 2},
      SetUrgency{exam_ref(), Urgency::p1, "s'aggrave"},
      Hold{exam, "attente du bloc"},
      Resume{exam},
      Suspend{exam, epoch()},
      WantImages{exam, epoch(), "temps tardif"},
      TakeOver{exam, "injoignable"},
      Direct{exam, {31}, "connaît le patient"},
      Pin{exam, true, "bloc prêt"},
      AnswerCancel{exam, true, "doublon"},
      TellResult{exam, "urgentiste", "hémorragie"},
      ReviseReport{exam, {94}, ReportKind::correction, "côté droit \xe9"},
      AckCritical{exam_ref()},
      CloseTask{exam, TaskKind::critical_result, "appelé"},
      LinkOrder{exam, order_key()},
      AskRead{exam, Purpose::recourse, Skill::neuro, Region::head, {31}, true, "anévrisme ?"},
      TakeDuty{7, {32}, {exam, {6}}},
      OfferDuty{7, {32}},
      HandOver{exam_ref(), true, "lu ici"},
      AddFinding{exam_ref(), "aidoc", "3.1", "hémorragie"},
      SetSite{{2}, 3, true, "console en panne"},
      SetAway{{31}, "appelé au bloc"},
      SetShift{directory().roster[0], {{32}, {1}, {1000}, {2000}}, "échange"},
      Bypass{exam, "choc hémorragique"},
      Reopen{exam, "avis du confrère", std::string("\xff\x00", 2)},
  };
}

inline Proposal proposal(Command command) {
  return {{41}, {2}, 77, {0xabcdef}, {3}, {12}, 0xfeedface, std::move(command)};
}

inline ClientRequest client_request(Command command) {
  return {{0xabcdef}, {3}, {12}, {8999}, std::move(command), 0};
}

inline std::vector<ClientMessage> client_messages() {
  return {Hello{"vigie-demo", 1, 2, "vigie 0.1"}, client_request(Claim{{5}}),
          Renew{{0xabcdef}, {3}, 123456789}, Subscribe{4, Desk::regulator, {0xabcdef}, {8000}},
          Query{6, QueryKind::why, "LYS-7K2Q", {8999}, true}};
}

inline ExamCard card() {
  ExamCard c;
  c.exam = {(1ull << 44) | 5};
  c.epoch = epoch();
  c.state = ExamState::offered;
  c.urgency = Urgency::p0;
  c.modality = Modality::mr;
  c.region = Region::limb;
  c.age_class = AgeClass::infant;
  c.flags = ExamFlag::partial;
  c.establishment = {812};
  c.placer_order = "ORD-0042";
  c.procedure = "proc";
  c.protocol = "AVC v3";
  c.studies = {"1.2", "1.3"};
  c.images = 44;
  c.received_at = {1001};
  c.ready_at = {1002};
  c.deadline = {1003};
  c.offered_until = {1004};
  c.callback_phone = "0492";
  c.sealed = "\xff\xfe sealed";
  c.parent = {77};
  c.purpose = Purpose::region;
  c.priors = {"1.9"};
  c.answers = {"apixaban \xe9", "80"};
  return c;
}

inline Event event() {
  Event e;
  e.kind = EventKind::read_offered;
  e.urgency = Urgency::p1;
  e.state = ExamState::reading;
  e.index = {9001};
  e.at = {1'700'000'000'123};
  e.exam = {(1ull << 44) | 5};
  e.session = {0xabcdef};
  e.by = {31};
  e.site = {2};
  e.epoch = epoch();
  e.text = "AVC v3";
  e.card = std::make_shared<ExamCard>(card());
  return e;
}

inline bool same(const ExamCard& a, const ExamCard& b) {
  return a.exam == b.exam && a.epoch == b.epoch && a.state == b.state && a.urgency == b.urgency &&
         a.modality == b.modality && a.region == b.region && a.age_class == b.age_class &&
         a.flags == b.flags && a.establishment == b.establishment &&
         a.placer_order == b.placer_order && a.procedure == b.procedure &&
         a.protocol == b.protocol && a.studies == b.studies && a.images == b.images &&
         a.received_at == b.received_at && a.ready_at == b.ready_at && a.deadline == b.deadline &&
         a.offered_until == b.offered_until && a.callback_phone == b.callback_phone &&
         a.sealed == b.sealed && a.parent == b.parent && a.purpose == b.purpose &&
         a.priors == b.priors && a.answers == b.answers;
}

inline bool same(const Event& a, const Event& b) {
  const bool cards = a.card && b.card ? same(*a.card, *b.card) : !a.card && !b.card;
  return cards && a.kind == b.kind && a.urgency == b.urgency && a.state == b.state &&
         a.index == b.index && a.at == b.at && a.exam == b.exam && a.session == b.session &&
         a.by == b.by && a.site == b.site && a.epoch == b.epoch && a.text == b.text;
}

inline Answer answer() {
  return {Errc::retry_from, {12},        {9001}, {55}, epoch(), {0xabcdef}, {3}, {13}, true,
          "Timone 0491",    {{55}, {56}}};
}

}  // namespace vigie::samples
