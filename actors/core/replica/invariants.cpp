#include "actors/core/replica/invariants.hpp"

#include <initializer_list>
#include <utility>

namespace vigie::replica {

namespace {

using Rule = std::pair<bool, const char*>;

std::string first_broken(std::initializer_list<Rule> rules) {
  for (const auto& [holds, text] : rules) {
    if (!holds) return text;
  }
  return {};
}

}  // namespace

/// Reads what Replica keeps to itself.
struct Inspector {
  const Replica& r;

  // What is applied is not looked at again: digests speak for it.
  std::string log() const {
    Term before = r.log_.term(r.handed_).value_or(Term{});
    for (LogIndex i = next(r.handed_); i <= r.log_.last_index(); i = next(i)) {
      const LogEntry& entry = r.log_.at(i);
      if (entry.index != i) return "an entry is not at its index";
      if (entry.term < before) return "terms fall along the log";
      before = entry.term;
    }
    return r.log_.last_term() <= r.hard_.term ? "" : "an entry of a future term";
  }

  std::string indexes() const {
    const bool is_replacing = r.installing_ && r.installing_->is_finished;
    return first_broken({
        {r.log_.base() <= r.snapshot_.index, "entries are gone that no snapshot holds"},
        {r.snapshot_.index <= r.handed_ || r.snapshot_.index <= r.commit_, "snapshot > applied"},
        {r.log_.base() <= r.handed_, "entries are gone that were not applied"},
        {r.handed_ <= r.commit_, "applied > commit"},
        {r.commit_ <= r.log_.last_index(), "commit > last"},
        {r.commit_ <= r.commit_seen_, "commit > commit seen"},
        {r.writes_.stable() <= r.log_.last_index(), "stable > last"},
        {r.writes_.stable() < r.unwritten_, "stable, but never written"},
        {is_replacing || !r.writes_.is_idle() || r.writes_.stable() >= r.log_.base(),
         "nothing under way and the base not stable"},
    });
  }

  std::string role() const {
    const bool leads = r.is_leader();
    return first_broken({
        {leads == (r.leader_ == r.config_.self), "leads and does not know, or the reverse"},
        {r.role_ == Role::follower || leads || r.members_.is_voter(r.config_.self),
         "a learner campaigns"},
        {!leads || r.is_member() || r.members_.since() > r.commit_, "leads after its own removal"},
        {voters(r.members()) > 0, "nobody votes"},
        {r.members_.since() <= r.log_.last_index() || r.installing_, "members of a lost entry"},
        {r.role_ == Role::follower || !r.installing_, "campaigns while installing a snapshot"},
        {r.role_ != Role::candidate || r.hard_.vote == r.config_.self, "no vote for itself"},
        {!leads || r.hard_.vote == r.config_.self, "leads without its own vote"},
        {leads || (!r.transfer_ && r.reads_.empty()), "a follower's transfer or read"},
        {!leads || r.term_start_ < r.log_.base() || r.log_.term(r.term_start_) == r.hard_.term,
         "no no-op of this term"},
        {r.rounds_confirmed_ <= r.rounds_sent_ && r.rounds_sent_ <= r.rounds_begun_, "rounds"},
    });
  }

  std::string progress() const {
    if (!r.is_leader()) return {};
    for (const Progress& peer : r.peers_) {
      std::size_t bytes = 0;
      for (const Progress::Inflight& sent : peer.inflight) bytes += sent.bytes;
      std::string broken = first_broken({
          {peer.match < peer.next, "match >= next"},
          {peer.match <= r.log_.last_index(), "match > last"},
          {peer.next <= next(r.log_.last_index()), "next > last + 1"},
          {peer.inflight.size() <= r.config_.inflight_max, "too many Appends in flight"},
          {bytes == peer.inflight_bytes, "bytes in flight are miscounted"},
          {peer.state == PeerState::replicate || peer.inflight.empty(), "in flight while probing"},
          {peer.state != PeerState::snapshot || r.snapshot_.index.value > 0, "no snapshot to send"},
      });
      if (!broken.empty()) return broken;
    }
    return {};
  }
};

std::string find_violation(const Replica& replica) {
  const Inspector inspector{replica};
  for (std::string broken :
       {inspector.log(), inspector.indexes(), inspector.role(), inspector.progress()}) {
    if (!broken.empty()) return broken;
  }
  return {};
}

std::string Watch::observe(const Replica& replica) {
  const HardState hard{replica.term(), replica.vote()};
  const bool same_term = hard.term == hard_.term;
  const bool led = role_ == Role::leader && replica.is_leader() && same_term;
  std::string broken = first_broken({
      {hard.term >= hard_.term, "the term fell"},
      {!same_term || !hard_.vote || hard.vote == hard_.vote, "the vote changed within a term"},
      {replica.commit() >= commit_, "commit fell"},
      {replica.applied() >= applied_, "applied fell"},
      {replica.snapshot().index >= snapshot_, "the snapshot went back"},
      {!led || replica.last_index() >= last_, "a leader shortened its log"},
      {!same_term || role_ != Role::leader || replica.role() == Role::leader ||
           replica.role() == Role::follower,
       "a leader campaigns in its own term"},
      {replica.rounds_confirmed() >= rounds_, "confirmed rounds fell"},
  });
  hard_ = hard;
  commit_ = replica.commit();
  applied_ = replica.applied();
  last_ = replica.last_index();
  snapshot_ = replica.snapshot().index;
  rounds_ = replica.rounds_confirmed();
  role_ = replica.role();
  return broken;
}

}  // namespace vigie::replica
