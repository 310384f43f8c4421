// One run: a world made from a seed, its faults, the quiet after them, the verdict.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/exam_tracks.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/invariants.hpp"
#include "tests/sim/nemesis.hpp"
#include "tests/sim/profile.hpp"

namespace vigie::sim {

struct Outcome {
  std::uint64_t seed = 0;
  std::uint64_t hash = 0;  ///< of every event: equal runs have equal ones
  std::vector<Violation> violations;
  Time simulated = 0;
  double wall_seconds = 0;
  std::uint64_t events = 0, operations = 0, entries = 0, restarts = 0, failovers = 0;
  std::uint64_t frames = 0, lost = 0, doubled = 0, overtaken = 0;
  std::uint64_t judged = 0;  ///< answers that the checker's model predicted
  std::uint64_t reads = 0;   ///< replies to queries that it judged
  /// Assignments of exams that went before others which waited for the same reader (I13), and of
  /// these, P2 before P3 or the other way round (I14).
  std::uint64_t in_order = 0, by_deadline = 0;
  std::array<std::uint64_t, fault_kinds> faults{};
  ExamTracks::Counts exams;
  GuardRules::Counts guard;
  Invariants::Commands commands{};  ///< committed
  Records::Done done{};             ///< answered OK
  std::uint64_t installs = 0;       ///< snapshots taken over from a leader
  std::vector<Time> gaps;

  std::uint64_t fault_count() const;
  /// Simulated seconds for a second of the clock on the wall.
  double factor() const { return wall_seconds > 0 ? double(simulated) / second / wall_seconds : 0; }
};

/// Same options, same outcome but for `wall_seconds`.
Outcome run(const Options& options);

}  // namespace vigie::sim
