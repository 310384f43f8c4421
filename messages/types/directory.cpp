#include "messages/types/directory.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

#include "messages/types/limits.hpp"

namespace vigie {
namespace {

constexpr std::array<std::string_view, role_count> roles = {
    "none",      "requester", "technologist", "regulator", "assistant",     "reader", "duty_head",
    "site_lead", "support",   "observer",     "gateway",   "administrator", "node",   "agency"};

template <class T, class Id>
const T* find_by_id(const std::vector<T>& sorted, Id id) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), id,
                                   [](const T& item, Id wanted) { return item.id < wanted; });
  return at != sorted.end() && at->id == id ? &*at : nullptr;
}

}  // namespace

std::string_view name_of(Role role) {
  const auto at = static_cast<std::size_t>(role);
  return at < roles.size() ? roles[at] : "?";
}

Role owner_of(TaskKind kind) {
  switch (kind) {
    case TaskKind::undelivered:
      return Role::support;
    case TaskKind::call_hospital:
      return Role::regulator;
    case TaskKind::images_after_report:
      return Role::reader;
    case TaskKind::new_report:
    case TaskKind::hand_over:
      return Role::duty_head;
    case TaskKind::none:
    case TaskKind::call_technologist:
    case TaskKind::find_patient:
    case TaskKind::call_reader:
    case TaskKind::critical_result:
      break;
  }
  return Role::assistant;
}

bool role_of(std::string_view name, Role& out) {
  const auto at = std::find(roles.begin(), roles.end(), name);
  if (at == roles.end()) return false;
  out = static_cast<Role>(at - roles.begin());
  return true;
}

std::string_view name_of(EntityKind kind) {
  constexpr std::string_view names[] = {"", "public", "private", "mutualist"};
  const auto at = static_cast<std::size_t>(kind);
  return at < std::size(names) ? names[at] : "?";
}

std::string_view name_of(AreaKind kind) {
  constexpr std::string_view names[] = {"", "ght", "territory", "region"};
  const auto at = static_cast<std::size_t>(kind);
  return at < std::size(names) ? names[at] : "?";
}

std::string_view name_of(AgreementKind kind) {
  constexpr std::string_view names[] = {"", "host", "provider", "pool"};
  const auto at = static_cast<std::size_t>(kind);
  return at < std::size(names) ? names[at] : "?";
}

std::string text_of(const Recourse& r) {
  return r.name + (r.phone.empty() ? "" : ", " + r.phone) + ", " + std::to_string(r.minutes) +
         " min";
}

const Recourse* Establishment::recourse(bool for_child) const {
  const auto at = std::find_if(recourses.begin(), recourses.end(),
                               [&](const Recourse& r) { return r.paediatric == for_child; });
  if (at != recourses.end()) return &*at;
  return recourses.empty() ? nullptr : &recourses.front();
}

std::string_view name_of(PostKind kind) {
  constexpr std::string_view names[] = {"centre", "host", "home"};
  const auto at = static_cast<std::size_t>(kind);
  return at < std::size(names) ? names[at] : "?";
}

std::string_view name_of(PrivilegeStatus status) {
  constexpr std::string_view names[] = {"autonomous", "supervised", "trainee"};
  const auto at = static_cast<std::size_t>(status);
  return at < std::size(names) ? names[at] : "?";
}

Set<Modality> Person::modalities() const {
  Set<Modality> all;
  for (const Privilege& p : privileges) {
    if (p.status == PrivilegeStatus::trainee) continue;
    all.bits = static_cast<std::uint16_t>(all.bits | p.modalities.bits);
  }
  return all;
}

bool Person::is_qualified(Role role, UtcTime now) const {
  return std::any_of(qualifications.begin(), qualifications.end(), [&](const Qualification& q) {
    return q.role == role && q.from <= now && (!q.until || now < q.until);
  });
}

std::string_view name_of(Membership membership) {
  constexpr std::string_view names[] = {"founding", "learner", "voter", "removed"};
  const auto at = static_cast<std::size_t>(membership);
  return at < 4 ? names[at] : "?";
}

const Site* Directory::site(SiteId id) const { return find_by_id(sites, id); }
const Calendar* Directory::calendar(CalendarId id) const { return find_by_id(calendars, id); }
const ProviderGroup* Directory::group(GroupId id) const { return find_by_id(groups, id); }
const LegalEntity* Directory::entity(LegalEntityId id) const { return find_by_id(entities, id); }
const Area* Directory::area(AreaId id) const { return find_by_id(areas, id); }
const Person* Directory::person(PersonId id) const { return find_by_id(people, id); }
const Key* Directory::key(KeyId id) const { return find_by_id(keys, id); }
const Establishment* Directory::establishment(EstablishmentId id) const {
  return find_by_id(establishments, id);
}

const Site* Directory::site_named(std::string_view name) const {
  const auto at =
      std::find_if(sites.begin(), sites.end(), [&](const Site& site) { return site.name == name; });
  return at == sites.end() ? nullptr : &*at;
}

