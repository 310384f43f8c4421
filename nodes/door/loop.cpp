#include "nodes/door/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "messages/types/assert.hpp"

namespace vigie::door {

void Inbox::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (!open_) return;
  work_.push_back(std::move(work));
  if (work_.size() == 1) VIGIE_ASSERT(::eventfd_write(wake_fd_, 1) == 0);
}

std::vector<std::function<void()>> Inbox::take() {
  const std::lock_guard lock(mutex_);
  eventfd_t count = 0;
  ::eventfd_read(wake_fd_, &count);
  return std::exchange(work_, {});
}

void Inbox::close() {
  std::vector<std::function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  open_ = false;
  std::swap(dropped, work_);
}

Loop::Loop()
    : epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      inbox_(std::make_shared<Inbox>(wake_fd_)) {
  VIGIE_ASSERT(epoll_fd_ >= 0 && wake_fd_ >= 0);
  watch(wake_fd_, EPOLLIN, [this](std::uint32_t) {
    for (auto& work : inbox_->take()) work();
  });
}

Loop::~Loop() {
  inbox_->close();
  ::close(wake_fd_);
  ::close(epoll_fd_);
}

void Loop::run() {
  std::array<epoll_event, 64> events;
  while (running_) {
    const int count = ::epoll_wait(epoll_fd_, events.data(), events.size(), wait_ms());
    VIGIE_ASSERT(count >= 0 || errno == EINTR);
    for (int i = 0; i < count && running_; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const auto at = watches_.find(event.data.u64);
      if (at == watches_.end()) continue;  // an earlier one of this round closed it
      const auto watch = at->second;       // it may unwatch itself
      watch->ready(event.events);
    }
    if (running_) fire_due();
  }
}

int Loop::wait_ms() const {
  if (timers_.empty()) return -1;
  const auto left = timers_.begin()->first.first - Clock::now();
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 3'600'000));
}

void Loop::fire_due() {
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    const auto due = std::move(timers_.begin()->second);
    timer_times_.erase(timers_.begin()->first.second);
    timers_.erase(timers_.begin());
    due();
  }
}

WatchId Loop::watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> ready) {
  const WatchId id = next_id_++;
  watches_[id] = std::make_shared<Watch>(Watch{fd, events, std::move(ready)});
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  VIGIE_ASSERT(::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0);
  return id;
}

void Loop::change(WatchId id, std::uint32_t events) {
  const auto at = watches_.find(id);
  if (at == watches_.end() || at->second->events == events) return;
  at->second->events = events;
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  VIGIE_ASSERT(::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, at->second->fd, &event) == 0);
}

void Loop::unwatch(WatchId id) {
  const auto at = watches_.find(id);
  if (at == watches_.end()) return;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, at->second->fd, nullptr);
  watches_.erase(at);
}

TimerId Loop::after(Millis delay, std::function<void()> due) {
  const TimerId id = next_id_++;
  const auto when = Clock::now() + std::chrono::milliseconds(delay.value);
  timers_.emplace(std::pair(when, id), std::move(due));
  timer_times_.emplace(id, when);
  return id;
}

void Loop::cancel(TimerId id) {
  const auto at = timer_times_.find(id);
  if (at == timer_times_.end()) return;
  timers_.erase({at->second, id});
  timer_times_.erase(at);
}

}  // namespace vigie::door
