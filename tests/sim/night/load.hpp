// What a day brings to the guard: how many exams each hour, of which kind and urgency, from which
// hospital, and how long each takes to read (domain §5.5). A seed means the same load on every
// machine: the generator is the standard's, the distributions are our own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "messages/types/exam.hpp"
#include "messages/types/time.hpp"

namespace vigie::night {

/// A kind of exam. `minutes` are the mean time to read it, `variation` is their deviation over it.
struct Kind {
  std::string_view name;
  Modality modality = Modality::ct;
  Region region = Region::unknown;
  double share = 0;
  double minutes = 0;
  double variation = 0;
  bool vital = false;  ///< a pathway of its own: P0 whatever was asked
};
inline constexpr std::array<Kind, 8> kinds{{
    {"CT head", Modality::ct, Region::head, 0.27, 11, 0.55, false},
    {"CT stroke", Modality::ct, Region::head, 0.06, 15, 0.5, true},
    {"CT chest", Modality::ct, Region::chest, 0.12, 13, 0.5, false},
    {"CT abdomen-pelvis", Modality::ct, Region::abdomen_pelvis, 0.30, 15, 0.5, false},
    {"CT polytrauma", Modality::ct, Region::whole_body, 0.03, 35, 0.4, true},
    {"CT spine, limb", Modality::ct, Region::spine, 0.07, 10, 0.5, false},
    {"MR", Modality::mr, Region::head, 0.06, 16, 0.5, false},
    {"CR, DX", Modality::cr, Region::limb, 0.09, 3.5, 0.6, false},
}};
/// Of all kinds by their shares: 12.96.
double mean_read_minutes();

enum class Day : std::uint8_t { weekday, weekend };
inline constexpr std::size_t hospitals_count = 100;

struct LoadOptions {
  double exams_per_day = 1000;
  int days = 1;
  std::uint64_t seed = 1;
  Day day = Day::weekday;
  bool bursts = true;    ///< each night a crash: 4 to 10 exams of one hospital in 15 minutes
  bool overseas = true;  ///< 5 % come from hospitals whose day is three hours ahead
};

struct Arrival {
  Millis at;  ///< ready to be read; from the first day's midnight
  Millis read;
  std::uint16_t hospital = 0;  ///< [0, hospitals_count): the first sends most
  std::uint8_t kind = 0;       ///< of `kinds`
  Urgency urgency = Urgency::p2;
};

/// Exams expected in that hour of the day, in [0, 24).
double expected(const LoadOptions& options, int hour);
/// In the order of `at`.
std::vector<Arrival> draw_load(const LoadOptions& options);
/// The share of all exams that a hospital sends.
double weight_of(std::uint16_t hospital);

}  // namespace vigie::night
