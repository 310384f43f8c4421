// vigie-sim: runs simulated federations from seeds, and says what it saw. See tests/sim/README.md.
#include <CLI/CLI.hpp>

#include "tests/sim/campaign.hpp"
#include "tests/sim/program/night_command.hpp"

int main(int count, char** words) {
  CLI::App app{
      "Simulates a federation from a seed: the production code, on virtual time, with faults."};
  vigie::sim::Campaign c;
  std::string seeds, without, profile = "lan";
  double hours = 1.0 / 6;
  app.add_option("--seed", c.first, "the run's seed; without it a fresh one, printed");
  app.add_option("--seeds", seeds, "A..B: a run for each");
  app.add_option("--seconds", c.seconds, "fresh seeds until a violation is found or this is over");
  app.add_option("--profile", profile, "lan, wan, overseas, storage, chaos, or all in turn")
      ->capture_default_str();
  app.add_option("--sites", c.options.sites, "centres: 3 to 9, odd")->capture_default_str();
  app.add_option("--hours", hours, "simulated hours of faults")->capture_default_str();
  app.add_option("--trace", c.options.trace, "writes each event that matters to this file");
  app.add_option("--without", without, "numbers of faults to leave out: 3,5-7");
  app.add_flag("--minimize", c.minimize, "on a violation, looks for a shorter list of faults");
  app.add_flag("--leader-kills", c.options.leader_kills_only,
               "only kill -9 of the leader, each 30 s");
  app.add_flag("--faults", c.list_faults, "prints the faults of the seed, and runs nothing");
  app.add_flag("--quiet", c.quiet, "one line a run, no summary");
  app.add_option("--twice", c.twice_percent, "percent of seeds run twice, hashes compared")
      ->capture_default_str();
  app.add_option("--progress", c.progress, "file that gets a line for each run that ended");
  const vigie::night::NightCommand night(app);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  if (night.wanted()) return night.run();
  return vigie::sim::run_campaign(c, seeds, profile, hours, without);
}
