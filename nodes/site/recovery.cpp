#include "nodes/site/recovery.hpp"

#include <charconv>

#include "actors/core/room/load_room.hpp"
#include "actors/room/host.hpp"
#include "messages/types/failpoint.hpp"

namespace vigie::site {

Result<RecoveredNode> recover(const storage::Journal& journal) {
  const auto read_chunk = [&](auto number) { return journal.read_snapshot_chunk(number); };
  Result<room::Room> room = room::Room{};
  if (journal.snapshot()) room = room::load_room(read_chunk);
  if (!room) return room.error();
  failpoint(Failpoint::recover_room);
  RecoveredNode node{{}, std::move(*room), {}, {}};
  const storage::Recovered& found = journal.recovered();
  node.start.hard = found.hard;
  if (const auto meta = journal.snapshot()) {
    node.start.snapshot = *meta;
    node.start.members = node.room.state().scalars().members;
    if (node.room.applied() != meta->index) {
      return Error{Errc::corrupt, "the snapshot's room is not at the snapshot's index"};
    }
  }
  constexpr std::size_t piece = 4 * 1024 * 1024;
  LogIndex from = next(node.start.snapshot.index);
  while (from <= found.last_index) {
    auto entries = journal.read(from, found.last_index, piece);
    if (!entries) return entries.error();
    from = next(entries->back().index);
    for (LogEntry& entry : *entries) node.start.entries.push_back(std::move(entry));
  }
  failpoint(Failpoint::recover_log);
  const auto commit = journal.value("commit");
  if (!commit) return commit.error();
  if (*commit) {
    std::from_chars((*commit)->data(), (*commit)->data() + (*commit)->size(),
                    node.start.commit_seen.value);
    node.start.committed = node.start.commit_seen;
  }
  const auto peers = journal.value(actors::peers_value);
  if (!peers) return peers.error();
  node.peers_mark = peers->value_or("");
  const auto clock = journal.value(actors::clock_value);
  if (!clock) return clock.error();
  node.clock_mark = clock->value_or("");
  failpoint(Failpoint::recover_done);
  return node;
}

}  // namespace vigie::site
