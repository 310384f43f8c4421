// What goes wrong, and when: drawn before the run from the seed alone and numbered, so that a run
// can be repeated without some of its faults.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/administrator.hpp"

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
  X(rot)               /* a byte of one journal, found at its next start */                       \
  X(rollback)          /* a disk is as it was before; sometimes its guard file too (D16) */       \
  X(long_down)         /* down until the others have nothing left for it but a snapshot */        \
  X(half_dead_wire)    /* of a reader who looks away until his lease is over */                   \
  X(expiry_race)       /* a reader comes back just as his session is to end */                    \
  X(hospitals_silent)  /* no report is acknowledged at one door, and it is started again */       \
  X(grow)              /* a spare centre becomes a learner, then a voter */                       \
  X(shrink)            /* and goes again */
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
          Administrator& administrator, std::vector<Fault> faults, const Options& options);

  /// How often each kind befell somebody.
  const std::array<std::uint64_t, fault_kinds>& counts() const { return counts_; }
  std::uint64_t total() const;
  /// Nobody is on the way in or out, or has lost its data.
  bool is_whole() const { return administrator_.is_settled(); }
  /// Heals everything at once; what is down starts.
  void calm();
  /// For the time after the faults: a minority that stays away, cut off or down.
  void leave_out(const std::vector<SiteId>& minority, bool down);

  void on_event(std::uint32_t kind, std::uint64_t value) override;

 private:
  enum Kind : std::uint32_t { begin, end, turn, race };
  void strike(const Fault& fault);
  void strike_process(const Fault& fault, SiteId at);
  void strike_wires(const Fault& fault, SiteId at);
  void strike_disk(const Fault& fault, SiteId at);
  bool strike_client(const Fault& fault);
  bool strike_data(const Fault& fault, SiteId at);
  bool roll_back(const Fault& fault);
  bool begin_race(const Fault& fault);
  void run_race();
  void clog_leader(Time extra);
  bool may_lose_data() const;
  void count(FaultKind kind) { ++counts_[static_cast<std::size_t>(kind)]; }
  void lift(const Fault& fault);
  SiteId target(const Fault& fault) const;
  void cut(std::size_t fault, SiteId from, SiteId to);
  void heal(std::size_t fault);
  void isolate(std::size_t fault, SiteId at, bool out, bool in);

  Town& town_;
  Invariants& invariants_;
  std::vector<std::unique_ptr<Person>>& people_;
  Administrator& administrator_;
  const std::vector<Fault> faults_;
  const Options& options_;
  std::array<std::uint64_t, fault_kinds> counts_{};
  std::vector<std::vector<std::pair<SiteId, SiteId>>> cuts_;  ///< by fault: to be healed
  bool calm_ = false;
  struct Image {
    storage::MemoryDisk disk;
    std::optional<site::GuardMark> guard;
    replica::LogPosition last;
  };
  std::map<std::uint32_t, Image> images_;  ///< by fault
  struct Race {
    Person* person = nullptr;
    SiteId leader;
    Time wake = 0;
    int step = 0;
  } race_;
};

}  // namespace vigie::sim
