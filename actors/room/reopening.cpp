// A closed exam that is to be opened once more (T29) is in no room, only in the archives: the node
// whose client asks adds the record to the command, from its own disk.
#include <algorithm>

#include "actors/room/host.hpp"

namespace vigie::actors {

/// @return true: the command waits for the disk. False: there is nothing to bring, or nobody who
/// might ask for it: the room says so.
bool Host::bring_record(const Reopen& command, Proposal& proposal, Pending& pending) {
  const room::OrderRecord* order = room_.state().orders().find(command.exam);
  const room::Session* session = room_.state().sessions().find(proposal.session);
  const bool may = session && session->key == proposal.key && session->role == Role::duty_head;
  if (!may || !order || !order->archived_at || !command.record.empty()) return false;
  DiskJob job;
  archive_with(job);  // it may be among what is on its way there
  job.read_record = {order->archived_at, order->archived_at, command.exam, 0};
  ports_.write(std::move(job));
  reopening_.emplace_back(std::move(proposal), std::move(pending));
  return true;
}

/// One that cannot be had is asked for all the same: the room says so to whoever asks.
void Host::record_read(Now now, const codec::ArchiveChunk& chunk) {
  const auto waits = [&](const auto& one) {
    return std::get<Reopen>(one.first.command).exam == chunk.wish.exam;
  };
  const auto at = std::find_if(reopening_.begin(), reopening_.end(), waits);
  if (at == reopening_.end()) return;
  auto [proposal, pending] = std::move(*at);
  reopening_.erase(at);
  for (const codec::ArchivePiece& piece : chunk.pieces) {
    const bool is_it = piece.index == chunk.wish.index && piece.exam == chunk.wish.exam;
    const bool fits = piece.bytes.size() == piece.size && piece.size <= limits::reopened_bytes;
    if (is_it && fits) std::get<Reopen>(proposal.command).record = piece.bytes;
  }
  propose(now, std::move(proposal), std::move(pending));
}

}  // namespace vigie::actors
