#include "nodes/vigie/organiser.hpp"

#include "messages/types/exam_number.hpp"
#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/hours.hpp"
#include "nodes/vigie/rest.hpp"
#include "nodes/vigie/rings.hpp"
#include "nodes/vigie/sayings.hpp"
#include "nodes/vigie/shifts.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

bool is_to_hand_over(const Json& row) {
  for (const Json& task : row.value("tasks", Json::array())) {
    if (task.value("task", "") == name_of(TaskKind::hand_over)) return true;
  }
  return false;
}

/// A word that only looks: it needs no session.
bool looks(const std::string& line) {
  static constexpr std::string_view words[] = {"taches", "attendent", "feuille", "tableau",
                                               "garde"};
  return std::find(std::begin(words), std::end(words), line) != std::end(words);
}

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
    const auto& orders = plan_.orders;
    const bool only_looks =
        !plan_.hands_over && !orders.empty() && std::all_of(orders.begin(), orders.end(), looks);
    if (!only_looks) {
      if (is_short() && !plan_.takes_desk) {
        const auto free = check_no_desk(globals_, *client_, place_, plan_.role);
        if (!free) return free;
      }
      session_ = &client_->open(wish(plan_.role, Desk::none), handler());
    }
    if (is_short()) return {};
    client_->subscribe(Desk::all, {}, [this](bool, LogIndex, const std::vector<Event>& events) {
      for (const Event& event : events) {
        if (rings(event)) ring(event);
      }
    });
    say_words();
    return {};
  }

  std::vector<Help> help() const override {
    std::vector<Help> all = {{"taches", "ce que quelqu'un doit faire"},
                             {"attendent", "ce qui attend un lecteur"},
                             {"feuille", "tout ce qui n'a pas de compte rendu"},
                             {"tableau", "qui est de garde"},
                             {"garde", "qui est chef de garde"}};
    if (heads()) {
      all.push_back({"adopter N", "le compte rendu tardif devient le bon"});
      all.push_back({"ecarter N", "le compte rendu tardif est gardé à côté"});
      all.push_back({"prendre", "la garde qui est libre, ou qui vous est proposée"});
      all.push_back({"passer PERSONNE", "proposer la garde"});
      all.push_back({"adjoint PERSONNE", "qui la prend si vous êtes injoignable"});
    }
    for (Help& word : words_of(plan_.role)) all.push_back(std::move(word));
    return all;
  }

  bool is_short() const { return plan_.hands_over || !plan_.orders.empty(); }
  bool heads() const { return plan_.role == Role::duty_head; }

  void ring(const Event& event) {
    if (event.kind != EventKind::shift_missed) return say_ring(ring_of(event, place_));
    ask_roster(1, [this, event](const Json& shifts) { say_ring(ring_of(event, place_, shifts)); });
  }

  void say_ring(const Ring& ring) { say("rings", ring.row, ring.text); }

  /// First what the desk opens with, then what was said on the command line, one after the other.
  void work(BootTime) override {
    const bool waits = session_ && session_->state() != client::Session::State::live;
    if (waits || under_way_) return;
    if (!opened_) {
      opened_ = true;
      under_way_ = static_cast<bool>(session_);
      if (session_) return look_at_duty();
    }
    if (!is_short()) return;
    if (next_ == plan_.orders.size()) return void(quit_ = true);
    under_way_ = true;
    typed(plan_.orders[next_++]);
  }

  void typed(const std::string& line) override {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = word.size() < line.size() ? line.substr(word.size() + 1) : "";
    if (line == "taches" || line == "attendent" || line == "feuille") {
      list(line == "taches" ? "tasks" : line == "attendent" ? "READY" : "open");
    } else if (line == "garde") {
      ask_duty([this](const Json& duty) { show_duty(duty), end_step(true); });
    } else if (line == "tableau") {
      ask_roster(1, [this](const Json& shifts) { show_roster(shifts), end_step(true); });
    } else if (heads() && (word == "adopter" || word == "ecarter")) {
      settle_late(*session_, rest, word == "adopter", [this](bool done) { end_step(done); });
    } else if (heads() && line == "prendre") {
      ask_duty([this](const Json& duty) { take(duty); });
    } else if (heads() && (word == "passer" || word == "adjoint")) {
      change_duty(word, rest);
    } else if (is_of_roster(line, plan_.role)) {
      ask_roster(31, [this, line](const Json& shifts) { change_roster(line, shifts_in(shifts)); });
    } else if (auto command = command_in(line, plan_.role, place_)) {
      if (!*command) return wrong(command->error().what);
      act(std::move(**command));
    } else {
      end_step(false);
      say_words(line);
    }
  }

  void wrong(const std::string& what) {
    end_step(false);
    say_usage(what);
  }

  void end_step(bool done) {
    under_way_ = false;
    refused_ |= !done;
  }

  void act(Command command) {
    carry_out(*session_, std::move(command), [this](bool done) { end_step(done); });
  }

  /// `then` hears what the reply has under `key`.
  void ask(QueryKind kind, const std::string& argument, const char* key,
           std::function<void(const Json&)> then) {
    client_->query(kind, argument, [this, key, then](const QueryReply& reply) {
      if (reply.code != Errc::ok) return wrong(why_not(reply.code, {}));
      const Json json = Json::parse(reply.json, nullptr, false);
      if (json.is_discarded() || !json.contains(key)) return wrong("le centre ne répond pas");
      then(json[key]);
    });
  }

  // The duty.

  void ask_duty(std::function<void(const Json&)> then) {
    ask(QueryKind::status, {}, "duty", std::move(then));
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

  // The roster.

  void ask_roster(int days, std::function<void(const Json&)> then) {
    ask(QueryKind::roster, std::to_string(days), "shifts", std::move(then));
  }

  void show_roster(const Json& shifts) {
    for (const Json& row : shifts) {
      say("shift", row, shift_text(place_, shift_in(row)) + ", " + row.value("state", ""));
    }
    if (shifts.empty()) say("empty", {}, "rien au tableau : lit qui vient");
  }

  /// What the hours are taken for is shown before they are sent.
  void change_roster(const std::string& line, const std::vector<Shift>& roster) {
    const auto command = command_in(line, plan_.role, place_, roster);
    if (!command || !*command) return wrong(command ? command->error().what : line);
    bool begins_to_bind = false;
    if (const auto* change = std::get_if<SetShift>(&**command)) {
      const std::string before = shift_text(place_, change->before);
      const std::string after = shift_text(place_, change->after);
      say("shift", {{"before", before}, {"after", after}}, before + " -> " + after);
      const UtcTime now = utc_now();
      const auto is_on = [now](const Shift& s) { return s.from <= now && now < s.until; };
      begins_to_bind = is_on(change->after) && std::none_of(roster.begin(), roster.end(), is_on);
    }
    carry_out(*session_, **command, [this, begins_to_bind](bool done) {
      if (done && begins_to_bind) {
        say("binds", {}, "le tableau était vide : qui n'y est pas ne reçoit plus rien (renfort)");
      }
      end_step(done);
    });
  }

  // Exams.

  void ask_exams(const std::string& filter, std::function<void(const Json&)> then) {
    ask(QueryKind::exams, filter, "exams", std::move(then));
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
    if (session_) detach(*session_);
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

constexpr const char* lines =
    " JSON lines: op (connected, attached, duty, shift, rings, exam, refused, or the command's "
    "name), who, t, exam, index";

struct Options {
  DeskFlags flags;
  Plan plan;
};

}  // namespace

void add_organiser(CLI::App& app, const Globals& globals, int& code, const std::string& name,
                   const std::string& help, const Plan& plan) {
  auto* verb = app.add_subcommand(name, help + lines);
  auto options = std::make_shared<Options>();
  options->plan = plan;
  verb->add_option("--person", options->flags.people, "as whom: id or name (default: the first)");
  verb->add_option("--say", options->plan.orders,
                   "do this and end, once for each; exit 65 when one was refused. The words are "
                   "those of the desk (aide), but voir and pourquoi: vigie exam, vigie why");
  verb->add_flag(
      "--take", options->plan.takes_desk,
      "with --say or --auto: even when this person sits at an open desk, which is closed by it");
  if (plan.shows_sheet) {
    verb->add_flag(
        "--auto", options->plan.hands_over,
        "take the duty if it was offered, keep what a hospital's guard left unread, end");
  }
  verb->callback([&, options] { code = organise(globals, options->flags, options->plan); });
}

}  // namespace vigie::cli
