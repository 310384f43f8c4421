#include "nodes/site/gauges.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace vigie::site {
namespace {

void set_raft(const actors::Host& host, actors::Now now, telemetry::RaftMetrics& raft) {
  const replica::Replica& replica = host.replica();
  raft.has_leader.set(replica.leader() ? 1 : 0);
  raft.is_leader.set(replica.is_leader() ? 1 : 0);
  constexpr std::size_t learner = 4;
  const bool is_learner = !replica.is_voter() && !replica.is_leader();
  raft.set_role(is_learner ? learner : static_cast<std::size_t>(replica.role()));
  raft.term.set(replica.term().value);
  raft.commit_index.set(replica.commit().value);
  raft.applied_index.set(host.room().applied().value);
  raft.voters.set(static_cast<double>(replica::voters(replica.members())));
  for (const auto& [site, peer] : host.peers()) {
    const Site* named = host.room().directory().site(site);
    if (!named) named = host.settings().founding.site(site);
    if (!named) continue;
    const double silent = static_cast<double>((now.boot - peer.last_heard).value) / 1000;
    raft.peer_last_contact.of(named->name).set(silent);
    raft.peer_up.of(named->name).set(silent < 2 ? 1 : 0);
    const std::string_view why = actors::Host::quarantine_of(peer);
    constexpr std::array<std::string_view, 3> reasons = {"duplicate", "forgot", "itself"};
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      raft.peer_quarantined.at(i).of(named->name).set(why == reasons[i] ? 1 : 0);
    }
    const std::uint64_t theirs = peer.status ? peer.status->applied.value : 0;
    const std::uint64_t ours = replica.commit().value;
    raft.peer_lag.of(named->name).set(replica.is_leader() && ours > theirs ? ours - theirs : 0);
  }
}

void set_sessions(const room::State& state, SiteId here, telemetry::RoomMetrics& room) {
  std::uint32_t free = 0, offered = 0, reading = 0, away = 0, rest = 0, off = 0, sessions = 0;
  for (const auto& [id, slot] : state.sessions().slots()) {
    const room::Session& s = slot.record;
    if (s.live && s.door == here) ++sessions;
    if (!s.live || s.role != Role::reader) continue;
    const Exam* exam = s.exam ? state.exams().find(s.exam) : nullptr;
    if (exam) {
      ++(exam->state == ExamState::offered ? offered : reading);
    } else if (s.mode == ReaderMode::free) {
      ++free;
    } else if (s.mode == ReaderMode::away) {
      ++away;
    } else if (s.mode == ReaderMode::rest) {
      ++rest;
    } else {
      ++off;
    }
  }
  room.readers.of("free").set(free);
  room.readers.of("offered").set(offered);
  room.readers.of("reading").set(reading);
  room.readers.of("away").set(away);
  room.readers.of("rest").set(rest);
  room.readers.of("off").set(off);
  room.offers_open.set(offered);
  room.sessions.set(sessions);
}

/// How long ago the report was signed that has waited longest for a hospital.
Millis oldest_owed(const actors::Host& host) {
  const room::State& state = host.room().state();
  Millis oldest = 0_ms;
  for (const auto& [site, id] : state.owed()) {
    const Exam* exam = state.exams().find(id);
    if (exam) oldest = std::max(oldest, host.room().now() - exam->signed_at);
  }
  return oldest;
}

void set_room(const actors::Host& host, telemetry::RoomMetrics& room) {
  const room::State& state = host.room().state();
  for (int s = 0; s < exam_state_count; ++s) {
    for (int u = 0; u < urgency_count; ++u) {
      room.exams(static_cast<ExamState>(s), static_cast<Urgency>(u))
          .set(state.counts()[static_cast<std::size_t>(s)][static_cast<std::size_t>(u)]);
    }
  }
  for (int u = 0; u < urgency_count; ++u) {
    const auto at = state.by_age().lower_bound({static_cast<Urgency>(u), FedTime{}, ExamId{}});
    const bool some = at != state.by_age().end() && std::get<0>(*at) == static_cast<Urgency>(u);
    const Millis wait = some ? host.room().now() - std::get<1>(*at) : 0_ms;
    room.oldest_wait.at(static_cast<std::size_t>(u)).set(static_cast<double>(wait.value) / 1000);
  }
  room.undelivered.set(state.owed().size());
  room.oldest_undelivered.set(static_cast<double>(oldest_owed(host).value) / 1000);
  room.archive_complete.set(host.is_archive_complete() ? 1 : 0);
  room.apply_halted.set(host.is_halted() ? 1 : 0);
  room.level.set(state.scalars().level.value);
  room.directory_version.set(state.directory().version);
  const auto horizon = state.directory().horizon();
  room.calendar_horizon.set(horizon ? static_cast<double>((*horizon - state.utc()).value) / 1000
                                    : std::numeric_limits<double>::infinity());
  const room::Duty& duty = state.scalars().duty;
  const Millis lost = duty.lost_since ? host.room().now() - duty.lost_since : 0_ms;
  room.duty_number.set(duty.number);
  room.duty_lost.set(static_cast<double>(lost.value) / 1000);
  room.overflowing.set(state.scalars().overflowing.size());
  room.set_digest(host.room().applied(), host.room().digest());
  set_sessions(state, host.settings().self, room);
}

}  // namespace

void set_gauges(const actors::Host& host, actors::Now now, telemetry::NodeMetrics& metrics) {
  metrics.set_mode(host.is_quarantined() ? NodeMode::quarantined
                   : host.is_halted()    ? NodeMode::halted
                                         : NodeMode::connected);
  metrics.unreplicated.set(host.unreplicated());
  set_raft(host, now, metrics.raft);
  set_room(host, metrics.room);
}

}  // namespace vigie::site
