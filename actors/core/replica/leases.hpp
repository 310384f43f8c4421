// The leader's table of leases: whose renewals it has acknowledged, and who has been silent too
// long (design D8). Pure; the shell feeds it and proposes ExpireSession for what it returns.
//
// Liveness is not in the log: the table is empty knowledge on a new leader, so everything waits a
// full lease again after a change of leader and after a stall of the loop. What L_g was may have
// changed since the last leader acknowledged: every node keeps until when that one may have
// promised more than the state now allows. Safety needs no clock at all; the epoch gives it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie::replica {

/// The longest L_g there is: a P3 exam in hand.
inline constexpr Millis lease_longest = 300_s;

/// A session to be ended by ExpireSession(session, incarnation), which compares and sets.
struct Expiry {
  SessionId session;
  Incarnation incarnation;
  bool operator==(const Expiry&) const = default;
};

class LeaseTable {
 public:
  /// Notes a session and its lease `grant` (L_g, > 0). Call for every attached session whenever one
  /// attaches, changes its L_g or this node becomes leader. A known incarnation keeps its
  /// end until it renews; a newer one starts a full lease at `now`, which ends no earlier than
  /// what the older one was promised; an older one is ignored. Cost:
  /// O(log n).
  void put(SessionId session, Incarnation incarnation, Millis grant, BootTime now);
  /// Counts a renewal received at `now`; acknowledge it after a quorum round begun since
  /// (Replica::begin_round). @return false: unknown, another incarnation, or its expiry is
  /// proposed: do not acknowledge. Cost: O(log n).
  bool renew(SessionId session, Incarnation incarnation, BootTime now);
  /// As above, and sets the lease to `grant` from now on; it ends no earlier than it would have.
  bool renew(SessionId session, Incarnation incarnation, Millis grant, BootTime now);
  /// May a renewal counted before still be acknowledged?
  bool is_acknowledgeable(SessionId session, Incarnation incarnation) const;
  /// The session ended.
  void remove(SessionId session);

  /// Sessions whose lease is over at `now` and whose expiry is not proposed, longest over first.
  std::vector<Expiry> expired(BootTime now) const;
  /// Its expiry is in the log of this leader: no renewal is acknowledged any more.
  void proposed(const Expiry& expiry);
  /// An entry applied at `now` makes the lease of `session` shorter than `before`, which whoever
  /// led until then may have acknowledged up to now: nobody applies an entry before its leader. On
  /// every node, leader or not, since any may be the next. Cost: O(log n).
  void shortened(SessionId session, Millis before, BootTime now);
  /// What was promised until `now` is over: forgotten. Cost: O(what is kept).
  void forget_promises(BootTime now);
  /// This node became leader: forgets the sessions. Put them all, then became_leader().
  void clear();
  /// This node became leader: every session gets a full lease from `now`, or longer if an earlier
  /// leader may have promised so; nothing is proposed.
  void became_leader(BootTime now);
  /// The loop stood still for `stall` until `now`: whoever's L_g / 10 is shorter gets a full lease,
  /// since its renewals may have waited unread. Drain the inputs first.
  void stalled(BootTime now, Millis stall);

  /// When expired() has something next; nothing if never.
  std::optional<BootTime> next_deadline() const;
  std::size_t size() const { return leases_.size(); }

 private:
  struct Lease {
    Incarnation incarnation;
    Millis grant;
    BootTime ends;
    bool is_proposed = false;
  };
  using Leases = std::map<SessionId, Lease>;
  Lease* find(SessionId session, Incarnation incarnation);
  void set_end(SessionId session, Lease& lease, BootTime ends);
  void forget_end(SessionId session, const Lease& lease);

  Leases leases_;
  std::set<std::pair<BootTime, SessionId>> ends_;  ///< of leases whose expiry is not proposed
  std::map<SessionId, BootTime> promised_;         ///< by some leader, at the most
};

}  // namespace vigie::replica
