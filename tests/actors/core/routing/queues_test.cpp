// The order of exams, and that its cost does not grow with their number (design D5).
#include "actors/core/routing/queues.hpp"

#include <gtest/gtest.h>

namespace vigie::routing {
namespace {

Exam waiting(std::uint64_t id, Urgency urgency, std::int64_t first_image,
             std::int64_t deadline = 0) {
  Exam exam;
  exam.id = {id};
  exam.urgency = urgency;
  exam.first_image_at = {first_image};
  exam.ready_at = {first_image + 5};
  exam.deadline = {deadline};
  exam.group = {1};
  exam.request.modality = Modality::ct;
  return exam;
}

const auto any_key = [](const QueueKey&) { return true; };
const auto any_exam = [](const Rank&) { return true; };

TEST(Ranks, VitalThenEmergentThenEarliestDeadline) {
  const Exam p0 = waiting(9, Urgency::p0, 900);
  const Exam p1 = waiting(8, Urgency::p1, 1);
  const Exam p2_late = waiting(1, Urgency::p2, 1, 5000);
  const Exam p3_due = waiting(7, Urgency::p3, 1, 100);
  EXPECT_LT(rank_of(p0), rank_of(p1));
  EXPECT_LT(rank_of(p1), rank_of(p3_due));
  EXPECT_LT(rank_of(p3_due), rank_of(p2_late)) << "deadline, not class";
}

// domain F6
TEST(Ranks, OldestFirstImageGoesFirstAmongVitalAndEmergent) {
  EXPECT_LT(rank_of(waiting(2, Urgency::p0, 10)), rank_of(waiting(1, Urgency::p0, 20)));
  EXPECT_LT(rank_of(waiting(2, Urgency::p1, 10, 99)), rank_of(waiting(1, Urgency::p1, 20, 1)));
  Exam no_image = waiting(3, Urgency::p0, 0);
  no_image.ready_at = {15};
  EXPECT_LT(rank_of(no_image), rank_of(waiting(1, Urgency::p0, 20)));
}

// domain Q10
TEST(Ranks, TiesGoToTheLowerId) {
  EXPECT_LT(rank_of(waiting(1, Urgency::p0, 10)), rank_of(waiting(2, Urgency::p0, 10)));
}

TEST(QueueKeys, RelaxingOpensTheSkillThenTheOverflow) {
  Exam exam = waiting(1, Urgency::p2, 1);
  exam.skill = Skill::neuro;
  exam.overflow_group = {3};
  QueueKey key = queue_key_of(exam);
  EXPECT_FALSE(key.any_skill);
  EXPECT_EQ(key.skill, Skill::neuro);
  EXPECT_EQ(key.overflow, GroupId{});
  exam.relax_step = 1;
  key = queue_key_of(exam);
  EXPECT_TRUE(key.any_skill);
  EXPECT_EQ(key.skill, Skill::general);
  EXPECT_EQ(key.overflow, GroupId{});
  exam.relax_step = 2;
  EXPECT_EQ(queue_key_of(exam).overflow, GroupId{3});
}

TEST(Queues, TheBestIsTheFirstOverAllQueuesThatTheReaderMayRead) {
  WaitingQueues queues;
  Exam neuro = waiting(1, Urgency::p0, 10);
  neuro.skill = Skill::neuro;
  const Exam general = waiting(2, Urgency::p1, 5);
  const Exam later = waiting(3, Urgency::p1, 6);
  for (const Exam& e : {later, general, neuro}) queues.insert(queue_key_of(e), rank_of(e));
  EXPECT_EQ(queues.best(any_key, any_exam)->exam, neuro.id);
  const auto no_neuro = [](const QueueKey& key) { return key.skill != Skill::neuro; };
  EXPECT_EQ(queues.best(no_neuro, any_exam)->exam, general.id);
  const auto not_general = [&](const Rank& r) { return r.exam != general.id; };
  EXPECT_EQ(queues.best(no_neuro, not_general)->exam, later.id);
  EXPECT_FALSE(queues.best([](const QueueKey&) { return false; }, any_exam));
  queues.erase(queue_key_of(neuro), rank_of(neuro));
  EXPECT_EQ(queues.size(), 2u);
  EXPECT_EQ(queues.queues(), 1u) << "an empty queue is no queue";
}

// domain Q5
TEST(Queues, TheBestCostsTheSameWithTenAndWithAHundredThousandWaiting) {
  const auto asked_with = [](std::uint64_t count) {
    WaitingQueues queues;
    for (std::uint64_t id = 1; id <= count; ++id) {
      Exam e = waiting(id, Urgency::p2, 1, static_cast<std::int64_t>(1000 + id));
      e.skill = static_cast<Skill>(id % 6);
      queues.insert(queue_key_of(e), rank_of(e));
    }
    int keys = 0, exams = 0;
    const auto found = queues.best([&](const QueueKey&) { return ++keys, true; },
                                   [&](const Rank& r) { return ++exams, r.exam.value > 5; });
    EXPECT_EQ(found->exam, ExamId{6});
    return std::pair{keys, exams};
  };
  EXPECT_EQ(asked_with(12), asked_with(100'000));
}

TEST(Queues, AReaderExcludedFromAllTheFirstExamsOfAQueueStopsLooking) {
  WaitingQueues queues;
  for (std::uint64_t id = 1; id <= 1000; ++id) {
    const Exam e = waiting(id, Urgency::p0, static_cast<std::int64_t>(id));
    queues.insert(queue_key_of(e), rank_of(e));
  }
  int asked = 0;
  EXPECT_FALSE(queues.best(any_key, [&](const Rank&) { return ++asked, false; }));
  EXPECT_EQ(asked, WaitingQueues::depth_max);
}

}  // namespace
}  // namespace vigie::routing
