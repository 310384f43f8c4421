// Holidays as rules, and the days on which they fall. Integers only; the civil calendar is that of
// Howard Hinnant's library.
#pragma once

#include <date/date.h>

#include <string>
#include <string_view>
#include <vector>

#include "messages/types/result.hpp"

namespace vigie::calendar {

/// A day of every year: a date, or so many days after Easter Sunday.
struct Holiday {
  bool by_easter = false;
  int days_after_easter = 0;  ///< Good Friday: -2
  date::month_day day{};      ///< where not by Easter
  bool operator==(const Holiday&) const = default;
};

/// The Gregorian Easter Sunday of that year, 1583 to 9999.
date::sys_days easter(date::year year);
/// The eleven of the French labour code (art. L3133-1).
const std::vector<Holiday>& french_holidays();
/// "12-26", "good-friday", "easter-monday", "ascension", "whit-monday", "easter+N", "easter-N".
/// @errors Errc::bad_value: what is understood.
Result<Holiday> parse_holiday(std::string_view text);

/// All of a calendar's: "france" stands for the eleven. @errors as parse_holiday().
Result<std::vector<Holiday>> parse_holidays(const std::vector<std::string>& texts);

/// Whether that day is one of `holidays`.
bool is_holiday(const std::vector<Holiday>& holidays, date::sys_days day);

}  // namespace vigie::calendar
