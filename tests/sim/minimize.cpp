#include "tests/sim/minimize.hpp"

#include <algorithm>

namespace vigie::sim {
namespace {

bool same_violation(const Outcome& a, const Outcome& b) {
  return !a.violations.empty() && !b.violations.empty() &&
         a.violations.front().invariant == b.violations.front().invariant;
}

}  // namespace

Options minimize(const Options& options, const Outcome& outcome, int runs_max) {
  Options best = options;
  best.trace.clear();
  std::vector<std::uint32_t> left;
  for (const Fault& fault : draw_faults(best)) {
    const bool after = !outcome.violations.empty() && fault.at > outcome.violations.front().at;
    after ? void(best.without.insert(fault.number)) : left.push_back(fault.number);
  }
  for (std::size_t piece = std::max<std::size_t>(left.size() / 2, 1); runs_max > 0;) {
    bool shorter = false;
    for (std::size_t at = 0; at < left.size() && runs_max > 0;) {
      const std::size_t end = std::min(at + piece, left.size());
      Options attempt = best;
      attempt.without.insert(left.begin() + static_cast<std::ptrdiff_t>(at),
                             left.begin() + static_cast<std::ptrdiff_t>(end));
      --runs_max;
      if (same_violation(outcome, run(attempt))) {
        best = std::move(attempt);
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(at),
                   left.begin() + static_cast<std::ptrdiff_t>(end));
        shorter = true;
      } else {
        at = end;
      }
    }
    if (piece == 1 && !shorter) break;
    piece = std::max<std::size_t>(piece / 2, 1);
  }
  return best;
}

}  // namespace vigie::sim
