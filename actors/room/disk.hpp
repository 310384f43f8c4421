// The disk thread: owner of the journal. It gathers what waits into one write and one sync, then
// tells what is durable. Any failed write ends the process: nothing after it could be trusted
// (design D17).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "actors/room/host.hpp"
#include "ops/telemetry/node_metrics.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::actors {

class Disk {
 public:
  /// @param done Called on the disk thread, in the order of the jobs.
  Disk(std::unique_ptr<storage::Journal> journal, telemetry::NodeMetrics& metrics,
       std::function<void(DiskDone)> done);
  /// stop().
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  /// Any thread; never blocks on the disk.
  void post(DiskJob job);
  /// Does what was posted, then ends the thread. Idempotent.
  void stop();
  /// Bytes on disk and free, as of the last look (at most every ten seconds).
  storage::Usage usage() const;

 private:
  void run();
  void work(std::deque<DiskJob>& jobs);
  void flush(storage::WriteBatch& batch, std::uint64_t write_no, std::size_t entries);
  void snapshot_work(DiskJob& job);
  void look_at_usage();

  std::unique_ptr<storage::Journal> journal_;
  telemetry::NodeMetrics& metrics_;
  std::function<void(DiskDone)> done_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<DiskJob> jobs_;
  bool stopping_ = false;
  storage::Usage usage_;
  std::int64_t looked_ms_ = 0;
  std::thread thread_;
};

}  // namespace vigie::actors
