#include "config/zones/zones.hpp"

#include <date/tz.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

namespace vigie::zones {
namespace {

date::sys_seconds seconds_of(UtcTime t) {
  return date::sys_seconds{std::chrono::seconds{t.value / 1000}};
}
UtcTime utc_of(date::sys_seconds t) {
  return {static_cast<std::int64_t>(t.time_since_epoch().count()) * 1000};
}

}  // namespace

Result<std::vector<calendar::Offset>> offsets_of(const std::string& zone, UtcTime from,
                                                 UtcTime to) {
  std::vector<calendar::Offset> offsets;
  try {
    const date::time_zone* found = date::locate_zone(zone);
    for (date::sys_seconds at = seconds_of(from); offsets.empty() || at < seconds_of(to);) {
      const date::sys_info info = found->get_info(at);
      offsets.push_back({utc_of(std::max(info.begin, at)),
                         Millis{static_cast<std::int64_t>(info.offset.count()) * 1000}});
      if (info.end <= at) break;
      at = info.end;
    }
  } catch (const std::runtime_error& error) {  // also of a zone's file, which is read when needed
    return Error{Errc::bad_value, "time zone '" + zone + "': " + error.what()};
  }
  offsets.front().from = from;
  return offsets;
}

Result<void> expand_calendars(Directory& directory, UtcTime now) {
  const date::sys_days today = date::floor<date::days>(seconds_of(now));
  const date::sys_days first = today - date::days{7}, last = today + date::days{horizon_days};
  for (Calendar& calendar : directory.calendars) {
    const auto named = [&](const Error& error) {
      return Error{error.code, "calendar '" + calendar.name + "': " + error.what};
    };
    // A day more on either side: local midnight is up to 14 hours from UTC's.
    const auto offsets = offsets_of(calendar.zone, utc_of(first) - 24_h, utc_of(last) + 24_h);
    if (!offsets) return named(offsets.error());
    if (const auto done = calendar::expand(calendar, *offsets, first, last); !done) {
      return named(done.error());
    }
  }
  return directory.normalise();
}

std::string version() {
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string hash, word, version;
  file >> hash >> word >> version;
  return hash == "#" && word == "version" ? version : std::string();
}

}  // namespace vigie::zones
