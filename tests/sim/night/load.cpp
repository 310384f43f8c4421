#include "tests/sim/night/load.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace vigie::night {
namespace {

/// Exams by the hour of the day, at 1,000 a day (domain §5.5).
constexpr std::array<int, 24> weekday{44, 31, 25, 21, 18, 17, 17, 19, 20, 25, 30, 34,
                                      36, 36, 38, 40, 42, 46, 62, 76, 87, 91, 83, 62};
constexpr std::array<int, 24> weekend{46, 36, 30, 25, 21, 19, 19, 22, 30, 42, 52, 56,
                                      53, 52, 54, 55, 55, 55, 54, 53, 52, 48, 42, 29};
/// P0 to P3, before the rule that strokes and polytraumas are P0.
constexpr std::array<double, urgency_count> urgencies{0.15, 0.30, 0.45, 0.10};
constexpr double overseas_share = 0.05;
constexpr int overseas_hours_ahead = 3;
constexpr std::size_t overseas_hospitals = 8;
constexpr double hour_ms = 3'600'000;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  /// In [0, 1).
  double even() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  double exponential(double mean) { return -mean * std::log1p(-even()); }
  double normal() {
    const double radius = std::sqrt(-2 * std::log1p(-even()));
    return radius * std::cos(2 * std::numbers::pi * even());
  }
  double lognormal(double mean, double variation) {
    const double variance = std::log1p(variation * variation);
    return mean * std::exp(std::sqrt(variance) * normal() - variance / 2);
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(even() * static_cast<double>(high - low + 1));
  }
  /// A position, each with the probability `share(position)`.
  template <class Share>
  std::size_t pick(std::size_t count, const Share& share) {
    double left = even();
    for (std::size_t i = 0; i + 1 < count; ++i) {
      left -= share(i);
      if (left < 0) return i;
    }
    return count - 1;
  }

 private:
  std::mt19937_64 engine_;
};

double shape(Day day, int hour) {
  const auto& hours = day == Day::weekday ? weekday : weekend;
  return static_cast<double>(hours[static_cast<std::size_t>((hour + 24) % 24)]);
}

double of_hour(const LoadOptions& options, int hour) {
  return shape(options.day, hour) * options.exams_per_day / 1000;
}

std::uint8_t pick_kind(Draw& draw) {
  return static_cast<std::uint8_t>(
      draw.pick(kinds.size(), [](std::size_t i) { return kinds[i].share; }));
}

Millis read_time(Draw& draw, const Kind& kind) {
  return {static_cast<std::int64_t>(60'000 * draw.lognormal(kind.minutes, kind.variation))};
}

Arrival make(Draw& draw, Millis at, std::uint16_t hospital) {
  Arrival a;
  a.at = at;
  a.hospital = hospital;
  a.kind = pick_kind(draw);
  const auto asked = draw.pick(urgencies.size(), [](std::size_t i) { return urgencies[i]; });
  a.urgency = kinds[a.kind].vital ? Urgency::p0 : static_cast<Urgency>(asked);
  a.read = read_time(draw, kinds[a.kind]);
  return a;
}

/// Poisson within the hour.
void add_hour(Draw& draw, double count, Millis begin, bool overseas, std::vector<Arrival>& out) {
  if (count <= 0) return;
  for (double at = draw.exponential(hour_ms / count); at < hour_ms;
       at += draw.exponential(hour_ms / count)) {
    const auto hospital = overseas ? hospitals_count - 1 -
                                         static_cast<std::size_t>(draw.between(
                                             0, static_cast<std::int64_t>(overseas_hospitals) - 1))
                                   : draw.pick(hospitals_count, [](std::size_t i) {
                                       return weight_of(static_cast<std::uint16_t>(i));
                                     });
    out.push_back(make(draw, begin + Millis{static_cast<std::int64_t>(at)},
                       static_cast<std::uint16_t>(hospital)));
  }
}

/// A crash at one hospital, some time of the night.
void add_burst(Draw& draw, Millis midnight, std::vector<Arrival>& out) {
  const Millis begin = midnight + Millis{draw.between(0, (8_h).value)};
  const auto hospital = static_cast<std::uint16_t>(draw.between(0, hospitals_count - 1));
  const std::int64_t count = draw.between(4, 10);
  for (std::int64_t i = 0; i < count; ++i) {
    out.push_back(make(draw, begin + Millis{draw.between(0, (15_min).value)}, hospital));
  }
}

}  // namespace

double mean_read_minutes() {
  double sum = 0;
  for (const Kind& kind : kinds) sum += kind.share * kind.minutes;
  return sum;
}

double weight_of(std::uint16_t hospital) {
  static const double all = [] {
    double sum = 0;
    for (std::size_t i = 0; i < hospitals_count; ++i) sum += 1.0 / static_cast<double>(i + 10);
    return sum;
  }();
  return 1.0 / (hospital + 10.0) / all;
}

double expected(const LoadOptions& options, int hour) {
  if (!options.overseas) return of_hour(options, hour);
  return (1 - overseas_share) * of_hour(options, hour) +
         overseas_share * of_hour(options, hour + overseas_hours_ahead);
}

std::vector<Arrival> draw_load(const LoadOptions& options) {
  Draw draw(options.seed);
  std::vector<Arrival> all;
  const double overseas = options.overseas ? overseas_share : 0;
  for (int day = 0; day < options.days; ++day) {
    const Millis midnight = 24_h * day;
    for (int hour = 0; hour < 24; ++hour) {
      const Millis begin = midnight + 1_h * hour;
      add_hour(draw, (1 - overseas) * of_hour(options, hour), begin, false, all);
      add_hour(draw, overseas * of_hour(options, hour + overseas_hours_ahead), begin, true, all);
    }
    if (options.bursts) add_burst(draw, midnight, all);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  return all;
}

}  // namespace vigie::night
