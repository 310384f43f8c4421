// A table of records that always knows its digest and can be photographed while it changes.
//
// Digest: the sum modulo 2^128 of H(id, record). An edit marks its record; settle() at the end of
// an entry takes the old hashes out and puts the new ones in, so a record that changes five times
// within an entry is hashed once. Photograph: walk() hands out records in id order, a slice at a
// time; the first edit of a record that the walk has not reached yet keeps its old bytes, so that
// the slices together are the state at the moment of begin_walk() (design D13).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/core/room/canonical.hpp"
#include "messages/types/assert.hpp"

namespace vigie::room {

inline Bits128 plus(Bits128 a, Bits128 b) {
  Bits128 sum{a.high + b.high, a.low + b.low};
  if (sum.low < a.low) ++sum.high;
  return sum;
}
inline Bits128 minus(Bits128 a, Bits128 b) {
  Bits128 difference{a.high - b.high, a.low - b.low};
  if (a.low < b.low) --difference.high;
  return difference;
}

/// What of a record counts in digests: all of it, unless its type says otherwise by an overload.
template <class Record>
const Record& record_in_digest(const Record& record) {
  return record;
}

template <class Id, class Record>
class Table {
 public:
  struct Slot {
    Record record;
    Bits128 hash;
    bool dirty = false;
  };
  using Slots = std::map<Id, Slot>;

  const Record* find(const Id& id) const {
    const auto at = slots_.find(id);
    return at == slots_.end() ? nullptr : &at->second.record;
  }
  std::size_t size() const { return slots_.size(); }
  const Slots& slots() const { return slots_; }
  const Bits128& digest() const { return digest_; }

  /// The record, to be changed before the next settle(). Must exist.
  Record& edit(const Id& id) {
    const auto at = slots_.find(id);
    VIGIE_ASSERT(at != slots_.end());
    mark(at->first, at->second);
    return at->second.record;
  }
  /// A new record. Must not exist.
  Record& insert(const Id& id, Record record) {
    const auto [at, fresh] = slots_.try_emplace(id, Slot{std::move(record), {}, true});
    VIGIE_ASSERT(fresh);
    if (unreached(id)) before_images_.try_emplace(id, std::nullopt);
    dirty_.push_back(id);
    return at->second.record;
  }
  void erase(const Id& id) {
    const auto at = slots_.find(id);
    VIGIE_ASSERT(at != slots_.end());
    keep_before_image(id, at->second);
    digest_ = minus(digest_, at->second.hash);
    slots_.erase(at);
  }

  /// Ids edited or inserted since the last settle(), each once; erased ones may be among them.
  const std::vector<Id>& dirty() const { return dirty_; }
  /// Brings the digest up to date with every edit.
  void settle() {
    for (const Id& id : dirty_) {
      const auto at = slots_.find(id);
      if (at == slots_.end() || !at->second.dirty) continue;
      Slot& slot = at->second;
      slot.dirty = false;
      digest_ = minus(digest_, slot.hash);
      slot.hash = hash(slot.record);
      digest_ = plus(digest_, slot.hash);
    }
    dirty_.clear();
  }

  void begin_walk() {
    VIGIE_ASSERT(dirty_.empty());
    walking_ = true;
    reached_.reset();
    before_images_.clear();
  }
  void end_walk() {
    walking_ = false;
    before_images_.clear();
  }
  /// Appends length-prefixed records to `out` until it holds `bytes_max` or the walk is over.
  /// @return true when the walk is over.
  bool walk(std::string& out, std::size_t bytes_max) {
    while (out.size() < bytes_max) {
      auto live = reached_ ? slots_.upper_bound(*reached_) : slots_.begin();
      const auto saved = before_images_.begin();
      const bool has_saved = saved != before_images_.end();
      if (live == slots_.end() && !has_saved) return true;
      if (has_saved && (live == slots_.end() || saved->first <= live->first)) {
        reached_ = saved->first;
        if (saved->second) append_block(out, *saved->second);
        before_images_.erase(saved);
      } else {
        reached_ = live->first;
        append_block(out, canonical_bytes(live->second.record));
      }
    }
    return false;
  }

  /// The digest computed from nothing but the records: what digest() must equal.
  Bits128 recomputed_digest() const {
    Bits128 sum;
    for (const auto& [id, slot] : slots_) sum = plus(sum, hash(slot.record));
    return sum;
  }

  static void append_block(std::string& out, const std::string& bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size).append(bytes);
  }

 private:
  static Bits128 hash(const Record& record) { return hash_canonical(record_in_digest(record)); }
  bool unreached(const Id& id) const { return walking_ && (!reached_ || *reached_ < id); }
  void keep_before_image(const Id& id, const Slot& slot) {
    if (!unreached(id) || before_images_.contains(id)) return;
    before_images_.emplace(id, canonical_bytes(slot.record));
  }
  void mark(const Id& id, Slot& slot) {
    if (slot.dirty) return;
    keep_before_image(id, slot);
    slot.dirty = true;
    dirty_.push_back(id);
  }

  Slots slots_;
  Bits128 digest_;
  std::vector<Id> dirty_;
  bool walking_ = false;
  std::optional<Id> reached_;
  std::map<Id, std::optional<std::string>> before_images_;
};

}  // namespace vigie::room
