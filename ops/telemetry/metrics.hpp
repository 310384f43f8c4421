// Counters, gauges and histograms, as an interface: what the shells hold and touch.
//
// A shell asks once for a handle and keeps the reference; using it takes a few nanoseconds and
// never looks anything up. Behind the interface is prometheus-cpp (ops/exporter) or nothing at all
// (no_metrics()). Which metrics a node has is in node_metrics.hpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vigie::telemetry {

/// Only grows. Any thread.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(std::uint64_t n = 1) = 0;
};

/// Goes up and down. Any thread; the last set stands.
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
  void set(std::integral auto value) { set(static_cast<double>(value)); }
};

/// Counts observations in buckets. Any thread.
class Histogram {
 public:
  virtual ~Histogram() = default;
  /// @param seconds Durations are always seconds.
  virtual void observe(double seconds) = 0;
  /// Takes in what was counted elsewhere, in the same buckets.
  /// @param counts Observations by bucket, each in one only; one more than the bounds, +Inf last.
  /// @param sum_seconds Of all of them.
  virtual void observe_all(const std::vector<double>& counts, double sum_seconds) = 0;
};

/// Name and value; names `[a-z_]+`, values from a set that is known and small.
using Labels = std::vector<std::pair<std::string, std::string>>;
/// Upper bounds in seconds, ascending; the last bucket (+Inf) is added.
using Buckets = std::vector<double>;

/// Where handles come from. They live as long as the Metrics. The same name and labels give the
/// same handle; a name keeps its kind. Every label set exists, at 0, from the moment it was asked
/// for.
class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual Counter& counter(const std::string& name, const std::string& help,
                           const Labels& labels = {}) = 0;
  virtual Gauge& gauge(const std::string& name, const std::string& help,
                       const Labels& labels = {}) = 0;
  virtual Histogram& histogram(const std::string& name, const std::string& help,
                               const Buckets& buckets, const Labels& labels = {}) = 0;
};

/// Handles that do nothing; for tools and tests.
Metrics& no_metrics();

}  // namespace vigie::telemetry
