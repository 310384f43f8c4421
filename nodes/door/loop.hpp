// One thread's event loop: descriptors, deadlines, and work posted by other threads. It sleeps
// until one of them is due; it never polls.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "messages/types/time.hpp"

namespace vigie::door {

/// Work for the loop's thread, from any thread. Outlives the loop: what is posted after it has
/// ended is dropped.
class Inbox {
 public:
  explicit Inbox(int wake_fd) : wake_fd_(wake_fd) {}
  void post(std::function<void()> work);
  std::vector<std::function<void()>> take();
  void close();

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> work_;
  int wake_fd_;
  bool open_ = true;
};

using WatchId = std::uint64_t;
using TimerId = std::uint64_t;

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  const std::shared_ptr<Inbox>& inbox() const { return inbox_; }
  /// Works until stop() was called by some callback.
  void run();
  void stop() { running_ = false; }

  // The rest: only on the loop's thread, or before run().

  /// Calls `ready` with EPOLL* bits. @param events EPOLLIN and so on.
  WatchId watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> ready);
  void change(WatchId id, std::uint32_t events);
  /// To be called before the descriptor is closed. 0 does nothing.
  void unwatch(WatchId id);
  /// Calls `due` once, after `delay`.
  TimerId after(Millis delay, std::function<void()> due);
  /// 0 and timers that have fired do nothing.
  void cancel(TimerId id);

 private:
  using Clock = std::chrono::steady_clock;
  struct Watch {
    int fd = -1;
    std::uint32_t events = 0;
    std::function<void(std::uint32_t)> ready;
  };
  void fire_due();
  int wait_ms() const;

  int epoll_fd_;
  int wake_fd_;
  std::shared_ptr<Inbox> inbox_;
  bool running_ = true;
  std::uint64_t next_id_ = 1;
  std::map<WatchId, std::shared_ptr<Watch>> watches_;
  std::map<std::pair<Clock::time_point, TimerId>, std::function<void()>> timers_;
  std::map<TimerId, Clock::time_point> timer_times_;
};

}  // namespace vigie::door
