#include "actors/core/routing/queues.hpp"

#include "messages/types/assert.hpp"
#include "messages/types/planted.hpp"

namespace vigie::routing {

Rank rank_of(const Exam& exam) {
  const FedTime since = exam.first_image_at ? exam.first_image_at : exam.ready_at;
  const bool pinned = has(exam.flags, ExamFlag::pinned);
  if (is_planted(Bug::pinned_before_vital) && pinned) return {0, {}, exam.id.value, exam.id};
  if (exam.urgency == Urgency::p0) return {0, since, exam.id.value, exam.id};
  if (pinned) return {1, since, exam.id.value, exam.id};
  switch (exam.urgency) {
    case Urgency::p0:
    case Urgency::p1:
      return {2, since, exam.id.value, exam.id};
    case Urgency::p2:
    case Urgency::p3:
      break;
  }
  const bool starved = is_planted(Bug::p3_starved) && exam.urgency == Urgency::p3;
  return {static_cast<std::uint8_t>(starved ? 4 : 3), exam.deadline, exam.id.value, exam.id};
}

QueueKey queue_key_of(const Exam& exam) {
  QueueKey key;
  key.modality = exam.request.modality;
  key.child =
      exam.request.age_class == AgeClass::child || exam.request.age_class == AgeClass::infant;
  key.any_skill = exam.relax_step >= 1;
  key.skill = key.any_skill ? Skill::general : exam.skill;
  key.group = exam.group;
  const bool opened = exam.relax_step >= 2 || has(exam.flags, ExamFlag::overflow);
  key.overflow = opened ? exam.overflow_group : GroupId{};
  key.reserved = exam.reserved_for;
  return key;
}

std::size_t WaitingQueues::waiting_for(GroupId group) const {
  std::size_t count = 0;
  for (const auto& [key, ranks] : queues_) {
    if (key.group == group) count += ranks.size();
  }
  return count;
}

std::vector<ExamId> WaitingQueues::of(GroupId group, std::size_t count_max) const {
  std::vector<ExamId> exams;
  for (const auto& [key, ranks] : queues_) {
    if (key.group != group) continue;
    for (const Rank& rank : ranks) {
      if (exams.size() == count_max) return exams;
      exams.push_back(rank.exam);
    }
  }
  return exams;
}

void WaitingQueues::insert(const QueueKey& key, const Rank& rank) {
  const bool fresh = queues_[key].insert(rank).second;
  VIGIE_ASSERT(fresh);
  ++size_;
}

void WaitingQueues::erase(const QueueKey& key, const Rank& rank) {
  const auto at = queues_.find(key);
  VIGIE_ASSERT(at != queues_.end());
  const std::size_t erased = at->second.erase(rank);
  VIGIE_ASSERT(erased == 1);
  if (at->second.empty()) queues_.erase(at);
  --size_;
}

}  // namespace vigie::routing
