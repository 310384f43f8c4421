// Elections: pre-vote, vote, stickiness, handing over (Ongaro 2014,
// sections 3.4, 4.2.3, 9.6, 3.10).
#include <algorithm>
#include <tuple>

#include "actors/core/replica/replica.hpp"
#include "messages/types/assert.hpp"
#include "messages/types/planted.hpp"

namespace vigie::replica {

void Replica::arm_election() {
  election_at_ = now_ + random(config_.election_min, config_.election_max);
}

// Somebody leads, or did a moment ago: no reason for an election (check-quorum's other half).
bool Replica::is_sticky() const {
  return is_leader() || (leader_ && now_ - leader_contact_ < config_.election_min);
}

bool Replica::can_campaign() const {
  return members_.is_voter(config_.self) &&
         (!installing_ || is_planted(Bug::campaign_while_installing));
}

void Replica::become_follower(Term term, SiteId leader) {
  VIGIE_ASSERT(term >= hard_.term);
  if (is_leader()) {
    refuse_reads();
    if (!is_planted(Bug::transfer_outlives_term)) transfer_.reset();
  }
  if (term > hard_.term) hard_ = {term, {}};
  role_ = Role::follower;
  leader_ = leader;
  arm_election();
}

void Replica::campaign(bool pre, bool transfer) {
  role_ = pre ? Role::pre_candidate : Role::candidate;
  if (!pre) hard_ = {next(hard_.term), config_.self};
  forget_leaving();
  own_vote_ = pre;  // a real one counts once it is synced: persisted()
  leader_ = {};
  if (pre) campaign_began_ = now_;
  arm_election();
  const Term term = pre ? next(hard_.term) : hard_.term;
  for (Progress& peer : peers_) {
    peer.vote.reset();
    if (!peer.member.voter && !is_planted(Bug::learner_counted)) continue;
    const VoteRequest request{pre, transfer, log_.last_index(), log_.last_term()};
    if (pre || is_planted(Bug::vote_asked_before_write)) {
      say(peer.member.site, term, request);
    } else {
      say_after_write(peer.member.site, request);
    }
  }
  tally();
}

void Replica::tally() {
  std::size_t granted = own_vote_ && is_voter() ? 1 : 0;
  std::size_t refused = 0;
  for (const Progress& peer : peers_) {
    if ((!peer.member.voter && !is_planted(Bug::learner_counted)) || !peer.vote) continue;
    ++(*peer.vote ? granted : refused);
  }
  if (refused >= quorum()) return become_follower(hard_.term, {});
  if (granted < quorum() || !own_vote_) return;  // persisted() counts again
  if (role_ == Role::pre_candidate) return campaign(false, false);
  become_leader();
}

void Replica::become_leader() {
  VIGIE_ASSERT(role_ == Role::candidate && own_vote_);
  role_ = Role::leader;
  leader_ = config_.self;
  for (Progress& peer : peers_) peer.restart(log_.last_index(), now_);
  log_.append({next(log_.last_index()), hard_.term, EntryKind::noop, {}});
  term_start_ = log_.last_index();
  prefer_at_ = now_ + config_.election_max * 2;
  heartbeat_at_ = now_ + config_.heartbeat;
  for (Progress& peer : peers_) send_entries(peer, false);
}

// Two with equal logs ask at the same moment: the lower number goes first, or both would lose a
// whole timeout. A moment is a heartbeat, for requests that cross are a round trip apart; not
// longer, so that one who cannot win stands in nobody's way.
bool Replica::goes_first(SiteId other, const VoteRequest& request) const {
  return request.pre && role_ == Role::pre_candidate && config_.self < other &&
         now_ - campaign_began_ < config_.heartbeat && can_campaign() &&
         request.last_index == log_.last_index() && request.last_term == log_.last_term();
}

void Replica::on(SiteId from, Term term, VoteRequest& request) {
  const bool is_free = hard_.vote == from || (!hard_.vote && !leader_) ||
                       (request.pre && term > hard_.term) ||
                       (is_planted(Bug::second_vote) && request.transfer);
  const bool is_up_to_date = std::tie(request.last_term, request.last_index) >=
                             std::make_tuple(log_.last_term(), log_.last_index());
  const bool has_commit =
      request.last_index >= commit_seen_ || is_planted(Bug::behind_commit_elected);
  // Whoever is asked votes: only voters are, by the list of who asks, and ours may be behind.
  const bool granted = is_free && is_up_to_date && has_commit && !goes_first(from, request);
  const VoteAnswer answer{request.pre, granted};
  if (request.pre) return say(from, granted ? term : hard_.term, answer);
  if (!granted) return say(from, answer);
  hard_.vote = from;
  arm_election();
  say_after_write(from, answer);
}

void Replica::on(SiteId from, Term term, VoteAnswer& answer) {
  const Role asking = answer.pre ? Role::pre_candidate : Role::candidate;
  const Term asked = answer.pre && answer.granted ? next(hard_.term) : hard_.term;
  if (role_ != asking || term != asked) return;
  find(from)->vote = answer.granted;
  tally();
}

void Replica::on(SiteId, Term, TimeoutNow&) {
  if (!is_leader() && can_campaign()) campaign(false, true);
}

}  // namespace vigie::replica
