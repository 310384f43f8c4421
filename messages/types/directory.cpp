#include "messages/types/directory.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "messages/types/limits.hpp"

namespace vigie {
namespace {

constexpr std::array<std::string_view, role_count> roles = {
    "none",      "requester", "technologist", "regulator", "assistant",     "reader", "duty_head",
    "site_lead", "support",   "observer",     "gateway",   "administrator", "node"};

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
                    r.task};
  return std::all_of(all.begin(), all.end(),
                     [longest](Millis time) { return time >= 0_ms && time <= longest; });
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

Result<void> check_times(const Directory& d, const Agreement& a) {
  for (const UtcTime date : {a.from, a.until, a.requester.on, a.provider.on}) {
    if (!is_in_calendars(date)) return bad("agreement " + a.name + ": a date is out of range");
  }
  if (a.until && a.until <= a.from) {
    return bad("agreement " + a.name + ": ends before it begins");
  }
  constexpr std::uint16_t known = ((1u << band_count) - 1) & ~1u;
  if (a.bands.bits & ~known) return bad("agreement " + a.name + ": an unknown band");
  if (a.bands == Set<Band>{}) return {};
  for (EstablishmentId id : a.establishments) {
    const Establishment* e = d.establishment(id);
    if (e && !e->calendar) {
      return bad("agreement " + a.name + ": has bands, and " + e->name + " has no calendar");
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(Role role) {
  const auto at = static_cast<std::size_t>(role);
  return at < roles.size() ? roles[at] : "?";
}

bool role_of(std::string_view name, Role& out) {
  const auto at = std::find(roles.begin(), roles.end(), name);
  if (at == roles.end()) return false;
  out = static_cast<Role>(at - roles.begin());
  return true;
}

std::string_view name_of(Membership membership) {
  constexpr std::string_view names[] = {"founding", "learner", "voter", "removed"};
  const auto at = static_cast<std::size_t>(membership);
  return at < 4 ? names[at] : "?";
}

const Site* Directory::site(SiteId id) const { return find_by_id(sites, id); }
const Calendar* Directory::calendar(CalendarId id) const { return find_by_id(calendars, id); }
const ProviderGroup* Directory::group(GroupId id) const { return find_by_id(groups, id); }
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

bool Agreement::covers(EstablishmentId establishment, Modality modality) const {
  return modalities.contains(modality) &&
         (establishments.empty() ||
          std::binary_search(establishments.begin(), establishments.end(), establishment));
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

const Agreement* Directory::in_force(EstablishmentId place, Modality modality, UtcTime when) const {
  const Band now = band(place, when);
  for (const Agreement& a : agreements) {
    const bool is_dated = (!a.from || a.from <= when) && (!a.until || when < a.until);
    const bool in_hours = a.bands == Set<Band>{} || (now != Band::none && a.bands.contains(now));
    if (a.covers(place, modality) && is_dated && in_hours && a.is_signed()) return &a;
  }
  return nullptr;
}

const Agreement* Directory::agreement(EstablishmentId place, Modality modality,
                                      UtcTime when) const {
  const Agreement* now = in_force(place, modality, when);
  return now ? now : in_force(place, modality, when - rules.agreement_grace);
}

std::size_t Directory::queue_keys() const {
  std::vector<std::pair<GroupId, GroupId>> pairs;
  std::uint16_t modalities = 0;
  for (const Agreement& a : agreements) {
    pairs.emplace_back(a.group, a.overflow);
    modalities = static_cast<std::uint16_t>(modalities | a.modalities.bits);
  }
  std::sort(pairs.begin(), pairs.end());
  const auto distinct = std::unique(pairs.begin(), pairs.end()) - pairs.begin();
  constexpr std::size_t skills_and_relaxed = 6 + 2;
  return static_cast<std::size_t>(distinct) * static_cast<std::size_t>(std::popcount(modalities)) *
         skills_and_relaxed;
}

Result<void> Directory::normalise() {
  if (!sort_unique(sites)) return bad("sites: an id is missing or used twice");
  if (!sort_unique(calendars)) return bad("calendars: an id is missing or used twice");
  if (!sort_unique(groups)) return bad("groups: an id is missing or used twice");
  if (!sort_unique(establishments)) return bad("establishments: an id is missing or used twice");
  if (!sort_unique(people)) return bad("people: an id is missing or used twice");
  if (!sort_unique(keys)) return bad("keys: an id is missing or used twice");
  for (const Site& s : sites) {
    if (s.code.size() != 3) return bad("site " + s.name + ": code must be three letters");
  }
  for (const Calendar& c : calendars) {
    if (!is_orderly(c)) return bad("calendar " + c.name + ": its times are not in order");
  }
  for (const ProviderGroup& g : groups) {
    for (SiteId s : g.sites) {
      if (!site(s)) return bad("group " + g.name + ": unknown site");
    }
  }
  for (Agreement& a : agreements) {
    std::sort(a.establishments.begin(), a.establishments.end());
    if (!group(a.group)) return bad("agreement " + a.name + ": unknown group");
    if (a.overflow && !group(a.overflow)) return bad("agreement " + a.name + ": unknown overflow");
    if (a.modalities.contains(Modality::us)) {
      return bad("agreement " + a.name + ": ultrasound is not read at a distance");
    }
    for (EstablishmentId e : a.establishments) {
      if (!establishment(e)) return bad("agreement " + a.name + ": unknown establishment");
    }
    if (const auto times = check_times(*this, a); !times) return times.error();
  }
  for (const Establishment& e : establishments) {
    if (e.doors.empty()) return bad("establishment " + e.name + ": no door");
    if (e.calendar && !calendar(e.calendar)) {
      return bad("establishment " + e.name + ": unknown calendar");
    }
    for (SiteId s : e.doors) {
      if (!site(s)) return bad("establishment " + e.name + ": unknown door");
    }
  }
  for (const Person& p : people) {
    if (p.site && !site(p.site)) return bad("person " + p.name + ": unknown site");
    if (p.roles.contains(Role::reader) && p.rpps.empty()) {
      return bad("person " + p.name + ": a reader needs an RPPS number");
    }
  }
  for (const Key& k : keys) {
    if (!person(k.person) && !site(k.node)) return bad("a key names neither person nor node");
  }
  if (!are_reasonable(rules)) return bad("rules: a time is negative or longer than 31 days");
  if (queue_keys() > limits::queue_keys_count) {
    return bad("agreements: modalities x provider group pairs x skills pass " +
               std::to_string(limits::queue_keys_count) + " waiting queues");
  }
  return {};
}

}  // namespace vigie
