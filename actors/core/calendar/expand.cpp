#include "actors/core/calendar/expand.hpp"

#include "messages/types/assert.hpp"

namespace vigie::calendar {
namespace {

/// Milliseconds from 1970's local midnight, by the clock on the wall.
Millis wall_midnight(date::sys_days day) {
  return Millis{static_cast<std::int64_t>(day.time_since_epoch().count()) * (24_h).value};
}

UtcTime utc_of(Millis wall, const std::vector<Offset>& offsets) {
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const UtcTime moment{(wall - offsets[i].ahead).value};
    const bool before_next = i + 1 == offsets.size() || moment < offsets[i + 1].from;
    // Earlier than this offset, and not reached with the one before: skipped.
    if (before_next) return std::max(moment, offsets[i].from);
  }
  VIGIE_ASSERT(false && "no offset");
  return {};
}

Band by_day(const std::vector<Holiday>& holidays, date::sys_days day) {
  if (is_holiday(holidays, day)) return Band::holiday;
  const date::weekday weekday{day};
  const bool works = weekday != date::Saturday && weekday != date::Sunday;
  return works ? Band::day : Band::weekend;
}

}  // namespace

Result<void> expand(Calendar& calendar, const std::vector<Offset>& offsets, date::sys_days first,
                    date::sys_days last) {
  const auto holidays = parse_holidays(calendar.holidays);
  if (!holidays) return holidays.error();
  auto& turns = calendar.turns;
  turns.clear();
  const auto turn = [&](Millis wall, Band band) {
    const UtcTime at = utc_of(wall, offsets);
    if (!turns.empty() && turns.back().at == at) turns.pop_back();  // no time at all was the former
    if (turns.empty() || turns.back().band != band) turns.push_back({at, band});
  };
  for (date::sys_days day = first; day < last; day += date::days{1}) {
    const Millis midnight = wall_midnight(day);
    turn(midnight, Band::deep_night);
    turn(midnight + calendar.guard_end, by_day(*holidays, day));
    turn(midnight + calendar.guard_begin, Band::evening);
  }
  calendar.until = utc_of(wall_midnight(last), offsets);
  return {};
}

}  // namespace vigie::calendar
