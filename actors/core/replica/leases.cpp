#include "actors/core/replica/leases.hpp"

#include <algorithm>

#include "messages/types/assert.hpp"

namespace vigie::replica {

void LeaseTable::put(SessionId session, Incarnation incarnation, Millis grant, BootTime now) {
  VIGIE_ASSERT(grant.value > 0);
  const auto [found, is_new] = leases_.try_emplace(session, Lease{incarnation, grant, now + grant});
  Lease& lease = found->second;
  if (!is_new && incarnation < lease.incarnation) return;
  if (is_new) {
    ends_.insert({lease.ends, session});
  } else if (incarnation > lease.incarnation) {
    // What was acknowledged to the older incarnation binds all the same: it is the same holder's.
    const BootTime ends = std::max(lease.ends, now + grant);
    forget_end(session, lease);
    lease = {incarnation, grant, ends};
    ends_.insert({lease.ends, session});
  } else {
    lease.grant = grant;
  }
}

bool LeaseTable::renew(SessionId session, Incarnation incarnation, BootTime now) {
  Lease* lease = find(session, incarnation);
  return lease != nullptr && renew(session, incarnation, lease->grant, now);
}

bool LeaseTable::renew(SessionId session, Incarnation incarnation, Millis grant, BootTime now) {
  VIGIE_ASSERT(grant.value > 0);
  Lease* lease = find(session, incarnation);
  if (lease == nullptr || lease->is_proposed) return false;
  lease->grant = grant;
  // Never before what was acknowledged already: the holder counts on it.
  set_end(session, *lease, std::max(lease->ends, now + grant));
  return true;
}

bool LeaseTable::is_acknowledgeable(SessionId session, Incarnation incarnation) const {
  const auto found = leases_.find(session);
  return found != leases_.end() && found->second.incarnation == incarnation &&
         !found->second.is_proposed;
}

void LeaseTable::remove(SessionId session) {
  const auto found = leases_.find(session);
  if (found == leases_.end()) return;
  forget_end(session, found->second);
  leases_.erase(found);
}

std::vector<Expiry> LeaseTable::expired(BootTime now) const {
  std::vector<Expiry> out;
  for (const auto& [ends, session] : ends_) {
    if (ends > now) break;
    out.push_back({session, leases_.at(session).incarnation});
  }
  return out;
}

void LeaseTable::proposed(const Expiry& expiry) {
  Lease* lease = find(expiry.session, expiry.incarnation);
  if (lease == nullptr || lease->is_proposed) return;
  forget_end(expiry.session, *lease);
  lease->is_proposed = true;
}

void LeaseTable::shortened(SessionId session, Millis before, BootTime now) {
  BootTime& until = promised_[session];
  until = std::max(until, now + before);
}

void LeaseTable::forget_promises(BootTime now) {
  std::erase_if(promised_, [&](const auto& promise) { return promise.second <= now; });
}

void LeaseTable::clear() {
  leases_.clear();
  ends_.clear();
}

void LeaseTable::became_leader(BootTime now) {
  for (auto& [session, lease] : leases_) {
    if (lease.is_proposed) ends_.insert({lease.ends, session});
    lease.is_proposed = false;
    const auto promise = promised_.find(session);
    const BootTime full = now + lease.grant;
    set_end(session, lease, promise == promised_.end() ? full : std::max(full, promise->second));
  }
}

void LeaseTable::stalled(BootTime now, Millis stall) {
  for (auto& [session, lease] : leases_) {
    if (lease.is_proposed || stall <= lease.grant / 10) continue;
    set_end(session, lease, std::max(lease.ends, now + lease.grant));
  }
}

std::optional<BootTime> LeaseTable::next_deadline() const {
  if (ends_.empty()) return std::nullopt;
  return ends_.begin()->first;
}

LeaseTable::Lease* LeaseTable::find(SessionId session, Incarnation incarnation) {
  const auto found = leases_.find(session);
  if (found == leases_.end() || found->second.incarnation != incarnation) return nullptr;
  return &found->second;
}

void LeaseTable::set_end(SessionId session, Lease& lease, BootTime ends) {
  if (!lease.is_proposed) {
    ends_.erase({lease.ends, session});
    ends_.insert({ends, session});
  }
  lease.ends = ends;
}

void LeaseTable::forget_end(SessionId session, const Lease& lease) {
  if (!lease.is_proposed) ends_.erase({lease.ends, session});
}

}  // namespace vigie::replica
