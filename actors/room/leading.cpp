// What only a leader does: leases, lost centres, deadlines, checkpoints; and what every node does
// once a second.
#include <algorithm>

#include "actors/room/host.hpp"
#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

namespace {

/// Calendars reach 400 days from when they were expanded: they are extended some four times a year,
/// and there is most of a year to notice when they are not.
constexpr Millis calendars_extended_before = 24_h * 300;

/// L_g of who holds an exam of this urgency (design D8).
Millis lease_for(Urgency urgency) {
  if (urgency == Urgency::p3) return replica::lease_longest;
  return urgency == Urgency::p2 ? 180_s : 60_s;
}

}  // namespace

Millis Host::lease_of(SessionId id) const {
  const room::Session* session = room_.state().sessions().find(id);
  const Exam* exam = session && session->exam ? room_.state().exams().find(session->exam) : nullptr;
  return exam && is_held(exam->state) ? lease_for(exam->urgency) : 60_s;
}

/// What the leader of the time may have acknowledged by the state before these entries.
void Host::note_leases(Now now, const room::Effects& effects) {
  for (const room::ShorterLease& s : effects.shorter_leases) {
    if (lease_for(s.before) > lease_of(s.session)) {
      leases_.shortened(s.session, lease_for(s.before), now.boot);
    }
  }
}

/// A photograph does not tell what its sessions held before it was taken.
void Host::note_unknown_leases(Now now) {
  for (const auto& [id, slot] : room_.state().sessions().slots()) {
    if (slot.record.live) leases_.shortened(id, replica::lease_longest, now.boot);
  }
}

void Host::lead(Now now) {
  if (leading_ && !replica_.is_leader()) lose_leadership();
  if (!leading_ && !is_halted() && replica_.is_settled_leader() &&
      room_.applied() == replica_.applied()) {
    begin_leading(now);
  }
  if (!leading_) return;
  found(now);
  confirm_renewals(now);
  expire_sessions(now);
  const FedTime due = room_.next_due();
  if (due && due + tick_patience <= stamp(now) && !tick_proposed_) {
    tick_proposed_ = true;
    propose_own(now, Tick{});
  }
}

void Host::lose_leadership() {
  leading_ = false;
  members_wait_.clear();
  for (const WaitingRenewal& w : renewals_) {
    settle_renewal(w.renewal, w.connection, w.grant, Errc::no_leader);
  }
  renewals_.clear();
  // What a leader found late or lost is the next one's to judge: it must not be sent on to it.
  std::erase_if(pending_, [](const auto& p) { return p.second.of_leader; });
  forwarded_.clear();
  telemetry::log_info("leadership_lost", {{"term", replica_.term()}});
}

void Host::begin_leading(Now now) {
  leading_ = true;
  failpoint(Failpoint::leading_begun);
  tick_proposed_ = false;
  metrics_.raft.leader_changes.add();
  telemetry::log_info("leadership_begun", {{"term", replica_.term()}, {"index", room_.applied()}});
  for (auto& [site, peer] : peers_) peer.last_heard = std::max(peer.last_heard, now.boot);
  leases_.clear();  // sessions may have ended while another led
  for (const auto& [id, slot] : room_.state().sessions().slots()) {
    const Millis grant = is_planted(Bug::leases_not_waited_for) ? 1_ms : lease_of(id);
    if (slot.record.live) leases_.put(id, slot.record.incarnation, grant, now.boot);
  }
  leases_.became_leader(now.boot);
  restart_offers(now);
}

/// Who is to vote and has not this leader's log.
std::vector<SiteId> Host::missing_founders() const {
  std::vector<SiteId> missing;
  for (const Member& m : replica_.members()) {
    const bool is_there = m.site == settings_.self || replica_.is_caught_up(m.site);
    if (m.voter && !is_there) missing.push_back(m.site);
  }
  return missing;
}

/// A federation begins, with the directory of a file, once nobody who is to vote is missing. Two
/// who lost their folders are none beside a third who kept his: he does not listen to them (design
/// D16).
void Host::found(Now now) {
  if (room_.directory().version > 0 || settings_.founding.keys.empty()) return;
  for (const auto& [correlation, pending] : pending_) {
    if (pending.founding) return;
  }
  if (!missing_founders().empty() || now.boot < found_at_) return;
  found_at_ = now.boot + 1_s;
  Directory founding = settings_.founding;
  founding.version = 1;
  if (const auto done = expand(founding, now.utc); !done) {
    telemetry::log_error("calendars_not_expanded", {{"why", done.error().what}});
    return;
  }
  propose_own(now, ApplyDirectory{std::move(founding)});
}

Result<void> Host::expand(Directory& directory, UtcTime utc) const {
  return settings_.expand_calendars ? settings_.expand_calendars(directory, utc) : Result<void>{};
}

/// Calendars know a year and a little more; long before that ends they are made to know another.
void Host::extend_calendars(Now now) {
  const auto horizon = room_.directory().horizon();
  if (!settings_.expand_calendars || !horizon || now.boot < extend_calendars_at_) return;
  if (*horizon > utc() + calendars_extended_before) return;
  extend_calendars_at_ = now.boot + 1_h;
  Directory longer = room_.directory();
  ++longer.version;
  const auto done = expand(longer, utc());
  if (!done || *longer.horizon() <= *horizon) {
    telemetry::log_error("calendars_not_extended",
                         {{"why", done ? "the zones here know no more" : done.error().what},
                          {"horizon_ms", horizon->value}});
    return;
  }
  telemetry::log_info("calendars_extended", {{"horizon_ms", longer.horizon()->value}});
  propose_own(now, ApplyDirectory{std::move(longer)});
}

