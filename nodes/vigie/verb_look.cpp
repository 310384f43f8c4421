// vigie status, exams, exam, why: the node's replies, as tables for people or passed on as JSON.
#include <algorithm>
#include <cctype>
#include <iostream>

#include "nodes/vigie/exam_text.hpp"
#include "nodes/vigie/look.hpp"

namespace vigie::cli {
namespace {

std::string by_urgency(const Json& row, const char* key, int divisor) {
  std::string all;
  const auto at = row.find(key);
  for (const char* u : {"p0", "p1", "p2", "p3"}) {
    const auto value = at == row.end() ? 0 : at->value(u, std::int64_t{0});
    all += (all.empty() ? "" : "/") + std::to_string(value / divisor);
  }
  return all;
}

/// What somebody has to look at: a line each.
std::vector<std::string> troubles(const Json& status) {
  std::vector<std::string> all;
  if (!status.value("has_leader", false)) all.emplace_back("NO LEADER: nothing can be changed");
  if (const std::string waits = field(status, "members_wait"); !waits.empty()) {
    all.push_back("ordered, waits until more of the voters that stay are up: " + waits);
  }
  const int days = status.value("calendars_days", -1);
  if (days >= 0 && days < 60) {
    all.push_back("calendars of the directory end in " + std::to_string(days) +
                  " days: the leader's log says why it does not extend them");
  }
  for (const Json& row : status.value("sites", Json::array())) {
    const std::string site = field(row, "site") + ": ";
    const int undelivered = row.value("undelivered", 0);
    if (row.value("mode", "") != "CONNECTED") {
      std::string why = field(row, "quarantine");
      if (row.value("halted_at", std::uint64_t{0}) > 0) {
        why = "applies nothing from index " + field(row, "halted_at") +
              " on: ops/docs/runbook-apply-halted.md";
      }
      all.push_back(site + field(row, "mode") + (why.empty() ? "" : ": " + why));
    }
    if (undelivered > 0) {
      all.push_back(site + "reports not delivered: " + std::to_string(undelivered));
    }
    if (!row.value("archive_complete", true)) all.push_back(site + "fetches closed exams");
    if (row.value("degraded", false)) all.push_back(site + "works degraded: its readers come last");
    if (row.value("closed_posts", 0) > 0) {
      all.push_back(site + "posts closed: " + field(row, "closed_posts"));
    }
    if (row.value("intake_stopped", false)) all.push_back(site + "disk full, takes no requests");
  }
  return all;
}

/// Who has the duty of the federation.
std::string duty_line(const Json& duty) {
  const std::string head = field(duty, "head"), deputy = field(duty, "deputy");
  if (head.empty()) return "nobody has the duty: vigie duty";
  std::string line = "duty " + field(duty, "number") + ": " + head + " since " +
                     field(duty, "since").substr(0, 19) + 'Z';
  if (!deputy.empty()) line += ", deputy " + deputy;
  if (!field(duty, "offered_to").empty()) line += ", offered to " + field(duty, "offered_to");
  if (!field(duty, "lost_since").empty())
    line += ", out of reach since " + field(duty, "lost_since");
  return line;
}

/// 0: all is well. 75: some centre is missing or behind. 69: no leader, so no service.
int judge(const Json& status) {
  if (!status.value("has_leader", false)) return unavailable;
  return troubles(status).empty() ? int{Exit::ok} : int{try_again};
}

int status(const Globals& globals, bool check) {
  const auto got = look(globals, {}, QueryKind::status, {});
  if (!got) {
    const int code = complain(got.error());
    return check ? unavailable : code;
  }
  if (globals.json) {
    std::cout << got->dump(2) << '\n';
  } else {
    std::vector<std::vector<std::string>> rows = {
        {"SITE", "MODE", "RAFT", "MEMBER", "TERM", "COMMIT", "APPLIED", "DIGEST", "LAG",
         "CONTACT ms", "READERS", "WAITING p0/1/2/3", "OLDEST s", "LOCAL", "UNDELIVERED", "ARCHIVE",
         "VERSION"}};
    for (const Json& r : (*got)["sites"]) {
      rows.push_back(
          {field(r, "site"), field(r, "mode"), field(r, "raft"), field(r, "member"),
           field(r, "term"), field(r, "commit_index"), field(r, "applied_index"),
           field(r, "digest").substr(0, 8), field(r, "lag"), field(r, "last_contact_ms"),
           field(r, "readers"), by_urgency(r, "waiting", 1), by_urgency(r, "oldest_wait_ms", 1000),
           field(r, "local_unreplicated"), field(r, "undelivered"),
           r.value("archive_complete", true) ? "complete" : "fetching", field(r, "version")});
    }
    print_table(rows);
    std::cout << "seen by " << field(*got, "served_by") << " at index " << field(*got, "as_of")
              << '\n';
    std::cout << duty_line(got->value("duty", Json::object())) << '\n';
    for (const std::string& trouble : troubles(*got)) std::cout << "look at: " << trouble << '\n';
  }
  return check ? judge(*got) : Exit::ok;
}

/// A state's name in any case; what is no state is an order number and stays.
std::string filter_of(const std::string& typed) {
  std::string upper = typed;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (int state = 0; state < exam_state_count; ++state) {
    if (upper == name_of(static_cast<ExamState>(state))) return upper;
  }
  return typed;
}

int exams(const Globals& globals, const std::string& filter) {
  const auto got = look(globals, {}, QueryKind::exams, filter_of(filter));
  if (!got) return complain(got.error());
  if (globals.json) return std::cout << got->dump(2) << '\n', Exit::ok;
  std::vector<std::vector<std::string>> rows = {{"EXAM", "URG", "STATE", "MOD", "HOSPITAL", "ORDER",
                                                 "DOOR", "READ AT", "READER", "RECEIVED", "READY",
                                                 "DEADLINE", "FLAGS"}};
  for (const Json& r : (*got)["exams"]) {
    std::string flags;
    for (const Json& flag : r["flags"]) flags += (flags.empty() ? "" : ",") + text_of(flag);
    for (const Json& task : r["tasks"]) flags += (flags.empty() ? "!" : ",!") + field(task, "task");
    rows.push_back({field(r, "exam"), field(r, "urgency"), field(r, "state"), field(r, "modality"),
                    field(r, "establishment"), field(r, "placer_order"), field(r, "origin_site"),
                    field(r, "reading_site"), field(r, "reader"), clock(r, "received_at"),
                    clock(r, "ready_at"), clock(r, "deadline_at"), flags});
  }
  if (rows.size() > 1) {
    print_table(rows);
  } else {
    std::cout << (filter == "tasks" ? "nothing to do"
                  : filter.empty()  ? "no exam"
                                    : "no exam: " + filter)
              << '\n';
  }
  return Exit::ok;
}

int exam(const Globals& globals, const std::string& id) {
  const auto got = look(globals, {}, QueryKind::exam, id);
  if (!got) return complain(got.error());
  std::cout << (globals.json ? got->dump(2) : exam_text(*got)) << '\n';
  return Exit::ok;
}

int why(const Globals& globals, const std::string& id) {
  const auto got = look(globals, {}, QueryKind::why, id);
  if (!got) return complain(got.error());
  if (globals.json) return std::cout << got->dump(2) << '\n', Exit::ok;
  std::cout << field(*got, "text") << '\n';
  for (const Json& d : got->value("decisions", Json::array())) {
    std::cout << "\ndecision " << field(d, "index") << ": " << field(d, "trigger") << "; "
              << field(d, "waiting") << " waiting; relax step " << field(d, "relax_step")
              << "; directory version " << field(d, "directory_version") << '\n';
    std::vector<std::vector<std::string>> rows = {{"READER", "SITE", "TOTAL", "idle", "skill",
                                                   "territory", "continuity", "fairness", "fatigue",
                                                   "balance"}};
    for (const Json& c : d["candidates"]) {
      rows.push_back({field(c, "reader"), field(c, "site"), field(c, "total"), field(c, "idle"),
                      field(c, "skill"), field(c, "territory"), field(c, "continuity"),
                      field(c, "fairness"), field(c, "fatigue"), field(c, "balance")});
    }
    print_table(rows);
    const Json named = d.value("readers", Json::object());
    for (const auto& [filter, count] : d["removed"].items()) {
      std::cout << "  not eligible, " << filter << ": " << text_of(count);
      const Json names = named.value(filter, Json::array());
      for (const Json& name : names) {
        std::cout << (&name == &names.front() ? " (" : ", ") << text_of(name);
      }
      std::cout << (names.empty() ? "\n" : ")\n");
    }
  }
  return Exit::ok;
}

}  // namespace

void add_look(CLI::App& app, Globals& globals, int& code) {
  auto* state = app.add_subcommand(
      "status",
      "a row per centre, as one node sees them. JSON: as_of, served_by, has_leader, "
      "members_wait (known to the leader), sites: site, "
      "mode, raft, voter, leader, term, commit_index, applied_index, digest, lag, "
      "last_contact_ms, readers, waiting{p0..p3}, oldest_wait_ms{p0..p3}, local_unreplicated, "
      "undelivered, archive_complete, intake_stopped, version, level");
  auto check = std::make_shared<bool>(false);
  state->add_flag("--check", *check,
                  "exit 0: well; 75: degraded (a centre missing, degraded, with closed posts or a "
                  "full disk, closed exams being fetched, a report undelivered); 69: no service");
  state->callback([&, check] { code = status(globals, *check); });

  auto argument = std::make_shared<std::string>();
  auto* list = app.add_subcommand(
      "exams",
      "the room: a row per exam that is in it, closed ones are not. JSON: as_of, complete (false: "
      "there are more, filter them), "
      "exams: exam, id (as in histories and events), establishment, placer_order, accession, "
      "modality, urgency, asked_urgency, state, origin_site, reading_site, reader, "
      "epoch, received_at, ready_at, deadline_at, wait_ms, parent, purpose, tasks, flags");
  list->add_option("FILTER", *argument,
                   "a state (READY, READING...), p0 to p3, tasks, open (without a report), a "
                   "hospital, an exam's or an order's number");
  list->callback([&, argument] { code = exams(globals, *argument); });

  auto* one = app.add_subcommand(
      "exam",
      "one exam: what is known and to be done, its whole timeline, its reports in every version. "
      "JSON: as a row of exams, and region, procedure, protocol, reason, callback_phone, notes, "
      "children, reports: kind, version, author, text...; deliveries, timeline: index, at, event, "
      "by, site");
  one->add_option("ID", *argument, "exam number (MRS-7K2Q) or order number")->required();
  one->callback([&, argument] { code = exam(globals, *argument); });

  auto* reason = app.add_subcommand(
      "why",
      "why an exam went where it went: the decision, its candidates and what removed each other "
      "reader at a desk; of one that waits, what keeps each from it now. JSON: exam, state, "
      "urgency, origin_site, reading_site, reader, directory_version, text, decisions: index, "
      "reader, directory_version, relax_step, trigger, waiting, candidates, removed{reason: "
      "count}, readers{reason: names}; waits: since, relax_step, reserved_for, readers");
  reason->add_option("ID", *argument, "exam number or order number")->required();
  reason->callback([&, argument] { code = why(globals, *argument); });
}

}  // namespace vigie::cli
