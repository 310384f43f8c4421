// vigie duty: the duty head's desk. What rings comes up; he steers exams, each time with a reason.
#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

std::string usage_text() {
  return "commandes : taches | attendent | " + words_of(Role::duty_head) + " | quitter";
}

/// What he hears of: what nobody else solved in time.
bool rings(const Event& event) {
  switch (event.kind) {
    case EventKind::regulation_overdue:
    case EventKind::info_overdue:
      return event.text != "1";
    case EventKind::exam_without_reader:
    case EventKind::task_overdue:
    case EventKind::report_late:
    case EventKind::cancel_asked:
    case EventKind::exam_held:
    case EventKind::site_unreachable:
      return true;
    default:
      return false;
  }
}

class DutyHead : public DeskWorker {
 public:
  DutyHead(const Globals& globals, const DeskFlags& flags, Place place,
           std::vector<std::string> orders)
      : DeskWorker(globals, flags, std::move(place)), orders_(std::move(orders)) {}

  bool was_refused() const { return refused_; }

 private:
  Result<void> begin() override {
    if (!place_.directory) {
      return Error{Errc::not_found,
                   "no directory.toml beside " + place_.file.string() + ": it has the names"};
    }
    session_ = &client_->open(wish(Role::duty_head, Desk::none), handler());
    if (!orders_.empty()) return {};
    client_->subscribe(Desk::all, {}, [this](bool, LogIndex, const std::vector<Event>& events) {
      for (const Event& event : events) {
        if (rings(event)) ring(event);
      }
    });
    tell(globals_, {{"op", "usage"}, {"text", usage_text()}}, usage_text());
    return {};
  }

  void ring(const Event& event) {
    const std::string what = event.exam ? place_.exam(event.exam) : place_.site(event.site);
    say("rings",
        {{"event", name_of(event.kind)},
         {"exam", event.exam ? place_.exam(event.exam) : std::string()},
         {"urgency", name_of(event.urgency)},
         {"text", event.text}},
        std::string(name_of(event.kind)) + ' ' + what + ' ' + event.text);
  }

  /// What was said on the command line, one after the other; then it ends.
  void work(BootTime) override {
    if (orders_.empty() || session_->state() != client::Session::State::live) return;
    if (under_way_) return;
    if (next_ == orders_.size()) return void(quit_ = true);
    under_way_ = true;
    typed(orders_[next_++]);
  }

  void typed(const std::string& line) override {
    if (line == "quitter") {
      quit_ = true;
    } else if (line == "taches" || line == "attendent") {
      list(line == "taches" ? "tasks" : "READY");
    } else if (auto said = command_in(line, Role::duty_head, place_)) {
      if (!*said) return wrong(said->error().what);
      act(std::move(**said));
    } else if (!line.empty()) {
      wrong(usage_text());
    }
  }

  void wrong(const std::string& what) {
    refused_ = true;
    under_way_ = false;
    say("usage", {{"text", what}}, what);
  }

  void act(Command command) {
    carry_out(*session_, std::move(command), [this](bool done) {
      under_way_ = false;
      refused_ |= !done;
    });
  }

  void list(const std::string& filter) {
    client_->query(QueryKind::exams, filter, [this](const QueryReply& reply) {
      under_way_ = false;
      const Json json = Json::parse(reply.json, nullptr, false);
      const Json rows = json.is_discarded() ? Json::array() : json.value("exams", Json::array());
      for (const Json& row : rows) show(row);
      if (rows.empty()) say("empty", {}, "rien");
    });
  }

  void show(const Json& row) {
    std::string text = row.value("exam", "") + ' ' + row.value("urgency", "") + ' ' +
                       row.value("state", "") + ' ' + row.value("establishment", "");
    for (const Json& task : row.value("tasks", Json::array())) {
      text += " | " + task.value("task", "") + " (" + task.value("owner", "") +
              (task.value("overdue", false) ? ", en retard)" : ")");
    }
    say("exam", row, text);
  }

  void end() override {
    bool told = false;
    session_->send(Detach{}, [&](const Answer&) { told = true; });
    client_->poll_until([&] { return told; }, 2_s);
  }

  std::vector<std::string> orders_;
  std::size_t next_ = 0;
  bool under_way_ = false;
  bool refused_ = false;
  client::Session* session_ = nullptr;
};

int duty(const Globals& globals, const DeskFlags& flags, const std::vector<std::string>& orders) {
  auto people = choose_people(globals, flags, Role::duty_head);
  if (!people) return complain(people.error());
  if (people->empty()) return complain({Errc::not_found, "nobody in DIR/people is a duty head"});
  auto desk = std::make_unique<DutyHead>(globals, flags, std::move(people->front()), orders);
  const DutyHead& worker = *desk;
  catch_signals();
  const int code = desk->run();
  return code == Exit::ok && !orders.empty() && worker.was_refused() ? Exit::refused : code;
}

}  // namespace

void add_duty(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "duty",
      "be the duty head: what nobody solved in time rings; exams are held, taken over, directed, "
      "pinned, always with a reason. JSON lines: op (connected, attached, rings, exam, refused, or "
      "the command's name), who, t, exam, index");
  auto flags = std::make_shared<DeskFlags>();
  auto orders = std::make_shared<std::vector<std::string>>();
  verb->add_option("--person", flags->people, "as whom: id or name (default: the first)");
  verb->add_option("--say", *orders,
                   "do this and end, once for each; exit 65 when one was refused. " + usage_text());
  verb->callback([&, flags, orders] { code = duty(globals, *flags, *orders); });
}

}  // namespace vigie::cli
