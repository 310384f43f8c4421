// A computer's clocks: CLOCK_BOOTTIME that runs a little fast or slow and never jumps, and a wall
// clock that somebody may set. Centres and clients each have one.
#pragma once

#include <string>

#include "messages/types/time.hpp"
#include "tests/sim/chance.hpp"
#include "tests/sim/world.hpp"

namespace vigie::sim {

class Machine {
 public:
  /// @param rate Ticks per million of true ones.
  Machine(Time booted, std::int64_t rate) : booted_(booted), rate_(rate) {}

  BootTime boot(Time now) const { return {(now - booted_) * rate_ / 1'000'000 / ms + at_boot}; }
  /// The first true moment at which boot() says `local` or more.
  Time when(BootTime local) const {
    const std::int64_t ticks = (local.value - at_boot) * ms;
    return booted_ + (ticks * 1'000'000 + rate_ - 1) / rate_ + 1;
  }
  UtcTime utc(Time now) const { return UtcTime{1'700'000'000'000 + now / ms} + wall_error_; }
  void jump(Millis by) { wall_error_ = wall_error_ + by; }
  Millis wall_error() const { return wall_error_; }

  /// The machine stops and starts: its boot clock is at zero again, under another identity.
  void reboot(Time now) {
    booted_ = now;
    ++boots_;
  }
  std::string identity() const { return "run " + std::to_string(boots_); }

 private:
  static constexpr std::int64_t at_boot = 10'000;
  Time booted_;
  std::int64_t rate_;
  Millis wall_error_;
  int boots_ = 1;
};

}  // namespace vigie::sim
