// The shell of replica and room: it feeds the two cores and carries out what they ask for.
//
//   client requests, feeds -> Proposal -> (leader) replica -> {peers, disk} -> committed entries
//   -> room -> answers to our clients, one AppliedBatch to the desks
//
// Not an actor itself: RoomActor calls it, one input at a time, and so can a simulator. It owns no
// socket, thread or clock: Ports acts, Now is given. What it may keep that no core knows is only
// who waits for an answer here.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "actors/core/kpi/measures.hpp"
#include "actors/core/replica/leases.hpp"
#include "actors/core/replica/replica.hpp"
#include "actors/core/replica/sync_watch.hpp"
#include "actors/core/room/room.hpp"
#include "actors/room/archive_fetch.hpp"
#include "actors/room/federation_clock.hpp"
#include "actors/room/peer_memory.hpp"
#include "actors/room/ports.hpp"
#include "messages/codec/peer_codec.hpp"
#include "messages/types/applied.hpp"
#include "messages/types/intake.hpp"
#include "messages/types/wire.hpp"
#include "ops/telemetry/node_metrics.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::actors {

/// What a client's connection is allowed to be: resolved by the door from its CURVE key.
struct ClientInput {
  Connection connection = 0;
  PublicKey key{};
  ClientMessage message;
};

class Host {
 public:
  Host(HostSettings settings, replica::Start start, room::Room room, std::uint64_t seed, Now now,
       Ports& ports, telemetry::NodeMetrics& metrics);

  // Inputs. Call pump() after a batch of them.
  void on_client(Now now, ClientInput input);
  void on_client_gone(Connection connection);
  void on_local(Now now, Command command, std::function<void(const Answer&)> done);
  void on_peer(Now now, SiteId from, codec::PeerFrame frame);
  void on_peer_up(Now now, SiteId site);
  void on_peer_lost(Now now, SiteId site);
  void on_disk_done(Now now, DiskDone done);
  void on_time(Now now);
  /// Carries out everything that is to be done now. True when there is more (a snapshot's next
  /// slice): call again soon.
  bool pump(Now now);
  /// Answers whoever waits with Errc::stopping.
  void stop();

  /// When on_time() has something to do next.
  BootTime next_deadline(Now now) const;

  // For queries and metrics; on the room's thread.
  const room::Room& room() const { return room_; }
  /// Of what this process applied since it began, what was in its journal at the start included.
  const kpi::Measures& measures() const { return measures_; }
  /// The replicated one, or before there is any the founding one.
  const Directory& directory() const;
  /// All that a desk must know to begin anew, as of now.
  AppliedBatchPtr fresh_batch() const;
  const replica::Replica& replica() const { return replica_; }
  const HostSettings& settings() const { return settings_; }
  struct PeerView {
    BootTime last_heard;
    std::optional<codec::SiteStatus> status;
    NodeMode mode = NodeMode::starting;
    Level level = level_max;
    bool foreign = false;    ///< another process speaks for this site too: it is not listened to
    bool is_copied = false;  ///< of the same data folder: neither process is listened to
    BootTime foreign_heard;
    /// It came back with less than it had kept: it is not listened to, until it is taken in anew.
    bool forgot = false;
    bool has_joined = false;  ///< it was heard to be in the life that is remembered of it
    PeerMemory memory;
    BootTime boot_heard;  ///< when memory.boot was first heard
    Bits128 before;       ///< who spoke for it when the life began that is remembered of it
    BootTime life_began;  ///< here
  };
  /// Why `peer` is not listened to: "duplicate", "forgot", "itself"; empty: it is.
  static std::string_view quarantine_of(const PeerView& peer);
  const std::map<SiteId, PeerView>& peers() const { return peers_; }
  /// Proposed here, not yet applied here.
  std::size_t unreplicated() const { return pending_.size(); }
  /// On a leader: changes of members that are ordered and would leave no majority that is up, in
  /// words; they are made once that is over. Empty: none.
  const std::string& members_wait() const { return members_wait_; }
  codec::SiteStatus own_status() const;
  /// False while exams that closed in this node's absence are being fetched.
  bool is_archive_complete() const { return !gap_; }
  bool is_quarantined() const { return !settings_.quarantine.empty(); }
  /// It applies nothing from halted_at() on: applying that ended the process three times (F33).
  bool is_halted() const { return halted_at_ && room_.applied() < halted_at_; }
  LogIndex halted_at() const { return halted_at_; }
  /// Of the entry that it does not apply, hexadecimal, the same on every node; empty: not seen yet.
  const std::string& halted_hash() const { return halted_hash_; }
  /// True once this node has read its archive and found it right; only who may not vote does.
  bool is_archive_checked() const { return archive_check_ && archive_check_->is_right(); }

