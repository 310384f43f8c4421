// What a handler works with while one entry is applied, and the few steps that all handlers share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/core/room/state.hpp"
#include "messages/types/event.hpp"
#include "messages/types/exam_number.hpp"
#include "messages/types/limits.hpp"
#include "messages/types/result.hpp"

namespace vigie::room {

/// An exam that left the room: for the archive of every node.
struct ArchivedExam {
  ExamId exam;
  LogIndex index;
  std::string bytes;  ///< canonical_bytes(Exam)
};

/// A session whose holder may not count on as long a lease as before (design D8).
struct ShorterLease {
  SessionId session;
  Urgency before;  ///< of what it held
};

/// What applying entries brings forth besides the answer. Appended to; the caller empties it.
struct Effects {
  std::vector<Event> events;
  std::vector<ArchivedExam> archive;
  std::vector<ShorterLease> shorter_leases;
  bool directory_changed = false;
};

struct Context {
  State& state;
  LogIndex index;
  FedTime at;
  const Proposal& proposal;
  PersonId by;  ///< who acts; 0: a node or time itself
  Role role = Role::none;
  Effects& out;
  SiteId door = {};                  ///< by which it came; 0: time itself
  std::vector<ExamId> to_give = {};  ///< for give_waiting()

  const Directory& directory() const { return state.directory(); }
  const Rules& rules() const { return state.directory().rules; }
  Epoch epoch() const { return {0, index.value}; }
  /// For calendars only; deadlines go by `at` (design D3).
  UtcTime utc() const { return {(at + state.scalars().utc_offset).value}; }
};

inline Answer refuse(Errc code, std::string text = {}) {
  Answer answer;
  answer.code = code;
  answer.text = std::move(text);
  return answer;
}
inline Answer done(const Exam& exam) {
  Answer answer;
  answer.exam = exam.id;
  answer.epoch = exam.epoch;
  return answer;
}

/// Records that `kind` happened to `exam`: one event out, one line in its timeline. A full timeline
/// keeps how the exam began and what came last.
/// Returns the event, to be completed before the next record().
Event& record(Context& ctx, Exam& exam, EventKind kind, std::string text = {});
/// The event alone: for what may happen too often for a timeline.
Event& mention(Context& ctx, const Exam& exam, EventKind kind, std::string text = {});
/// An event that is not about an exam.
Event& announce(Context& ctx, EventKind kind, std::string text = {});
/// What a desk shows of `exam`.
std::shared_ptr<const ExamCard> card_of(const Exam& exam);

/// Moves `exam` on: state, since when, reminders.
void enter(Context& ctx, Exam& exam, ExamState state);

/// The open exam that `ref` names. nullptr: none.
const Exam* find_exam(const State& state, const ExamRef& ref);
/// False when the sender belongs to another hospital than `establishment`.
bool may_speak_for(const Context& ctx, EstablishmentId establishment);
/// The agreement that covers the exam's modality, in force when it came, or else now: its provider
/// groups are kept for this exam's life. Flags the exam when there is none. @return it; nullptr:
/// none.
const Agreement* set_agreement(const Context& ctx, Exam& exam);
inline void set_flag(Exam& exam, ExamFlag flag, bool on) {
  const auto bits = static_cast<std::uint16_t>(exam.flags);
  const auto one = static_cast<std::uint16_t>(flag);
  exam.flags = static_cast<ExamFlag>(on ? bits | one : bits & ~one);
}

// requests.cpp
Answer on_submit(Context& ctx, const Submit& command);
Answer on_amend(Context& ctx, const Amend& command);
Answer on_cancel(Context& ctx, const Cancel& command);
// regulation.cpp
Answer on_claim(Context& ctx, const Claim& command);
Answer on_release_claim(Context& ctx, const ReleaseClaim& command);
Answer on_ask_info(Context& ctx, const AskInfo& command);
Answer on_provide_info(Context& ctx, const ProvideInfo& command);
Answer on_accept(Context& ctx, const Accept& command);
Answer on_refuse(Context& ctx, const Refuse& command);
void release_claims(Context& ctx, SessionId session);
// acquisition.cpp
Answer on_acquisition_started(Context& ctx, const AcquisitionStarted& command);
Answer on_images_progress(Context& ctx, const ImagesProgress& command);
Answer on_acquisition_complete(Context& ctx, const AcquisitionComplete& command);
// assignment.cpp
/// T10: the exam enters the waiting room, to be given.
void make_ready(Context& ctx, Exam& exam);
/// Back to the waiting room with a new epoch, to be given again.
void return_to_waiting(Context& ctx, Exam& exam);
/// Gives what is to be given to the best free readers, in the order of exams: whoever comes back
/// together with a P0 must not take its reader.
void give_waiting(Context& ctx);
/// Gives the session's reader the first exam he may read, if he is free.
void assign_reader(Context& ctx, SessionId session);
/// Takes the exam out of its reader's hand, in both records. The reader stays in his mode.
void take_from_reader(Context& ctx, Exam& exam);
void set_deadline(const Rules& rules, Exam& exam);
// reading.cpp
Answer on_set_reader(Context& ctx, const SetReader& command);
Answer on_accept_offer(Context& ctx, const AcceptOffer& command);
Answer on_decline_offer(Context& ctx, const DeclineOffer& command);
Answer on_release(Context& ctx, const Release& command);
// reports.cpp
Answer on_preliminary(Context& ctx, const Preliminary& command);
Answer on_sign(Context& ctx, const Sign& command);
Answer on_settle_late(Context& ctx, const SettleLate& command);
// delivery.cpp
void owe_deliveries(Context& ctx, Exam& exam, ReportVersion version);
Answer on_delivery_result(Context& ctx, const DeliveryResult& command);
/// Names the next reachable door for what `exam` owes since `before` or earlier; with `owner`, only
/// for what is its to deliver.
void rename_owners(Context& ctx, Exam& exam, FedTime before, SiteId owner = {});
void close_exam(Context& ctx, ExamId id);
// sessions.cpp
Answer on_attach(Context& ctx, const Attach& command);
Answer on_detach(Context& ctx, const Detach& command);
Answer on_expire_session(Context& ctx, const ExpireSession& command);
Answer on_site_contact(Context& ctx, const SiteContact& command);
void site_is_back(Context& ctx, SiteId site);
/// Nobody is there any more: its offers return at once, what it owes hospitals goes to other doors.
void leave_door(Context& ctx, SiteId door);
// deadlines.cpp
void fire_deadlines(Context& ctx);
void restart_offers(Context& ctx);
// authorise.cpp
/// May this key, in this role, send this command? Deny by default (design D10).
Errc authorise(const State& state, const Proposal& proposal, const Session* session);

}  // namespace vigie::room
