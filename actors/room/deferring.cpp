// Queries and subscriptions that must wait: until this node has applied what their client has seen,
// or until the log has brought all that came before them.
#include <algorithm>

#include "actors/room/host.hpp"
#include "actors/room/queries.hpp"

namespace vigie::actors {

/// A node serves nothing before it has applied what the client has seen (design D7).
void Host::defer(Now now, const ClientInput& in, LogIndex seen,
                 std::variant<Query, Subscribe> wish) {
  const auto* again = std::get_if<Subscribe>(&wish);
  const auto is_same = [&](const Deferred& d) {
    const auto* waits = std::get_if<Subscribe>(&d.wish);
    return waits && again && d.connection == in.connection && *waits == *again;
  };
  if (std::any_of(deferred_.begin(), deferred_.end(), is_same)) return;
  if (deferred_.size() >= deferred_max) {
    return tell(in.connection, Complaint{Errc::busy, "this node is catching up"});
  }
  deferred_.push_back({in.connection, in.key, seen, now.boot, std::move(wish)});
}

void Host::serve_deferred(Now now) {
  std::vector<Deferred> waiting = std::move(deferred_);
  deferred_.clear();
  for (Deferred& d : waiting) {
    if (d.seen > room_.applied()) {
      deferred_.push_back(std::move(d));
      continue;
    }
    ClientInput in{d.connection, d.key, {}};
    std::visit([&](auto& wish) { handle(now, in, wish); }, d.wish);
  }
}

void Host::expire_deferred(Now now) {
  std::erase_if(deferred_, [&](const Deferred& d) {
    if (now.boot - d.since < settings_.pending_max) return false;
    if (const Query* query = std::get_if<Query>(&d.wish)) {
      tell(d.connection, QueryReply{query->query, Errc::timeout, room_.applied(), true, {}});
    } else {  // are we behind, or is there no such index?
      propose_barrier(now, d.connection, d.key, d.wish);
    }
    return true;
  });
}

/// Through the log: once it is applied here, so is all that anybody was acknowledged before.
void Host::propose_barrier(Now now, Connection connection, const PublicKey& key,
                           std::variant<Query, Subscribe> wish) {
  Proposal proposal;
  proposal.key = own_key_;
  proposal.command = Tick{};
  Pending pending;
  pending.connection = connection;
  pending.barrier = std::move(wish);
  pending.key = key;
  propose(now, std::move(proposal), std::move(pending));
}

void Host::answer_barrier(const Pending& pending, const Answer& answer) {
  const bool passed = static_cast<bool>(answer.index);  // else it is not from apply
  if (const auto* query = std::get_if<Query>(&*pending.barrier)) {
    if (!passed) {
      return tell(pending.connection, QueryReply{query->query, answer.code, {}, true, {}});
    }
    for (QueryReply& reply : answer_query(*this, *query, {}, pending.key)) {
      tell(pending.connection, std::move(reply));
    }
    return;
  }
  Subscribe wish = std::get<Subscribe>(*pending.barrier);
  if (!passed) return tell(pending.connection, Complaint{Errc::timeout, "subscribe"});
  // Nobody was ever acknowledged that index: a cursor of another federation's log (design D7).
  if (wish.from > room_.applied()) wish.from = {};
  ClientInput in{pending.connection, pending.key, {}};
  handle({}, in, wish);
}

}  // namespace vigie::actors