void Host::watch_sites(Now now) {
  if (room_.directory().version == 0) return;
  const auto& lost = room_.state().scalars().unreachable;
  const auto is_lost = [&](SiteId s) {
    return std::find(lost.begin(), lost.end(), s) != lost.end();
  };
  for (const auto& [site, peer] : peers_) {
    const bool silent = now.boot - peer.last_heard >= settings_.site_unreachable;
    if (silent == is_lost(site)) continue;
    telemetry::log_warning(silent ? "site_lost" : "site_found", {{"peer", site}});
    propose_own(now, SiteContact{site, peer.memory.boot, !silent});
  }
  if (is_lost(settings_.self)) propose_own(now, SiteContact{settings_.self, settings_.boot, true});
}

void Host::expire_sessions(Now now) {
  for (const replica::Expiry& over : leases_.expired(now.boot)) {
    leases_.proposed(over);
    propose_own(now, ExpireSession{over.session, over.incarnation});
  }
}

void Host::renew(Now now, const codec::Renewal& renewal, Connection connection) {
  const SiteId leader = replica_.leader();
  if (leader && leader != settings_.self) {
    if (renewal.site != settings_.self) return;  // it asked the wrong node; its client asks again
    add_to_frame(leader, codec::peer_renewal_bytes);
    outgoing(leader).renewals.push_back(renewal);
    return;
  }
  const Millis grant = lease_of(renewal.session);
  const auto round = replica_.begin_round(now.boot);
  if (!leading_ || !round) return settle_renewal(renewal, connection, grant, Errc::no_leader);
  if (!leases_.renew(renewal.session, renewal.incarnation, grant, now.boot)) {
    const room::Session* session = room_.state().sessions().find(renewal.session);
    const bool older = session && renewal.incarnation < session->incarnation;
    return settle_renewal(renewal, connection, grant, older ? Errc::superseded : Errc::no_session);
  }
  renewals_.push_back({*round, renewal, connection, grant});
}

void Host::confirm_renewals(Now) {
  std::uint64_t confirmed = replica_.rounds_confirmed();
  if (is_planted(Bug::renewed_without_quorum)) confirmed = UINT64_MAX;
  while (!renewals_.empty() && renewals_.front().round <= confirmed) {
    const WaitingRenewal w = renewals_.front();
    renewals_.pop_front();
    const bool may = leases_.is_acknowledgeable(w.renewal.session, w.renewal.incarnation);
    settle_renewal(w.renewal, w.connection, w.grant, may ? Errc::ok : Errc::no_session);
  }
}

void Host::settle_renewal(const codec::Renewal& renewal, Connection connection, Millis grant,
                          Errc code) {
  const RenewAck ack{renewal.session, renewal.incarnation, renewal.mark, grant, code};
  if (connection != 0) return tell(connection, ack);
  if (renewal.site == settings_.self) return;
  add_to_frame(renewal.site, codec::peer_renewal_bytes);
  outgoing(renewal.site).renewal_acks.push_back(ack);
}

codec::SiteStatus Host::own_status() const {
  codec::SiteStatus status;
  status.applied = room_.applied();
  status.commit = replica_.commit();
  status.term = replica_.term();
  status.digest = room_.digest();
  status.leader = replica_.is_leader();
  status.unreplicated = static_cast<std::uint32_t>(pending_.size());
  status.version = settings_.version;
  status.intake_stopped = !ports_.intake_open();
  status.archive_complete = is_archive_complete();
  status.archive_checked = is_archive_checked();
  if (is_halted()) status.halted_at = halted_at_;
  status.disk_slow = is_disk_slow_;
  status.kept = replica_.position(std::min(replica_.stable(), replica_.commit()));
  for (const auto& [id, slot] : room_.state().sessions().slots()) {
    const room::Session& s = slot.record;
    if (!s.live || s.door != settings_.self) continue;
    ++status.sessions;
    if (s.role == vigie::Role::reader) ++status.readers;
  }
  const auto& owed = room_.state().owed();
  for (auto at = owed.lower_bound({settings_.self, ExamId{}});
       at != owed.end() && at->first == settings_.self; ++at) {
    ++status.undelivered;
  }
  return status;
}

void Host::housekeep(Now now) {
  housekeeping_at_ = now.boot + 1_s;
  resend_pending(now, false);
  expire_pending(now);
  expire_deferred(now);
  watch_gap(now);
  yield_leadership(now);
  leases_.forget_promises(now.boot);
  tick_proposed_ = false;  // should one have been lost with a leadership
  if (leading_) {
    watch_sites(now);
    extend_calendars(now);
    order_members(now);
    propose_checkpoint(now);
  }
  archive_rest();
  follow_members(now);
  if (leading_ && room_.directory().version == 0) {  // for the people who are at it
    for (SiteId site : missing_founders()) {
      telemetry::log_warning("founding_waits", {{"for", site}});
    }
  }
  remember_peers();
  check_archive();
  scrub(now);
  ports_.second_passed();
  const codec::SiteStatus status = own_status();
  for (const auto& [site, peer] : peers_) {
    add_to_frame(site, codec::peer_status_bytes);
    outgoing(site).status = status;
  }
}

}  // namespace vigie::actors
