// What a reply to a query showed of exams: what histories keep of it, and what a checker can judge.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "messages/types/event.hpp"
#include "messages/types/wire.hpp"

namespace vigie::client {

struct Sight {
  std::vector<std::pair<ExamId, ExamState>> exams;
  bool all = false;  ///< every exam that was open
};

/// @param reply The whole one, its pieces joined. A refused one shows nothing, and so does a kind
/// that tells no exam's state.
Sight sight_of(const Query& query, const QueryReply& reply);

/// As histories name it; "none" for a kind that is none.
std::string_view name_of(QueryKind kind);

}  // namespace vigie::client
