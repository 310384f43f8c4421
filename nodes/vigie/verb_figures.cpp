// vigie figures: counts of an area, for its health agency; never an exam.
#include <iostream>

#include "nodes/vigie/look.hpp"

namespace vigie::cli {
namespace {

struct Options {
  std::string area, who;
};

int figures(const Globals& globals, const Options& options) {
  const auto got = look(globals, options.who, QueryKind::aggregates, options.area);
  if (!got) return complain(got.error());
  if (globals.json) return std::cout << got->dump(2) << '\n', Exit::ok;
  std::vector<std::vector<std::string>> rows = {{"URG", "REQUESTS", "OPEN", "REPORTED", "REFUSED",
                                                 "CANCELLED", "READ IN AREA", "MEAN MINUTES"}};
  const Json classes = got->value("classes", Json::object());
  for (const auto& [urgency, r] : classes.items()) {
    rows.push_back({urgency, field(r, "requests"), field(r, "open"), field(r, "reported"),
                    field(r, "refused"), field(r, "cancelled"), field(r, "read_in_area"),
                    field(r, "mean_minutes")});
  }
  const std::string area = field(*got, "area");
  std::cout << (area.empty() ? "all areas" : area)
            << ", establishments: " << field(*got, "establishments") << '\n';
  print_table(rows);
  return Exit::ok;
}

}  // namespace

void add_figures(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "figures",
      "counts by urgency of an area's exams that are in the room; those below five are told as "
      "\"<5\". An agency sees its own area. JSON: area, "
      "establishments, classes{p0..p3}: requests, open, reported, refused, cancelled, "
      "read_in_area, mean_minutes (null: unknown)");
  auto options = std::make_shared<Options>();
  verb->add_option("AREA", options->area, "its name or id (default: all areas)");
  verb->add_option("--person", options->who,
                   "as whom: id or name (default: the client file's own)");
  verb->callback([&, options] { code = figures(globals, *options); });
}

}  // namespace vigie::cli
