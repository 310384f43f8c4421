// Which log entry a process is applying, kept where its end does not reach: in a mapped page of a
// file (nodes/site/black_box_file.hpp). An entry that ends the process whenever it is applied would
// end it for ever, at every centre at once (faults F33); the third end at one index halts applying
// there.
//
// Written with plain stores before each entry: they outlive the process without any sync. A loss of
// power may lose them, which costs one more try. Another build begins to count anew: it may be the
// repair. Pure, but for who owns the memory.
#pragma once

#include <cstdint>

#include "messages/types/ids.hpp"

namespace vigie::actors {

/// Zeros: nothing is known.
struct BlackBox {
  std::uint64_t applying = 0;  ///< index of the entry that is being applied; 0: none is
  std::uint64_t suspect = 0;   ///< the index at which a process ended last
  std::uint64_t ends = 0;      ///< how many did so there, one after the other
  std::uint64_t build = 0;     ///< of the program that did
  std::uint64_t sum = 0;       ///< over the three above; wrong: they are torn, and nothing is known
};

/// Ends of a process at one entry after which it is applied no more.
inline constexpr std::uint64_t ends_max = 3;

/// At a start: counts how the process before ended. To be called once, before anything is applied.
/// @param applied The room is known to be past this: what ended there is over.
/// @return the index from which on nothing must be applied; 0: everything may be.
LogIndex count_end(BlackBox& box, std::uint64_t build, LogIndex applied);

/// Before entry `index` is applied; cost: a store.
void begin_entry(BlackBox& box, LogIndex index);
/// Nothing is being applied any more, and everything up to `applied` is. Cost: a store, a compare.
void end_entries(BlackBox& box, LogIndex applied);

}  // namespace vigie::actors
