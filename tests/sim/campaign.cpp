#include "tests/sim/campaign.hpp"

#include <chrono>
#include <cstdio>
#include <random>

#include "tests/sim/minimize.hpp"
#include "tests/sim/report.hpp"

namespace vigie::sim {
namespace {

using Clock = std::chrono::steady_clock;

int refuse(const std::string& what) {
  std::printf("vigie-sim: %s\n", what.c_str());
  return 64;  // EX_USAGE
}

std::uint64_t fresh_seed() {
  std::random_device device;
  return device();
}

bool seeds_of(const std::string& text, Campaign& c) {
  unsigned long long first = 0, last = 0;
  if (std::sscanf(text.c_str(), "%llu..%llu", &first, &last) != 2 || last < first) return false;
  c.first = first;
  c.last = last;
  return true;
}

void keep_progress(const Campaign& c, const Options& o, const Outcome& r) {
  if (c.progress.empty()) return;
  std::FILE* file = std::fopen(c.progress.c_str(), "a");
  if (!file) return;
  std::fprintf(file, "%llu %s %zu %.3f %llu %llu", static_cast<unsigned long long>(r.seed),
               std::string(o.profile.name).c_str(), r.violations.size(),
               static_cast<double>(r.simulated) / (60 * minute),
               static_cast<unsigned long long>(r.fault_count()),
               static_cast<unsigned long long>(r.operations));
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    std::fprintf(file, " %s=%llu", std::string(fault_names[i]).c_str(),
                 static_cast<unsigned long long>(r.faults[i]));
  }
  std::fprintf(file, "\n");
  std::fclose(file);
}

/// One seed: run, perhaps run again, told. @return whether all was well.
bool one(const Campaign& c, const Options& options, LogKeeper& log, Totals& totals) {
  tell_on_abort(options);
  Outcome outcome = run(options);
  if (const std::size_t found = log.patients_found(); found > 0) {
    outcome.violations.push_back({"I20",
                                  std::to_string(found) + " patients in what was logged",
                                  outcome.simulated,
                                  {},
                                  {},
                                  {}});
  }
  const bool twice = (options.seed * 0x9e3779b97f4a7c15u >> 32) % 100 < c.twice_percent;
  if (twice && outcome.violations.empty()) {
    Options quiet = options;
    quiet.trace.clear();
    const Outcome again = run(quiet);
    (void)log.patients_found();
    if (again.hash != outcome.hash) {
      outcome.violations.push_back(
          {"determinism", "a second run was another one", outcome.simulated, {}, {}, {}});
    }
  }
  totals.add(outcome);
  print_run(options, outcome);
  keep_progress(c, options, outcome);
  if (outcome.violations.empty()) return true;
  print_violations(options, outcome);
  if (c.minimize) {
    const Options less = minimize(options, outcome);
    std::printf("minimized: %zu faults left: %s\n", draw_faults(less).size(),
                replay_command(less).c_str());
    for (const Fault& fault : draw_faults(less)) std::printf("  %s\n", describe(fault).c_str());
    std::fflush(stdout);
  }
  return false;
}

}  // namespace

int run_campaign(Campaign c, const std::string& seeds, const std::string& profile, double hours,
                 const std::string& without) {
  std::vector<Profile> profiles;
  for (const std::string_view name : profile_names()) {
    if (profile == "all" || profile == name) profiles.push_back(*profile_named(name));
  }
  if (profiles.empty()) return refuse("no profile " + profile);
  if (c.options.sites < 3 || c.options.sites > 9 || c.options.sites % 2 == 0) {
    return refuse("--sites: 3, 5, 7 or 9");
  }
  if (!seeds.empty() && !seeds_of(seeds, c)) return refuse("--seeds: A..B");
  if (!(hours > 0 && hours < 1000)) return refuse("--hours: more than 0, less than 1000");
  c.options.faults_for = static_cast<Time>(hours * 60 * static_cast<double>(minute));
  c.options.without = numbers_of(without);
  const bool fresh = !c.first;
  std::uint64_t seed = c.first.value_or(fresh_seed());
  const std::uint64_t last = seeds.empty() ? (c.seconds > 0 ? UINT64_MAX : seed) : c.last;

  c.options.seed = seed;
  c.options.profile = profiles[seed % profiles.size()];
  if (c.list_faults) {
    for (const Fault& fault : draw_faults(c.options)) std::printf("%s\n", describe(fault).c_str());
    return 0;
  }
  LogKeeper log;
  Totals totals;
  bool good = true;
  const auto begun = Clock::now();
  while (seed <= last) {
    c.options.seed = seed;
    c.options.profile = profiles[seed % profiles.size()];
    good = one(c, c.options, log, totals) && good;
    const std::chrono::duration<double> passed = Clock::now() - begun;
    if (c.seconds > 0 && (passed.count() > c.seconds || !good)) break;
    seed = fresh && c.seconds > 0 ? fresh_seed() : seed + 1;
  }
  if (!c.quiet) totals.print();
  return good ? 0 : 1;
}

}  // namespace vigie::sim
