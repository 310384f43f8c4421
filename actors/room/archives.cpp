// A snapshot is installed only once this node's archive is complete through it (design D13): its
// last chunk waits here until the exams that closed meanwhile have been fetched from a peer and
// proved right. And the other side: giving a peer what it misses.
//
// A crash at any point leaves the old snapshot and log; what was promoted are right records, what
// was only staged is dropped at the next start.
#include "actors/room/host.hpp"
#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

constexpr Millis answer_max = 2_s;  ///< then another peer is asked

}  // namespace

/// False: the message must not reach the replica now; it may be lost, the leader sends it again.
bool Host::may_step(Now now, SiteId from, const replica::Message& message) {
  const auto* chunk = std::get_if<replica::SnapshotChunk>(&message.body);
  if (!chunk || message.term < replica_.term()) return true;
  const SnapshotMeta& meta = chunk->meta;
  if (meta.index <= replica_.commit() || replica_.log().matches(meta.index, meta.term)) return true;
  if (chunk->number == 0) miss_archive(now, from, *chunk);
  const bool last = chunk->number + 1 == meta.chunks();
  // Whose first chunk never came here, the replica does not take either.
  if (is_planted(Bug::archive_not_awaited)) return true;
  if (!last || !gap_ || gap_->fetch.through() < meta.index || gap_->closed) return true;
  gap_->last_chunk = {from, message};
  return false;
}

/// A snapshot is coming: what does this node's archive lack for it?
void Host::miss_archive(Now now, SiteId from, const replica::SnapshotChunk& first) {
  const auto wanted = room::archive_of_snapshot(first.bytes.bytes());
  VIGIE_ASSERT(wanted && wanted->index == first.meta.index &&
               "a snapshot from the leader must be readable");
  if (gap_ && gap_->fetch.through() == wanted->index) return;  // sent again
  const bool goes_on = gap_ && gap_->fetch.through() < wanted->index;
  // A new leader's snapshot may be an earlier one: the archive has all of it already, or soon.
  if (gap_ && !goes_on && gap_->fetch.is_complete()) return;
  if (gap_) {
    gap_->fetch.aim_at(*wanted);
    gap_->last_chunk.reset();
    gap_->closed = false;
  } else {
    gap_.emplace(ArchiveGap{{room_.applied(), room_.archive_end(), *wanted}, from, {}, {}});
  }
  if (!goes_on && !gap_->promoting) {
    DiskJob job;
    job.drop_staged_archive = true;
    ports_.write(std::move(job));
  }
  gap_->peer = from;
  failpoint(Failpoint::gap_found);
  telemetry::log_info("archive_behind", {{"index", room_.applied()},
                                         {"snapshot_index", wanted->index},
                                         {"held", room_.archive_end().count},
                                         {"wanted", wanted->end.count}});
  close_gap(now);
}

/// The next step towards a complete archive.
void Host::close_gap(Now now) {
  if (gap_->promoting || gap_->closed) return;
  if (gap_->fetch.is_complete()) {
    failpoint(Failpoint::gap_fetched);
    gap_->promoting = true;
    gap_->fetch.keep();
    DiskJob job;
    job.promote_archive = true;
    return ports_.write(std::move(job));
  }
  if (!ports_.intake_open()) return;  // the reserve is not for this; watch_gap() tries again
  gap_->asked = now.boot;
  add_to_frame(gap_->peer, codec::peer_archive_wish_bytes);
  outgoing(gap_->peer).archive_wish = gap_->fetch.wish();
}

void Host::take_archive(Now now, SiteId from, codec::ArchiveChunk chunk) {
  if (repair_ && from == repair_->peer && chunk.wish == repair_->wish()) {
    return take_record(now, std::move(chunk));
  }
  if (!gap_ || gap_->promoting || gap_->closed || from != gap_->peer) return;
  if (chunk.wish != gap_->fetch.wish()) return;
  const auto another = [&] { gap_->asked = {}; };  // within a second
  if (!chunk.known) return another();
  auto records = gap_->fetch.take(std::move(chunk));
  DiskJob job;
  if (!records) {
    metrics_.room.archives_refused.add();
    telemetry::log_error("archive_refused", {{"peer", from}, {"what", records.error().what}});
    gap_->fetch.start_over();
    job.drop_staged_archive = true;
    ports_.write(std::move(job));
    return another();
  }
  job.stage_archive = std::move(*records);
  if (!job.stage_archive.empty()) ports_.write(std::move(job));
  close_gap(now);
}

void Host::archive_promoted(Now now, bool more) {
  if (!gap_ || !gap_->promoting) return;
  if (more) {
    DiskJob job;
    job.promote_archive = true;
    return ports_.write(std::move(job));
  }
  gap_->promoting = false;
  if (!gap_->fetch.is_complete()) return close_gap(now);  // aimed further meanwhile
  gap_->closed = true;
  failpoint(Failpoint::gap_closed);
  telemetry::log_info("archive_complete", {{"index", gap_->fetch.through()}});
  if (!gap_->last_chunk) return;
  auto [from, message] = std::move(*gap_->last_chunk);
  gap_->last_chunk.reset();
  replica_.step(now.boot, from, std::move(message));
}

/// Once a second: whoever does not answer, or not rightly, is not asked again before the others.
void Host::watch_gap(Now now) {
  if (!gap_ || gap_->promoting) return;            // word from the disk must find who asked for it
  if (room_.applied() >= gap_->fetch.through()) {  // the log brought it all
    gap_.reset();
    return;
  }
  if (gap_->closed || now.boot - gap_->asked < answer_max) return;
  if (peers_.empty()) return;
  auto other = peers_.upper_bound(gap_->peer);
  if (other == peers_.end()) other = peers_.begin();
  gap_->peer = other->first;
  close_gap(now);
}

void Host::serve_archive(SiteId to, const codec::ArchiveWish& wish) {
  if (room_.applied() < wish.through) return give_archive(to, {wish, false, false, {}});
  DiskJob job;
  archive_with(job);
  job.read_archive = {to, wish};
  ports_.write(std::move(job));
}

void Host::give_archive(SiteId to, codec::ArchiveChunk chunk) {
  add_to_frame(to, codec::peer_bytes(chunk));
  outgoing(to).archive_chunk = std::move(chunk);
}

}  // namespace vigie::actors
