// How long a leader's entries take from its log to the room: the commit histogram of /metrics. It
// stands between the room and its ports, which see both ends.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

#include "messages/types/ids.hpp"
#include "ops/telemetry/metrics.hpp"

namespace vigie::site {

/// One observation for each batch of entries. Owning thread only.
class CommitTimes {
 public:
  using Clock = std::chrono::steady_clock;
  /// Batches that are waited for; beyond, while nothing commits, new ones are not measured.
  static constexpr std::size_t batches_max = 4096;

  explicit CommitTimes(telemetry::Histogram& seconds) : seconds_(seconds) {}

  /// This leader's log got a batch that ends with `last`.
  void appended(LogIndex last, Clock::time_point now);
  /// All up to `to` is committed and applied.
  void committed(LogIndex to, Clock::time_point now);
  /// No leader (any more): what is on the way may never be committed.
  void forget() { waiting_.clear(); }

 private:
  struct Batch {
    LogIndex last;
    Clock::time_point since;
  };
  telemetry::Histogram& seconds_;
  std::deque<Batch> waiting_;
};

}  // namespace vigie::site
