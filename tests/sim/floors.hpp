// What a set of runs must have exercised: every kind of fault, every transition of the lifecycle
// that exists, every order of a person. A simulator that no longer provokes something proves
// nothing.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/simulation.hpp"

namespace vigie::sim {

class Floors {
 public:
  void add(const Outcome& outcome);
  /// How often what happened, a line for each group.
  std::string table() const;
  /// What was never exercised, or a command that steers an exam too seldom with success: "fault
  /// rot", "T4 RegulationReleased", "command settle_late", ...
  std::vector<std::string> missing() const;

 private:
  std::array<std::uint64_t, fault_kinds> faults_{};
  std::array<std::uint64_t, event_kinds> events_{};
  Invariants::Commands commands_{};
  Records::Done done_{};
  GuardRules::Counts guard_;
  std::uint64_t installs_ = 0, in_order_ = 0, by_deadline_ = 0;
};

}  // namespace vigie::sim
