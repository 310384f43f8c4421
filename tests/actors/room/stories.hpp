// What the stories of three centres ask again and again.
#pragma once

#include <algorithm>
#include <string>

#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {

inline Submit one(const std::string& number) { return {{order(number)}, "MSG-" + number}; }

inline std::size_t exams_numbered(const Host& host, const std::string& number) {
  std::size_t n = 0;
  for (const auto& [id, slot] : host.room().state().exams().slots()) {
    n += slot.record.request.key.number == number;
  }
  return n;
}

inline ExamState state_of(const Host& host, ExamId exam) {
  const Exam* found = host.room().state().exams().find(exam);
  return found ? found->state : ExamState::none;
}

inline bool is_unreachable(const Host& host, SiteId site) {
  const auto& lost = host.room().state().scalars().unreachable;
  return std::find(lost.begin(), lost.end(), site) != lost.end();
}

/// A frame as `from` would send it to `to` now.
inline codec::PeerFrame frame_of(Cluster& c, SiteId from, SiteId to) {
  const auto& known = c.host(to).peers().at(from);
  codec::PeerFrame frame;
  frame.header.federation = codec::federation_hash("test");
  frame.header.instance = known.memory.instance;
  frame.header.boot = known.memory.boot;
  frame.header.site = from;
  return frame;
}

}  // namespace vigie::actors::test
