#include "actors/core/room/room.hpp"

#include <algorithm>

#include "messages/types/planted.hpp"
#include "messages/types/site_change.hpp"

namespace vigie::room {
namespace {

/// The year 10000: no clock of a federation shows more, and times can be added to it.
constexpr FedTime stamp_max{253'402'300'800'000};

/// A new leader restarts the offers before anything fires: nobody could accept while there was none
/// (design D8).
bool begins_term(const State& state, const Proposal& proposal) {
  const Tick* tick = std::get_if<Tick>(&proposal.command);
  return tick && tick->new_leader && !proposal.session &&
         authorise(state, proposal, nullptr) == Errc::ok;
}

Answer on_clock_correction(Context& ctx, const ClockCorrection& command) {
  const bool bounded = command.offset_change >= Millis{-1000} && command.offset_change <= 1_s;
  if (!bounded) return refuse(Errc::bad_value, "at most one second at a time");
  Scalars& scalars = ctx.state.edit_scalars();
  scalars.utc_offset = scalars.utc_offset + command.offset_change;
  announce(ctx, EventKind::clock_corrected);
  return {};
}

Answer on_set_level(Context& ctx, const SetLevel& command) {
  Scalars& scalars = ctx.state.edit_scalars();
  if (command.level < scalars.level || command.level > level_max) return refuse(Errc::bad_value);
  scalars.level = command.level;
  announce(ctx, EventKind::level_set, std::to_string(command.level.value));
  return {};
}

Answer on_apply_directory(Context& ctx, const ApplyDirectory& command) {
  const std::uint32_t expected = ctx.directory().version + 1;
  if (command.directory.version != expected) {
    return refuse(Errc::bad_value, "version must be " + std::to_string(expected));
  }
  auto directory = replace_directory(ctx.directory(), command.directory);
  if (!directory) return refuse(directory.error().code, directory.error().what);
  if (const auto fine = directory->normalise(); !fine) {
    return refuse(fine.error().code, fine.error().what);
  }
  if (const auto horizon = directory->horizon(); horizon && *horizon <= ctx.utc()) {
    return refuse(Errc::bad_value, "a calendar knows nothing of what comes: it was not expanded");
  }
  take_directory(ctx, std::move(*directory));
  return {};
}

Answer on_change_site(Context& ctx, const ChangeSite& command) {
  Directory directory = ctx.directory();
  const auto said = change_site(directory, command);
  if (!said) return refuse(said.error().code, said.error().what);
  take_directory(ctx, std::move(directory));
  for (const Site& site : ctx.directory().sites) {
    const bool goes = command.what == SiteChange::remove && site.name == command.site.name;
    if (goes) leave_door(ctx, site.id);
  }
  Answer answer;
  answer.text = *said;
  return answer;
}

/// One handler per command; the switch that only dispatches.
struct Dispatch {
  Context& ctx;
  Answer operator()(const UnknownCommand& c) const {
    return refuse(Errc::unknown_command, std::to_string(c.number));
  }
  Answer operator()(const Attach& c) const { return on_attach(ctx, c); }
  Answer operator()(const Detach& c) const { return on_detach(ctx, c); }
  Answer operator()(const Submit& c) const { return on_submit(ctx, c); }
  Answer operator()(const Amend& c) const { return on_amend(ctx, c); }
  Answer operator()(const Cancel& c) const { return on_cancel(ctx, c); }
  Answer operator()(const Claim& c) const { return on_claim(ctx, c); }
  Answer operator()(const ReleaseClaim& c) const { return on_release_claim(ctx, c); }
  Answer operator()(const AskInfo& c) const { return on_ask_info(ctx, c); }
  Answer operator()(const ProvideInfo& c) const { return on_provide_info(ctx, c); }
  Answer operator()(const Accept& c) const { return on_accept(ctx, c); }
  Answer operator()(const Refuse& c) const { return on_refuse(ctx, c); }
  Answer operator()(const AcquisitionStarted& c) const { return on_acquisition_started(ctx, c); }
  Answer operator()(const ImagesProgress& c) const { return on_images_progress(ctx, c); }
  Answer operator()(const AcquisitionComplete& c) const { return on_acquisition_complete(ctx, c); }
  Answer operator()(const SetReader& c) const { return on_set_reader(ctx, c); }
  Answer operator()(const AcceptOffer& c) const { return on_accept_offer(ctx, c); }
  Answer operator()(const DeclineOffer& c) const { return on_decline_offer(ctx, c); }
  Answer operator()(const Release& c) const { return on_release(ctx, c); }
  Answer operator()(const Preliminary& c) const { return on_preliminary(ctx, c); }
  Answer operator()(const Sign& c) const { return on_sign(ctx, c); }
  Answer operator()(const SettleLate& c) const { return on_settle_late(ctx, c); }
  Answer operator()(const DeliveryResult& c) const { return on_delivery_result(ctx, c); }
  Answer operator()(const ExpireSession& c) const { return on_expire_session(ctx, c); }
  Answer operator()(const SiteContact& c) const { return on_site_contact(ctx, c); }
  Answer operator()(const Tick&) const { return {}; }        // has fired what was due
  Answer operator()(const Checkpoint&) const { return {}; }  // compared by the shell
  Answer operator()(const ClockCorrection& c) const { return on_clock_correction(ctx, c); }
  Answer operator()(const SetLevel& c) const { return on_set_level(ctx, c); }
  Answer operator()(const ApplyDirectory& c) const { return on_apply_directory(ctx, c); }
  Answer operator()(const ChangeSite& c) const { return on_change_site(ctx, c); }
  Answer operator()(const ReviseProtocol& c) const { return on_revise_protocol(ctx, c); }
  Answer operator()(const AckProtocol& c) const { return on_ack_protocol(ctx, c); }
  Answer operator()(const SetUrgency& c) const { return on_set_urgency(ctx, c); }
  Answer operator()(const Hold& c) const { return on_hold(ctx, c); }
  Answer operator()(const Resume& c) const { return on_resume(ctx, c); }
  Answer operator()(const Suspend& c) const { return on_suspend(ctx, c); }
  Answer operator()(const WantImages& c) const { return on_want_images(ctx, c); }
  Answer operator()(const TakeOver& c) const { return on_take_over(ctx, c); }
  Answer operator()(const Direct& c) const { return on_direct(ctx, c); }
  Answer operator()(const Pin& c) const { return on_pin(ctx, c); }
  Answer operator()(const AnswerCancel& c) const { return on_answer_cancel(ctx, c); }
  Answer operator()(const TellResult& c) const { return on_tell_result(ctx, c); }
  Answer operator()(const ReviseReport& c) const { return on_revise_report(ctx, c); }
  Answer operator()(const AckCritical& c) const { return on_ack_critical(ctx, c); }
  Answer operator()(const CloseTask& c) const { return on_close_task(ctx, c); }
  Answer operator()(const LinkOrder& c) const { return on_link_order(ctx, c); }
  Answer operator()(const AskRead& c) const { return on_ask_read(ctx, c); }
  Answer operator()(const TakeDuty& c) const { return on_take_duty(ctx, c); }
  Answer operator()(const OfferDuty& c) const { return on_offer_duty(ctx, c); }
  Answer operator()(const HandOver& c) const { return on_hand_over(ctx, c); }
  Answer operator()(const AddFinding& c) const { return on_add_finding(ctx, c); }
  Answer operator()(const SetSite& c) const { return on_set_site(ctx, c); }
  Answer operator()(const SetAway& c) const { return on_set_away(ctx, c); }
  Answer operator()(const SetShift& c) const { return on_set_shift(ctx, c); }
  Answer operator()(const Bypass& c) const { return on_bypass(ctx, c); }
  Answer operator()(const Reopen& c) const { return on_reopen(ctx, c); }
};

void remember(Session& session, std::uint64_t content_hash, const Answer& answer) {
  session.last_request = answer.request;
  Remembered kept{answer.request, content_hash, answer};
  session.answers_hash = hash_canonical(session.answers_hash, kept);
  if (session.answers.size() < limits::answers_remembered) {
    session.answers.push_back(std::move(kept));
  } else {
    session.answers[(answer.request.value - 1) % limits::answers_remembered] = std::move(kept);
  }
}

}  // namespace

void take_directory(Context& ctx, Directory directory) {
  ctx.state.set_directory(std::move(directory));
  give_to_free(ctx);
  ctx.out.directory_changed = true;
  announce(ctx, EventKind::directory_applied, std::to_string(ctx.directory().version));
}

Answer Room::execute(Context& ctx) {
  const Session* session = ctx.state.sessions().find(ctx.proposal.session);
  const bool opens = std::holds_alternative<Attach>(ctx.proposal.command);
  if (opens) session = nullptr;
  if (const Errc code = authorise(ctx.state, ctx.proposal, session); code != Errc::ok) {
    Answer answer = refuse(code, std::string(name_of(ctx.proposal.command)));
    const bool off_duty = session && session->role == Role::duty_head;
    if (off_duty && !has_duty(ctx.state, session->person)) answer.text += ": the duty is not yours";
    return answer;
  }
  if (session) {
    ctx.by = session->person;
    ctx.role = session->role;
  } else if (!opens) {
    ctx.role = Role::node;
  }
  return std::visit(Dispatch{ctx}, ctx.proposal.command);
}

/// D6: numbers apply strictly in order, each once; what was answered is answered the same again.
Answer Room::answer_request(Context& ctx) {
  const Proposal& p = ctx.proposal;
  const bool numbered = p.session && !std::holds_alternative<Attach>(p.command);
  if (!numbered) return execute(ctx);
  const Session* session = ctx.state.sessions().find(p.session);
  if (!session) return refuse(Errc::no_session);
  if (p.incarnation < session->incarnation) return refuse(Errc::superseded);
  if (!session->live || p.incarnation != session->incarnation) return refuse(Errc::no_session);
  if (p.request <= session->last_request) {
    for (const Remembered& r : session->answers) {
      if (r.request != p.request) continue;
      if (r.content_hash != p.content_hash) return refuse(Errc::request_reused);
      Answer again = r.answer;
      again.duplicate = true;
      return again;
    }
    return refuse(Errc::old_request);
  }
  if (p.request != next(session->last_request) && !is_planted(Bug::request_gap_taken)) {
    Answer retry = refuse(Errc::retry_from);
    retry.next = next(session->last_request);
    return retry;
  }
  Answer answer = execute(ctx);
  answer.request = p.request;
  if (!answer.index) answer.index = ctx.index;
  remember(ctx.state.edit_session(p.session), p.content_hash, answer);
  return answer;
}

/// Takes what left the room with this entry into the archive's rolling hash.
void Room::count_archived(Effects& out, std::size_t from) {
  const auto first = out.archive.begin() + static_cast<std::ptrdiff_t>(from);
  std::sort(first, out.archive.end(),
            [](const ArchivedExam& a, const ArchivedExam& b) { return a.exam < b.exam; });
  Scalars& scalars = state_.edit_scalars();
  ArchiveEnd end{scalars.archived, scalars.archive_hash};
  for (auto at = first; at != out.archive.end(); ++at) end.add(at->index, at->exam, at->bytes);
  scalars.archived = end.count;
  scalars.archive_hash = end.hash;
}

Answer Room::apply(LogIndex index, FedTime at, const Proposal& proposal, Effects& out) {
  VIGIE_ASSERT(index == next(applied()));
  const std::size_t archived_before = out.archive.size();
  Scalars& scalars = state_.edit_scalars();
  scalars.index = index;
  if (at > scalars.at && at <= stamp_max) scalars.at = at;
  Context ctx{state_, index, scalars.at, proposal, {}, Role::none, out};
  if (begins_term(state_, proposal)) restart_offers(ctx);
  fire_deadlines(ctx, watch_roster(ctx));
  // What the last entry left of it, followed when its time has come.
  if (scalars.duty.lost_since) follow_duty(ctx);
  ctx.door = proposal.door;
  Answer answer = answer_request(ctx);
  give_waiting(ctx);
  follow_duty(ctx);
  answer.request = proposal.request;
  if (!answer.index) answer.index = index;
  count_archived(out, archived_before);
  state_.prune_orders(scalars.at);
  state_.settle();
  if (watch_overflow(ctx)) {
    give_waiting(ctx);
    state_.settle();
  }
  return answer;
}

void Room::skip(LogIndex index) {
  VIGIE_ASSERT(index == next(applied()));
  state_.edit_scalars().index = index;
}

void Room::apply_members(LogIndex index, std::vector<Member> members) {
  skip(index);
  state_.edit_scalars().members = std::move(members);
}

void Room::apply_undecodable(LogIndex index, FedTime at, Effects& out) {
  Proposal nothing;
  nothing.command = UnknownCommand{};
  (void)apply(index, at, nothing, out);
}

FedTime Room::next_due() const {
  const auto& due = state_.due();
  const FedTime exam = due.empty() ? FedTime{} : due.begin()->first;
  const auto earlier = [](FedTime a, FedTime b) { return !a || (b && b < a) ? b : a; };
  return earlier(earlier(exam, duty_due(state_)), roster_due(state_));
}

}  // namespace vigie::room
