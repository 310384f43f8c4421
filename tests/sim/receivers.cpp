#include "tests/sim/receivers.hpp"

namespace vigie::sim {

void Receivers::send(std::shared_ptr<const DeliveryJob> job,
                     std::function<void(SendOutcome, std::string)> done) {
  Waiting waiting{std::move(job), std::move(done)};
  Time after = 20 * ms + chance_.around(200 * ms);
  const std::uint64_t roll = calm_ ? 99 : chance_.below(100);
  if (roll < 3) {
    waiting.outcome = SendOutcome::failed;
  } else if (roll < 5) {
    waiting.outcome = SendOutcome::unknown_feed;
  } else if (roll < 10) {  // nobody at home
    waiting.silent = true;
    after = 10 * second + chance_.around(60 * second);
  } else if (roll < 20) {
    after += chance_.around(10 * second);
  }
  waiting_.emplace(++last_, std::move(waiting));
  answer_at_(world_.now() + after, last_);
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

void Receivers::answer(std::uint64_t number) {
  const auto at = waiting_.find(number);
  if (at == waiting_.end()) return;
  const Waiting w = std::move(at->second);
  waiting_.erase(at);
  if (w.outcome == SendOutcome::delivered) watch_.delivered(door_, *w.job);
  w.done(w.outcome, w.outcome == SendOutcome::delivered ? "AA" : "AR");
}

}  // namespace vigie::sim
