// A place in the replicated log. The log does not know what its payloads mean.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "messages/types/ids.hpp"
#include "messages/types/limits.hpp"

namespace vigie {

/// Immutable bytes, shared between the log, the disk and the peers without a copy.
class Payload {
 public:
  Payload() = default;
  explicit Payload(std::string bytes)
      : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}
  const std::string& bytes() const { return bytes_ ? *bytes_ : empty(); }
  std::size_t size() const { return bytes_ ? bytes_->size() : 0; }
  bool operator==(const Payload& o) const { return bytes() == o.bytes(); }

 private:
  static const std::string& empty() {
    static const std::string none;
    return none;
  }
  std::shared_ptr<const std::string> bytes_;
};

/// What an entry is for. Numbers are stable: they are on disk and on the wire.
enum class EntryKind : std::uint8_t {
  noop = 0,           ///< a leader's first entry of its term; empty payload
  command = 1,        ///< a stamped command for the room (entry_codec)
  configuration = 2,  ///< a change of members; owned by the replica core
};

/// One entry of the log. Equal index and term imply equal kind and payload (Raft, log matching).
struct LogEntry {
  LogIndex index;
  Term term;
  EntryKind kind = EntryKind::noop;
  Payload payload;
  bool operator==(const LogEntry&) const = default;
};

/// What a voter must never forget (Raft, figure 2). Durable before any answer that relies on it.
struct HardState {
  Term term;
  SiteId vote;  ///< 0: nobody yet in this term
  bool operator==(const HardState&) const = default;
};

/// The state that replaces the log up to and including `index`.
struct SnapshotMeta {
  LogIndex index;
  Term term;                ///< of the entry at `index`
  Bits128 chain;            ///< the journal's hash chain at `index`
  std::uint64_t bytes = 0;  ///< total size
  bool operator==(const SnapshotMeta&) const = default;

  /// Chunks of limits::snapshot_chunk_bytes that `bytes` makes; at least 1.
  std::uint32_t chunks() const {
    constexpr std::uint64_t size = limits::snapshot_chunk_bytes;
    return bytes == 0 ? 1 : static_cast<std::uint32_t>((bytes + size - 1) / size);
  }
};

}  // namespace vigie
