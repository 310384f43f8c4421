#include "config/settings/directory_tables.hpp"

#include <algorithm>

#include "messages/types/limits.hpp"

namespace vigie::settings {

std::optional<Modality> remote_modality(std::string_view text) {
  const Modality found = modality_of(text);
  if (found == Modality::unknown || found == Modality::us) return std::nullopt;
  return found;
}

std::optional<Skill> known_skill(std::string_view text) {
  Skill skill{};
  if (!skill_of(text, skill)) return std::nullopt;
  return skill;
}

std::optional<Region> known_region(std::string_view text) {
  const Region found = region_of(text);
  if (found == Region::unknown) return std::nullopt;
  return found;
}

std::optional<AgeClass> known_age(std::string_view text) {
  for (const AgeClass age : {AgeClass::adult, AgeClass::child, AgeClass::infant}) {
    if (text == name_of(age)) return age;
  }
  return std::nullopt;
}

void read_modalities(TableReader& r, Key key, Set<Modality>& out) {
  std::vector<Modality> found;
  r.list<Modality>(key, found, 1, 16, modalities_allowed, remote_modality);
  for (const Modality modality : found) out.add(modality);
}

void read_skills(TableReader& r, Set<Skill>& out) {
  std::vector<Skill> found;
  r.list<Skill>("skills", found, 1, 16, skills_allowed, known_skill);
  for (const Skill skill : found) out.add(skill);
}

void read_roles(TableReader& r, Set<Role>& out) {
  std::vector<Role> found;
  r.list<Role>(required("roles"), found, 1, 13,
               "requester, technologist, regulator, assistant, reader, duty_head, site_lead, "
               "support, observer, gateway, administrator, agency",
               [](std::string_view text) -> std::optional<Role> {
                 Role role{};
                 if (!role_of(text, role) || role == Role::none || role == Role::node) {
                   return std::nullopt;
                 }
                 return role;
               });
  for (const Role role : found) out.add(role);
}

void read_post(TableReader& r, Site& site) {
  Post post;
  r.text(required("name"), post.name, 1, limits::name_bytes);
  r.choice<PostKind>(
      "kind", post.kind,
      {{"centre", PostKind::centre}, {"host", PostKind::host}, {"home", PostKind::home}});
  if (std::ranges::find(site.enrolled, post.name, &Post::name) != site.enrolled.end()) {
    r.problem("name", in_quotes(post.name) + " again", "each post of a site once");
  }
  site.enrolled.push_back(std::move(post));
}

void read_signature(TableReader& r, const char* side, Signature& out) {
  const bool both = r.has("requester") && r.has("provider");
  if (!both && !r.has(side))
    r.problem(side, "nothing", "who signed, and when: { by = \"...\", on = 2026-01-05 }");
  r.table(side, [&](TableReader& s) {
    s.text(required("by"), out.by, 1, limits::name_bytes);
    s.date(required("on"), out.on);
    s.text("document", out.document, 0, limits::name_bytes);
  });
}

void read_bands(TableReader& r, Set<Band>& out) {
  std::vector<Set<Band>> found;
  r.list<Set<Band>>("bands", found, 1, band_count,
                    "guard, or day, evening, deep_night, weekend, holiday",
                    [](std::string_view text) -> std::optional<Set<Band>> {
                      Set<Band> bands;
                      Band band{};
                      if (band_of(text, band)) return bands.add(band), bands;
                      if (text != "guard") return std::nullopt;
                      for (std::uint8_t i = 0; i < band_count; ++i) {
                        if (is_guard(Band{i})) bands.add(Band{i});
                      }
                      return bands;
                    });
  for (const Set<Band> bands : found) out.bits = static_cast<std::uint16_t>(out.bits | bands.bits);
}

void read_privilege(TableReader& r, Person& person) {
  Privilege& privilege = person.privileges.emplace_back();
  read_modalities(r, required("modalities"), privilege.modalities);
  std::vector<Region> regions;
  r.list<Region>("regions", regions, 1, 8, regions_allowed, known_region);
  for (const Region region : regions) privilege.regions.add(region);
  std::vector<AgeClass> ages;
  r.list<AgeClass>("ages", ages, 1, 3, "adult, child, infant", known_age);
  for (const AgeClass age : ages) privilege.ages.add(age);
  r.choice<PrivilegeStatus>("status", privilege.status,
                            {{"autonomous", PrivilegeStatus::autonomous},
                             {"supervised", PrivilegeStatus::supervised},
                             {"trainee", PrivilegeStatus::trainee}});
  r.date("until", privilege.until);
}

void read_qualification(TableReader& r, Person& person) {
  Qualification& qualification = person.qualifications.emplace_back();
  r.choice<Role>(required("role"), qualification.role, {{"regulator", Role::regulator}});
  r.date(required("from"), qualification.from);
  r.date(required("until"), qualification.until);
  r.text("by", qualification.by, 0, limits::name_bytes);
  if (qualification.until && qualification.until <= qualification.from) {
    r.problem("until", r.shown("until"), "a day after `from`");
  }
}

}  // namespace vigie::settings
