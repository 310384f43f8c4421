// What is printed: a line for each run, a summary of many, the story of a violation and the command
// that replays it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/sim/floors.hpp"

namespace vigie::sim {

/// The exact command that repeats a run.
std::string replay_command(const Options& options);
/// "3,5-7"
std::string ranges(const std::set<std::uint32_t>& numbers);
std::set<std::uint32_t> numbers_of(const std::string& ranges);

void print_run(const Options& options, const Outcome& outcome);
void print_violations(const Options& options, const Outcome& outcome);

/// Of many runs.
class Totals {
 public:
  void add(const Outcome& outcome);
  void print() const;

 private:
  std::uint64_t runs_ = 0, failed_ = 0, operations_ = 0, judged_ = 0, reads_ = 0, events_ = 0;
  std::uint64_t restarts_ = 0, failovers_ = 0, lost_ = 0, doubled_ = 0, overtaken_ = 0;
  std::uint64_t exams_ = 0, offers_ = 0, reports_ = 0, late_ = 0, closed_ = 0;
  Time simulated_ = 0;
  double wall_ = 0;
  Floors floors_;
  std::vector<Time> gaps_;
};

/// From now on an assertion that fails, in production code too, names the run that `options` tell.
void tell_on_abort(const Options& options);

/// Keeps what the production code logs, to look for patients in it (I20).
class LogKeeper {
 public:
  LogKeeper();
  ~LogKeeper();
  LogKeeper(const LogKeeper&) = delete;
  LogKeeper& operator=(const LogKeeper&) = delete;
  /// Lines with something of a patient since the last call.
  std::size_t patients_found();
  static void show_tail();

 private:
  static inline int kept_ = -1, real_ = -1;
};

}  // namespace vigie::sim
