// The discipline of a subscription's cursor (design D7): nothing is skipped, nothing comes twice,
// and what cannot be given is said. Pure.
#pragma once

#include <set>
#include <tuple>
#include <vector>

#include "messages/types/wire.hpp"

namespace vigie::client {

class Cursor {
 public:
  /// What to do after a cover or gap.
  enum class Verdict {
    events,     ///< `out` has the events that are new
    view,       ///< events were lost: `out` is what the desk shows now, replace the screen
    nothing,    ///< seen before, or the first part of a long view
    subscribe,  ///< something was lost on the way: subscribe again from index()
    behind,     ///< the node has not seen yet what this client has: subscribe again a little later
  };

  explicit Cursor(LogIndex from = {}) : index_(from) {}

  /// Every event of an index up to this one has been taken.
  LogIndex index() const { return index_; }
  /// A Subscribe from index() was sent: until it is answered, what does not fit is older.
  void subscribed();
  /// Was it not answered yet?
  bool is_waiting() const { return waiting_; }

  Verdict take(const Cover& cover, std::vector<Event>& out);
  /// A gap from 0 may set the cursor back: the federation was made anew, and never had index().
  Verdict take(const Gap& gap, std::vector<Event>& out);

 private:
  void move(LogIndex to);

  LogIndex index_;
  bool waiting_ = false;
  std::vector<Event> view_;  ///< first parts of a long view
  /// Events beyond index_ that were taken with the first part of a long cover.
  std::set<std::tuple<LogIndex, ExamId, EventKind>> taken_;
};

}  // namespace vigie::client
