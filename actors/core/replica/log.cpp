#include "actors/core/replica/log.hpp"

#include <algorithm>
#include <utility>

#include "messages/types/assert.hpp"

namespace vigie::replica {

std::optional<Term> Log::term(LogIndex index) const {
  if (index < base_ || index > last_index()) return std::nullopt;
  return index == base_ ? base_term_ : entries_[position(index)].term;
}

const LogEntry& Log::at(LogIndex index) const {
  VIGIE_ASSERT(index > base_ && index <= last_index());
  return entries_[position(index)];
}

LogIndex Log::last_up_to(LogIndex limit, Term term) const {
  limit = std::min(limit, last_index());
  if (limit <= base_) return base_;
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(limit.value - base_.value);
  const auto found = std::upper_bound(entries_.begin(), end, term,
                                      [](Term t, const LogEntry& e) { return t < e.term; });
  return {base_.value + static_cast<std::uint64_t>(found - entries_.begin())};
}

std::vector<LogEntry> Log::slice(LogIndex first, LogIndex last, std::size_t bytes_max,
                                 std::size_t count_max) const {
  std::vector<LogEntry> out;
  last = std::min(last, last_index());
  if (first > last) return out;
  VIGIE_ASSERT(first > base_);
  const std::size_t count = std::min<std::size_t>(last.value - first.value + 1, count_max);
  out.reserve(count);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const LogEntry& entry = entries_[position(first) + i];
    bytes += weight(entry);
    if (!out.empty() && bytes > bytes_max) break;
    out.push_back(entry);
  }
  return out;
}

void Log::append(LogEntry entry) {
  VIGIE_ASSERT(entry.index == next(last_index()) && entry.term >= last_term());
  bytes_ += weight(entry);
  entries_.push_back(std::move(entry));
}

void Log::truncate_from(LogIndex from) {
  VIGIE_ASSERT(from > base_);
  while (last_index() >= from) {
    bytes_ -= weight(entries_.back());
    entries_.pop_back();
  }
}

void Log::compact(LogIndex base) {
  VIGIE_ASSERT(base >= base_ && base <= last_index());
  base_term_ = *term(base);
  while (base_ < base) {
    bytes_ -= weight(entries_.front());
    entries_.pop_front();
    base_ = next(base_);
  }
}

void Log::reset(LogIndex base, Term base_term) {
  entries_.clear();
  bytes_ = 0;
  base_ = base;
  base_term_ = base_term;
}

}  // namespace vigie::replica
