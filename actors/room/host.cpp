#include "actors/room/host.hpp"

#include <algorithm>

#include "actors/room/queries.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

Host::Host(HostSettings settings, replica::Start start, room::Room room, std::uint64_t seed,
           Now now, Ports& ports, telemetry::NodeMetrics& metrics)
    : settings_(std::move(settings)),
      ports_(ports),
      metrics_(metrics),
      federation_hash_(codec::federation_hash(settings_.federation)),
      replica_(settings_.raft, start, seed, now.boot),
      room_(std::move(room)),
      box_(settings_.black_box ? *settings_.black_box : own_box_),
      clock_(settings_.machine_boot, settings_.clock_mark,
             std::max(room_.now(), newest_stamp(start.entries)), now) {
  count_end();
  measures_.begin(room_.state());
  // A correlation must never be mistaken for one of an earlier start: replayed entries carry them.
  // In a folder made anew the starts are counted anew, hence the number that is drawn.
  next_correlation_ = (static_cast<std::uint64_t>(settings_.boot.value) << 40) + settings_.run / 4;
  note_unknown_leases(now);
  held_ = replica_.position(replica_.last_index());
  replayed_to_ = held_.index;
  for (std::size_t kind = 0; kind < event_counters_.size(); ++kind) {
    event_counters_[kind] = &metrics_.room.events.of(name_of(static_cast<EventKind>(kind)));
  }
  housekeeping_at_ = now.boot;
  scrub_at_ = now.boot + std::min(settings_.scrub_pause, 60_s);
  check_members();
  follow_members(now);
  recall_peers();
  if (is_quarantined()) {
    telemetry::log_error("quarantined", {{"why", settings_.quarantine},
                                         {"advice", "see ops/docs/runbook-rejoin.md"}});
  } else {
    publish_fresh();
  }
  ports_.directory_changed(std::make_shared<const Directory>(directory()));
}

const Directory& Host::directory() const {
  return room_.directory().version > 0 ? room_.directory() : settings_.founding;
}

void Host::tell(Connection connection, NodeMessage message) {
  to_clients_.emplace_back(connection, std::move(message));
}

void Host::on_client(Now now, ClientInput in) {
  // Version and federation come first: after a bad Hello only another Hello is looked at.
  if (refused_.contains(in.connection) && !std::holds_alternative<Hello>(in.message)) {
    return tell(in.connection, Complaint{Errc::wrong_version, "no good Hello"});
  }
  if (is_quarantined() && refuse_quarantined(in)) return;
  if (is_halted() && refuse_halted(in, in.message)) return;
  std::visit([&](auto& message) { handle(now, in, message); }, in.message);
}

void Host::handle(Now, ClientInput& in, Hello& hello) {
  refused_.insert(in.connection);
  if (!hello.federation.empty() && hello.federation != settings_.federation) {
    return tell(in.connection, Complaint{Errc::wrong_federation, settings_.federation});
  }
  if (hello.version_min > protocol_version || hello.version_max < protocol_version_min) {
    return tell(in.connection, Complaint{Errc::wrong_version, "this node speaks version 1"});
  }
  const Key* key = directory().key_with(in.key);
  if (!key || key->revoked) return tell(in.connection, Complaint{Errc::unknown_key, {}});
  refused_.erase(in.connection);
  Welcome welcome;
  welcome.federation = settings_.federation;
  welcome.level = room_.level();
  welcome.site = settings_.self;
  welcome.site_name = settings_.site_name;
  welcome.instance = settings_.instance;
  welcome.boot = settings_.boot;
  welcome.mode = is_quarantined() ? NodeMode::quarantined
                 : is_halted()    ? NodeMode::halted
                                  : NodeMode::connected;
  welcome.applied = room_.applied();
  welcome.key = key->id;
  welcome.person = key->person;
  welcome.concentrator = key->concentrator;
  tell(in.connection, std::move(welcome));
}

