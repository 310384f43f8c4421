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
  if (!exam.first_image_at) exam.first_image_at = ctx.at;
  exam.images_at = ctx.at;
  exam.images = std::max(exam.images, received);
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
    if (found->state >= ExamState::acquiring) return again;
    return refuse(Errc::wrong_state, std::string(name_of(found->state)));
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
    if (complete && exam.state < ExamState::protocolled) exam.request.images_complete = true;
    if (more && exam.state >= ExamState::ready) {
      Event& event = record(ctx, exam, EventKind::images_added, std::to_string(exam.images));
      event.session = exam.reader_session;
    }
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
    const bool early = exam.state < ExamState::protocolled;
    if (early) exam.request.images_complete = true;  // READY as soon as a protocol is given
    if (early || more) {
      Event& event = record(ctx, exam, EventKind::images_added, std::to_string(exam.images));
      event.session = exam.reader_session;
    }
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
