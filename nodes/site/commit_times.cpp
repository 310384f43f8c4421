#include "nodes/site/commit_times.hpp"

namespace vigie::site {

void CommitTimes::appended(LogIndex last, Clock::time_point now) {
  if (waiting_.size() < batches_max) waiting_.push_back({last, now});
}

void CommitTimes::committed(LogIndex to, Clock::time_point now) {
  for (; !waiting_.empty() && waiting_.front().last <= to; waiting_.pop_front()) {
    seconds_.observe(std::chrono::duration<double>(now - waiting_.front().since).count());
  }
}

}  // namespace vigie::site
