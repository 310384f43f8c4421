// The small records of a journal's node column, the keys of all columns, and their bytes
// (ops/docs/format-journal.md). Values here are what is inside the seal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::storage {

/// Raised when what is stored changes its shape; a journal of a higher format is refused.
inline constexpr std::uint16_t journal_format = 1;

namespace key {
inline constexpr std::string_view identity = "identity";
inline constexpr std::string_view hard = "hard";
inline constexpr std::string_view log_start = "log_start";
inline constexpr std::string_view snapshot = "snapshot";
/// A named value.
std::string value(std::string_view name);
/// A log batch, by its first index.
std::string batch(LogIndex first);
/// A snapshot's chunk. Generations grow by one with each snapshot begun.
std::string chunk(std::uint64_t generation, std::uint32_t number);
/// An archive record, and the exam's way to its latest one.
std::string archived(LogIndex index, ExamId exam);
std::string archived_exam(ExamId exam);
/// An archive record that is not yet one, and the end of these keys.
std::string staged(LogIndex index, ExamId exam);
std::string staged_end();
}  // namespace key

/// What the keys say. 0 or nothing for a key of another kind.
LogIndex decode_batch_key(std::string_view name);
std::optional<std::pair<LogIndex, ExamId>> archive_place(std::string_view name);
std::optional<std::pair<LogIndex, ExamId>> staged_place(std::string_view name);

/// The finished snapshot, and where its chunks are.
struct StoredSnapshot {
  SnapshotMeta meta;
  std::uint64_t generation = 0;
  std::uint32_t chunks = 0;
};

std::string encode(const Identity& identity);
std::string encode(const HardState& hard);
std::string encode(const StoredSnapshot& snapshot);
std::string encode(LogIndex index);

/// @errors Errc::corrupt: not such a record; Errc::wrong_version: made by a later version.
Result<Identity> decode_identity(std::string_view bytes);
Result<HardState> decode_hard(std::string_view bytes);
Result<StoredSnapshot> decode_snapshot(std::string_view bytes);
Result<LogIndex> decode_index(std::string_view bytes);

}  // namespace vigie::storage
