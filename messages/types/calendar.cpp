#include "messages/types/calendar.hpp"

#include <algorithm>
#include <array>

namespace vigie {
namespace {

constexpr std::array<std::string_view, band_count> names{"none",       "day",     "evening",
                                                         "deep_night", "weekend", "holiday"};

}  // namespace

std::string_view name_of(Band band) {
  const auto i = static_cast<std::size_t>(band);
  return names[i < names.size() ? i : 0];
}

bool band_of(std::string_view name, Band& out) {
  const auto at = std::find(names.begin() + 1, names.end(), name);
  if (at == names.end()) return false;
  out = static_cast<Band>(at - names.begin());
  return true;
}

Band Calendar::at(UtcTime when) const {
  if (when >= until) return Band::none;
  const auto after = std::upper_bound(turns.begin(), turns.end(), when,
                                      [](UtcTime t, const Turn& turn) { return t < turn.at; });
  return after == turns.begin() ? Band::none : std::prev(after)->band;
}

UtcTime Calendar::shift_end(UtcTime when) const {
  const Band now = at(when);
  if (now == Band::none) return {};
  const auto after = std::upper_bound(turns.begin(), turns.end(), when,
                                      [](UtcTime t, const Turn& turn) { return t < turn.at; });
  const auto end = std::find_if(
      after, turns.end(), [&](const Turn& turn) { return is_guard(turn.band) != is_guard(now); });
  return end == turns.end() ? UtcTime{} : end->at;
}

}  // namespace vigie
