#include "actors/delivery/delivery_actor.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <chrono>
#include <utility>

#include "actors/core/delivery/ledger.hpp"
#include "actors/loop/loop.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

/// What came back from the sender or from the room.
struct Sent {
  delivery::DeliveryKey key;
  SendOutcome outcome;
  std::string detail;
};
struct Answered {
  delivery::DeliveryKey key;
  Errc code;
};
using SentPtr = std::shared_ptr<const Sent>;
using ProposePtr = std::shared_ptr<const delivery::Propose>;

}  // namespace
}  // namespace vigie::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vigie::AppliedBatchPtr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vigie::actors::SentPtr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vigie::actors::ProposePtr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vigie::actors::Answered)

namespace vigie::actors {
namespace {

using batch_atom = caf::atom_constant<caf::atom("batch")>;
using sent_atom = caf::atom_constant<caf::atom("sent")>;
using answered_atom = caf::atom_constant<caf::atom("answered")>;
using propose_atom = caf::atom_constant<caf::atom("propose")>;

constexpr auto before_next_try = std::chrono::seconds(1);

using Failed = std::function<void(const std::string&)>;

struct DeliveryState {
  static inline const char* name = "delivery";
  SiteId site;
  std::unique_ptr<delivery::Ledger> ledger;
  Intake* intake = nullptr;
  ReportSender* sender = nullptr;
  Failed failed;
};
using DeliveryActor = caf::stateful_actor<DeliveryState>;

void propose(DeliveryActor* self, const delivery::Propose& what) {
  self->state.intake->propose(what.result, [actor = caf::actor_cast<caf::actor>(self),
                                            key = what.key](const Answer& answer) {
    caf::anon_send(actor, answered_atom::value, Answered{key, answer.code});
  });
}

void carry_out(DeliveryActor* self, const delivery::Send& effect) {
  self->state.sender->send(effect.job, [actor = caf::actor_cast<caf::actor>(self),
                                        key = effect.key](SendOutcome outcome, std::string detail) {
    caf::anon_send(actor, sent_atom::value,
                   std::make_shared<const Sent>(Sent{key, outcome, std::move(detail)}));
  });
}
void carry_out(DeliveryActor* self, const delivery::Withdraw& effect) {
  self->state.sender->withdraw(effect.key.exam, effect.key.version, effect.key.recipient);
}
void carry_out(DeliveryActor* self, const delivery::Propose& effect) {
  if (!effect.later) return propose(self, effect);
  self->delayed_send(self, before_next_try, propose_atom::value,
                     std::make_shared<const delivery::Propose>(effect));
}
void carry_out(DeliveryActor* self, const delivery::Effects& effects) {
  for (const delivery::Effect& effect : effects) {
    std::visit([self](const auto& one) { carry_out(self, one); }, effect);
  }
}

/// Protocols and preliminary reports that some feeds want to hear of, as they happen.
void notify(DeliveryActor* self, const AppliedBatch& batch) {
  if (batch.fresh || !batch.live) return;
  for (const Event& event : batch.events) {
    const bool told =
        event.kind == EventKind::protocol_assigned || event.kind == EventKind::report_preliminary;
    if (told) self->state.sender->notify(event.exam, event.kind);
  }
}

/// Exceptions end at the actor, and with them what it had in hand: the room says again what is
/// owed.
template <class Work>
void guarded(DeliveryActor* self, Work work) {
  std::string why;
  try {
    return work(*self->state.ledger);
  } catch (const std::exception& thrown) {
    why = thrown.what();
  } catch (...) {
    why = "unknown exception";
  }
  self->state.ledger = std::make_unique<delivery::Ledger>(self->state.site);
  self->state.failed(why);
}

caf::behavior delivery_behavior(DeliveryActor* self, SiteId site, Intake* intake,
                                ReportSender* sender, const Failed& failed) {
  self->state.site = site;
  self->state.ledger = std::make_unique<delivery::Ledger>(site);
  self->state.intake = intake;
  self->state.sender = sender;
  self->state.failed = failed;
  return {
      [self](batch_atom, const AppliedBatchPtr& batch) {
        guarded(self, [&](delivery::Ledger& ledger) {
          delivery::Effects effects;
          ledger.applied(*batch, effects);
          carry_out(self, effects);
          notify(self, *batch);
        });
      },
      [self](sent_atom, const SentPtr& sent) {
        guarded(self, [&](delivery::Ledger& ledger) {
          telemetry::log_debug("report_sent", {{"exam", sent->key.exam},
                                               {"version", sent->key.version},
                                               {"outcome", static_cast<int>(sent->outcome)}});
          delivery::Effects effects;
          ledger.sent(sent->key, sent->outcome, sent->detail, effects);
          carry_out(self, effects);
        });
      },
      [self](answered_atom, const Answered& answered) {
        guarded(self, [&](delivery::Ledger& ledger) {
          delivery::Effects effects;
          ledger.answered(answered.key, answered.code, effects);
          carry_out(self, effects);
        });
      },
      [self](propose_atom, const ProposePtr& again) {
        guarded(self, [&](delivery::Ledger&) { propose(self, *again); });
      },
  };
}

}  // namespace

struct DeliveryHandle::Implementation {
  caf::actor actor;
};

DeliveryHandle::DeliveryHandle() : implementation_(std::make_unique<Implementation>()) {}
DeliveryHandle::~DeliveryHandle() = default;

void DeliveryHandle::start(caf::actor_system& system, SiteId self, Intake& intake,
                           ReportSender& sender, std::function<void(const std::string&)> failed) {
  implementation_->actor =
      system.spawn(delivery_behavior, self, &intake, &sender, std::move(failed));
}
void DeliveryHandle::publish(AppliedBatchPtr batch) {
  // Reports are made elsewhere; what is only to be noted is not worth waking somebody.
  if (!batch->owed.empty() || batch->fresh) {
    caf::anon_send(implementation_->actor, batch_atom::value, std::move(batch));
  } else {
    send(implementation_->actor, batch_atom::value, std::move(batch));
  }
}
void DeliveryHandle::kill() {
  if (implementation_->actor) {
    caf::anon_send_exit(implementation_->actor, caf::exit_reason::kill);
  }
}
void DeliveryHandle::stop() {
  if (!implementation_->actor) return;
  caf::scoped_actor waiting(implementation_->actor.home_system());
  caf::anon_send_exit(implementation_->actor, caf::exit_reason::user_shutdown);
  waiting->wait_for(implementation_->actor);
}

}  // namespace vigie::actors
