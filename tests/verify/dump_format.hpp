// A journal laid open for the checker: what `vigie-journal-dump` writes and dump_reader.cpp reads.
//
// "VIGIEDUMP1\n", then frames: u8 tag, u32 length (little-endian), body.
//   i  JSON {site, federation, instance, first, last, last_term, before, chain}: chains as 32 hex
//      digits, `before` is the chain at first - 1, `chain` the stored one at last
//   e  one entry: u64 index, u64 term, u8 kind, payload
//   v  a value of the node: name, 0 byte, content
//   s  JSON {index, term, chain, bytes}: the snapshot; c: one of its chunks, in order
//   d  JSON {version, establishments: [[id, number of recipients], ...]}: the snapshot's directory
//   x  JSON of one exam of the snapshot or the archive: {exam, order: [legal entity, authority,
//      number], establishment, state, closed, timeline: [index, ...], reports: [{id, kind, version,
//      index, text}], acked: [version, ...]}; closed 0: open at the snapshot
//   a  an archive record: u64 index, u64 exam, bytes
//   z  the end: u64 number of frames before it
#pragma once

#include <string_view>

namespace vigie::verify {

inline constexpr std::string_view dump_magic = "VIGIEDUMP1\n";
/// The values of a node that are dumped.
inline constexpr std::string_view dumped_values[] = {"checkpoint", "commit"};

}  // namespace vigie::verify
