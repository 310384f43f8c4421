// What only a journal in a folder can show: damage to files, torn tails, disk use.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/contract/journal_fixture.hpp"

namespace vigie::storage {
namespace {

namespace fs = std::filesystem;

class RocksDisk : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    auto opened = place_.open(OpenMode::write, lyon());
    if (!opened) throw std::runtime_error{failure(opened)};  // nothing to go on with
    journal_ = std::move(*opened);
  }
  /// The largest file with this extension; the write-ahead log that is written is one of them.
  fs::path largest(const std::string& extension) const {
    fs::path found;
    for (const auto& file : fs::directory_iterator{place_.folder}) {
      if (file.path().extension() != extension) continue;
      if (found.empty() || fs::file_size(file) > fs::file_size(found)) found = file.path();
    }
    return found;
  }
  static std::string contents(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  static void replace(const fs::path& file, const std::string& bytes) {
    std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
  }
  /// Changes the byte in the middle of the first `text` found in `file`.
  static void damage(const fs::path& file, const std::string& text) {
    std::string bytes = contents(file);
    const auto at = bytes.find(text);
    ASSERT_NE(at, std::string::npos);
    char& byte = bytes[at + text.size() / 2];
    byte = static_cast<char>(byte ^ 1);
    replace(file, bytes);
  }
  static std::string noise(std::size_t size) {
    std::mt19937_64 random{size};
    std::string bytes(size, '\0');
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
    return bytes;
  }

  RocksPlace place_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(RocksDisk, TornTailOfTheWriteAheadLogIsDroppedAndTheRestKept) {
  for (std::uint64_t i = 1; i <= 20; ++i) ASSERT_OK(journal_->write(append(i, i, 1)));
  journal_.reset();
  const fs::path wal = largest(".log");
  fs::resize_file(wal, fs::file_size(wal) - 5);
  open();
  expect_log(*journal_, entries(1, 19, 1));
  ASSERT_OK(journal_->write(append(20, 21, 2)));
  journal_.reset();
  open();
  EXPECT_EQ(journal_->last_index(), LogIndex{21});
  EXPECT_OK(journal_->verify());
}

TEST_F(RocksDisk, DamageInTheMiddleOfTheWriteAheadLogIsRefused) {
  for (std::uint64_t i = 1; i <= 200; ++i) ASSERT_OK(journal_->write(append(i, i, 1)));
  journal_.reset();
  const fs::path wal = largest(".log");
  const std::string intact = contents(wal);
  damage(wal, "entry 50/1");
  for (const OpenMode mode : {OpenMode::write, OpenMode::read}) {
    const auto opened = place_.open(mode, lyon());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::corrupt) << opened.error().what;
    EXPECT_NE(opened.error().what.find(place_.folder.string()), std::string::npos);
  }
  replace(wal, intact);
  open();
  expect_log(*journal_, entries(1, 200, 1));
}

TEST_F(RocksDisk, DamageInATableFileIsFoundByReadAndVerify) {
  WriteBatch batch;
  for (std::uint64_t i = 1; i <= 40; ++i) batch.entries.push_back(entry(i, 1, noise(10'000)));
  ASSERT_OK(journal_->write(batch));
  journal_.reset();
  open();  // what the write-ahead log held is in a table file now
  EXPECT_OK(journal_->verify());
  journal_.reset();
  damage(largest(".sst"), noise(10'000).substr(5'000, 100));
  auto look = place_.open(OpenMode::read, lyon());
  if (look) {
    EXPECT_ERRC((*look)->read({1}, {40}, no_limit), Errc::corrupt);
    EXPECT_ERRC((*look)->verify(), Errc::corrupt);
  } else {
    EXPECT_EQ(look.error().code, Errc::corrupt) << look.error().what;
  }
}

TEST_F(RocksDisk, MissingTableFileIsRefused) {
  ASSERT_OK(journal_->write(append(1, 100, 1)));
  journal_.reset();
  open();
  journal_.reset();
  fs::remove(largest(".sst"));
  EXPECT_ERRC(place_.open(OpenMode::write, lyon()), Errc::corrupt);
}

TEST_F(RocksDisk, FolderOfSomethingElseIsLeftAlone) {
  const fs::path other = place_.folder.parent_path() / "other";
  fs::create_directory(other);
  replace(other / "letter.txt", "hello");
  EXPECT_ERRC(open_rocks(other, OpenMode::write, lyon()), Errc::foreign_folder);
  EXPECT_EQ(std::distance(fs::directory_iterator{other}, {}), 1);
}

TEST_F(RocksDisk, FolderWithoutItsCurrentFileIsCorruptNotEmpty) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  journal_.reset();
  fs::remove(place_.folder / "CURRENT");
  EXPECT_ERRC(place_.open(OpenMode::write, lyon()), Errc::corrupt);
}

TEST_F(RocksDisk, FolderIsForItsOwnerOnly) {
  EXPECT_EQ(fs::status(place_.folder).permissions(), fs::perms::owner_all);
}

TEST_F(RocksDisk, FolderUnderAFileIsAnIoError) {
  replace(place_.folder.parent_path() / "file", "x");
  EXPECT_ERRC(open_rocks(place_.folder.parent_path() / "file" / "journal", OpenMode::write, lyon()),
              Errc::io_error);
}

TEST_F(RocksDisk, LookingLeavesTheFolderAsItWas) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  journal_.reset();
  const auto listing = [&] {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator{place_.folder}) {
      names.push_back(file.path().filename().string() + " " + std::to_string(fs::file_size(file)));
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  const auto before = listing();
  ASSERT_OK(place_.open(OpenMode::read, {}));
  EXPECT_EQ(listing(), before);
}

TEST_F(RocksDisk, SnapshotsAreCompressed) {
  ASSERT_OK(journal_->write(append(1, 3, 1)));
  const std::uint64_t before = journal_->usage().bytes;
  std::string text;
  for (int i = 0; text.size() < 256 * 1024; ++i) text += "exam " + std::to_string(i) + " waits; ";
  ASSERT_OK(take_snapshot(*journal_, meta_at(*journal_, 3, 1), std::vector<std::string>(32, text)));
  EXPECT_LT(journal_->usage().bytes, before + 32 * text.size() / 3);
}

TEST_F(RocksDisk, CompactionGivesWholeFilesBackAtOnce) {
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  const std::string filler = noise(256 * 1024);
  for (std::uint64_t i = 1; i <= 192; ++i) {  // 48 MB
    WriteBatch batch;
    batch.entries.push_back(entry(i, 1, filler));
    ASSERT_OK(journal_->write(batch));
  }
  EXPECT_GT(journal_->usage().bytes, 40 * mebibyte);
  ASSERT_OK(take_snapshot(*journal_, meta_at(*journal_, 190, 1), {"s"}));
  ASSERT_OK(journal_->compact({190}));
  EXPECT_LT(journal_->usage().bytes, 36 * mebibyte);
}

TEST_F(RocksDisk, DiskUseStaysBoundedUnderSnapshotsAndCompaction) {
  constexpr std::uint64_t total = 200'000;
  constexpr std::uint64_t per_batch = 100;
  constexpr std::uint64_t mebibyte = 1024 * 1024;
  const std::string filler = noise(200);
  const std::vector<std::string> state(8, noise(256 * 1024));
  std::uint64_t highest = 0;
  for (std::uint64_t first = 1; first <= total; first += per_batch) {
    WriteBatch batch;
    for (std::uint64_t i = first; i < first + per_batch; ++i) {
      batch.entries.push_back(entry(i, 1, filler + std::to_string(i)));
    }
    ASSERT_OK(journal_->write(batch));
    const std::uint64_t last = first + per_batch - 1;
    if (last % 20'000 != 0) continue;
    highest = std::max(highest, journal_->usage().bytes);
    ASSERT_OK(take_snapshot(*journal_, meta_at(*journal_, last, 1), state));
    ASSERT_OK(journal_->compact({last - 1'000}));
  }
  EXPECT_LT(highest, 40 * mebibyte);  // 200,000 entries are 50 MB; 20,000 are 5 MB
  EXPECT_EQ(journal_->first_index(), LogIndex{total - 1'000 - per_batch + 1});
  EXPECT_OK(journal_->verify());
  journal_.reset();
  open();
  EXPECT_EQ(journal_->last_index(), LogIndex{total});
  EXPECT_LT(journal_->usage().bytes, 30 * mebibyte);  // what was compacted may linger until merged
  EXPECT_OK(journal_->verify());
}

}  // namespace
}  // namespace vigie::storage
