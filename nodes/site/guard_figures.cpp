#include "nodes/site/guard_figures.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vigie::site {
namespace {

double seconds(Millis span) { return static_cast<double>(span.value) / 1000; }
std::uint64_t whole_seconds(Millis span) { return static_cast<std::uint64_t>(span.value / 1000); }

/// The centre's name as metrics have it; "other" is made of what they do not know.
std::string_view name_of(const actors::Host& host, SiteId id) {
  const Site* site = host.room().directory().site(id);
  if (!site) site = host.settings().founding.site(id);
  return site ? std::string_view(site->name) : "other";
}

void add(const kpi::ByUrgency& now, const kpi::ByUrgency& before,
         const telemetry::Labelled<telemetry::Histogram>& histograms) {
  std::vector<double> more(now[0].counts.size());
  for (std::size_t u = 0; u < now.size(); ++u) {
    if (now[u].count == before[u].count) continue;
    for (std::size_t i = 0; i < more.size(); ++i) more[i] = now[u].counts[i] - before[u].counts[i];
    histograms.at(u).observe_all(more, seconds(now[u].sum - before[u].sum));
  }
}

void show_offers(const kpi::Offers& now, const kpi::Offers& before,
                 telemetry::NodeMetrics& metrics) {
  telemetry::RoomMetrics& room = metrics.room;
  telemetry::GuardMetrics& guard = metrics.guard;
  guard.offers_made.add(now.made - before.made);
  room.offers.of("accepted").add(now.accepted - before.accepted);
  room.offers.of("automatic").add(now.automatic - before.automatic);
  room.offers.of("expired").add(now.expired - before.expired);
  room.offers.of("withdrawn").add(now.withdrawn - before.withdrawn);
  for (std::size_t i = 0; i < now.declined.size(); ++i) {
    const std::uint64_t more = now.declined[i] - before.declined[i];
    room.offers.of("declined").add(more);
    guard.declines.of(kpi::decline_reasons[i]).add(more);
  }
}

void show_posts(const actors::Host& host, const telemetry::GuardMetrics& guard) {
  std::map<SiteId, std::uint32_t> staffed;
  for (const auto& [id, seat] : host.measures().seats()) ++staffed[seat.site];
  for (const Site& site : host.room().directory().sites) {
    guard.posts.of(site.name).set(site.posts);
    guard.posts_staffed.of(site.name).set(staffed[site.id]);
  }
}

void show_slow(const kpi::Measures& measures, const telemetry::GuardMetrics& guard) {
  std::array<std::uint32_t, urgency_count> slow{};
  for (const kpi::Slow& s : measures.slow()) ++slow[static_cast<std::size_t>(s.urgency)];
  for (std::size_t u = 0; u < slow.size(); ++u) guard.slow.at(u).set(slow[u]);
}

}  // namespace

telemetry::Buckets span_bounds() {
  telemetry::Buckets all;
  for (const Millis bound : kpi::bounds) all.push_back(seconds(bound));
  return all;
}

void GuardFigures::show_totals(const kpi::Totals& now, telemetry::NodeMetrics& metrics) const {
  const telemetry::GuardMetrics& guard = metrics.guard;
  using kpi::Span;
  const auto show = [&](Span span, const telemetry::Labelled<telemetry::Histogram>& histograms) {
    add(now.of(span), totals_.of(span), histograms);
  };
  show(Span::request_to_report, guard.request_to_report);
  show(Span::protocol_to_report, guard.protocol_to_report);
  show(Span::first_image_to_report, guard.first_image_to_report);
  show(Span::ready_to_report, guard.ready_to_report);
  show(Span::ready_to_signed, guard.ready_to_signed);
  show(Span::request_to_touch, guard.request_to_touch);
  show(Span::request_to_protocol, guard.request_to_protocol);
  for (std::size_t u = 0; u < now.late.size(); ++u) {
    guard.late.at(u).add(now.late[u] - totals_.late[u]);
  }
  show_offers(now.offers, totals_.offers, metrics);
  guard.reads.add(now.reads - totals_.reads);
  guard.interruptions.add(now.interruptions - totals_.interruptions);
}

void GuardFigures::show_flows(const actors::Host& host, const telemetry::GuardMetrics& guard) {
  for (const auto& [flow, now] : host.measures().flows()) {
    std::uint64_t& before = flows_[flow];
    guard.reported(name_of(host, flow.origin), name_of(host, flow.reading)).add(now - before);
    before = now;
  }
}

void GuardFigures::show_presence(const actors::Host& host, const telemetry::GuardMetrics& guard) {
  for (const auto& [site, presence] : host.measures().presence(host.room().now())) {
    Seconds& before = seconds_[site];
    const Seconds now{whole_seconds(presence.logged), whole_seconds(presence.busy)};
    guard.logged_seconds.of(name_of(host, site)).add(now.logged - before.logged);
    guard.busy_seconds.of(name_of(host, site)).add(now.busy - before.busy);
    before = now;
  }
}

void GuardFigures::show(const actors::Host& host, telemetry::NodeMetrics& metrics) {
  show_totals(host.measures().totals(), metrics);
  totals_ = host.measures().totals();
  show_flows(host, metrics.guard);
  show_presence(host, metrics.guard);
  show_posts(host, metrics.guard);
  show_slow(host.measures(), metrics.guard);
}

}  // namespace vigie::site