void Host::handle(Now now, ClientInput& in, ClientRequest& request) {
  const Key* key = directory().key_with(in.key);
  const bool attach = std::holds_alternative<Attach>(request.command);
  const auto refuse_early = [&](Errc code, std::string text = {}) {
    ClientAnswer refused{request.session, request.incarnation, {}};
    refused.answer.code = code;
    refused.answer.request = request.request;
    refused.answer.text = std::move(text);
    tell(in.connection, std::move(refused));
  };
  if (!key || key->revoked) return refuse_early(Errc::unknown_key);
  if (!request.session || (!attach && !request.request)) return refuse_early(Errc::bad_value);
  if (const Errc code = refused_now(request.command); code != Errc::ok) return refuse_early(code);
  if (auto* apply = std::get_if<ApplyDirectory>(&request.command)) {
    const room::Session* session = room_.state().sessions().find(request.session);
    const bool may = session && session->key == key->id && session->role == Role::administrator;
    const auto done = may ? expand(apply->directory, utc()) : Result<void>{};
    if (!done) return refuse_early(done.error().code, done.error().what);
  }
  Proposal proposal;
  proposal.key = key->id;
  proposal.session = request.session;
  proposal.incarnation = request.incarnation;
  proposal.request = request.request;
  proposal.content_hash = request.content_hash;
  proposal.command = std::move(request.command);
  if (auto* a = std::get_if<Attach>(&proposal.command)) {
    proposal.session = a->session;
    proposal.incarnation = a->incarnation;
    proposal.request = {};
  }
  Pending pending;
  pending.connection = in.connection;
  pending.session = request.session;
  pending.incarnation = request.incarnation;
  pending.request = request.request;
  const auto* reopen = std::get_if<Reopen>(&proposal.command);
  if (reopen && bring_record(*reopen, proposal, pending)) return;
  propose(now, std::move(proposal), std::move(pending));
}

void Host::handle(Now now, ClientInput& in, Renew& r) {
  const Key* key = directory().key_with(in.key);
  const room::Session* session = room_.state().sessions().find(r.session);
  const bool own = key && !key->revoked && (!session || session->key == key->id);
  if (!own) {
    return tell(in.connection,
                RenewAck{r.session, r.incarnation, r.mark, 0_ms, Errc::unauthorised});
  }
  if (session || session_connections_.size() < limits::sessions_count) {
    session_connections_[r.session] = in.connection;
  }
  renew(now, {r.session, r.incarnation, r.mark, settings_.self}, in.connection);
}

void Host::handle(Now now, ClientInput& in, Subscribe& wish) {
  if (wish.from > room_.applied()) return defer(now, in, wish.from, wish);
  const Key* key = directory().key_with(in.key);
  const room::Session* session = room_.state().sessions().find(wish.session);
  const bool own = session && key && session->key == key->id;
  if (wish.desk == Desk::all && !may_follow(directory(), in.key)) {
    return tell(in.connection, Complaint{Errc::unauthorised, "subscribe"});
  }
  if (wish.desk != Desk::all && !own) {
    return tell(in.connection,
                Complaint{session ? Errc::unauthorised : Errc::no_session, "subscribe"});
  }
  if (wish.desk == Desk::regulator && session->role != Role::regulator &&
      session->role != Role::assistant) {
    return tell(in.connection, Complaint{Errc::unauthorised, "subscribe"});
  }
  const EstablishmentId hospital = hospital_of(directory(), in.key);
  if (wish.desk == Desk::none) {
    followers_.erase({in.connection, wish.subscription});
  } else {
    followers_[{in.connection, wish.subscription}] = {in.key, wish.desk, hospital};
  }
  ports_.subscribe(in.connection, wish, hospital);
}

void Host::end_blind_followers() {
  for (auto at = followers_.begin(); at != followers_.end();) {
    const auto& [address, follower] = *at;
    const Key* key = directory().key_with(follower.key);
    const bool sees_as_before =
        follower.desk != Desk::all || (may_follow(directory(), follower.key) &&
                                       hospital_of(directory(), follower.key) == follower.hospital);
    if (key && !key->revoked && sees_as_before) {
      ++at;
      continue;
    }
    ports_.subscribe(address.first, {address.second, Desk::none, {}, {}}, {});
    tell(address.first, Complaint{Errc::unauthorised, "subscribe"});
    at = followers_.erase(at);
  }
}

void Host::handle(Now now, ClientInput& in, Query& query) {
  if (query.linearizable) {  // through the log: whoever answers has applied all that came before
    return propose_barrier(now, in.connection, in.key, query);
  }
  const bool is_behind = query.seen > room_.applied() && !is_planted(Bug::stale_read);
  if (is_behind) return defer(now, in, query.seen, query);
  for (QueryReply& reply : answer_query(*this, query, now, in.key))
    tell(in.connection, std::move(reply));
}

