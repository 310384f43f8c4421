#include "tests/sim/guard_rules.hpp"

#include <algorithm>

namespace vigie::sim {
namespace {

/// What nobody but the duty head does.
bool is_duty_heads(EventKind kind) {
  return kind == EventKind::read_taken_over || kind == EventKind::exam_directed ||
         kind == EventKind::exam_pinned || kind == EventKind::duty_offered;
}

bool is_open_task(const Exam& exam, TaskKind kind) {
  return std::any_of(exam.tasks.begin(), exam.tasks.end(),
                     [&](const Task& task) { return task.kind == kind; });
}

}  // namespace

void GuardRules::Counts::add(const Counts& other) {
  handed_over += other.handed_over;
  followed += other.followed;
  raised += other.raised;
  capped += other.capped;
  full += other.full;
}

void GuardRules::take(const Event& event, const Directory& directory) {
  if (event.kind == EventKind::duty_taken) {
    counts_.handed_over += event.text == "handed over";
    counts_.followed += event.text == "succession";
  }
  if (is_duty_heads(event.kind) && event.by != board_.duty().head) {
    findings_.add("R3",
                  "person " + std::to_string(event.by.value) + " did " +
                      std::string(name_of(event.kind)) + ", and the duty is that of " +
                      std::to_string(board_.duty().head.value),
                  event.index, event.exam);
  }
  if (event.kind == EventKind::ai_received) check_finding(event, directory);
  const bool read = event.kind == EventKind::exam_delivered || event.kind == EventKind::exam_closed;
  const Board::Row* row = read ? board_.row(event.exam) : nullptr;
  if (row && row->tasks.contains("hand_over")) {
    findings_.add("O17", "read, and on the list of what was left unread", event.index, event.exam);
  }
}

/// A1. The text is "engine: finding".
void GuardRules::check_finding(const Event& event, const Directory& directory) {
  const Board::Row* row = board_.row(event.exam);
  const std::size_t cut = event.text.find(": ");
  if (!row || cut == std::string::npos) return;
  const auto bad = [&](const std::string& what) {
    findings_.add("A1", event.text + ": " + what, event.index, event.exam);
  };
  const Engine* engine = directory.engine(event.text.substr(0, cut));
  if (!engine) return bad("an engine that nobody knows");
  const Ceiling* ceiling = engine->ceiling(event.text.substr(cut + 2));
  if (event.urgency > row->urgency) return bad("lowered an exam");
  Hour& hour = hours_[engine->name];
  const bool is_new_hour = !hour.since || hour.since + 1_h <= event.at;
  if (event.urgency == row->urgency) {
    const bool may = ceiling && ceiling->urgency < row->urgency;
    counts_.capped += may && !is_new_hour && hour.raised >= engine->raises_per_hour;
    return;
  }
  if (!ceiling || event.urgency != ceiling->urgency || event.urgency == Urgency::p0) {
    return bad("raised an exam to " + std::string(name_of(event.urgency)));
  }
  if (is_new_hour) hour = {event.at, 0};
  if (++hour.raised > engine->raises_per_hour) bad("raised more exams than it may in an hour");
  ++counts_.raised;
}

void GuardRules::look(SiteId site, const room::State& state) {
  const room::Duty& duty = state.scalars().duty;
  const auto [at, fresh] = heads_.try_emplace(duty.number, duty.head);
  if (!fresh && at->second != duty.head) {
    findings_.add("R3",
                  "duty " + std::to_string(duty.number) + " is that of " +
                      std::to_string(duty.head.value) + " here, and elsewhere of " +
                      std::to_string(at->second.value),
                  state.scalars().index, {}, site);
  }
  for (const room::GuardCount& count : state.scalars().guard_counts) {
    const auto& all = state.directory().agreements;
    const auto agreement = std::ranges::find(all, count.agreement, &Agreement::name);
    if (agreement == all.end() || count.count < agreement->quota) continue;
    FedTime& known = full_[count.agreement];
    counts_.full += known != count.until;
    known = count.until;
  }
}

void GuardRules::check_end(SiteId site, const room::State& state) {
  for (const auto& [id, slot] : state.exams().slots()) {
    const Exam& exam = slot.record;
    if (!is_open(exam) && is_open_task(exam, TaskKind::hand_over)) {
      findings_.add("O17",
                    std::string(name_of(exam.state)) + ", and on the list of what was left unread",
                    state.scalars().index, id, site);
    }
    const Establishment* e = state.directory().establishment(exam.request.establishment);
    if (exam.parent || !e) continue;
    for (const Report& report : exam.reports) {
      if (!is_version(report.kind)) continue;
      const auto owed =
          std::count_if(exam.deliveries.begin(), exam.deliveries.end(),
                        [&](const Delivery& d) { return d.version == report.version; });
      if (static_cast<std::size_t>(owed) >= e->recipients.size()) continue;
      findings_.add(
          "T17",
          "version " + std::to_string(report.version.value) + " of its report is owed to nobody",
          report.index, id, site);
    }
  }
}

}  // namespace vigie::sim
