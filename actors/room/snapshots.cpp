// Own snapshots, made a slice at a time beside the work; and snapshots received from the leader.
#include "actors/room/host.hpp"
#include "messages/types/failpoint.hpp"
#include "messages/types/limits.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

LogIndex Host::trailing_from(LogIndex index) const {
  std::size_t bytes = 0;
  const replica::Log& log = replica_.log();
  while (index > log.base() && bytes < settings_.trailing_bytes) {
    bytes += replica::Log::weight(log.at(index));
    index = previous(index);
  }
  return next(index);
}

bool Host::snapshot_step(Now) {
  if (loader_ && !replica_.is_installing()) loader_.reset();  // given up half-way
  // Due when the log since the last one weighs twice as much as that one: its share of the work
  // stays constant, however much the room holds. But long before the log is full, which only a
  // snapshot makes shorter: a room of that size would stop for ever.
  const std::uint64_t log_max = settings_.raft.log_bytes_max;
  const std::uint64_t due = std::min<std::uint64_t>(
      std::max<std::uint64_t>(settings_.snapshot_log_bytes, 2 * snapshot_bytes_), log_max / 4);
  if (!own_snapshot_) {
    // A new one starts its transfer to a peer over; but a peer that cannot finish must not keep
    // this log growing for ever.
    const bool sends = replica_.is_sending_snapshot();
    const bool wanted = log_bytes_ >= (sends ? std::min(4 * due, log_max / 2) : due);
    const bool may = wanted && !replica_.is_installing() && !room_.snapshot_begun();
    if (!may) return false;
    const auto term = replica_.log().term(room_.applied());
    if (!term) return false;
    own_snapshot_.emplace();
    own_snapshot_->meta.index = room_.applied();
    own_snapshot_->meta.term = *term;
    own_snapshot_->keep_from = trailing_from(room_.applied());
    log_bytes_ = 0;
    room_.begin_snapshot();
    failpoint(Failpoint::snapshot_begun);
  }
  OwnSnapshot& own = *own_snapshot_;
  if (own.finishing) return false;
  constexpr std::size_t slice = 64 * 1024;
  const std::string piece = room_.next_snapshot_piece(slice);
  own.rest += piece;
  const bool over = piece.empty();
  while (own.rest.size() >= limits::snapshot_chunk_bytes || (over && !own.rest.empty())) {
    const std::size_t size = std::min(own.rest.size(), limits::snapshot_chunk_bytes);
    DiskJob job;
    job.own_chunk = {own.chunks++, own.rest.substr(0, size)};
    own.rest.erase(0, size);
    own.meta.bytes += size;
    ports_.write(std::move(job));
  }
  if (!over) return true;
  failpoint(Failpoint::snapshot_walked);
  own.finishing = true;
  DiskJob job;
  archive_with(job);
  job.own_finish = own.meta;
  ports_.write(std::move(job));
  return false;
}

void Host::receive_chunks(const std::vector<replica::WriteSnapshotChunk>& chunks) {
  for (const replica::WriteSnapshotChunk& chunk : chunks) {
    if (chunk.number == 0) {
      if (room_.snapshot_begun()) room_.abandon_snapshot();
      // One that waits for the disk alone will be on it, and the replica must know.
      if (own_snapshot_ && !own_snapshot_->finishing) own_snapshot_.reset();
      loader_ = std::make_unique<room::SnapshotLoader>();
    }
    const auto fed = loader_->feed(chunk.bytes.bytes());
    VIGIE_ASSERT(fed && "a snapshot from the leader must be readable");
  }
}

void Host::install(Now now, const SnapshotMeta& meta) {
  failpoint(Failpoint::room_install_before);
  auto room = loader_->finish();
  loader_.reset();
  VIGIE_ASSERT(room && "a snapshot from the leader must be whole");
  room_ = std::move(*room);
  VIGIE_ASSERT(room_.applied() == meta.index);
  measures_.begin(room_.state());
  applied_all();
  note_unknown_leases(now);
  if (gap_ && gap_->fetch.through() <= meta.index) gap_.reset();
  snapshot_bytes_ = meta.bytes;
  log_bytes_ = 0;
  clock_.heard(room_.now(), now);
  telemetry::log_info("snapshot_installed", {{"index", meta.index}, {"bytes", meta.bytes}});
  replica_.snapshot_installed(now.boot, meta.index, room_.state().scalars().members);
  check_members();
  follow_members(now);
  ports_.members_changed();
  failpoint(Failpoint::room_install_after);
  // Whoever waited here for something within the snapshot asks again: the room knows the answer.
  resend_pending(now, true);
  ports_.directory_changed(std::make_shared<const Directory>(directory()));
  end_blind_followers();
  publish_fresh();
  serve_deferred(now);
}

}  // namespace vigie::actors
