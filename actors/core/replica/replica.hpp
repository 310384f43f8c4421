// One voice of the federation: our own Raft core (Ongaro 2014), in the shape of etcd-io/raft.
//
// Input in, effects out: the shell (actors/room) gives messages, time, proposals and the
// confirmation of writes, then takes one Output. The core has no clock, no thread, no I/O and no
// chance of its own; it does not know what payloads mean. Every input carries the time, and the
// shell arms one timer for next_deadline().
//
// Promises: votes and acknowledgements leave only once what they promise is synced; commit needs
// any majority of syncs, the leader's own or not; only entries of the leader's term commit by
// counting. A write that fails has no input here: the process must exit (design D17).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/core/replica/config.hpp"
#include "actors/core/replica/log.hpp"
#include "actors/core/replica/members.hpp"
#include "actors/core/replica/output.hpp"
#include "actors/core/replica/progress.hpp"
#include "actors/core/replica/writes.hpp"
#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/raft.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

namespace vigie::replica {

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

class Replica {
 public:
  /// Begins as a follower with what the journal held. `seed` spreads the election timers: give
  /// every node and every start another.
  Replica(Config config, Start start, std::uint64_t seed, BootTime now);

  // Inputs. After each, or after each batch of them, take the Output. `now` never goes back.

  /// A message from `from`. Whatever it says: lost, repeated, late and foreign ones are harmless.
  void step(BootTime now, SiteId from, Message message);
  /// Lets deadlines pass. Drain the other inputs first (design D8), else a busy loop elects.
  void tick(BootTime now);
  /// Appends to the log of the leader; visible as a commit later, or never if leadership is lost.
  /// @return the index of the first; the others follow it.
  /// @errors Errc::no_leader: not leader, or handing over; send it to leader(). Errc::busy: log
  /// full (Config::log_bytes_max): wait for the snapshot. Errc::bad_value, Errc::too_large: a bug.
  Result<LogIndex> propose(BootTime now, std::vector<std::pair<EntryKind, Payload>> batch);
  /// `site` was started again, and its log reaches to `held`: it may have lost what it acknowledged
  /// after that, and is not counted for it any more.
  void came_back(SiteId site, LogIndex held);
  /// Appends a change of one member; in force here at once, everywhere once it is in their logs. A
  /// leader that removes itself leads until that is committed, then steps down: transfer() first.
  /// @return the index of the configuration entry.
  /// @errors Errc::no_leader: send it to leader(). Errc::busy: another change is not committed yet,
  /// or no entry of this term is, or who is to vote is not caught up: try again. Errc::bad_value:
  /// it says nothing new, or removes the last voter.
  Result<LogIndex> change(BootTime now, const MemberChange& change);
  /// Writes up to and including Output::write_no are synced.
  void persisted(BootTime now, std::uint64_t write_no);
  /// The link to `site` came up: whatever was under way before is lost.
  void peer_up(BootTime now, SiteId site);
  /// The link to `site` broke. If that is the leader, stickiness ends: pre-vote within 0..30 ms.
  void peer_lost(BootTime now, SiteId site);
  /// Asks for a linearisable read; answered in Output::reads with this `context`.
  /// @errors Errc::no_leader: ask leader().
  Result<void> read_index(BootTime now, std::uint64_t context);
  /// Begins to hand leadership to voter `target`; gives up by itself after election_max.
  /// @errors Errc::no_leader; Errc::bad_value: not another voter; Errc::busy: one is under way.
  Result<void> transfer(BootTime now, SiteId target);
  /// These do not get leadership for their priority until the next call; they may still be elected.
  void prefer_others_than(std::vector<SiteId> sites) { unfit_ = std::move(sites); }
  /// Begins a quorum round: rounds_confirmed() reaches the number returned once a majority has
  /// answered a heartbeat sent after this call, and not before the term's no-op is committed. Any
  /// number of callers share the rounds.
  /// @errors Errc::no_leader.
  Result<std::uint64_t> begin_round(BootTime now);
  /// This node's own snapshot `meta` (<= applied()) is durable: entries before `first_kept` are not
  /// needed in memory any more. Keeping some spares slow peers the snapshot.
  void compacted(BootTime now, const SnapshotMeta& meta, LogIndex first_kept);
  /// The state machine holds the snapshot of Output::finish_snapshot; entries flow again.
  /// @param members In force at its index; empty: Config::members still are.
  void snapshot_installed(BootTime now, LogIndex index, std::vector<Member> members);

  /// True when take_output() has something to do.
  bool has_output() const;
  /// What is to be done now. See Output for the order.
  Output take_output();

  // What is known.

