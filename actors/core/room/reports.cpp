// Reports: preliminary, signed, late (T15, T16, T16b). A report is kept whatever its epoch.
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {

Report make_report(const Context& ctx, ReportId id, const Epoch& epoch, const std::string& text) {
  Report report;
  report.id = id;
  report.epoch = epoch;
  report.author = ctx.by;
  report.site = ctx.proposal.door;
  report.index = ctx.index;
  report.at = ctx.at;
  report.text = text;
  return report;
}

ReportVersion next_version(const Exam& exam) {
  ReportVersion last;
  for (const Report& r : exam.reports) last = std::max(last, r.version);
  return next(last);
}

namespace {

const Report* find_report(const Exam& exam, ReportId id) {
  const auto at = std::find_if(exam.reports.begin(), exam.reports.end(), [&](const Report& r) {
    return r.id == id && r.kind != ReportKind::preliminary;
  });
  return at == exam.reports.end() ? nullptr : &*at;
}

/// Counts the exam as its author's work of this shift.
void credit(Context& ctx, const Exam& exam, PersonId author) {
  const Session* session = ctx.state.session_of(author, Role::reader);
  if (!session) return;
  const Protocol* protocol = ctx.directory().protocol(exam.protocol);
  ctx.state.edit_session(session->id).units +=
      protocol ? protocol->expected_minutes : mean_read_minutes;
}

/// T16: the exam is read. Frees whoever had it in hand, and gives him the next.
void validate(Context& ctx, Exam& exam, Report report) {
  report.kind = ReportKind::final_;
  report.settled = false;
  report.version = next_version(exam);
  const ReportVersion version = report.version;
  const PersonId author = report.author;
  const SessionId was_in_hand_of = exam.reader_session;
  const bool withdrawn = exam.state == ExamState::offered && exam.reader != author;
  const bool is_anothers = exam.reader && exam.reader != author;  // or adopted by who had it
  if (withdrawn) {
    record(ctx, exam, EventKind::offer_withdrawn, "signed").session = was_in_hand_of;
  }
  // The duty head has adopted another's: who reads it must know that it is no longer his.
  const bool decided = is_being_read(exam) && was_in_hand_of != ctx.proposal.session;
  if (decided) {
    record(ctx, exam, EventKind::read_taken_over, "signed").session = was_in_hand_of;
  }
  const bool was_given = exam.state == ExamState::offered || is_being_read(exam);
  enter(ctx, exam, ExamState::validated);
  if (was_given) take_from_reader(ctx, exam);
  exam.reader = author;
  credit(ctx, exam, author);
  if (const Session* s = is_anothers ? ctx.state.session_of(author, Role::reader) : nullptr) {
    exam.reading_site = s->site;
  }
  exam.offered_until = {};
  exam.signed_at = ctx.at;
  if (!report.critical.empty()) {
    exam.critical = report.critical;
    set_flag(exam, ExamFlag::critical, true);
    open_task(ctx, exam, TaskKind::critical_result, ctx.rules().critical_ack);
  }
  exam.reports.push_back(std::move(report));
  record(ctx, exam, EventKind::report_validated, std::to_string(version.value)).session =
      ctx.proposal.session;
  close_task(ctx, exam, TaskKind::call_reader);
  close_task(ctx, exam, TaskKind::hand_over);
  refuse_cancel(ctx, exam, "read");
  if (exam.parent) {
    child_was_read(ctx, exam);
  } else {
    owe_deliveries(ctx, exam, version);
  }
  ctx.state.reindex(exam);
  if (was_given) next_for(ctx, was_in_hand_of);
}

/// T15: replaces the one before.
void keep_preliminary(Context& ctx, Exam& exam, Report report) {
  report.kind = ReportKind::preliminary;
  std::erase_if(exam.reports, [](const Report& r) { return r.kind == ReportKind::preliminary; });
  exam.reports.push_back(std::move(report));
  enter(ctx, exam, ExamState::preliminary);
  record(ctx, exam, EventKind::report_preliminary).session = ctx.proposal.session;
}

/// T16b, the other half: kept beside the exam, shown to whoever reads it now.
Answer keep_late(Context& ctx, Exam& exam, Report report) {
  const Errc code = is_final(exam.state) ? Errc::already_final : Errc::stale;
  if (is_planted(Bug::late_report_dropped)) return refuse(code, "the report is kept");
  if (exam.reports.size() < limits::reports_per_exam) {
    report.kind = ReportKind::late;
    exam.reports.push_back(std::move(report));
    exam.flags = exam.flags | ExamFlag::late_report;
  } else {
    ctx.state.insert_parked({report.id, exam.id, std::move(report)});
  }
  record(ctx, exam, EventKind::report_late).session = in_hand_of(exam);
  Answer answer = refuse(code, "the report is kept");
  answer.exam = exam.id;
  answer.epoch = exam.epoch;
  return answer;
}

/// A reading that must come first is not done: the text is kept, as preliminary where he holds it.
Answer keep_until_read(Context& ctx, Exam& exam, Report report) {
  const bool replaces = std::any_of(exam.reports.begin(), exam.reports.end(), [](const Report& r) {
    return r.kind == ReportKind::preliminary;
  });
  const bool fits = replaces || exam.reports.size() < limits::reports_per_exam;
  if (!is_held(exam.state) || !fits) return keep_late(ctx, exam, std::move(report));
  keep_preliminary(ctx, exam, std::move(report));
  Answer answer = refuse(Errc::wrong_state, "a mandatory reading is open; kept as preliminary");
  answer.exam = exam.id;
  answer.epoch = exam.epoch;
  return answer;
}

void clear_late_flag(Exam& exam) {
  const bool open = std::any_of(exam.reports.begin(), exam.reports.end(), [](const Report& r) {
    return r.kind == ReportKind::late && !r.settled;
  });
  if (open) return;
  set_flag(exam, ExamFlag::late_report, false);
}

/// Must it be read once more before a text of `author` is final? A supervised reader's must be, by
/// an autonomous one (R13), whom this asks; who adopts it answers for it as its author does.
bool waits_for_reading(Context& ctx, const Exam& exam, PersonId author) {
  if (has_open_mandatory(ctx.state, exam)) return true;
  if (!needs_supervision(ctx, exam, ctx.role == Role::reader ? ctx.by : author)) return false;
  if (is_held(exam.state)) ask_supervision(ctx, exam.id);
  return true;
}

bool holds(const Context& ctx, const Exam& exam, const Epoch& epoch) {
  const bool given =
      is_held(exam.state) || exam.state == ExamState::offered || exam.state == ExamState::suspended;
  const bool same_epoch = exam.epoch == epoch || is_planted(Bug::epoch_unchecked);
  return given && exam.reader_session == ctx.proposal.session && same_epoch;
}

}  // namespace

Answer on_preliminary(Context& ctx, const Preliminary& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (command.text.size() > limits::report_bytes) return refuse(Errc::too_large);
  if (!holds(ctx, *found, command.epoch) || !is_held(found->state)) {
    Answer answer = refuse(Errc::stale);
    answer.epoch = found->epoch;
    return answer;
  }
  if (found->reports.size() >= limits::reports_per_exam) return refuse(Errc::limit_reached);
  Exam& exam = ctx.state.edit_exam(found->id);
  keep_preliminary(ctx, exam, make_report(ctx, command.report, command.epoch, command.text));
  return done(exam);
}

Answer on_sign(Context& ctx, const Sign& command) {
  if (!command.report) return refuse(Errc::bad_value, "report id");
  if (command.text.size() > limits::report_bytes) return refuse(Errc::too_large);
  if (command.critical.size() > limits::name_bytes) return refuse(Errc::bad_value, "critical");
  Report report = make_report(ctx, command.report, command.epoch, command.text);
  report.critical = command.critical;
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) {
    ctx.state.insert_parked({command.report, command.exam, std::move(report)});
    Answer answer = refuse(Errc::unknown_exam, "the report is parked");
    answer.exam = command.exam;
    return answer;
  }
  if (const Report* known = find_report(*found, command.report)) {
    Answer again = done(*found);
    again.duplicate = true;
    if (known->kind == ReportKind::late) again.code = Errc::stale;
    return again;
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  const bool waiting = exam.state == ExamState::ready || exam.state == ExamState::offered;
  const bool still_open = waiting || is_planted(Bug::late_report_final);
  const bool last_holder = still_open && exam.last_reader == ctx.by;
  const bool his = holds(ctx, exam, command.epoch);
  if (!his && !last_holder) return keep_late(ctx, exam, std::move(report));
  if (waits_for_reading(ctx, exam, ctx.by)) return keep_until_read(ctx, exam, std::move(report));
  validate(ctx, exam, std::move(report));
  return done(exam);
}

Answer on_settle_late(Context& ctx, const SettleLate& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  const Report* late = find_report(*found, command.report);
  if (!late || late->kind != ReportKind::late) {
    return refuse(Errc::bad_value, "no such late report");
  }
  if (late->settled) return done_again(*found);
  const bool reads_it = found->reader == ctx.by && !is_final(found->state);
  const bool may = reads_it || ctx.role == Role::duty_head ||
                   (is_final(found->state) && found->reader == ctx.by);
  if (!may) return refuse(Errc::not_holder);
  if (command.adopt && is_final(found->state)) return refuse(Errc::already_final);
  if (command.adopt && !is_held(found->state)) return wrong_state(*found);
  if (command.adopt && waits_for_reading(ctx, *found, late->author)) {
    return refuse(Errc::wrong_state, "a mandatory reading is open");
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  const auto at = std::find_if(exam.reports.begin(), exam.reports.end(),
                               [&](const Report& r) { return r.id == command.report; });
  at->settled = true;
  record(ctx, exam, EventKind::late_settled, command.adopt ? "adopted" : "kept mine");
  if (command.adopt) {
    Report adopted = *at;
    exam.reports.erase(at);
    validate(ctx, exam, std::move(adopted));
  }
  clear_late_flag(exam);
  return done(exam);
}

}  // namespace vigie::room
