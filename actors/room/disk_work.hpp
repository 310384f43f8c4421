// What the disk thread does with the jobs that wait: one write and one sync for as many as can be
// gathered, then word of what is durable. Any failed write ends the process: nothing after it could
// be trusted (design D17). No thread of its own, so that a simulator can call it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>

#include "actors/room/host.hpp"
#include "ops/telemetry/node_metrics.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::actors {

class DiskWork {
 public:
  /// Ends the process, sysexits.h: no destructor may touch the journal any more. Must not return.
  using Leave = std::function<void(int code)>;

  /// @param done Called by work(), in the order of the jobs.
  DiskWork(
      storage::Journal& journal, telemetry::NodeMetrics& metrics,
      std::function<void(DiskDone)> done, Leave leave = [](int code) { std::_Exit(code); })
      : journal_(journal), metrics_(metrics), done_(std::move(done)), leave_(std::move(leave)) {}

  /// Does them in order. What it has done is synced when `done` says so.
  void work(std::deque<DiskJob>& jobs);

 private:
  void write(const storage::WriteBatch& batch);
  void flush(storage::WriteBatch& batch, std::uint64_t write_no, std::size_t entries);
  void snapshot_work(DiskJob& job);
  void archive_work(const DiskJob& job, DiskDone& done);
  void scrub(const storage::ScrubPlace& from, DiskDone& done);
  codec::ArchiveChunk archived(const codec::ArchiveWish& wish);
  template <class T>
  void must(const Result<T>& result, const char* operation) const;

  storage::Journal& journal_;
  telemetry::NodeMetrics& metrics_;
  std::function<void(DiskDone)> done_;
  Leave leave_;
};

}  // namespace vigie::actors
