// What goes wrong, and when: drawn before the run from the seed alone and numbered, so that a run
// can be repeated without some of its faults.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/town.hpp"

namespace vigie::sim {

// clang-format off
#define VIGIE_SIM_FAULTS(X)                                                                       \
  X(crash)             /* kill -9, some unsynced bytes lost; starts again */                      \
  X(crash_leader)      /* the same, of whoever leads */                                           \
  X(crash_in_step)     /* the same, between two messages of its actors */                         \
  X(crash_at_failpoint)/* the same, at one of the durable steps (messages/types/failpoint.hpp) */ \
  X(crash_again)       /* three times in a row */                                                 \
  X(crash_majority)    /* all but one */                                                          \
  X(crash_all)                                                                                    \
  X(reboot)            /* the machine: its boot clock starts at zero */                           \
  X(pause)             /* SIGSTOP, SIGCONT */                                                     \
  X(pause_leader)                                                                                 \
  X(isolate)           /* one centre has no wires left */                                         \
  X(isolate_leader)                                                                               \
  X(split)             /* two halves */                                                           \
  X(one_way)           /* what one centre says reaches nobody, or what it should hear */          \
  X(partial)           /* two centres cannot see each other, all others see both */               \
  X(flap)              /* a wire that comes and goes */                                           \
  X(clog)              /* everything late */                                                      \
  X(loss)              /* much is lost */                                                         \
  X(clock_jump)        /* of a wall clock, up to an hour */                                       \
  X(slow_disk)                                                                                    \
  X(disk_full)                                                                                    \
  X(io_error)          /* one write fails */                                                      \
  X(client_drop)       /* a client's connection breaks */                                         \
  X(client_sleep)      /* a laptop is closed */                                                   \
  X(rot)               /* storage: a byte of one journal, found at its next start */
// clang-format on

enum class FaultKind : std::uint8_t {
#define VIGIE_SIM_FAULT_ENUM(name) name,
  VIGIE_SIM_FAULTS(VIGIE_SIM_FAULT_ENUM)
#undef VIGIE_SIM_FAULT_ENUM
};
inline constexpr std::array fault_names = {
#define VIGIE_SIM_FAULT_NAME(name) std::string_view{#name},
    VIGIE_SIM_FAULTS(VIGIE_SIM_FAULT_NAME)
#undef VIGIE_SIM_FAULT_NAME
};
inline constexpr std::size_t fault_kinds = fault_names.size();

struct Fault {
  std::uint32_t number = 0;
  FaultKind kind = FaultKind::crash;
  Time at = 0, span = 0;
  SiteId a, b;
  std::uint64_t x = 0;  ///< whatever else its kind wants to be drawn
};

/// All of the run that `options` describe.
std::vector<Fault> draw_faults(const Options& options);
/// For people and traces.
std::string describe(const Fault& fault);

class Nemesis final : public Target {
 public:
  Nemesis(Town& town, Invariants& invariants, std::vector<std::unique_ptr<Person>>& people,
          std::vector<Fault> faults, const Options& options);

  /// How often each kind befell somebody.
  const std::array<std::uint64_t, fault_kinds>& counts() const { return counts_; }
  std::uint64_t total() const;
  /// Heals everything at once; what is down starts.
  void calm();
  /// For the time after the faults: a minority that stays away, cut off or down.
  void leave_out(const std::vector<SiteId>& minority, bool down);

  void on_event(std::uint32_t kind, std::uint64_t value) override;

 private:
  enum Kind : std::uint32_t { begin, end, turn };
  void strike(const Fault& fault);
  void strike_process(const Fault& fault, SiteId at);
  void strike_wires(const Fault& fault, SiteId at);
  void strike_disk(const Fault& fault, SiteId at);
  void strike_client(const Fault& fault);
  void lift(const Fault& fault);
  SiteId target(const Fault& fault) const;
  void cut(std::size_t fault, SiteId from, SiteId to);
  void heal(std::size_t fault);
  void isolate(std::size_t fault, SiteId at, bool out, bool in);
  bool may_rot() const;

  Town& town_;
  Invariants& invariants_;
  std::vector<std::unique_ptr<Person>>& people_;
  const std::vector<Fault> faults_;
  const Options& options_;
  std::array<std::uint64_t, fault_kinds> counts_{};
  std::vector<std::vector<std::pair<SiteId, SiteId>>> cuts_;  ///< by fault: to be healed
  bool calm_ = false, rotted_ = false;
};

}  // namespace vigie::sim
