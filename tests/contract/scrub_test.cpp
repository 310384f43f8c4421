// Reading everything again beside the work, and repairing the archive from another node (design
// D13).
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <fstream>
#include <random>

#include "storage/journal/node_record.hpp"
#include "storage/journal/record.hpp"
#include "storage/journal/store.hpp"
#include "storage/rocks/rocks_options.hpp"
#include "tests/contract/journal_fixture.hpp"

namespace vigie::storage {
namespace {

using Part = ScrubPlace::Part;

std::vector<ArchiveRecord> closed(std::uint64_t count) {
  std::vector<ArchiveRecord> records;
  for (std::uint64_t i = 1; i <= count; ++i) {
    records.push_back({{100 + i / 3}, {i}, std::string(100, 'a') + std::to_string(i)});
  }
  return records;
}

/// Scrubs to the end in slices of `bytes`; each slice must read something.
struct Pass {
  Pass(const Journal& journal, std::size_t bytes) {
    ScrubPlace place;
    for (int i = 0; i < 1000 && place.part != Part::over; ++i) {
      auto found = journal.scrub(place, bytes);
      ended = place;
      if (!found) {
        error = found.error();
        return;
      }
      if (*found) damages.push_back(**found);
    }
    EXPECT_EQ(place.part, Part::over) << "a slice that reads nothing";
  }
  std::vector<ArchiveDamage> damages;
  std::optional<Error> error;
  ScrubPlace ended;
};

void fill(Journal& journal) {
  for (std::uint64_t i = 1; i <= 40; i += 4) ASSERT_OK(journal.write(append(i, i + 3, 1)));
  ASSERT_OK(take_snapshot(journal, meta_at(journal, 20, 1), {"one", "two", "three"}));
  WriteBatch batch;
  batch.archive = closed(30);
  batch.hard = HardState{{1}, {1}};
  ASSERT_OK(journal.write(batch));
}

template <class PlaceKind>
class ScrubContract : public JournalSuite<PlaceKind> {};
TYPED_TEST_SUITE(ScrubContract, Places, PlaceNames);

TYPED_TEST(ScrubContract, ReadsEachRecordOnceWhateverTheSlice) {
  fill(this->journal());
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{300}, no_limit}) {
    const Pass pass(this->journal(), bytes);
    EXPECT_FALSE(pass.error);
    EXPECT_TRUE(pass.damages.empty());
    EXPECT_EQ(pass.ended.records, 40u + 3u + 3u + 30u) << bytes;
  }
}

TYPED_TEST(ScrubContract, GoesOnThoughLogAndSnapshotChangeMeanwhile) {
  fill(this->journal());
  ScrubPlace place;
  for (int i = 0; i < 300 && place.part != Part::over; ++i) {
    ASSERT_OK(this->journal().scrub(place, 1));
    if (i == 3) {
      ASSERT_OK(this->journal().compact({17}));
    } else if (i == 6) {
      ASSERT_OK(this->journal().write(append(35, 38, 2)));
    } else if (i == 30) {
      ASSERT_OK(take_snapshot(this->journal(), meta_at(this->journal(), 36, 2), {"a"}));
    }
  }
  EXPECT_EQ(place.part, Part::over);
}

class ScrubMemory : public JournalSuite<MemoryPlace> {
 protected:
  void SetUp() override {
    JournalSuite::SetUp();
    fill(journal());
  }
  void rot(const ArchiveRecord& record, std::size_t at) {
    ASSERT_TRUE(place_.disk.rot(Column::archive, key::archived(record.index, record.exam), at));
  }
};

TEST_F(ScrubMemory, NamesEachDamagedRecordOfTheArchiveAndReadsOn) {
  const auto records = closed(30);
  rot(records[4], 50);
  rot(records[5], 1);
  rot(records[29], 7);
  const Pass pass(journal(), 500);
  EXPECT_FALSE(pass.error);
  ASSERT_EQ(pass.damages.size(), 3u);
  EXPECT_EQ(pass.damages[0].exam, records[4].exam);
  EXPECT_EQ(pass.damages[1].exam, records[5].exam);
  EXPECT_EQ(pass.damages[2].index, records[29].index);
  EXPECT_EQ(pass.ended.records, 76u);
}

TEST_F(ScrubMemory, ARepairIsConfirmedByWhatIsLeftOfTheRecord) {
  const auto records = closed(30);
  rot(records[4], 50);  // its content
  rot(records[5], 1);   // its sum
  ArchiveRecord lie = records[4];
  lie.bytes += "!";
  EXPECT_FALSE(journal().repair_archived(lie, false).value());
  EXPECT_TRUE(journal().repair_archived(records[4], false).value());
  EXPECT_TRUE(journal().repair_archived(records[5], false).value());
  EXPECT_TRUE(Pass(journal(), 500).damages.empty());
  EXPECT_EQ(journal().archived(records[4].exam).value(), records[4]);
  EXPECT_OK(journal().verify());
}

