// Inputs and outputs of a replica. What each role does is in election.cpp, follower.cpp,
// leader.cpp.
#include "actors/core/replica/replica.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "messages/types/assert.hpp"
#include "messages/types/limits.hpp"
#include "messages/types/planted.hpp"

namespace vigie::replica {

namespace {

/// Answers mean something only from those who were asked; anybody may lead or campaign, since
/// this node's own list may be behind (Ongaro 2014, section 4.1).
bool is_answer(const Message& message) {
  return std::holds_alternative<VoteAnswer>(message.body) ||
         std::holds_alternative<AppendAnswer>(message.body) ||
         std::holds_alternative<HeartbeatAnswer>(message.body) ||
         std::holds_alternative<SnapshotAnswer>(message.body);
}

template <class T>
void move_to_end(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

Replica::Replica(Config config, Start start, std::uint64_t seed, BootTime now)
    : config_(std::move(config)),
      members_(start.members.empty() ? config_.members : std::move(start.members)),
      chance_(seed),
      now_(now),
      hard_(start.hard),
      snapshot_(start.snapshot),
      log_(start.snapshot.index, start.snapshot.term),
      writes_(LogIndex{}),
      commit_(start.snapshot.index),
      handed_(start.snapshot.index) {
  VIGIE_ASSERT(config_.members.size() <= members_max && config_.election_min > config_.heartbeat &&
               config_.election_max > config_.election_min);
  for (LogEntry& entry : start.entries) {
    if (entry.index <= snapshot_.index) continue;
    note_members(entry);
    log_.append(std::move(entry));
  }
  adopt_members();
  commit_ = std::max(commit_, std::min(start.committed, log_.last_index()));
  writes_ = Writes(log_.last_index());
  written_ = hard_;
  unwritten_ = next(log_.last_index());
  commit_seen_ = std::max(start.commit_seen, commit_);
  if (hard_.term < log_.last_term()) hard_ = {log_.last_term(), {}};
  arm_election();
  if (quorum() == 1 && is_voter()) election_at_ = now_;
}

void Replica::step(BootTime now, SiteId from, Message message) {
  now_ = now;
  if (from == config_.self || (is_answer(message) && find(from) == nullptr)) return;
  if (is_absurd(message)) {
    ++absurd_;
    return;
  }
  if (!admit(from, message)) return;
  std::visit([&](auto& body) { on(from, message.term, body); }, message.body);
}

// What the message's term means for ours. True if the message is to be looked at.
bool Replica::admit(SiteId from, const Message& message) {
  if (message.term == hard_.term) return true;
  if (message.term < hard_.term) {
    const bool is_answer = std::holds_alternative<AppendAnswer>(message.body);
    if (is_planted(Bug::old_answer_counted) && is_leader() && is_answer) return true;
    answer_stale(from, message);
    return false;
  }
  if (const auto* request = std::get_if<VoteRequest>(&message.body)) {
    if (is_sticky() && !request->transfer) return false;
    if (request->pre) return true;
  }
  const auto* answer = std::get_if<VoteAnswer>(&message.body);
  if (answer != nullptr && answer->pre && answer->granted) return true;
  become_follower(message.term, {});
  return true;
}

// One who is behind must learn the newer term, else it could never lead nor follow again.
void Replica::answer_stale(SiteId from, const Message& message) {
  const auto* request = std::get_if<VoteRequest>(&message.body);
  if (request != nullptr && request->pre) return say(from, VoteAnswer{.pre = true});
  const bool is_from_leader = std::holds_alternative<Append>(message.body) ||
                              std::holds_alternative<Heartbeat>(message.body) ||
                              std::holds_alternative<SnapshotChunk>(message.body);
  if (is_from_leader) say(from, HeartbeatAnswer{});
}

void Replica::tick(BootTime now) {
  now_ = now;
  if (is_leader()) return tick_leader();
  if (now_ < election_at_) return;
  if (can_campaign()) return campaign(true, false);
  leader_ = {};
  arm_election();
}

Result<LogIndex> Replica::propose(BootTime now, std::vector<std::pair<EntryKind, Payload>> batch) {
  now_ = now;
  if (!is_leader() || transfer_) return Error{Errc::no_leader, "not leading"};
  if (batch.empty()) return Error{Errc::bad_value, "empty batch"};
  std::size_t bytes = 0;
  for (const auto& [kind, payload] : batch) {
    if (kind == EntryKind::configuration) return Error{Errc::bad_value, "member change"};
    if (payload.size() > limits::entry_bytes) return Error{Errc::too_large, "log entry"};
    bytes += payload.size() + sizeof(LogEntry);
  }
  if (log_.bytes() + bytes > config_.log_bytes_max) return Error{Errc::busy, "log is full"};
  const LogIndex first = next(log_.last_index());
  for (auto& [kind, payload] : batch) {
    log_.append({next(log_.last_index()), hard_.term, kind, std::move(payload)});
  }
  for (Progress& peer : peers_) send_entries(peer, false);
  return first;
}

void Replica::persisted(BootTime now, std::uint64_t write_no) {
  now_ = now;
  writes_.persisted(write_no);
  if (role_ == Role::candidate && !own_vote_ && is_hard_durable()) {
    own_vote_ = true;
    tally();
  }
  advance_commit();
}

void Replica::peer_up(BootTime now, SiteId site) {
  now_ = now;
  Progress* peer = find(site);
  if (peer == nullptr || !is_leader()) return;
  peer->begin_probe();
  send_heartbeat(*peer);
  send_entries(*peer, true);
}

void Replica::peer_lost(BootTime now, SiteId site) {
  now_ = now;
  Progress* peer = find(site);
  if (peer == nullptr) return;
  if (is_leader()) return peer->begin_probe();
  if (site != leader_) return;
  leader_ = {};
  election_at_ = std::min(election_at_, now_ + random(Millis{0}, config_.leader_lost_delay_max));
}

void Replica::compacted(BootTime now, const SnapshotMeta& meta, LogIndex first_kept) {
  now_ = now;
  VIGIE_ASSERT(meta.index <= handed_ && first_kept.value > 0);
  if (meta.index <= snapshot_.index) return;
  snapshot_ = meta;
  const LogIndex base = std::min({meta.index, previous(first_kept), writes_.stable()});
  if (base > log_.base()) log_.compact(base);
  if (!is_leader()) return;
  for (Progress& peer : peers_) {
    if (peer.state != PeerState::snapshot) continue;
    peer.chunk = 0;
    send_chunk(peer);
  }
}

void Replica::snapshot_installed(BootTime now, LogIndex index, std::vector<Member> members) {
  now_ = now;
  VIGIE_ASSERT(installing_ && installing_->is_finished && installing_->meta.index == index);
  installing_.reset();
  if (!members.empty()) members_.restore(index, std::move(members));
  adopt_members();
  arm_election();
}

bool Replica::has_output() const {
  const bool may_apply = !installing_ || !installing_->is_finished;
  return out_.has_write() || !out_.messages.empty() || !out_.messages_after_write.empty() ||
         !out_.send_chunks.empty() || !out_.reads.empty() || hard_ != written_ ||
         unwritten_ <= log_.last_index() || (may_apply && handed_ < commit_);
}

Output Replica::take_output() {
  Output out = std::move(out_);
  out_ = {};
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  if (hard_ != written_) out.hard = hard_;
  written_ = hard_;
  out.entries = log_.slice(unwritten_, log_.last_index(), all, all);
  unwritten_ = next(log_.last_index());
  if (out.has_write()) writes_.issue(log_.last_index(), out.hard.has_value());
  out.write_no = writes_.newest();
  if (writes_.is_idle()) move_to_end(out.messages_after_write, out.messages);
  if (!installing_ || !installing_->is_finished) {
    out.committed = log_.slice(next(handed_), commit_, config_.apply_bytes_max, all);
    handed_.value += out.committed.size();
  }
  return out;
}

BootTime Replica::next_deadline() const { return is_leader() ? heartbeat_at_ : election_at_; }

bool Replica::is_sending_snapshot() const {
  return is_leader() && std::any_of(peers_.begin(), peers_.end(), [](const Progress& peer) {
           return peer.state == PeerState::snapshot;
         });
}

void Replica::say(SiteId to, Term term, MessageBody body) {
  out_.messages.push_back({to, term, std::move(body)});
}

void Replica::say_after_write(SiteId to, MessageBody body) {
  out_.messages_after_write.push_back({to, hard_.term, std::move(body)});
}

// An answer that promises this term and the log up to `index`: at once if both are on disk.
void Replica::say_once_durable(SiteId to, LogIndex index, MessageBody body) {
  if (is_planted(Bug::acknowledged_before_write) ||
      (is_hard_durable() && index <= writes_.stable())) {
    say(to, std::move(body));
  } else {
    say_after_write(to, std::move(body));
  }
}

void Replica::commit_to(LogIndex index) {
  VIGIE_ASSERT(index <= log_.last_index());
  commit_ = std::max(commit_, index);
  commit_seen_ = std::max(commit_seen_, commit_);
  members_.settle(commit_);
}

Progress* Replica::find(SiteId site) {
  const auto found = std::find_if(peers_.begin(), peers_.end(),
                                  [&](const Progress& peer) { return peer.member.site == site; });
  return found == peers_.end() ? nullptr : &*found;
}

// A change of members counts from the log on. What cannot be read is no list of anybody's: the
// follower refuses such an Append, so it is not in this log.
void Replica::note_members(const LogEntry& entry) {
  if (entry.kind != EntryKind::configuration) return;
  auto members = decode_members(entry.payload.bytes());
  VIGIE_ASSERT(members && "a list of members in the log must be readable");
  members_.append(entry.index, std::move(*members));
}

// Who is known of stays known, with all that is known of it.
void Replica::adopt_members() {
  const Member* self = find_member(members(), config_.self);
  self_ = self != nullptr ? *self : Member{config_.self, false, 0};
  for (Progress& peer : peers_) {
    const Member* member = find_member(members(), peer.member.site);
    if (member == nullptr && !peer.is_leaving) {
      peer.leaving_until = now_ + config_.election_max * 10;
      peer.member.voter = false;
    }
    const bool is_back = peer.is_leaving && member != nullptr;
    peer.is_leaving = member == nullptr;
    if (member != nullptr) peer.member = *member;
    // Taken in anew: what it acknowledged before, it may have lost.
    if (is_back) peer.restart(log_.last_index(), now_);
  }
  if (!is_leader()) forget_leaving();
  for (const Member& member : members()) {
    if (member.site == config_.self || find(member.site) != nullptr) continue;
    Progress& peer = peers_.emplace_back();
    peer.member = member;
    peer.restart(log_.last_index(), now_);
  }
}

// In [min, max]: splitmix64, seeded by the shell.
Millis Replica::random(Millis min, Millis max) {
  chance_ += 0x9e3779b97f4a7c15u;
  std::uint64_t z = chance_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  const auto span = static_cast<std::uint64_t>(max.value - min.value) + 1;
  return {min.value + static_cast<std::int64_t>(z % span)};
}

}  // namespace vigie::replica
