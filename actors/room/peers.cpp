// Which peers are listened to: one site, one instance, growing boots, a version and a level that go
// together with ours (design D12).
#include <algorithm>

#include "actors/room/host.hpp"
#include "messages/types/planted.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

namespace {

using replica::LogPosition;

/// Frames that were on their way when their site started again arrive within this.
constexpr Millis frames_under_way = 2_s;

std::uint16_t generation_of(const std::vector<Member>& members, SiteId site) {
  const Member* is = replica::find_member(members, site);
  return is ? is->generation : std::uint16_t{0};
}

/// Committed entries that `site` has acknowledged to this node as the leader of the present term.
LogPosition acknowledged(const replica::Replica& replica, SiteId site) {
  if (!replica.is_leader()) return {};
  for (const replica::Progress& p : replica.peers()) {
    if (p.member.site == site && !p.is_leaving) {
      return replica.position(std::min(p.match, replica.commit()));
    }
  }
  return {};
}

/// Has a log that ends at `held` lost some of what was committed up to `kept`?
bool is_behind(const LogPosition& held, const LogPosition& kept) {
  const bool has_terms = held.term && kept.term;  // 0: its node did not say, or does not know
  return has_terms ? held < kept : held.index < kept.index;
}

}  // namespace

std::string_view Host::quarantine_of(const PeerView& peer) {
  if (peer.foreign) return "duplicate";
  if (peer.forgot) return "forgot";
  return peer.mode == NodeMode::quarantined ? "itself" : "";
}

/// Another process than the one that is remembered: a copy of a data folder, or a second node.
Errc Host::two_speak(Now now, PeerView& peer, const codec::PeerHeader& header) {
  if (!peer.foreign) {
    replica_.came_back(header.site, {});  // who acknowledged may be the one that is gone
    telemetry::log_error("duplicate_site",
                         {{"peer", header.site}, {"instance", to_hex(header.instance)}});
  }
  peer.foreign = true;
  peer.is_copied = header.instance == peer.memory.instance;
  peer.foreign_heard = now.boot;
  return Errc::duplicate_site;
}

/// What is left of what was known of a site whose next life begins. Whoever was not listened to may
/// go on speaking for a while: that is not the new life.
PeerMemory Host::next_life(const PeerView& peer) {
  PeerMemory left;
  left.former = peer.forgot || peer.foreign ? peer.memory.instance : peer.memory.former;
  return left;
}

/// A site that was taken in anew, as a learner, begins another life.
void Host::begin_life(Now now, PeerView& peer, std::uint16_t generation) {
  if (generation <= peer.memory.generation) return;
  peer.before = peer.memory.instance;
  peer.life_began = now.boot;
  peer.memory = next_life(peer);
  peer.memory.generation = generation;
  peer.forgot = peer.foreign = peer.has_joined = false;
  peer.status.reset();
  memory_due_ = true;
}

/// What was taken for the new life was never in it, and who speaks now is: those were late frames
/// of the former one, which this node had no reason to refuse.
void Host::give_way(PeerView& peer, const codec::PeerHeader& header) {
  PeerMemory& known = peer.memory;
  const bool is_other = known.instance && header.instance != known.instance;
  const bool is_in = known.generation > 0 && header.generation == known.generation;
  if (!is_other || !is_in || peer.has_joined) return;
  known = {{}, {}, 0, {}, known.generation, known.instance};
  peer.forgot = peer.foreign = false;
}

/// It is refused for good: nobody knows whom it voted for.
Errc Host::refuse_for_good(PeerView& peer, const codec::PeerHeader& header) {
  telemetry::log_error("peer_forgot", {{"peer", header.site},
                                       {"held", header.held.index},
                                       {"held_term", header.held.term},
                                       {"kept", peer.memory.kept.index},
                                       {"kept_term", peer.memory.kept.term},
                                       {"advice", "see ops/docs/runbook-rejoin.md"}});
  peer.memory.former = header.instance;
  peer.forgot = true;
  keep_memories();
  return Errc::quarantined;
}

/// Is this who was heard before, and has it kept what it said it would keep (design D16)?
Errc Host::recognise(Now now, PeerView& peer, const codec::PeerHeader& header) {
  PeerMemory& known = peer.memory;
  begin_life(now, peer, generation_of(room_.state().scalars().members, header.site));
  if (header.generation > known.generation && header.mode != NodeMode::quarantined) {
    return Errc::superseded;  // what this node knows of it: see hear_log()
  }
  if (known.former && header.instance == known.former) {
    peer.forgot |= !known.instance || known.instance == known.former;
    return Errc::quarantined;
  }
  // Left over from the life before, or of one who is in this life and does not know it yet: that
  // one will say it again.
  const bool may_be_late = peer.before && header.instance == peer.before &&
                           header.generation < known.generation &&
                           now.boot - peer.life_began <= frames_under_way;
  if (may_be_late && !known.instance) return Errc::stale;
  give_way(peer, header);
  const bool is_known = static_cast<bool>(known.instance);
  const bool is_other = is_known && header.instance != known.instance;
  if (is_other && !is_planted(Bug::clone_heard)) return two_speak(now, peer, header);
  const bool is_another = known.run != 0 && header.run != 0 && header.run != known.run;
  if (is_known && header.boot < known.boot) {  // left over from before its restart, or a copy
    const bool is_late = is_another && now.boot - peer.boot_heard > frames_under_way;
    return is_late && peer.boot_heard ? two_speak(now, peer, header) : Errc::stale;
  }
  if (header.boot == known.boot && is_another) {
    return two_speak(now, peer, header);
  }
  const bool is_start = !is_known || header.boot > known.boot;
  if (is_start && is_known) known.kept = std::max(known.kept, acknowledged(replica_, header.site));
  if (is_start) replica_.came_back(header.site, header.held.index);
  if (is_start && is_behind(header.held, known.kept)) return refuse_for_good(peer, header);
  peer.has_joined |= header.generation == known.generation;
  // One that is quarantined promises nothing: it is not who is to be held to its promises.
  if (is_start && header.mode != NodeMode::quarantined) {
    if (!is_known) peer.status.reset();
    known = {header.instance, header.boot, header.run, known.kept, known.generation, known.former};
    peer.boot_heard = now.boot;
    peer.forgot = false;
    memory_due_ = true;
  }
  return Errc::ok;
}

