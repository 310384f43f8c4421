// All that is stored is read again and checked, a slice a second, while the node works (design
// D13). A damaged record of the archive is put right from a peer; damage elsewhere ends the process
// (disk_work.cpp), as it would at the next start. What no peer has whole is named, and tried again
// with the next reading: it is never passed over in silence.
#include "actors/room/host.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

constexpr Millis answer_max = 2_s;  ///< then the next peer is asked

}  // namespace

/// Once a second.
void Host::scrub(Now now) {
  if (repair_ && !repair_->is_writing && now.boot - repair_->asked >= answer_max) {
    ask_for_record(now);
  }
  const bool has_more_urgent = repair_ || gap_ || loader_ || own_snapshot_;
  if (is_quarantined() || is_scrubbing_ || has_more_urgent || now.boot < scrub_at_) return;
  is_scrubbing_ = true;
  if (scrub_place_.records == 0) unrepaired_.clear();  // each reading finds them anew
  DiskJob job;
  archive_with(job);
  job.scrub = scrub_place_;
  ports_.write(std::move(job));
}

void Host::scrubbed(Now now, Scrubbed slice) {
  is_scrubbing_ = false;
  scrub_place_ = slice.place;
  if (scrub_place_.part == storage::ScrubPlace::Part::over) {
    telemetry::log_info("scrubbed", {{"records", scrub_place_.records}});
    metrics_.storage.scrubs.add();
    metrics_.storage.archive_damaged.set(unrepaired_.size());
    scrub_place_ = {};
    scrub_at_ = now.boot + settings_.scrub_pause;
  }
  if (!slice.damage) return;
  storage::ArchiveDamage& found = *slice.damage;
  telemetry::log_error("archive_record_damaged",
                       {{"index", found.index}, {"exam", found.exam}, {"what", found.what}});
  if (!found.index) {  // a part of its file: records cannot be put there one by one
    unrepaired_.emplace();
    metrics_.storage.archive_damaged.set(unrepaired_.size());
    telemetry::log_error("archive_file_damaged", {{"advice", "see ops/docs/runbook-rejoin.md"}});
    return;
  }
  repair_.emplace();
  repair_->record = {found.index, found.exam, std::move(found.bytes)};
  if (!found.is_whole) return ask_for_record(now);
  repair_->is_writing = true;
  DiskJob job;
  job.repair = ArchiveRepair{repair_->record, false, false};
  ports_.write(std::move(job));
}

/// The next peer, from the first on; each once.
void Host::ask_for_record(Now now) {
  const auto next_peer = peers_.upper_bound(repair_->peer);
  if (next_peer == peers_.end()) return give_up_record();
  repair_->peer = next_peer->first;
  repair_->asked = now.boot;
  repair_->record.bytes.clear();
  add_to_frame(repair_->peer, codec::peer_archive_wish_bytes);
  outgoing(repair_->peer).archive_wish = repair_->wish();
}

/// Whose `wish` is ours: the record, or the next part of it.
void Host::take_record(Now now, codec::ArchiveChunk chunk) {
  if (repair_->is_writing) return;
  storage::ArchiveRecord& record = repair_->record;
  const bool has_it = chunk.known && !chunk.pieces.empty() &&
                      chunk.pieces[0].index == record.index &&
                      chunk.pieces[0].exam == record.exam && !chunk.pieces[0].bytes.empty();
  if (!has_it) return ask_for_record(now);
  const codec::ArchivePiece& piece = chunk.pieces[0];
  record.bytes += piece.bytes;
  if (record.bytes.size() > std::min<std::size_t>(piece.size, codec::archive_record_bytes)) {
    return ask_for_record(now);
  }
  if (record.bytes.size() < piece.size) {
    repair_->asked = now.boot;
    add_to_frame(repair_->peer, codec::peer_archive_wish_bytes);
    outgoing(repair_->peer).archive_wish = repair_->wish();
    return;
  }
  repair_->is_writing = true;
  DiskJob job;
  job.repair = ArchiveRepair{record, record.bytes == repair_->first_answer, false};
  ports_.write(std::move(job));
}

void Host::repaired(Now now, const ArchiveRepair& repair) {
  if (!repair_) return;
  repair_->is_writing = false;
  if (!repair.is_done) {  // what is left here does not say that it is the right one
    repair_->first_answer = repair.record.bytes;
    return ask_for_record(now);
  }
  telemetry::log_info("archive_record_repaired",
                      {{"index", repair.record.index}, {"exam", repair.record.exam}});
  metrics_.storage.repaired.add();
  unrepaired_.erase({repair.record.index, repair.record.exam});
  metrics_.storage.archive_damaged.set(unrepaired_.size());
  repair_.reset();
}

void Host::give_up_record() {
  telemetry::log_error("archive_record_lost",
                       {{"index", repair_->record.index},
                        {"exam", repair_->record.exam},
                        {"advice", "no peer has it whole now; tried again"}});
  unrepaired_.emplace(repair_->record.index, repair_->record.exam);
  metrics_.storage.archive_damaged.set(unrepaired_.size());
  repair_.reset();
}

}  // namespace vigie::actors
