#include "actors/core/replica/sync_watch.hpp"

namespace vigie::replica {

void SyncWatch::posted(BootTime now, std::uint64_t write_no) {
  waiting_.push_back({write_no, now});
}

void SyncWatch::done(BootTime now, std::uint64_t write_no) {
  while (!waiting_.empty() && waiting_.front().write_no <= write_no) {
    ++ended_;
    if (now - waiting_.front().since > sync_max) ++late_;
    waiting_.pop_front();
  }
}

bool SyncWatch::is_slow(BootTime now) {
  if (now - judged_at_ >= 1_s) judge(now);
  return is_slow_;
}

void SyncWatch::judge(BootTime now) {
  const bool waits = !waiting_.empty() && now - waiting_.front().since > sync_max;
  if (waits || late_ * 100 > ended_) {
    if (!slow_since_) slow_since_ = judged_at_ ? judged_at_ : now;
    slow_at_ = now;
    if (now - slow_since_ >= slow_span) is_slow_ = true;
  } else if (ended_ > 0) {
    slow_since_ = {};
  }
  if (now - slow_at_ >= slow_shown) {
    is_slow_ = false;
    slow_since_ = {};
  }
  ended_ = late_ = 0;
  judged_at_ = now;
}

}  // namespace vigie::replica
