// A CAF actor system whose scheduler is a list that the simulator works off, one message at a time,
// in an order that chance picks (CAF keeps each actor's own messages in order), and whose clock
// stands still until it is told the time.
#pragma once

#include <algorithm>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <optional>

#include "messages/types/time.hpp"
#include "tests/sim/chance.hpp"

namespace vigie::sim {

class ActorSystem {
 public:
  ActorSystem() : system_(config_) {}
  caf::actor_system& system() { return system_; }

  bool is_idle() const { return scheduler_.jobs.empty(); }
  /// Lets one actor take one message.
  void run_one(Chance& chance) {
    auto& jobs = scheduler_.jobs;
    if (jobs.size() > 1) {
      const auto at = static_cast<std::ptrdiff_t>(chance.below(jobs.size()));
      std::rotate(jobs.begin(), jobs.begin() + at, jobs.begin() + at + 1);
    }
    scheduler_.run_once();
  }
  void run_all(Chance& chance) {
    while (!is_idle()) run_one(chance);
  }

  /// When the next delayed message is due, of this system's clock.
  std::optional<BootTime> next_timeout() const {
    auto& clock = scheduler_.clock();
    if (!clock.has_pending_timeout()) return {};
    return BootTime{
        std::chrono::duration_cast<std::chrono::milliseconds>(Peek::first(clock).time_since_epoch())
            .count()};
  }
  /// Moves the clock; delayed messages that are due go to their actors, in order.
  void set_time(BootTime now) {
    auto& clock = scheduler_.clock();
    const auto moment = caf::actor_clock::time_point{std::chrono::milliseconds{now.value}};
    clock.current_time = std::max(clock.current_time, moment);
    if (clock.has_pending_timeout() && Peek::first(clock) <= clock.current_time) {
      clock.advance_time(caf::timespan{0});
    }
  }

 private:
  struct Config : caf::actor_system_config {
    Config() { set("scheduler.policy", caf::atom("testing")); }
  };
  struct Peek : caf::detail::test_actor_clock {  // its schedule is protected
    static time_point first(caf::detail::test_actor_clock& clock) {
      return (clock.*&Peek::schedule_).begin()->first;
    }
  };

  Config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_ =
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
};

}  // namespace vigie::sim