TEST_F(ScrubMemory, WithNothingLeftToConfirmTwoOthersMustAgree) {
  const auto records = closed(30);
  rot(records[4], 50);
  rot(records[4], 1);
  EXPECT_FALSE(journal().repair_archived(records[4], false).value());
  EXPECT_EQ(Pass(journal(), 500).damages.size(), 1u);
  EXPECT_TRUE(journal().repair_archived(records[4], true).value());
  EXPECT_TRUE(Pass(journal(), 500).damages.empty());
}

TEST_F(ScrubMemory, ADamagedWayToAnExamIsFoundWithItsRecordWhole) {
  const auto records = closed(30);
  ASSERT_TRUE(place_.disk.rot(Column::archive, key::archived_exam(records[7].exam), 5));
  const Pass pass(journal(), 500);
  ASSERT_EQ(pass.damages.size(), 1u);
  EXPECT_TRUE(pass.damages[0].is_whole);
  EXPECT_EQ(pass.damages[0].bytes, records[7].bytes);
  EXPECT_TRUE(journal().repair_archived(records[7], false).value());
  EXPECT_TRUE(Pass(journal(), 500).damages.empty());
}

TEST_F(ScrubMemory, DamageOfLogSnapshotOrNodeEndsItAndSaysWhich) {
  const struct {
    Part part;
    std::function<bool(MemoryDisk&)> damage;
  } all[] = {
      {Part::log, [](MemoryDisk& d) { return d.rot_log({23}, 30); }},
      {Part::log, [](MemoryDisk& d) { return d.lose_log({29}); }},
      {Part::snapshot, [](MemoryDisk& d) { return d.rot_snapshot(1, 5); }},
      {Part::node, [](MemoryDisk& d) { return d.rot(Column::node, "hard", 6); }},
  };
  for (const auto& one : all) {
    MemoryDisk disk = place_.disk.image();
    auto opened = open_memory(disk, OpenMode::write, lyon());
    ASSERT_OK(opened);
    ASSERT_TRUE(one.damage(disk));
    const Pass pass(**opened, 200);
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->code, Errc::corrupt);
    EXPECT_EQ(pass.ended.part, one.part) << pass.error->what;
  }
}

/// A record that RocksDB believes, and whose own sum does not.
TEST(ScrubRocks, ARecordDamagedBelowItsSumIsFoundAndRepaired) {
  RocksPlace place;
  const auto records = closed(30);
  {
    auto made = place.open(OpenMode::write, lyon());
    ASSERT_OK(made);
    fill(**made);
  }
  {
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    ASSERT_TRUE(rocksdb::DB::Open(rocks_options(OpenMode::write), place.folder, rocks_families(),
                                  &families, &db)
                    .ok());
    const std::string name = key::archived(records[4].index, records[4].exam);
    std::string value = seal(name, records[4].bytes);
    value[60] ^= 0x10;
    EXPECT_TRUE(db->Put({}, families[4], name, value).ok());
    for (auto* family : families) EXPECT_TRUE(db->DestroyColumnFamilyHandle(family).ok());
    delete db;
  }
  auto journal = place.open(OpenMode::write, lyon());
  ASSERT_OK(journal);
  const Pass pass(**journal, 500);
  ASSERT_EQ(pass.damages.size(), 1u);
  EXPECT_EQ(pass.damages[0].exam, records[4].exam);
  EXPECT_TRUE((*journal)->repair_archived(records[4], false).value());
  EXPECT_TRUE(Pass(**journal, 500).damages.empty());
  EXPECT_OK((*journal)->verify());
}

/// What RocksDB itself refuses to read: the records there cannot be told apart.
TEST(ScrubRocks, ADamagedBlockOfTheArchivesFileIsNamedAndEndsNothing) {
  RocksPlace place;
  {
    auto made = place.open(OpenMode::write, lyon());
    ASSERT_OK(made);
    WriteBatch batch;
    batch.archive = closed(100);
    std::minstd_rand noise(7);  // several blocks, though compressed: the start reads the last
    for (ArchiveRecord& record : batch.archive) {
      for (int i = 0; i < 1000; ++i) record.bytes += static_cast<char>(noise());
    }
    ASSERT_OK((*made)->write(batch));
  }
  place.open(OpenMode::write, lyon()).value().reset();  // what the log had is in a table now
  std::filesystem::path table;
  for (const auto& file : std::filesystem::directory_iterator(place.folder)) {
    const bool is_table = file.path().extension() == ".sst";
    if (is_table && (table.empty() || file.file_size() > std::filesystem::file_size(table))) {
      table = file.path();
    }
  }
  ASSERT_FALSE(table.empty());
  {
    std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.put('\x7f');
  }
  auto journal = place.open(OpenMode::write, lyon());
  ASSERT_OK(journal);
  const Pass pass(**journal, 500);
  EXPECT_FALSE(pass.error);
  ASSERT_EQ(pass.damages.size(), 1u);
  EXPECT_EQ(pass.damages[0].index, LogIndex{});
  EXPECT_NE(pass.damages[0].what.find(table.filename()), std::string::npos) << pass.damages[0].what;
}

}  // namespace
}  // namespace vigie::storage
