// Is a node's archive what its room says? Read once, a piece at a time beside the work, before a
// learner may become a voter (design D13).
#pragma once

#include <cstddef>

#include "actors/core/room/archive.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::actors {

/// How far the reading has come.
struct ArchiveCheck {
  LogIndex through;         ///< the room's index when it began
  room::ArchiveEnd wanted;  ///< what the room said of the archive there
  LogIndex read;            ///< records of indexes up to here are counted in `found`
  room::ArchiveEnd found;
  bool over = false;
  bool is_unreadable = false;

  bool is_right() const { return over && !is_unreadable && found == wanted; }
};

/// Reads on, about `bytes_max` bytes (but whole indexes).
/// @errors as Journal::scan_archive().
Result<void> go_on(const storage::Journal& journal, ArchiveCheck& check, std::size_t bytes_max);

}  // namespace vigie::actors
