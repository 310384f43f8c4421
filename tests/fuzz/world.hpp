// A small federation for the targets that need a room: three centres, three hospitals, a cast of
// people with a key each. Ids are small and dense, so that fuzzed bytes meet them.
#pragma once

#include <string>
#include <utility>

#include "messages/types/directory.hpp"

namespace vigie::fuzz {

inline constexpr std::uint32_t people_count = 14;
inline constexpr std::uint16_t sites_count = 3;
inline constexpr std::uint32_t hospitals_count = 3;

/// Nodes have the keys 1 to 3, people the keys 101 and on.
inline KeyId key_of(PersonId person) { return {100 + person.value}; }

inline void add_people(Directory& d) {
  constexpr Role roles[] = {Role::requester,     Role::technologist, Role::regulator,
                            Role::regulator,     Role::assistant,    Role::duty_head,
                            Role::administrator, Role::gateway,      Role::support};
  for (std::uint32_t i = 1; i <= people_count; ++i) {
    Person p;
    p.id = {i};
    p.name = "person" + std::to_string(i);
    p.rpps = "1000" + std::to_string(i);
    p.site = {static_cast<std::uint16_t>(1 + i % sites_count)};
    p.roles.add(i <= std::size(roles) ? roles[i - 1] : Role::reader);
    p.privileges = {{{static_cast<std::uint16_t>(i % 3 == 0 ? 0x0e : 0x02)}}};
    if (i % 5 == 0) p.privileges[0].until = {1};
    if (p.roles.contains(Role::regulator)) p.qualifications = {{Role::regulator}};
    p.skills.bits = static_cast<std::uint16_t>(i % 2 == 0 ? 0x23 : 0x01);
    if (i == 1) p.establishment = {2};
    Key key;
    key.id = key_of(p.id);
    key.person = p.id;
    key.concentrator = i == 9;
    d.people.push_back(std::move(p));
    d.keys.push_back(key);
  }
}

inline void add_agreements(Directory& d) {
  const auto add = [&](std::string name, unsigned modalities, Regulation regulation) {
    Agreement a;
    a.name = std::move(name);
    a.modalities.bits = static_cast<std::uint16_t>(modalities);
    a.group = {1};
    a.overflow = {2};
    a.regulation = regulation;
    a.requester = a.provider = {"signed", {}, {}};
    d.agreements.push_back(std::move(a));
  };
  add("ct", 1u << static_cast<unsigned>(Modality::ct), Regulation::required);
  add("mr", 1u << static_cast<unsigned>(Modality::mr), Regulation::after);
  add("cr", 1u << static_cast<unsigned>(Modality::cr), Regulation::none);
}

inline Directory world() {
  Directory d;
  d.version = 1;
  d.federation = "fuzz";
  for (std::uint16_t i = 1; i <= sites_count; ++i) {
    Site s;
    s.id = {i};
    s.name = "site" + std::to_string(i);
    s.code = {'S', 'I', static_cast<char>('0' + i)};
    s.area = {static_cast<std::uint16_t>(1 + i % 2)};
    s.posts = 2;
    d.sites.push_back(std::move(s));
    Key key;
    key.id = {i};
    key.node = {i};
    d.keys.push_back(key);
  }
  d.groups = {{{1}, "all", {{1}, {2}}, {}}, {{2}, "overflow", {{3}}, {{1}}}};
  for (std::uint32_t i = 1; i <= hospitals_count; ++i) {
    Establishment e;
    e.id = {i};
    e.name = "hospital" + std::to_string(i);
    e.legal_entity = {i};
    e.area = {static_cast<std::uint16_t>(1 + i % 2)};
    e.doors = {{static_cast<std::uint16_t>(1 + i % sites_count)}, {1}};
    if (i == 2) e.authorised.bits = 0x06;
    e.recourses = {{"nord", "04", 20, i == 1}};
    d.entities.push_back({e.legal_entity, e.name, EntityKind::public_});
    if (i != 3) e.recipients = {"ris", "pacs"};
    d.establishments.push_back(std::move(e));
  }
  d.areas = {{{1}, "t0", AreaKind::territory, {3}},
             {{2}, "t1", AreaKind::territory, {3}},
             {{3}, "r", AreaKind::region, {}}};
  add_agreements(d);
  add_people(d);
  d.agreements[1].quota = 2;
  d.engines = {{"gleamer", 3, {{"bleed", Urgency::p1}}}};
  d.rules.overflow_open = 20_min;
  d.rules.overflow_close = 10_min;
  Calendar c;
  c.id = {1};
  c.name = "each hour";
  const UtcTime begin{1'699'998'000'000};  // before the first entry
  for (int i = 0; i < 400; ++i) {
    c.turns.push_back({begin + 60_min * i, i % 2 == 0 ? Band::evening : Band::day});
  }
  c.until = begin + 60_min * 400;
  d.calendars = {c};
  d.establishments[0].calendar = {1};
  const auto protocol = [&](std::string code, Modality modality, Skill skill, bool vital) {
    Protocol p;
    p.code = std::move(code);
    p.modality = modality;
    p.skill = skill;
    p.vital = vital;
    d.protocols.push_back(std::move(p));
  };
  protocol("TDM", Modality::ct, Skill::general, false);
  protocol("AVC", Modality::ct, Skill::neuro, true);
  protocol("ANY", Modality::unknown, Skill::paediatric, false);
  return d;
}

}  // namespace vigie::fuzz
