// The virtual waiting room: one pure function from (room, entry) to (room, answer, events).
//
// Every node applies the same entries in the same order and holds the same room; equal index means
// equal digest (design D1). Nothing here reads a clock, a disk or a socket: time comes with the
// entry. Knows nothing of terms, nodes that lead, connections or files.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/core/room/archive.hpp"
#include "actors/core/room/context.hpp"
#include "actors/core/room/state.hpp"
#include "messages/types/command.hpp"
#include "messages/types/event.hpp"

namespace vigie::room {

class Room {
 public:
  Room();
  ~Room();
  Room(Room&&) noexcept;
  Room& operator=(Room&&) noexcept;

  /// Applies the entry at `index`, which must be applied() + 1. Fires first what is due at `at`.
  /// `at` never goes back: an older stamp counts as the last one, as does one beyond the year 9999.
  /// Events and archived exams are appended to `out`.
  /// @return what the sender is told; `answer.index` is `index`, or the first one's of a duplicate.
  Answer apply(LogIndex index, FedTime at, const Proposal& proposal, Effects& out);
  /// An entry without a command (a leader's no-op): only the index moves.
  void skip(LogIndex index);
  /// A configuration entry: who is in the federation from here on.
  void apply_members(LogIndex index, std::vector<Member> members);
  /// An entry whose bytes this build cannot decode as a proposal: counted, answered by nobody.
  void apply_undecodable(LogIndex index, FedTime at, Effects& out);

  LogIndex applied() const { return state_.scalars().index; }
  FedTime now() const { return state_.scalars().at; }
  Level level() const { return state_.scalars().level; }
  Bits128 digest() const { return state_.digest(); }
  /// Where a node's archive must end to hold all that has left this room.
  ArchiveEnd archive_end() const {
    return {state_.scalars().archived, state_.scalars().archive_hash};
  }
  const State& state() const { return state_; }
  const Directory& directory() const { return state_.directory(); }
  /// When the next deadline is due; 0: nothing is. A leader with something due proposes a Tick.
  FedTime next_due() const;

  /// Starts a photograph of the room as it is now (design D13). One at a time.
  void begin_snapshot();
  /// The next piece, of about `bytes_max` bytes; cost in proportion, so that offers never wait
  /// long. Empty when the photograph is complete.
  std::string next_snapshot_piece(std::size_t bytes_max);
  void abandon_snapshot();
  bool snapshot_begun() const;
  /// Index that the photograph shows.
  LogIndex snapshot_index() const;

 private:
  friend class SnapshotLoader;
  struct Photograph;

  Answer answer_request(Context& ctx);
  Answer execute(Context& ctx);
  void count_archived(Effects& out, std::size_t from);

  State state_;
  std::unique_ptr<Photograph> photograph_;
};

/// Builds a room from the pieces of a photograph, in order.
class SnapshotLoader {
 public:
  /// @errors Errc::corrupt: not a photograph of this format.
  Result<void> feed(std::string_view piece);
  /// @errors Errc::corrupt: something is missing, or the digest inside does not match.
  Result<Room> finish();

 private:
  Result<void> take_block(std::string_view block);
  std::string pending_;
  int section_ = 0;
  std::array<std::uint64_t, 4> counts_{};  ///< records still to come, by table
  Bits128 digest_, seal_;
  Room room_;
};

}  // namespace vigie::room