void Host::on_client_gone(Connection connection) {
  std::erase_if(session_connections_, [&](const auto& s) { return s.second == connection; });
  std::erase_if(deferred_, [&](const Deferred& d) { return d.connection == connection; });
  std::erase_if(followers_, [&](const auto& f) { return f.first.first == connection; });
  for (auto& [correlation, pending] : pending_) {
    if (!pending.barrier || pending.connection != connection) continue;
    pending.barrier.reset();
    pending.connection = 0;
  }
  refused_.erase(connection);
}

void Host::on_local(Now now, Command command, std::function<void(const Answer&)> done) {
  if (const Errc code = refused_now(command); code != Errc::ok) {
    Answer refused;
    refused.code = code;
    return done(refused);
  }
  Proposal proposal;
  proposal.key = own_key_;
  proposal.command = std::move(command);
  Pending pending;
  pending.done = std::move(done);
  propose(now, std::move(proposal), std::move(pending));
}

void Host::on_peer(Now now, SiteId from, codec::PeerFrame frame) {
  const auto at = peers_.find(from);
  if (at == peers_.end() || frame.header.site != from) return;
  PeerView& peer = at->second;
  const Errc code = admit_peer(now, peer, frame.header);
  if (code == Errc::superseded) return hear_log(now, from, frame);
  if (code != Errc::ok) {
    metrics_.door.rejected_peer.of(errc_name(code)).add();
    return;
  }
  if (frame.status) peer.status = std::move(frame.status);
  // One of the two must not promise anything.
  if (is_quarantined() || frame.header.mode == NodeMode::quarantined) return;
  const std::uint64_t absurd = replica_.absurd_messages();
  for (replica::Message& m : frame.raft) {
    if (may_step(now, from, m)) replica_.step(now.boot, from, std::move(m));
  }
  if (replica_.absurd_messages() > absurd) {
    metrics_.door.rejected_peer.of(errc_name(Errc::bad_value)).add();
  }
  if (frame.archive_wish) serve_archive(from, *frame.archive_wish);
  if (frame.archive_chunk) take_archive(now, from, std::move(*frame.archive_chunk));
  for (std::string& bytes : frame.proposals) {  // nobody waits here: their own door answers
    if (replica_.is_leader() && !is_halted()) forwarded_.push_back(std::move(bytes));
  }
  for (const codec::Renewal& r : frame.renewals) {
    if (r.site == from) renew(now, r, 0);
  }
  for (const RenewAck& ack : frame.renewal_acks) {
    const auto connection = session_connections_.find(ack.session);
    if (connection != session_connections_.end()) tell(connection->second, ack);
  }
}

void Host::on_peer_up(Now now, SiteId site) {
  replica_.peer_up(now.boot, site);
  if (site == replica_.leader()) resend_pending(now, true);
}

void Host::on_peer_lost(Now now, SiteId site) { replica_.peer_lost(now.boot, site); }

void Host::on_disk_done(Now now, DiskDone done) {
  if (done.write_no != 0) {
    failpoint(Failpoint::write_confirmed);
    syncs_.done(now.boot, done.write_no);
    replica_.persisted(now.boot, done.write_no);
    while (!after_write_.empty() && after_write_.front().write_no <= done.write_no) {
      say(after_write_.front().messages);
      after_write_.pop_front();
    }
  }
  if (done.promoted) archive_promoted(now, *done.promoted);
  if (done.scrubbed) scrubbed(now, std::move(*done.scrubbed));
  if (done.repaired) repaired(now, *done.repaired);
  if (done.archive_check) archive_read(*done.archive_check);
  if (done.archive) give_archive(done.archive->first, std::move(done.archive->second));
  if (done.record) record_read(now, *done.record);
  if (done.installed) install(now, *done.installed);
  if (done.own_finished && own_snapshot_) {
    const SnapshotMeta& m = *done.own_finished;
    const LogIndex kept = own_snapshot_->keep_from;
    failpoint(Failpoint::snapshot_known);
    replica_.compacted(now.boot, m, kept);
    DiskJob job;
    job.compact_to = kept;
    ports_.write(std::move(job));
    snapshot_bytes_ = m.bytes;
    own_snapshot_.reset();
  }
  if (done.chunk) {
    auto& [wish, bytes] = *done.chunk;
    std::vector<replica::Message> one;
    one.push_back({wish.to, wish.term, replica::SnapshotChunk{wish.meta, wish.number, bytes}});
    say(one);
  }
}

