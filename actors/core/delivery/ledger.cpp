#include "actors/core/delivery/ledger.hpp"

#include "messages/types/planted.hpp"

#include <set>
#include <utility>

namespace vigie::delivery {
namespace {

DeliveryKey key_of(const DeliveryJob& job) { return {job.exam, job.version, job.recipient}; }

/// Nothing is known of the proposal, or it could not be taken: it may be made again.
bool is_not_now(Errc code) {
  return code == Errc::no_leader || code == Errc::busy || code == Errc::timeout ||
         code == Errc::stopping || code == Errc::unreachable || code == Errc::unknown_key ||
         code == Errc::unauthorised;
}

DeliveryResult result_of(DeliveryKey key, DeliveryOutcome outcome, std::string detail) {
  return {key.exam, key.version, key.recipient, outcome, std::move(detail)};
}

}  // namespace

void Ledger::applied(const AppliedBatch& batch, Effects& out) {
  if (batch.fresh) {
    std::set<DeliveryKey> owed;
    for (const auto& job : batch.owed) owed.insert(key_of(*job));
    for (auto& [key, entry] : entries_) {
      if (!owed.contains(key)) take_away(key, entry, out);
    }
  }
  for (const Event& event : batch.events) {
    if (event.kind == EventKind::exam_delivered || event.kind == EventKind::exam_closed) {
      forget_exam(event.exam, out);
    } else if (event.kind == EventKind::delivery_owed && event.site != self_) {
      const auto from = entries_.lower_bound({event.exam, {}, 0});
      for (auto at = from; at != entries_.end() && at->first.exam == event.exam; ++at) {
        const bool older = at->second.since < event.index;
        if (older && at->second.job->feed == event.text) take_away(at->first, at->second, out);
      }
    }
  }
  if (batch.fresh && is_planted(Bug::owed_not_derived)) return;
  for (const auto& job : batch.owed) owe(job, batch.to, out);
}

void Ledger::owe(const std::shared_ptr<const DeliveryJob>& job, LogIndex at, Effects& out) {
  const DeliveryKey key = key_of(*job);
  if (const auto known = entries_.find(key); known != entries_.end()) {
    known->second.withdrawn = false;
    known->second.since = at;
    return;
  }
  Entry entry;
  entry.job = job;
  entry.since = at;
  if (const auto done = acknowledged_.find(key); done != acknowledged_.end()) {
    entry.proposing = true;
    entry.result = done->second;
    out.emplace_back(Propose{key, entry.result, false});
  } else {
    out.emplace_back(Send{key, job});
  }
  entries_.emplace(key, std::move(entry));
}

void Ledger::take_away(DeliveryKey key, Entry& entry, Effects& out) {
  if (entry.withdrawn) return;
  entry.withdrawn = true;
  if (!entry.proposing) out.emplace_back(Withdraw{key});
}

void Ledger::forget_exam(ExamId exam, Effects& out) {
  for (auto at = entries_.lower_bound({exam, {}, 0}); at != entries_.end(); ++at) {
    if (at->first.exam != exam) break;
    take_away(at->first, at->second, out);
  }
  for (auto at = acknowledged_.lower_bound({exam, {}, 0}); at != acknowledged_.end();) {
    if (at->first.exam != exam) break;
    at = acknowledged_.erase(at);
  }
}

void Ledger::sent(DeliveryKey key, SendOutcome outcome, std::string detail, Effects& out) {
  const auto at = entries_.find(key);
  if (at == entries_.end() || at->second.proposing) return;
  Entry& entry = at->second;
  const bool delivered = outcome == SendOutcome::delivered;
  const bool failed = outcome == SendOutcome::failed && !entry.withdrawn;
  if (delivered || failed) {  // delivered is a fact, whoever owns it by now
    entry.proposing = true;
    const auto what = delivered ? DeliveryOutcome::acked : DeliveryOutcome::failed;
    entry.result = result_of(key, what, std::move(detail));
    if (delivered) remember(key, entry.result);
    out.emplace_back(Propose{key, entry.result, false});
  } else if (outcome == SendOutcome::withdrawn && !entry.withdrawn) {
    out.emplace_back(Send{key, entry.job});  // it came back to us meanwhile
  } else {
    entries_.erase(at);  // another door's, or will be: the room names the next one by itself
  }
}

void Ledger::answered(DeliveryKey key, Errc code, Effects& out) {
  const auto at = entries_.find(key);
  if (at == entries_.end() || !at->second.proposing) return;
  const Entry& entry = at->second;
  const bool moot = entry.withdrawn && entry.result.outcome == DeliveryOutcome::failed;
  if (is_not_now(code) && !moot) {
    out.emplace_back(Propose{key, entry.result, true});
    return;
  }
  if (code == Errc::unknown_exam) acknowledged_.erase(key);
  entries_.erase(at);
}

void Ledger::remember(DeliveryKey key, const DeliveryResult& result) {
  if (!acknowledged_.emplace(key, result).second) return;
  acknowledged_order_.push_back(key);
  while (acknowledged_order_.size() > acknowledged_count_max) {
    acknowledged_.erase(acknowledged_order_.front());
    acknowledged_order_.pop_front();
  }
}

}  // namespace vigie::delivery
