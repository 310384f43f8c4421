#include "actors/core/kpi/figures.hpp"

#include <algorithm>

namespace vigie::kpi {

void Distribution::add(Millis span) {
  const Millis whole = std::max(span, 0_ms);
  const auto place = std::lower_bound(bounds.begin(), bounds.end(), whole) - bounds.begin();
  ++counts[static_cast<std::size_t>(place)];
  ++count;
  sum = sum + whole;
}

void Distribution::add(const Distribution& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  count += other.count;
  sum = sum + other.sum;
}

Millis Distribution::quantile(unsigned percent) const {
  if (count == 0) return {};
  const std::int64_t rank = std::int64_t{percent} * count;  // in hundredths of an exam
  std::int64_t before = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const std::int64_t within = std::int64_t{100} * counts[i];
    if (within > 0 && before + within >= rank) {
      const Millis lower = i == 0 ? 0_ms : bounds[i - 1];
      return lower + (bounds[i] - lower) * (rank - before) / within;
    }
    before += within;
  }
  return bounds.back();
}

std::string_view name_of(Span span) {
  static constexpr std::array<std::string_view, span_count> names = {
      "request_to_report", "protocol_to_report", "first_image_to_report", "ready_to_report",
      "ready_to_signed",   "request_to_touch",   "request_to_protocol"};
  return names[static_cast<std::size_t>(span)];
}

std::vector<Slow> slow_establishments(const Figures& figures) {
  const ByUrgency& all = figures.totals.of(Span::request_to_report);
  std::vector<Slow> slow;
  for (const auto& [id, service] : figures.establishments) {
    for (std::size_t u = 0; u < urgency_count; ++u) {
      const Distribution& own = service.request_to_report[u];
      if (own.count < slow_exams_min || own.mean() * 2 <= all[u].mean() * 3) continue;
      slow.push_back({id, static_cast<Urgency>(u), own.count, own.mean(), all[u].mean()});
    }
  }
  return slow;
}

}  // namespace vigie::kpi
