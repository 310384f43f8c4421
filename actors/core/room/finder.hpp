// Finds records by a 128-bit hash that they carry: one cold cache line where a tree of a million
// nodes costs ten. Open addressing; only a way to find, never walked, so that its order, which
// depends on the past, cannot matter. Derived from the records, like every index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "messages/types/assert.hpp"
#include "messages/types/ids.hpp"

namespace vigie::room {

class Finder {
 public:
  /// Several ids may share a key. Cost: constant, but for each doubling of the table.
  void insert(const Bits128& key, ExamId id) {
    if (2 * (used_ + 1) > cells_.size()) grow();
    place({word_of(key), id});
    ++used_;
  }
  /// Must be there.
  void erase(const Bits128& key, ExamId id) {
    VIGIE_ASSERT(used_ > 0);
    const Cell wanted{word_of(key), id};
    std::size_t hole = home_of(wanted.word);
    while (cells_[hole] != wanted) {
      VIGIE_ASSERT(cells_[hole].id);
      hole = after(hole);
    }
    for (std::size_t at = after(hole); cells_[at].id; at = after(at)) {  // close the gap
      const std::size_t home = home_of(cells_[at].word);
      const bool stays = hole < at ? hole < home && home <= at : hole < home || home <= at;
      if (stays) continue;
      cells_[hole] = cells_[at];
      hole = at;
    }
    cells_[hole] = {};
    --used_;
  }
  /// Calls `take(id)` for each id under `key`, in no particular order, and perhaps for others: the
  /// caller looks at the record.
  template <class Take>
  void each(const Bits128& key, const Take& take) const {
    if (used_ == 0) return;
    const std::uint64_t word = word_of(key);
    for (std::size_t at = home_of(word); cells_[at].id; at = after(at)) {
      if (cells_[at].word == word) take(cells_[at].id);
    }
  }
  std::size_t size() const { return used_; }

 private:
  struct Cell {
    std::uint64_t word = 0;
    ExamId id;  ///< 0: empty
    bool operator==(const Cell&) const = default;
  };
  static std::uint64_t word_of(const Bits128& key) {
    std::uint64_t word = key.low ^ (key.high * 0x9e3779b97f4a7c15u);
    word = (word ^ (word >> 32)) * 0xd6e8feb86659fd93u;
    return word ^ (word >> 32);
  }
  std::size_t home_of(std::uint64_t word) const { return word & (cells_.size() - 1); }
  std::size_t after(std::size_t at) const { return (at + 1) & (cells_.size() - 1); }
  void place(const Cell& cell) {
    std::size_t at = home_of(cell.word);
    while (cells_[at].id) at = after(at);
    cells_[at] = cell;
  }
  void grow() {
    std::vector<Cell> old(cells_.empty() ? 64 : 2 * cells_.size());
    old.swap(cells_);
    for (const Cell& cell : old) {
      if (cell.id) place(cell);
    }
  }

  std::vector<Cell> cells_;  ///< a power of two of them, at most half used
  std::size_t used_ = 0;
};

}  // namespace vigie::room
