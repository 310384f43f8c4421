// Who should not lead though it could be elected: who applies nothing more (F33), whose disk is
// slow (F6), or whom a member that was away may not know. Such a leader hands over as soon as there
// is a better one; if leadership comes back, after a pause and to the next.
#include <algorithm>
#include <utility>

#include "actors/room/host.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

namespace {

constexpr Millis pause_least = 1_s, pause_most = 60_s;

}  // namespace

bool Host::is_silent(Now now, const PeerView& peer) const {
  return now.boot - peer.last_heard >= settings_.site_unreachable;
}

/// As a voter, in the site files.
bool Host::is_listed(SiteId site) const {
  const Member* listed = replica::find_member(settings_.raft.members, site);
  return listed && listed->voter;
}

/// A member that is silent may not know this one, which came while it was away: it does not listen
/// to it, and so never learns of it while it leads. Who stands in the site files is known to all.
bool Host::may_be_unknown(SiteId site) const { return is_somebody_silent_ && !is_listed(site); }

/// As far as this node has heard.
bool Host::is_fit_to_lead(SiteId site) const {
  if (may_be_unknown(site)) return false;
  const auto peer = peers_.find(site);
  if (peer == peers_.end() || !peer->second.status) return true;
  return !peer->second.status->halted_at && !peer->second.status->disk_slow;
}

/// Once a second.
void Host::yield_leadership(Now now) {
  is_somebody_silent_ = std::any_of(peers_.begin(), peers_.end(),
                                    [&](const auto& peer) { return is_silent(now, peer.second); });
  std::vector<SiteId> unfit;
  for (const auto& [site, peer] : peers_) {
    if (!is_fit_to_lead(site)) unfit.push_back(site);
  }
  replica_.prefer_others_than(std::move(unfit));
  const bool was_slow = std::exchange(is_disk_slow_, syncs_.is_slow(now.boot));
  if (is_disk_slow_ && !was_slow) telemetry::log_warning("disk_slow", {{"leads", leading_}});
  metrics_.storage.slow.set(is_disk_slow_ ? 1 : 0);
  if (!replica_.is_leader() || is_fit_to_lead() || replica_.is_transferring()) return;
  if (!hand_over(now, false)) return;
  const char* why = is_halted() ? "halted" : is_disk_slow_ ? "slow disk" : "unknown to a member";
  telemetry::log_warning("leadership_yielded", {{"why", why}});
}

/// Begins to hand over, if there is a voter that is up and has the log. It may not reach the others
/// and lose the election: nobody leads then for a moment, so that each time waits longer.
bool Host::hand_over(Now now, bool even_to_unfit) {
  if (now.boot < hand_over_at_) return false;
  const bool found = offer_leadership(now, true) || (even_to_unfit && offer_leadership(now, false));
  if (!found) return false;
  const bool came_back = now.boot - hand_over_at_ < pause_most;
  hand_over_pause_ =
      came_back ? std::clamp(hand_over_pause_ * 2, pause_least, pause_most) : pause_least;
  hand_over_at_ = now.boot + hand_over_pause_;
  return true;
}

/// To the next in turn after whom it was offered to last.
bool Host::offer_leadership(Now now, bool to_fit) {
  std::vector<SiteId> voters;
  for (const replica::Progress& peer : replica_.peers()) {
    if (peer.member.voter) voters.push_back(peer.member.site);
  }
  std::sort(voters.begin(), voters.end());
  std::rotate(voters.begin(), std::upper_bound(voters.begin(), voters.end(), heir_), voters.end());
  for (SiteId site : voters) {
    const bool may = replica_.is_caught_up(site) && is_fit_to_lead(site) == to_fit;
    if (!may || !replica_.transfer(now.boot, site)) continue;
    heir_ = site;
    return true;
  }
  return false;
}

}  // namespace vigie::actors