const Key* Directory::key_with(const PublicKey& bytes) const {
  const auto at =
      std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.key == bytes; });
  return at == keys.end() ? nullptr : &*at;
}

const Protocol* Directory::protocol(std::string_view code) const {
  const auto at = std::find_if(protocols.begin(), protocols.end(),
                               [&](const Protocol& p) { return p.code == code; });
  return at == protocols.end() ? nullptr : &*at;
}

AreaPath Directory::path_of(AreaId id) const {
  AreaPath path;
  for (const Area* a = area(id); a; a = area(a->within)) {
    if (a->kind == AreaKind::ght) path.ght = a->id;
    if (a->kind == AreaKind::territory) path.territory = a->id;
    if (a->kind == AreaKind::region) path.region = a->id;
  }
  return path;
}

Place Directory::place(EstablishmentId id) const {
  const Establishment* e = establishment(id);
  return e ? Place{id, e->legal_entity, path_of(e->area)} : Place{id, {}, {}};
}

bool Agreement::covers(const Place& place, Modality modality) const {
  if (!modalities.contains(modality)) return false;
  if (establishments.empty() && entities.empty() && areas.empty()) return true;
  return std::binary_search(establishments.begin(), establishments.end(), place.establishment) ||
         std::find(entities.begin(), entities.end(), place.entity) != entities.end() ||
         std::any_of(areas.begin(), areas.end(), [&](AreaId a) { return place.areas.has(a); });
}

std::optional<UtcTime> Directory::horizon() const {
  const auto first =
      std::min_element(calendars.begin(), calendars.end(),
                       [](const Calendar& a, const Calendar& b) { return a.until < b.until; });
  return first == calendars.end() ? std::nullopt : std::optional(first->until);
}

Band Directory::band(EstablishmentId id, UtcTime when) const {
  const Establishment* place = establishment(id);
  const Calendar* found = place ? calendar(place->calendar) : nullptr;
  return found ? found->at(when) : Band::none;
}

const Ceiling* Engine::ceiling(std::string_view finding) const {
  const auto at = std::ranges::find(ceilings, finding, &Ceiling::finding);
  return at == ceilings.end() ? nullptr : &*at;
}

const Engine* Directory::engine(std::string_view name) const {
  const auto at = std::ranges::find(engines, name, &Engine::name);
  return at == engines.end() ? nullptr : &*at;
}

const Agreement* Directory::agreement_named(std::string_view name) const {
  const auto at = std::ranges::find(agreements, name, &Agreement::name);
  return at == agreements.end() ? nullptr : &*at;
}

Millis Directory::target(const Exam& exam) const {
  const auto urgency = static_cast<std::size_t>(exam.urgency);
  const std::array by_rules = {rules.target_p0, rules.target_p1, rules.target_p2, rules.target_p3};
  const Agreement* own = agreement_named(exam.agreement);
  const bool named = own && own->targets[urgency] > 0_ms;
  return named ? own->targets[urgency] : by_rules[urgency];
}

UtcTime Directory::shift_end(EstablishmentId where, UtcTime when) const {
  const Establishment* e = establishment(where);
  const Calendar* c = e ? calendar(e->calendar) : nullptr;
  return c ? c->shift_end(when) : UtcTime{};
}

const Agreement* Directory::in_force(EstablishmentId where, Modality modality, UtcTime when,
                                     const std::vector<std::string>& full) const {
  const Band now = band(where, when);
  const Place there = place(where);
  for (const Agreement& a : agreements) {
    const bool in_hours = a.bands == Set<Band>{} || (now != Band::none && a.bands.contains(now));
    const bool holds = in_hours && a.is_in_force(when) && a.covers(there, modality);
    if (holds && std::ranges::find(full, a.name) == full.end()) return &a;
  }
  return nullptr;
}

const Agreement* Directory::agreement(EstablishmentId where, Modality modality, UtcTime when,
                                      const std::vector<std::string>& full) const {
  const Agreement* now = in_force(where, modality, when, full);
  return now ? now : in_force(where, modality, when - rules.agreement_grace, full);
}

std::size_t Directory::queue_keys() const {
  std::vector<std::pair<GroupId, GroupId>> pairs;
  std::uint16_t modalities = 0;
  for (const Agreement& a : agreements) {
    pairs.emplace_back(a.group, a.overflow);
    modalities = static_cast<std::uint16_t>(modalities | a.modalities.bits);
  }
  std::sort(pairs.begin(), pairs.end());
  const auto distinct = std::unique(pairs.begin(), pairs.end());
  pairs.erase(distinct, pairs.end());
  // Six skills and relaxed; with overflow opened at the last step, or by load at each.
  const bool by_load = rules.overflow_open > 0_ms;
  std::size_t needed = 0;
  for (const auto& [group, overflow] : pairs) needed += overflow && by_load ? 14 : 8;
  return needed * static_cast<std::size_t>(std::popcount(modalities));
}

}  // namespace vigie
