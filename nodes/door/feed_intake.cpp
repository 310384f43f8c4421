#include "nodes/door/feed_intake.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "actors/core/delivery/report_message.hpp"
#include "actors/core/hl7/ack.hpp"
#include "actors/core/hl7/map.hpp"
#include "nodes/door/feed_map.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::door {
namespace {

UtcTime utc_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

/// The message does not name a hospital of this feed: perhaps another's that shares the listener.
bool is_of_another(const Prepared& prepared) {
  const auto* refusal = std::get_if<hl7::Refusal>(&prepared.content);
  return std::holds_alternative<Errc>(prepared.content) ||
         (refusal != nullptr && refusal->code == hl7::ErrorCode::unknown_key);
}

}  // namespace

FeedIntake::FeedIntake(OrderRun::Ports ports, std::string federation,
                       telemetry::DoorMetrics& metrics, Tell tell)
    : ports_(std::move(ports)),
      federation_(std::move(federation)),
      metrics_(metrics),
      tell_(std::move(tell)) {}

Prepared FeedIntake::prepare(const std::vector<LiveFeed*>& candidates, const std::string& frame) {
  Prepared chosen = understand(*candidates.front(), frame);
  for (std::size_t i = 1; i < candidates.size() && is_of_another(chosen); ++i) {
    Prepared other = understand(*candidates[i], frame);
    if (!is_of_another(other) || std::holds_alternative<Errc>(chosen.content)) {
      chosen = std::move(other);
    }
  }
  metrics_.feed_messages.of(chosen.feed->settings.name).add();
  chosen.arrived = std::chrono::steady_clock::now();
  chosen.feed->last_message = chosen.arrived;
  return chosen;
}

Prepared FeedIntake::understand(LiveFeed& feed, const std::string& frame) const {
  Prepared out;
  out.feed = &feed;
  out.content = Errc::busy;
  if (!feed.feed) return out;
  out.header = hl7::read_header(frame, feed.feed->charset);
  const auto message = hl7::Message::parse(frame, feed.feed->charset);
  if (!message) {
    out.content = message.refusal();
    return out;
  }
  auto orders = hl7::map_message(*message, *feed.feed, french_day(utc_now()));
  if (!orders) {
    out.content = orders.refusal();
    return out;
  }
  out.alone = std::any_of(orders->begin(), orders->end(), [](const hl7::Order& order) {
    return order.action != hl7::Action::submit;
  });
  out.content = std::move(orders).value();
  return out;
}

void FeedIntake::run(Prepared prepared, std::function<void(Reply)> done) {
  auto* orders = std::get_if<std::vector<hl7::Order>>(&prepared.content);
  if (orders == nullptr) {
    Verdict verdict;
    if (const auto* refusal = std::get_if<hl7::Refusal>(&prepared.content)) {
      verdict.answer = hl7::Answer(*refusal);
    } else {
      verdict.answer = std::get<Errc>(prepared.content);
    }
    return done(reply_to(prepared, verdict));
  }
  OrderRun::Context context{directory_, federation_, prepared.feed->can_tell()};
  auto order_run = std::make_shared<OrderRun>(ports_, std::move(context), std::move(*orders));
  order_run->start(
      [this, prepared = std::make_shared<Prepared>(std::move(prepared)), done](Verdict verdict) {
        done(reply_to(*prepared, verdict));
        for (const Notice& notice : verdict.notices) tell_(*prepared->feed, notice);
      });
}

Reply FeedIntake::reply_to(const Prepared& prepared, const Verdict& verdict) {
  const std::string& name = prepared.feed->settings.name;
  const auto answered = [&](telemetry::Histogram& seconds) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - prepared.arrived;
    seconds.observe(took.count());
  };
  if (const auto* code = std::get_if<Errc>(&verdict.answer)) {
    answered(metrics_.answer_seconds.of("none"));
    metrics_.rejected_mllp.of(errc_name(*code)).add();
    telemetry::log_warning("message_not_taken", {{"feed", name}, {"code", *code}});
    return {{}, true};
  }
  const auto& answer = std::get<hl7::Answer>(verdict.answer);
  const auto* refusal = std::get_if<hl7::Refusal>(&answer);
  answered(metrics_.answer_seconds.of(refusal ? "refused" : "taken"));
  if (refusal) {
    const std::string reason = telemetry::hl7_reason(static_cast<int>(refusal->code));
    metrics_.rejected_mllp.of(reason).add();
    telemetry::log_info("message_refused",
                        {{"feed", name}, {"reason", reason}, {"place", refusal->place.text()}});
  }
  const std::string time = hl7::timestamp(delivery::local_time(utc_now()));
  return {hl7::build_ack(prepared.header, *prepared.feed->feed, answer, next_id(), time), false};
}

/// At most 19 signs, so that the second answer of enhanced mode has room for its "B".
std::string FeedIntake::next_id() {
  return std::to_string(utc_now().value) + "-" + std::to_string(++answers_ % 100'000);
}

}  // namespace vigie::door
