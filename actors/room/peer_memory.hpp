// What a node remembers of each other node, over its own restarts too (design D16): who it was, and
// how much it had kept for good. One that comes back with less has forgotten what it acknowledged.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "messages/types/raft.hpp"

namespace vigie::actors {

struct PeerMemory {
  InstanceId instance;           ///< of its data folder; none: never heard
  BootCount boot;                ///< highest heard
  std::uint64_t run = 0;         ///< the process that said so
  replica::LogPosition kept;     ///< committed entries that it had on its disk
  std::uint16_t generation = 0;  ///< of its membership: in the next one it begins anew
  InstanceId former;             ///< a folder of it that is refused for good
  bool operator==(const PeerMemory&) const = default;
};

/// As the journal keeps it: a line for each site.
std::string to_text(const std::map<SiteId, PeerMemory>& memories);
/// Lines that cannot be read are passed over: what they said is learned anew.
std::map<SiteId, PeerMemory> memories_from(std::string_view text);

}  // namespace vigie::actors
