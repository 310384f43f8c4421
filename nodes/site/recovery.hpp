// From a journal to a replica and a room: what a node is when it starts.
#pragma once

#include <string>

#include "actors/core/replica/config.hpp"
#include "actors/core/room/room.hpp"
#include "messages/types/result.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::site {

struct RecoveredNode {
  replica::Start start;
  room::Room room;
  std::string peers_mark;  ///< value peers_value of the journal; empty: none
  std::string clock_mark;  ///< actors::clock_value; empty: none
};

/// Loads the snapshot and the log behind it.
/// @errors Errc::corrupt: names the record; the node must not serve. Errc::io_error.
Result<RecoveredNode> recover(const storage::Journal& journal);

}  // namespace vigie::site
