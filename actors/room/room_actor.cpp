#include "actors/room/room_actor.hpp"

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
#include <cstdlib>
#include <ctime>
#include <exception>
#include <future>

#include "actors/loop/loop.hpp"
#include "ops/telemetry/log.hpp"

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vigie::actors::RoomInputs)

namespace vigie::actors {
namespace {

using input_atom = caf::atom_constant<caf::atom("input")>;
using pump_atom = caf::atom_constant<caf::atom("pump")>;
using stop_atom = caf::atom_constant<caf::atom("stop")>;

struct RoomState {
  static inline const char* name = "room";
  std::unique_ptr<Host> host;
  bool pump_queued = false;
  RoomHandle::Arm arm;
  Surroundings around;
  BootTime armed;
};

using RoomActor = caf::stateful_actor<RoomState>;

void queue_pump(RoomActor* self) {
  if (self->state.pump_queued) return;
  self->state.pump_queued = true;
  self->send(self, pump_atom::value);
}

void arm(RoomActor* self, Now now) {
  RoomState& s = self->state;
  const BootTime due = s.host->next_deadline(now);
  if (s.armed == due) return;
  s.armed = due;
  s.arm(due);
}

void feed(Host& host, Now now, RoomInput& input) {
  struct Feed {
    Host& host;
    Now now;
    void operator()(ClientInputs& x) const {
      for (ClientInput& in : x.inputs) host.on_client(now, std::move(in));
    }
    void operator()(ClientGone& x) const { host.on_client_gone(x.connection); }
    void operator()(PeerInput& x) const { host.on_peer(now, x.from, std::move(x.frame)); }
    void operator()(PeerChange& x) const {
      x.up ? host.on_peer_up(now, x.site) : host.on_peer_lost(now, x.site);
    }
    void operator()(LocalCommand& x) const {
      host.on_local(now, std::move(x.command), std::move(x.done));
    }
    void operator()(DiskDone& x) const { host.on_disk_done(now, std::move(x)); }
    void operator()(TimePassed&) const { host.on_time(now); }
    void operator()(Ask& x) const { x.ask(host, now); }
  };
  std::visit(Feed{host, now}, input);
}

caf::behavior room_behavior(RoomActor* self, const std::function<std::unique_ptr<Host>()>& make,
                            const RoomHandle::Arm& arm_timer, const Surroundings& around) {
  // A room that threw is in no known state: the process leaves, the journal brings it back.
  self->set_exception_handler([leave = around.leave](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      telemetry::log_error("room_failed", {{"what", e.what()}});
    } catch (...) {
      telemetry::log_error("room_failed", {});
    }
    leave(70);  // EX_SOFTWARE
    return caf::exit_reason::unhandled_exception;
  });
  self->state.host = make();
  self->state.arm = arm_timer;
  self->state.around = around;
  queue_pump(self);
  return {
      [self](input_atom, const RoomInputs& inputs) {
        const Now now = self->state.around.clocks();
        for (RoomInput& input : *inputs) {
          if (std::holds_alternative<TimePassed>(input)) self->state.armed = {};
          feed(*self->state.host, now, input);
        }
        queue_pump(self);
      },
      [self](pump_atom) {
        self->state.pump_queued = false;
        const Now now = self->state.around.clocks();
        if (self->state.host->pump(now)) queue_pump(self);
        arm(self, now);
      },
      [self](stop_atom) {
        self->state.host->stop();
        self->state.host.reset();
        self->quit();
        return true;
      },
  };
}

}  // namespace

Now read_clocks() {
  timespec boot{};
  timespec utc{};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  clock_gettime(CLOCK_REALTIME, &utc);
  const auto ms = [](const timespec& t) {
    return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
  };
  return {{ms(boot)}, {ms(utc)}};
}

struct RoomHandle::Implementation {
  caf::actor_system* system = nullptr;
  caf::actor actor;
};

RoomHandle::RoomHandle() : implementation_(std::make_unique<Implementation>()) {}
RoomHandle::~RoomHandle() = default;

void RoomHandle::start(caf::actor_system& system, std::function<std::unique_ptr<Host>()> make,
                       Arm arm, Surroundings around) {
  implementation_->system = &system;
  implementation_->actor =
      system.spawn(room_behavior, std::move(make), std::move(arm), std::move(around));
}

void RoomHandle::post(RoomInputs inputs) {
  send(implementation_->actor, input_atom::value, std::move(inputs));
}

void RoomHandle::propose(Command command, std::function<void(const Answer&)> done) {
  post_one(LocalCommand{std::move(command), std::move(done)});
}

void RoomHandle::stop() {
  if (!implementation_->actor) return;
  caf::scoped_actor self{*implementation_->system};
  self->request(implementation_->actor, caf::infinite, stop_atom::value)
      .receive([](bool) {}, [](caf::error&) {});
}

void RoomHandle::kill() {
  if (implementation_->actor) {
    caf::anon_send_exit(implementation_->actor, caf::exit_reason::kill);
  }
}

}  // namespace vigie::actors
