// The regulator pair: claim, question, protocol, refusal (T3 to T7).
#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

bool is_regulating(const Session& s) {
  return s.live && (s.role == Role::regulator || s.role == Role::assistant);
}

/// The session and its pair's: who regulates at one post of a centre is one unit (R1).
bool is_one_unit(const State& state, SessionId a, SessionId b) {
  if (a == b) return true;
  const Session* one = state.sessions().find(a);
  const Session* other = state.sessions().find(b);
  return one && other && is_regulating(*one) && is_regulating(*other) && one->site &&
         !one->post.empty() && one->post == other->post && one->site == other->site;
}

/// The exam, if this session or its pair's has claimed it and it is in regulation.
Result<ExamId> claimed_by_me(const Context& ctx, ExamId id) {
  const Exam* exam = ctx.state.exams().find(id);
  if (!exam) return Error{Errc::unknown_exam, {}};
  if (exam->state != ExamState::in_regulation) {
    return Error{Errc::wrong_state, std::string(name_of(exam->state))};
  }
  if (!is_one_unit(ctx.state, exam->regulator_session, ctx.proposal.session)) {
    return Error{Errc::not_holder, {}};
  }
  return id;
}

/// Images do not wait for a protocol everywhere.
void images_came_before(Context& ctx, Exam& exam) {
  if (exam.request.images_complete) return make_ready(ctx, exam);
  if (!exam.first_image_at) return;
  enter(ctx, exam, ExamState::acquiring);
  record(ctx, exam, EventKind::acquisition_started);
}

void release_claim(Context& ctx, Exam& exam) {
  exam.regulator_session = {};
  exam.claimed_until = {};
  exam.epoch = ctx.epoch();
  enter(ctx, exam, ExamState::requested);
  record(ctx, exam, EventKind::regulation_released).card = card_of(exam);
}

}  // namespace

Answer on_claim(Context& ctx, const Claim& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  const bool mine = found->state == ExamState::in_regulation &&
                    is_one_unit(ctx.state, found->regulator_session, ctx.proposal.session);
  if (!mine && found->state == ExamState::in_regulation) return refuse(Errc::not_holder);
  if (!mine && found->state != ExamState::requested && found->state != ExamState::needs_info) {
    return wrong_state(*found);
  }
  const Person* person = ctx.directory().person(ctx.by);
  const bool needs_one = !mine && ctx.role == Role::regulator;
  if (needs_one && !(person && person->is_qualified(Role::regulator, ctx.utc()))) {
    return refuse(Errc::unauthorised, "no regulator's qualification in force");
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  exam.claimed_until = ctx.at + ctx.rules().claim_lease;
  if (mine) return done(exam);  // a renewal
  exam.regulator = ctx.by;
  exam.regulator_session = ctx.proposal.session;
  enter(ctx, exam, ExamState::in_regulation);
  record(ctx, exam, EventKind::regulation_claimed);
  return done(exam);
}

Answer on_release_claim(Context& ctx, const ReleaseClaim& command) {
  const auto mine = claimed_by_me(ctx, command.exam);
  if (!mine) return refuse(mine.error().code, mine.error().what);
  Exam& exam = ctx.state.edit_exam(*mine);
  release_claim(ctx, exam);
  return done(exam);
}

void release_claims(Context& ctx, SessionId session) {
  std::vector<ExamId> claimed;
  const auto& all = ctx.state.claimed();
  for (auto at = all.lower_bound({session, ExamId{}}); at != all.end() && at->first == session;
       ++at) {
    claimed.push_back(at->second);
  }
  if (claimed.empty()) return;
  SessionId other;  // of the pair: it goes on with what they had
  for (const auto& [id, slot] : ctx.state.sessions().slots()) {
    if (id != session && is_one_unit(ctx.state, id, session)) other = id;
  }
  for (const ExamId id : claimed) {
    Exam& exam = ctx.state.edit_exam(id);
    if (other) {
      exam.regulator_session = other;
    } else {
      release_claim(ctx, exam);
    }
  }
}

Answer on_ask_info(Context& ctx, const AskInfo& command) {
  const auto mine = claimed_by_me(ctx, command.exam);
  if (!mine) return refuse(mine.error().code, mine.error().what);
  if (command.question.empty() || command.question.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "question: 1 to 128 bytes");
  }
  if (ctx.state.exams().find(*mine)->answers.size() == limits::answers_count) {
    return refuse(Errc::limit_reached, "it has answered enough: call");
  }
  Exam& exam = ctx.state.edit_exam(*mine);
  exam.reason = command.question;
  exam.regulator_session = {};
  exam.claimed_until = {};
  enter(ctx, exam, ExamState::needs_info);
  record(ctx, exam, EventKind::info_requested, command.question);
  return done(exam);
}

