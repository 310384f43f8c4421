// Where commands of a node itself enter: from HL7 feeds and from deliveries.
#pragma once

#include <functional>

#include "messages/types/command.hpp"

namespace vigie {

/// Where commands of the node itself enter: from HL7 feeds and from the delivery actor.
class Intake {
 public:
  virtual ~Intake() = default;
  /// Proposes `command` in the name of this node. `done` is called once, on the room's thread,
  /// with the answer: from apply, or Errc::timeout, no_leader, busy, stopping when nothing is known
  /// of it (the command may still be applied: it is idempotent by its own key, so try again).
  /// Any thread.
  virtual void propose(Command command, std::function<void(const Answer&)> done) = 0;
};

}  // namespace vigie
