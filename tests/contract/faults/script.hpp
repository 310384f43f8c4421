// The life of a journal in some hundred steps, each of which a bad disk may interrupt, and what a
// journal must hold after each: so that what is found after a fault can be compared with what was
// acknowledged.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/journal/journal.hpp"

namespace vigie::storage::faults {

using Open = std::function<Result<std::unique_ptr<Journal>>()>;

inline Identity lyon() { return {"france", "lyon", {1, 2}, {}}; }

/// All that a journal says of itself, except how often it was opened and what compaction spared.
/// @errors of whatever could not be read.
Result<std::string> picture_of(const Journal& journal);

/// Steps, numbered from 1. Step 0 opens the journal.
std::size_t step_count();

/// Plays from an empty folder. `done(i)` after step i was acknowledged.
/// @errors the first that the journal answers; nothing is done after it.
Result<void> play(const Open& open, const std::function<void(std::size_t)>& done);

/// What a sound journal shows after each step; [0] after the first opening. From a memory disk.
const std::vector<std::string>& pictures();

}  // namespace vigie::storage::faults
