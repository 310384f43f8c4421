// Messages that no correct replica sends. Peers are trusted with the federation's progress, not
// with this process: what cannot be is dropped and counted before anything else is done with it, so
// that the assertions behind it speak of this replica's own mistakes alone.
#include "actors/core/replica/replica.hpp"

namespace vigie::replica {

namespace {

/// No term or index gets here in the life of a federation; beyond it, arithmetic would wrap.
constexpr std::uint64_t number_max = std::uint64_t{1} << 62;
constexpr std::uint64_t snapshot_bytes_max = std::uint64_t{1} << 40;

bool is_possible(const SnapshotChunk& chunk, Term term) {
  const SnapshotMeta& meta = chunk.meta;
  return meta.index.value > 0 && meta.index.value <= number_max && meta.term <= term &&
         meta.bytes <= snapshot_bytes_max && chunk.number < meta.chunks();
}

bool is_from_leader(const Message& message) {
  return std::holds_alternative<Append>(message.body) ||
         std::holds_alternative<Heartbeat>(message.body) ||
         std::holds_alternative<SnapshotChunk>(message.body);
}

}  // namespace

bool Replica::is_absurd(const Message& message) const {
  if (message.term.value > number_max) return true;
  const auto* chunk = std::get_if<SnapshotChunk>(&message.body);
  if (chunk != nullptr && !is_possible(*chunk, message.term)) return true;
  if (message.term < hard_.term) return false;  // of the past: what it says is looked at no further
  if (message.term == hard_.term && is_leader() && is_from_leader(message)) return true;
  const auto* append = std::get_if<Append>(&message.body);
  if (append != nullptr) return contradicts(*append);
  return chunk != nullptr && chunk->meta.index > commit_ &&
         chunk->meta.term < log_.term(commit_).value_or(Term{});
}

// What is committed is in the log of every later leader (Raft, leader completeness).
bool Replica::contradicts(const Append& append) const {
  for (const LogEntry& entry : append.entries) {
    if (entry.index <= log_.base()) continue;
    if (entry.index <= commit_ && !log_.matches(entry.index, entry.term)) return true;
    if (entry.index == next(log_.base()) && entry.term < *log_.term(log_.base())) return true;
  }
  return false;
}

}  // namespace vigie::replica
