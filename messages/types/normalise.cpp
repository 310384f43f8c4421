// What a directory must be to be applied: sorted, and free of what would mislead a lookup.
#include <algorithm>
#include <bit>

#include "messages/types/directory.hpp"
#include "messages/types/limits.hpp"

namespace vigie {
namespace {

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
