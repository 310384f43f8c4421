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

template <class T>
bool sort_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end(), [](const T& a, const T& b) { return a.id < b.id; });
  const auto twice = std::adjacent_find(items.begin(), items.end(),
                                        [](const T& a, const T& b) { return a.id == b.id; });
  return twice == items.end() && (items.empty() || items.front().id);
}

Error bad(std::string what) { return {Errc::bad_value, std::move(what)}; }

/// A month is more than any of these needs, and far from where adding them up would end.
bool are_reasonable(const Rules& r) {
  const Millis longest = 24_h * 31;
  const auto all = {r.offer_timeout,
                    r.offer_timeout_p0,
                    r.claim_lease,
                    r.relax_any,
                    r.relax_overflow,
                    r.target_p0,
                    r.target_p1,
                    r.target_p2,
                    r.target_p3,
                    r.info_reminder,
                    r.no_images,
                    r.images_stalled,
                    r.close_after,
                    r.bundle,
                    r.delivery_owner_timeout,
                    r.agreement_grace,
                    r.protocol_ack,
                    r.cancel_answer,
                    r.hold_reminder,
                    r.reserve,
                    r.preliminary_reminder,
                    r.critical_ack,
                    r.undelivered,
                    r.undelivered_call,
                    r.task,
                    r.duty_succession,
                    r.overflow_open,
                    r.overflow_close,
                    r.no_show};
  return std::all_of(all.begin(), all.end(),
                     [longest](Millis time) { return time >= 0_ms && time <= longest; });
}

Result<void> check_engine(const Directory& d, const Engine& engine) {
  const bool one = std::ranges::count(d.engines, engine.name, &Engine::name) == 1;
  if (engine.name.empty() || !one) return bad("engine " + engine.name + ": a name used once");
  for (const Ceiling& c : engine.ceilings) {
    const bool fine = c.urgency == Urgency::p1 || c.urgency == Urgency::p2;
    if (c.finding.empty() || !fine) return bad("engine " + engine.name + ": a finding, p1 or p2");
  }
  return {};
}

/// As the codec keeps turns: whole minutes after the first one.
bool is_orderly(const Calendar& c) {
  if (c.turns.size() > limits::calendar_turns_count) return false;
  if (!c.turns.empty() && !is_in_calendars(c.turns.front().at)) return false;
  if (!is_in_calendars(c.until)) return false;
  for (std::size_t i = 1; i < c.turns.size(); ++i) {
    const Millis span = c.turns[i].at - c.turns[i - 1].at;
    if (span <= 0_ms || span.value % (1_min).value != 0) return false;
  }
  const bool known = c.turns.empty() || c.turns.back().at < c.until;
  const bool whole =
      c.guard_begin.value % (1_min).value == 0 && c.guard_end.value % (1_min).value == 0;
  return known && whole && c.guard_begin > c.guard_end && c.guard_end >= 0_ms &&
         c.guard_begin < 24_h;
}

/// Only larger areas are around one, so that no area is around itself.
Result<void> check_areas(const Directory& d) {
  for (const Area& a : d.areas) {
    if (a.kind == AreaKind::none || a.kind > AreaKind::region) {
      return bad("area " + a.name + ": of no known kind");
    }
    if (!a.within) continue;
    const Area* larger = d.area(a.within);
    if (!larger) return bad("area " + a.name + ": within an unknown area");
    if (larger->kind <= a.kind) return bad("area " + a.name + ": within no larger kind of area");
  }
  for (const LegalEntity& e : d.entities) {
    if (e.kind > EntityKind::mutualist) return bad("entity " + e.name + ": of no known kind");
  }
  return {};
}

