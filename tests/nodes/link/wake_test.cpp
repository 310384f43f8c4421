// Calls and wake-ups: how others get onto the link thread, and how it keeps time.
#include <future>

#include "tests/nodes/link/link_fixture.hpp"

namespace vigie::link {
namespace {

BootTime boot_now() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return {static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000};
}

/// Notes when it was woken, and how many batches had ended by then.
class Sleeper : public Recorder {
 public:
  void on_wake() override {
    const std::lock_guard lock(mutex);
    woken.push_back(boot_now());
  }
  std::vector<BootTime> woken;
};

class Wakes : public ::testing::Test {
 protected:
  Wakes() : link_(must_start(settings_of(make_key_pair()), sleeper_)) {}
  bool woken(std::size_t times) {
    return sleeper_.until([&] { return sleeper_.woken.size() >= times && sleeper_.batches > 0; });
  }

  Sleeper sleeper_;
  std::unique_ptr<Link> link_;
};

TEST_F(Wakes, ComeOnceWhenTheyAreDueAndEndABatch) {
  const BootTime due = boot_now() + 30_ms;
  link_->wake_at(due);
  ASSERT_TRUE(woken(1));
  EXPECT_GE(sleeper_.read([&] { return sleeper_.woken.front(); }), due);
  link_->wake_at(boot_now() + 30_ms);  // one more, to see that the first came once
  ASSERT_TRUE(woken(2));
  EXPECT_EQ(sleeper_.read([&] { return sleeper_.woken.size(); }), 2u);
}

TEST_F(Wakes, TheLastWishCounts) {
  link_->wake_at(boot_now() + 3'600_s);
  link_->wake_at(boot_now() + 10_ms);
  EXPECT_TRUE(woken(1));
}

TEST_F(Wakes, CallsComeOnTheLinkThreadInOrderBeforeTheBatchEnds) {
  std::vector<int> order;
  std::thread::id where;
  link_->call([&] {
    const std::lock_guard lock(sleeper_.mutex);
    order.push_back(1);
    where = std::this_thread::get_id();
  });
  link_->call([&] {
    const std::lock_guard lock(sleeper_.mutex);
    order.push_back(2);
  });
  ASSERT_TRUE(sleeper_.until([&] { return sleeper_.batches > 0 && order.size() == 2; }));
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST_F(Wakes, ACallFromTheLinkThreadNeedsNoSleepToBeHeard) {
  std::atomic<int> rounds{0};
  std::function<void()> again = [&] {
    if (++rounds < 100) link_->call(again);
  };
  link_->call(again);
  EXPECT_TRUE(eventually([&] { return rounds == 100; }));
}

/// Sends to a client from another thread, and behind it from the link thread, in one round.
TEST_F(Wakes, WhatOtherThreadsSentBeforeACallGoesOutBeforeWhatTheCallSends) {
  // Both go to nobody, so both come back as gone: in their order.
  const ConnectionId first{71}, second{72};
  std::promise<void> begun, posted;
  link_->call([&] {
    begun.set_value();
    posted.get_future().wait();
    std::vector<ToClient> out;
    out.push_back({second, "b"});
    link_->send_clients(std::move(out));
  });
  begun.get_future().wait();
  std::vector<ToClient> out;
  out.push_back({first, "a"});
  link_->send_clients(std::move(out));
  posted.set_value();
  ASSERT_TRUE(sleeper_.until([&] { return sleeper_.gone.size() == 2; }));
  EXPECT_EQ(sleeper_.gone, (std::vector{first, second}));
}

}  // namespace
}  // namespace vigie::link
