// Who reads what: decided inside the entry that made it possible (design D4, domain §5.5).
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

using routing::ExamView;
using routing::ReaderView;

/// Who has, or just had, another exam of this patient (continuity). P0 goes to whoever is best.
PersonId same_patient(const Context& ctx, const Exam& exam) {
  if (!exam.request.patient_key || exam.urgency == Urgency::p0) return {};
  for (ExamId id : ctx.state.exams_of(exam.request.patient_key)) {
    const Exam* other = ctx.state.exams().find(id);
    if (!other || other->id == exam.id || !other->reader) continue;
    const bool in_hand = is_held(other->state) || other->state == ExamState::offered;
    if (in_hand || (other->signed_at && other->signed_at + ctx.rules().bundle >= ctx.at)) {
      return other->reader;
    }
  }
  return {};
}

ExamView view_of(const Context& ctx, const Exam& exam) {
  return {&exam, ctx.directory().place(exam.request.establishment).areas, same_patient(ctx, exam)};
}

Decision decision_for(const Context& ctx, const Exam& exam) {
  Decision decision;
  decision.index = ctx.index;
  decision.directory_version = ctx.directory().version;
  decision.relax_step = exam.relax_step;
  decision.waiting = static_cast<std::uint32_t>(ctx.state.waiting().size());
  return decision;
}

/// Who could take an exam now: the longest idle, as many as a decision looks at.
std::vector<ReaderView> free_now(const Context& ctx) {
  const auto& free = ctx.state.free_readers();
  std::vector<ReaderView> readers;
  readers.reserve(std::min(free.size(), limits::free_readers_count));
  for (const auto& [place, view] : free) {
    if (readers.size() == limits::free_readers_count) break;
    readers.push_back(ctx.state.current(*view));
  }
  return readers;
}

/// Those at a desk who are not free: they read, or are away.
void note_busy(const Context& ctx, Decision& decision) {
  const std::size_t busy = ctx.state.reader_count() - ctx.state.free_readers().size();
  decision.removed[static_cast<std::size_t>(Filter::not_free)] += static_cast<std::uint16_t>(busy);
  auto& named = decision.removals;
  const std::size_t more = std::min(busy, limits::removals_recorded - named.size());
  named.reserve(named.size() + more);
  for (const PersonId reader : ctx.state.busy_readers(more)) {
    named.push_back({reader, Filter::not_free});
  }
}

/// T11, T12: into the reader's hand. A reader who asked for the next has consented: READING at
/// once.
void give(Context& ctx, Exam& exam, Session& session, Decision decision) {
  decision.reader = session.person;
  exam.decisions.assign(1, std::move(decision));
  exam.epoch = ctx.epoch();
  exam.reader = session.person;
  exam.reader_session = session.id;
  exam.reading_site = session.site;
  exam.reserved_for = {};
  exam.reserved_until = {};
  if (!is_planted(Bug::reader_given_two)) session.exam = exam.id;
  const bool at_once = session.accept == AcceptMode::automatic;
  enter(ctx, exam, at_once ? ExamState::reading : ExamState::offered);
  if (!at_once) {
    const Rules& rules = ctx.rules();
    exam.offered_until =
        ctx.at + (exam.urgency == Urgency::p0 ? rules.offer_timeout_p0 : rules.offer_timeout);
  }
  if (is_planted(Bug::wall_clock_in_apply)) exam.state_since.value += planted_clock_ms();
  Event& event = record(ctx, exam, at_once ? EventKind::read_accepted : EventKind::read_offered);
  event.session = session.id;
  event.by = session.person;
  event.site = session.site;
  event.card = card_of(exam);
  exam.timeline.back().by = session.person;
  exam.timeline.back().site = session.site;
  ctx.state.reindex(exam);
  ctx.state.reindex(session);
  if (at_once) invite_colleague(ctx, exam.id);
}

/// Only ever planted.
void keep_lowest_address(const Context& ctx, std::vector<ReaderView>& readers) {
  const auto address = [&](const ReaderView& r) { return ctx.state.sessions().find(r.session); };
  readers = {*std::min_element(
      readers.begin(), readers.end(),
      [&](const ReaderView& a, const ReaderView& b) { return address(a) < address(b); })};
}

/// Gives `exam` (READY) to the best free reader, if there is one who may have it.
void assign_exam(Context& ctx, Exam& exam) {
  std::vector<ReaderView> readers = free_now(ctx);
  if (readers.empty()) return;
  if (is_planted(Bug::address_order_in_apply)) keep_lowest_address(ctx, readers);
  Decision decision = decision_for(ctx, exam);
  const auto best =
      routing::choose_reader(ctx.directory(), view_of(ctx, exam), readers, ctx.at, decision);
  if (!best) return;
  note_busy(ctx, decision);
  give(ctx, exam, ctx.state.edit_session(readers[*best].session), std::move(decision));
}

}  // namespace

