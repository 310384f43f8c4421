// The restart table: what begins anew when it fails, and what ends the process (design §5).
//
// | part     | fails by                     | then                                               |
// |----------|------------------------------|----------------------------------------------------|
// | desks    | an exception in its actor    | begins anew from the room's state                  |
// | delivery | an exception in its actor    | begins anew from the room's state                  |
// | the room | an exception, an assertion   | the process ends, the journal brings it back       |
// | disk     | any failed write             | the same                                           |
// | link, MLLP door, HTTP | their threads throw | the same                                       |
//
// A part that fails again and again is not healed by beginning anew: then the process ends too.
#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <string_view>

#include "messages/types/time.hpp"

namespace vigie::site {

enum class Part : std::uint8_t { desks, delivery };
inline constexpr std::array<std::string_view, 2> part_names = {"desks", "delivery"};

/// At most so many new beginnings of one part within so long.
inline constexpr std::size_t restarts_max = 5;
inline constexpr Millis restarts_within = 60_s;

class Restarts {
 public:
  /// `part` failed at `now`. @return whether it may begin anew; false: end the process. Any thread.
  bool may_begin_anew(Part part, BootTime now);

 private:
  std::mutex mutex_;
  std::array<std::deque<BootTime>, part_names.size()> failures_;
};

}  // namespace vigie::site
