#include "actors/room/disk_work.hpp"

#include <chrono>
#include <cstdlib>

#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

using Steady = std::chrono::steady_clock;

bool is_archive_work(const DiskJob& job) {
  return job.drop_staged_archive || !job.stage_archive.empty() || job.promote_archive ||
         job.read_archive || job.read_record || job.check_archive || job.scrub || job.repair;
}

bool is_snapshot_work(const DiskJob& job) {
  return !job.received_chunks.empty() || job.install || job.own_chunk || job.own_finish ||
         job.compact_to || job.read_chunk || is_archive_work(job);
}

/// Adds `more` to `batch` as if they had been written one after the other.
void gather(storage::WriteBatch& batch, storage::WriteBatch&& more) {
  if (more.hard) batch.hard = more.hard;
  if (!more.entries.empty()) {
    const LogIndex first = more.entries.front().index;
    while (!batch.entries.empty() && batch.entries.back().index >= first) batch.entries.pop_back();
    for (LogEntry& entry : more.entries) batch.entries.push_back(std::move(entry));
  }
  if (is_planted(Bug::gathered_archive_lost)) batch.archive.clear();
  for (auto& record : more.archive) batch.archive.push_back(std::move(record));
  for (auto& value : more.values) batch.values.push_back(std::move(value));
}

bool is_empty(const storage::WriteBatch& batch) {
  return !batch.hard && batch.entries.empty() && batch.archive.empty() && batch.values.empty();
}

/// The failpoints beside a write of the node's own values.
void pass_values(const storage::WriteBatch& batch, bool after) {
  for (const auto& [name, value] : batch.values) {
    if (name == clock_value) {
      failpoint(after ? Failpoint::clock_mark_after : Failpoint::clock_mark_before);
    } else if (name == "commit") {
      failpoint(after ? Failpoint::commit_seen_after : Failpoint::commit_seen_before);
    } else if (name == "checkpoint") {
      failpoint(after ? Failpoint::checkpoint_after : Failpoint::checkpoint_before);
    }
  }
}

}  // namespace

/// A failed write is fatal: the process leaves, the journal brings it back (design D17). So is a
/// damaged record, but no start mends that: the node stays out until it rejoins.
template <class T>
void DiskWork::must(const Result<T>& result, const char* operation) const {
  if (result || is_planted(Bug::sync_error_ignored)) return;
  telemetry::log_error(
      "disk_failed",
      {{"operation", operation}, {"code", result.error().code}, {"what", result.error().what}});
  if (result.error().code == Errc::corrupt) {
    telemetry::log_error("journal_damaged", {{"advice", errc_info(Errc::corrupt).advice}});
    leave_(exit_unusable_data);
  }
  leave_(74);  // EX_IOERR
}

void DiskWork::write(const storage::WriteBatch& batch) {
  pass_values(batch, false);
  must(journal_.write(batch), "write");
  pass_values(batch, true);
}

void DiskWork::work(std::deque<DiskJob>& jobs) {
  failpoint(Failpoint::jobs_taken);
  storage::WriteBatch batch;
  std::uint64_t write_no = 0;
  std::size_t entries = 0;
  for (DiskJob& job : jobs) {
    const bool apart = is_snapshot_work(job);
    if (!apart) {
      entries += job.batch.entries.size();
      gather(batch, std::move(job.batch));
      write_no = std::max(write_no, job.write_no);
      continue;
    }
    flush(batch, write_no, entries);
    batch = {};
    write_no = entries = 0;
    snapshot_work(job);
  }
  flush(batch, write_no, entries);
}

void DiskWork::flush(storage::WriteBatch& batch, std::uint64_t write_no, std::size_t entries) {
  if (!is_empty(batch)) {
    const auto begun = Steady::now();
    write(batch);
    metrics_.storage.sync_seconds.observe(
        std::chrono::duration<double>(Steady::now() - begun).count());
    metrics_.storage.synced_entries.add(entries);
  }
  if (write_no == 0) return;
  DiskDone done;
  done.write_no = write_no;
  failpoint(Failpoint::write_untold);
  done_(std::move(done));
  failpoint(Failpoint::write_told);
}

