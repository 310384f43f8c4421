#include "nodes/vigie/shifts.hpp"

#include "nodes/vigie/hours.hpp"

namespace vigie::cli {

Shift shift_in(const Json& row) {
  const auto moment = [&](const char* key) { return UtcTime{row.value(key, std::int64_t{0})}; };
  return {PersonId{row.value("reader_id", 0u)}, SiteId{row.value("site_id", std::uint16_t{0})},
          moment("from_ms"), moment("until_ms")};
}

std::vector<Shift> shifts_in(const Json& rows) {
  std::vector<Shift> shifts;
  for (const Json& row : rows) shifts.push_back(shift_in(row));
  return shifts;
}

std::string shift_text(const Place& place, const Shift& shift) {
  if (!shift.person) return "personne";
  return place.person(shift.person) + ' ' + place.site(shift.site) + ' ' +
         hours_text(shift.from, shift.until);
}

}  // namespace vigie::cli
