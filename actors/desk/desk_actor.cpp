#include "actors/desk/desk_actor.hpp"

#include <array>
#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/core/desk/desk.hpp"
#include "actors/loop/loop.hpp"

namespace vigie::actors {
struct DeskWish {
  Subscribe subscribe;
  EstablishmentId hospital;
};
using DeskWishPtr = std::shared_ptr<const DeskWish>;
}  // namespace vigie::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vigie::AppliedBatchPtr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vigie::actors::DeskWishPtr)

namespace vigie::actors {
namespace {

using batch_atom = caf::atom_constant<caf::atom("batch")>;
using subscribe_atom = caf::atom_constant<caf::atom("subscribe")>;
using forget_atom = caf::atom_constant<caf::atom("forget")>;
using beat_atom = caf::atom_constant<caf::atom("beat")>;
using flush_atom = caf::atom_constant<caf::atom("flush")>;

struct DeskState {
  static inline const char* name = "desk";
  /// Readers first: they wait for what they are offered.
  std::array<desk::EventDesk, 3> desks{
      desk::EventDesk(Desk::reader), desk::EventDesk(Desk::regulator), desk::EventDesk(Desk::all)};
  std::vector<desk::ForClient> out;
  bool flush_queued = false;
  bool waits_for_view = false;  ///< it failed: the next fresh batch is where it begins again
  std::vector<std::pair<Connection, DeskWishPtr>> held;  ///< subscriptions meanwhile
};
using DeskActor = caf::stateful_actor<DeskState>;
using Failed = std::function<void(const std::string&)>;

void flush(DeskActor* self, const SendClients& send) {
  if (self->state.out.empty()) return;
  std::vector<std::pair<Connection, NodeMessage>> messages;
  messages.reserve(self->state.out.size());
  for (desk::ForClient& m : self->state.out) {
    messages.emplace_back(m.connection, std::move(m.message));
  }
  self->state.out.clear();
  send(std::move(messages));
}

/// Behind what is in the mailbox already: a thousand subscriptions are answered in a few frames,
/// which a client's queue holds, not in a thousand.
void queue_flush(DeskActor* self) {
  if (self->state.out.empty() || self->state.flush_queued) return;
  self->state.flush_queued = true;
  self->send(self, flush_atom::value);
}

void subscribe(DeskState& state, Connection connection, const DeskWish& wish) {
  for (desk::EventDesk& desk : state.desks) {
    if (desk.kind() == wish.subscribe.desk) {
      desk.subscribe(connection, wish.subscribe, state.out, wish.hospital);
    } else {
      desk.forget(connection, wish.subscribe.subscription);
    }
  }
}

void show(DeskState& state, const AppliedBatchPtr& batch) {
  if (state.waits_for_view && !batch->fresh) return;  // what it says is in the view to come
  state.waits_for_view = false;
  for (desk::EventDesk& desk : state.desks) {
    if (batch->fresh) {
      desk.restart(batch->to, batch->view, state.out);
    } else {
      desk.applied(batch, state.out);
    }
  }
  const auto held = std::move(state.held);
  state.held.clear();
  for (const auto& [connection, wish] : held) subscribe(state, connection, *wish);
}

void begin_anew(DeskState& state) {
  for (desk::EventDesk& desk : state.desks) desk.begin_anew();
  state.out.clear();
  state.waits_for_view = true;
}

/// Exceptions end at the actor (style: errors), and with them what it knew.
template <class Work>
void guarded(DeskActor* self, const Failed& failed, Work work) {
  std::string why;
  try {
    return work(self->state);
  } catch (const std::exception& thrown) {
    why = thrown.what();
  } catch (...) {
    why = "unknown exception";
  }
  begin_anew(self->state);
  failed(why);
}

caf::behavior desk_behavior(DeskActor* self, const SendClients& send, const Failed& failed) {
  return {
      [self, failed](batch_atom, const AppliedBatchPtr& batch) {
        guarded(self, failed, [&](DeskState& state) {
          show(state, batch);
          queue_flush(self);
        });
      },
      [self, failed](subscribe_atom, Connection connection, const DeskWishPtr& wish) {
        guarded(self, failed, [&](DeskState& state) {
          if (state.waits_for_view) return state.held.emplace_back(connection, wish), void();
          subscribe(state, connection, *wish);
          queue_flush(self);
        });
      },
      [self](forget_atom, Connection connection) {
        std::erase_if(self->state.held, [&](const auto& held) { return held.first == connection; });
        for (desk::EventDesk& desk : self->state.desks) desk.forget(connection);
      },
      [self, failed](beat_atom) {
        guarded(self, failed, [&](DeskState& state) {
          if (state.waits_for_view) return;
          for (desk::EventDesk& desk : state.desks) desk.heartbeat(state.out);
          queue_flush(self);
        });
      },
      [self, send, failed](flush_atom) {
        self->state.flush_queued = false;
        guarded(self, failed, [&](DeskState&) { flush(self, send); });
      },
  };
}

}  // namespace

struct DeskHandle::Implementation {
  caf::actor actor;
};

DeskHandle::DeskHandle() : implementation_(std::make_unique<Implementation>()) {}
DeskHandle::~DeskHandle() = default;

void DeskHandle::start(caf::actor_system& system, SendClients send,
                       std::function<void(const std::string&)> failed) {
  implementation_->actor = system.spawn(desk_behavior, std::move(send), std::move(failed));
}
void DeskHandle::publish(AppliedBatchPtr batch) {
  send(implementation_->actor, batch_atom::value, std::move(batch));
}
void DeskHandle::subscribe(Connection connection, Subscribe wish, EstablishmentId hospital) {
  DeskWishPtr shared = std::make_shared<const DeskWish>(DeskWish{std::move(wish), hospital});
  send(implementation_->actor, subscribe_atom::value, connection, std::move(shared));
}
void DeskHandle::forget(Connection connection) {
  send(implementation_->actor, forget_atom::value, connection);
}
void DeskHandle::heartbeat() { send(implementation_->actor, beat_atom::value); }
void DeskHandle::kill() {
  if (implementation_->actor) {
    caf::anon_send_exit(implementation_->actor, caf::exit_reason::kill);
  }
}
void DeskHandle::stop() {
  if (!implementation_->actor) return;
  // It must be gone before whatever it sends to is.
  caf::scoped_actor waiting(implementation_->actor.home_system());
  caf::anon_send_exit(implementation_->actor, caf::exit_reason::user_shutdown);
  waiting->wait_for(implementation_->actor);
}

}  // namespace vigie::actors
