// The waiting queues: which exam comes first for a reader, at a cost that does not grow with the
// number of exams waiting (design D5).
//
// Exams wait in ordered queues, one per (modality, skill, provider groups): never per
// establishment. A free reader looks at the heads of the queues he may read from. Knows ranks and
// keys, not exams.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "messages/types/directory.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie::routing {

/// The order of exams (domain §5.5): P0 oldest first, then what the duty head pinned, then P1
/// oldest first, then P2 and P3 by deadline. `arrival` breaks ties and makes ranks distinct.
struct Rank {
  std::uint8_t band = 0;  ///< 0: P0, 1: pinned, 2: P1, 3: the others
  FedTime time;           ///< since when it waits (P0, P1), or its deadline
  std::uint64_t arrival = 0;
  ExamId exam;
  auto operator<=>(const Rank&) const = default;
};
Rank rank_of(const Exam& exam);

/// Who may read from a queue.
struct QueueKey {
  Modality modality = Modality::unknown;
  bool any_skill = false;  ///< relaxed: every reader privileged for the modality
  Skill skill = Skill::general;
  bool child = false;  ///< needs the paediatric privilege whatever was relaxed
  GroupId group;       ///< 0: every centre (exceptional exams)
  GroupId overflow;    ///< 0: not opened
  PersonId reserved;   ///< the only one who may, whatever his skill and his centre; 0: all
  auto operator<=>(const QueueKey&) const = default;
};
QueueKey queue_key_of(const Exam& exam);

class WaitingQueues {
 public:
  void insert(const QueueKey& key, const Rank& rank);
  /// Must be there.
  void erase(const QueueKey& key, const Rank& rank);
  std::size_t size() const { return size_; }
  std::size_t queues() const { return queues_.size(); }
  /// How many wait for a group. Cost: O(K).
  std::size_t waiting_for(GroupId group) const;
  /// Which, at most `count_max`, queue by queue.
  std::vector<ExamId> of(GroupId group, std::size_t count_max) const;

  /// The first exam, by rank, among the queues that `may_read` allows and the exams that `may_take`
  /// allows. `may_take` is asked for at most `depth_max` exams of a queue.
  /// Cost: O(K) keys and as many `may_take` as heads refused.
  template <class MayRead, class MayTake>
  std::optional<Rank> best(const MayRead& may_read, const MayTake& may_take) const {
    std::optional<Rank> found;
    for (const auto& [key, ranks] : queues_) {
      if (found && *found <= *ranks.begin()) continue;
      if (!may_read(key)) continue;
      int depth = 0;
      for (const Rank& rank : ranks) {
        if ((found && *found <= rank) || ++depth > depth_max) break;
        if (!may_take(rank)) continue;
        found = rank;
        break;
      }
    }
    return found;
  }

  static constexpr int depth_max = 16;

 private:
  std::map<QueueKey, std::set<Rank>> queues_;
  std::size_t size_ = 0;
};

}  // namespace vigie::routing