 private:
  struct Pending {
    Connection connection = 0;  ///< 0: from this node itself
    SessionId session;
    Incarnation incarnation;
    RequestNo request;
    std::string proposal;
    BootTime since;
    BootTime sent;
    std::function<void(const Answer&)> done;  ///< local ones
    bool founding = false;                    ///< may go before the federation has a directory
    bool of_leader = false;                   ///< ends with this node's leadership
    bool is_promised = false;                 ///< and not before: a lease counts on it
    /// Answered as soon as all that came before is applied here.
    std::optional<std::variant<Query, Subscribe>> barrier;
    PublicKey key{};  ///< whose barrier it is
  };
  struct WaitingRenewal {
    std::uint64_t round = 0;
    codec::Renewal renewal;
    Connection connection = 0;  ///< ours, or 0: goes to renewal.site
    Millis grant;               ///< as counted when it came: what the leader holds to
  };

  // host.cpp: inputs and the pump
  void handle(Now now, ClientInput& in, Hello& hello);
  void handle(Now now, ClientInput& in, ClientRequest& request);
  void handle(Now now, ClientInput& in, Renew& renew);
  void handle(Now now, ClientInput& in, Subscribe& wish);
  void handle(Now now, ClientInput& in, Query& query);
  /// Ends the subscriptions of those whom the directory lets see less, or others, than before.
  void end_blind_followers();
  void defer(Now now, const ClientInput& in, LogIndex seen, std::variant<Query, Subscribe> wish);
  void propose_barrier(Now now, Connection connection, const PublicKey& key,
                       std::variant<Query, Subscribe> wish);
  void answer_barrier(const Pending& pending, const Answer& answer);
  void tell(Connection connection, NodeMessage message);
  void carry_out(Now now, replica::Output& output);
  void archive_with(DiskJob& job);
  void archive_rest();
  void flush_client_messages();

  // reopening.cpp
  bool bring_record(const Reopen& command, Proposal& proposal, Pending& pending);
  void record_read(Now now, const codec::ArchiveChunk& chunk);

  // proposing.cpp
  std::uint64_t propose(Now now, Proposal proposal, Pending pending);
  Errc unfit(const Pending& pending) const;
  void propose_own(Now now, Command command);
  void send_pending(Now now);
  void resend_pending(Now now, bool all);
  Errc refused_now(const Command& command) const;
  void answer_pending(std::uint64_t correlation, const Answer& answer);
  void expire_pending(Now now);
  FedTime stamp(Now now) const { return clock_.at(now); }
  void note_entries(Now now, const std::vector<LogEntry>& entries);

  // leading.cpp
  void lead(Now now);
  void begin_leading(Now now);
  std::vector<SiteId> missing_founders() const;
  void found(Now now);
  void watch_sites(Now now);
  /// The federation's, for calendars.
  UtcTime utc() const { return room_.state().utc(); }
  Result<void> expand(Directory& directory, UtcTime utc) const;
  void extend_calendars(Now now);
  void expire_sessions(Now now);
  void renew(Now now, const codec::Renewal& renewal, Connection connection);
  void confirm_renewals(Now now);
  void settle_renewal(const codec::Renewal& renewal, Connection connection, Millis grant,
                      Errc code);
  void lose_leadership();
  void notice_stall(Now now);
  void restart_offers(Now now);
  Millis lease_of(SessionId session) const;
  void note_leases(Now now, const room::Effects& effects);
  void note_unknown_leases(Now now);
  void housekeep(Now now);

  // applying.cpp
  void apply(Now now, const std::vector<LogEntry>& entries);
  void apply_one(Now now, const LogEntry& entry, room::Effects& effects);
  void check_members() const;
  void publish(LogIndex from, room::Effects& effects);
  void publish_fresh();
  std::shared_ptr<const DeliveryJob> job_for(const Exam& exam, const Delivery& delivery) const;
  std::vector<Event> view() const;
  void serve_deferred(Now now);
  void expire_deferred(Now now);
  void count(const room::Effects& effects);
  void leave_to_newer(const LogEntry& entry, const std::string& what);

  // halting.cpp
  void count_end();
  bool stops_before(const LogEntry& entry);
  void applied_all();
  void leave(int code);
  bool refuse_halted(const ClientInput& in, const ClientMessage& message);

  // yielding.cpp
  bool is_silent(Now now, const PeerView& peer) const;
  bool is_listed(SiteId site) const;
  bool may_be_unknown(SiteId site) const;
  bool is_fit_to_lead() const {
    return !is_halted() && !is_disk_slow_ && !may_be_unknown(settings_.self);
  }
  bool is_fit_to_lead(SiteId site) const;
  void yield_leadership(Now now);
  bool hand_over(Now now, bool even_to_unfit);
  bool offer_leadership(Now now, bool to_fit);

