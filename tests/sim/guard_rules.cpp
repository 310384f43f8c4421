#include "tests/sim/guard_rules.hpp"

#include <algorithm>

#include "messages/types/limits.hpp"

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
  if (event.exam) check_given(event);
  const bool read = event.kind == EventKind::exam_delivered || event.kind == EventKind::exam_closed;
  const Board::Row* row = read ? board_.row(event.exam) : nullptr;
  if (row && row->tasks.contains("hand_over")) {
    findings_.add("O17", "read, and on the list of what was left unread", event.index, event.exam);
  }
}

/// T13, T14: until the duty head directs it to somebody. Who went away may have it once more.
void GuardRules::check_given(const Event& event) {
  const Board::Row* row = board_.row(event.exam);
  if (!row) return;
  std::set<PersonId>& had = had_[event.exam];
  if (had.size() == limits::excluded_readers_count) had.clear();
  switch (event.kind) {
    case EventKind::read_taken_over:
      had.insert(row->reader);
      return;
    case EventKind::read_declined:
      if (event.text != "images") had.insert(event.by);
      return;
    case EventKind::read_released:
      if (event.text != "away" && event.text != "session") had.insert(event.by);
      return;
    case EventKind::exam_directed:
    case EventKind::exam_closed:
      return had.clear();
    case EventKind::read_offered:
    case EventKind::read_accepted:
      if (!had.contains(event.by)) return;
      return findings_.add("T14",
                           "given to person " + std::to_string(event.by.value) + " once more",
                           event.index, event.exam);
    default:
      return;
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
    check_quota(site, state, count);
  }
}

/// O22. By the exams themselves: those that came since the guard was first seen, in the room still.
void GuardRules::check_quota(SiteId site, const room::State& state, const room::GuardCount& count) {
  const auto& all = state.directory().agreements;
  const auto agreement = std::ranges::find(all, count.agreement, &Agreement::name);
  if (agreement == all.end() || agreement->quota == 0) return;
  Guard& guard = guards_[count.agreement];
  if (count.until > guard.until) guard = {count.until, state.scalars().at};
  if (count.until < guard.until) return;  // it lags behind
  const auto came = std::ranges::count_if(state.exams().slots(), [&](const auto& slot) {
    const Exam& exam = slot.second.record;
    return !exam.parent && exam.agreement == count.agreement && exam.received_at > guard.begun;
  });
  if (came > agreement->quota) {
    findings_.add("O22",
                  std::to_string(came) + " exams of one guard under " + count.agreement +
                      ", whose quota is " + std::to_string(agreement->quota),
                  state.scalars().index, {}, site);
  }
  counts_.full += count.count >= agreement->quota && !guard.full;
  guard.full |= count.count >= agreement->quota;
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
