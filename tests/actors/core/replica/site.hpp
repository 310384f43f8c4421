// One site of these tests: a replica, a disk that syncs when told and forgets the rest in a crash,
// and a state machine that is a digest. It does what the shell in actors/room does.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/core/replica/invariants.hpp"
#include "actors/core/replica/replica.hpp"
#include "tests/actors/core/replica/history.hpp"

namespace vigie::replica {

struct Envelope {
  SiteId from;
  Message message;
};

/// One Output's share for the disk, with the messages that wait for it.
struct Write {
  std::uint64_t number = 0;
  std::optional<HardState> hard;
  std::optional<SnapshotMeta> finish;
  std::uint64_t finish_digest = 0;
  std::vector<Member> finish_members;
  std::vector<LogEntry> entries;
  std::vector<Message> messages;
  LogIndex commit;  ///< as it was known then
};

/// What is synced.
struct Disk {
  HardState hard;
  SnapshotMeta snapshot;
  std::uint64_t snapshot_digest = 0;
  std::vector<Member> snapshot_members;  ///< empty: those of the start
  std::vector<LogEntry> entries;         ///< after snapshot.index
  LogIndex commit_seen;

  LogIndex last() const { return {snapshot.index.value + entries.size()}; }
  bool holds(LogIndex index, Term term) const {
    if (index > last()) return false;
    if (index < snapshot.index) return true;
    if (index == snapshot.index) return term == snapshot.term;
    return entries[index.value - snapshot.index.value - 1].term == term;
  }
  void install(const SnapshotMeta& meta, std::uint64_t digest, std::vector<Member> members,
               bool drop_log) {
    const auto covered = static_cast<std::ptrdiff_t>(meta.index.value - snapshot.index.value);
    entries.erase(entries.begin(), drop_log ? entries.end() : entries.begin() + covered);
    snapshot = meta;
    snapshot_digest = digest;
    snapshot_members = std::move(members);
  }
  void write(const Write& w) {
    if (w.hard) hard = *w.hard;
    commit_seen = std::max(commit_seen, w.commit);
    if (w.finish) install(*w.finish, w.finish_digest, w.finish_members, true);
    for (const LogEntry& entry : w.entries) {
      if (entry.index <= snapshot.index) continue;  // compacted meanwhile
      const std::size_t place = entry.index.value - snapshot.index.value - 1;
      VIGIE_ASSERT(place <= entries.size());
      entries.resize(place);
      entries.push_back(entry);
    }
  }
};

class Site {
 public:
  Site(Config config, History& history) : config_(std::move(config)), history_(&history) {}

  Disk disk;
  std::deque<Write> writes;       ///< not yet synced
  std::vector<Envelope> sent;     ///< for the network to take
  std::vector<ReadState> reads;   ///< answers, never cleared
  std::vector<LogEntry> applied;  ///< since the last start or snapshot
  std::uint32_t chunks_per_snapshot = 3;

  SiteId id() const { return config_.self; }
  bool is_up() const { return replica_ != nullptr; }
  Replica& replica() { return *replica_; }
  const Replica& replica() const { return *replica_; }
  LogIndex applied_index() const { return applied_index_; }
  std::uint64_t digest() const { return digest_; }

  void start(std::uint64_t seed, BootTime now) {
    Start from{disk.hard,        disk.snapshot,         disk.entries,
               disk.commit_seen, disk.snapshot_members, disk.commit_seen};
    replica_ = std::make_unique<Replica>(config_, std::move(from), seed, now);
    watch_ = {};
    checked_ = disk.snapshot.index;
    restore(disk.snapshot.index, disk.snapshot_digest, disk.snapshot_members);
  }
  /// Everything that is not synced is gone. The first `lucky` writes were, but nobody was told.
  void crash(std::size_t lucky = 0) {
    for (std::size_t i = 0; i < lucky && i < writes.size(); ++i) disk.write(writes[i]);
    replica_.reset();
    writes.clear();
    sent.clear();
  }

