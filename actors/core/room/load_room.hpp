// The way from a stored snapshot to a room, whoever reads the chunks: a node at its start, or a
// tool that builds the room again.
#pragma once

#include <cstdint>

#include "actors/core/room/room.hpp"

namespace vigie::room {

/// @param read_chunk Called with 0, 1, ... for a Result<std::string>; an empty one ends the
/// snapshot.
/// @errors Those of `read_chunk`; Errc::corrupt: the chunks are no whole room.
template <class ReadChunk>
Result<Room> load_room(const ReadChunk& read_chunk) {
  SnapshotLoader loader;
  for (std::uint32_t number = 0;; ++number) {
    const auto chunk = read_chunk(number);
    if (!chunk) return chunk.error();
    if (chunk->empty()) return loader.finish();
    if (const auto fed = loader.feed(*chunk); !fed) return fed.error();
  }
}

}  // namespace vigie::room
