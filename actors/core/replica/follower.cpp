// What a follower does with what a leader sends: entries, heartbeats, snapshots.
#include <algorithm>

#include "actors/core/replica/replica.hpp"
#include "messages/types/assert.hpp"
#include "messages/types/planted.hpp"

namespace vigie::replica {

namespace {

bool is_well_formed(const Append& append, Term term) {
  LogIndex index = append.prev_index;
  Term before = append.prev_term;
  for (const LogEntry& entry : append.entries) {
    index = next(index);
    if (entry.index != index || entry.term < before || entry.term > term) return false;
    const bool lists_members = entry.kind == EntryKind::configuration;
    if (lists_members && !decode_members(entry.payload.bytes())) return false;
    before = entry.term;
  }
  return true;
}

}  // namespace

void Replica::heard_leader(SiteId from) {
  VIGIE_ASSERT(!is_leader());  // two leaders in one term
  if (role_ != Role::follower || leader_ != from) become_follower(hard_.term, from);
  leader_contact_ = now_;
  arm_election();
}

void Replica::on(SiteId from, Term term, Append& append) {
  heard_leader(from);
  if (!is_well_formed(append, term)) return;
  const bool is_full = log_.bytes() > 2 * config_.log_bytes_max;
  if (is_full && !append.entries.empty()) return;
  const LogIndex prev = append.prev_index;
  // Below the base everything is committed, so it agrees with any leader's log.
  if (prev >= log_.base() && !log_.matches(prev, append.prev_term)) {
    const LogIndex hint = log_.last_up_to(prev, append.prev_term);
    return say(from, AppendAnswer{false, prev, hint, *log_.term(hint)});
  }
  accept(from, append);
}

void Replica::accept(SiteId from, Append& append) {
  if (installing_ && !installing_->is_finished) installing_.reset();
  const LogIndex last{append.prev_index.value + append.entries.size()};
  bool is_changed = false;
  for (LogEntry& entry : append.entries) {
    if (entry.index <= log_.base() || log_.matches(entry.index, entry.term)) continue;
    if (entry.index <= log_.last_index()) {
      VIGIE_ASSERT(entry.index > commit_);
      log_.truncate_from(entry.index);
      agreed_ = std::min(agreed_, previous(entry.index));
      writes_.truncated(entry.index);
      unwritten_ = std::min(unwritten_, entry.index);
      is_changed |= members_.truncate_from(entry.index);
    }
    is_changed |= entry.kind == EntryKind::configuration;
    note_members(entry);
    log_.append(std::move(entry));
  }
  if (is_changed) adopt_members();
  agree(last);
  commit_to(std::max(commit_, std::min(append.commit, last)));
  const LogIndex acknowledged = is_planted(Bug::whole_log_acknowledged) ? log_.last_index() : last;
  say_once_durable(from, acknowledged, AppendAnswer{true, acknowledged, {}, {}});
}

void Replica::agree(LogIndex last) {
  if (agreed_with_ != hard_.term) agreed_ = {};
  agreed_with_ = hard_.term;
  agreed_ = std::max(agreed_, last);
}

// A heartbeat says what is committed without saying what it is. One that was on its way to this
// site before its start may count on what its disk lost since: only what this leader has shown to
// be the same, to this process, is committed by it.
void Replica::on(SiteId from, Term, Heartbeat& heartbeat) {
  heard_leader(from);
  const LogIndex shown = agreed_with_ == hard_.term ? agreed_ : LogIndex{};
  const LogIndex same = is_planted(Bug::heartbeat_beyond_match) ? log_.last_index() : shown;
  commit_to(std::max(commit_, std::min(heartbeat.commit, same)));
  say_once_durable(from, {}, HeartbeatAnswer{heartbeat.round});
}

void Replica::on(SiteId from, Term, SnapshotChunk& chunk) {
  heard_leader(from);
  const SnapshotMeta& meta = chunk.meta;
  if (log_.matches(meta.index, meta.term)) commit_to(meta.index);
  if (meta.index <= commit_) {  // nothing in it that is not here (Raft, figure 13, step 6)
    if (installing_ && !installing_->is_finished) installing_.reset();
    return say_once_durable(from, meta.index, AppendAnswer{true, meta.index, {}, {}});
  }
  if (installing_ && installing_->is_finished) return;
  if (!installing_ || installing_->meta != meta || installing_->term != hard_.term) {
    if (chunk.number != 0) return say(from, SnapshotAnswer{meta.index, 0});
    installing_ = Install{meta, hard_.term};
  }
  if (chunk.number != installing_->next) {
    return say(from, SnapshotAnswer{meta.index, installing_->next});
  }
  ++installing_->next;
  out_.chunks.push_back({meta, chunk.number, std::move(chunk.bytes)});
  if (installing_->next == meta.chunks()) return finish_install(from);
  say_after_write(from, SnapshotAnswer{meta.index, installing_->next});
}

void Replica::finish_install(SiteId from) {
  installing_->is_finished = true;
  snapshot_ = installing_->meta;
  out_.finish_snapshot = snapshot_;
  log_.reset(snapshot_.index, snapshot_.term);
  writes_.replaced();
  unwritten_ = next(snapshot_.index);
  handed_ = snapshot_.index;
  if (members_.truncate_from(unwritten_)) adopt_members();
  agreed_ = {};
  agree(snapshot_.index);
  commit_to(snapshot_.index);
  say_after_write(from, AppendAnswer{true, snapshot_.index, {}, {}});
}

}  // namespace vigie::replica
