#include "tests/sim/exam_tracks.hpp"

#include <algorithm>

#include "messages/types/assignment_events.hpp"

namespace vigie::sim {
namespace {

/// What a reader's desk shows (the interface page, not the desk's own table).
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

}  // namespace

void ExamTracks::take(const Event& event) {
  if (event.session && is_for_reader(event.kind)) {
    streams_[event.session].push_back({event.index, event.exam, event.kind});
  }
  ++counts_.events.at(static_cast<std::size_t>(event.kind));
  if (event.kind == EventKind::session_attached) {
    Incarnation& current = incarnations_[event.session];
    current = next(current);
    const auto login = logins_.find(event.index);  // of another session: it takes this one over
    if (login != logins_.end() && login->second != event.session) current = next(current);
  }
  if (event.kind == EventKind::session_ended) check_expiry(event);
  board_.take(event);
  if (!event.exam) return;
  Track& track = tracks_[event.exam];
  const bool by_order = event.kind == EventKind::read_taken_over ||
                        event.kind == EventKind::exam_held ||
                        event.kind == EventKind::exam_cancelled;
  if (by_order && track.holder) track.taken_from.insert(track.holder);
  switch (event.kind) {
    case EventKind::request_submitted:
      ++counts_.exams;
      break;
    case EventKind::exam_cancelled:
    case EventKind::exam_refused:
    case EventKind::request_refused_by_rule:
      ++counts_.ended_unread;
      track.ended = event.kind != EventKind::request_refused_by_rule;
      track.holder = {};
      break;
    case EventKind::read_offered:
      ++counts_.offers;
      give(event, track, false);
      break;
    case EventKind::read_accepted:
      ++counts_.accepted;
      if (event.card) ++counts_.offers;
      give(event, track, true);
      break;
    case EventKind::report_validated:
      ++counts_.reports;
      if (track.final) {
        findings_.add("I11", "a second final report became current", event.index, event.exam);
      }
      if (track.ended) {
        findings_.add("I8", "a report for an exam that had ended", event.index, event.exam);
      }
      track.final = true;
      track.holder = {};
      break;
    case EventKind::report_late:
      ++counts_.late;
      break;
    case EventKind::lease_expired:
    case EventKind::offer_expired:
      ++counts_.expired;
      track.holder = {};
      break;
    case EventKind::exam_closed:
      ++counts_.closed;
      track.ended = true;
      break;
    default:
      if (is_taken_away(event.kind)) track.holder = {};
  }
}

/// I10: each assignment has an epoch of its own, of the entry that made it; accepting keeps it.
void ExamTracks::give(const Event& event, Track& track, bool held) {
  if (track.ended || track.final) {
    findings_.add("I8", "given to a reader after its end", event.index, event.exam);
  }
  const bool assigned = !held || event.card;
  if (assigned && (event.epoch.index != event.index.value || event.epoch.origin != 0 ||
                   event.epoch.index <= track.epoch.index)) {
    findings_.add("I10",
                  "an assignment under epoch " + std::to_string(event.epoch.index) + " after " +
                      std::to_string(track.epoch.index),
                  event.index, event.exam);
  }
  if (!assigned && event.epoch != track.epoch) {
    findings_.add("I10", "accepted under an epoch that is not its own", event.index, event.exam);
  }
  if (held && track.holder && track.holder != event.by) {
    findings_.add("I9", "given to a second reader", event.index, event.exam);
  }
  records_.shown("the log", event);
  if (assigned) records_.epochs[event.exam].emplace_back(event.index, event.epoch);
  track.epoch = event.epoch;
  if (held) track.taken_from.erase(event.by);
  track.holder = held ? event.by : PersonId{};
  if (held) check_holders(event.exam);
}

/// I9: those whose own screen shows the exam as theirs, and the room's holder, are one reader.
void ExamTracks::check_holders(ExamId exam) {
  const auto at = tracks_.find(exam);
  PersonId holder = at == tracks_.end() ? PersonId{} : at->second.holder;
  for (const Believer* reader : readers_) {
    if (reader->believes() != exam) continue;
    // The duty head does not wait for a lease: what he takes is fenced by its epoch alone.
    if (at != tracks_.end() && at->second.taken_from.contains(reader->person())) continue;
    if (holder && holder != reader->person()) {
      findings_.add("I9",
                    "persons " + std::to_string(holder.value) + " and " +
                        std::to_string(reader->person().value) + " both hold it",
                    at == tracks_.end() ? LogIndex{} : LogIndex{at->second.epoch.index}, exam);
    }
    holder = reader->person();
  }
}

void ExamTracks::expiry(LogIndex index, const ExpireSession& command) {
  expiries_.emplace(index, command);
  if (expiries_.size() > 1000) expiries_.erase(expiries_.begin());
}

void ExamTracks::login(LogIndex index, const Attach& command) {
  logins_.emplace(index, command.session);
  if (logins_.size() > 1000) logins_.erase(logins_.begin());
}

/// Design D8: an expiry ends the incarnation that it names, once nobody counts on it any more.
void ExamTracks::check_expiry(const Event& event) {
  const auto at = expiries_.find(event.index);
  if (at == expiries_.end() || at->second.session != event.session) return;
  const Incarnation meant = at->second.incarnation, ended = incarnations_[event.session];
  if (meant != ended) {
    findings_.add("I10",
                  "the expiry of incarnation " + std::to_string(meant.value) +
                      " ended incarnation " + std::to_string(ended.value),
                  event.index);
  }
  for (const Believer* reader : readers_) {
    if (reader->counts_on() != std::pair(event.session, ended)) continue;
    findings_.add("I9",
                  "the session of person " + std::to_string(reader->person().value) +
                      " ended within the lease that it was promised",
                  event.index);
  }
}

std::size_t ExamTracks::place_in_stream(SessionId session, LogIndex cursor) const {
  const auto at = streams_.find(session);
  if (at == streams_.end()) return 0;
  const auto& all = at->second;
  const auto it = std::upper_bound(all.begin(), all.end(), cursor,
                                   [](LogIndex c, const Place& p) { return c < p.index; });
  return static_cast<std::size_t>(it - all.begin());
}

void ExamTracks::shown(SessionId session, std::size_t& place, const Event& event) {
  const auto& all = streams_[session];
  const bool right = place < all.size() && all[place].index == event.index &&
                     all[place].exam == event.exam && all[place].kind == event.kind;
  if (!right) {
    findings_.add("I17",
                  "a desk showed " + std::string(name_of(event.kind)) + ", next was " +
                      (place < all.size() ? std::string(name_of(all[place].kind)) + " of index " +
                                                std::to_string(all[place].index.value)
                                          : std::string("nothing")),
                  event.index, event.exam);
  }
  ++place;
}

}  // namespace vigie::sim
