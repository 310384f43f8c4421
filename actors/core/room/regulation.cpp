// The regulator pair: claim, question, protocol, refusal (T3 to T7).
#include "actors/core/room/context.hpp"

namespace vigie::room {
namespace {

/// The exam, if this session has claimed it and it is in regulation.
Result<ExamId> claimed_by_me(const Context& ctx, ExamId id) {
  const Exam* exam = ctx.state.exams().find(id);
  if (!exam) return Error{Errc::unknown_exam, {}};
  if (exam->state != ExamState::in_regulation) {
    return Error{Errc::wrong_state, std::string(name_of(exam->state))};
  }
  if (exam->regulator_session != ctx.proposal.session) return Error{Errc::not_holder, {}};
  return id;
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
  const bool mine =
      found->state == ExamState::in_regulation && found->regulator_session == ctx.proposal.session;
  if (!mine && found->state == ExamState::in_regulation) return refuse(Errc::not_holder);
  if (!mine && found->state != ExamState::requested && found->state != ExamState::needs_info) {
    return refuse(Errc::wrong_state, std::string(name_of(found->state)));
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
  for (ExamId id : claimed) release_claim(ctx, ctx.state.edit_exam(id));
}

Answer on_ask_info(Context& ctx, const AskInfo& command) {
  const auto mine = claimed_by_me(ctx, command.exam);
  if (!mine) return refuse(mine.error().code, mine.error().what);
  if (command.question.empty() || command.question.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "question: 1 to 128 bytes");
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
    return refuse(Errc::wrong_state, std::string(name_of(found->state)));
  }
  if (command.text.size() > limits::sealed_bytes) return refuse(Errc::too_large);
  Exam& exam = ctx.state.edit_exam(found->id);
  // Clinical text: it belongs with the sealed part, which only entitled clients open.
  if (exam.request.sealed.size() + command.text.size() + 1 <= limits::sealed_bytes) {
    exam.request.sealed += '\n' + command.text;
  }
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
  exam.request.modality = modality;
  exam.flags = static_cast<ExamFlag>(static_cast<std::uint16_t>(exam.flags) &
                                     ~static_cast<std::uint16_t>(ExamFlag::modality_unknown));
  if (command.region != Region::unknown) exam.request.region = command.region;
  if (const Agreement* a = ctx.directory().agreement(exam.request.establishment, modality)) {
    exam.group = a->group;
    exam.overflow_group = a->overflow;
  } else {
    exam.flags = exam.flags | ExamFlag::exceptional;  // he may, with the reason that he gave
  }
  exam.protocol = protocol->code;
  exam.skill = protocol->skill;
  exam.urgency = protocol->vital ? Urgency::p0 : command.urgency;
  exam.reason = command.relevance;
  exam.regulator_session = {};
  exam.claimed_until = {};
  enter(ctx, exam, ExamState::protocolled);
  record(ctx, exam, EventKind::protocol_assigned, protocol->code).card = card_of(exam);
  if (exam.request.images_complete) make_ready(ctx, exam);  // they came before the protocol
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
  enter(ctx, exam, ExamState::refused);
  record(ctx, exam, EventKind::exam_refused, command.reason);
  return done(exam);
}

}  // namespace vigie::room
