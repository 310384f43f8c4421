#include "tests/contract/faults/script.hpp"

#include <stdexcept>

#include "storage/memory/memory_disk.hpp"

namespace vigie::storage::faults {
namespace {

constexpr std::size_t rounds = 6;  ///< of about twenty steps

/// Looks random, and is the same each time.
std::string noise(std::uint64_t seed, std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  for (char& c : bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = static_cast<char>(state);
  }
  return bytes;
}

class Player {
 public:
  Player(const Open& open, const std::function<void(std::size_t)>& done)
      : open_(open), done_(done) {}

  Result<void> play() {
    if (auto opened = reopen(); !opened) return opened;
    for (std::uint64_t round = 1; round <= rounds; ++round) {
      if (auto played = play_round(round); !played) return played;
    }
    return {};
  }

 private:
  Result<void> reopen() {
    journal_.reset();
    auto opened = open_();
    if (!opened) return opened.error();
    journal_ = std::move(*opened);
    return acknowledged();
  }
  Result<void> acknowledged() {
    done_(step_++);
    return {};
  }
  Result<void> step(const Result<void>& result) { return result ? acknowledged() : result; }

  Result<void> append(std::uint64_t first, std::uint64_t count, std::uint64_t term,
                      std::size_t bytes, bool vote) {
    WriteBatch batch;
    for (std::uint64_t i = 0; i < count; ++i) {
      batch.entries.push_back(
          {{first + i}, {term}, EntryKind::command, Payload{noise(first * 31 + i + term, bytes)}});
    }
    if (vote) batch.hard = HardState{{term}, SiteId{static_cast<std::uint16_t>(1 + term % 3)}};
    batch.values = {{"commit", std::to_string(first)}};
    last_ = first + count - 1;
    return step(journal_->write(batch));
  }
  Result<void> vote(std::uint64_t term) {
    WriteBatch batch;
    batch.hard = HardState{{term}, {2}};
    return step(journal_->write(batch));
  }
  Result<void> archive(std::uint64_t index) {
    WriteBatch batch;
    for (std::uint64_t exam = index; exam < index + 3; ++exam) {
      batch.archive.push_back({{index}, {exam}, noise(exam, 700)});
    }
    return step(journal_->write(batch));
  }
  Result<void> fetch(std::uint64_t index) {
    std::vector<ArchiveRecord> records;
    for (std::uint64_t i = 0; i < 4; ++i) {
      records.push_back({{index}, {100'000 + index + i}, noise(index + i, 900)});
    }
    if (auto staged = step(journal_->stage_archive(records)); !staged) return staged;
    bool more = true;
    while (more) {
      const auto moved = journal_->promote_archive(1500);
      if (!moved) return moved.error();
      more = *moved;
      if (auto told = acknowledged(); !told) return told;
    }
    return {};
  }
  Result<void> snapshot(std::uint64_t index, std::uint64_t term, std::uint64_t kept) {
    const auto chain = journal_->chain({index});
    if (!chain) return chain.error();
    for (std::uint32_t i = 0; i < 2; ++i) {
      if (auto s = step(journal_->write_snapshot_chunk(i, noise(index + i, 9'000))); !s) return s;
    }
    if (auto s = step(journal_->finish_snapshot({{index}, {term}, *chain, 18'000})); !s) return s;
    return step(journal_->compact({kept}));
  }
  /// From another node: beyond the log's end, which it replaces.
  Result<void> install(std::uint64_t index, std::uint64_t term) {
    if (auto s = step(journal_->write_snapshot_chunk(0, noise(index, 5'000))); !s) return s;
    last_ = index;
    return step(journal_->finish_snapshot({{index}, {term}, {index, 7}, 5'000}));
  }
  Result<void> play_round(std::uint64_t round) {
    const std::uint64_t term = round * 2;
    if (auto s = vote(term); !s) return s;
    for (std::uint64_t i = 0; i < 5; ++i) {
      if (auto s = append(last_ + 1, 1 + i % 3, term, 40 + i * i * 300, i == 2); !s) return s;
    }
    if (auto s = archive(last_); !s) return s;
    if (auto s = append(last_ - 2, 2, term + 1, 200, true); !s) return s;  // overwrites
    if (auto s = snapshot(last_ - 1, term + 1, last_ - 2); !s) return s;
    if (auto s = fetch(last_); !s) return s;
    if (auto s = append(last_ + 1, 1, term + 1, 40'000, false); !s) return s;  // several blocks
    if (round % 3 == 0) {
      if (auto s = install(last_ + 50, term + 1); !s) return s;
      if (auto s = append(last_ + 1, 2, term + 1, 100, false); !s) return s;
    }
    return round % 2 == 0 ? reopen() : Result<void>{};
  }

  const Open& open_;
  const std::function<void(std::size_t)>& done_;
  std::unique_ptr<Journal> journal_;
  std::size_t step_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace

Result<std::string> picture_of(const Journal& journal) {
  const Recovered& found = journal.recovered();
  std::string all = std::to_string(found.hard.term.value) + "/";
  const auto snapshot = journal.snapshot();
  LogIndex from{1};
  if (snapshot) {
    all += "snapshot " + std::to_string(snapshot->index.value) + to_hex(snapshot->chain);
    for (std::uint32_t i = 0; i < 3; ++i) {
      auto chunk = journal.read_snapshot_chunk(i);
      if (!chunk) return chunk.error();
      all += std::to_string(std::hash<std::string>{}(*chunk)) + ",";
    }
    from = next(snapshot->index);
  }
  all += " last " + std::to_string(journal.last_index().value);
  const auto chain = journal.chain(journal.last_index());
  if (!chain) return chain.error();
  all += to_hex(*chain);
  if (from <= journal.last_index()) {
    const auto entries = journal.read(from, journal.last_index(), SIZE_MAX);
    if (!entries) return entries.error();
    for (const LogEntry& e : *entries) {
      all += " " + std::to_string(e.term.value) + ":" +
             std::to_string(std::hash<std::string_view>{}(e.payload.bytes()));
    }
  }
  const auto commit = journal.value("commit");
  if (!commit) return commit.error();
  all += " commit " + commit->value_or("");
  const auto scanned = journal.scan_archive({}, [&](const ArchiveRecord& r) {
    all += " " + std::to_string(r.exam.value) + "=" +
           std::to_string(std::hash<std::string>{}(r.bytes));
    return true;
  });
  if (!scanned) return scanned.error();
  return all;
}

Result<void> play(const Open& open, const std::function<void(std::size_t)>& done) {
  return Player(open, done).play();
}

const std::vector<std::string>& pictures() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> seen;
    MemoryDisk disk;
    const auto look = [&](std::size_t) {
      const auto journal = open_memory(disk, OpenMode::read, {});
      if (!journal) throw std::runtime_error(journal.error().what);
      seen.push_back(*picture_of(**journal));
    };
    const auto played = play([&] { return open_memory(disk, OpenMode::write, lyon()); }, look);
    if (!played) throw std::runtime_error(played.error().what);
    return seen;
  }();
  return all;
}

std::size_t step_count() { return pictures().size(); }

}  // namespace vigie::storage::faults
