// Tasks and notes: what somebody has to do about an exam, and why somebody did what he did.
#include <algorithm>

#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

auto find_task(auto& tasks, TaskKind kind) {
  return std::find_if(tasks.begin(), tasks.end(), [&](const Task& t) { return t.kind == kind; });
}

/// The pair is one unit: a regulator does his assistant's tasks, and the duty head all.
bool may_close(Role role, Role owner) {
  return role == owner || role == Role::duty_head ||
         (role == Role::regulator && owner == Role::assistant);
}

}  // namespace

void note(Context& ctx, Exam& exam, EventKind kind, std::string text) {
  auto& notes = exam.notes;
  if (notes.size() == limits::notes_count) notes.erase(notes.begin());
  notes.push_back({static_cast<std::uint8_t>(kind), ctx.by, ctx.at, std::move(text)});
}

bool has_task(const Exam& exam, TaskKind kind) {
  return find_task(exam.tasks, kind) != exam.tasks.end();
}

void open_task(Context& ctx, Exam& exam, TaskKind kind, Millis within) {
  if (has_task(exam, kind)) return;
  exam.tasks.push_back({kind, false, ctx.at, ctx.at + within});
  record(ctx, exam, EventKind::task_opened, std::string(name_of(kind))).card = card_of(exam);
}

void close_task(Context& ctx, Exam& exam, TaskKind kind) {
  const auto at = find_task(exam.tasks, kind);
  if (at == exam.tasks.end()) return;
  exam.tasks.erase(at);
  record(ctx, exam, EventKind::task_closed, std::string(name_of(kind)));
}

FedTime task_due(const Exam& exam) {
  FedTime first;
  for (const Task& t : exam.tasks) {
    if (!t.is_overdue && (!first || t.due < first)) first = t.due;
  }
  return first;
}

void ring_tasks(Context& ctx, Exam& exam) {
  for (Task& t : exam.tasks) {
    if (t.is_overdue || t.due > ctx.at) continue;
    t.is_overdue = true;
    record(ctx, exam, EventKind::task_overdue, std::string(name_of(t.kind))).card = card_of(exam);
  }
}

Answer on_close_task(Context& ctx, const CloseTask& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  const auto task = find_task(found->tasks, command.task);
  if (task == found->tasks.end()) return refuse(Errc::wrong_state, "no such task is open");
  if (!may_close(ctx.role, owner_of(task->kind))) return refuse(Errc::unauthorised);
  Exam& exam = ctx.state.edit_exam(found->id);
  note(ctx, exam, EventKind::task_closed, command.reason);
  close_task(ctx, exam, command.task);
  // Who was told by phone knows it.
  if (command.task == TaskKind::call_technologist) exam.protocol_acked = exam.protocol_version;
  if (command.task == TaskKind::critical_result) set_flag(exam, ExamFlag::critical, false);
  return done(exam);
}

}  // namespace vigie::room
