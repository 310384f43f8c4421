// What has left the room: where the archive of every node must end for a room to be whole
// (design D13). The records themselves are on the nodes' disks; the room keeps their count and a
// rolling hash, so that whoever lacks some can be given them by anybody, and notice a lie.
#pragma once

#include <cstdint>
#include <string_view>

#include "actors/core/room/canonical.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

namespace vigie::room {

/// How much has been archived up to some log index. Within one index, records count in the order of
/// their exams, which is the order in which an archive keeps them.
struct ArchiveEnd {
  std::uint64_t count = 0;
  Bits128 hash;
  bool operator==(const ArchiveEnd&) const = default;

  /// The end after one more record.
  void add(LogIndex index, ExamId exam, std::string_view bytes);
};

/// What a snapshot says about the archive that belongs to it.
struct SnapshotArchive {
  LogIndex index;  ///< of the snapshot
  ArchiveEnd end;
};

/// @param beginning A snapshot's first chunk.
/// @errors Errc::corrupt: not the beginning of a photograph of this format.
Result<SnapshotArchive> archive_of_snapshot(std::string_view beginning);

}  // namespace vigie::room
