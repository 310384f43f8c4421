// What somebody looks at: the room as a centre that is up holds it.
#include <algorithm>

#include "messages/types/exam_number.hpp"
#include "tests/scenarios/runner/command.hpp"

namespace vigie::scenarios {
namespace {

std::string in_hand(const Stage& stage, const Exam& exam) {
  if (!exam.reader) return {};
  return ", " + name_of(stage.directory(), exam.reader) + " at " +
         name_of(stage.directory(), exam.reading_site);
}

void show_reports(Stage& stage, const Exam& exam) {
  constexpr std::string_view kinds[] = {"", "preliminary", "final", "late"};
  for (const Report& r : exam.reports) {
    const std::string version = r.version ? " version " + std::to_string(r.version.value) : "";
    stage.trace().show("  report: " + std::string(kinds[static_cast<std::size_t>(r.kind) & 3]) +
                       version + " by " + name_of(stage.directory(), r.author) + ", \"" + r.text +
                       "\"" + (r.settled ? ", settled" : ""));
  }
  constexpr std::string_view states[] = {"owed", "received", "refused"};
  for (const Delivery& d : exam.deliveries) {
    stage.trace().show("  delivery: version " + std::to_string(d.version.value) + " by " +
                       name_of(stage.directory(), d.owner) + ", " +
                       std::string(states[static_cast<std::size_t>(d.state) % 3]));
  }
}

void show_exam(Stage& stage, const Values& v) {
  const Exam& exam = open_exam(stage, v[0]);
  std::string line = v[0] + ", " + exam_number(stage.directory(), exam.id) + ": " +
                     std::string(name_of(exam.state)) + ", " + std::string(name_of(exam.urgency)) +
                     in_hand(stage, exam);
  const std::size_t assignments = stage.narrator().assignments(exam.id);
  if (assignments > 0) line += ", assignment " + std::to_string(assignments);
  if (exam.generation > 1) line += ", the number's use no. " + std::to_string(exam.generation);
  if (has(exam.flags, ExamFlag::late_report)) line += ", a late report waits";
  if (has(exam.flags, ExamFlag::no_agreement)) line += ", without an agreement";
  if (has(exam.flags, ExamFlag::exceptional)) line += ", exceptional";
  if (has(exam.flags, ExamFlag::undelivered)) line += ", undelivered";
  stage.trace().show(line);
  show_reports(stage, exam);
}

void why(Stage& stage, const Values& v) {
  const Exam& exam = open_exam(stage, v[0]);
  const Directory& d = stage.directory();
  if (exam.decisions.empty()) return stage.trace().show(v[0] + " was given to nobody yet");
  const Decision& decision = exam.decisions.back();
  stage.trace().show(v[0] + " went to " + name_of(d, decision.reader) + " when " +
                     (decision.by_reader ? "the reader became free" : "the exam became ready"));
  for (const Candidate& c : decision.candidates) {
    stage.trace().show("  " + name_of(d, c.reader) + ", " + name_of(d, c.site) + ": " +
                       std::to_string(c.total()) + " = idle " + std::to_string(c.idle) +
                       ", skill " + std::to_string(c.skill) + ", territory " +
                       std::to_string(c.territory) + ", same patient " +
                       std::to_string(c.continuity) + ", fairness " + std::to_string(c.fairness) +
                       ", centre's load " + std::to_string(c.balance));
  }
  for (std::size_t f = 1; f < decision.removed.size(); ++f) {
    if (decision.removed[f] == 0) continue;
    std::string names;
    for (const Removal& r : decision.removals) {
      if (r.filter != static_cast<Filter>(f)) continue;
      names += (names.empty() ? " (" : ", ") + name_of(d, r.reader);
    }
    stage.trace().show("  not considered, " + std::string(name_of(static_cast<Filter>(f))) + ": " +
                       std::to_string(decision.removed[f]) + names + (names.empty() ? "" : ")"));
  }
}

void show_queue(Stage& stage, const Values&) {
  const room::State& state = room_of(stage).state();
  std::size_t shown = 0;
  for (const auto& [urgency, since, id] : state.by_age()) {
    const Exam* exam = state.exams().find(id);
    if (!exam) continue;
    stage.trace().show(stage.labels().of(id) + ": " + std::string(name_of(exam->state)) + ", " +
                       std::string(name_of(urgency)) + in_hand(stage, *exam));
    ++shown;
  }
  if (shown == 0) stage.trace().show("nothing waits");
}

void show_readers(Stage& stage, const Values&) {
  constexpr std::string_view modes[] = {"off", "free", "away", "at rest"};
  const room::State& state = room_of(stage).state();
  std::vector<std::string> lines;
  for (const auto& [id, slot] : state.sessions().slots()) {
    const room::Session& s = slot.record;
    if (!s.live || s.role != Role::reader) continue;
    const Exam* exam = s.exam ? state.exams().find(s.exam) : nullptr;
    const std::string does =
        exam ? std::string(name_of(exam->state)) + " " + stage.labels().of(exam->id)
             : std::string(modes[static_cast<std::size_t>(s.mode) & 3]);
    lines.push_back(name_of(stage.directory(), s.person) + ", " +
                    name_of(stage.directory(), s.site) + ": " + does);
  }
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) stage.trace().show(line);
  if (lines.empty()) stage.trace().show("nobody reads");
}

void show_centres(Stage& stage, const Values&) {
  for (const Site& site : stage.directory().sites) {
    sim::Centre& centre = stage.centre(site.id);
    const actors::Host* host = centre.host();
    std::string does = "is down";
    if (host && centre.is_paused()) {
      does = "stands still";
    } else if (host && host->replica().is_settled_leader()) {
      does = "leads";
    } else if (host) {
      const SiteId leader = host->replica().leader();
      does = leader ? "follows " + name_of(stage.directory(), leader) : "knows no leader";
    }
    stage.trace().show(capital(site.name) + " " + does);
  }
}

/// By the last entry's stamp, in minutes and seconds.
void show_time(Stage& stage, const Values&) {
  const std::int64_t ahead = (stage.narrator().ahead().value + 500) / 1000;
  const std::int64_t size = ahead < 0 ? -ahead : ahead;
  const std::string amount = std::to_string(size / 60) + " min " + std::to_string(size % 60) + " s";
  stage.trace().show("federation time is " +
                     (size < 2 ? "the true time"
                               : amount + (ahead < 0 ? " behind it" : " ahead of the true time")));
}

}  // namespace

const std::vector<Verb>& look_verbs() {
  static const std::vector<Verb> verbs = {
      {"show EXAM", "Where it is, its reports, its deliveries.", show_exam},
      {"why EXAM", "Who was considered when it was last given to a reader.", why},
      {"show the queue", "What waits for a reader, P0 first.", show_queue},
      {"show the readers", "Who is logged in, and does what.", show_readers},
      {"show the centres", "Who leads, who follows.", show_centres},
      {"show federation time", "Against the true time.", show_time},
  };
  return verbs;
}

}  // namespace vigie::scenarios
