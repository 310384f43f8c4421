// vigie incidents: what support has to look after; nothing clinical.
#include <iostream>

#include "nodes/vigie/look.hpp"

namespace vigie::cli {
namespace {

std::string delivery_line(const Json& r) {
  const std::string detail = field(r, "detail");
  return "delivery " + field(r, "exam") + ' ' + field(r, "urgency") + ' ' +
         field(r, "establishment") + ": version " + field(r, "version") + " to " +
         field(r, "recipient") + ", " + field(r, "state") + " since " + clock(r, "since") +
         ", by " + field(r, "owner") + (detail.empty() ? "" : ": ") + detail;
}

std::string images_line(const Json& r) {
  return "images " + field(r, "exam") + ' ' + field(r, "establishment") + ": " + field(r, "state") +
         " since " + clock(r, "since");
}

std::string task_line(const Json& r) {
  return "to do " + field(r, "exam") + ": " + field(r, "task") + " until " + clock(r, "due_at") +
         (r.value("overdue", false) ? ", OVERDUE" : "");
}

/// Empty: it works as it should.
std::string centre_line(const Json& r) {
  std::string troubles;
  const auto add = [&](const std::string& what) {
    troubles += (troubles.empty() ? "" : ", ") + what;
  };
  if (!r.value("reachable", true)) add("out of reach");
  if (r.value("draining", false)) add("draining");
  if (r.value("degraded", false)) add("works degraded");
  if (r.value("closed_posts", 0) > 0) add("posts closed: " + field(r, "closed_posts"));
  return troubles.empty() ? troubles : "centre " + field(r, "site") + ": " + troubles;
}

int incidents(const Globals& globals, const std::string& who) {
  const auto got = look(globals, who, QueryKind::incidents, {});
  if (!got) return complain(got.error());
  if (globals.json) return std::cout << got->dump(2) << '\n', Exit::ok;
  constexpr std::pair<const char*, std::string (*)(const Json&)> kinds[] = {
      {"deliveries", delivery_line},
      {"images", images_line},
      {"tasks", task_line},
      {"centres", centre_line}};
  bool none = true;
  for (const auto& [key, line_of] : kinds) {
    for (const Json& row : got->value(key, Json::array())) {
      const std::string line = line_of(row);
      if (line.empty()) continue;
      none = false;
      std::cout << line << '\n';
    }
  }
  if (none) std::cout << "no incident\n";
  return Exit::ok;
}

}  // namespace

void add_incidents(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "incidents",
      "what support has to look after, a line for each: reports that do not arrive, images that "
      "do not, support's tasks, centres in trouble. JSON: deliveries: exam, establishment, "
      "urgency, recipient, version, owner, state, since, detail; images: exam, establishment, "
      "state, since; tasks: exam, task, due_at, overdue; centres: site, reachable, draining, "
      "closed_posts, degraded");
  auto who = std::make_shared<std::string>();
  verb->add_option("--person", *who, "as whom: id or name (default: the client file's own)");
  verb->callback([&, who] { code = incidents(globals, *who); });
}

}  // namespace vigie::cli
