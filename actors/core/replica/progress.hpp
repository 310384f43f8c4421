// What a leader believes of one peer: how far its log agrees, and what is on its way to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "actors/core/replica/config.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/raft.hpp"
#include "messages/types/time.hpp"

namespace vigie::replica {

/// probe: one Append at a time until the place where the logs agree is found.
/// replicate: a pipeline of Appends. snapshot: chunks, one at a time.
enum class PeerState : std::uint8_t { probe, replicate, snapshot };

struct Progress {
  Member member;
  PeerState state = PeerState::probe;
  LogIndex match;              ///< acknowledged in this term: synced there
  LogIndex next{1};            ///< first index of the next Append; > match
  LogIndex commit_sent;        ///< highest commit index told to it
  BootTime contact;            ///< last answer of this term (its leadership's start at first)
  std::uint64_t round = 0;     ///< newest quorum round it has answered
  bool is_probing = false;     ///< probe: an Append is unanswered
  int quiet_ticks = 0;         ///< heartbeats since it last answered an Append
  std::optional<bool> vote{};  ///< its answer in the election under way
  bool is_leaving = false;     ///< removed: told of it, then forgotten
  BootTime leaving_until;

  struct Inflight {
    LogIndex last;
    std::size_t bytes;
  };
  std::deque<Inflight> inflight{};  ///< replicate: unanswered Appends with entries
  std::size_t inflight_bytes = 0;

  std::uint32_t chunk = 0;  ///< snapshot: the chunk it needs next
  BootTime chunk_sent;

  /// A new leadership begins with log end `last`.
  void restart(LogIndex last, BootTime now) {
    Progress fresh;
    fresh.member = member;
    fresh.next = vigie::next(last);
    fresh.contact = now;
    *this = fresh;
  }
  void begin_probe() {
    state = PeerState::probe;
    next = vigie::next(match);
    is_probing = false;
    clear_inflight();
  }
  void begin_replicate() {
    state = PeerState::replicate;
    next = vigie::next(match);
    clear_inflight();
  }
  void begin_snapshot() {
    state = PeerState::snapshot;
    chunk = 0;
    clear_inflight();
  }
  void sent(LogIndex last, std::size_t bytes) {
    inflight.push_back({last, bytes});
    inflight_bytes += bytes;
    next = vigie::next(last);
  }
  /// Appends that end at or before `index` are answered.
  void answered(LogIndex index) {
    while (!inflight.empty() && inflight.front().last <= index) forget_oldest();
  }
  void forget_oldest() {
    inflight_bytes -= inflight.front().bytes;
    inflight.pop_front();
  }
  bool is_full(const Config& config) const {
    return inflight.size() >= config.inflight_max || inflight_bytes >= config.inflight_bytes_max;
  }
  /// No Append may be sent to it now.
  bool is_paused(const Config& config) const {
    if (state == PeerState::probe) return is_probing;
    return state == PeerState::snapshot || is_full(config);
  }

 private:
  void clear_inflight() {
    inflight.clear();
    inflight_bytes = 0;
  }
};

}  // namespace vigie::replica
