// From a rule in local time to turns in UTC (domain O1): weekdays by day are the establishment's
// own, everything else is guard. Pure: what a zone's clocks say is an input (config/zones).
#pragma once

#include <date/date.h>

#include <vector>

#include "actors/core/calendar/holidays.hpp"
#include "messages/types/calendar.hpp"

namespace vigie::calendar {

/// From `from` on, local time is UTC + `ahead`.
struct Offset {
  UtcTime from;
  Millis ahead;
};

/// Fills `turns` and `until` from the calendar's rule, from local midnight of `first` to that of
/// `last`. `offsets` are ascending and begin before. A local time that the clocks skip is the
/// moment of the skip; of one that they show twice the first is meant.
/// @errors Errc::bad_value: a holiday that is none. Nothing was changed.
Result<void> expand(Calendar& calendar, const std::vector<Offset>& offsets, date::sys_days first,
                    date::sys_days last);

}  // namespace vigie::calendar
