#include "actors/room/federation_clock.hpp"

#include "messages/types/planted.hpp"

#include <algorithm>
#include <charconv>

namespace vigie::actors {
namespace {

constexpr char separator = ' ';

/// Takes the number that `text` begins with, and what separates it from the next.
bool take_number(std::string_view& text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() == separator) text.remove_prefix(1);
  return true;
}

}  // namespace

std::string ClockMark::text() const {
  return std::to_string(boot.value) + separator + std::to_string(at.value) + separator +
         machine_boot;
}

std::optional<ClockMark> ClockMark::parse(std::string_view text) {
  ClockMark mark;
  if (!take_number(text, mark.boot.value) || !take_number(text, mark.at.value)) return {};
  mark.machine_boot = text;
  return mark;
}

FederationClock::FederationClock(std::string machine_boot, std::string_view text, FedTime newest,
                                 Now now)
    : machine_boot_(std::move(machine_boot)), newest_(newest), base_(newest), since_(now.boot) {
  if (!newest_) return;
  const auto mark = ClockMark::parse(text);
  const bool ran_on = mark && !machine_boot_.empty() && mark->machine_boot == machine_boot_ &&
                      mark->boot <= now.boot;
  const FedTime other = ran_on ? mark->at + (now.boot - mark->boot) : FedTime{now.utc.value};
  base_ = std::max(newest_, other);
}

FedTime FederationClock::at(Now now) const {
  return base_ && !is_planted(Bug::stamp_from_utc) ? base_ + (now.boot - since_)
                                                   : FedTime{now.utc.value};
}

void FederationClock::heard(FedTime stamp, Now now) {
  if (stamp < newest_ || (stamp == newest_ && base_ == newest_)) return;
  newest_ = base_ = stamp;  // whatever was guessed at the start
  since_ = now.boot;
}

std::string FederationClock::mark(Now now) {
  constexpr Millis interval = 1_s;
  if (!base_ || (marked_ && now.boot - marked_ < interval)) return {};
  marked_ = now.boot;
  return ClockMark{machine_boot_, since_, base_}.text();
}

}  // namespace vigie::actors
