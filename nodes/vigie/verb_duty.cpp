// vigie duty, lead, handover: the desks of whoever organises the guard. What rings comes up; the
// duty is taken and handed over; exams and centres are steered, always with a reason.
#include "messages/types/exam_number.hpp"
#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

/// What the duty head hears of: what nobody else solved in time, and the duty itself.
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
    case EventKind::site_set:
    case EventKind::duty_taken:
    case EventKind::duty_offered:
    case EventKind::duty_lost:
    case EventKind::overflow_opened:
    case EventKind::overflow_closed:
      return true;
    case EventKind::task_opened:
      return event.text == name_of(TaskKind::hand_over);
    default:
      return false;
  }
}

bool is_to_hand_over(const Json& row) {
  for (const Json& task : row.value("tasks", Json::array())) {
    if (task.value("task", "") == name_of(TaskKind::hand_over)) return true;
  }
  return false;
}

struct Plan {
  Role role = Role::duty_head;
  bool takes_free_duty = false;
  bool shows_sheet = false;         ///< of what is open, first of all
  bool hands_over = false;          ///< by itself, then it ends
  std::vector<std::string> orders;  ///< what was said on the command line; then it ends
};

class Organiser : public DeskWorker {
 public:
  Organiser(const Globals& globals, const DeskFlags& flags, Place place, Plan plan)
      : DeskWorker(globals, flags, std::move(place)), plan_(std::move(plan)) {}

  bool was_refused() const { return refused_; }

 private:
  Result<void> begin() override {
    if (!place_.directory) {
      return Error{Errc::not_found,
                   "no directory.toml beside " + place_.file.string() + ": it has the names"};
    }
    session_ = &client_->open(wish(plan_.role, Desk::none), handler());
    if (is_short()) return {};
    client_->subscribe(Desk::all, {}, [this](bool, LogIndex, const std::vector<Event>& events) {
      for (const Event& event : events) {
        if (rings(event)) ring(event);
      }
    });
    tell(globals_, {{"op", "usage"}, {"text", usage()}}, usage());
    return {};
  }

  bool is_short() const { return plan_.hands_over || !plan_.orders.empty(); }
  bool heads() const { return plan_.role == Role::duty_head; }

  std::string usage() const {
    std::string text = "commandes : taches | attendent | feuille | garde";
    if (heads()) text += " | prendre | passer PERSONNE | adjoint PERSONNE";
    return text + " | " + words_of(plan_.role) + " | quitter";
  }

  void ring(const Event& event) {
    const std::string what = event.exam   ? place_.exam(event.exam)
                             : event.site ? place_.site(event.site)
                                          : place_.person(event.by);
    say("rings",
        {{"event", name_of(event.kind)},
         {"exam", event.exam ? place_.exam(event.exam) : std::string()},
         {"urgency", name_of(event.urgency)},
         {"by", place_.person(event.by)},
         {"text", event.text}},
        std::string(name_of(event.kind)) + ' ' + what + ' ' + event.text);
  }

  /// First what the desk opens with, then what was said on the command line, one after the other.
  void work(BootTime) override {
    if (session_->state() != client::Session::State::live || under_way_) return;
    if (!opened_) {
      opened_ = under_way_ = true;
      return look_at_duty();
    }
    if (!is_short()) return;
    if (next_ == plan_.orders.size()) return void(quit_ = true);
    under_way_ = true;
    typed(plan_.orders[next_++]);
  }

  void typed(const std::string& line) override {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = word.size() < line.size() ? line.substr(word.size() + 1) : "";
    if (line == "quitter") {
      quit_ = true;
    } else if (line == "taches" || line == "attendent" || line == "feuille") {
      list(line == "taches" ? "tasks" : line == "attendent" ? "READY" : "open");
    } else if (line == "garde") {
      ask_duty([this](const Json& duty) { show_duty(duty), end_step(true); });
    } else if (heads() && line == "prendre") {
      ask_duty([this](const Json& duty) { take(duty); });
    } else if (heads() && (word == "passer" || word == "adjoint")) {
      change_duty(word, rest);
    } else if (auto said = command_in(line, plan_.role, place_)) {
      if (!*said) return wrong(said->error().what);
      act(std::move(**said));
    } else if (!line.empty()) {
      wrong(usage());
    }
  }

  void wrong(const std::string& what) {
    end_step(false);
    say("usage", {{"text", what}}, what);
  }

  void end_step(bool done) {
    under_way_ = false;
    refused_ |= !done;
  }

  void act(Command command) {
    carry_out(*session_, std::move(command), [this](bool done) { end_step(done); });
  }

  // The duty.

  void ask_duty(std::function<void(const Json&)> then) {
    client_->query(QueryKind::status, {}, [this, then](const QueryReply& reply) {
      const Json json = Json::parse(reply.json, nullptr, false);
      if (json.is_discarded() || !json.contains("duty")) return wrong("le centre ne répond pas");
      then(json["duty"]);
    });
  }

  void show_duty(const Json& duty) {
    const std::string head = duty.value("head", ""), deputy = duty.value("deputy", "");
    const std::string offered = duty.value("offered_to", "");
    std::string text = "garde n° " + std::to_string(duty.value("number", 0u)) + " : ";
    text += head.empty() ? "personne" : head + " depuis " + duty.value("since", "");
    if (!deputy.empty()) text += ", adjoint " + deputy;
    if (!offered.empty()) text += ", proposée à " + offered;
    const std::string lost = duty.value("lost_since", "");
    if (!lost.empty()) text += ", injoignable depuis " + lost;
    say("duty", duty, text);
  }

