#include "tests/sim/night/reference.hpp"

#include <cstdio>
#include <functional>
#include <ostream>
#include <vector>

#include "tests/sim/night/figures.hpp"

namespace vigie::night {
namespace {

/// The study's centres: all of one size.
std::vector<Centre> equal_centres() {
  std::vector<Centre> centres = eight_centres();
  for (Centre& centre : centres) centre.posts = 6;
  return centres;
}

struct Scenario {
  std::string name;
  double exams_per_day = 1000;
  StaffingRule rule;
  bool isolated = false;
  Discipline discipline = Discipline::guard;
  int flat = 0;       ///< so many readers at every hour; 0: by the rule
  bool equal = true;  ///< centres
};

Staffing staffing_of(const Scenario& scenario, const LoadOptions& load) {
  StaffingRule rule = scenario.rule;
  if (scenario.flat > 0) rule.floor = rule.cap = scenario.flat;
  const auto centres = scenario.equal ? equal_centres() : eight_centres();
  return scenario.isolated ? staffing_alone(load, rule, centres)
                           : staffing_for(load, rule, centres);
}

Figures run(const Scenario& scenario, const ReferenceOptions& options) {
  LoadOptions load;
  load.exams_per_day = scenario.exams_per_day;
  load.days = options.days;
  load.bursts = load.overseas = false;  // as in the study
  const Staffing staffing = staffing_of(scenario, load);
  Tally tally(staffing);
  for (load.seed = 1; load.seed <= static_cast<std::uint64_t>(options.seeds); ++load.seed) {
    const auto arrivals = draw_load(load);
    const auto result = scenario.isolated ? run_isolated(arrivals, staffing, scenario.discipline)
                                          : run_guard(arrivals, staffing, scenario.discipline);
    VIGIE_ASSERT(result);
    tally.add(arrivals, load.days, *result);
  }
  return tally.figures();
}

using Show = std::function<std::string(const Figures&)>;
template <class... Values>
std::string text(const char* format, Values... values) {
  char line[160];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

std::string turnaround(const Figures& f) {
  return text("%.1f min, %d to %d readers", f.all.turnaround_mean, f.readers_min, f.readers_max);
}
std::string turnaround_and_hours(const Figures& f) {
  return text("%.1f min, %.0f reader-hours; P0 wait p99 %.1f min", f.all.turnaround_mean,
              f.reader_hours_per_day, f.by_urgency[0].wait_p99);
}
std::string flat(const Figures& f) {
  return text("%.0f min; P3 wait p99 %.1f h", f.all.turnaround_mean, f.by_urgency[3].wait_p99 / 60);
}
std::string classes(const Figures& f) {
  return text("%.1f min; P0 %.2f %%, P1 %.2f %%, P3 %.2f %%, max %.0f min", f.all.turnaround_mean,
              f.by_urgency[0].over_target_percent, f.by_urgency[1].over_target_percent,
              f.by_urgency[3].over_target_percent, f.by_urgency[3].wait_max);
}
std::string second_class(const Figures& f) {
  return text("P1 over 20 min %.2f %%", f.by_urgency[1].over_target_percent);
}

struct Line {
  Scenario scenario;
  std::string study;  ///< what the study says, in the words of `show`
  Show show;
};

Scenario short_of_staff(std::string name, Discipline discipline, int cap = 20) {
  return {std::move(name), 1000, {0.85, 6, cap}, false, discipline, 0};
}

std::vector<Line> lines() {
  using enum Discipline;
  std::vector<Line> all;
  all.push_back(
      {{"685 a day, utilisation 0.90", 685, {0.9, 6}}, "15.9 min, 6 to 16 readers", turnaround});
  all.push_back({{"685 a day, utilisation 0.85", 685, {0.85, 6}}, "14.9 min", turnaround});
  all.push_back(
      {{"1000 a day, utilisation 0.90", 1000, {0.9, 6}}, "16.0 min, 6 to 22 readers", turnaround});
  all.push_back({{"1000 a day, always 15 readers", 1000, {}, false, guard, 15},
                 "27 min; P3 wait p99 5.5 h (one seed)",
                 flat});
  all.push_back(
      {{"the same, strict", 1000, {}, false, strict, 15}, "(which order, it does not say)", flat});
  all.push_back({{"one waiting room, 0.85", 1000, {0.85, 6}},
                 "14.7 min, 272 reader-hours; P0 wait p99 4.5 min",
                 turnaround_and_hours});
  all.push_back({{"eight waiting rooms, 0.85", 1000, {0.85, 6}, true},
                 "22.5 min, 336 reader-hours; P0 wait p99 29 min",
                 turnaround_and_hours});
  all.push_back(
      {{"eight waiting rooms of 3 to 16 posts, 0.85", 1000, {0.85, 6}, true, guard, 0, false},
       "(not in the study)",
       turnaround_and_hours});
  all.push_back({short_of_staff("at most 20: fifo", fifo), "15.3 min; P0 5.5 %", classes});
  all.push_back({short_of_staff("at most 20: strict", strict),
                 "15.3 min; P0 0.01 %, P3 1.33 %, max 261 min", classes});
  all.push_back({short_of_staff("at most 20: deadline", deadline), "15.3 min; P0 0.21 %", classes});
  all.push_back({short_of_staff("at most 20: vital", vital),
                 "15.3 min; P0 0.01 %, P3 0.56 %, max 156 min", classes});
  all.push_back(
      {short_of_staff("at most 20: guard", guard), "(the product's; not in the study)", classes});
  all.push_back(
      {short_of_staff("at most 20: vital, P1", vital), "P1 over 20 min 0.8 %", second_class});
  all.push_back(
      {short_of_staff("at most 18: vital, P1", vital, 18), "P1 over 20 min 3 %", second_class});
  all.push_back(
      {short_of_staff("at most 18: guard, P1", guard, 18), "P1 over 20 min 0 %", second_class});
  return all;
}

}  // namespace

std::string print_reference(std::ostream& out, const ReferenceOptions& options) {
  std::string csv = csv_header();
  out << text(
      "%d seeds of %d weekdays; from ready to signed; P0 over 10 min, P1 over 20, P3 over "
      "120\n",
      options.seeds, options.days);
  for (const Line& line : lines()) {
    const Figures figures = run(line.scenario, options);
    append_csv(csv, line.scenario.name, figures);
    out << line.scenario.name << "\n    study  " << line.study << "\n    here   "
        << line.show(figures) << std::endl;
  }
  return csv;
}

}  // namespace vigie::night
