// A desk: what subscribers of one kind are shown, and from where they can resume (design D7).
//
// Pure. Fed with applied batches and subscriptions, it says which covers and gaps go to whom. A
// desk keeps a bounded ring of past events, and the view that somebody who comes anew is given.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "messages/types/applied.hpp"
#include "messages/types/wire.hpp"

namespace vigie::desk {

/// A message for one connection.
struct ForClient {
  std::uint64_t connection = 0;
  NodeMessage message;
};

class EventDesk {
 public:
  /// @param kind Which events it carries and how it keeps its view.
  explicit EventDesk(Desk kind) : kind_(kind) {}

  /// Begins anew at `index` with `view`: after a start, or an installed snapshot. Subscribers stay
  /// and are told a Gap.
  void restart(LogIndex index, const std::vector<Event>& view, std::vector<ForClient>& out);
  /// Entries were applied; `batch->from` must be index(). The batch itself is kept, not copied.
  void applied(const AppliedBatchPtr& batch, std::vector<ForClient>& out);
  /// Begins anew after a failure: only who is subscribed to what is kept, until restart().
  void begin_anew();
  /// Covers from the cursor on, or a Gap with the fresh view. Replaces a subscription of the same
  /// connection and number. A Complaint beyond limits::subscriptions_per_connection.
  /// @param hospital Whose exams' events are shown, no others; 0: all events.
  void subscribe(std::uint64_t connection, const Subscribe& wish, std::vector<ForClient>& out,
                 EstablishmentId hospital = {});
  /// The connection is gone.
  void forget(std::uint64_t connection);
  /// That number now subscribes to another desk.
  void forget(std::uint64_t connection, std::uint32_t subscription);
  /// Empty covers for those who were sent nothing since the last call: their cursor moves on.
  void heartbeat(std::vector<ForClient>& out);

  Desk kind() const { return kind_; }
  LogIndex index() const { return index_; }
  std::size_t subscribers() const { return subscribers_.size(); }
  /// Events that can be resumed from.
  std::size_t retained() const { return ring_events_; }

 private:
  using Address = std::pair<std::uint64_t, std::uint32_t>;  // connection, subscription
  struct Subscriber {
    SessionId session;
    LogIndex sent_to;
    EstablishmentId hospital;
  };
  bool carries(const Event& event) const;
  bool concerns(const Event& event, const Subscriber& subscriber) const;
  bool is_full(std::uint64_t connection) const;
  void retain(const AppliedBatchPtr& batch);
  void keep_view(const Event& event);
  std::vector<Event> view_for(const Subscriber& subscriber) const;

  Desk kind_;
  LogIndex index_;
  LogIndex ring_from_;                ///< events of (ring_from_, index_] are retained
  std::deque<AppliedBatchPtr> ring_;  ///< those with events of this desk
  std::size_t ring_events_ = 0;
  std::size_t ring_bytes_ = 0;
  std::map<Address, Subscriber> subscribers_;
  std::set<std::pair<SessionId, Address>> by_session_;
  std::map<std::uint64_t, Event> view_;  ///< by session (reader) or exam (regulator)
};

}  // namespace vigie::desk
