#include "tests/sim/disk.hpp"

namespace vigie::sim {

Time Disk::begin() {
  busy_ = true;
  std::deque<actors::DiskJob> jobs;
  jobs.swap(jobs_);
  bool writes = false;
  for (const actors::DiskJob& job : jobs) {
    if (job.batch.hard || !job.batch.entries.empty() || job.install) {
      marks_.push_back({job.batch.hard, job.batch.entries, job.install});
    }
    writes = writes || job.write_no != 0 || !job.batch.archive.empty() || job.own_finish;
  }
  work_.work(jobs);
  const Time span = chance_.between(profile_.sync_min, profile_.sync_max);
  return platter_.slow * (writes ? span : span / 8 + 1);
}

std::vector<actors::DiskDone> Disk::finish(std::vector<WriteMark>& marks) {
  busy_ = false;
  platter_.disk.sync();
  marks = std::move(marks_);
  marks_.clear();
  return std::exchange(done_, {});
}

}  // namespace vigie::sim
