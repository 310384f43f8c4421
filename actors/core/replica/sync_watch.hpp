// Is this node's disk too slow to lead with (faults F6)? Fed with every write that is posted and
// confirmed; says yes once writes have taken too long for ten seconds on end, and no again only
// after a minute without one that did, so that leadership does not go to and fro.
//
// Pure: it looks at no clock. One second is judged after the other: by the writes that ended in it
// (the 99th percentile) and by the oldest that has not. A second in which nothing was written says
// nothing.
#pragma once

#include <cstdint>
#include <deque>

#include "messages/types/time.hpp"

namespace vigie::replica {

class SyncWatch {
 public:
  /// A write waits for the disk from now on. Numbers grow.
  void posted(BootTime now, std::uint64_t write_no);
  /// All writes up to `write_no` are synced.
  void done(BootTime now, std::uint64_t write_no);
  /// Closes the seconds that are over; call it about once a second. @return true: it should not
  /// lead.
  bool is_slow(BootTime now);

 private:
  struct Waiting {
    std::uint64_t write_no = 0;
    BootTime since;
  };
  void judge(BootTime now);

  std::deque<Waiting> waiting_;
  std::uint64_t ended_ = 0;  ///< since the last judgement
  std::uint64_t late_ = 0;   ///< of them, those that took too long
  BootTime judged_at_;
  BootTime slow_since_;  ///< 0: it is not, at the moment
  BootTime slow_at_;     ///< last seen so
  bool is_slow_ = false;
};

/// A write takes too long beyond this.
inline constexpr Millis sync_max = 1_s;
/// So long on end.
inline constexpr Millis slow_span = 10_s;
/// And for so long it is not to lead, after the last that took too long.
inline constexpr Millis slow_shown = 60_s;

}  // namespace vigie::replica
