#include "actors/room/roster_view.hpp"

#include <algorithm>

namespace vigie::actors {
namespace {

bool is_there(const View& v, PersonId reader) {
  const room::Session* session = v.state.session_of(reader, Role::reader);
  return session && session->live;
}

const char* presence(const View& v, const Shift& shift) {
  if (shift.from > v.state.utc()) return "to come";
  return is_there(v, shift.person) ? "present" : "absent";
}

Json shift_row(const View& v, const Shift& shift) {
  return {{"reader", v.person(shift.person)}, {"reader_id", shift.person.value},
          {"site", v.site(shift.site)},       {"site_id", shift.site.value},
          {"from", iso_utc(shift.from)},      {"until", iso_utc(shift.until)},
          {"from_ms", shift.from.value},      {"until_ms", shift.until.value},
          {"state", presence(v, shift)}};
}

/// Does it hold anywhere now, by date and by hour?
bool holds(const Directory& d, const Agreement& a, UtcTime now) {
  if (!a.is_in_force(now)) return false;
  if (a.bands == Set<Band>{}) return true;
  return std::any_of(d.establishments.begin(), d.establishments.end(), [&](const auto& e) {
    const Band band = d.band(e.id, now);
    const Place place = d.place(e.id);
    const auto named = [&](Modality m) { return a.covers(place, m); };
    return band != Band::none && a.bands.contains(band) &&
           (named(Modality::ct) || named(Modality::mr) || named(Modality::cr) ||
            named(Modality::dx));
  });
}

/// How many of the group's readers are on the roster now, by their centre or their hospital.
std::size_t on_roster_of(const View& v, const ProviderGroup& group) {
  const UtcTime now = v.state.utc();
  const auto is_on = [&](const Shift& shift) {
    const Person* person = v.directory.person(shift.person);
    routing::ReaderView reader;
    reader.site = shift.site;
    if (person) reader.institution = person->institution;
    return shift.from <= now && now < shift.until &&
           routing::in_group(v.directory, group.id, reader);
  };
  const auto& roster = v.directory.roster;
  return static_cast<std::size_t>(std::count_if(roster.begin(), roster.end(), is_on));
}

/// Agreements in force whose readers are fewer than they ask for (domain O2).
Json understaffed(const View& v) {
  Json rows = Json::array();
  for (const Agreement& a : v.directory.agreements) {
    const ProviderGroup* group = v.directory.group(a.group);
    if (a.readers_min == 0 || !group || !holds(v.directory, a, v.state.utc())) continue;
    const std::size_t there = on_roster_of(v, *group);
    if (there >= a.readers_min) continue;
    rows.push_back({{"agreement", a.name}, {"readers_min", a.readers_min}, {"readers", there}});
  }
  return rows;
}

}  // namespace

Json roster(const View& v, Millis ahead) {
  Json rows = Json::array();
  const UtcTime now = v.state.utc();
  for (const Shift& shift : v.directory.roster) {
    if (shift.until > now && shift.from < now + ahead) rows.push_back(shift_row(v, shift));
  }
  return {{"as_of", v.state.scalars().index.value},
          {"now", iso_utc(now)},
          {"binds", on_roster(v.directory.roster, {}, now).anybody},
          {"understaffed", understaffed(v)},
          {"shifts", std::move(rows)}};
}

}  // namespace vigie::actors
