// How the disk thread ends its process: a disk that fails, and a record that is damaged.
#include "actors/room/disk_work.hpp"

#include <gtest/gtest.h>

#include "storage/memory/memory_disk.hpp"

namespace vigie::actors {
namespace {

struct Left {
  int code;
};

class DiskWorkEnds : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        storage::open_memory(disk_, storage::OpenMode::write, {"test", "lyon", {0, 1}, {}});
    ASSERT_TRUE(opened) << opened.error().what;
    journal_ = std::move(*opened);
    storage::WriteBatch batch;
    batch.entries = {{{1}, {1}, EntryKind::noop, {}}};
    ASSERT_TRUE(journal_->write(batch));
    ASSERT_TRUE(journal_->write_snapshot_chunk(0, "state"));
    meta_ = {{1}, {1}, *journal_->chain({1}), 5};
    ASSERT_TRUE(journal_->finish_snapshot(meta_));
  }
  /// The code with which the process ends of `job`; 0: it does not.
  int code_of(DiskJob job) {
    telemetry::NodeMetrics metrics(telemetry::no_metrics(), {});
    DiskWork work(
        *journal_, metrics, [](const DiskDone&) {}, [](int code) { throw Left{code}; });
    std::deque<DiskJob> jobs;
    jobs.push_back(std::move(job));
    try {
      work.work(jobs);
    } catch (const Left& left) {
      return left.code;
    }
    return 0;
  }
  DiskJob reading() {
    DiskJob job;
    job.read_chunk = replica::SendSnapshotChunk{};
    job.read_chunk->meta = meta_;
    return job;
  }

  storage::MemoryDisk disk_;
  std::unique_ptr<storage::Journal> journal_;
  SnapshotMeta meta_;
};

TEST_F(DiskWorkEnds, WithTheDisksCodeWhenAWriteFails) {
  disk_.fail_once();
  DiskJob job;
  job.write_no = 1;
  job.batch.hard = HardState{{2}, {1}};
  EXPECT_EQ(code_of(std::move(job)), 74);
}

TEST_F(DiskWorkEnds, WithUnusableDataWhenWhatItReadsIsDamaged) {
  EXPECT_EQ(code_of(reading()), 0);
  ASSERT_TRUE(disk_.rot_snapshot(0, 2));
  EXPECT_EQ(code_of(reading()), 65) << "another start would not help: it must rejoin";
}

}  // namespace
}  // namespace vigie::actors
