// What rots on the disk of a node that works: found by its scrub, put right from a peer where it
// can be (faults F5, design D13).
#include <gtest/gtest.h>

#include "storage/journal/node_record.hpp"
#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

using Records = std::vector<storage::ArchiveRecord>;
constexpr std::array all = {lyon, bordeaux, marseille};

class Scrubbing : public ::testing::Test {
 protected:
  void SetUp() override {
    c_.elect();
    Directory quick = directory();
    quick.version = 2;
    quick.rules.close_after = 1_s;
    (void)c_.local(c_.leader(), ApplyDirectory{quick});
    for (int i = 0; i < 30; ++i) {
      Request request = order("exam" + std::to_string(i));
      request.images_complete = false;  // so that it may still be cancelled
      request.sealed.resize(2000, '.');
      (void)c_.local(c_.leader(), Submit{{request}, "M" + request.key.number});
      (void)c_.local(c_.leader(), Cancel{{{}, request.key}, "test"});
    }
    c_.run(4_s);
    ASSERT_TRUE(c_.agrees());
    records_ = archive_of(lyon);
    ASSERT_EQ(records_.size(), 30u);
  }
  /// As far as it can be read.
  Records archive_of(SiteId site) {
    Records records;
    const auto journal = storage::open_memory(c_.at(site).disk, storage::OpenMode::read, {});
    EXPECT_TRUE(journal) << journal.error().what;
    (void)(*journal)->scan_archive({}, [&](const auto& r) { return records.push_back(r), true; });
    return records;
  }
  bool is_whole(SiteId site) { return archive_of(site) == records_; }
  void rot(SiteId site, std::size_t record, std::size_t at = 40) {
    const storage::ArchiveRecord& r = records_.at(record);
    ASSERT_TRUE(c_.at(site).disk.rot(storage::Column::archive,
                                     storage::key::archived(r.index, r.exam), at));
  }

  Cluster c_{{.scrub_pause = 2_s}};
  Records records_;
};

TEST_F(Scrubbing, ARottenRecordOfTheArchiveIsFetchedAgain) {
  rot(lyon, 7);
  ASSERT_FALSE(is_whole(lyon));
  EXPECT_TRUE(c_.run_until([&] { return is_whole(lyon); }, 20_s));
  EXPECT_TRUE(c_.agrees());
}

TEST_F(Scrubbing, AllCentresRottenAtDifferentRecordsAreAllRepaired) {
  ASSERT_EQ(records_[4].index, records_[5].index) << "closed by one entry";
  rot(lyon, 4);
  rot(bordeaux, 5);
  rot(marseille, 6);
  rot(marseille, 29, 1);  // its sum, not its content
  EXPECT_TRUE(c_.run_until(
      [&] { return std::ranges::all_of(all, [&](SiteId s) { return is_whole(s); }); }, 30_s));
  EXPECT_TRUE(c_.agrees());
}

TEST_F(Scrubbing, OneRottenEverywhereIsKeptAndRepairedOnceAnybodyHasItAgain) {
  for (SiteId site : all) rot(site, 9);
  rot(lyon, 20);
  c_.run(40_s);
  for (SiteId site : all) {
    ASSERT_TRUE(c_.at(site).is_up()) << "it goes on";
    EXPECT_EQ(archive_of(site).size(), 9u) << "nothing was put in its place, nor dropped";
  }
  rot(marseille, 9);  // the same bits flip back: as if its disk could read it after all
  EXPECT_TRUE(c_.run_until(
      [&] { return std::ranges::all_of(all, [&](SiteId s) { return is_whole(s); }); }, 60_s));
}

TEST_F(Scrubbing, ARecordOfWhichNothingIsLeftTakesTwoPeersThatAgree) {
  rot(lyon, 3, 1);   // its sum
  rot(lyon, 3, 40);  // and its content
  EXPECT_TRUE(c_.run_until([&] { return is_whole(lyon); }, 20_s));
  const SiteId other = c_.follower() == lyon ? bordeaux : c_.follower();
  c_.kill(other == lyon ? marseille : other);
  rot(lyon, 3, 1);
  rot(lyon, 3, 40);
  c_.run(20_s);
  EXPECT_FALSE(is_whole(lyon)) << "one alone may be wrong";
}

TEST_F(Scrubbing, ADamagedLogEndsTheNodeAndTheOthersGoOn) {
  const SiteId victim = c_.follower();
  ASSERT_TRUE(c_.at(victim).disk.rot_log({5}, 20));
  EXPECT_TRUE(c_.run_until([&] { return !c_.at(victim).is_up(); }, 10_s));
  EXPECT_EQ(c_.at(victim).left_with, 65);
  const auto answers = c_.local(c_.leader(), one("after"));
  EXPECT_TRUE(c_.run_until([&] { return !answers->empty(); }));
}

}  // namespace
}  // namespace vigie::actors::test
