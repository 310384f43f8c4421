// The disk thread: owner of the journal. It takes what waits and has it done in one go; what that
// means is in disk_work.hpp.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "actors/room/disk_work.hpp"
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

 private:
  void run();
  void look_at_usage();

  std::unique_ptr<storage::Journal> journal_;
  telemetry::NodeMetrics& metrics_;
  DiskWork work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<DiskJob> jobs_;
  bool stopping_ = false;
  std::int64_t looked_ms_ = 0;
  std::thread thread_;
};

}  // namespace vigie::actors
