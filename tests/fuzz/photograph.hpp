// A room's photograph as one string, and the way back.
#pragma once

#include <string>

#include "actors/core/room/room.hpp"

namespace vigie::fuzz {

inline std::string photograph(room::Room& room, std::size_t piece_bytes) {
  std::string all;
  room.begin_snapshot();
  for (std::string piece = room.next_snapshot_piece(piece_bytes); !piece.empty();
       piece = room.next_snapshot_piece(piece_bytes)) {
    all += piece;
  }
  return all;
}

/// `bytes` fed in pieces of that size.
inline Result<room::Room> load(std::string_view bytes, std::size_t piece_bytes) {
  room::SnapshotLoader loader;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    if (auto fed = loader.feed(bytes.substr(at, piece_bytes)); !fed) return fed.error();
  }
  return loader.finish();
}

}  // namespace vigie::fuzz
