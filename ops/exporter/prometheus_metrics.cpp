#include "ops/exporter/prometheus_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

#include "ops/exporter/process_usage.hpp"

namespace vigie::exporter {
namespace {

using Prom = std::map<std::string, std::string>;

struct PromCounter final : telemetry::Counter {
  explicit PromCounter(prometheus::Counter& counter) : target(counter) {}
  void add(std::uint64_t n) override { target.Increment(static_cast<double>(n)); }
  prometheus::Counter& target;
};
struct PromGauge final : telemetry::Gauge {
  explicit PromGauge(prometheus::Gauge& gauge) : target(gauge) {}
  void set(double value) override { target.Set(value); }
  prometheus::Gauge& target;
};
struct PromHistogram final : telemetry::Histogram {
  explicit PromHistogram(prometheus::Histogram& histogram) : target(histogram) {}
  void observe(double seconds) override { target.Observe(seconds); }
  void observe_all(const std::vector<double>& counts, double sum_seconds) override {
    target.ObserveMultiple(counts, sum_seconds);
  }
  prometheus::Histogram& target;
};

// The registry's own Add gives the same object for the same labels; so must the wrappers.
template <class Wrapper, class Target>
Wrapper& wrap(std::map<const void*, Wrapper>& wrappers, Target& target) {
  return wrappers.try_emplace(&target, target).first->second;
}

}  // namespace

struct PrometheusMetrics::Registry {
  explicit Registry(const std::string& name) : site{{"site", name}} {
    const auto gauge_of = [this](const char* metric, const char* help) -> prometheus::Gauge& {
      return prometheus::BuildGauge().Name(metric).Help(help).Labels(site).Register(all).Add({});
    };
    resident = &gauge_of("process_resident_memory_bytes", "Resident memory");
    open_fds = &gauge_of("process_open_fds", "Open file descriptors");
    threads = &gauge_of("process_threads", "Threads");
    gauge_of("process_start_time_seconds", "Start of the process, Unix time")
        .Set(process_start_seconds());
    cpu = &prometheus::BuildCounter()
               .Name("process_cpu_seconds_total")
               .Help("Processor time, user and system")
               .Labels(site)
               .Register(all)
               .Add({});
  }

  void sample_process() {
    const ProcessUsage usage = process_usage();
    resident->Set(static_cast<double>(usage.resident_bytes));
    open_fds->Set(static_cast<double>(usage.open_fds));
    threads->Set(static_cast<double>(usage.threads));
    const double more = usage.cpu_seconds - cpu->Value();
    if (more > 0) cpu->Increment(more);
  }

  std::mutex mutex;
  Prom site;
  prometheus::Registry all;
  std::map<const void*, PromCounter> counters;
  std::map<const void*, PromGauge> gauges;
  std::map<const void*, PromHistogram> histograms;
  prometheus::Gauge* resident = nullptr;
  prometheus::Gauge* open_fds = nullptr;
  prometheus::Gauge* threads = nullptr;
  prometheus::Counter* cpu = nullptr;
};

PrometheusMetrics::PrometheusMetrics(const std::string& site)
    : registry_(std::make_unique<Registry>(site)) {}
PrometheusMetrics::~PrometheusMetrics() = default;

telemetry::Counter& PrometheusMetrics::counter(const std::string& name, const std::string& help,
                                               const telemetry::Labels& labels) {
  Registry& r = *registry_;
  const std::lock_guard lock(r.mutex);
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Labels(r.site).Register(r.all);
  return wrap(r.counters, family.Add(Prom(labels.begin(), labels.end())));
}

telemetry::Gauge& PrometheusMetrics::gauge(const std::string& name, const std::string& help,
                                           const telemetry::Labels& labels) {
  Registry& r = *registry_;
  const std::lock_guard lock(r.mutex);
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Labels(r.site).Register(r.all);
  return wrap(r.gauges, family.Add(Prom(labels.begin(), labels.end())));
}

telemetry::Histogram& PrometheusMetrics::histogram(const std::string& name, const std::string& help,
                                                   const telemetry::Buckets& buckets,
                                                   const telemetry::Labels& labels) {
  Registry& r = *registry_;
  const std::lock_guard lock(r.mutex);
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Labels(r.site).Register(r.all);
  return wrap(r.histograms, family.Add(Prom(labels.begin(), labels.end()), buckets));
}

std::string PrometheusMetrics::text() const {
  const std::lock_guard lock(registry_->mutex);
  registry_->sample_process();
  return prometheus::TextSerializer().Serialize(registry_->all.Collect());
}

}  // namespace vigie::exporter
