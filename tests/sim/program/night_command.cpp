#include "tests/sim/program/night_command.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "tests/sim/night/figures.hpp"
#include "tests/sim/night/reference.hpp"

namespace vigie::night {

struct NightOptions {
  double exams_per_day = 0;  ///< 0: the table of reference
  LoadOptions load;
  StaffingRule rule;
  bool weekend = false, no_bursts = false, isolated = false;
  std::string staffing, discipline = "guard";
  std::string csv, exams, staffing_out;
  ReferenceOptions reference;
};

namespace {

constexpr int usage = 64, no_input = 66, cannot_create = 73;

int complain(int code, const std::string& what) {
  std::cerr << "vigie-sim night: " << what << '\n';
  return code;
}

bool write(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return static_cast<bool>(file);
}

std::optional<std::string> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int run_one(const NightOptions& o, const LoadOptions& load, const Staffing& staffing) {
  Discipline discipline{};
  if (!discipline_of(o.discipline, discipline)) {
    return complain(usage, "no discipline '" + o.discipline + "' (see --help)");
  }
  const auto arrivals = draw_load(load);
  const auto result = o.isolated ? run_isolated(arrivals, staffing, discipline)
                                 : run_guard(arrivals, staffing, discipline);
  if (!result) return complain(usage, result.error().what);
  Tally tally(staffing);
  tally.add(arrivals, load.days, *result);
  const Figures figures = tally.figures();
  std::cout << "seed=" << load.seed << " exams=" << arrivals.size() << " days=" << load.days
            << " order=" << o.discipline << (o.isolated ? " isolated" : "")
            << " entries=" << result->entries << " digest=" << result->digest.substr(0, 16) << '\n';
  print_table(std::cout, figures);
  std::string csv = csv_header();
  append_csv(csv, std::to_string(load.seed), figures);
  if (!write(o.csv, csv)) return complain(cannot_create, o.csv);
  if (!write(o.exams, exams_csv(arrivals, staffing, *result))) {
    return complain(cannot_create, o.exams);
  }
  return 0;
}

}  // namespace

NightCommand::NightCommand(CLI::App& app)
    : command_(app.add_subcommand(
          "night",
          "the waiting room under the load of a day, without faults; without --profile, "
          "the figures of the domain study beside ours")),
      options_(std::make_unique<NightOptions>()) {
  NightOptions& o = *options_;
  command_->add_option("--profile", o.exams_per_day, "exams a day: 685, 1000 or any number")
      ->check(CLI::Range(1.0, 100'000.0));
  command_->add_option("--seed", o.load.seed, "of arrivals and reading times")
      ->capture_default_str();
  command_->add_option("--days", o.load.days, "how many")
      ->check(CLI::Range(1, 366))
      ->capture_default_str();
  command_->add_option(
      "--staffing", o.staffing,
      "CSV: readers at each centre, hour by hour; without it they follow the load");
  command_
      ->add_option("--utilisation", o.rule.utilisation,
                   "without --staffing: share of their time that readers are to be busy")
      ->check(CLI::Range(0.1, 1.0))
      ->capture_default_str();
  command_->add_option("--floor", o.rule.floor, "without --staffing: never fewer readers")
      ->check(CLI::Range(1, 47))
      ->capture_default_str();
  command_->add_option("--cap", o.rule.cap, "without --staffing: never more readers")
      ->check(CLI::Range(1, 1000));
  command_
      ->add_option("--order", o.discipline,
                   "of exams: guard (the product's), fifo, strict, deadline, vital")
      ->capture_default_str();
  command_->add_flag("--isolated", o.isolated, "each centre reads its own hospitals only");
  command_->add_flag("--weekend", o.weekend, "a week-end's hours instead of a weekday's");
  command_->add_flag("--no-bursts", o.no_bursts, "no crash in the night");
  command_->add_option("--csv", o.csv, "writes the figures to this file");
  command_->add_option("--exams", o.exams, "writes a line for each exam to this file");
  command_->add_option("--staffing-out", o.staffing_out,
                       "writes who was staffed to this file, to be changed and given back");
  command_->add_option("--seeds", o.reference.seeds, "of the study's table")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

NightCommand::~NightCommand() = default;

int NightCommand::run() const {
  const NightOptions& o = *options_;
  if (o.exams_per_day == 0) {
    const std::string csv = print_reference(std::cout, o.reference);
    return write(o.csv, csv) ? 0 : complain(cannot_create, o.csv);
  }
  LoadOptions load = o.load;
  load.exams_per_day = o.exams_per_day;
  load.day = o.weekend ? Day::weekend : Day::weekday;
  load.bursts = !o.no_bursts;
  Staffing staffing = o.isolated ? staffing_alone(load, o.rule, eight_centres())
                                 : staffing_for(load, o.rule, eight_centres());
  if (!o.staffing.empty()) {
    const auto text = read(o.staffing);
    if (!text) return complain(no_input, o.staffing + " cannot be read");
    auto parsed = parse_staffing(*text);
    if (!parsed) return complain(usage, o.staffing + ": " + parsed.error().what);
    staffing = std::move(*parsed);
  }
  if (!write(o.staffing_out, to_csv(staffing))) return complain(cannot_create, o.staffing_out);
  return run_one(o, load, staffing);
}

}  // namespace vigie::night
