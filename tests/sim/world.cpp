#include "tests/sim/world.hpp"

#include <xxhash.h>

#include <algorithm>

namespace vigie::sim {

void World::at(Time when, Target& target, std::uint32_t kind, std::uint64_t value) {
  queue_.push_back({std::max(when, now_), ++ordered_, &target, value, kind});
  std::push_heap(queue_.begin(), queue_.end());
}

bool World::step(Time end) {
  if (queue_.empty() || queue_.front().at > end) {
    now_ = std::max(now_, end);
    return false;
  }
  std::pop_heap(queue_.begin(), queue_.end());
  const Event event = queue_.back();
  queue_.pop_back();
  now_ = event.at;
  ++events_;
  mix(static_cast<std::uint64_t>(now_));
  mix((std::uint64_t{event.target->trace_id} << 32) | event.kind);
  event.target->on_event(event.kind, event.value);
  return true;
}

void World::note(std::string_view what, std::uint64_t a, std::uint64_t b) {
  mix(XXH3_64bits(what.data(), what.size()));
  mix(a);
  mix(b);
  if (!trace_) return;
  std::fprintf(trace_, "%lld.%06lld %.*s %llu %llu\n", static_cast<long long>(now_ / second),
               static_cast<long long>(now_ % second), static_cast<int>(what.size()), what.data(),
               static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
}

void World::hash_bytes(std::string_view bytes) { mix(XXH3_64bits(bytes.data(), bytes.size())); }

}  // namespace vigie::sim
