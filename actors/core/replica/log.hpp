// The log as a replica holds it: every entry since the last compaction, in memory.
//
// Terms never fall along a log, so places are found by bisection. The log knows nothing of disks
// (writes.hpp) nor of what is committed (replica.hpp).
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"

namespace vigie::replica {

class Log {
 public:
  /// A log whose entries up to and including (base, base_term) are gone.
  Log(LogIndex base, Term base_term) : base_(base), base_term_(base_term) {}

  LogIndex base() const { return base_; }
  LogIndex last_index() const { return {base_.value + entries_.size()}; }
  Term last_term() const { return entries_.empty() ? base_term_ : entries_.back().term; }
  /// Payloads held plus a fixed cost for each entry.
  std::size_t bytes() const { return bytes_; }

  /// The term at `index` in [base, last]; nothing outside.
  std::optional<Term> term(LogIndex index) const;
  bool matches(LogIndex index, Term term) const { return this->term(index) == term; }
  /// The entry at `index` in (base, last].
  const LogEntry& at(LogIndex index) const;
  /// Largest index in [base, min(limit, last)] whose term is <= `term`; base if there is none.
  LogIndex last_up_to(LogIndex limit, Term term) const;
  /// Entries [first, last], cut short at `count_max` and once their bytes pass `bytes_max`; at
  /// least one if there is one. Payloads are shared, not copied.
  std::vector<LogEntry> slice(LogIndex first, LogIndex last, std::size_t bytes_max,
                              std::size_t count_max) const;

  /// Adds an entry at last_index() + 1, of a term >= last_term().
  void append(LogEntry entry);
  /// Drops entries >= `from`, which is in (base, last].
  void truncate_from(LogIndex from);
  /// Drops entries <= `base`, which is in [base, last].
  void compact(LogIndex base);
  /// Starts anew after (base, base_term).
  void reset(LogIndex base, Term base_term);

  /// What an entry weighs: its payload and its own record.
  static std::size_t weight(const LogEntry& entry) {
    return entry.payload.size() + sizeof(LogEntry);
  }

 private:
  std::size_t position(LogIndex index) const { return index.value - base_.value - 1; }

  LogIndex base_;
  Term base_term_;
  std::deque<LogEntry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace vigie::replica
