// Images arrive: started, counted, complete (T9, T10).
#include <algorithm>

#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

void add_names(std::vector<std::string>& have, const std::vector<std::string>& more,
               std::size_t count_max) {
  for (const std::string& name : more) {
    if (name.empty() || name.size() > limits::name_bytes || have.size() >= count_max) continue;
    if (std::find(have.begin(), have.end(), name) == have.end()) have.push_back(name);
  }
}

void images_seen(Context& ctx, Exam& exam, std::uint32_t received) {
  close_task(ctx, exam, TaskKind::find_patient);
  if (!exam.first_image_at) exam.first_image_at = ctx.at;
  exam.images_at = ctx.at;
  exam.images = std::max(exam.images, received);
}

/// T30: shown to its reader; after the report its author looks at them.
void images_added(Context& ctx, Exam& exam) {
  Event& event = record(ctx, exam, EventKind::images_added, std::to_string(exam.images));
  event.session = in_hand_of(exam);
  if (is_final(exam.state)) {
    open_task(ctx, exam, TaskKind::images_after_report, ctx.rules().task);
  }
}

/// Images for an exam that is not (any more) waiting for them.
bool only_noted(ExamState state) {
  return state != ExamState::protocolled && state != ExamState::acquiring;
}

Errc refusal(const Context& ctx, const Exam* exam) {
  if (!exam) return Errc::unknown_key_order;
  if (!may_speak_for(ctx, exam->request.establishment)) return Errc::unauthorised;
  const bool over = exam->state == ExamState::refused || exam->state == ExamState::cancelled ||
                    exam->state == ExamState::closed;
  return over ? Errc::wrong_state : Errc::ok;
}

}  // namespace

Answer on_acquisition_started(Context& ctx, const AcquisitionStarted& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (const Errc code = refusal(ctx, found); code != Errc::ok) return refuse(code);
  if (found->state != ExamState::protocolled) {
    Answer again = done(*found);
    again.duplicate = true;
    if (stage_of(*found) >= ExamState::acquiring) return again;
    return wrong_state(*found);
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  enter(ctx, exam, ExamState::acquiring);
  record(ctx, exam, EventKind::acquisition_started);
  return done(exam);
}

Answer on_images_progress(Context& ctx, const ImagesProgress& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (const Errc code = refusal(ctx, found); code != Errc::ok) return refuse(code);
  Exam& exam = ctx.state.edit_exam(found->id);
  const bool more = command.received > exam.images;
  images_seen(ctx, exam, command.received);
  if (command.expected > 0) exam.images_expected = command.expected;
  const bool complete = exam.images_expected > 0 && exam.images >= exam.images_expected;
  if (only_noted(exam.state)) {
    const ExamState stage = stage_of(exam);
    if (complete && stage < ExamState::ready) exam.request.images_complete = true;
    if (more && stage >= ExamState::ready) images_added(ctx, exam);
    return done(exam);
  }
  if (exam.state == ExamState::protocolled) {
    enter(ctx, exam, ExamState::acquiring);
    record(ctx, exam, EventKind::acquisition_started);
  }
  if (complete) {
    make_ready(ctx, exam);
  } else {
    if (more) exam.reminders = 0;  // they flow again
    mention(ctx, exam, EventKind::images_progress, std::to_string(exam.images));
  }
  return done(exam);
}

Answer on_acquisition_complete(Context& ctx, const AcquisitionComplete& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (const Errc code = refusal(ctx, found); code != Errc::ok) return refuse(code);
  if (command.partial && ctx.role != Role::regulator) return refuse(Errc::unauthorised);
  Exam& exam = ctx.state.edit_exam(found->id);
  add_names(exam.request.accessions, command.accessions, limits::accessions_count);
  add_names(exam.request.studies, command.studies, limits::studies_count);
  const bool more = command.images > exam.images;
  images_seen(ctx, exam, command.images);
  if (only_noted(exam.state)) {
    // READY as soon as a protocol is given, or what is on hold goes on.
    const bool early = stage_of(exam) < ExamState::ready;
    if (early) exam.request.images_complete = true;
    if (early || more) images_added(ctx, exam);
    Answer noted = done(exam);
    noted.duplicate = !early && !more;
    return noted;
  }
  if (exam.state == ExamState::protocolled) {
    enter(ctx, exam, ExamState::acquiring);
    record(ctx, exam, EventKind::acquisition_started);
  }
  exam.request.images_complete = true;
  if (command.partial) exam.flags = exam.flags | ExamFlag::partial;
  make_ready(ctx, exam);
  return done(exam);
}

}  // namespace vigie::room
