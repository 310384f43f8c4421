// vigie roster: who is on guard when, as it stands, and who did not come.
#include <iostream>

#include "nodes/vigie/hours.hpp"
#include "nodes/vigie/look.hpp"
#include "nodes/vigie/shifts.hpp"

namespace vigie::cli {
namespace {

int roster(const Globals& globals, const std::string& who, unsigned days) {
  const auto got = look(globals, who, QueryKind::roster, std::to_string(days));
  if (!got) return complain(got.error());
  if (globals.json) return std::cout << got->dump(2) << '\n', Exit::ok;
  std::vector<std::vector<std::string>> rows = {{"READER", "SITE", "FROM", "UNTIL", "STATE"}};
  for (const Json& r : got->value("shifts", Json::array())) {
    const Shift shift = shift_in(r);
    rows.push_back({field(r, "reader"), field(r, "site"), clock_text(shift.from),
                    clock_text(shift.until), field(r, "state")});
  }
  if (rows.size() > 1) print_table(rows);
  for (const Json& r : got->value("understaffed", Json::array())) {
    std::cout << "look at: " << field(r, "agreement") << " asks for " << field(r, "readers_min")
              << " readers, on the roster: " << field(r, "readers") << '\n';
  }
  std::cout << (got->value("binds", false)
                    ? "now: who is not on it is offered nothing"
                    : "now: nobody is on the roster, whoever sits down is offered exams")
            << '\n';
  return Exit::ok;
}

}  // namespace

void add_roster(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "roster",
      "a row per shift that is under way or begins soon, hours on this machine's clocks; "
      "`vigie duty` and `vigie lead` change them. JSON: as_of, now, binds (somebody is on the "
      "roster now: others are offered nothing), understaffed: agreement, readers_min, readers; "
      "shifts: reader, reader_id, site, site_id, from, until (UTC), from_ms, until_ms, "
      "state (present, absent, to come)");
  auto who = std::make_shared<std::string>();
  verb->add_option("--person", *who, "as whom: id or name (default: the client file's own)");
  auto days = std::make_shared<unsigned>(1);
  verb->add_option("--days", *days, "those that begin within so many days (default: 1)")
      ->check(CLI::Range(1, 366));
  verb->callback([&, who, days] { code = roster(globals, *who, *days); });
}

}  // namespace vigie::cli