  /// After every input: takes what is to be done, does it, and checks.
  void settle() {
    check();
    if (!is_up() || !replica_->has_output()) return;
    while (replica_->has_output()) absorb(replica_->take_output());
    check();
  }
  /// Syncs the oldest write.
  void sync_one(BootTime now) {
    const Write write = std::move(writes.front());
    writes.pop_front();
    disk.write(write);
    if (write.finish) {
      restore(write.finish->index, write.finish_digest, write.finish_members);
      if (digest_ != history_->digest_at(applied_index_)) history_->fail("a wrong snapshot");
      replica_->snapshot_installed(now, applied_index_, applied_members_);
    }
    replica_->persisted(now, write.number);
    for (const Message& message : write.messages) send(message);
    settle();
  }
  /// Makes a snapshot of what is applied and synced; keeps `spare` entries.
  void compact(BootTime now, std::uint64_t spare) {
    const bool is_synced = applied_index_ <= replica_->stable();
    if (!is_synced || replica_->is_installing() || applied_index_ <= disk.snapshot.index) return;
    SnapshotMeta meta{applied_index_, *replica_->log().term(applied_index_), {}, 0};
    meta.bytes = (chunks_per_snapshot - 1) * limits::snapshot_chunk_bytes + 1;
    disk.install(meta, digest_, applied_members_, false);
    const std::uint64_t kept = meta.index.value > spare ? meta.index.value - spare : 0;
    replica_->compacted(now, meta, LogIndex{kept + 1});
    settle();
  }

 private:
  void restore(LogIndex index, std::uint64_t digest, std::vector<Member> members) {
    applied_index_ = index;
    digest_ = digest;
    applied_members_ = std::move(members);
    applied.clear();
  }
  void check() {
    if (!is_up()) return;
    for (const std::string& broken : {find_violation(*replica_), watch_.observe(*replica_)}) {
      if (!broken.empty()) history_->fail("site " + std::to_string(id().value) + ": " + broken);
    }
    if (replica_->absurd_messages() > 0) history_->fail("a peer said what no replica may say");
    history_->observe(*replica_, checked_);
  }
  void send(const Message& message) {
    check_promise(message);
    sent.push_back({id(), message});
  }
  // No vote and no acknowledgement leaves for what is not on the disk.
  void check_promise(const Message& message) {
    if (const auto* vote = std::get_if<VoteAnswer>(&message.body)) {
      const bool is_kept = disk.hard == HardState{message.term, message.to};
      if (vote->granted && !vote->pre && !is_kept && disk.hard.term <= message.term) {
        history_->fail("a vote left before it was synced");
      }
    }
    if (const auto* request = std::get_if<VoteRequest>(&message.body)) {
      if (!request->pre && disk.hard.term < message.term) history_->fail("a term unsynced");
      if (!request->pre && request->last_index > disk.last() && disk.hard.term == message.term) {
        history_->fail("a candidate boasts of unsynced entries");
      }
    }
    const auto* answer = std::get_if<AppendAnswer>(&message.body);
    if (answer == nullptr || !answer->ok || replica_->term() != message.term) return;
    const auto term = replica_->log().term(answer->index);
    if (term && !disk.holds(answer->index, *term)) history_->fail("unsynced, yet acknowledged");
  }
  void absorb(Output out) {
    for (const WriteSnapshotChunk& chunk : out.chunks) {
      const std::string& bytes = chunk.bytes.bytes();
      const std::size_t comma = bytes.find(',');
      chunk_digest_ = std::stoull(bytes);
      chunk_members_.clear();
      if (comma < bytes.size() - 1) chunk_members_ = *decode_members(bytes.substr(comma + 1));
    }
    if (!out.entries.empty()) {
      history_->wrote(*replica_->log().term(previous(out.entries.front().index)), out.entries);
    }
    for (const Message& message : out.messages) send(message);
    for (const SendSnapshotChunk& chunk : out.send_chunks) {
      if (chunk.meta != disk.snapshot) continue;
      std::string bytes = std::to_string(disk.snapshot_digest) + ",";
      if (!disk.snapshot_members.empty()) bytes += encode_members(disk.snapshot_members).bytes();
      send({chunk.to, chunk.term,
            SnapshotChunk{chunk.meta, chunk.number, Payload(std::move(bytes))}});
    }
    for (const LogEntry& entry : out.committed) {
      if (entry.index != next(applied_index_)) history_->fail("applied out of order");
      digest_ = mix(digest_, entry);
      applied_index_ = entry.index;
      if (entry.kind == EntryKind::configuration) {
        applied_members_ = *decode_members(entry.payload.bytes());
      }
      applied.push_back(entry);
      history_->applied(entry, digest_);
    }
    reads.insert(reads.end(), out.reads.begin(), out.reads.end());
    if (!out.has_write() && out.messages_after_write.empty()) return;
    writes.push_back({out.write_no, out.hard, out.finish_snapshot, chunk_digest_, chunk_members_,
                      std::move(out.entries), std::move(out.messages_after_write),
                      replica_->commit()});
  }

  Config config_;
  History* history_;
  std::unique_ptr<Replica> replica_;
  Watch watch_;
  LogIndex checked_;
  LogIndex applied_index_;
  std::uint64_t digest_ = 0;
  std::vector<Member> applied_members_;  ///< empty: those of the start
  std::uint64_t chunk_digest_ = 0;
  std::vector<Member> chunk_members_;
};

}  // namespace vigie::replica
