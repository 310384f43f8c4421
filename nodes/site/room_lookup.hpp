// What the MLLP door looks up before it proposes: open exams, read on the room's thread.
#pragma once

#include <functional>
#include <vector>

#include "actors/room/room_actor.hpp"
#include "messages/types/exam_lookup.hpp"

namespace vigie::site {

class RoomLookup final : public ExamLookup {
 public:
  explicit RoomLookup(actors::RoomHandle& room) : room_(room) {}
  /// @param done Called on the room's thread.
  void find(std::vector<ExamQuery> queries,
            std::function<void(std::vector<std::vector<Exam>>)> done) override;

 private:
  actors::RoomHandle& room_;
};

}  // namespace vigie::site
