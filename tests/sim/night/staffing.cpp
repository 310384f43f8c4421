#include "tests/sim/night/staffing.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace vigie::night {
namespace {

int readers_for(double exams_per_hour, const StaffingRule& rule) {
  const double busy = exams_per_hour * mean_read_minutes() / 60;
  const double wanted = std::ceil(busy / rule.utilisation - 1e-9);
  return std::clamp(static_cast<int>(wanted), rule.floor, std::max(rule.floor, rule.cap));
}

/// `count` readers over the centres in proportion to their posts, never more than those: each goes
/// where the share of posts taken is lowest.
std::vector<int> spread(int count, const std::vector<Centre>& centres) {
  std::vector<int> readers(centres.size(), 0);
  for (; count > 0; --count) {
    std::size_t best = centres.size();
    for (std::size_t i = 0; i < centres.size(); ++i) {
      if (readers[i] >= centres[i].posts) continue;
      const bool emptier = best == centres.size() || (readers[i] + 1) * centres[best].posts <
                                                         (readers[best] + 1) * centres[i].posts;
      if (emptier) best = i;
    }
    if (best == centres.size()) break;
    ++readers[best];
  }
  return readers;
}

Error wrong(int line, const std::string& what) {
  return {Errc::bad_value, "line " + std::to_string(line) + ": " + what};
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t from = 0; from <= line.size();) {
    const std::size_t to = std::min(line.find(',', from), line.size());
    cells.push_back(line.substr(from, to - from));
    from = to + 1;
  }
  return cells;
}

bool number_of(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0 && out <= 1000;
}

Result<std::vector<Centre>> parse_header(std::string_view line) {
  const auto cells = cells_of(line);
  if (cells.size() < 2 || cells[0] != "hour") {
    return wrong(1, "'hour,CENTRE:POSTS,...' is wanted");
  }
  std::vector<Centre> centres;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    const std::size_t colon = cells[i].find(':');
    Centre centre;
    const bool fine = colon != std::string_view::npos && colon > 0 &&
                      number_of(cells[i].substr(colon + 1), centre.posts);
    if (!fine) return wrong(1, "'" + std::string(cells[i]) + "' is not CENTRE:POSTS");
    centre.name = cells[i].substr(0, colon);
    const bool again = std::any_of(centres.begin(), centres.end(),
                                   [&](const Centre& c) { return c.name == centre.name; });
    if (again) return wrong(1, centre.name + " stands twice");
    centres.push_back(std::move(centre));
  }
  return centres;
}

Result<void> parse_hour(std::string_view line, int number, int hour, Staffing& staffing) {
  const auto cells = cells_of(line);
  int said = -1;
  if (!number_of(cells[0], said) || said != hour) {
    return wrong(number, "hour " + std::to_string(hour) + " is wanted here");
  }
  if (cells.size() != staffing.centres.size() + 1) {
    return wrong(number,
                 std::to_string(staffing.centres.size()) + " numbers of readers are wanted");
  }
  auto& readers = staffing.readers[static_cast<std::size_t>(hour)];
  for (std::size_t i = 0; i < staffing.centres.size(); ++i) {
    const Centre& centre = staffing.centres[i];
    int count = 0;
    if (!number_of(cells[i + 1], count)) {
      return wrong(number, "'" + std::string(cells[i + 1]) + "' is no number of readers");
    }
    if (count > centre.posts) {
      return wrong(number, centre.name + " has " + std::to_string(centre.posts) + " posts");
    }
    readers.push_back(count);
  }
  return {};
}

}  // namespace

const std::vector<Centre>& eight_centres() {
  static const std::vector<Centre> centres{{"lyon", 16},  {"bordeaux", 7},        {"marseille", 6},
                                           {"rennes", 6}, {"saint-etienne", 3},   {"dijon", 3},
                                           {"brest", 3},  {"clermont-ferrand", 3}};
  return centres;
}

int Staffing::total(int hour) const {
  const auto& hourly = readers[static_cast<std::size_t>(hour)];
  return std::accumulate(hourly.begin(), hourly.end(), 0);
}

double Staffing::reader_hours_per_day() const {
  double sum = 0;
  for (int hour = 0; hour < 24; ++hour) sum += total(hour);
  return sum;
}

Staffing staffing_for(const LoadOptions& load, const StaffingRule& rule,
                      const std::vector<Centre>& centres) {
  Staffing staffing{centres, {}};
  for (int hour = 0; hour < 24; ++hour) {
    staffing.readers[static_cast<std::size_t>(hour)] =
        spread(readers_for(expected(load, hour), rule), centres);
  }
  return staffing;
}

std::vector<std::size_t> homes(const std::vector<Centre>& centres) {
  std::vector<double> load(centres.size(), 0);
  std::vector<std::size_t> home(hospitals_count);
  for (std::size_t h = 0; h < hospitals_count; ++h) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < centres.size(); ++i) {
      if (load[i] * centres[best].posts < load[best] * centres[i].posts) best = i;
    }
    home[h] = best;
    load[best] += weight_of(static_cast<std::uint16_t>(h));
  }
  return home;
}

Staffing staffing_alone(const LoadOptions& load, const StaffingRule& rule,
                        const std::vector<Centre>& centres) {
  const auto home = homes(centres);
  std::vector<double> share(centres.size(), 0);
  for (std::size_t h = 0; h < hospitals_count; ++h) {
    share[home[h]] += weight_of(static_cast<std::uint16_t>(h));
  }
  Staffing staffing{centres, {}};
  for (int hour = 0; hour < 24; ++hour) {
    for (std::size_t i = 0; i < centres.size(); ++i) {
      const StaffingRule own{rule.utilisation, 1, centres[i].posts};
      staffing.readers[static_cast<std::size_t>(hour)].push_back(
          readers_for(expected(load, hour) * share[i], own));
    }
  }
  return staffing;
}

std::string to_csv(const Staffing& staffing) {
  std::string csv = "hour";
  for (const Centre& c : staffing.centres) csv += ',' + c.name + ':' + std::to_string(c.posts);
  csv += '\n';
  for (std::size_t hour = 0; hour < 24; ++hour) {
    csv += std::to_string(hour);
    for (const int count : staffing.readers[hour]) csv += ',' + std::to_string(count);
    csv += '\n';
  }
  return csv;
}

Result<Staffing> parse_staffing(std::string_view csv) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from < csv.size();) {
    const std::size_t to = std::min(csv.find('\n', from), csv.size());
    std::string_view line = csv.substr(from, to - from);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    from = to + 1;
  }
  if (lines.size() != 25) {
    return wrong(static_cast<int>(lines.size()), "a header and 24 hours are wanted");
  }
  auto centres = parse_header(lines[0]);
  if (!centres) return centres.error();
  Staffing staffing{std::move(*centres), {}};
  for (int hour = 0; hour < 24; ++hour) {
    const auto fine =
        parse_hour(lines[static_cast<std::size_t>(hour) + 1], hour + 2, hour, staffing);
    if (!fine) return fine.error();
  }
  if (std::all_of(staffing.readers.begin(), staffing.readers.end(), [](const auto& hour) {
        return std::all_of(hour.begin(), hour.end(), [](int n) { return n == 0; });
      })) {
    return wrong(2, "nobody reads at any hour");
  }
  return staffing;
}

}  // namespace vigie::night
