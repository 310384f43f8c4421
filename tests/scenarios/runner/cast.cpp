#include "tests/scenarios/runner/cast.hpp"

#include <algorithm>
#include <cctype>

#include "messages/types/assert.hpp"

namespace vigie::scenarios {
namespace {

constexpr const char* territories[] = {"auvergne-rhone-alpes", "nouvelle-aquitaine", "paca",
                                       "bretagne", "grand-est"};

struct CentreRow {
  const char *name, *code;
  std::uint16_t territory;
  std::uint16_t posts;
};
constexpr CentreRow centre_rows[] = {{"lyon", "LYS", 1, 16},
                                     {"bordeaux", "BOD", 2, 7},
                                     {"marseille", "MRS", 3, 6},
                                     {"rennes", "RNS", 4, 6},
                                     {"strasbourg", "SXB", 5, 3}};

struct HospitalRow {
  const char* name;
  std::uint16_t territory, home;
};
constexpr HospitalRow hospital_rows[] = {
    {"nord", 3, 3}, {"gap", 3, 3}, {"pellegrin", 2, 2}, {"herriot", 1, 1}, {"pontchaillou", 4, 4}};

struct ReaderRow {
  const char* name;
  std::uint16_t home;
  Skill skill;
};
constexpr ReaderRow reader_rows[] = {{"anna", 2, Skill::neuro},      {"bruno", 2, Skill::general},
                                     {"lea", 1, Skill::neuro},       {"luc", 1, Skill::general},
                                     {"lise", 1, Skill::paediatric}, {"marc", 3, Skill::general},
                                     {"mona", 3, Skill::general},    {"ronan", 4, Skill::general},
                                     {"rozenn", 4, Skill::neuro},    {"sacha", 5, Skill::general}};

PublicKey bytes_of(std::uint32_t number) {
  PublicKey key{};
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return key;
}

void add_key(Directory& d, std::uint32_t id, const PublicKey& bytes, PersonId person, SiteId node) {
  Key key;
  key.id = {id};
  key.key = bytes;
  key.person = person;
  key.node = node;
  d.keys.push_back(key);
}

void add_centres(Directory& d, std::uint16_t centres) {
  ProviderGroup all;
  all.id = {1};
  all.name = "all";
  for (std::uint16_t i = 1; i <= centres; ++i) {
    const CentreRow& row = centre_rows[i - 1];
    Site site;
    site.id = {i};
    site.name = row.name;
    site.code = row.code;
    site.area = {row.territory};
    site.posts = row.posts;
    site.node_key = bytes_of(i);
    add_key(d, i, site.node_key, {}, site.id);
    d.sites.push_back(std::move(site));
    all.sites.push_back({i});
  }
  d.groups = {all};
  for (std::uint16_t i = 0; i < std::size(territories); ++i) {
    d.areas.push_back(
        {{static_cast<std::uint16_t>(i + 1)}, territories[i], AreaKind::territory, {}});
  }
}

/// The home door first, then the others in their order.
std::vector<SiteId> doors_of(std::uint16_t home, std::uint16_t centres) {
  std::vector<SiteId> doors = {{home}};
  for (std::uint16_t i = 1; i <= centres; ++i) {
    if (i != home) doors.push_back({i});
  }
  return doors;
}

void add_hospitals(Directory& d, std::uint16_t centres) {
  std::uint32_t id = 100;
  for (const HospitalRow& row : hospital_rows) {
    ++id;
    if (row.home > centres) continue;
    Establishment e;
    e.id = {id};
    e.name = row.name;
    e.legal_entity = {id};
    e.area = {row.territory};
    e.doors = doors_of(row.home, centres);
    e.recourses = {{"ultrasound at La Timone", "", 30, false},
                   {"paediatric ultrasound at La Timone Enfants", "", 40, true}};
    e.recipients = {e.name};
    d.entities.push_back({e.legal_entity, e.name, EntityKind::public_});
    d.establishments.push_back(std::move(e));
  }
}

vigie::Person& add_person(Directory& d, std::uint32_t id, const char* name, Role role,
                          std::uint16_t home) {
  vigie::Person p;
  p.id = {id};
  p.name = name;
  p.rpps = "1000" + std::to_string(id);
  p.roles.add(role);
  p.site = {home};
  if (role == Role::regulator) p.qualifications = {{role}};
  add_key(d, 1000 + id, key_of(p.id), p.id, {});
  return d.people.emplace_back(std::move(p));
}

void add_people(Directory& d, std::uint16_t centres) {
  add_person(d, 301, "remi", Role::regulator, 1);
  add_person(d, 302, "regine", Role::regulator, 2);
  add_person(d, 401, "dora", Role::duty_head, 1);
  add_person(d, 402, "denis", Role::duty_head, 2);
  add_person(d, 451, "alix", Role::administrator, 1);
  std::uint32_t id = 500;
  for (const ReaderRow& row : reader_rows) {
    ++id;
    if (row.home > centres) continue;
    vigie::Person& reader = add_person(d, id, row.name, Role::reader, row.home);
    reader.privileges = {{Set<Modality>::of(Modality::ct, Modality::mr, Modality::cr)}};
    reader.skills.add(row.skill);
  }
}

void add_agreement(Directory& d, const char* name, Modality modality, Regulation regulation) {
  Agreement a;
  a.name = name;
  a.modalities.add(modality);
  a.group = {1};
  a.regulation = regulation;
  a.requester = a.provider = {"signed", {}, {}};
  d.agreements.push_back(std::move(a));
}

void add_protocol(Directory& d, const char* code, Modality modality, Skill skill, bool vital,
                  std::uint16_t minutes) {
  Protocol p;
  p.code = code;
  p.modality = modality;
  p.skill = skill;
  p.vital = vital;
  p.expected_minutes = minutes;
  d.protocols.push_back(std::move(p));
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

PublicKey key_of(PersonId person) { return bytes_of(0x10000 + person.value); }

Directory cast_of(int centres) {
  const auto count = static_cast<std::uint16_t>(centres);
  Directory d;
  d.version = 1;
  d.federation = "sim";
  add_centres(d, count);
  add_hospitals(d, count);
  add_people(d, count);
  add_agreement(d, "ct", Modality::ct, Regulation::required);
  add_agreement(d, "mr", Modality::mr, Regulation::after);
  add_agreement(d, "cr", Modality::cr, Regulation::none);
  add_protocol(d, "TDM", Modality::ct, Skill::general, false, 13);
  add_protocol(d, "AVC", Modality::ct, Skill::neuro, true, 15);
  add_protocol(d, "polytrauma", Modality::ct, Skill::general, true, 35);
  add_protocol(d, "IRM", Modality::mr, Skill::general, false, 16);
  add_protocol(d, "RX", Modality::cr, Skill::general, false, 4);
  d.engines = {{"aidoc", 3, {{"haemorrhage", Urgency::p1}}}};
  const auto sound = d.normalise();
  VIGIE_ASSERT(static_cast<bool>(sound));
  return d;
}

std::string capital(std::string_view name) {
  std::string text(name);
  if (!text.empty()) {
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  }
  return text;
}

std::optional<SiteId> centre_named(const Directory& directory, std::string_view name) {
  for (const Site& s : directory.sites) {
    if (same_name(s.name, name)) return s.id;
  }
  return {};
}

const Establishment* hospital_named(const Directory& directory, std::string_view name) {
  for (const Establishment& e : directory.establishments) {
    if (same_name(e.name, name)) return &e;
  }
  return nullptr;
}

const Person* person_named(const Directory& directory, std::string_view name, Role role) {
  for (const Person& p : directory.people) {
    if (same_name(p.name, name) && p.roles.contains(role)) return &p;
  }
  return nullptr;
}

std::string name_of(const Directory& directory, SiteId site) {
  const Site* found = directory.site(site);
  return found ? capital(found->name) : "nowhere";
}

std::string name_of(const Directory& directory, PersonId person) {
  const Person* found = directory.person(person);
  return found ? capital(found->name) : "nobody";
}

std::string name_of(const Directory& directory, EstablishmentId hospital) {
  const Establishment* found = directory.establishment(hospital);
  return found ? capital(found->name) : "a hospital";
}

}  // namespace vigie::scenarios
