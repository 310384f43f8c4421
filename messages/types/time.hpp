// Time as values. No function here reads a clock: shells read clocks and pass these in (design D3).
#pragma once

#include <compare>
#include <cstdint>

namespace vigie {

/// A span of time in milliseconds; may be negative.
struct Millis {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Millis&) const = default;
  constexpr Millis operator+(Millis o) const { return {value + o.value}; }
  constexpr Millis operator-(Millis o) const { return {value - o.value}; }
  constexpr Millis operator*(std::int64_t n) const { return {value * n}; }
  constexpr Millis operator/(std::int64_t n) const { return {value / n}; }
};

constexpr Millis operator""_ms(unsigned long long n) { return {static_cast<std::int64_t>(n)}; }
constexpr Millis operator""_s(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 1000};
}
constexpr Millis operator""_min(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 60'000};
}
constexpr Millis operator""_h(unsigned long long n) {
  return {static_cast<std::int64_t>(n) * 3'600'000};
}

/// A moment on one axis of time, in milliseconds from that axis' zero. Axes do not mix.
template <class Axis>
struct Moment {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Moment&) const = default;
  constexpr Moment operator+(Millis d) const { return {value + d.value}; }
  constexpr Moment operator-(Millis d) const { return {value - d.value}; }
  constexpr Millis operator-(Moment o) const { return {value - o.value}; }
  constexpr explicit operator bool() const { return value != 0; }
};

/// Federation time: the stamps `at` of the log, the only time that deadlines are compared with.
/// Starts near UTC milliseconds since 1970 and never goes back. 0 = never.
using FedTime = Moment<struct FederationAxis>;
/// One node's CLOCK_BOOTTIME: leases and elections. Never compared between nodes.
using BootTime = Moment<struct BootAxis>;
/// UTC milliseconds since 1970, for calendars and display only.
using UtcTime = Moment<struct UtcAxis>;

}  // namespace vigie
