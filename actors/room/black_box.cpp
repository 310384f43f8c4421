#include "actors/room/black_box.hpp"

#include <atomic>

namespace vigie::actors {
namespace {

/// Any sum that zeros and half of a record do not have.
std::uint64_t sum_of(const BlackBox& box) {
  std::uint64_t sum = 0x56494749454e0a01u;
  for (const std::uint64_t part : {box.suspect, box.ends, box.build}) {
    sum = (sum ^ part) * 0x9e3779b97f4a7c15u;
  }
  return sum;
}

void forget(BlackBox& box) {
  box.suspect = box.ends = 0;
  box.sum = sum_of(box);
}

/// Not to be left out nor moved: somebody else reads it, later.
void store(std::uint64_t& place, std::uint64_t value) {
  std::atomic_ref(place).store(value, std::memory_order_release);
}

}  // namespace

LogIndex count_end(BlackBox& box, std::uint64_t build, LogIndex applied) {
  const LogIndex ended{box.applying};
  const bool is_same_program = box.sum == sum_of(box) && box.build == build;
  store(box.applying, 0);
  if (!is_same_program) {
    box = {};
    box.build = build;
  }
  if (is_same_program && ended && ended.value == box.suspect) {
    ++box.ends;
  } else if (is_same_program && ended) {
    box.suspect = ended.value;
    box.ends = 1;
  }
  if (LogIndex{box.suspect} <= applied) box.suspect = box.ends = 0;
  box.sum = sum_of(box);
  return box.ends >= ends_max ? LogIndex{box.suspect} : LogIndex{};
}

void begin_entry(BlackBox& box, LogIndex index) { store(box.applying, index.value); }

void end_entries(BlackBox& box, LogIndex applied) {
  store(box.applying, 0);
  if (box.suspect != 0 && box.suspect <= applied.value) forget(box);
}

}  // namespace vigie::actors
