// What the disk thread does with the jobs that wait: one write and one sync for as many as can be
// gathered, then word of what is durable. Any failed write ends the process: nothing after it could
// be trusted (design D17). No thread of its own, so that a simulator can call it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "actors/room/host.hpp"
#include "ops/telemetry/node_metrics.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::actors {

class DiskWork {
 public:
  /// @param done Called by work(), in the order of the jobs.
  DiskWork(storage::Journal& journal, telemetry::NodeMetrics& metrics,
           std::function<void(DiskDone)> done)
      : journal_(journal), metrics_(metrics), done_(std::move(done)) {}

  /// Does them in order. What it has done is synced when `done` says so.
  void work(std::deque<DiskJob>& jobs);

 private:
  void flush(storage::WriteBatch& batch, std::uint64_t write_no, std::size_t entries);
  void snapshot_work(DiskJob& job);
  void archive_work(const DiskJob& job, DiskDone& done);

  storage::Journal& journal_;
  telemetry::NodeMetrics& metrics_;
  std::function<void(DiskDone)> done_;
};

}  // namespace vigie::actors
