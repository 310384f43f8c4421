#include "actors/core/calendar/holidays.hpp"

#include <algorithm>
#include <charconv>

namespace vigie::calendar {
namespace {

constexpr int good_friday = -2, easter_monday = 1, ascension = 39, whit_monday = 50;

Holiday on(unsigned month, unsigned day) { return {false, 0, date::month{month} / date::day{day}}; }
Holiday after_easter(int days) { return {true, days, {}}; }

bool number_of(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace

// The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, ch. 8).
date::sys_days easter(date::year year) {
  const int y = static_cast<int>(year);
  const int a = y % 19, b = y / 100, c = y % 100;
  const int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4, k = c % 4, l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return date::sys_days{year / date::month{static_cast<unsigned>(n / 31)} /
                        date::day{static_cast<unsigned>(n % 31 + 1)}};
}

const std::vector<Holiday>& french_holidays() {
  static const std::vector<Holiday> all{on(1, 1),
                                        after_easter(easter_monday),
                                        on(5, 1),
                                        on(5, 8),
                                        after_easter(ascension),
                                        after_easter(whit_monday),
                                        on(7, 14),
                                        on(8, 15),
                                        on(11, 1),
                                        on(11, 11),
                                        on(12, 25)};
  return all;
}

Result<Holiday> parse_holiday(std::string_view text) {
  struct Named {
    std::string_view name;
    int days;
  };
  static constexpr Named named[] = {{"good-friday", good_friday},
                                    {"easter-monday", easter_monday},
                                    {"ascension", ascension},
                                    {"whit-monday", whit_monday}};
  for (const Named& n : named) {
    if (n.name == text) return after_easter(n.days);
  }
  constexpr std::string_view prefix = "easter";
  int days = 0;
  if (text.starts_with(prefix) && text.size() > prefix.size() + 1) {
    const char sign = text[prefix.size()];
    const bool fine = (sign == '+' || sign == '-') &&
                      number_of(text.substr(prefix.size() + 1), days) && days >= 0 && days <= 200;
    if (fine) return after_easter(sign == '-' ? -days : days);
  }
  int month = 0, day = 0;
  if (text.size() == 5 && text[2] == '-' && number_of(text.substr(0, 2), month) &&
      number_of(text.substr(3), day) && month > 0 && day > 0) {
    const Holiday holiday = on(static_cast<unsigned>(month), static_cast<unsigned>(day));
    if (holiday.day.ok()) return holiday;
  }
  return Error{Errc::bad_value,
               "'" + std::string(text) +
                   "': france, MM-DD, good-friday, easter-monday, ascension, whit-monday, "
                   "easter+N or easter-N is wanted"};
}

Result<std::vector<Holiday>> parse_holidays(const std::vector<std::string>& texts) {
  std::vector<Holiday> all;
  for (auto at = texts.begin(); at != texts.end(); ++at) {
    const std::string& text = *at;
    if (std::find(texts.begin(), at, text) != at) {
      return Error{Errc::bad_value, "'" + text + "' stands twice"};
    }
    if (text == "france") {
      all.insert(all.end(), french_holidays().begin(), french_holidays().end());
      continue;
    }
    const auto holiday = parse_holiday(text);
    if (!holiday) return holiday.error();
    all.push_back(*holiday);
  }
  return all;
}

bool is_holiday(const std::vector<Holiday>& holidays, date::sys_days day) {
  const date::year_month_day civil{day};
  return std::any_of(holidays.begin(), holidays.end(), [&](const Holiday& h) {
    if (h.by_easter) return day == easter(civil.year()) + date::days{h.days_after_easter};
    return h.day == civil.month() / civil.day();
  });
}

}  // namespace vigie::calendar
