#include "actors/core/desk/desk.hpp"

#include "messages/types/assert.hpp"
#include "messages/types/assignment_events.hpp"
#include "messages/types/limits.hpp"
#include "messages/types/planted.hpp"

namespace vigie::desk {
namespace {

std::size_t weight_of(const AppliedBatch& batch) {
  std::size_t bytes = sizeof batch;
  for (const Event& event : batch.events) {
    bytes += sizeof event + event.text.size();
    if (!event.card) continue;
    bytes += sizeof *event.card + event.card->sealed.size();
    for (const std::string& answer : event.card->answers) bytes += answer.size();
  }
  return bytes;
}

bool is_for_reader(EventKind kind) {
  switch (kind) {
    case EventKind::read_offered:
    case EventKind::read_accepted:
    case EventKind::read_declined:
    case EventKind::offer_expired:
    case EventKind::offer_withdrawn:
    case EventKind::read_released:
    case EventKind::lease_expired:
    case EventKind::report_validated:
    case EventKind::report_late:
    case EventKind::images_added:
    case EventKind::request_amended:
    case EventKind::exam_cancelled:
    case EventKind::exam_held:
    case EventKind::read_suspended:
    case EventKind::images_wanted:
    case EventKind::read_taken_over:
    case EventKind::cancel_asked:
    case EventKind::order_linked:
    case EventKind::child_read:
    case EventKind::report_overdue:
    case EventKind::ai_received:
    case EventKind::reader_changed:
    case EventKind::session_attached:
    case EventKind::session_ended:
      return true;
    default:
      return false;
  }
}

bool is_for_regulator(EventKind kind) {
  switch (kind) {
    case EventKind::request_submitted:
    case EventKind::request_amended:
    case EventKind::request_refused_by_rule:
    case EventKind::exam_cancelled:
    case EventKind::regulation_claimed:
    case EventKind::regulation_released:
    case EventKind::regulation_overdue:
    case EventKind::info_requested:
    case EventKind::info_provided:
    case EventKind::info_overdue:
    case EventKind::protocol_assigned:
    case EventKind::exam_refused:
    case EventKind::images_missing:
    case EventKind::images_stalled:
    case EventKind::exam_without_reader:
    case EventKind::read_declined:
    case EventKind::delivery_failed:
    case EventKind::protocol_revised:
    case EventKind::urgency_set:
    case EventKind::exam_held:
    case EventKind::exam_resumed:
    case EventKind::images_wanted:
    case EventKind::cancel_asked:
    case EventKind::cancel_refused:
    case EventKind::order_linked:
    case EventKind::task_opened:
    case EventKind::task_closed:
    case EventKind::task_overdue:
    case EventKind::ai_received:
    case EventKind::exam_handed_over:
      return true;
    default:
      return false;
  }
}

/// Does the exam stay on the regulator's desk after this?
bool stays_in_regulation(ExamState state) {
  return state == ExamState::requested || state == ExamState::in_regulation ||
         state == ExamState::needs_info;
}

}  // namespace

bool EventDesk::carries(const Event& event) const {
  switch (kind_) {
    case Desk::all:
      return true;
    case Desk::reader:
      return event.session && is_for_reader(event.kind);
    case Desk::regulator:
      return is_for_regulator(event.kind);
    case Desk::none:
      break;
  }
  return false;
}

bool EventDesk::concerns(const Event& event, const Subscriber& subscriber) const {
  if (kind_ == Desk::reader) return event.session == subscriber.session;
  return !subscriber.hospital || event.hospital == subscriber.hospital;
}

void EventDesk::retain(const AppliedBatchPtr& batch) {
  ring_bytes_ += weight_of(*batch);
  ring_events_ += batch->events.size();
  ring_.push_back(batch);
  while (ring_events_ > limits::events_retained_count ||
         ring_bytes_ > limits::events_retained_bytes) {
    const AppliedBatch& oldest = *ring_.front();
    ring_from_ = oldest.to;
    ring_bytes_ -= weight_of(oldest);
    ring_events_ -= oldest.events.size();
    ring_.pop_front();
  }
}

void EventDesk::keep_view(const Event& event) {
  if (kind_ == Desk::reader) {
    const std::uint64_t session = event.session.value;
    if (is_given(event.kind)) {
      const auto at = view_.find(session);
      Event shown = event;  // an accepted offer keeps the card that it was offered with
      if (!shown.card && at != view_.end() && at->second.exam == event.exam) {
        shown.card = at->second.card;
      }
      view_[session] = std::move(shown);
    } else if (is_taken_away(event.kind)) {
      const auto at = view_.find(session);
      const bool same = at != view_.end() && (!event.exam || at->second.exam == event.exam);
      if (same) view_.erase(at);
    }
  } else if (kind_ == Desk::regulator && event.exam) {
    if (!stays_in_regulation(event.state)) {
      view_.erase(event.exam.value);
    } else {
      Event& shown = view_[event.exam.value];
      const auto card = event.card ? event.card : shown.card;
      shown = event;
      shown.card = card;
    }
  }
}

std::vector<Event> EventDesk::view_for(const Subscriber& subscriber) const {
  std::vector<Event> view;
  if (kind_ == Desk::reader) {
    const auto at = view_.find(subscriber.session.value);
    if (at != view_.end()) view.push_back(at->second);
  } else {
    for (const auto& [id, event] : view_) {
      if (concerns(event, subscriber)) view.push_back(event);
    }
  }
  return view;
}

void EventDesk::restart(LogIndex index, const std::vector<Event>& view,
                        std::vector<ForClient>& out) {
  ring_.clear();
  ring_bytes_ = ring_events_ = 0;
  view_.clear();
  for (const Event& event : view) {
    if (carries(event)) keep_view(event);
  }
  index_ = ring_from_ = index;
  for (auto& [address, subscriber] : subscribers_) {
    out.push_back(
        {address.first, Gap{address.second, subscriber.sent_to, index_, view_for(subscriber)}});
    subscriber.sent_to = index_;
  }
}

void EventDesk::begin_anew() {
  ring_.clear();
  ring_bytes_ = ring_events_ = 0;
  view_.clear();
  by_session_.clear();
  for (auto& [address, subscriber] : subscribers_) {
    by_session_.emplace(subscriber.session, address);
    // What was on its way to him when it failed is lost: the view to come is no answer to an empty
    // gap, which a client takes for the first part of a longer one.
    if (subscriber.sent_to) subscriber.sent_to = previous(subscriber.sent_to);
  }
}

void EventDesk::applied(const AppliedBatchPtr& batch, std::vector<ForClient>& out) {
  VIGIE_ASSERT(batch->from == index_);
  index_ = batch->to;
  std::map<Address, std::vector<Event>> covers;
  bool carried = false;
  for (const Event& event : batch->events) {
    if (!carries(event)) continue;
    carried = true;
    keep_view(event);
    if (kind_ == Desk::reader) {
      for (auto at = by_session_.lower_bound({event.session, Address{}});
           at != by_session_.end() && at->first == event.session; ++at) {
        covers[at->second].push_back(event);
      }
    } else {
      for (const auto& [address, subscriber] : subscribers_) {
        if (concerns(event, subscriber)) covers[address].push_back(event);
      }
    }
  }
  if (carried) retain(batch);
  for (auto& [address, mine] : covers) {
    Subscriber& subscriber = subscribers_.at(address);
    out.push_back(
        {address.first, Cover{address.second, subscriber.sent_to, index_, std::move(mine)}});
    subscriber.sent_to = index_;
  }
}

bool EventDesk::is_full(std::uint64_t connection) const {
  std::size_t count = 0;
  for (auto at = subscribers_.lower_bound({connection, 0});
       at != subscribers_.end() && at->first.first == connection; ++at) {
    ++count;
  }
  return count >= limits::subscriptions_per_connection;
}

void EventDesk::subscribe(std::uint64_t connection, const Subscribe& wish,
                          std::vector<ForClient>& out, EstablishmentId hospital) {
  const Address address{connection, wish.subscription};
  if (!subscribers_.contains(address) && is_full(connection)) {
    out.push_back({connection, Complaint{Errc::limit_reached, "subscribe"}});
    return;
  }
  if (const auto was = subscribers_.find(address); was != subscribers_.end()) {
    by_session_.erase({was->second.session, address});
  }
  Subscriber& subscriber = subscribers_[address];
  subscriber = {wish.session, index_, hospital};
  by_session_.emplace(wish.session, address);
  const bool is_retained = wish.from >= ring_from_ || is_planted(Bug::resumed_beyond_ring);
  const bool resumable = wish.from && is_retained && wish.from <= index_;
  if (!resumable) {
    out.push_back({connection, Gap{wish.subscription, wish.from, index_, view_for(subscriber)}});
    return;
  }
  Cover cover{wish.subscription, wish.from, index_, {}};
  for (const AppliedBatchPtr& batch : ring_) {
    if (batch->to <= wish.from) continue;
    if (is_planted(Bug::resumed_one_late) && batch->from <= wish.from) continue;
    for (const Event& event : batch->events) {
      const bool wanted = event.index > wish.from && carries(event) && concerns(event, subscriber);
      if (wanted) cover.events.push_back(event);
    }
  }
  out.push_back({connection, std::move(cover)});
}

void EventDesk::forget(std::uint64_t connection) {
  auto at = subscribers_.lower_bound({connection, 0});
  while (at != subscribers_.end() && at->first.first == connection) {
    by_session_.erase({at->second.session, at->first});
    at = subscribers_.erase(at);
  }
}

void EventDesk::forget(std::uint64_t connection, std::uint32_t subscription) {
  const auto at = subscribers_.find({connection, subscription});
  if (at == subscribers_.end()) return;
  by_session_.erase({at->second.session, at->first});
  subscribers_.erase(at);
}

void EventDesk::heartbeat(std::vector<ForClient>& out) {
  for (auto& [address, subscriber] : subscribers_) {
    if (subscriber.sent_to == index_) continue;
    out.push_back({address.first, Cover{address.second, subscriber.sent_to, index_, {}}});
    subscriber.sent_to = index_;
  }
}

}  // namespace vigie::desk
