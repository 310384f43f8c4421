#include "ops/telemetry/metrics.hpp"

namespace vigie::telemetry {
namespace {

struct NoCounter final : Counter {
  void add(std::uint64_t) override {}
};
struct NoGauge final : Gauge {
  void set(double) override {}
};
struct NoHistogram final : Histogram {
  void observe(double) override {}
  void observe_all(const std::vector<double>&, double) override {}
};

class NoMetrics final : public Metrics {
 public:
  Counter& counter(const std::string&, const std::string&, const Labels&) override {
    return counter_;
  }
  Gauge& gauge(const std::string&, const std::string&, const Labels&) override { return gauge_; }
  Histogram& histogram(const std::string&, const std::string&, const Buckets&,
                       const Labels&) override {
    return histogram_;
  }

 private:
  NoCounter counter_;
  NoGauge gauge_;
  NoHistogram histogram_;
};

}  // namespace

Metrics& no_metrics() {
  static NoMetrics none;
  return none;
}

}  // namespace vigie::telemetry
