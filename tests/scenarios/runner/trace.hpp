// What a scenario prints: lines of plain words, each with the seconds since its block began.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/machine.hpp"

namespace vigie::scenarios {

class Trace {
 public:
  explicit Trace(const sim::World& world) : world_(world) {}

  /// A block begins now; what the last one said is gone.
  void begin() {
    lines_.clear();
    begun_ = world_.now();
  }
  /// Something happened.
  void say(const std::string& words) {
    std::string seconds = std::to_string((world_.now() - begun_) / sim::second);
    if (seconds.size() < 4) seconds.insert(0, 4 - seconds.size(), ' ');
    lines_.push_back(seconds + " s  " + words);
  }
  /// What somebody looked at: no time.
  void show(const std::string& words) { lines_.push_back(words); }
  /// What a right wall clock would show.
  UtcTime true_utc() const { return sim::Machine(0, 1'000'000).utc(world_.now()); }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  const sim::World& world_;
  sim::Time begun_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace vigie::scenarios
