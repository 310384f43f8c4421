// What a time zone's clocks say, from the system's tzdata by Howard Hinnant's date library. Used
// for what is proposed, never in apply: what is found travels in the log (calendar.hpp).
#pragma once

#include <string>
#include <vector>

#include "actors/core/calendar/expand.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"

namespace vigie::zones {

/// The offsets of `zone` that are needed for `[from, to)`.
/// @errors Errc::bad_value: the system knows no such zone, or has no tzdata.
Result<std::vector<calendar::Offset>> offsets_of(const std::string& zone, UtcTime from, UtcTime to);
/// How far calendars reach from when they are expanded.
inline constexpr int horizon_days = 400;

/// Expands every calendar of `directory`: from a week before `now` to `horizon_days` after it.
/// @errors Errc::bad_value: which calendar, and why; or what is amiss with the directory then.
Result<void> expand_calendars(Directory& directory, UtcTime now);
/// "2025b": which release of tzdata was used; empty when it does not say.
std::string version();

}  // namespace vigie::zones