Answer on_provide_info(Context& ctx, const ProvideInfo& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (found->state != ExamState::needs_info) {
    return wrong_state(*found);
  }
  if (!may_speak_for(ctx, found->request.establishment)) return refuse(Errc::unauthorised);
  if (command.text.empty()) return refuse(Errc::bad_value, "answer: empty");
  if (command.text.size() > limits::answer_bytes) return refuse(Errc::too_large, "answer: 1 KiB");
  Exam& exam = ctx.state.edit_exam(found->id);
  exam.answers.push_back(command.text);
  enter(ctx, exam, ExamState::requested);
  record(ctx, exam, EventKind::info_provided).card = card_of(exam);
  return done(exam);
}

Answer on_accept(Context& ctx, const Accept& command) {
  const auto mine = claimed_by_me(ctx, command.exam);
  if (!mine) return refuse(mine.error().code, mine.error().what);
  const Protocol* protocol = ctx.directory().protocol(command.protocol);
  if (!protocol) return refuse(Errc::unknown_protocol, command.protocol);
  if (command.relevance.empty() || command.relevance.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "relevance: a code is needed");
  }
  const Exam& before = *ctx.state.exams().find(*mine);
  const Modality modality =
      command.modality != Modality::unknown ? command.modality : before.request.modality;
  if (modality == Modality::us) return refuse(Errc::modality_excluded);
  if (modality == Modality::unknown) return refuse(Errc::bad_value, "modality: must be set");
  Exam& exam = ctx.state.edit_exam(*mine);
  const bool changed = exam.request.modality != modality;
  exam.request.modality = modality;
  set_flag(exam, ExamFlag::modality_unknown, false);
  if (command.region != Region::unknown) exam.request.region = command.region;
  if (changed || !exam.group) set_agreement(ctx, exam);
  // Without an agreement he may all the same, with the reason that he gave.
  set_flag(exam, ExamFlag::exceptional, !exam.group);
  exam.skill = protocol->skill;
  exam.urgency = protocol->vital ? Urgency::p0 : command.urgency;
  exam.reason = command.relevance;
  exam.regulator = ctx.by;
  exam.regulator_session = {};
  exam.claimed_until = {};
  set_protocol(ctx, exam, *protocol);
  record(ctx, exam, EventKind::protocol_assigned, protocol->code).card = card_of(exam);
  images_came_before(ctx, exam);
  return done(exam);
}

void set_protocol(Context& ctx, Exam& exam, const Protocol& protocol) {
  exam.protocol = protocol.code;
  ++exam.protocol_version;
  // Where nobody acknowledges protocols, nobody waits for it.
  const Establishment* e = ctx.directory().establishment(exam.request.establishment);
  if (!e || !e->protocol_ack) exam.protocol_acked = exam.protocol_version;
  enter(ctx, exam, ExamState::protocolled);
}

Answer on_revise_protocol(Context& ctx, const ReviseProtocol& command) {
  const Exam* found = ctx.state.exams().find(command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!is_reason(command.reason)) return refuse_reason();
  if (found->state != ExamState::protocolled) {
    return wrong_state(*found);
  }
  const Protocol* protocol = ctx.directory().protocol(command.protocol);
  if (!protocol) return refuse(Errc::unknown_protocol, command.protocol);
  Exam& exam = ctx.state.edit_exam(found->id);
  exam.skill = protocol->skill;
  if (protocol->vital) exam.urgency = Urgency::p0;
  close_task(ctx, exam, TaskKind::call_technologist);
  note(ctx, exam, EventKind::protocol_revised, command.reason);
  set_protocol(ctx, exam, *protocol);
  record(ctx, exam, EventKind::protocol_revised, protocol->code).card = card_of(exam);
  return done(exam);
}

Answer on_ack_protocol(Context& ctx, const AckProtocol& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (!found) return refuse(Errc::unknown_exam);
  if (!may_speak_for(ctx, found->request.establishment)) return refuse(Errc::unauthorised);
  if (command.version == 0 || command.version > found->protocol_version) {
    return refuse(Errc::bad_value, "version");
  }
  if (command.version <= found->protocol_acked) {
    return done_again(*found);
  }
  Exam& exam = ctx.state.edit_exam(found->id);
  exam.protocol_acked = command.version;
  record(ctx, exam, EventKind::protocol_acked, std::to_string(command.version));
  if (exam.protocol_acked == exam.protocol_version) {
    close_task(ctx, exam, TaskKind::call_technologist);
  }
  return done(exam);
}

Answer on_refuse(Context& ctx, const Refuse& command) {
  const auto mine = claimed_by_me(ctx, command.exam);
  if (!mine) return refuse(mine.error().code, mine.error().what);
  if (command.reason.empty() || command.reason.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "reason: 1 to 128 bytes");
  }
  if (!command.called_back)
    return refuse(Errc::bad_value, "called_back: the requester is called first");
  Exam& exam = ctx.state.edit_exam(*mine);
  exam.reason = command.reason;
  exam.regulator_session = {};
  exam.claimed_until = {};
  exam.tasks.clear();
  enter(ctx, exam, ExamState::refused);
  record(ctx, exam, EventKind::exam_refused, command.reason);
  return done(exam);
}

}  // namespace vigie::room