void set_deadline(const Directory& directory, Exam& exam) {
  const FedTime from = exam.first_image_at ? exam.first_image_at : exam.ready_at;
  exam.deadline = from + directory.target(exam);
  if (is_planted(Bug::p3_due_as_p0) && exam.urgency == Urgency::p3) {
    exam.deadline = from + directory.rules.target_p0;
  }
}

void make_ready(Context& ctx, Exam& exam) {
  exam.ready_at = ctx.at;
  if (!exam.first_image_at) exam.first_image_at = ctx.at;
  exam.relax_step = exam.urgency == Urgency::p0 ? 2 : 0;
  if (is_overflowing(ctx.state, exam.group)) set_flag(exam, ExamFlag::overflow, true);
  enter(ctx, exam, ExamState::ready);
  set_deadline(ctx.directory(), exam);
  if (exam.reserved_for) reserve(ctx, exam, exam.reserved_for);
  record(ctx, exam, EventKind::exam_ready);
  ctx.to_give.push_back(exam.id);
}

void reserve(Context& ctx, Exam& exam, PersonId reader) {
  const bool urgent = exam.urgency <= Urgency::p1;
  exam.reserved_for = reader;
  exam.reserved_until = ctx.at + (urgent ? ctx.rules().relax_any : ctx.rules().reserve);
}

void wake(Context& ctx, SessionId id) {
  Session& session = ctx.state.edit_session(id);
  if (session.mode != ReaderMode::rest && session.mode != ReaderMode::away) return;
  session.mode = ReaderMode::free;
  session.accept = AcceptMode::manual;
  announce(ctx, EventKind::reader_changed).session = id;
  ctx.state.reindex(session);
}

void return_to_waiting(Context& ctx, Exam& exam) {
  exam.epoch = ctx.epoch();
  exam.reader = {};
  exam.reader_session = {};
  exam.offered_until = {};
  enter(ctx, exam, ExamState::ready);
  ctx.to_give.push_back(exam.id);
}

namespace {

void give_once(Context& ctx) {
  std::vector<routing::Rank> ranks;
  ranks.reserve(ctx.to_give.size());
  for (const ExamId id : ctx.to_give) {
    const Exam* exam = ctx.state.exams().find(id);
    if (!exam || exam->state != ExamState::ready) continue;
    ctx.state.reindex(*exam);
    ranks.push_back(routing::rank_of(*exam));
  }
  ctx.to_give.clear();
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());  // twice in one entry
  for (const routing::Rank& rank : ranks) assign_exam(ctx, ctx.state.edit_exam(rank.exam));
}

}  // namespace

void give_waiting(Context& ctx) {
  while (!ctx.to_give.empty()) give_once(ctx);  // what is given may ask for a colleague
}

void give_to_free(Context& ctx) {
  std::vector<SessionId> free;
  for (const auto& [place, view] : ctx.state.free_readers()) free.push_back(view->session);
  for (const SessionId id : free) assign_reader(ctx, id);
}

void assign_reader(Context& ctx, SessionId id) {
  const Session* session = ctx.state.sessions().find(id);
  if (!session) return;
  ctx.state.reindex(*session);
  const ReaderView reader = ctx.state.view_of(*session);
  if (!reader.free || !reader.reachable || ctx.state.waiting().size() == 0) return;
  const Directory& directory = ctx.directory();
  const auto first = ctx.state.waiting().best(
      [&](const routing::QueueKey& key) {
        return routing::filter_for(directory, key, reader) == Filter::eligible;
      },
      [&](const routing::Rank& rank) {
        const Exam* exam = ctx.state.exams().find(rank.exam);
        return exam && routing::filter_for(directory, *exam, reader) == Filter::eligible;
      });
  if (!first) return;
  Exam& exam = ctx.state.edit_exam(first->exam);
  Decision decision = decision_for(ctx, exam);
  decision.by_reader = true;
  for (const ReaderView& other : free_now(ctx)) {
    routing::note(decision, other.person, routing::filter_for(directory, exam, other));
  }
  note_busy(ctx, decision);
  decision.candidates.push_back(routing::score(view_of(ctx, exam), reader, ctx.at));
  give(ctx, exam, ctx.state.edit_session(id), std::move(decision));
}

void next_for(Context& ctx, SessionId id) {
  const Session* session = ctx.state.sessions().find(id);
  if (!session || session->exam || !session->live) return;
  if (!session->suspended) return assign_reader(ctx, id);
  bring_back(ctx, ctx.state.edit_exam(session->suspended));
}

void take_from_reader(Context& ctx, Exam& exam) {
  const Session* holder = ctx.state.sessions().find(exam.reader_session);
  if (holder && holder->suspended == exam.id) {
    ctx.state.edit_session(holder->id).suspended = {};
    ctx.state.reindex(*holder);
    return;
  }
  if (!holder || holder->exam != exam.id) return;
  const bool was_accepted = !exam.offered_until;
  if (was_accepted) ctx.out.shorter_leases.push_back({holder->id, exam.urgency});
  Session& session = ctx.state.edit_session(holder->id);
  session.exam = {};
  session.idle_since = ctx.at;
  ctx.state.reindex(session);
}

}  // namespace vigie::room
