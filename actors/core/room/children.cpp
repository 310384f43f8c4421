// Readings once more: a colleague's opinion, a subspecialty's recourse, a second opinion, a
// supervised read, a region of a polytrauma (domain §5.2; F8, F13, O16, R13). Each is an exam of
// its own, child of the one it is about: offered, read and signed like any other, and delivered to
// its parent instead of a hospital. An opinion never overwrites its parent's report.
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

bool is_over(const Exam& exam) {
  return is_final(exam.state) || exam.state == ExamState::refused ||
         exam.state == ExamState::cancelled;
}

bool wrote_of(const Exam& exam, PersonId person) {
  return std::any_of(exam.reports.begin(), exam.reports.end(),
                     [&](const Report& r) { return r.author == person; });
}

/// Who asks for what, when (domain §5.2). A reader asks about what he holds or wrote.
Errc may_ask(const Context& ctx, const Exam& exam, Purpose purpose) {
  if (exam.parent) return Errc::wrong_state;  // a child has no children
  const bool finished = purpose == Purpose::second_opinion;
  const bool in_time =
      finished ? exam.state == ExamState::validated || exam.state == ExamState::delivered
               : exam.state >= ExamState::ready && exam.state <= ExamState::preliminary;
  if (ctx.role == Role::requester) {
    if (!finished || !may_speak_for(ctx, exam.request.establishment)) return Errc::unauthorised;
  } else if (ctx.role == Role::reader) {
    const bool his = finished ? wrote_of(exam, ctx.by)
                              : exam.reader_session == ctx.proposal.session && is_held(exam.state);
    if (in_time && !his) return Errc::not_holder;
  }
  return in_time ? Errc::ok : Errc::wrong_state;
}

Exam child_of(const Context& ctx, const Exam& parent, const AskRead& command) {
  Exam child;
  child.parent = parent.id;
  child.purpose = command.purpose;
  child.is_mandatory = command.is_mandatory || command.purpose == Purpose::region ||
                       command.purpose == Purpose::supervision;
  child.request = parent.request;
  child.request.key = {};
  child.answers = parent.answers;
  child.origin_site = ctx.proposal.door;
  child.urgency = parent.urgency;
  child.skill = command.skill != Skill::general ? command.skill : parent.skill;
  if (command.purpose == Purpose::region) child.request.region = command.region;
  child.agreement = parent.agreement;
  child.group = parent.group;
  child.overflow_group = parent.overflow_group;
  child.protocol = parent.protocol;
  child.protocol_version = child.protocol_acked = parent.protocol_version;
  set_flag(child, ExamFlag::bypassed, has(parent.flags, ExamFlag::bypassed));
  child.images = parent.images;
  child.received_at = child.images_at = child.first_image_at = ctx.at;
  // Not by who read it already; of a split he may take a part.
  if (command.purpose != Purpose::region) {
    if (parent.reader) exclude(child, parent.reader);
    for (const Report& r : parent.reports) exclude(child, r.author);
  }
  return child;
}

Exam& add_child(Context& ctx, const AskRead& command) {
  Exam& parent = ctx.state.edit_exam(command.exam);
  Exam child = child_of(ctx, parent, command);
  child.id = next_exam_id(ctx);
  parent.children.push_back(child.id);
  note(ctx, parent, EventKind::read_asked, command.question);
  record(ctx, parent, EventKind::read_asked, std::string(name_of(command.purpose)));
  Exam& kept = ctx.state.insert_exam(std::move(child));
  note(ctx, kept, EventKind::read_asked, command.question);
  if (command.reader) reserve(ctx, kept, command.reader);
  record(ctx, kept, EventKind::read_asked, std::string(name_of(command.purpose)));
  make_ready(ctx, kept);
  return kept;
}

}  // namespace

bool has_open_mandatory(const State& state, const Exam& exam) {
  if (is_planted(Bug::mandatory_not_awaited)) return false;
  return std::any_of(exam.children.begin(), exam.children.end(), [&](ExamId id) {
    const Exam* child = state.exams().find(id);
    return child && child->is_mandatory && !is_over(*child);
  });
}

bool needs_supervision(const Context& ctx, const Exam& exam, PersonId author) {
  const Person* person = ctx.directory().person(author);
  if (exam.parent || !person || exam.children.size() >= limits::children_count) return false;
  const bool was_read = std::any_of(exam.children.begin(), exam.children.end(), [&](ExamId id) {
    const Exam* child = ctx.state.exams().find(id);
    return child && child->purpose == Purpose::supervision && is_final(child->state);
  });
  const Request& r = exam.request;
  const auto may_as = [&](PrivilegeStatus status) {
    return std::any_of(person->privileges.begin(), person->privileges.end(),
                       [&](const Privilege& p) {
                         return p.status == status && p.holds(ctx.utc()) &&
                                p.covers(r.modality, r.region, r.age_class);
                       });
  };
  return !was_read && may_as(PrivilegeStatus::supervised) && !may_as(PrivilegeStatus::autonomous);
}

void ask_supervision(Context& ctx, ExamId exam) {
  AskRead command;
  command.exam = exam;
  command.purpose = Purpose::supervision;
  command.question = "supervised";
  (void)add_child(ctx, command);
}

void invite_colleague(Context& ctx, ExamId id) {
  const Exam* exam = ctx.state.exams().find(id);
  const Protocol* protocol = exam ? ctx.directory().protocol(exam->protocol) : nullptr;
  if (!protocol || !protocol->collegial || exam->parent) return;
  // Once: whoever reads it after him finds the colleague's opinion.
  if (!exam->children.empty()) return;
  AskRead command;
  command.exam = id;
  command.purpose = Purpose::opinion;
  command.question = "protocol";
  (void)add_child(ctx, command);
}

void child_was_read(Context& ctx, Exam& child) {
  enter(ctx, child, ExamState::delivered);
  child.delivered_at = ctx.at;
  record(ctx, child, EventKind::exam_delivered, "parent");
  if (!ctx.state.exams().find(child.parent)) return;
  Exam& parent = ctx.state.edit_exam(child.parent);
  record(ctx, parent, EventKind::child_read, std::string(name_of(child.purpose))).session =
      in_hand_of(parent);
}

Answer on_ask_read(Context& ctx, const AskRead& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (command.purpose == Purpose::none) return refuse(Errc::bad_value, "purpose");
  if (!is_reason(command.question)) return refuse_reason();
  const bool without_region =
      command.purpose == Purpose::region && command.region == Region::unknown;
  if (without_region) return refuse(Errc::bad_value, "region");
  if (const Errc code = may_ask(ctx, *found, command.purpose); code != Errc::ok) {
    return refuse(code, std::string(name_of(found->state)));
  }
  if (found->children.size() >= limits::children_count) return refuse(Errc::limit_reached);
  if (command.reader && !ctx.directory().person(command.reader)) {
    return refuse(Errc::unknown_person);
  }
  const bool himself = command.reader && command.reader == found->reader;
  if (himself) return refuse(Errc::not_eligible, "he reads it already");
  return done(add_child(ctx, command));
}

}  // namespace vigie::room
