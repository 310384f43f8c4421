// From any thread to the link thread. Posting costs one short lock; the eventfd is written only
// when the link thread sleeps, so a busy link is never woken twice. Internal to nodes/link.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "nodes/link/link.hpp"

namespace vigie::link {

/// What has been posted since the last take().
struct Mail {
  std::vector<ToPeer> peers;
  std::vector<ToClient> clients;
  std::optional<std::vector<PeerAddress>> addresses;
  std::vector<std::function<void()>> calls;
  bool stop = false;

  bool empty() const {
    return peers.empty() && clients.empty() && !addresses && calls.empty() && !stop;
  }
  void clear() {  // keeps its memory for the next round
    peers.clear();
    clients.clear();
    addresses.reset();
    calls.clear();
    stop = false;
  }
};

/// Appends `more` to `to`, moving each element, or the whole vector where that is enough.
template <class T>
void append(std::vector<T>& to, std::vector<T>&& more) {
  if (to.empty()) {
    to.swap(more);
  } else {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
}

class Mailbox {
 public:
  Mailbox() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Mailbox() {
    if (fd_ >= 0) ::close(fd_);
  }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Calls `fill(mail)` under the lock, then wakes the link thread if it sleeps. Any thread.
  template <class Fill>
  void post(Fill&& fill) {
    bool wake = false;
    {
      std::lock_guard lock(mutex_);
      fill(mail_);
      poked_ = true;
      wake = std::exchange(sleeping_, false);
    }
    if (wake) ring();
  }

  /// Makes the next sleep end at once. Any thread.
  void poke() {
    post([](Mail&) {});
  }

  /// Link thread: swaps what was posted into `into`, which must be empty.
  void take(Mail& into) {
    std::lock_guard lock(mutex_);
    std::swap(into, mail_);
    poked_ = false;
  }

  /// Link thread: true if it may block on fd() now; false if something was posted since take().
  bool prepare_sleep() {
    std::lock_guard lock(mutex_);
    if (!poked_) sleeping_ = true;
    return sleeping_;
  }

  /// Link thread, after the wait. `rung`: fd() was readable.
  void awake(bool rung) {
    {
      std::lock_guard lock(mutex_);
      sleeping_ = false;
    }
    std::uint64_t count = 0;
    if (rung) (void)!::read(fd_, &count, sizeof count);
  }

  int fd() const { return fd_; }

 private:
  void ring() {
    const std::uint64_t one = 1;
    (void)!::write(fd_, &one, sizeof one);
  }

  const int fd_;
  std::mutex mutex_;
  Mail mail_;
  bool poked_ = false;
  bool sleeping_ = false;
};

}  // namespace vigie::link