/// Before anything is called late: whoever could not be heard is not to blame (design D8).
void Host::notice_stall(Now now) {
  const Millis late = now.boot - expected_deadline_;
  if (!expected_deadline_ || late <= 1_s) return;
  expected_deadline_ = now.boot;
  metrics_.stall_seconds.observe(static_cast<double>(late.value) / 1000);
  leases_.stalled(now.boot, late);
  for (auto& [site, peer] : peers_) peer.last_heard = std::max(peer.last_heard, now.boot);
  if (leading_ && late > 6_s) restart_offers(now);
}

void Host::on_time(Now now) {
  notice_stall(now);
  if (!is_quarantined()) replica_.tick(now.boot);
  if (now.boot >= housekeeping_at_) housekeep(now);
}

BootTime Host::next_deadline(Now now) const {
  if (is_quarantined()) return housekeeping_at_;
  BootTime next = std::min(replica_.next_deadline(), housekeeping_at_);
  if (!leading_) return next;
  if (const auto lease = leases_.next_deadline()) next = std::min(next, *lease);
  if (const FedTime due = room_.next_due(); due && !tick_proposed_) {
    next = std::min(next, now.boot + std::max(due + tick_patience - stamp(now), 0_ms));
  }
  return next;
}

bool Host::pump(Now now) {
  notice_stall(now);
  lead(now);
  send_pending(now);
  while (!is_quarantined() && replica_.has_output()) {
    replica::Output output = replica_.take_output();
    carry_out(now, output);
    lead(now);
    send_pending(now);
  }
  if (replica_.members_since() != members_since_) {
    follow_members(now);
    order_members(now);
  }
  const bool more = snapshot_step(now);
  flush_peers(now);
  flush_client_messages();
  expected_deadline_ = next_deadline(now);
  return more;
}

void Host::carry_out(Now now, replica::Output& output) {
  say(output.messages);
  if (output.has_write()) {
    DiskJob job;
    job.write_no = output.write_no;
    const bool is_vote_alone = output.entries.empty() && is_planted(Bug::vote_not_persisted);
    if (!is_vote_alone) job.batch.hard = output.hard;
    note_entries(now, output.entries);
    if (!output.entries.empty()) {  // what a voter has seen committed, it must not forget (D16)
      job.batch.values.emplace_back("commit", std::to_string(replica_.commit().value));
      if (std::string mark = clock_.mark(now); !mark.empty()) {
        job.batch.values.emplace_back(clock_value, std::move(mark));
      }
    }
    if (!output.entries.empty() && memory_due_) {
      job.batch.values.emplace_back(peers_value, to_text(memories()));
      memory_due_ = false;
    }
    job.batch.entries = std::move(output.entries);
    archive_with(job);
    receive_chunks(output.chunks);
    job.received_chunks = std::move(output.chunks);
    job.install = output.finish_snapshot;
    syncs_.posted(now.boot, job.write_no);
    ports_.write(std::move(job));
    failpoint(Failpoint::write_posted);
  }
  if (is_planted(Bug::sent_before_sync)) say(output.messages_after_write);
  if (!output.messages_after_write.empty()) {
    after_write_.push_back({output.write_no, std::move(output.messages_after_write)});
  }
  for (const replica::SendSnapshotChunk& wish : output.send_chunks) {
    DiskJob job;
    job.read_chunk = wish;
    ports_.write(std::move(job));
  }
  if (!output.committed.empty()) apply(now, output.committed);
}

/// Closed exams are in the log until a snapshot replaces it, so their records are in no hurry: they
/// go with what is written anyway, or once a second.
void Host::archive_with(DiskJob& job) {
  for (room::ArchivedExam& a : to_archive_) {
    job.batch.archive.push_back({a.index, a.exam, std::move(a.bytes)});
  }
  to_archive_.clear();
}

void Host::archive_rest() {
  if (to_archive_.empty()) return;
  DiskJob job;
  archive_with(job);
  ports_.write(std::move(job));
}

void Host::flush_client_messages() {
  if (!to_clients_.empty()) ports_.send_clients(std::move(to_clients_));
  to_clients_.clear();
}

void Host::stop() {
  Answer stopping;
  stopping.code = Errc::stopping;
  while (!pending_.empty()) answer_pending(pending_.begin()->first, stopping);
  archive_rest();
  flush_client_messages();
}

}  // namespace vigie::actors