  /// When tick() has something to do next.
  BootTime next_deadline() const;
  Role role() const { return role_; }
  bool is_leader() const { return role_ == Role::leader; }
  /// Leader with its no-op committed and handed out: it knows every committed entry.
  bool is_settled_leader() const { return is_leader() && handed_ >= term_start_; }
  bool is_transferring() const { return transfer_.has_value(); }
  bool is_installing() const { return installing_.has_value(); }
  /// A peer is being sent a snapshot: making a new one now would start it over.
  bool is_sending_snapshot() const;
  SiteId leader() const { return leader_; }  ///< 0: unknown
  Term term() const { return hard_.term; }
  SiteId vote() const { return hard_.vote; }
  LogIndex commit() const { return commit_; }
  LogIndex applied() const { return handed_; }  ///< handed out to be applied
  LogIndex stable() const { return writes_.stable(); }
  LogIndex last_index() const { return log_.last_index(); }
  /// With the term that the log has there; 0 where it does not know any more.
  LogPosition position(LogIndex index) const { return {log_.term(index).value_or(Term{}), index}; }
  const Log& log() const { return log_; }
  const Config& config() const { return config_; }
  const SnapshotMeta& snapshot() const { return snapshot_; }
  std::uint64_t rounds_confirmed() const { return rounds_confirmed_; }
  /// Messages dropped because no correct replica sends them: two leaders in a term, a change of
  /// what is committed, numbers beyond all use. More than 0 means that a peer is broken.
  std::uint64_t absurd_messages() const { return absurd_; }
  /// What this node knows of the others; match, contact and state mean something on a leader only.
  const std::vector<Progress>& peers() const { return peers_; }
  /// In force here, committed or not.
  const std::vector<Member>& members() const { return members_.now(); }
  /// Index of the entry that put them in force; 0: what this node began with.
  LogIndex members_since() const { return members_.since(); }
  /// In force at `index`; nullptr: not known any more.
  const std::vector<Member>* members_at(LogIndex index) const { return members_.at(index); }
  bool is_voter() const { return self_.voter; }
  bool is_member() const { return find_member(members(), config_.self) != nullptr; }
  /// On a leader: `site` answers and holds what was committed a heartbeat ago.
  bool is_caught_up(SiteId site) const;

 private:
  struct Transfer {
    SiteId target;
    BootTime give_up;
    bool told = false;
  };
  struct Install {
    SnapshotMeta meta;
    Term term;  ///< of the leader that sends it
    std::uint32_t next = 0;
    bool is_finished = false;  ///< handed to the shell, not yet in the state machine
  };
  struct Read {
    std::uint64_t context;
    std::uint64_t round;
  };

  // replica.cpp
  bool admit(SiteId from, const Message& message);
  void answer_stale(SiteId from, const Message& message);
  void say(SiteId to, MessageBody body) { say(to, hard_.term, std::move(body)); }
  void say(SiteId to, Term term, MessageBody body);
  void say_after_write(SiteId to, MessageBody body);
  void say_once_durable(SiteId to, LogIndex index, MessageBody body);
  bool is_hard_durable() const { return written_ == hard_ && writes_.is_hard_stable(); }
  void commit_to(LogIndex index);
  Progress* find(SiteId site);
  std::size_t quorum() const { return voters(members()) / 2 + 1; }
  void note_members(const LogEntry& entry);
  void adopt_members();
  Millis random(Millis min, Millis max);

  // absurd.cpp
  bool is_absurd(const Message& message) const;
  bool contradicts(const Append& append) const;

  // election.cpp
  void become_follower(Term term, SiteId leader);
  void campaign(bool pre, bool transfer);
  void become_leader();
  bool is_sticky() const;
  bool can_campaign() const;
  bool goes_first(SiteId other, const VoteRequest& request) const;
  void tally();
  void arm_election();
  void on(SiteId from, Term term, VoteRequest& request);
  void on(SiteId from, Term term, VoteAnswer& answer);
  void on(SiteId from, Term term, TimeoutNow& order);

  // follower.cpp
  void heard_leader(SiteId from);
  void accept(SiteId from, Append& append);
  void agree(LogIndex last);
  void on(SiteId from, Term term, Append& append);
  void on(SiteId from, Term term, Heartbeat& heartbeat);
  void on(SiteId from, Term term, SnapshotChunk& chunk);
  void finish_install(SiteId from);

  // leader.cpp
  void tick_leader();
  bool has_quorum_contact() const;
  void prefer_leader();
  void send_entries(Progress& peer, bool even_empty);
  void send_heartbeat(Progress& peer);
  void send_commit(Progress& peer);
  void send_chunk(Progress& peer);
  void advance_commit();
  void advance_transfer();
  void advance_rounds();
  void refuse_reads();
  void forget_leaving();
  void resign();
  void on(SiteId from, Term term, AppendAnswer& answer);
  void refused(Progress& peer, const AppendAnswer& answer);
  void on(SiteId from, Term term, HeartbeatAnswer& answer);
  void on(SiteId from, Term term, SnapshotAnswer& answer);

  friend struct Inspector;  // invariants.cpp

  Config config_;
  MemberHistory members_;
  Member self_;
  std::vector<Progress> peers_;  ///< everyone but self
  std::uint64_t chance_;
  BootTime now_;

  HardState hard_;
  HardState written_;  ///< as last put into an Output
  SnapshotMeta snapshot_;
  Log log_;
  Writes writes_;
  LogIndex unwritten_;  ///< first entry not yet put into an Output
  LogIndex commit_;
  LogIndex handed_;
  LogIndex agreed_;   ///< up to here this log was shown, since the start, to be that of the
  Term agreed_with_;  ///< leader of this term
  LogIndex commit_seen_;

  Role role_ = Role::follower;
  SiteId leader_;
  BootTime leader_contact_;
  BootTime election_at_;
  BootTime campaign_began_;
  bool own_vote_ = false;  ///< candidate: the vote for itself is synced
  std::optional<Install> installing_;

  LogIndex term_start_;     ///< leader: index of its no-op
  LogIndex commit_before_;  ///< leader: commit at its last heartbeat
  BootTime heartbeat_at_;
  BootTime prefer_at_;
  std::vector<SiteId> unfit_;
  std::optional<Transfer> transfer_;
  std::uint64_t rounds_begun_ = 0;
  std::uint64_t rounds_sent_ = 0;
  std::uint64_t rounds_confirmed_ = 0;
  std::deque<Read> reads_;

  std::uint64_t absurd_ = 0;
  Output out_;
};

}  // namespace vigie::replica
