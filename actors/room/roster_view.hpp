// What the node's replies say of the roster: who is on guard, who of them is there, and where the
// agreements ask for more.
#pragma once

#include "actors/room/exam_view.hpp"

namespace vigie::actors {

/// Further ahead nobody is told.
inline constexpr std::uint32_t roster_days_max = 366;
/// Who is on guard now and within `ahead`, and who of them is there (domain O21).
Json roster(const View& v, Millis ahead);

}  // namespace vigie::actors
