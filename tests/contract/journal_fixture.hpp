// The two journals behind one face, for the suite that runs over both.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/journal/journal.hpp"
#include "storage/memory/memory_disk.hpp"
#include "storage/rocks/rocks_journal.hpp"

namespace vigie::storage {

inline Identity lyon() { return {"france", "lyon", {1, 2}, {}}; }

/// A place where journals can be opened, closed and opened again.
class Place {
 public:
  virtual ~Place() = default;
  virtual Result<std::unique_ptr<Journal>> open(OpenMode mode, const Identity& wanted) = 0;
};

class MemoryPlace final : public Place {
 public:
  Result<std::unique_ptr<Journal>> open(OpenMode mode, const Identity& wanted) override {
    return open_memory(disk, mode, wanted);
  }
  MemoryDisk disk;
};

/// A folder of its own under the temporary folder, removed at the end.
class RocksPlace final : public Place {
 public:
  RocksPlace() {
    std::string pattern = ::testing::TempDir() + "vigie-journal-XXXXXX";
    folder = std::filesystem::path{::mkdtemp(pattern.data())} / "journal";
  }
  ~RocksPlace() override { std::filesystem::remove_all(folder.parent_path()); }
  Result<std::unique_ptr<Journal>> open(OpenMode mode, const Identity& wanted) override {
    return open_rocks(folder, mode, wanted);
  }
  std::filesystem::path folder;
};

inline LogEntry entry(std::uint64_t index, std::uint64_t term, std::string payload = "") {
  return {{index}, {term}, EntryKind::command, Payload{std::move(payload)}};
}

/// Entries [first, last] of `term`, each saying its index.
inline std::vector<LogEntry> entries(std::uint64_t first, std::uint64_t last, std::uint64_t term) {
  std::vector<LogEntry> made;
  for (std::uint64_t i = first; i <= last; ++i) {
    made.push_back(entry(i, term, "entry " + std::to_string(i) + "/" + std::to_string(term)));
  }
  return made;
}

inline WriteBatch append(std::uint64_t first, std::uint64_t last, std::uint64_t term) {
  WriteBatch batch;
  batch.entries = entries(first, last, term);
  return batch;
}

inline constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

/// What an error says, or "" for success: for readable expectations.
template <class T>
std::string failure(const Result<T>& result) {
  if (result) return "";
  return "error " + std::to_string(static_cast<int>(result.error().code)) + " " +
         result.error().what;
}

#define EXPECT_OK(expression) EXPECT_EQ(failure(expression), "")
#define ASSERT_OK(expression) ASSERT_EQ(failure(expression), "")
#define EXPECT_ERRC(expression, errc)                          \
  do {                                                         \
    const auto result_ = (expression);                         \
    ASSERT_FALSE(result_);                                     \
    EXPECT_EQ(result_.error().code, errc) << failure(result_); \
  } while (false)

/// Expects the log to be exactly `wanted`, by one read and one by one.
inline void expect_log(const Journal& journal, const std::vector<LogEntry>& wanted) {
  ASSERT_FALSE(wanted.empty());
  const LogIndex first = wanted.front().index;
  ASSERT_EQ(journal.last_index(), wanted.back().index);
  const auto all = journal.read(first, journal.last_index(), no_limit);
  ASSERT_OK(all);
  EXPECT_EQ(*all, wanted);
  for (const LogEntry& one : wanted) {
    const auto read = journal.read(one.index, one.index, 0);
    ASSERT_OK(read);
    EXPECT_EQ(read->front(), one);
  }
}

/// Writes `chunks` as a snapshot at `index`, its chain taken from the log or `chain`.
inline Result<void> take_snapshot(Journal& journal, SnapshotMeta meta,
                                  const std::vector<std::string>& chunks) {
  meta.bytes = 0;
  for (std::uint32_t i = 0; i < chunks.size(); ++i) {
    auto written = journal.write_snapshot_chunk(i, chunks[i]);
    if (!written) return written;
    meta.bytes += chunks[i].size();
  }
  return journal.finish_snapshot(meta);
}

inline SnapshotMeta meta_at(const Journal& journal, std::uint64_t index, std::uint64_t term) {
  return {{index}, {term}, journal.chain({index}).value(), 0};
}

/// A journal at a place of its own, for the suites that run over both kinds of place.
template <class PlaceKind>
class JournalSuite : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    auto opened = place_.open(OpenMode::write, lyon());
    if (!opened) throw std::runtime_error{failure(opened)};  // nothing to go on with
    journal_ = std::move(*opened);
  }
  void reopen() {
    journal_.reset();
    open();
  }
  /// Runs `check` now and after each of two reopenings.
  template <class Check>
  void now_and_reopened(const Check& check) {
    check(*journal_);
    for (int i = 0; i < 2; ++i) {
      reopen();
      check(*journal_);
      EXPECT_OK(journal_->verify());
    }
  }
  Journal& journal() { return *journal_; }

  PlaceKind place_;
  std::unique_ptr<Journal> journal_;
};

using Places = ::testing::Types<MemoryPlace, RocksPlace>;
struct PlaceNames {
  template <class PlaceKind>
  static std::string GetName(int) {
    return std::is_same_v<PlaceKind, MemoryPlace> ? "Memory" : "Rocks";
  }
};

}  // namespace vigie::storage
