#include "tests/sim/town.hpp"

namespace vigie::sim {
namespace {

PublicKey bytes_of(std::uint32_t number) {
  PublicKey key{};
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return key;
}

template <class Enum, class... More>
Set<Enum> set_of(Enum first, More... more) {
  Set<Enum> set;
  set.add(first);
  (set.add(more), ...);
  return set;
}

void add_person(Directory& d, std::uint32_t id, Role role, SiteId site,
                EstablishmentId establishment, bool neuro) {
  vigie::Person p;
  p.id = {id};
  p.name = std::string(name_of(role)) + std::to_string(id);
  p.rpps = "1000" + std::to_string(id);
  p.roles.add(role);
  p.site = site;
  p.establishment = establishment;
  if (role == Role::reader) p.privileges = {{set_of(Modality::ct, Modality::mr, Modality::cr)}};
  if (role == Role::regulator) p.qualifications = {{role}};
  if (neuro) p.skills = set_of(Skill::neuro);
  d.people.push_back(std::move(p));
  Key key;
  key.id = {1000 + id};
  key.key = key_of({id});
  key.person = {id};
  d.keys.push_back(key);
}

void add_site(Directory& d, std::uint16_t i) {
  const Site site = site_named({i});
  Key key;
  key.id = {i};
  key.key = site.node_key;
  key.node = site.id;
  d.keys.push_back(key);
  d.sites.push_back(site);
}

void add_agreement(Directory& d, std::string name, Modality modality, Regulation regulation) {
  Agreement a;
  a.name = std::move(name);
  a.modalities.add(modality);
  a.group = {1};
  a.regulation = regulation;
  a.requester = a.provider = {"signed", {}, {}};
  d.agreements.push_back(std::move(a));
}

/// Guards of three minutes, a minute of day between them; what was before is one guard.
void add_calendar(Directory& d, std::uint16_t id, Millis begin) {
  constexpr int guards = 200;
  Calendar c;
  c.id = {id};
  c.name = "calendar" + std::to_string(id);
  UtcTime at = UtcTime{1'700'000'000'000} + begin;  // when a simulated world begins
  c.turns = {{at - 24_h, Band::deep_night}};
  for (int i = 0; i < guards; ++i, at = at + 4_min) {
    c.turns.push_back({at, Band::day});
    c.turns.push_back({at + 1_min, Band::evening});
  }
  c.until = at;
  d.calendars.push_back(std::move(c));
}

/// Who the AI engines are, and how far they raise what.
void add_engines(Directory& d) {
  d.engines = {{"gleamer", 6, {{"haemorrhage", Urgency::p1}, {"fracture", Urgency::p2}}},
               {"aidoc", 3, {{"embolism", Urgency::p1}, {"fracture", Urgency::p2}}}};
}

void add_protocol(Directory& d, std::string code, Modality modality, Skill skill, bool vital) {
  Protocol p;
  p.code = std::move(code);
  p.modality = modality;
  p.skill = skill;
  p.vital = vital;
  d.protocols.push_back(std::move(p));
}

}  // namespace

Site site_named(SiteId id) {
  Site site;
  site.id = id;
  site.name = "site" + std::to_string(id.value);
  site.code = std::string("S") + static_cast<char>('A' + id.value / 10) +
              static_cast<char>('0' + id.value % 10);
  site.posts = 2 * readers_per_site + 2;
  site.node_key = bytes_of(id.value);
  site.address = site.name + ":7000";
  return site;
}

PublicKey key_of(PersonId person) { return bytes_of(0x10000 + person.value); }

std::vector<SiteId> doors_from(SiteId home, int sites) {
  std::vector<SiteId> doors = {home};
  for (std::uint16_t i = 1; i <= sites; ++i) {
    if (i != home.value) doors.push_back({i});
  }
  return doors;
}

Directory town_directory(int sites, Millis close_after) {
  Directory d;
  d.version = 1;
  d.federation = "sim";
  ProviderGroup all;
  all.id = {1};
  all.name = "all";
  std::uint32_t reader = person_reader, hospital = person_hospital;
  for (std::uint16_t i = 1; i <= sites; ++i) {
    add_site(d, i);
    all.sites.push_back({i});
    for (int n = 0; n < readers_per_site; ++n) {
      add_person(d, reader++, Role::reader, {i}, {}, n == 0);
    }
    for (int n = 0; n < hospitals_per_site; ++n, ++hospital) {
      Establishment e;
      e.id = {hospital};
      e.name = "hospital" + std::to_string(hospital);
      e.legal_entity = {hospital};
      e.doors = doors_from({i}, sites);
      e.recipients = {e.name + "-ris"};
      d.entities.push_back({e.legal_entity, e.name, {}});
      e.protocol_ack = hospital % 2 == 0;
      e.calendar = {static_cast<std::uint16_t>(1 + hospital % 2)};
      d.establishments.push_back(std::move(e));
      add_person(d, hospital, Role::gateway, {}, {hospital}, false);
      const std::uint32_t house = hospital - person_hospital;
      add_person(d, person_requester + house, Role::requester, {}, {hospital}, false);
      add_person(d, person_technologist + house, Role::technologist, {}, {hospital}, false);
    }
  }
  for (std::uint32_t n = 0; n < regulators; ++n) {
    add_person(d, person_regulator + n, Role::regulator, {1}, {}, false);
  }
  add_person(d, person_steering, Role::regulator, {1}, {}, false);
  add_person(d, person_assistant, Role::assistant, {1}, {}, false);
  for (std::uint32_t n = 0; n < duty_heads; ++n) {
    add_person(d, person_duty_head + n, Role::duty_head, {1}, {}, false);
  }
  for (std::uint16_t i = 1; i <= sites; ++i) {
    add_person(d, person_site_lead + i, Role::site_lead, {i}, {}, false);
  }
  add_person(d, person_administrator, Role::administrator, {}, {}, false);
  // What needs no regulation is read at the first centre, unless too much waits for it.
  ProviderGroup first;
  first.id = {2};
  first.name = "first";
  first.sites = {{1}};
  d.groups = {all, first};
  add_calendar(d, 1, 2_min);
  add_calendar(d, 2, 3_min);
  add_engines(d);
  add_agreement(d, "ct", Modality::ct, Regulation::required);
  add_agreement(d, "mr", Modality::mr, Regulation::after);
  d.agreements.back().quota = 3;
  add_agreement(d, "mr-next", Modality::mr, Regulation::required);
  add_agreement(d, "cr", Modality::cr, Regulation::none);
  d.agreements.back().group = first.id;
  d.agreements.back().overflow = all.id;
  add_protocol(d, "TDM v1", Modality::ct, Skill::general, false);
  add_protocol(d, "AVC v3", Modality::ct, Skill::neuro, true);
  add_protocol(d, "IRM v1", Modality::mr, Skill::general, false);
  add_protocol(d, "RX v1", Modality::cr, Skill::general, false);
  // So that all of a night happens within minutes.
  d.rules.close_after = close_after;
  d.rules.target_p2 = 60_s;
  d.rules.target_p3 = 180_s;
  d.rules.info_reminder = 60_s;
  d.rules.no_images = 90_s;
  d.rules.images_stalled = 40_s;
  d.rules.protocol_ack = 20_s;
  d.rules.cancel_answer = 30_s;
  d.rules.hold_reminder = 15_s;
  d.rules.reserve = 40_s;
  d.rules.preliminary_reminder = 15_s;
  d.rules.critical_ack = 30_s;
  d.rules.task = 30_s;
  d.rules.duty_succession = 30_s;
  d.rules.no_show = 3_s;
  d.rules.overflow_open = 12_min;
  d.rules.overflow_close = 6_min;
  return d;
}

}  // namespace vigie::sim
