#include "tests/sim/receivers.hpp"

namespace vigie::sim {

Reception Receivers::receive(const DeliveryJob& job) {
  if (script_) return script_(job);
  Reception r;
  r.after = 20 * ms + chance_.around(200 * ms);
  const std::uint64_t roll = calm_ ? 99 : chance_.below(100);
  if (roll < 3) {
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

void Receivers::answer(std::uint64_t number) {
  const auto at = waiting_.find(number);
  if (at == waiting_.end()) return;
  const Waiting w = std::move(at->second);
  waiting_.erase(at);
  if (w.outcome == SendOutcome::delivered) watch_.delivered(door_, *w.job);
  w.done(w.outcome, w.outcome == SendOutcome::delivered ? "AA" : "AR");
}

}  // namespace vigie::sim
