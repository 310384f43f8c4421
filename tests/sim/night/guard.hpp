// One waiting room, its readers and a load, on virtual time: the production room decides who reads
// what; here only arrive the exams, pass the minutes of reading, begin and end the shifts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/night/load.hpp"
#include "tests/sim/night/staffing.hpp"

namespace vigie::night {

/// Which exam goes first. All but `guard` are made of the same room by what it is told: other
/// targets, other urgencies, first images that came earlier.
enum class Discipline : std::uint8_t {
  guard,     ///< the product's: P0, then P1, each oldest first, then P2 and P3 by deadline
  fifo,      ///< as they come
  strict,    ///< by urgency, each oldest first
  deadline,  ///< by deadline alone
  vital      ///< P0 first, all others by deadline
};
std::string_view name_of(Discipline discipline);
bool discipline_of(std::string_view name, Discipline& out);

/// One exam that was read.
struct Read {
  std::uint32_t arrival = 0;  ///< position in the load
  std::uint16_t centre = 0;   ///< whose reader had it
  Millis wait;                ///< from ready until a reader has it
};

struct GuardResult {
  std::vector<Read> reads;  ///< in the order in which they began; all of the load
  std::uint64_t entries = 0;
  std::string digest;  ///< of the room at the end: the same night has the same
};

/// Runs until everything is read. A shift that ends lets its readers finish what they hold.
/// @errors Errc::bad_value: what arrives cannot be read, since nobody reads at any hour.
Result<GuardResult> run_guard(const std::vector<Arrival>& load, const Staffing& staffing,
                              Discipline discipline);
/// The same with a waiting room for each centre: its own hospitals, its own readers.
/// `digest` joins theirs.
Result<GuardResult> run_isolated(const std::vector<Arrival>& load, const Staffing& staffing,
                                 Discipline discipline);

}  // namespace vigie::night
