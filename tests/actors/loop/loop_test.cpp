// Actors on the thread that feeds them.
#include "actors/loop/loop.hpp"

#include <gtest/gtest.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/spawn_options.hpp>
#include <future>
#include <thread>
#include <vector>

namespace vigie::actors {
namespace {

/// Where each message was taken, in the order of taking.
struct Diary {
  std::vector<std::pair<int, std::thread::id>> taken;
};

/// Notes each number; `again` of them are sent on to itself, one after the other.
caf::behavior scribe(caf::event_based_actor* self, Diary* diary, int again) {
  auto left = std::make_shared<int>(again);
  return {[self, diary, left](int number) {
    diary->taken.emplace_back(number, std::this_thread::get_id());
    if ((*left)-- > 0) self->send(self, number + 1);
  }};
}

class Loops : public ::testing::Test {
 protected:
  /// Begins with its first message, so that no worker has it in hand.
  caf::actor spawn(Diary& diary, int again = 0) {
    return system_.spawn<caf::lazy_init>(scribe, &diary, again);
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
};

TEST_F(Loops, WhoeverIsFedActsOnTheFeedersThreadAndNotBeforeItsTurn) {
  Diary diary;
  Loop loop(system_);
  const caf::actor actor = spawn(diary);
  send(actor, 1);
  send(actor, 2);
  EXPECT_TRUE(diary.taken.empty());
  EXPECT_FALSE(loop.run());
  ASSERT_EQ(diary.taken.size(), 2u);
  EXPECT_EQ(diary.taken[0], (std::pair{1, std::this_thread::get_id()}));
  EXPECT_EQ(diary.taken[1], (std::pair{2, std::this_thread::get_id()}));
}

TEST_F(Loops, WhomAnActorWakesActsInTheSameRun) {
  Diary diary;
  Loop loop(system_);
  const caf::actor second = spawn(diary);
  const caf::actor first =
      system_.spawn<caf::lazy_init>([&second](caf::event_based_actor*) -> caf::behavior {
        return {[&second](int number) { send(second, number + 10); }};
      });
  send(first, 1);
  EXPECT_FALSE(loop.run());
  ASSERT_EQ(diary.taken.size(), 1u);
  EXPECT_EQ(diary.taken[0].first, 11);
}

TEST_F(Loops, AnActorThatAlwaysHasMoreToDoLetsTheThreadGoBetweenItsTurns) {
  Diary busy;
  Diary other;
  Loop loop(system_);
  const caf::actor restless = spawn(busy, 5);
  const caf::actor patient = spawn(other);
  send(restless, 1);
  send(patient, 1);
  EXPECT_TRUE(loop.run());
  EXPECT_LT(busy.taken.size(), 6u);
  EXPECT_EQ(other.taken.size(), 1u);
  while (loop.run()) {
  }
  EXPECT_EQ(busy.taken.size(), 6u);
}

TEST_F(Loops, WithoutALoopTheSystemsWorkersDoTheWork) {
  std::promise<std::thread::id> where;
  const caf::actor actor = system_.spawn([&where](caf::event_based_actor*) -> caf::behavior {
    return {[&where](int) { where.set_value(std::this_thread::get_id()); }};
  });
  ASSERT_EQ(Loop::of_this_thread(), nullptr);
  send(actor, 1);
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
}

TEST_F(Loops, WhoeverIsUnfinishedWhenALoopEndsGoesOnWithTheWorkers) {
  Diary diary;
  const caf::actor restless = spawn(diary, 50);
  {
    Loop loop(system_);
    send(restless, 1);
    EXPECT_TRUE(loop.run());
  }
  caf::scoped_actor waiting(system_);
  caf::anon_send_exit(restless, caf::exit_reason::user_shutdown);
  waiting->wait_for(restless);  // for ever, were it left where it was
  EXPECT_GT(diary.taken.size(), 1u);
}

TEST_F(Loops, NobodyIsSentNothing) {
  Loop loop(system_);
  send(caf::actor{}, 1);
  EXPECT_FALSE(loop.run());
}

TEST_F(Loops, AThreadsLoopIsItsOwn) {
  Loop loop(system_);
  EXPECT_EQ(Loop::of_this_thread(), &loop);
  std::thread([] { EXPECT_EQ(Loop::of_this_thread(), nullptr); }).join();
}

}  // namespace
}  // namespace vigie::actors
