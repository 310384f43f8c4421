// The desks' CAF actor, one for each kind: queue (everything), reader, regulator. It passes batches
// and subscriptions to its core (actors/core/desk) and what that answers to the link.
#pragma once

#include <caf/fwd.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "messages/types/applied.hpp"
#include "messages/types/wire.hpp"

namespace vigie::actors {

using SendClients = std::function<void(std::vector<std::pair<Connection, NodeMessage>>)>;

/// The desks' actor, for those who only send to it. Any thread.
class DeskHandle {
 public:
  DeskHandle();
  ~DeskHandle();
  DeskHandle(const DeskHandle&) = delete;
  DeskHandle& operator=(const DeskHandle&) = delete;

  /// @param send Called on the actor's thread; must only pass on.
  void start(caf::actor_system& system, SendClients send);
  void publish(AppliedBatchPtr batch);
  void subscribe(Connection connection, Subscribe wish);
  void forget(Connection connection);
  /// Moves idle subscribers' cursors on; call about once a second.
  void heartbeat();
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vigie::actors
