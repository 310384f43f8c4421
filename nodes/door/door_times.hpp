// How long the door waits, and how many it lets in.
#pragma once

#include <cstddef>

#include "messages/types/limits.hpp"
#include "messages/types/time.hpp"

namespace vigie::door {

/// Bounds in time and number. The defaults are the interface's; tests take shorter ones.
struct DoorTimes {
  Millis frame_max = 30_s;          ///< from a frame's first byte to its last
  Millis answer_max = 5_s;          ///< then the connection is closed without an answer
  Millis ack_max = 30_s;            ///< for a hospital's answer to a report
  Millis backoff_min = 1_s;         ///< between two tries to send
  Millis backoff_first_max = 10_s;  ///< in the first minute of trouble
  Millis backoff_max = 5_min;
  Millis trouble_first = 1_min;
  int refusals_max = 10;  ///< answers AR, then the delivery has failed
  int connections_per_feed = 8;
  /// Of messages that are not finished or not begun, over all connections: one of the largest and
  /// many usual ones. Beyond it, whoever holds most is sent away.
  std::size_t held_bytes_max = limits::mllp_frame_bytes + limits::mllp_frame_bytes / 2;
};

}  // namespace vigie::door