  void look_at_duty() {
    ask_duty([this](const Json& duty) {
      show_duty(duty);
      const bool is_free = duty.value("head_id", 0u) == 0;
      const bool is_offered = duty.value("offered_to_id", 0u) == place_.client.person.value;
      const bool takes = (plan_.takes_free_duty && is_free) || (plan_.hands_over && is_offered);
      if (heads() && takes) return take(duty);
      show_sheet();
    });
  }

  void show_sheet() {
    if (plan_.shows_sheet || plan_.hands_over) return list("open");
    end_step(true);
  }

  /// With all that is open seen: it is shown first.
  void take(const Json& duty) {
    const std::uint32_t number = duty.value("number", 0u);
    ask_exams("open", [this, number](const Json& rows) {
      TakeDuty command;
      command.number = number;
      for (const Json& row : rows) {
        show(row);
        const auto id = parse_exam_number(*place_.directory, row.value("exam", ""));
        if (id) command.seen.push_back(*id);
      }
      carry_out(*session_, std::move(command), [this](bool done) {
        if (!done || !plan_.hands_over) return end_step(done);
        list("open");
      });
    });
  }

  void change_duty(const std::string& word, const std::string& name) {
    const auto person = person_in(*place_.directory, name);
    if (!person) return wrong(person.error().what);
    ask_duty([this, word, person](const Json& duty) {
      const std::uint32_t number = duty.value("number", 0u);
      if (word == "passer") return act(OfferDuty{number, *person});
      act(TakeDuty{number, *person, {}});
    });
  }

  // Exams.

  void ask_exams(const std::string& filter, std::function<void(const Json&)> then) {
    client_->query(QueryKind::exams, filter, [then](const QueryReply& reply) {
      const Json json = Json::parse(reply.json, nullptr, false);
      then(json.is_discarded() ? Json::array() : json.value("exams", Json::array()));
    });
  }

  void list(const std::string& filter) {
    ask_exams(filter, [this](const Json& rows) {
      for (const Json& row : rows) show(row);
      if (rows.empty()) say("empty", {}, "rien");
      if (plan_.hands_over) keep_all(rows);
      end_step(true);
    });
  }

  /// --auto: what its hospital's guard leaves unread is read here all the same.
  void keep_all(const Json& rows) {
    for (const Json& row : rows) {
      const auto id = parse_exam_number(*place_.directory, row.value("exam", ""));
      if (!id || !is_to_hand_over(row)) continue;
      plan_.orders.push_back("garder " + place_.exam(*id) + " lu par la garde");
    }
    plan_.hands_over = false;
    if (plan_.orders.empty()) quit_ = true;
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

  Plan plan_;
  std::size_t next_ = 0;
  bool opened_ = false;
  bool under_way_ = false;
  bool refused_ = false;
  client::Session* session_ = nullptr;
};

/// Who takes over for his hospital's day service is a requester.
Role role_of(const Place& place, const Plan& plan) {
  const Person* person = place.directory ? place.directory->person(place.client.person) : nullptr;
  if (!plan.shows_sheet || !person || person->roles.contains(plan.role)) return plan.role;
  return place.client.role;
}

int organise(const Globals& globals, DeskFlags flags, Plan plan) {
  auto people = choose_people(globals, flags, plan.role);
  if (!people) return complain(people.error());
  if (people->empty()) {
    return complain(
        {Errc::not_found, "nobody in DIR/people is a " + std::string(name_of(plan.role))});
  }
  Place place = std::move(people->front());
  plan.role = role_of(place, plan);
  const bool is_short = !plan.orders.empty() || plan.hands_over;
  flags.automatic = is_short;  // nobody types
  auto desk = std::make_unique<Organiser>(globals, flags, std::move(place), std::move(plan));
  const Organiser& worker = *desk;
  catch_signals();
  const int code = desk->run();
  return code == Exit::ok && is_short && worker.was_refused() ? Exit::refused : code;
}

struct Options {
  DeskFlags flags;
  Plan plan;
};

void add_desk(CLI::App* verb, const Globals& globals, int& code, const Plan& plan) {
  auto options = std::make_shared<Options>();
  options->plan = plan;
  verb->add_option("--person", options->flags.people, "as whom: id or name (default: the first)");
  verb->add_option("--say", options->plan.orders,
                   "do this and end, once for each; exit 65 when one was refused. The words are "
                   "those that the desk shows when it opens");
  if (plan.shows_sheet) {
    verb->add_flag(
        "--auto", options->plan.hands_over,
        "take the duty if it was offered, keep what a hospital's guard left unread, end");
  }
  verb->callback([&, options] { code = organise(globals, options->flags, options->plan); });
}

constexpr const char* lines =
    " JSON lines: op (connected, attached, duty, rings, exam, refused, or the command's name), "
    "who, "
    "t, exam, index";

}  // namespace

void add_duty(CLI::App& app, Globals& globals, int& code) {
  auto* duty = app.add_subcommand(
      "duty",
      std::string("be the duty head: a duty that nobody has is taken, what nobody solved in "
                  "time rings; the duty is offered to another (passer, prendre), exams are "
                  "held, taken over, directed, pinned, always with a reason.") +
          lines);
  add_desk(duty, globals, code, {Role::duty_head, true, false, false, {}});
  auto* lead = app.add_subcommand(
      "lead", std::string("be a centre's site lead: posts are closed and opened, the centre is "
                          "declared degraded, its readers are marked away.") +
                  lines);
  add_desk(lead, globals, code, {Role::site_lead, false, false, false, {}});
  auto* hand = app.add_subcommand(
      "handover",
      std::string("hand over: the sheet of what has no report yet; the duty as the next duty head "
                  "(prendre), and what a hospital's guard leaves unread at its end, kept (garder) "
                  "or given to its day service (donner; also by a requester of that hospital).") +
          lines);
  add_desk(hand, globals, code, {Role::duty_head, false, true, false, {}});
}

}  // namespace vigie::cli