/// `from` was taken in anew, and this node has not applied that yet. If it leads, nobody but it may
/// be able to bring that: its log is heard, and the closed exams that a snapshot of it wants, which
/// prove themselves. Its votes and answers are not.
void Host::hear_log(Now now, SiteId from, codec::PeerFrame& frame) {
  if (is_quarantined()) return;
  if (frame.archive_chunk) take_archive(now, from, std::move(*frame.archive_chunk));
  for (replica::Message& m : frame.raft) {
    const bool is_log = std::holds_alternative<replica::Append>(m.body) ||
                        std::holds_alternative<replica::Heartbeat>(m.body) ||
                        std::holds_alternative<replica::SnapshotChunk>(m.body);
    if (is_log && may_step(now, from, m)) replica_.step(now.boot, from, std::move(m));
  }
}

/// Notes who speaks for `peer`'s site. Anything but ok: the frame is not listened to.
Errc Host::admit_peer(Now now, PeerView& peer, const codec::PeerHeader& header) {
  if (header.federation != federation_hash_) {
    return Errc::wrong_federation;
  }
  if (header.version != protocol_version) return Errc::wrong_version;
  if (header.level < room_.level()) return Errc::level_too_low;  // it could not apply our entries
  if (const Errc code = recognise(now, peer, header); code != Errc::ok) return code;
  if (peer.foreign && now.boot - peer.foreign_heard >= foreign_shown) {
    peer.foreign = false;
    telemetry::log_info("duplicate_site_gone", {{"peer", header.site}});
  }
  peer.level = header.level;
  peer.mode = header.mode;
  // Two runs of one folder cannot be told apart by what they hold: neither votes (F18).
  if (peer.foreign && peer.is_copied) return Errc::duplicate_site;
  // Whoever works at the door of a quarantined one is as cut off as if it were silent.
  if (header.mode != NodeMode::quarantined) peer.last_heard = now.boot;
  return Errc::ok;
}

std::map<SiteId, PeerMemory> Host::memories() const {
  std::map<SiteId, PeerMemory> all;
  for (const auto& [site, peer] : peers_) all[site] = peer.memory;
  all.insert(gone_.begin(), gone_.end());
  return all;
}

/// At the start: what was remembered of the peers.
void Host::recall_peers() {
  for (const auto& [site, memory] : memories_from(settings_.peers_mark)) {
    const auto peer = peers_.find(site);
    (peer != peers_.end() ? peer->second.memory : gone_[site]) = memory;
  }
}

/// Once a second: what the peers have on their disks for good. It goes to ours with what is written
/// anyway; a new start of a peer does not wait for that.
void Host::remember_peers() {
  const bool has_new_start = memory_due_;
  for (auto& [site, peer] : peers_) {
    if (!peer.memory.instance || !quarantine_of(peer).empty()) continue;
    const LogPosition told = peer.status ? peer.status->kept : LogPosition{};
    const LogPosition kept = std::max(told, acknowledged(replica_, site));
    if (kept <= peer.memory.kept) continue;
    peer.memory.kept = kept;
    memory_due_ = true;
  }
  if (has_new_start) keep_memories();
}

void Host::keep_memories() {
  if (is_quarantined()) return;
  DiskJob job;
  job.batch.values.emplace_back(peers_value, to_text(memories()));
  memory_due_ = false;
  ports_.write(std::move(job));
}

/// A quarantined node tells its state, and does nothing else.
bool Host::refuse_quarantined(const ClientInput& in) {
  if (std::holds_alternative<Hello>(in.message)) return false;
  if (const auto* query = std::get_if<Query>(&in.message)) {
    if (query->kind == QueryKind::status && !query->linearizable) return false;
    tell(in.connection, QueryReply{query->query, Errc::quarantined, room_.applied(), true, {}});
  } else if (const auto* request = std::get_if<ClientRequest>(&in.message)) {
    ClientAnswer refused{request->session, request->incarnation, {}};
    refused.answer.code = Errc::quarantined;
    refused.answer.request = request->request;
    refused.answer.text = settings_.quarantine;
    tell(in.connection, std::move(refused));
  } else if (const auto* renew = std::get_if<Renew>(&in.message)) {
    tell(in.connection,
         RenewAck{renew->session, renew->incarnation, renew->mark, 0_ms, Errc::quarantined});
  } else {
    tell(in.connection, Complaint{Errc::quarantined, settings_.quarantine});
  }
  return true;
}

/// What every member can apply, as far as this node has heard (design D12).
Level Host::common_level() const {
  Level common = level_max;
  for (const auto& [site, peer] : peers_) common = std::min(common, peer.level);
  return common;
}

}  // namespace vigie::actors
