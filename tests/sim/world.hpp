// The one clock and the one queue of a simulated world. Whatever happens is an event of a Target;
// events happen in order of (time, number), so that the same seed is the same run. The world hashes
// every event: two runs are the same if their hashes are.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>
#include <vector>

namespace vigie::sim {

/// True time in microseconds since the beginning. No centre and no client can see it.
using Time = std::int64_t;
inline constexpr Time us = 1, ms = 1000, second = 1000 * ms, minute = 60 * second;

class Target {
 public:
  virtual ~Target() = default;
  virtual void on_event(std::uint32_t kind, std::uint64_t value) = 0;
  std::uint32_t trace_id = 0;  ///< in hashes
};

class World {
 public:
  explicit World(std::FILE* trace) : trace_(trace) {}

  Time now() const { return now_; }
  /// `kind` and `value` mean something to `target` only. It must live as long as the world.
  void at(Time when, Target& target, std::uint32_t kind, std::uint64_t value = 0);
  /// Lets the next event happen; false when there is none before `end`: then it is `end`.
  bool step(Time end);
  std::uint64_t events() const { return events_; }

  /// Adds to the hash of what happened, and to the trace.
  void note(std::string_view what, std::uint64_t a = 0, std::uint64_t b = 0);
  /// Adds `bytes` to the hash: what a frame said.
  void hash_bytes(std::string_view bytes);
  std::uint64_t hash() const { return hash_; }
  std::uint32_t join(Target& target) { return target.trace_id = ++targets_; }

 private:
  struct Event {
    Time at;
    std::uint64_t order;
    Target* target;
    std::uint64_t value;
    std::uint32_t kind;
    bool operator<(const Event& o) const {  // of a heap: the greatest is the next
      return at != o.at ? at > o.at : order > o.order;
    }
  };
  void mix(std::uint64_t x) { hash_ = (hash_ ^ x) * 0x9fb21c651e98df25u, hash_ ^= hash_ >> 29; }

  std::FILE* trace_;
  Time now_ = 0;
  std::uint64_t events_ = 0, ordered_ = 0, hash_ = 0xcbf29ce484222325u;
  std::uint32_t targets_ = 0;
  std::vector<Event> queue_;
};

}  // namespace vigie::sim
