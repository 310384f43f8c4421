#include "actors/core/kpi/measures.hpp"

#include <algorithm>

namespace vigie::kpi {
namespace {

std::size_t number_of(Urgency urgency) { return static_cast<std::size_t>(urgency); }

/// When `kind` first happened to the exam, as its timeline has it. A full timeline keeps its
/// beginning.
const TimelineItem* first_of(const Exam& exam, EventKind kind) {
  const auto at =
      std::ranges::find(exam.timeline, static_cast<std::uint8_t>(kind), &TimelineItem::event);
  return at == exam.timeline.end() ? nullptr : &*at;
}

/// The first of its kind, or just another?
bool is_first(const Exam& exam, const Event& event) {
  const TimelineItem* first = first_of(exam, event.kind);
  return !first || first->index == event.index;
}

bool was_delivered(const Exam& exam) {
  if (exam.state == ExamState::delivered) return true;
  return exam.state == ExamState::validated && first_of(exam, EventKind::exam_delivered);
}

/// What its reader set aside, and takes up again: no offer, and no new reading.
bool is_resumed(const Event& event) {
  return event.kind == EventKind::read_accepted && event.text == "resumed";
}

/// F7: does the event reach a reader who reads something else, before and after, and not by his own
/// act? (`by` is who did it, but of an offer to whom it was made.)
bool interrupts(const room::State& state, std::span<const Event> entry, const Event& event) {
  const room::Session* session = state.sessions().find(event.session);
  if (!session || session->role != Role::reader) return false;
  if (!session->exam || session->exam == event.exam) return false;
  const bool his_own_act = event.by == session->person && event.kind != EventKind::read_offered;
  if (his_own_act) return false;
  const Exam* in_hand = state.exams().find(session->exam);
  if (!in_hand || !is_held(in_hand->state)) return false;
  return std::ranges::none_of(entry, [&](const Event& other) {  // he had it already
    return other.kind == EventKind::read_accepted && other.session == event.session;
  });
}

}  // namespace

void Measures::begin(const room::State& state) {
  std::vector<SessionId> known;
  for (const auto& [id, seat] : seats_) known.push_back(id);
  for (const SessionId id : known) follow(state, id);
  for (const auto& [id, slot] : state.sessions().slots()) follow(state, id);
  delivered_.clear();
  for (const auto& [id, slot] : state.exams().slots()) {
    if (was_delivered(slot.record)) delivered_.insert(id);
  }
}

void Measures::take(const room::State& state, std::span<const Event> entry) {
  SessionId followed;
  for (const Event& event : entry) {
    if (event.exam) count(state, entry, event);
    if (event.kind == EventKind::report_validated) follow_holder(state, event);
    if (!event.session) continue;
    if (event.exam && interrupts(state, entry, event)) ++figures_.totals.interruptions;
    if (event.session != followed) follow(state, event.session);
    followed = event.session;
  }
}

void Measures::count(const room::State& state, std::span<const Event> entry, const Event& event) {
  count_offer(event);
  if (event.kind == EventKind::exam_closed) delivered_.erase(event.exam);
  const bool of_exam =
      event.kind == EventKind::request_submitted || event.kind == EventKind::order_linked ||
      event.kind == EventKind::regulation_claimed || event.kind == EventKind::protocol_assigned ||
      event.kind == EventKind::report_validated || event.kind == EventKind::exam_delivered;
  const Exam* exam = of_exam ? state.exams().find(event.exam) : nullptr;
  if (!exam || exam->parent) return;  // a reading once more is not its hospital's
  switch (event.kind) {
    case EventKind::request_submitted:
      return requested(*exam);
    case EventKind::order_linked:
      return joined(*exam, entry);
    case EventKind::regulation_claimed:
      return touched(*exam, event);
    case EventKind::protocol_assigned:
      return protocolled(*exam, event);
    case EventKind::report_validated:
      return read(*exam);
    default:
      return delivered(*exam, event.at);
  }
}

void Measures::count_offer(const Event& event) {
  Offers& offers = figures_.totals.offers;
  switch (event.kind) {
    case EventKind::read_offered:
      ++offers.made;
      break;
    case EventKind::read_accepted:
      if (is_resumed(event)) break;
      ++(event.card ? offers.automatic : offers.accepted);
      ++figures_.totals.reads;
      break;
    case EventKind::read_declined: {
      const auto at = std::ranges::find(decline_reasons, std::string_view(event.text));
      const auto place = std::min(at, decline_reasons.end() - 1) - decline_reasons.begin();
      ++offers.declined[static_cast<std::size_t>(place)];
      break;
    }
    case EventKind::offer_expired:
      ++offers.expired;
      break;
    case EventKind::offer_withdrawn:
      ++offers.withdrawn;
      break;
    default:
      break;
  }
}

void Measures::requested(const Exam& exam) {
  Service& service = figures_.establishments[exam.request.establishment];
  ++service.requests;
  if (has(exam.flags, ExamFlag::instead_of_ultrasound)) ++service.instead_of_ultrasound;
}

/// The order came as an exam of its own, which the call's exam has taken in.
void Measures::joined(const Exam& exam, std::span<const Event> entry) {
  const bool two_in_one =
      std::ranges::find(entry, EventKind::exam_cancelled, &Event::kind) != entry.end();
  std::uint64_t& requests = figures_.establishments[exam.request.establishment].requests;
  if (two_in_one && requests > 0) --requests;
}

void Measures::touched(const Exam& exam, const Event& event) {
  if (!is_first(exam, event)) return;
  add(Span::request_to_touch, event.urgency, event.at - exam.received_at);
}

void Measures::protocolled(const Exam& exam, const Event& event) {
  if (!exam.regulator || !is_first(exam, event)) return;  // none: the request brought it
  add(Span::request_to_protocol, event.urgency, event.at - exam.received_at);
}

void Measures::read(const Exam& exam) {
  ++figures_.flows[{exam.origin_site, exam.reading_site}];
  ++figures_.establishments[exam.request.establishment].reports;
  auto at = figures_.agreements.find(exam.agreement);
  if (at == figures_.agreements.end()) at = figures_.agreements.emplace(exam.agreement, 0).first;
  ++at->second;
  add(Span::ready_to_signed, exam.urgency, exam.signed_at - exam.ready_at);
}

void Measures::delivered(const Exam& exam, FedTime at) {
  if (!delivered_.insert(exam.id).second) return;        // an addendum came
  if (first_of(exam, EventKind::exam_reopened)) return;  // it was, before it was closed
  const Urgency urgency = exam.urgency;
  add(Span::request_to_report, urgency, at - exam.received_at);
  if (const TimelineItem* protocol = first_of(exam, EventKind::protocol_assigned)) {
    add(Span::protocol_to_report, urgency, at - protocol->at);
  }
  add(Span::first_image_to_report, urgency, at - exam.first_image_at);
  add(Span::ready_to_report, urgency, at - exam.ready_at);
  Service& service = figures_.establishments[exam.request.establishment];
  service.request_to_report[number_of(urgency)].add(at - exam.received_at);
  if (at <= exam.deadline) return;
  ++figures_.totals.late[number_of(urgency)];
  ++service.late;
}

void Measures::follow(const room::State& state, SessionId id) {
  const room::Session* session = state.sessions().find(id);
  const auto seat = seats_.find(id);
  const bool is_there = session && session->live && session->role == Role::reader;
  if (!is_there && seat == seats_.end()) return;
  const FedTime now = state.scalars().at;
  if (seat != seats_.end()) {
    Presence& presence = figures_.presence[seat->second.site];
    const Millis passed = now - seat->second.since;
    presence.logged = presence.logged + passed;
    if (seat->second.exam) presence.busy = presence.busy + passed;
  }
  if (!is_there) {
    seats_.erase(seat);
    return;
  }
  const Exam* exam = session->exam ? state.exams().find(session->exam) : nullptr;
  seats_[id] = {session->site, now, exam && is_held(exam->state) ? exam->id : ExamId{}};
}

/// A report that another adopted ends the reading of who had the exam in hand; the event tells of
/// the other.
void Measures::follow_holder(const room::State& state, const Event& event) {
  const auto holder = std::ranges::find_if(
      seats_, [&](const auto& seat) { return seat.second.exam == event.exam; });
  if (holder != seats_.end() && holder->first != event.session) follow(state, holder->first);
}

void Measures::add(Span span, Urgency urgency, Millis value) {
  figures_.totals.spans[static_cast<std::size_t>(span)][number_of(urgency)].add(value);
}

Figures Measures::figures(FedTime now) const {
  Figures all = figures_;
  all.presence = presence(now);
  return all;
}

std::map<SiteId, Presence> Measures::presence(FedTime now) const {
  std::map<SiteId, Presence> all = figures_.presence;
  for (const auto& [id, seat] : seats_) {
    Presence& presence = all[seat.site];
    const Millis passed = now - seat.since;
    presence.logged = presence.logged + passed;
    if (seat.exam) presence.busy = presence.busy + passed;
  }
  return all;
}

}  // namespace vigie::kpi
