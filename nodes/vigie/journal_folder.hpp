// What the verbs of `vigie journal` share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "actors/core/room/archive.hpp"
#include "nodes/vigie/cli.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::cli {

/// @param dir The data folder, or the centre's folder that has one. Opened for reading.
/// @errors as storage::open_rocks().
Result<std::unique_ptr<storage::Journal>> open_journal_folder(const std::string& dir);

/// Says what is wrong, in JSON too when asked for. @return the exit code.
int damaged(const Globals& globals, const Error& error);

/// A room built again from snapshot and log.
struct Replayed {
  std::uint64_t entries = 0;            ///< applied
  std::uint64_t compared = 0;           ///< digests that Checkpoints in the log speak of
  std::uint64_t differing = 0;          ///< of them
  std::vector<room::ArchiveEnd> ends;   ///< where the archive may end, from the snapshot on
  std::vector<std::string> violations;  ///< of the room's invariants, at the end
};

/// Says nothing. @errors Errc::corrupt: names the entry or the chunk. Errc::wrong_version: an entry
/// of a newer vigied.
Result<Replayed> replay_silently(const storage::Journal& journal);

/// Adds `verify` below `journal`.
void add_verify(CLI::App& journal_verb, Globals& globals, int& code);
/// Adds `replay` below `journal`.
void add_replay(CLI::App& journal_verb, Globals& globals, int& code);

}  // namespace vigie::cli
