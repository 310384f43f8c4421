// The desks' CAF actor, one for each kind: queue (everything), reader, regulator. It passes batches
// and subscriptions to its core (actors/core/desk) and what that answers to the link.
//
// It may fail: what it shows can be had from the room again. Then it keeps who is subscribed to
// what, forgets the rest, and shows nothing until it is given a fresh batch.
#pragma once

#include <caf/fwd.hpp>
#include <functional>
#include <memory>
#include <string>
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

  /// Both are called on the actor's thread. @param send Must only pass on. @param failed Why it
  /// began anew, after an exception: publish() it a fresh batch, or end the process.
  void start(caf::actor_system& system, SendClients send,
             std::function<void(const std::string& why)> failed);
  void publish(AppliedBatchPtr batch);
  /// @param hospital Whose exams' events are shown, no others; 0: all events.
  void subscribe(Connection connection, Subscribe wish, EstablishmentId hospital = {});
  void forget(Connection connection);
  /// Moves idle subscribers' cursors on; call about once a second.
  void heartbeat();
  void stop();
  /// Ends the actor as its process' end would; does not wait for it. Of rigs.
  void kill();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vigie::actors