Result<void> check_site(const Directory& d, const Site& s) {
  const auto wrong = [&](const char* what) { return bad("site " + s.name + ": " + what); };
  if (s.code.size() != 3) return wrong("code must be three letters");
  if (s.area && !d.area(s.area)) return wrong("unknown area");
  if (!s.enrolled.empty() && s.enrolled.size() != s.posts) return wrong("posts against their list");
  for (const Post& post : s.enrolled) {
    const auto same = std::count_if(s.enrolled.begin(), s.enrolled.end(),
                                    [&](const Post& other) { return other.name == post.name; });
    if (post.name.empty() || same > 1) return wrong("a post without a name of its own");
    if (post.kind > PostKind::home) return wrong("a post of no known kind");
  }
  return {};
}

Result<void> check_person(const Directory& d, const Person& p) {
  const auto wrong = [&](const char* what) { return bad("person " + p.name + ": " + what); };
  if (p.site && !d.site(p.site)) return wrong("unknown site");
  if (p.area && !d.area(p.area)) return wrong("unknown area");
  if (p.institution && !d.establishment(p.institution)) return wrong("unknown institution");
  if (p.roles.contains(Role::reader) && p.rpps.empty()) {
    return wrong("a reader needs an RPPS number");
  }
  for (const Privilege& privilege : p.privileges) {
    if (privilege.status > PrivilegeStatus::trainee) return wrong("a privilege of no known status");
    if (!is_in_calendars(privilege.until)) return wrong("a privilege's date is out of range");
  }
  for (const Qualification& q : p.qualifications) {
    if (q.role == Role::none || q.role > Role::agency) return wrong("qualified for no known role");
    if (!is_in_calendars(q.from) || !is_in_calendars(q.until)) {
      return wrong("a qualification's date is out of range");
    }
  }
  return {};
}

Result<void> check_establishment(const Directory& d, const Establishment& e) {
  const auto wrong = [&](const char* what) { return bad("establishment " + e.name + ": " + what); };
  if (e.doors.empty()) return wrong("no door");
  if (!d.entity(e.legal_entity)) return wrong("unknown legal entity");
  if (e.area && !d.area(e.area)) return wrong("unknown area");
  if (e.calendar && !d.calendar(e.calendar)) return wrong("unknown calendar");
  for (const Recourse& r : e.recourses) {
    const bool is_near = r.minutes > 0 && r.minutes <= recourse_minutes_max;
    if (r.name.empty() || !is_near) return wrong("a recourse has a name and is within 45 min");
  }
  for (SiteId s : e.doors) {
    if (!d.site(s)) return wrong("unknown door");
  }
  return {};
}

/// Each of its `after` stands before it.
Result<void> check_order(const Directory& d, const Agreement& a) {
  for (const std::string& name : a.after) {
    const auto at = std::find_if(d.agreements.begin(), d.agreements.end(),
                                 [&](const Agreement& other) { return other.name == name; });
    if (at == d.agreements.end() || &*at >= &a) {
      return bad("agreement " + a.name + ": after " + name + ", which does not stand before it");
    }
  }
  return {};
}

Result<void> check_sides(const Directory& d, const Agreement& a) {
  const auto wrong = [&](const char* what) { return bad("agreement " + a.name + ": " + what); };
  if (a.kind > AgreementKind::pool) return wrong("of no known kind");
  if (!d.group(a.group)) return wrong("unknown group");
  if (a.overflow && !d.group(a.overflow)) return wrong("unknown overflow");
  for (EstablishmentId e : a.establishments) {
    if (!d.establishment(e)) return wrong("unknown establishment");
  }
  for (LegalEntityId e : a.entities) {
    if (!d.entity(e)) return wrong("unknown entity");
  }
  for (AreaId area : a.areas) {
    if (!d.area(area)) return wrong("unknown area");
  }
  return {};
}

Modality first_of(Set<Modality> set) { return static_cast<Modality>(std::countr_zero(set.bits)); }

