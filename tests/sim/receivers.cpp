#include "tests/sim/receivers.hpp"

namespace vigie::sim {

Reception Receivers::receive(const DeliveryJob& job) {
  if (script_) return script_(job);
  Reception r;
  r.after = 20 * ms + chance_.around(200 * ms);
  const std::uint64_t roll = calm_ ? 99 : chance_.below(100);
  if (silent_) {
    r.silent = true;
    r.after = 60 * second + chance_.around(120 * second);
  } else if (roll < 3) {
    r.outcome = SendOutcome::failed;
  } else if (roll < 5) {
    r.outcome = SendOutcome::unknown_feed;
  } else if (roll < 10) {  // nobody at home
    r.silent = true;
    r.after = 10 * second + chance_.around(60 * second);
  } else if (roll < 20) {
    r.after += chance_.around(10 * second);
  }
  return r;
}

void Receivers::send(std::shared_ptr<const DeliveryJob> job,
                     std::function<void(SendOutcome, std::string)> done) {
  const Key key{job->exam, job->version, job->recipient};
  expected_.erase(key);
  in_hand_.insert(key);
  const Reception r = receive(*job);
  waiting_.emplace(++last_, Waiting{std::move(job), std::move(done), r.outcome, r.silent});
  answer_at_(world_.now() + r.after, last_);
}

void Receivers::withdraw(ExamId exam, ReportVersion version, std::uint8_t recipient) {
  for (auto& [number, w] : waiting_) {
    const DeliveryJob& job = *w.job;
    if (job.exam != exam || job.version != version || job.recipient != recipient) continue;
    if (!w.silent) return;  // its answer is being waited for
    w.outcome = SendOutcome::withdrawn;
    answer_at_(world_.now(), number);
    return;
  }
}

void Receivers::expect(const AppliedBatch& batch, BootTime now) {
  for (const auto& job : batch.owed) {
    const Key key{job->exam, job->version, job->recipient};
    // A node that starts may send what its log says, and a moment later take over a snapshot that
    // says the same: the hospital has yet to answer.
    if (!in_hand_.contains(key)) expected_[key] = now + 5_s;
  }
}

void Receivers::look(const room::State& state, BootTime now) {
  for (auto at = expected_.begin(); at != expected_.end();) {
    const auto& [key, due] = *at;
    const auto& [id, version, recipient] = key;
    if (due > now) {
      ++at;
      continue;
    }
    const Exam* exam = state.exams().find(id);
    for (std::size_t i = 0; exam && i < exam->deliveries.size(); ++i) {
      const Delivery& d = exam->deliveries[i];
      const bool owed = d.version == version && d.recipient == recipient && d.owner == door_ &&
                        d.state == DeliveryState::pending;
      if (owed) watch_.not_sent(door_, id);
    }
    at = expected_.erase(at);
  }
}

void Receivers::calm() {
  calm_ = true;
  silent_ = false;
  for (auto& [number, w] : waiting_) answer_at_(world_.now() + chance_.around(2 * second), number);
}

void Receivers::answer(std::uint64_t number) {
  const auto at = waiting_.find(number);
  if (at == waiting_.end()) return;
  const Waiting w = std::move(at->second);
  waiting_.erase(at);
  if (w.outcome == SendOutcome::delivered) watch_.delivered(door_, *w.job);
  if (w.outcome == SendOutcome::unknown_feed || w.outcome == SendOutcome::withdrawn) {
    in_hand_.erase({w.job->exam, w.job->version, w.job->recipient});
  }
  w.done(w.outcome, w.outcome == SendOutcome::delivered ? "AA" : "AR");
}

}  // namespace vigie::sim
