// The disk thread of a centre, without a thread: it gathers the jobs that wait, lets the production
// code (actors/room/disk_work) write them on a MemoryDisk whose syncs are held, and is done a
// seeded while later. What a crash meanwhile leaves of the bytes is drawn.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "actors/room/disk_work.hpp"
#include "nodes/site/guard_file.hpp"
#include "storage/memory/memory_disk.hpp"
#include "tests/sim/chance.hpp"
#include "tests/sim/profile.hpp"
#include "tests/sim/watch.hpp"

namespace vigie::sim {

/// Thrown where a process would end: through the production code, up to the centre.
struct Ended {
  int code;
};

/// What outlives processes: the platter, and what befalls it.
struct Platter {
  storage::MemoryDisk disk;
  std::optional<site::GuardMark> guard;                ///< the file beside the folder (design D16)
  int slow = 1;                                        ///< times slower than usual
  std::uint64_t capacity = 0;                          ///< bytes; 0: enough
  static constexpr std::uint64_t reserve = 96 * 1024;  ///< the guard's (design D17)
  bool intake_open() const { return capacity == 0 || disk.bytes() + reserve < capacity; }
};

class Disk {
 public:
  Disk(Platter& platter, std::unique_ptr<storage::Journal> journal, telemetry::NodeMetrics& metrics,
       const Profile& profile, Chance& chance)
      : platter_(platter),
        journal_(std::move(journal)),
        profile_(profile),
        chance_(chance),
        work_(
            *journal_, metrics, [this](actors::DiskDone d) { done_.push_back(std::move(d)); },
            [](int code) { throw Ended{code}; }) {}

  storage::Journal& journal() { return *journal_; }
  void post(actors::DiskJob job) { jobs_.push_back(std::move(job)); }
  bool is_busy() const { return busy_; }
  bool has_work() const { return !jobs_.empty(); }

  /// Takes all that waits. @return how long it takes. May throw Ended.
  Time begin();
  /// It is synced now. What was done, for the room; what it means to the log, for the watch.
  std::vector<actors::DiskDone> finish(std::vector<WriteMark>& marks);

 private:
  Platter& platter_;
  std::unique_ptr<storage::Journal> journal_;
  const Profile& profile_;
  Chance& chance_;
  actors::DiskWork work_;
  std::deque<actors::DiskJob> jobs_;
  std::vector<actors::DiskDone> done_;
  std::vector<WriteMark> marks_;
  bool busy_ = false;
};

}  // namespace vigie::sim
