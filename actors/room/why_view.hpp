// Why an exam went where it went, or where it is and for what it waits.
#pragma once

#include "actors/room/exam_view.hpp"

namespace vigie::actors {

/// Of the room's state alone: the same text when the night is replayed.
/// @param clinical With what a clinician said: of a question, a refusal, a cancel.
Json why(const View& v, const Exam& e, bool clinical);

}  // namespace vigie::actors
