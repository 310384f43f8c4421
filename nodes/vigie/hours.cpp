#include "nodes/vigie/hours.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>

namespace vigie::cli {
namespace {

std::tm clocks_at(UtcTime at) {
  const auto seconds = static_cast<std::time_t>(at.value / 1000);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

std::string shown(UtcTime at, const char* format) {
  const std::tm parts = clocks_at(at);
  char text[40];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

/// The moment at which the clocks say so; days beyond a month's end are those of the next.
UtcTime moment(std::tm day, int days_later, int minutes) {
  day.tm_mday += days_later;
  day.tm_hour = minutes / 60;
  day.tm_min = minutes % 60;
  day.tm_sec = 0;
  day.tm_isdst = -1;
  return UtcTime{std::int64_t{std::mktime(&day)} * 1000};
}

std::optional<std::tm> parse_day(const std::string& text) {
  std::tm day{};
  int end = 0;
  const int found =
      std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &day.tm_year, &day.tm_mon, &day.tm_mday, &end);
  if (found != 3 || end != static_cast<int>(text.size())) return std::nullopt;
  day.tm_year -= 1900;
  day.tm_mon -= 1;
  if (day_of(moment(day, 0, 12 * 60)) != text) return std::nullopt;  // a 31st of February
  return day;
}

/// In minutes after midnight.
struct Clocks {
  int from = 0, until = 0;
};
std::optional<Clocks> parse_clocks(const std::string& text) {
  int h1 = 0, m1 = 0, h2 = 0, m2 = 0, end = 0;
  const int found = std::sscanf(text.c_str(), "%2d:%2d-%2d:%2d%n", &h1, &m1, &h2, &m2, &end);
  if (found != 4 || end != static_cast<int>(text.size())) return std::nullopt;
  const auto is_clock = [](int h, int m) { return h >= 0 && h < 24 && m >= 0 && m < 60; };
  if (!is_clock(h1, m1) || !is_clock(h2, m2)) return std::nullopt;
  return Clocks{h1 * 60 + m1, h2 * 60 + m2};
}

Hours hours_on(const std::tm& day, int days_later, Clocks clocks) {
  const int next_day = clocks.until <= clocks.from ? 1 : 0;
  return {moment(day, days_later, clocks.from), moment(day, days_later + next_day, clocks.until)};
}

}  // namespace

UtcTime utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return UtcTime{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

std::string day_of(UtcTime at) { return shown(at, "%Y-%m-%d"); }

std::string clock_text(UtcTime at) { return shown(at, "%Y-%m-%d %H:%M"); }

std::string hours_text(UtcTime from, UtcTime until) {
  return clock_text(from) + '-' + shown(until, "%H:%M");
}

Result<Hours> hours_in(const std::string& day, const std::string& typed, UtcTime now) {
  const auto clocks = parse_clocks(typed);
  if (!clocks) return Error{Errc::bad_value, "des heures, comme 18:00-08:00, pas : " + typed};
  if (!day.empty()) {
    const auto named = parse_day(day);
    if (!named) return Error{Errc::bad_value, "un jour, comme " + day_of(now) + ", pas : " + day};
    return hours_on(*named, 0, *clocks);
  }
  const std::tm today = clocks_at(now);
  const Hours since_yesterday = hours_on(today, -1, *clocks);
  if (since_yesterday.until > now) return since_yesterday;
  const Hours of_today = hours_on(today, 0, *clocks);
  return of_today.until > now ? of_today : hours_on(today, 1, *clocks);
}

}  // namespace vigie::cli
