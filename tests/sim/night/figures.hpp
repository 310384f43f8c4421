// What a simulated night comes to: waits and turnaround by urgency, staffing, as text and as CSV.
// The clock runs from ready to signed: scan, transfer and regulation are not in it.
#pragma once

#include <array>
#include <iosfwd>
#include <string>
#include <vector>

#include "tests/sim/night/guard.hpp"

namespace vigie::night {

/// Minutes, of the exams of one urgency or of all.
struct Waits {
  std::size_t exams = 0;
  double wait_mean = 0, wait_p50 = 0, wait_p99 = 0, wait_max = 0;
  double over_target_percent = 0;  ///< waited longer than the class may: 10, 20, 45, 120 min
  double turnaround_mean = 0, turnaround_p90 = 0;
};

struct Figures {
  std::array<Waits, urgency_count> by_urgency;
  Waits all;
  int readers_min = 0, readers_max = 0;
  double reader_hours_per_day = 0;
  double busy_percent = 0;  ///< of the hours that readers were there for
  std::vector<std::string> centres;
  std::vector<std::size_t> reads_by_centre;
  std::vector<std::size_t> reads_of_other_homes;  ///< ... of another centre's hospitals
};

/// Collects several runs of one kind (seeds) into one set of figures.
class Tally {
 public:
  explicit Tally(Staffing staffing) : staffing_(std::move(staffing)) {}
  void add(const std::vector<Arrival>& load, int days, const GuardResult& result);
  Figures figures() const;

 private:
  struct Sample {
    std::int64_t wait = 0, turnaround = 0;
  };
  static Waits waits_of(std::vector<Sample> samples, std::int64_t target);

  Staffing staffing_;
  std::array<std::vector<Sample>, urgency_count> samples_;
  std::vector<std::size_t> reads_by_centre_, others_;
  int days_ = 0;
  double read_hours_ = 0;
};

void print_table(std::ostream& out, const Figures& figures);
std::string csv_header();
/// A line for each urgency and one for all. `name` is the first column.
void append_csv(std::string& csv, const std::string& name, const Figures& figures);
/// One line an exam: when, from where, what, how long it waited, who read it.
std::string exams_csv(const std::vector<Arrival>& load, const Staffing& staffing,
                      const GuardResult& result);

}  // namespace vigie::night
