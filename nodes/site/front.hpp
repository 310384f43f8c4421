// The ZeroMQ door: what the link thread does with frames. It decodes, refuses what cannot be right,
// counts it, and passes the rest to the room in one batch per round.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "actors/desk/desk_actor.hpp"
#include "actors/loop/loop.hpp"
#include "actors/room/room_actor.hpp"
#include "nodes/link/link.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::site {

class Front : public link::Handler {
 public:
  /// @param desks Told when a connection is gone.
  Front(caf::actor_system& system, actors::RoomHandle& room, actors::DeskHandle& desks,
        telemetry::NodeMetrics& metrics)
      : system_(system), room_(room), desks_(desks), metrics_(metrics) {}

  /// What the disk did, for the room. Any thread.
  void on_disk(actors::DiskDone done);

  /// When the room wants to hear that time has passed. Any thread.
  void wake_at(BootTime due);

  void on_started(link::Link& link) override;
  void on_stopping() override;
  void on_wake() override { add(actors::TimePassed{}); }
  void on_clients(const std::vector<link::ClientFrame>& frames) override;
  void on_peers(const std::vector<link::PeerFrame>& frames) override;
  void on_peer_up(SiteId site) override { add(actors::PeerChange{site, true}); }
  void on_peer_lost(SiteId site) override { add(actors::PeerChange{site, false}); }
  void on_client_gone(link::ConnectionId connection) override;
  void after_batch() override;

 private:
  void add(actors::RoomInput input);
  /// Gives the link its credit back. Any thread.
  void pay(std::size_t frames, std::size_t bytes);
  void complain(link::ConnectionId connection, const Error& error);
  bool greeted(const link::ClientFrame& frame, const std::vector<ClientMessage>& messages);

  caf::actor_system& system_;
  actors::RoomHandle& room_;
  actors::DeskHandle& desks_;
  telemetry::NodeMetrics& metrics_;
  std::mutex link_mutex_;  ///< of link_, where other threads use it
  link::Link* link_ = nullptr;
  std::unique_ptr<actors::Loop> loop_;  ///< of the link thread
  actors::RoomInputs batch_;
  std::vector<actors::ClientInput> clients_;
  std::size_t frames_ = 0, bytes_ = 0;
  std::unordered_set<std::uint64_t> greeted_;
};

}  // namespace vigie::site
