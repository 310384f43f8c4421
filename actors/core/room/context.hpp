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
  UtcTime utc() const { return state.utc(at); }
  FedTime fed(UtcTime when) const { return state.fed(when); }
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

/// It was so already: the same command, or another to the same end.
inline Answer done_again(const Exam& exam) {
  Answer answer = done(exam);
  answer.duplicate = true;
  return answer;
}

/// What it says to who does not know its state.
inline Answer wrong_state(const Exam& exam) {
  Answer answer = refuse(Errc::wrong_state, std::string(name_of(exam.state)));
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

inline bool is_reason(const std::string& text) {
  return !text.empty() && text.size() <= limits::name_bytes;
}
inline Answer refuse_reason() { return refuse(Errc::bad_value, "reason: 1 to 128 bytes"); }

/// Whose screen shows what happens to it: who has it in hand now, and nobody who had it (F7).
inline SessionId in_hand_of(const Exam& exam) {
  const bool given = is_held(exam.state) || exam.state == ExamState::offered;
  return given ? exam.reader_session : SessionId{};
}

/// In a reader's hands, or set aside by him.
inline bool is_being_read(const Exam& exam) {
  return is_held(exam.state) || exam.state == ExamState::suspended;
}

/// Moves `exam` on: state, since when, reminders.
void enter(Context& ctx, Exam& exam, ExamState state);

/// The open exam that `ref` names. nullptr: none.
const Exam* find_exam(const State& state, const ExamRef& ref);
/// False when the sender belongs to another hospital than `establishment`.
bool may_speak_for(const Context& ctx, EstablishmentId establishment);
/// The agreement that covers the exam's modality, in force when it came, or else now: its provider
/// groups are kept for this exam's life. Flags the exam when there is none, and with a reason when
/// its hospital is not authorised for the modality. @return it; nullptr: none.
const Agreement* set_agreement(const Context& ctx, Exam& exam);
inline void set_flag(Exam& exam, ExamFlag flag, bool on) {
  const auto bits = static_cast<std::uint32_t>(exam.flags);
  const auto one = static_cast<std::uint32_t>(flag);
  exam.flags = static_cast<ExamFlag>(on ? bits | one : bits & ~one);
}

// room.cpp
/// The directory is another one: who may read more than before begins at once.
void take_directory(Context& ctx, Directory directory);
// requests.cpp
Answer on_submit(Context& ctx, const Submit& command);
Answer on_amend(Context& ctx, const Amend& command);
Answer on_cancel(Context& ctx, const Cancel& command);
/// The number of the next exam by this door.
ExamId next_exam_id(Context& ctx);
// phone.cpp
Answer on_link_order(Context& ctx, const LinkOrder& command);
// steering.cpp
Answer on_set_urgency(Context& ctx, const SetUrgency& command);
Answer on_hold(Context& ctx, const Hold& command);
Answer on_resume(Context& ctx, const Resume& command);
Answer on_take_over(Context& ctx, const TakeOver& command);
Answer on_direct(Context& ctx, const Direct& command);
Answer on_pin(Context& ctx, const Pin& command);
Answer on_answer_cancel(Context& ctx, const AnswerCancel& command);
void change_urgency(Context& ctx, Exam& exam, Urgency urgency);
/// Out of its reader's hand for good: his epoch is over. @return his session.
SessionId leave_hand(Context& ctx, Exam& exam);
void cancel_exam(Context& ctx, Exam& exam, std::string reason);
/// F3: to the readers without protocol.
Answer on_bypass(Context& ctx, const Bypass& command);
void ask_cancel(Context& ctx, Exam& exam, const std::string& reason);
/// Ends the hospital's wish to cancel, if it has one.
void refuse_cancel(Context& ctx, Exam& exam, std::string why);
// tasks.cpp
Answer on_close_task(Context& ctx, const CloseTask& command);
/// Keeps why `kind` happened.
void note(Context& ctx, Exam& exam, EventKind kind, std::string text);
/// To be done within that time; one that is open already stays.
void open_task(Context& ctx, Exam& exam, TaskKind kind, Millis within);
/// If it is open.
void close_task(Context& ctx, Exam& exam, TaskKind kind);
/// When the next task is overdue; 0: none will be.
FedTime task_due(const Exam& exam);
void ring_tasks(Context& ctx, Exam& exam);
// children.cpp
Answer on_ask_read(Context& ctx, const AskRead& command);
/// Is there a reading without which it may not be signed?
bool has_open_mandatory(const State& state, const Exam& exam);
/// R13: its author is not autonomous for it, and nobody has read it again.
bool needs_supervision(const Context& ctx, const Exam& exam, PersonId author);
void ask_supervision(Context& ctx, ExamId exam);
/// F8: a colleague reads it too, where its protocol wants it. @param exam Being read since now.
void invite_colleague(Context& ctx, ExamId exam);
/// Its report goes to its parent.
void child_was_read(Context& ctx, Exam& child);
// hand_over.cpp
Answer on_hand_over(Context& ctx, const HandOver& command);
/// When the guard under which something comes now is over there; 0: by day, or not known.
FedTime guard_end(const Context& ctx, EstablishmentId establishment);
/// And it is unread.
void guard_is_over(Context& ctx, Exam& exam);
// findings.cpp
Answer on_add_finding(Context& ctx, const AddFinding& command);
// duty.cpp
Answer on_take_duty(Context& ctx, const TakeDuty& command);
Answer on_offer_duty(Context& ctx, const OfferDuty& command);
bool has_duty(const State& state, PersonId person);
/// When a duty head who is out of reach is followed by his deputy; 0: nobody is to follow.
FedTime duty_due(const State& state);
/// Sees whether its head is in reach; after Rules::duty_succession his deputy follows.
void follow_duty(Context& ctx);
// roster.cpp
Answer on_set_shift(Context& ctx, const SetShift& command);
/// When the roster says something else; 0: never.
FedTime roster_due(const State& state);
/// Follows the roster's turns: tells who did not come (O21). @return true: others may read now.
bool watch_roster(Context& ctx);
// reopen.cpp
Answer on_reopen(Context& ctx, const Reopen& command);
// overflow.cpp
bool is_overflowing(const State& state, GroupId group);
/// Opens and closes the overflow of each group by its load (O12). After settle().
/// @return true when exams that wait may go elsewhere now: to_give.
bool watch_overflow(Context& ctx);
// sites.cpp
Answer on_site_contact(Context& ctx, const SiteContact& command);
Answer on_set_site(Context& ctx, const SetSite& command);
Answer on_set_away(Context& ctx, const SetAway& command);
/// A site lead steers his own centre, the duty head all.
bool may_steer(const Context& ctx, SiteId site);
void site_is_back(Context& ctx, SiteId site);
/// Nobody is there any more: its offers return at once, what it owes hospitals goes to other doors.
void leave_door(Context& ctx, SiteId door);
// regulation.cpp
Answer on_claim(Context& ctx, const Claim& command);
Answer on_release_claim(Context& ctx, const ReleaseClaim& command);
Answer on_ask_info(Context& ctx, const AskInfo& command);
Answer on_provide_info(Context& ctx, const ProvideInfo& command);
Answer on_accept(Context& ctx, const Accept& command);
Answer on_refuse(Context& ctx, const Refuse& command);
Answer on_revise_protocol(Context& ctx, const ReviseProtocol& command);
Answer on_ack_protocol(Context& ctx, const AckProtocol& command);
/// Names the exam's protocol, the next version, and what follows from it.
void set_protocol(Context& ctx, Exam& exam, const Protocol& protocol);
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
void set_deadline(const Directory& directory, Exam& exam);
/// Kept for that reader, for Rules::reserve after it is READY (P0 and P1: Rules::relax_any).
void reserve(Context& ctx, Exam& exam, PersonId reader);
/// A reader who rests may be offered something again.
void wake(Context& ctx, SessionId session);
/// Each reader who is free gets the first exam that he may read: more of them may than before.
void give_to_free(Context& ctx);
/// What comes when an exam has left his hand: what he had set aside, or the first he may read.
void next_for(Context& ctx, SessionId session);
// reading.cpp
Answer on_set_reader(Context& ctx, const SetReader& command);
Answer on_accept_offer(Context& ctx, const AcceptOffer& command);
Answer on_decline_offer(Context& ctx, const DeclineOffer& command);
Answer on_release(Context& ctx, const Release& command);
Answer on_suspend(Context& ctx, const Suspend& command);
Answer on_want_images(Context& ctx, const WantImages& command);
/// Takes up again what he had set aside.
Answer resume_reading(Context& ctx, const Exam& exam);
void bring_back(Context& ctx, Exam& exam);
/// What he had set aside was his to read; away, he does not.
void return_set_aside(Context& ctx, SessionId session);
/// Not to him again.
void exclude(Exam& exam, PersonId reader);
// reports.cpp
Answer on_preliminary(Context& ctx, const Preliminary& command);
Answer on_sign(Context& ctx, const Sign& command);
Answer on_settle_late(Context& ctx, const SettleLate& command);
// after_report.cpp
Answer on_tell_result(Context& ctx, const TellResult& command);
Answer on_revise_report(Context& ctx, const ReviseReport& command);
Answer on_ack_critical(Context& ctx, const AckCritical& command);
ReportVersion next_version(const Exam& exam);
Report make_report(const Context& ctx, ReportId id, const Epoch& epoch, const std::string& text);
// delivery.cpp
void owe_deliveries(Context& ctx, Exam& exam, ReportVersion version);
Answer on_delivery_result(Context& ctx, const DeliveryResult& command);
/// Names the next reachable door for what `exam` owes since `before` or earlier; with `owner`, only
/// for what is its to deliver.
void rename_owners(Context& ctx, Exam& exam, FedTime before, SiteId owner = {});
/// Has every recipient acknowledged every version?
bool is_delivered(const Exam& exam);
void delivered_if_complete(Context& ctx, Exam& exam);
void close_exam(Context& ctx, ExamId id);
// sessions.cpp
Answer on_attach(Context& ctx, const Attach& command);
Answer on_detach(Context& ctx, const Detach& command);
Answer on_expire_session(Context& ctx, const ExpireSession& command);
// deadlines.cpp
/// @param roster_turned Others may read than before this entry.
void fire_deadlines(Context& ctx, bool roster_turned);
void restart_offers(Context& ctx);
// authorise.cpp
/// May this key, in this role, send this command? Deny by default (design D10).
Errc authorise(const State& state, const Proposal& proposal, const Session* session);

}  // namespace vigie::room
