// What must be true of a room after every entry. Checked by tests and the simulator after each
// step; the cheap ones are also assertions in the code (faults: I8, I9, I10, I19).
#pragma once

#include <string>
#include <vector>

#include "actors/core/room/room.hpp"

namespace vigie::room {

/// Empty when all hold; else one line for each violation, with invariant, exam and index.
/// Cost: linear in the records.
std::vector<std::string> violations(const Room& room);

}  // namespace vigie::room
