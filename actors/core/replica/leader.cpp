// What a leader does: replicate, count, confirm its leadership, hand it over.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "actors/core/replica/replica.hpp"
#include "messages/types/assert.hpp"
#include "messages/types/planted.hpp"

namespace vigie::replica {

namespace {

/// The highest value that `quorum` voters have reached; `own` is the leader's, if it is a voter.
template <class T, class Get>
T reached_by(const std::vector<Progress>& peers, std::optional<T> own, std::size_t quorum,
             Get get) {
  std::array<T, members_max> values{};
  std::size_t count = 0;
  if (own) values[count++] = *own;
  for (const Progress& peer : peers) {
    if ((peer.member.voter || is_planted(Bug::learner_counted)) && !peer.is_leaving)
      values[count++] = get(peer);
  }
  VIGIE_ASSERT(count >= quorum);
  std::sort(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>());
  return values[quorum - 1];
}

}  // namespace

void Replica::tick_leader() {
  if (now_ < heartbeat_at_) return;
  if (!has_quorum_contact()) return become_follower(hard_.term, {});
  heartbeat_at_ = now_ + config_.heartbeat;
  commit_before_ = commit_;
  forget_leaving();
  if (transfer_ && now_ >= transfer_->give_up) transfer_.reset();
  prefer_leader();
  rounds_sent_ = rounds_begun_;
  for (Progress& peer : peers_) {
    ++peer.quiet_ticks;
    send_heartbeat(peer);
  }
  advance_rounds();
}

// Check-quorum: a leader that a majority has not answered for so long may have been replaced.
bool Replica::has_quorum_contact() const {
  const auto own = is_voter() ? std::optional(now_) : std::nullopt;
  const BootTime newest =
      reached_by(peers_, own, quorum(), [](const Progress& peer) { return peer.contact; });
  return now_ - newest <= config_.election_max;
}

// Leadership belongs to the caught-up voter of the highest priority (design D15).
void Replica::prefer_leader() {
  if (transfer_ || now_ < prefer_at_ || !is_settled_leader()) return;
  const Progress* best = nullptr;
  for (const Progress& peer : peers_) {
    if (std::find(unfit_.begin(), unfit_.end(), peer.member.site) != unfit_.end()) continue;
    const bool is_ready = peer.member.voter && peer.state == PeerState::replicate &&
                          peer.match >= commit_ && now_ - peer.contact < config_.election_min;
    const int floor = best != nullptr ? best->member.priority : self_.priority;
    if (is_ready && peer.member.priority > floor) best = &peer;
  }
  if (best == nullptr) return;
  prefer_at_ = now_ + config_.election_max * 10;
  static_cast<void>(static_cast<bool>(transfer(now_, best->member.site)));
}

void Replica::send_entries(Progress& peer, bool even_empty) {
  while (!peer.is_paused(config_)) {
    const LogIndex prev = previous(peer.next);
    const auto prev_term = log_.term(prev);
    if (!prev_term) {
      // No snapshot for one who does not answer; the next heartbeat answer asks again.
      peer.is_probing = true;
      if (now_ - peer.contact > config_.election_max) return;
      peer.begin_snapshot();
      return send_chunk(peer);
    }
    Append append{prev, *prev_term, commit_, {}};
    append.entries = log_.slice(peer.next, log_.last_index(), config_.append_bytes_max,
                                config_.append_entries_max);
    if (append.entries.empty() && !even_empty) return;
    even_empty = false;
    const LogIndex last{prev.value + append.entries.size()};
    std::size_t bytes = 0;
    for (const LogEntry& entry : append.entries) bytes += Log::weight(entry);
    const bool is_probe = peer.state == PeerState::probe;
    peer.is_probing = is_probe;
    if (!is_probe && bytes > 0) peer.sent(last, bytes);
    peer.commit_sent = std::max(peer.commit_sent, std::min(commit_, last));
    say(peer.member.site, std::move(append));
    if (bytes == 0) return;
  }
}

void Replica::send_heartbeat(Progress& peer) {
  const bool is_cut = !is_planted(Bug::heartbeat_beyond_match);
  // While it is probed nothing is known: its disk may have gone back to before what it
  // acknowledged, with entries of its own there.
  const LogIndex proven = peer.state == PeerState::replicate ? peer.match : LogIndex{};
  const LogIndex commit = is_cut ? std::min(proven, commit_) : commit_;
  peer.commit_sent = std::max(peer.commit_sent, commit);
  say(peer.member.site, Heartbeat{commit, rounds_sent_});
}

// Tells a commit at once when no Append on its way, or coming back, will.
void Replica::send_commit(Progress& peer) {
  const bool is_due = peer.commit_sent < std::min(peer.match, commit_);
  if (is_due && peer.state == PeerState::replicate && peer.inflight.empty()) send_heartbeat(peer);
}

void Replica::send_chunk(Progress& peer) {
  peer.chunk_sent = now_;
  const std::uint32_t number = std::min(peer.chunk, snapshot_.chunks() - 1);
  out_.send_chunks.push_back({peer.member.site, hard_.term, snapshot_, number});
}

// Commits what a majority has synced, if it ends in an entry of this term (Raft, section 5.4.2).
void Replica::advance_commit() {
  if (!is_leader()) return;
  const LogIndex own =
      is_planted(Bug::own_copy_counted_early) ? log_.last_index() : writes_.stable();
  const LogIndex reached = reached_by(peers_, is_voter() ? std::optional(own) : std::nullopt,
                                      quorum(), [](const Progress& peer) { return peer.match; });
  if (reached <= commit_ || (is_planted(Bug::commit_starved) && reached != writes_.stable()))
    return;
  if (!is_planted(Bug::old_terms_counted) && log_.term(reached) != hard_.term) return;
  commit_to(reached);
  advance_rounds();
  for (Progress& peer : peers_) {
    send_entries(peer, false);
    send_commit(peer);
  }
  if (!is_member() && members_.since() <= commit_) resign();
}

// Its own removal is committed (Ongaro 2014, section 4.2.2): whoever has it all goes on at once.
void Replica::resign() {
  const auto heir = std::find_if(peers_.begin(), peers_.end(), [&](const Progress& peer) {
    return peer.member.voter && peer.match == log_.last_index();
  });
  if (heir != peers_.end()) say(heir->member.site, TimeoutNow{});
  become_follower(hard_.term, {});
}

// A removed site is told so, then forgotten; one that does not answer is not waited for.
void Replica::forget_leaving() {
  std::erase_if(peers_, [&](const Progress& peer) {
    if (!peer.is_leaving) return false;
    const LogIndex removed = members_.since();
    const bool is_told = peer.match >= removed && peer.commit_sent >= removed && commit_ >= removed;
    return !is_leader() || is_told || now_ >= peer.leaving_until;
  });
}

Result<LogIndex> Replica::change(BootTime now, const MemberChange& change) {
  now_ = now;
  if (!is_leader() || transfer_) return Error{Errc::no_leader, "not leading"};
  if (commit_ < term_start_ && !is_planted(Bug::change_before_term_commit)) {
    return Error{Errc::busy, "this term has no commit yet"};
  }
  if (members_.since() > commit_ && !is_planted(Bug::two_changes_at_once)) {
    return Error{Errc::busy, "a change is under way"};
  }
  auto members = changed(this->members(), change);
  if (!members) return members.error();
  const bool promotes = change.what == MemberChange::What::promote;
  if (promotes && !is_caught_up(change.member.site)) {
    return Error{Errc::busy, "it is not caught up"};
  }
  const LogIndex index = next(log_.last_index());
  log_.append({index, hard_.term, EntryKind::configuration, encode_members(*members)});
  members_.append(index, std::move(*members));
  adopt_members();
  for (Progress& peer : peers_) send_entries(peer, false);
  return index;
}

bool Replica::is_caught_up(SiteId site) const {
  if (!is_leader()) return false;
  return std::any_of(peers_.begin(), peers_.end(), [&](const Progress& peer) {
    return peer.member.site == site && !peer.is_leaving && peer.state == PeerState::replicate &&
           peer.match >= commit_before_ && now_ - peer.contact < config_.election_min;
  });
}

void Replica::on(SiteId from, Term, AppendAnswer& answer) {
  if (!is_leader()) return;
  Progress& peer = *find(from);
  peer.contact = now_;
  peer.quiet_ticks = 0;
  if (!answer.ok) return refused(peer, answer);
  if (answer.index > log_.last_index()) return;
  peer.answered(answer.index);
  peer.match = std::max(peer.match, answer.index);
  peer.next = std::max(peer.next, next(peer.match));
  const bool is_back = peer.state == PeerState::snapshot && peer.match >= log_.base();
  if (peer.state == PeerState::probe || is_back) peer.begin_replicate();
  advance_commit();
  if (!is_leader()) return;
  send_entries(peer, false);
  send_commit(peer);
  advance_transfer();
}

void Replica::came_back(SiteId site, LogIndex held) {
  Progress* peer = is_leader() ? find(site) : nullptr;
  if (peer == nullptr || peer->match <= held) return;
  peer->match = held;
  peer->commit_sent = std::min(peer->commit_sent, held);
  peer->begin_probe();
}

// The logs part somewhere below: skips whole terms on both sides (Raft, end of section 5.3).
void Replica::refused(Progress& peer, const AppendAnswer& answer) {
  if (peer.state == PeerState::snapshot || answer.index <= peer.match) return;
  if (peer.state == PeerState::probe && previous(peer.next) != answer.index) return;
  LogIndex agreed = answer.hint_index;
  if (agreed >= log_.base()) agreed = log_.last_up_to(agreed, answer.hint_term);
  if (peer.state == PeerState::replicate) peer.begin_probe();
  peer.next = std::max(next(peer.match), std::min(answer.index, next(agreed)));
  peer.is_probing = false;
  send_entries(peer, true);
}

void Replica::on(SiteId from, Term, HeartbeatAnswer& answer) {
  if (!is_leader()) return;
  Progress& peer = *find(from);
  peer.contact = now_;
  peer.round = std::max(peer.round, std::min(answer.round, rounds_sent_));
  if (peer.state == PeerState::snapshot) {
    if (now_ - peer.chunk_sent >= config_.election_min) send_chunk(peer);
  } else if (peer.quiet_ticks >= 2 &&
             (peer.match < log_.last_index() || peer.state == PeerState::probe)) {
    // It lives, but an Append or its answer may be lost: ask where it stands.
    peer.quiet_ticks = 0;
    peer.is_probing = false;
    if (peer.is_full(config_)) peer.forget_oldest();
    send_entries(peer, true);
  }
  send_commit(peer);
  advance_rounds();
}

void Replica::on(SiteId from, Term, SnapshotAnswer& answer) {
  if (!is_leader()) return;
  Progress& peer = *find(from);
  peer.contact = now_;
  const bool is_current = peer.state == PeerState::snapshot && answer.index == snapshot_.index;
  if (!is_current || answer.next == peer.chunk) return;
  peer.chunk = answer.next;
  if (peer.chunk < snapshot_.chunks()) send_chunk(peer);
}

Result<void> Replica::transfer(BootTime now, SiteId target) {
  now_ = now;
  if (!is_leader()) return Error{Errc::no_leader, "not leading"};
  if (transfer_) return Error{Errc::busy, "already handing over"};
  Progress* peer = find(target);
  if (peer == nullptr || !peer->member.voter) return Error{Errc::bad_value, "not another voter"};
  transfer_ = Transfer{target, now_ + config_.election_max};
  send_entries(*peer, false);
  advance_transfer();
  return {};
}

void Replica::advance_transfer() {
  if (!transfer_ || transfer_->told) return;
  const Progress& peer = *find(transfer_->target);  // nobody is removed meanwhile
  if (peer.match != log_.last_index()) return;
  transfer_->told = true;
  say(peer.member.site, TimeoutNow{});
}

Result<std::uint64_t> Replica::begin_round(BootTime now) {
  now_ = now;
  if (!is_leader()) return Error{Errc::no_leader, "not leading"};
  const std::uint64_t round = ++rounds_begun_;
  advance_rounds();
  return round;
}

Result<void> Replica::read_index(BootTime now, std::uint64_t context) {
  now_ = now;
  if (!is_leader()) return Error{Errc::no_leader, "not leading"};
  reads_.push_back({context, ++rounds_begun_});
  advance_rounds();
  return {};
}

// At most one round is under way; those begun meanwhile share the next.
void Replica::advance_rounds() {
  if (!is_leader() || commit_ < term_start_) return;
  const auto confirmed = [&] {
    return reached_by(peers_, is_voter() ? std::optional(rounds_sent_) : std::nullopt, quorum(),
                      [](const Progress& p) { return p.round; });
  };
  rounds_confirmed_ = std::max(rounds_confirmed_, confirmed());
  if (rounds_sent_ < rounds_begun_ && rounds_confirmed_ == rounds_sent_) {
    rounds_sent_ = rounds_begun_;
    for (Progress& peer : peers_) send_heartbeat(peer);
    rounds_confirmed_ = std::max(rounds_confirmed_, confirmed());
  }
  while (!reads_.empty() && reads_.front().round <= rounds_confirmed_) {
    out_.reads.push_back({reads_.front().context, commit_});
    reads_.pop_front();
  }
}

void Replica::refuse_reads() {
  for (const Read& read : reads_) out_.reads.push_back({read.context, LogIndex{}});
  reads_.clear();
}

}  // namespace vigie::replica
