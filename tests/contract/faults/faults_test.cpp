// A journal on a bad disk: calls that fail, power that fails, bits that flip, space that ends. What
// was acknowledged is there afterwards, or the journal refuses to be opened: never silently less.
//
// Each case runs in a process of its own: what RocksDB does when its disk fails (Debian's has its
// assertions on) may be an end of the process, which is a right answer here. VIGIE_FAILED_CALLS=N
// fails N calls of about a thousand (default 120), VIGIE_POWER_CUTS=N takes N pictures of a power
// loss (default 300), VIGIE_BIT_FLIPS=N flips N bits (default 150).
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "storage/rocks/rocks_journal.hpp"
#include "tests/contract/faults/faulty_files.hpp"
#include "tests/contract/faults/script.hpp"

namespace vigie::storage::faults {
namespace {

namespace fs = std::filesystem;

std::uint64_t wanted(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : usual;
}

/// What a process of a case tells the test, beyond its end.
struct Told {
  std::uint64_t acknowledged;  ///< steps + 1; 0: not even opened
  std::uint64_t calls;
  std::uint64_t checked;
  std::uint64_t refused;
  std::uint64_t lost_tail;
  bool failed;      ///< the fault happened
  bool said_so;     ///< an error was answered
  char wrong[400];  ///< what must not be; empty: nothing
};

class Faults : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path memory = "/dev/shm";
    std::error_code ignored;
    const fs::path base =
        fs::is_directory(memory, ignored) ? memory : fs::path(::testing::TempDir());
    std::string pattern = (base / "vigie-faults-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    told_ = static_cast<Told*>(
        ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    (void)pictures();
  }
  void TearDown() override {
    ::munmap(told_, sizeof(Told));
    fs::remove_all(root_);
  }

  /// Runs `what` in a process of its own. @return its status as of waitpid().
  int apart(const std::function<void()>& what) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (!std::freopen("/dev/null", "w", stderr)) ::_exit(3);  // assertions speak there
      what();
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }
  void complain(const std::string& what) const {
    if (told_->wrong[0] == 0) what.copy(told_->wrong, sizeof told_->wrong - 1);
  }
  /// What is in `folder` now must be what it was after step `acknowledged` - 1, or the next.
  void check(const fs::path& folder, std::uint64_t acknowledged, const std::string& where,
             bool holed = false) {
    rocksdb::Env* const env = rocksdb::Env::Default();
    auto journal = open_rocks(folder, OpenMode::write, lyon(), env);
    ++told_->checked;
    if (!journal && holed && journal.error().code == Errc::corrupt) {
      ++told_->refused;  // nobody can tell these holes from damage: it rejoins, nothing is guessed
      return;
    }
    if (!journal) return complain(where + ": not opened: " + journal.error().what);
    const auto found = picture_of(**journal);
    if (!found) return complain(where + ": not read: " + found.error().what);
    if (const auto fine = (*journal)->verify(); !fine) {
      return complain(where + ": not verified: " + fine.error().what);
    }
    if (acknowledged == 0) return;  // any beginning will do
    const auto& all = pictures();
    const bool right = *found == all[acknowledged - 1] ||
                       (acknowledged < all.size() && *found == all[acknowledged]);
    if (!right) complain(where + ": differs after step " + std::to_string(acknowledged - 1));
  }
  /// Plays the script on a disk that fails at its `call`th call.
  void play_with_failure(std::uint64_t call, bool for_space) {
    auto disk = std::make_shared<FaultyFiles>(call);
    const auto env = rocksdb::NewCompositeEnv(disk);
    disk->fail(call, for_space);
    const Open open = [&] {
      return open_rocks(root_ / "data", OpenMode::write, lyon(), env.get());
    };
    const auto played = play(open, [&](std::size_t step) {
      told_->acknowledged = step + 1;
      told_->failed = disk->has_failed();
    });
    told_->failed = disk->has_failed();
    told_->said_so = !played;
    told_->calls = disk->calls();
    ::_exit(0);  // as vigied would: no destructor touches the journal
  }

  fs::path root_;
  Told* told_ = nullptr;
};

TEST_F(Faults, EveryCallThatFailsEndsInAnErrorOrTheProcessAndLosesNothingAcknowledged) {
  ASSERT_EQ(apart([&] { play_with_failure(0, false); }), 0);
  const std::uint64_t calls = told_->calls;
  ASSERT_EQ(told_->acknowledged, step_count());
  std::uint64_t errors = 0, ends = 0, harmless = 0, unmade = 0;
  const std::uint64_t stride =
      std::max<std::uint64_t>(1, calls / wanted("VIGIE_FAILED_CALLS", 120));
  std::uint64_t tried = 0;
  for (std::uint64_t call = 1; call <= calls; call += stride, ++tried) {
    fs::remove_all(root_ / "data");
    *told_ = {};
    const int status = apart([&] { play_with_failure(call, call % 2 == 0); });
    const bool ended = !WIFEXITED(status);
    ends += ended;
    errors += told_->said_so;
    harmless += !ended && !told_->said_so && told_->failed;
    unmade += !ended && !told_->failed;  // what runs beside may save a call or two
    const std::uint64_t acknowledged = told_->acknowledged;
    ASSERT_EQ(apart([&] { check(root_ / "data", acknowledged, "call " + std::to_string(call)); }),
              0);
    ASSERT_STREQ(told_->wrong, "");
  }
  std::cout << tried << " of " << calls << " calls failed once each: " << errors << " errors, "
            << ends << " ends of the process, " << harmless << " without effect\n";
  EXPECT_GT(errors, tried / 2);
  EXPECT_LT(unmade, tried / 20 + 2);
}