Result<void> check_times(const Directory& d, const Agreement& a) {
  for (const UtcTime date : {a.from, a.until, a.requester.on, a.provider.on}) {
    if (!is_in_calendars(date)) return bad("agreement " + a.name + ": a date is out of range");
  }
  for (const Millis target : a.targets) {
    if (target < 0_ms || target > 24_h) return bad("agreement " + a.name + ": a target past a day");
  }
  if (a.until && a.until <= a.from) {
    return bad("agreement " + a.name + ": ends before it begins");
  }
  constexpr std::uint16_t known = ((1u << band_count) - 1) & ~1u;
  if (a.bands.bits & ~known) return bad("agreement " + a.name + ": an unknown band");
  if (a.bands == Set<Band>{}) return {};
  const bool is_for_all = a.establishments.empty() && a.entities.empty() && a.areas.empty();
  for (const Establishment& e : d.establishments) {
    const bool is_named = !is_for_all && a.covers(d.place(e.id), first_of(a.modalities));
    if (is_named && !e.calendar) {
      return bad("agreement " + a.name + ": has bands, and " + e.name + " has no calendar");
    }
  }
  return {};
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
    const bool is_dated = (!a.from || a.from <= when) && (!a.until || when < a.until);
    const bool in_hours = a.bands == Set<Band>{} || (now != Band::none && a.bands.contains(now));
    const bool holds = a.covers(there, modality) && is_dated && in_hours && a.is_signed();
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

Result<void> Directory::normalise() {
  if (!sort_unique(sites)) return bad("sites: an id is missing or used twice");
  if (!sort_unique(calendars)) return bad("calendars: an id is missing or used twice");
  if (!sort_unique(groups)) return bad("groups: an id is missing or used twice");
  if (!sort_unique(establishments)) return bad("establishments: an id is missing or used twice");
  if (!sort_unique(people)) return bad("people: an id is missing or used twice");
  if (!sort_unique(keys)) return bad("keys: an id is missing or used twice");
  if (!sort_unique(entities)) return bad("entities: an id is missing or used twice");
  if (!sort_unique(areas)) return bad("areas: an id is missing or used twice");
  if (const auto nested = check_areas(*this); !nested) return nested.error();
  for (const Site& s : sites) {
    if (const auto fine = check_site(*this, s); !fine) return fine.error();
  }
  for (const Calendar& c : calendars) {
    if (!is_orderly(c)) return bad("calendar " + c.name + ": its times are not in order");
  }
  for (const ProviderGroup& g : groups) {
    for (SiteId s : g.sites) {
      if (!site(s)) return bad("group " + g.name + ": unknown site");
    }
    for (EstablishmentId e : g.establishments) {
      if (!establishment(e)) return bad("group " + g.name + ": unknown establishment");
    }
  }
  for (Agreement& a : agreements) {
    std::sort(a.establishments.begin(), a.establishments.end());
    if (const auto sides = check_sides(*this, a); !sides) return sides.error();
    if (a.modalities.contains(Modality::us)) {
      return bad("agreement " + a.name + ": ultrasound is not read at a distance");
    }
    if (const auto order = check_order(*this, a); !order) return order.error();
    if (const auto times = check_times(*this, a); !times) return times.error();
  }
  for (const Establishment& e : establishments) {
    if (const auto fine = check_establishment(*this, e); !fine) return fine.error();
  }
  for (const Person& p : people) {
    if (const auto fine = check_person(*this, p); !fine) return fine.error();
  }
  for (const Key& k : keys) {
    if (!person(k.person) && !site(k.node)) return bad("a key names neither person nor node");
  }
  for (const Engine& e : engines) {
    if (const auto fine = check_engine(*this, e); !fine) return fine.error();
  }
  if (const auto sorted = sort_roster(*this); !sorted) return sorted.error();
  if (rules.overflow_close > rules.overflow_open) {
    return bad("rules: overflow_close is above overflow_open");
  }
  if (!are_reasonable(rules)) return bad("rules: a time is negative or longer than 31 days");
  if (queue_keys() > limits::queue_keys_count) {
    return bad("agreements: modalities x provider group pairs x skills pass " +
               std::to_string(limits::queue_keys_count) + " waiting queues");
  }
  return {};
}

}  // namespace vigie
