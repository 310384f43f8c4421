// A site of the federation as replication sees it: does it vote, and in which of its lives.
#pragma once

#include <cstdint>

#include "messages/types/ids.hpp"

namespace vigie {

/// A learner receives the log, but neither votes nor counts.
struct Member {
  SiteId site;
  bool voter = true;
  int priority = 0;              ///< leadership moves to a caught-up voter of higher priority (D15)
  std::uint16_t generation = 0;  ///< grows each time it is taken in anew: Site::generation
  bool operator==(const Member&) const = default;
};

}  // namespace vigie
