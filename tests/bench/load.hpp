// The load of a dispatch benchmark: one connection per node, many sessions on each; requests go in,
// readers sign what they are given, and every exam is accounted for.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "nodes/client/client.hpp"
#include "tests/bench/federation.hpp"

namespace vigie::bench {

using Nanos = std::int64_t;
Nanos nanos_now();
void pause_for(Millis wait);

struct Samples {
  std::vector<Nanos> values;
  /// Milliseconds; 0 when there is none. `quantile` 0..1.
  double ms(double quantile);
};

/// What became of the load, over all lanes.
struct Totals {
  std::uint64_t submitted = 0, acked = 0, assigned = 0, completed = 0, refused = 0, doubles = 0;
  Samples submit, offer, cycle;
  Nanos longest_gap = 0;
};

struct LoadSettings {
  int outstanding = 64;     ///< exams under way at a time, over all nodes; 0: by `every`
  Nanos every = 0;          ///< one exam each; with outstanding 0
  bool failover = false;    ///< clients go on at another centre
  bool looks = false;       ///< clients ask what is shown, too (Looker)
  std::string history_dir;  ///< empty: no histories
  int readers = 0;          ///< sessions; 0: as many as outstanding, -1: none
  Urgency urgency = Urgency::p2;
};

class Load {
 public:
  Load(const Federation& federation, LoadSettings settings);
  ~Load();
  /// Connects and attaches everything. @return false: not within `patience`.
  bool connect(Millis patience);
  void begin();
  /// No new exams from now on; waits until those under way are done, at most `patience`.
  bool drain(Millis patience);
  /// Submits `count` exams that nobody reads (readers are away), at most `window` unanswered.
  bool fill(int count, int window, Millis patience);
  void end();
  /// end(), and everybody goes home: nothing more is given to readers who are not there. Last call.
  void leave(Millis patience);

  std::uint64_t completed() const { return completed_.load(); }
  Totals totals();
  void forget_samples();

 private:
  struct Lane;
  void run(Lane& lane);
  void submit(Lane& lane);
  void on_event(Lane& lane, client::Session& session, const Event& event);

  const Federation& federation_;
  LoadSettings settings_;
  int number_ = 0;  ///< in this process: two loads never send the same order
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<bool> stop_{false}, feeding_{false};
  std::atomic<std::uint64_t> completed_{0}, submitted_{0};
  std::atomic<Nanos> next_at_{0};
  std::mutex mutex_;  ///< of begun_ and assigned_
  std::map<std::string, Nanos> begun_;
  std::map<std::uint64_t, std::uint64_t> assigned_;  ///< exam -> epoch index
  Nanos last_assignment_ = 0, longest_gap_ = 0;
  std::uint64_t doubles_ = 0;
};

}  // namespace vigie::bench
