// The desks' actor fails and begins anew: nobody who was subscribed is forgotten.
#include "actors/desk/desk_actor.hpp"

#include <gtest/gtest.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace vigie::actors {
namespace {

constexpr Connection anna = 7;
constexpr SessionId annas{70};

Event offered(std::uint64_t index, std::uint64_t exam) {
  Event event;
  event.kind = EventKind::read_offered;
  event.index = {index};
  event.session = annas;
  event.exam = {exam};
  event.card = std::make_shared<const ExamCard>();
  return event;
}

AppliedBatchPtr fresh(std::uint64_t index, std::vector<Event> view) {
  auto made = std::make_shared<AppliedBatch>();
  made->fresh = true;
  made->from = made->to = {index};
  made->view = std::move(view);
  return made;
}

AppliedBatchPtr batch(std::uint64_t from, std::uint64_t to, std::vector<Event> events) {
  auto made = std::make_shared<AppliedBatch>();
  made->from = {from};
  made->to = {to};
  made->events = std::move(events);
  return made;
}

class Desks : public ::testing::Test {
 protected:
  Desks() {
    desks_.start(
        system_,
        [this](std::vector<std::pair<Connection, NodeMessage>> messages) {
          const std::lock_guard lock(mutex_);
          if (fails_) throw std::runtime_error("no more room");
          for (auto& [to, message] : messages) sent_.push_back(std::move(message));
          changed_.notify_all();
        },
        [this](const std::string& why) {
          const std::lock_guard lock(mutex_);
          failed_.push_back(why);
          changed_.notify_all();
        });
  }
  ~Desks() override { desks_.stop(); }

  void let_fail(bool fails) {
    const std::lock_guard lock(mutex_);
    fails_ = fails;
  }
  bool wait_for(const std::function<bool()>& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), what);
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool fails_ = false;
  std::vector<NodeMessage> sent_;
  std::vector<std::string> failed_;
  DeskHandle desks_;
};

TEST_F(Desks, ThatFailBeginAnewFromAFreshViewWithAllWhoWereSubscribed) {
  desks_.publish(fresh(4, {}));
  desks_.subscribe(anna, {1, Desk::reader, annas, {}});
  ASSERT_TRUE(wait_for([&] { return sent_.size() == 1; }));
  let_fail(true);
  desks_.publish(batch(4, 5, {offered(5, 50)}));
  ASSERT_TRUE(wait_for([&] { return failed_.size() == 1; }));
  EXPECT_EQ(failed_[0], "no more room");
  let_fail(false);

  desks_.publish(batch(5, 6, {}));  // what comes before the view is in it
  desks_.subscribe(anna, {2, Desk::reader, annas, {}});
  desks_.heartbeat();
  desks_.publish(fresh(6, {offered(6, 50)}));
  ASSERT_TRUE(wait_for([&] { return sent_.size() == 3; }));
  for (std::size_t i : {1u, 2u}) {
    const auto& gap = std::get<Gap>(sent_[i]);
    EXPECT_EQ(gap.subscription, i);
    EXPECT_EQ(gap.to, LogIndex{6});
    ASSERT_EQ(gap.view.size(), 1u);
    EXPECT_EQ(gap.view[0].exam, ExamId{50});
  }
  desks_.publish(batch(6, 7, {offered(7, 51)}));
  ASSERT_TRUE(wait_for([&] { return sent_.size() == 5; })) << "and goes on";
  EXPECT_TRUE(std::holds_alternative<Cover>(sent_[4]));
}

TEST_F(Desks, ANumberSubscribesToOneDesk) {
  desks_.publish(fresh(4, {}));
  desks_.subscribe(anna, {1, Desk::all, {}, {}});
  desks_.subscribe(anna, {1, Desk::reader, annas, {}});
  desks_.publish(batch(4, 5, {offered(5, 50)}));
  desks_.subscribe(anna, {9, Desk::regulator, {}, {}});
  ASSERT_TRUE(wait_for([&] { return sent_.size() >= 4; }));
  EXPECT_EQ(sent_.size(), 4u) << "two views, one cover, a view";
}

}  // namespace
}  // namespace vigie::actors
