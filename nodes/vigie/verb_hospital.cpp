// vigie hospital: the desk of a hospital's requester. What became of his requests comes up; he
// answers questions, cancels, raises, acknowledges critical results.
#include <algorithm>
#include <set>

#include "nodes/vigie/desk.hpp"
#include "nodes/vigie/exam_text.hpp"
#include "nodes/vigie/sayings.hpp"
#include "nodes/vigie/words.hpp"

namespace vigie::cli {
namespace {

/// What a hospital wants to hear of its exams.
bool concerns_hospital(EventKind kind) {
  switch (kind) {
    case EventKind::info_requested:
    case EventKind::protocol_assigned:
    case EventKind::protocol_revised:
    case EventKind::exam_refused:
    case EventKind::request_refused_by_rule:
    case EventKind::exam_cancelled:
    case EventKind::cancel_refused:
    case EventKind::images_wanted:
    case EventKind::images_missing:
    case EventKind::report_preliminary:
    case EventKind::report_validated:
    case EventKind::report_revised:
    case EventKind::result_told:
      return true;
    default:
      return false;
  }
}

class Hospital : public DeskWorker {
 public:
  using DeskWorker::DeskWorker;

 private:
  Result<void> begin() override {
    const Person* person =
        place_.directory ? place_.directory->person(place_.client.person) : nullptr;
    const Establishment* own =
        person ? place_.directory->establishment(person->establishment) : nullptr;
    if (!own) {
      return Error{Errc::bad_configuration,
                   place_.file.string() + ": nobody of a hospital, by the directory beside it"};
    }
    name_ = own->name;
    session_ = &client_->open(wish(Role::requester, Desk::none), handler());
    client_->subscribe(Desk::all, {}, [this](bool gap, LogIndex, const std::vector<Event>& events) {
      if (gap) return list();  // what was told meanwhile is not told again
      for (const Event& event : events) {
        if (event.exam && concerns_hospital(event.kind)) heard(place_.exam(event.exam), event.kind);
      }
    });
    say_words();
    return {};
  }

  std::vector<Help> help() const override {
    std::vector<Help> all = {
        {"liste", "vos examens sans compte rendu, ou dont un résultat critique est à accuser"}};
    for (Help& word : words_of(Role::requester)) all.push_back(std::move(word));
    return all;
  }

  void work(BootTime) override {}

  /// Told if it is of an exam of this hospital.
  void heard(const std::string& exam, EventKind kind) {
    const auto tell = [this, kind](const Json& row) {
      const bool is_own = row.value("establishment", "") == name_;
      if (!is_own || !row.value("parent", "").empty()) return;
      const std::string number = row.value("exam", "");
      std::string text = said(kind) + ' ' + number + ' ' + row.value("placer_order", "");
      const bool is_report = kind == EventKind::report_validated ||
                             kind == EventKind::report_revised ||
                             kind == EventKind::report_preliminary;
      const bool has_reason =
          kind == EventKind::info_requested || kind == EventKind::exam_refused ||
          kind == EventKind::request_refused_by_rule || kind == EventKind::exam_cancelled;
      if (has_reason) text += " : " + row.value("reason", "");
      if (is_report) text += " (voir " + number + ')';
      const std::string critical = row.value("critical", "");
      if (is_report && !critical.empty())
        text += " RÉSULTAT CRITIQUE " + critical + " (accuser " + number + ')';
      say("heard",
          {{"exam", number},
           {"event", name_of(kind)},
           {"placer_order", row.value("placer_order", "")},
           {"critical", critical},
           {"reason", row.value("reason", "")}},
          text);
    };
    look_up(QueryKind::exam, exam, tell, [](const std::string&) {});
  }

  void typed(const std::string& line) override {
    if (line == "liste") return list();
    auto told = command_in(line, Role::requester, place_);
    if (!told) return say_words(line);
    obey(*session_, std::move(*told));
  }

  /// What is open, with the questions that wait; and what is to be acknowledged.
  void list() {
    look_up(QueryKind::exams, name_, [this](const Json& reply) {
      static const std::set<std::string> ended = {"VALIDATED", "DELIVERED", "CLOSED", "REFUSED",
                                                  "CANCELLED"};
      bool any = false;
      for (const Json& row : reply.value("exams", Json::array())) {
        if (!row.value("parent", "").empty()) continue;
        const std::string number = row.value("exam", ""), state = row.value("state", "");
        const Json flags = row.value("flags", Json::array());
        const bool is_critical = std::find(flags.begin(), flags.end(), "critical") != flags.end();
        if (ended.contains(state) && !is_critical) continue;
        any = true;
        say("exam", row,
            number + ' ' + row.value("urgency", "") + ' ' + state + ' ' +
                row.value("placer_order", "") + (is_critical ? " (accuser " + number + ')' : ""));
        if (state == "NEEDS_INFO") heard(number, EventKind::info_requested);
      }
      if (!any) say("empty", {}, "rien en cours");
    });
  }

  void end() override { detach(*session_); }

  client::Session* session_ = nullptr;
  std::string name_;  ///< of the hospital
};

int follow(const Globals& globals, const DeskFlags& flags) {
  auto people = choose_people(globals, flags, Role::requester);
  if (!people) return complain(people.error());
  std::vector<std::unique_ptr<DeskWorker>> workers;
  workers.push_back(std::make_unique<Hospital>(globals, flags, std::move(people->front())));
  return run_all(flags, std::move(workers));
}

}  // namespace

void add_hospital(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "hospital",
      "be a hospital's requester: questions, refusals with their recourse, protocols and reports "
      "of "
      "its exams come up; questions are answered, requests cancelled and raised, critical results "
      "acknowledged; `voir N` shows the reports in every version. Requests are handed in with "
      "`vigie submit`. JSON lines: op (connected, attached, heard, exam, seen, refused, or the "
      "command's name), who, t, exam, event, placer_order, reason, critical");
  auto flags = std::make_shared<DeskFlags>();
  verb->add_option("--person", flags->people, "as whom: id or name (default: the first)")
      ->expected(1);
  verb->add_option("--seconds", flags->run_seconds, "stop after so many seconds");
  verb->callback([&, flags] { code = follow(globals, *flags); });
}

}  // namespace vigie::cli
