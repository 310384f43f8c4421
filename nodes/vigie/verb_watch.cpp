// vigie watch: the event stream, resumable at any centre.
#include <optional>

#include "messages/types/exam_number.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {
namespace {

Json row_of(const Place& place, const Event& event) {
  Json row = {
      {"index", event.index.value}, {"at_ms", event.at.value}, {"event", name_of(event.kind)}};
  if (event.exam) row["exam"] = place.exam(event.exam);
  if (event.state != ExamState::none) row["state"] = name_of(event.state);
  if (event.exam) row["urgency"] = name_of(event.urgency);
  if (event.by) row["by"] = place.person(event.by);
  if (event.site) row["site"] = place.site(event.site);
  if (event.epoch.index != 0) {
    row["epoch"] = {{"origin", event.epoch.origin}, {"index", event.epoch.index}};
  }
  if (!event.text.empty()) row["text"] = event.text;
  return row;
}

std::string line_of(const Json& row) {
  std::string line;
  for (const auto& [key, value] : row.items()) {
    if (key == "at_ms" || key == "epoch") continue;
    line +=
        (line.empty() ? "" : "  ") + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return line;
}

int watch(const Globals& globals, std::uint64_t from, int count_max) {
  const auto place = open_place(globals);
  if (!place) return complain(place.error());
  const auto client = connect(globals, *place);
  if (!client) return complain(client.error());
  catch_signals();
  int told = 0;
  (*client)->on_connection = [&](const client::ConnectionNews& news) {
    tell(
        globals,
        {{"event", news.up ? "Connected" : "Disconnected"}, {"site", news.site}, {"why", news.why}},
        (news.up ? "connected to " : "lost ") + news.site + ' ' + news.why);
  };
  std::optional<Error> refused;
  (*client)->on_complaint = [&](const Complaint& complaint) {
    const bool of_ours = complaint.what == "subscribe" && complaint.code == Errc::unauthorised;
    if (of_ours)
      refused = Error{complaint.code,
                      "the event stream shows requests; this role has vigie incidents or figures"};
  };
  (*client)->subscribe(
      Desk::all, LogIndex{from}, [&](bool gap, LogIndex cursor, const std::vector<Event>& events) {
        if (gap && from != 0) {
          tell(globals, {{"event", "Gap"}, {"index", cursor.value}},
               "events before index " + std::to_string(cursor.value) + " are not kept any more");
        }
        for (const Event& event : events) {
          if (count_max > 0 && told == count_max) return;
          const Json row = row_of(*place, event);
          tell(globals, row, line_of(row));
          ++told;
        }
      });
  while (!is_stopped() && (count_max == 0 || told < count_max)) {
    if (const auto polled = (*client)->poll(200_ms); !polled) return complain(polled.error());
    if (refused) return complain(*refused);
  }
  return Exit::ok;
}

}  // namespace

void add_watch(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "watch",
      "print every event as it is applied, a line each, through failovers, until interrupted. "
      "JSON lines: index, at_ms (federation time), event, exam, state, urgency, by, site, epoch, "
      "text");
  auto from = std::make_shared<std::uint64_t>(0);
  auto count = std::make_shared<int>(0);
  verb->add_option("--from", *from, "events after this log index (default: from now on)");
  verb->add_option("--count", *count, "stop after so many events");
  verb->callback([&, from, count] { code = watch(globals, *from, *count); });
}

}  // namespace vigie::cli
