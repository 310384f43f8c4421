// After the report: told by word of mouth, added to, corrected, withdrawn, taken note of (T19, T25,
// T27).
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

bool reads_or_read(const Exam& exam, PersonId person) {
  if (exam.reader == person || exam.last_reader == person) return true;
  return std::any_of(exam.reports.begin(), exam.reports.end(),
                     [&](const Report& r) { return r.author == person; });
}

/// Of a version that the hospital has: who may add to it.
bool is_author(const Exam& exam, PersonId person) {
  return std::any_of(exam.reports.begin(), exam.reports.end(),
                     [&](const Report& r) { return is_version(r.kind) && r.author == person; });
}

Errc may_revise(const Context& ctx, const Exam& exam, ReportKind kind) {
  if (ctx.role == Role::duty_head) {
    return kind == ReportKind::withdrawal ? Errc::ok : Errc::unauthorised;
  }
  return is_author(exam, ctx.by) ? Errc::ok : Errc::not_holder;
}

void take_version(Context& ctx, Exam& exam, Report report) {
  const ReportKind kind = report.kind;
  const ReportVersion version = report.version;
  exam.reports.push_back(std::move(report));
  enter(ctx, exam, ExamState::validated);  // T17's clock begins anew
  exam.delivered_at = {};
  record(ctx, exam, EventKind::report_revised, std::string(name_of(kind)));
  if (kind == ReportKind::withdrawal) {
    open_task(ctx, exam, TaskKind::new_report, ctx.rules().task);
  } else {
    close_task(ctx, exam, TaskKind::new_report);
    close_task(ctx, exam, TaskKind::images_after_report);
  }
  if (is_planted(Bug::withdrawal_not_owed) && kind == ReportKind::withdrawal) return;
  owe_deliveries(ctx, exam, version);
}

}  // namespace

Answer on_tell_result(Context& ctx, const TellResult& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.to) || command.text.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "to: 1 to 128 bytes");
  }
  const bool may = ctx.role != Role::reader || reads_or_read(*found, ctx.by);
  if (!may) return refuse(Errc::not_holder);
  Exam& exam = ctx.state.edit_exam(found->id);
  note(ctx, exam, EventKind::result_told, command.to + ": " + command.text);
  record(ctx, exam, EventKind::result_told, command.to);
  close_task(ctx, exam, TaskKind::call_hospital);
  return done(exam);
}

Answer on_revise_report(Context& ctx, const ReviseReport& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  const bool known_kind = command.kind >= ReportKind::addendum;
  if (!command.report || !known_kind || command.text.empty()) {
    return refuse(Errc::bad_value, "report id, kind and text");
  }
  if (command.text.size() > limits::report_bytes) return refuse(Errc::too_large);
  const bool again = std::any_of(found->reports.begin(), found->reports.end(),
                                 [&](const Report& r) { return r.id == command.report; });
  if (again) {
    return done_again(*found);
  }
  const bool has_report =
      found->state == ExamState::validated || found->state == ExamState::delivered;
  if (!has_report || found->parent) {
    return wrong_state(*found);
  }
  if (const Errc code = may_revise(ctx, *found, command.kind); code != Errc::ok) {
    return refuse(code);
  }
  if (found->reports.size() >= limits::reports_per_exam) return refuse(Errc::limit_reached);
  Exam& exam = ctx.state.edit_exam(found->id);
  Report report = make_report(ctx, command.report, exam.epoch, command.text);
  report.kind = command.kind;
  report.version = next_version(exam);
  take_version(ctx, exam, std::move(report));
  return done(exam);
}

Answer on_ack_critical(Context& ctx, const AckCritical& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!may_speak_for(ctx, found->request.establishment)) return refuse(Errc::unauthorised);
  if (found->critical.empty()) return refuse(Errc::wrong_state, "it has no critical result");
  if (!has(found->flags, ExamFlag::critical)) {
    return done_again(*found);
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  set_flag(exam, ExamFlag::critical, false);
  record(ctx, exam, EventKind::critical_acked);
  close_task(ctx, exam, TaskKind::critical_result);
  return done(exam);
}

}  // namespace vigie::room
