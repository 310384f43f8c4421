// Is a history linearizable? Two judgements that share no code with the room nor with each other:
//
//   sweep   by the log: every answer is at its index, indexes follow real time, and one replay
//           through an independent model of the room (model.hpp) predicts each answer
//   search  without the log: per exam, some order of the clients' operations that respects real
//   time
//           must explain all their answers (Wing, Gong, Lowe)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/verify/linear/history.hpp"

namespace vigie::linear {

/// Why a history is refused. `kind` is a stable word:
///   lost_ack         an answer that names an index where its request is not
///   double_effect    one request, order or report took effect twice
///   reorder          applied before something that had been answered before it was asked
///   stale_read       a read is older than it may be, or shows what was not so
///   two_holders      an exam was given to, or acted upon by, another than its one holder
///   two_heads        a duty head's command was done for somebody who had not the duty
///   wrong_duplicate  a repeated request was answered otherwise than the first time
///   wrong_answer     the room as modelled answers otherwise
///   wrong_event      clients were shown what the model says did not happen
///   bad_assignment   given to a reader who may not have it, or past an exam that goes first (I13)
///   impossible       no order of the operations explains what the clients were told
///   history          a history that cannot be (a gap in the log, completed before invoked)
struct Fault {
  std::string kind;
  std::string what;   ///< for people: all that is known of it
  std::string where;  ///< the operation's
  LogIndex index;
  ExamId exam;
};

struct Findings {
  std::vector<Fault> faults;
  std::uint64_t operations = 0;   ///< all
  std::uint64_t unknown = 0;      ///< of these without a last word
  std::uint64_t swept = 0;        ///< whose answers the model predicted
  std::uint64_t unpredicted = 0;  ///< answered, and the model says nothing of the answer
  std::uint64_t reads = 0;        ///< reads judged
  std::uint64_t events = 0;       ///< events judged
  std::uint64_t assignments = 0;  ///< offers and their readers judged
  std::uint64_t in_order = 0;     ///< of these, who went before another that waited for him
  std::uint64_t by_deadline = 0;  ///< of these, P2 before P3 or P3 before P2
  std::uint64_t searched = 0;     ///< operations in searches that ended
  std::uint64_t unsearched = 0;   ///< in exams with too many operations, or of too many orders
  std::uint64_t exams_searched = 0;

  bool ok() const { return faults.empty(); }
  /// Adds the other's faults and figures, but for `operations` and `unknown`.
  void add(const Findings& other);
};

/// O(n log n) in operations and log entries. Nothing if the log is not there from 1 on.
Findings sweep(const History& history);

/// Per exam key of at most `operations_max` operations.
Findings search(const History& history, std::size_t operations_max = 50);

/// Both.
Findings judge(const History& history);

}  // namespace vigie::linear
