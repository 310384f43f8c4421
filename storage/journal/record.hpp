// How entries and other values lie in a store (ops/docs/format-journal.md is the reference).
//
// A log batch is a sequence of records, one per entry; every other value is sealed: its CRC covers
// its key too, so that a value found under another's key is noticed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/entry.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

namespace vigie::storage {

/// One entry as it lies in a batch. `payload` points into the batch.
struct RecordView {
  LogIndex index;
  Term term;
  EntryKind kind = EntryKind::noop;
  Bits128 chain;
  std::string_view payload;
  std::size_t end = 0;  ///< where the next record starts in the batch

  LogEntry entry() const { return {index, term, kind, Payload{std::string{payload}}}; }
};

/// Bytes that a record needs beyond its payload.
inline constexpr std::size_t record_overhead = 8 + 33;

/// Appends `entry` with the hash chain at its index.
void append_record(std::string& batch, const LogEntry& entry, const Bits128& chain);

/// The record at `position` (< batch.size()), its length and CRC checked.
/// @errors Errc::corrupt, with the position; the caller says which batch.
Result<RecordView> record_at(std::string_view batch, std::size_t position);

/// The chain after `record` when it was `previous` before: chain_step() without a copy.
Bits128 chain_step(const Bits128& previous, const RecordView& record);

/// `content` preceded by a CRC-32C over key and content.
std::string seal(std::string_view key, std::string_view content);
/// The content of a sealed value. @errors Errc::corrupt.
Result<std::string_view> unseal(std::string_view key, std::string_view value);

}  // namespace vigie::storage
