// Violations of invariants (faults I1 to I20), as they are found: number, sentence, where.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "messages/types/ids.hpp"
#include "tests/sim/world.hpp"

namespace vigie::sim {

struct Violation {
  std::string invariant;  ///< "I9", "liveness", ...
  std::string what;
  Time at = 0;
  LogIndex index;
  ExamId exam;
  SiteId site;
};

class Findings {
 public:
  explicit Findings(const World& world) : world_(world) {}
  void add(std::string invariant, std::string what, LogIndex index = {}, ExamId exam = {},
           SiteId site = {}) {
    if (all_.size() < kept_max) {
      all_.push_back({std::move(invariant), std::move(what), world_.now(), index, exam, site});
    }
  }
  bool any() const { return !all_.empty(); }
  /// Something that must never be, and not only what comes too late.
  bool is_unsafe() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const Violation& v) { return v.invariant != "liveness"; });
  }
  const std::vector<Violation>& all() const { return all_; }

 private:
  static constexpr std::size_t kept_max = 20;
  const World& world_;
  std::vector<Violation> all_;
};

}  // namespace vigie::sim