  // checkpoints.cpp
  void keep_checkpoint(LogIndex index);
  void check_digest(Now now, const LogEntry& entry, SiteId by, const Checkpoint& checkpoint);
  void stop_if_outvoted(LogIndex index, const Bits128& ours);
  void propose_checkpoint(Now now);

  // peers.cpp
  Errc admit_peer(Now now, PeerView& peer, const codec::PeerHeader& header);
  static PeerMemory next_life(const PeerView& peer);
  void begin_life(Now now, PeerView& peer, std::uint16_t generation);
  static void give_way(PeerView& peer, const codec::PeerHeader& header);
  Errc refuse_for_good(PeerView& peer, const codec::PeerHeader& header);
  Errc recognise(Now now, PeerView& peer, const codec::PeerHeader& header);
  Errc two_speak(Now now, PeerView& peer, const codec::PeerHeader& header);
  void hear_log(Now now, SiteId from, codec::PeerFrame& frame);
  void recall_peers();
  std::map<SiteId, PeerMemory> memories() const;
  void remember_peers();
  void keep_memories();
  bool refuse_quarantined(const ClientInput& in);
  Level common_level() const;

  // membership.cpp
  void follow_members(Now now);
  std::optional<replica::MemberChange> owed_to(const Site& site) const;
  std::vector<replica::MemberChange> owed_changes() const;
  bool is_told_to_all(const replica::MemberChange& change) const;
  bool leaves_enough(Now now, const replica::MemberChange& change) const;
  bool may_vote(SiteId site) const;
  void order_members(Now now);
  void change_members(Now now, const replica::MemberChange& change);
  std::string in_words(const replica::MemberChange& change) const;
  void check_archive();
  void archive_read(const ArchiveCheck& check);

  // scrubbing.cpp
  void scrub(Now now);
  void scrubbed(Now now, Scrubbed slice);
  void ask_for_record(Now now);
  void take_record(Now now, codec::ArchiveChunk chunk);
  void repaired(Now now, const ArchiveRepair& repair);
  void give_up_record();

  // snapshots.cpp
  bool snapshot_step(Now now);
  LogIndex trailing_from(LogIndex index) const;
  void install(Now now, const SnapshotMeta& meta);
  void receive_chunks(const std::vector<replica::WriteSnapshotChunk>& chunks);

  // archives.cpp
  bool may_step(Now now, SiteId from, const replica::Message& message);
  void miss_archive(Now now, SiteId from, const replica::SnapshotChunk& first);
  void close_gap(Now now);
  void take_archive(Now now, SiteId from, codec::ArchiveChunk chunk);
  void archive_promoted(Now now, bool more);
  void watch_gap(Now now);
  void serve_archive(SiteId to, const codec::ArchiveWish& wish);
  void give_archive(SiteId to, codec::ArchiveChunk chunk);

  // frames.cpp
  void say(std::vector<replica::Message>& messages);
  void close_frame(SiteId site, codec::PeerFrame& frame);
  void add_to_frame(SiteId site, std::size_t bytes);
  codec::PeerFrame& outgoing(SiteId site);
  void flush_peers(Now now);

  HostSettings settings_;
  Ports& ports_;
  telemetry::NodeMetrics& metrics_;
  const std::uint64_t federation_hash_;
  replica::Replica replica_;
  room::Room room_;
  kpi::Measures measures_;
  replica::LeaseTable leases_;
  KeyId own_key_;

  std::map<std::uint64_t, Pending> pending_;  ///< by correlation, so in order of arrival
  std::uint64_t next_correlation_ = 0;
  std::vector<std::uint64_t> to_send_;
  std::vector<std::string> forwarded_;  ///< proposals of other doors, to be stamped here
  SiteId sent_to_leader_;               ///< whom pending_ was last sent to, and in which term
  Term sent_in_term_;

  BlackBox own_box_;  ///< where the settings name none
  BlackBox& box_;
  LogIndex halted_at_;
  std::string halted_hash_;
  replica::SyncWatch syncs_;
  bool is_disk_slow_ = false, is_somebody_silent_ = false;
  SiteId heir_;               ///< whom leadership was handed to last
  BootTime hand_over_at_;     ///< not again before
  Millis hand_over_pause_{};  ///< after the last one

  LogIndex replayed_to_;       ///< end of the log at our start
  replica::LogPosition held_;  ///< the same, for peers
  FederationClock clock_;

