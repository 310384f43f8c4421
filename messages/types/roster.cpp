// The roster: sorted by when the shifts begin; none is longer than shift_max.
#include "messages/types/roster.hpp"

#include <algorithm>
#include <tuple>

#include "messages/types/directory.hpp"
#include "messages/types/limits.hpp"

namespace vigie {
namespace {

/// The first that may still be on at `when`.
auto first_at(const std::vector<Shift>& roster, UtcTime when) {
  return std::upper_bound(roster.begin(), roster.end(), when - shift_max,
                          [](UtcTime at, const Shift& s) { return at < s.from; });
}

Error bad(const Directory& d, const Shift& shift, const char* what) {
  const Person* person = d.person(shift.person);
  const std::string name = person ? person->name : std::to_string(shift.person.value);
  return {Errc::bad_value, "shift of " + name + ": " + what};
}

Result<void> check(const Directory& d, const Shift& s) {
  const Person* person = d.person(s.person);
  if (!person || !person->roles.contains(Role::reader)) return bad(d, s, "not a reader");
  if (!d.site(s.site)) return bad(d, s, "unknown site");
  if (!s.from || !is_in_calendars(s.from) || !is_in_calendars(s.until)) {
    return bad(d, s, "a date is out of range");
  }
  if (s.until <= s.from) return bad(d, s, "ends before it begins");
  if (s.until - s.from > shift_max) return bad(d, s, "longer than a day");
  return {};
}

}  // namespace

OnRoster on_roster(const std::vector<Shift>& roster, PersonId person, UtcTime when) {
  OnRoster found;
  for (auto at = first_at(roster, when); at != roster.end() && at->from <= when; ++at) {
    if (when >= at->until) continue;
    found.anybody = true;
    if (at->person != person) continue;
    found.own = &*at;
    break;
  }
  return found;
}

UtcTime roster_turn(const std::vector<Shift>& roster, UtcTime after, Millis no_show) {
  UtcTime next;
  const auto consider = [&](UtcTime turn) {
    if (turn > after && (!next || turn < next)) next = turn;
  };
  for (auto at = first_at(roster, after); at != roster.end(); ++at) {
    if (next && at->from >= next) break;  // so are all that follow
    consider(at->from);
    consider(at->until);
    if (at->from + no_show < at->until) consider(at->from + no_show);
  }
  return next;
}

Result<void> sort_roster(Directory& d) {
  if (d.roster.size() > limits::roster_count) {
    return Error{Errc::bad_value, "roster: more than " + std::to_string(limits::roster_count) +
                                      " shifts; those that are over may go"};
  }
  auto& roster = d.roster;
  std::sort(roster.begin(), roster.end(), [](const Shift& a, const Shift& b) {
    return std::tie(a.from, a.person, a.until) < std::tie(b.from, b.person, b.until);
  });
  for (auto at = roster.begin(); at != roster.end(); ++at) {
    if (const auto fine = check(d, *at); !fine) return fine.error();
    for (auto other = at + 1; other != roster.end() && other->from < at->until; ++other) {
      if (other->person == at->person) return bad(d, *at, "he has another at that time");
    }
  }
  return {};
}

Result<void> change_roster(Directory& directory, const Shift& before, const Shift& after) {
  if (before == after) return Error{Errc::bad_value, "shift: nothing is changed"};
  if (before.person) {
    const auto at = std::find(directory.roster.begin(), directory.roster.end(), before);
    if (at == directory.roster.end()) return Error{Errc::stale, "no such shift on the roster"};
    directory.roster.erase(at);
  }
  if (after.person) directory.roster.push_back(after);
  if (const auto sorted = sort_roster(directory); !sorted) return sorted.error();
  ++directory.version;
  return {};
}

}  // namespace vigie