TEST_F(Faults, AfterALossOfPowerOnlyWhatWasNeverAcknowledgedMayBeGone) {
  const std::uint64_t cuts = wanted("VIGIE_POWER_CUTS", 300);
  std::uint64_t taken = 0, refused = 0;
  for (std::uint64_t seed = 1; taken < cuts; ++seed) {
    fs::remove_all(root_ / "data");
    *told_ = {};
    const std::uint64_t left = std::min<std::uint64_t>(cuts - taken, 200);
    ASSERT_EQ(apart([&] {
                auto disk = std::make_shared<FaultyFiles>(seed);
                const auto env = rocksdb::NewCompositeEnv(disk);
                std::mt19937_64 random(seed);
                std::uint64_t acknowledged = 0, made = 0;
                std::ofstream list(root_ / "list");
                disk->before_change([&] {
                  if (made >= left || random() % 6 != 0) return;
                  const fs::path to = root_ / ("cut-" + std::to_string(made++));
                  const bool holed = disk->picture(root_ / "data", to);
                  list << to.string() << " " << acknowledged << " " << holed << std::endl;
                });
                const Open open = [&] {
                  return open_rocks(root_ / "data", OpenMode::write, lyon(), env.get());
                };
                const auto played = play(open, [&](std::size_t step) { acknowledged = step + 1; });
                if (!played) complain("the disk was sound: " + played.error().what);
              }),
              0);
    ASSERT_STREQ(told_->wrong, "");
    ASSERT_EQ(apart([&] {
                std::ifstream list(root_ / "list");
                std::string folder;
                std::uint64_t acknowledged = 0;
                bool holed = false;
                while (list >> folder >> acknowledged >> holed) {
                  check(folder, acknowledged, folder, holed);
                }
              }),
              0);
    ASSERT_STREQ(told_->wrong, "") << "seed " << seed;
    ASSERT_GT(told_->checked, 0u);
    taken += told_->checked;
    refused += told_->refused;
    for (const auto& entry : fs::directory_iterator{root_}) fs::remove_all(entry.path());
  }
  std::cout << taken << " losses of power, 0 acknowledged steps lost, " << refused
            << " refused for holes in what was never acknowledged\n";
}

// Flips.

TEST_F(Faults, AFlippedBitIsFoundOrHarmless) {
  const std::uint64_t flips = wanted("VIGIE_BIT_FLIPS", 150);
  const std::uint64_t all = step_count();
  ASSERT_EQ(apart([&] { play_with_failure(0, false); }), 0);
  std::vector<std::pair<fs::path, std::uint64_t>> files;
  for (const auto& file : fs::directory_iterator{root_ / "data"}) {
    const std::string name = file.path().filename();
    if (name.starts_with("LOG") || name == "LOCK" || fs::file_size(file) == 0) continue;
    files.emplace_back(name, fs::file_size(file));
  }
  std::uint64_t found = 0, harmless = 0, tail = 0;
  std::mt19937_64 random(7);
  for (std::uint64_t i = 0; i < flips; ++i) {
    const auto& [name, size] = files[i % files.size()];
    const std::uint64_t at = random() % size;
    const int bit = static_cast<int>(random() % 8);
    *told_ = {};
    const int status = apart([&] {
      const fs::path copy = root_ / "copy";
      fs::remove_all(copy);
      fs::copy(root_ / "data", copy);
      std::fstream file(copy / name, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      const char byte = static_cast<char>(file.get() ^ (1 << bit));
      file.seekp(static_cast<std::streamoff>(at));
      file.put(byte);
      file.close();
      auto journal = open_rocks(copy, OpenMode::write, lyon());
      const auto seen = journal ? picture_of(**journal) : Result<std::string>(journal.error());
      const bool verified = seen && (*journal)->verify();
      if (!seen || !verified) {
        ++told_->refused;
      } else if (*seen == pictures()[all - 1]) {
        return;
      } else if (name.extension() == ".log" && *seen == pictures()[all - 2]) {
        ++told_->lost_tail;
      } else {
        complain(name.string() + " byte " + std::to_string(at) + " bit " + std::to_string(bit));
      }
    });
    ASSERT_STREQ(told_->wrong, "") << "silently wrong";
    found += told_->refused + !WIFEXITED(status);
    tail += told_->lost_tail;
    harmless += WIFEXITED(status) && told_->refused + told_->lost_tail == 0;
  }
  std::cout << flips << " flips in " << files.size() << " files: " << found << " found, "
            << harmless << " harmless, " << tail << " look like a torn tail\n";
  EXPECT_GT(found, flips / 4);
}

TEST_F(Faults, AWriteIsNotAcknowledgedBeforeItsSync) {
  ASSERT_EQ(apart([&] {
              auto disk = std::make_shared<FaultyFiles>(1);
              const auto env = rocksdb::NewCompositeEnv(disk);
              auto journal = open_rocks(root_ / "data", OpenMode::write, lyon(), env.get());
              if (!journal) return complain(journal.error().what);
              for (std::uint64_t i = 1; i <= 20; ++i) {
                const std::uint64_t before = disk->syncs();
                WriteBatch batch;
                batch.entries = {{{i}, {1}, EntryKind::command, Payload{"x"}}};
                if (!(*journal)->write(batch)) return complain("not written");
                if (disk->syncs() == before) return complain("acknowledged without a sync");
              }
            }),
            0);
  EXPECT_STREQ(told_->wrong, "");
}

}  // namespace
}  // namespace vigie::storage::faults
