// The guard calendar of a place, as data: which band of the week begins when, in UTC (domain O1 to
// O3). Time zones and holidays were expanded by whoever applied the directory, and travel in the
// log: nodes with other zone tables cannot disagree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie {

/// What part of the week it is at an establishment. Numbers are stable. All but `day` are guard.
enum class Band : std::uint8_t {
  none,        ///< beyond what the calendar knows
  day,         ///< the establishment's own service
  evening,     ///< from the guard's beginning until midnight
  deep_night,  ///< from midnight until the guard's end
  weekend,     ///< by day, on a Saturday or Sunday
  holiday      ///< by day, on a holiday
};
inline constexpr int band_count = 6;
std::string_view name_of(Band band);  ///< "day", "deep_night", ...
bool band_of(std::string_view name, Band& out);
constexpr bool is_guard(Band band) { return band != Band::none && band != Band::day; }

/// From `at` on it is `band`.
struct Turn {
  UtcTime at;
  Band band = Band::none;
  bool operator==(const Turn&) const = default;
};

/// From 1970 to the year 9999: what a directory may date.
constexpr bool is_in_calendars(UtcTime t) {
  return t >= UtcTime{} && t < UtcTime{253'402'300'800'000};
}

struct Calendar {
  CalendarId id;
  std::string name;                            ///< "alsace-moselle"
  std::string zone;                            ///< "Europe/Paris"
  std::vector<std::string> holidays;           ///< as rules: "france", "12-26", "good-friday"
  Millis guard_begin = 18_h, guard_end = 8_h;  ///< local time of day
  // What follows was made of the above.
  std::vector<Turn> turns;  ///< ascending, whole minutes apart; each differs from the one before
  UtcTime until;            ///< what comes later is not known: the horizon
  bool operator==(const Calendar&) const = default;

  /// Band::none before the first turn and from the horizon on. Cost: O(log turns).
  Band at(UtcTime when) const;
  /// When guard next turns to day there, or day to guard; 0: not known. Cost: O(log turns).
  UtcTime shift_end(UtcTime when) const;
};

}  // namespace vigie
