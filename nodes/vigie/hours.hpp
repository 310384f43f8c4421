// Hours of guard as they are typed and shown at a desk: on the clocks of its machine, since whoever
// types reads them there. The federation has UTC.
#pragma once

#include <string>

#include "messages/types/result.hpp"
#include "messages/types/roster.hpp"
#include "messages/types/time.hpp"

namespace vigie::cli {

struct Hours {
  UtcTime from, until;  ///< until is excluded
};

UtcTime utc_now();
/// "2026-11-23", where it begins on this machine's clocks.
std::string day_of(UtcTime at);
/// "2026-11-23 18:00", on this machine's clocks.
std::string clock_text(UtcTime at);
/// "2026-11-23 18:00-08:00", on this machine's clocks.
std::string hours_text(UtcTime from, UtcTime until);

/// Reads "18:00-08:00"; an end that is not later is one of the next day.
/// @param day "2026-11-23", on which they begin. Empty: the hours that are under way at `now`, else
/// the next such.
/// @errors bad_value: no such day, no such hours; in words for whoever typed them.
Result<Hours> hours_in(const std::string& day, const std::string& typed, UtcTime now);

}  // namespace vigie::cli
