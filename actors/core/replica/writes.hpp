// What of a replica's state is on disk: numbered writes, done in order, confirmed later.
//
// Every Output that must be written gets the next number. When a write is confirmed, the log is
// stable up to where that write left it, unless the entries were truncated meanwhile: truncation
// shortens what the writes still under way can confirm (traps D, E, H in the tests).
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "messages/types/assert.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/planted.hpp"

namespace vigie::replica {

class Writes {
 public:
  explicit Writes(LogIndex stable) : stable_(stable) {}

  /// Numbers a write after which the log is stored up to `last`.
  std::uint64_t issue(LogIndex last, bool has_hard) {
    pending_.push_back({++newest_, last, has_hard});
    return newest_;
  }
  /// Writes up to and including `number` are synced. Confirming twice is harmless.
  void persisted(std::uint64_t number) {
    VIGIE_ASSERT(number <= newest_);
    while (!pending_.empty() && pending_.front().number <= number) {
      stable_ = std::max(stable_, pending_.front().last);
      pending_.pop_front();
    }
  }
  /// Entries >= `from` left the log: no write under way can make them stable any more.
  void truncated(LogIndex from) {
    if (is_planted(Bug::truncated_write_counted)) return;
    const LogIndex kept = previous(from);
    stable_ = std::min(stable_, kept);
    for (Pending& write : pending_) write.last = std::min(write.last, kept);
  }
  /// A snapshot replaced the log; nothing of the new one is stable before its write.
  void replaced() {
    stable_ = {};
    for (Pending& write : pending_) write.last = {};
  }

  /// The log is synced up to here, as it is now.
  LogIndex stable() const { return stable_; }
  /// No write with a hard state is under way.
  bool is_hard_stable() const {
    return std::none_of(pending_.begin(), pending_.end(),
                        [](const Pending& write) { return write.has_hard; });
  }
  bool is_idle() const { return pending_.empty(); }
  std::uint64_t newest() const { return newest_; }

 private:
  struct Pending {
    std::uint64_t number;
    LogIndex last;
    bool has_hard;
  };
  std::deque<Pending> pending_;
  std::uint64_t newest_ = 0;
  LogIndex stable_;
};

}  // namespace vigie::replica