  bool leading_ = false;
  std::deque<WaitingRenewal> renewals_;
  std::map<SessionId, Connection> session_connections_;
  struct Deferred {
    Connection connection = 0;
    PublicKey key{};
    LogIndex seen;
    BootTime since;
    std::variant<Query, Subscribe> wish;
  };
  /// Who subscribed to what, with what he might see then; by connection and number.
  struct Follower {
    PublicKey key{};
    Desk desk = Desk::none;
    EstablishmentId hospital;
  };
  std::map<std::pair<Connection, std::uint32_t>, Follower> followers_;
  std::vector<Deferred> deferred_;  ///< wait until this node has applied what they have seen
  std::set<Connection> refused_;    ///< whose Hello was not good: nothing is served
  std::map<SiteId, PeerView> peers_;
  std::map<SiteId, PeerMemory> gone_;  ///< of sites that are no peers now, should they come back
  bool memory_due_ = false;            ///< what is remembered of the peers goes with the next write
  LogIndex members_since_;             ///< of the members whom peers_ follows
  std::string members_wait_;
  std::optional<ArchiveCheck> archive_check_;
  std::map<SiteId, codec::PeerFrame> outgoing_;
  std::map<SiteId, std::size_t> outgoing_bytes_;
  std::vector<std::pair<SiteId, std::string>> frames_;  ///< full ones, ready to go
  std::vector<std::pair<Connection, NodeMessage>> to_clients_;
  BootTime housekeeping_at_;
  BootTime found_at_, extend_calendars_at_;  ///< not again before
  BootTime expected_deadline_;
  std::map<LogIndex, Bits128> checkpoints_;                 ///< our digests, lately
  std::map<LogIndex, std::map<SiteId, Bits128>> opinions_;  ///< what nodes said in the log
  LogIndex spoken_at_;  ///< the last index where this node told that it differs
  bool tick_proposed_ = false;
  LogIndex checkpointed_;  ///< room's index when the last Checkpoint was applied

  struct AfterWrite {
    std::uint64_t write_no = 0;
    std::vector<replica::Message> messages;
  };
  std::deque<AfterWrite> after_write_;
  std::vector<room::ArchivedExam> to_archive_;
  std::vector<std::pair<Proposal, Pending>> reopening_;                 ///< wait for the disk
  std::array<telemetry::Counter*, event_kind_count> event_counters_{};  ///< by EventKind

  struct OwnSnapshot {
    SnapshotMeta meta;
    std::uint32_t chunks = 0;
    std::string rest;
    bool finishing = false;
    LogIndex keep_from;  ///< first entry to keep behind it
  };
  std::optional<OwnSnapshot> own_snapshot_;
  std::uint64_t log_bytes_ = 0;  ///< applied since the last snapshot
  std::uint64_t snapshot_bytes_ = 0;
  std::unique_ptr<room::SnapshotLoader> loader_;

  /// What the archive lacks for the snapshot that is being received.
  struct ArchiveGap {
    ArchiveFetch fetch;
    SiteId peer;  ///< is asked
    BootTime asked;
    std::optional<std::pair<SiteId, replica::Message>> last_chunk;  ///< of the snapshot: waits
    bool promoting = false;  ///< everything came and is right
    bool closed = false;     ///< and is durably part of the archive
  };
  std::optional<ArchiveGap> gap_;

  /// A damaged record of this node's archive, on its way from a peer.
  struct RecordRepair {
    storage::ArchiveRecord record;  ///< `bytes`: as far as they have come
    SiteId peer;                    ///< is asked; peers before it were
    BootTime asked;
    std::string first_answer;  ///< another peer's, which nothing here confirmed
    bool is_writing = false;
    codec::ArchiveWish wish() const {
      return {record.index, record.index, record.exam,
              static_cast<std::uint32_t>(record.bytes.size())};
    }
  };
  std::optional<RecordRepair> repair_;
  storage::ScrubPlace scrub_place_;
  bool is_scrubbing_ = false;  ///< a slice is with the disk
  BootTime scrub_at_;
  std::set<std::pair<LogIndex, ExamId>> unrepaired_;  ///< nobody has them whole
};

/// How long a site shows as quarantined after another instance spoke for it.
inline constexpr Millis foreign_shown = 5_s;
/// What is stored here, this node cannot serve with: EX_DATAERR.
inline constexpr int exit_unusable_data = 65;
/// Interval of Checkpoint entries (invariant I5).
inline constexpr std::uint64_t checkpoint_interval = 1000;
/// A deadline waits so long for somebody's entry, which fires it for nothing, before the leader
/// proposes a Tick of its own.
inline constexpr Millis tick_patience{10};
/// Queries and subscriptions that may wait for this node to catch up.
inline constexpr std::size_t deferred_max = 4096;

}  // namespace vigie::actors
