// The delivery actor: hands the reports that this centre owes to the door, and tells the room what
// became of them. What is outstanding is its core's matter (actors/core/delivery); nothing is
// stored: what is owed is derived from the room at every start (design D14).
#pragma once

#include <caf/fwd.hpp>
#include <functional>
#include <memory>
#include <string>

#include "messages/types/applied.hpp"
#include "messages/types/intake.hpp"
#include "messages/types/report_sender.hpp"

namespace vigie::actors {

/// The delivery actor, for those who only send to it. Any thread.
class DeliveryHandle {
 public:
  DeliveryHandle();
  ~DeliveryHandle();
  DeliveryHandle(const DeliveryHandle&) = delete;
  DeliveryHandle& operator=(const DeliveryHandle&) = delete;

  /// @param self This centre. `intake` and `sender` must outlive stop(). @param failed Called on
  /// the actor's thread, with why it began anew after an exception: publish() it a fresh batch, or
  /// end the process. Reports in hand may then be sent twice, the same bytes under the same MSH-10.
  void start(caf::actor_system& system, SiteId self, Intake& intake, ReportSender& sender,
             std::function<void(const std::string& why)> failed);
  void publish(AppliedBatchPtr batch);
  /// Returns when the actor has ended: it calls nobody any more.
  void stop();
  /// Ends the actor as its process' end would; does not wait for it. Of rigs.
  void kill();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vigie::actors
