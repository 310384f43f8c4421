// What must hold of one replica after every step, in a file of its own (as LogCabin does). Tests
// and simulators call it after each event; what is cheap is asserted in the core itself. What must
// hold between replicas is in tests/actors/core/replica/history.hpp.
#pragma once

#include <string>

#include "actors/core/replica/replica.hpp"

namespace vigie::replica {

/// Says what is wrong with the replica's state; empty when nothing is. Cost: O(entries not
/// applied yet).
std::string find_violation(const Replica& replica);

/// Watches one replica over one life of its process: what may only grow, and what a term fixes.
class Watch {
 public:
  /// Says what changed against the rules since the last call; empty when nothing did.
  std::string observe(const Replica& replica);

 private:
  HardState hard_;
  LogIndex commit_;
  LogIndex applied_;
  LogIndex last_;
  LogIndex snapshot_;
  std::uint64_t rounds_ = 0;
  Role role_ = Role::follower;
};

}  // namespace vigie::replica
