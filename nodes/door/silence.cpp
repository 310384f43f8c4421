#include "nodes/door/silence.hpp"

#include "actors/core/delivery/report_message.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::door {
namespace {

int local_hour() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const UtcTime now{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
  return static_cast<int>((now.value / 60'000 + delivery::legal_offset_minutes(now)) / 60 % 24);
}

}  // namespace

Millis silence_allowed(const std::vector<settings::SilenceRule>& rules, int hour) {
  const settings::Band band = hour < 8    ? settings::Band::night
                              : hour < 18 ? settings::Band::day
                                          : settings::Band::evening;
  Millis otherwise;
  for (const settings::SilenceRule& rule : rules) {
    if (rule.band == band) return rule.after;
    if (rule.band == settings::Band::always) otherwise = rule.after;
  }
  return otherwise;
}

void watch_silence(LiveFeed& feed, telemetry::DoorMetrics& metrics) {
  const auto quiet = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - feed.last_message);
  const Millis allowed = silence_allowed(feed.settings.silent_after, local_hour());
  const bool late = allowed > 0_ms && quiet.count() > allowed.value;
  metrics.feed_silent.of(feed.settings.name).set(quiet.count() / 1000);
  metrics.feed_late.of(feed.settings.name).set(late ? 1 : 0);
  if (late != feed.late) {
    telemetry::log_warning(late ? "feed_silent" : "feed_speaks",
                           {{"feed", feed.settings.name}, {"quiet", Millis{quiet.count()}}});
  }
  feed.late = late;
}

}  // namespace vigie::door
