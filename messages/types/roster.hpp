// Who is on guard when: the roster that was published, as it stands (domain O21).
#pragma once

#include <compare>
#include <vector>

#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

namespace vigie {

/// A reader's turn of guard. While anybody is on the roster, who is not on it is offered nothing;
/// where there is none, everybody who sits down reads.
struct Shift {
  PersonId person;
  SiteId site;          ///< where he is expected
  UtcTime from, until;  ///< until is excluded; a day long at most
  auto operator<=>(const Shift&) const = default;
};
inline constexpr Millis shift_max = 24_h;

/// What a roster says of somebody at a moment.
struct OnRoster {
  bool anybody = false;        ///< somebody is on it
  const Shift* own = nullptr;  ///< he is
};

// Of a roster that is sorted. Cost: the shifts of a day.
OnRoster on_roster(const std::vector<Shift>& roster, PersonId person, UtcTime when);
/// When it next says something else than at `after`, or who began is a no-show; 0: never.
UtcTime roster_turn(const std::vector<Shift>& roster, UtcTime after, Millis no_show);

struct Directory;
/// Sorts the directory's roster. @errors Errc::bad_value: the first shift that cannot be, in words.
Result<void> sort_roster(Directory& directory);
/// `before` becomes `after`, in the next version of the directory; person 0: none.
/// @errors Errc::stale: there is no such shift as `before`. Errc::bad_value: `after` cannot be.
Result<void> change_roster(Directory& directory, const Shift& before, const Shift& after);

}  // namespace vigie