void DiskWork::snapshot_work(DiskJob& job) {
  DiskDone done;
  done.write_no = job.write_no;
  // Order within one job: hard state, chunks, finish, entries (replica/output.hpp).
  if (job.batch.hard || !job.batch.archive.empty() || !job.batch.values.empty()) {
    storage::WriteBatch first;
    first.values = std::move(job.batch.values);
    first.hard = job.batch.hard;
    first.archive = std::move(job.batch.archive);
    write(first);
  }
  for (const replica::WriteSnapshotChunk& chunk : job.received_chunks) {
    if (chunk.number == 0) must(journal_.abandon_snapshot(), "abandon_snapshot");
    failpoint(Failpoint::received_chunk_before);
    must(journal_.write_snapshot_chunk(chunk.number, chunk.bytes.bytes()), "snapshot_chunk");
    failpoint(Failpoint::received_chunk_after);
  }
  if (job.install) {
    failpoint(Failpoint::install_before);
    must(journal_.finish_snapshot(*job.install), "install_snapshot");
    failpoint(Failpoint::install_after);
    done.installed = job.install;
  }
  if (!job.batch.entries.empty()) {
    storage::WriteBatch rest;
    rest.entries = std::move(job.batch.entries);
    write(rest);
  }
  if (job.own_chunk) {
    failpoint(Failpoint::own_chunk_before);
    must(journal_.write_snapshot_chunk(job.own_chunk->first, job.own_chunk->second), "own_chunk");
    failpoint(Failpoint::own_chunk_after);
  }
  if (job.own_finish) {
    SnapshotMeta meta = *job.own_finish;
    const auto chain = journal_.chain(meta.index);
    must(chain, "chain");
    meta.chain = *chain;
    failpoint(Failpoint::own_finish_before);
    must(journal_.finish_snapshot(meta), "finish_snapshot");
    failpoint(Failpoint::own_finish_after);
    done.own_finished = meta;
  }
  if (job.compact_to) must(journal_.compact(job.compact_to), "compact");
  if (job.read_chunk) {
    auto bytes = journal_.read_snapshot_chunk(job.read_chunk->number);
    must(bytes, "read_chunk");
    failpoint(Failpoint::chunk_read);
    done.chunk = {*job.read_chunk, Payload(std::move(*bytes))};
    const auto stored = journal_.snapshot();
    if (!stored || stored->index != job.read_chunk->meta.index) done.chunk.reset();
  }
  if (is_archive_work(job)) archive_work(job, done);
  done_(std::move(done));
}

void DiskWork::archive_work(const DiskJob& job, DiskDone& done) {
  constexpr std::size_t slice = 1024 * 1024;  // votes must not wait long
  if (job.drop_staged_archive) must(journal_.drop_staged_archive(), "drop_staged_archive");
  if (!job.stage_archive.empty()) must(journal_.stage_archive(job.stage_archive), "stage_archive");
  if (job.promote_archive) {
    const auto more = journal_.promote_archive(slice);
    must(more, "promote_archive");
    done.promoted = *more;
  }
  if (job.check_archive) {
    ArchiveCheck check = *job.check_archive;
    if (const auto read = go_on(journal_, check, slice); !read) {
      telemetry::log_error("archive_unreadable",
                           {{"code", read.error().code}, {"what", read.error().what}});
      check.over = check.is_unreadable = true;
    }
    done.archive_check = check;
  }
  if (job.scrub) scrub(*job.scrub, done);
  if (job.repair) {
    ArchiveRepair repair = *job.repair;
    const auto repaired = journal_.repair_archived(repair.record, repair.is_agreed);
    must(repaired, "repair_archived");
    repair.is_done = *repaired;
    done.repaired = std::move(repair);
  }
  if (job.read_record) done.record = archived(*job.read_record);
  if (job.read_archive) {
    const auto& [to, wish] = *job.read_archive;
    done.archive = {to, archived(wish)};
  }
}

codec::ArchiveChunk DiskWork::archived(const codec::ArchiveWish& wish) {
  auto chunk = read_archive(journal_, wish);
  failpoint(Failpoint::archive_read);
  if (chunk) return std::move(*chunk);
  // A damaged archive is a reason to ask another node, not to end this one.
  telemetry::log_error("archive_unreadable",
                       {{"code", chunk.error().code}, {"what", chunk.error().what}});
  return {wish, false, false, {}};
}

/// Small, and once a second: votes wait for it.
void DiskWork::scrub(const storage::ScrubPlace& from, DiskDone& done) {
  constexpr std::size_t slice = 256 * 1024;
  using Part = storage::ScrubPlace::Part;
  storage::ScrubPlace place = from;
  auto damage = journal_.scrub(place, slice);
  telemetry::StorageMetrics& disk = metrics_.storage;
  const bool is_damaged = !damage && damage.error().code == Errc::corrupt;
  if (is_damaged && place.part == Part::log) disk.checksum_errors.of("log").add();
  if (is_damaged && place.part == Part::snapshot) disk.checksum_errors.of("snapshot").add();
  if (is_damaged && place.part == Part::node) disk.checksum_errors.of("node").add();
  must(damage, "scrub");
  if (*damage) disk.checksum_errors.of("archive").add();
  done.scrubbed = Scrubbed{place, std::move(*damage)};
}

}  // namespace vigie::actors
