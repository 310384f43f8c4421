#include "actors/room/disk.hpp"

#include <chrono>

#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

using Steady = std::chrono::steady_clock;

}  // namespace

Disk::Disk(std::unique_ptr<storage::Journal> journal, telemetry::NodeMetrics& metrics,
           std::function<void(DiskDone)> done)
    : journal_(std::move(journal)), metrics_(metrics), work_(*journal_, metrics, std::move(done)) {
  thread_ = std::thread([this] { run(); });
}

Disk::~Disk() { stop(); }

void Disk::post(DiskJob job) {
  bool idle = false;
  {
    const std::lock_guard lock(mutex_);
    idle = jobs_.empty();
    jobs_.push_back(std::move(job));
  }
  if (idle) wake_.notify_one();
}

void Disk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Disk::run() {
  std::deque<DiskJob> jobs;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      jobs.swap(jobs_);
    }
    work_.work(jobs);
    jobs.clear();
    look_at_usage();
  }
}

void Disk::look_at_usage() {
  const auto now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now().time_since_epoch())
          .count();
  if (now_ms - looked_ms_ < 10'000) return;
  looked_ms_ = now_ms;
  metrics_.storage.journal_bytes.set(journal_->usage().bytes);
}

}  // namespace vigie::actors
