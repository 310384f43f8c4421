#include "actors/room/archive_fetch.hpp"

#include <algorithm>
#include <tuple>

#include "messages/types/limits.hpp"

namespace vigie::actors {

ArchiveFetch::ArchiveFetch(LogIndex from, room::ArchiveEnd held, room::SnapshotArchive wanted)
    : wanted_(wanted), kept_{from, held}, kept_at_{next(from), {}}, at_(kept_at_), reached_(held) {}

void ArchiveFetch::aim_at(room::SnapshotArchive wanted) {
  const bool is_earlier = wanted.index < wanted_.index;
  wanted_ = wanted.index < kept_.index ? kept_ : wanted;
  if (is_earlier) start_over();
}

codec::ArchiveWish ArchiveFetch::wish() const {
  return {wanted_.index, at_.index, at_.exam, static_cast<std::uint32_t>(partial_.bytes.size())};
}

/// It is the rest of the record begun, or one beyond all that came before.
bool ArchiveFetch::follows(const codec::ArchivePiece& piece) const {
  const std::size_t had = partial_.bytes.size();
  if (piece.bytes.empty() || piece.index > wanted_.index) return false;
  if (piece.size > codec::archive_record_bytes || had + piece.bytes.size() > piece.size) {
    return false;
  }
  if (had > 0) return piece.index == at_.index && piece.exam == at_.exam;
  return std::tie(piece.index, piece.exam) >= std::tie(at_.index, at_.exam);
}

Result<std::vector<storage::ArchiveRecord>> ArchiveFetch::take(codec::ArchiveChunk chunk) {
  std::vector<storage::ArchiveRecord> whole;
  if (chunk.wish != wish()) return whole;
  const auto refused = [](const char* what) { return Error{Errc::corrupt, what}; };
  for (codec::ArchivePiece& piece : chunk.pieces) {
    if (!follows(piece)) return refused("a piece out of order");
    at_ = {piece.index, piece.exam};
    partial_.index = piece.index;
    partial_.exam = piece.exam;
    partial_.bytes += piece.bytes;
    if (partial_.bytes.size() < piece.size) continue;  // its rest is the next chunk's
    reached_.add(partial_.index, partial_.exam, partial_.bytes);
    if (reached_.count > wanted_.end.count) return refused("more records than were archived");
    whole.push_back(std::move(partial_));
    partial_ = {};
    at_.exam = {piece.exam.value + 1};
  }
  if (chunk.complete ? !is_complete() : chunk.pieces.empty()) {
    return refused("its end is not where the archive ends");
  }
  return whole;
}

void ArchiveFetch::keep() {
  kept_ = wanted_;
  kept_at_ = at_;
}

void ArchiveFetch::start_over() {
  at_ = kept_at_;
  reached_ = kept_.end;
  partial_ = {};
}

Result<codec::ArchiveChunk> read_archive(const storage::Journal& journal,
                                         const codec::ArchiveWish& wish) {
  codec::ArchiveChunk chunk;
  chunk.wish = wish;
  chunk.known = chunk.complete = true;
  std::size_t room = limits::snapshot_chunk_bytes;
  std::size_t skip = wish.offset;
  const auto visit = [&](const storage::ArchiveRecord& record) {
    if (record.index > wish.through) return false;
    chunk.complete = room > 0 && chunk.pieces.size() < codec::archive_pieces_count;
    if (!chunk.complete) return false;
    const std::size_t from = std::min(std::exchange(skip, 0), record.bytes.size());
    const std::size_t taken = std::min(room, record.bytes.size() - from);
    chunk.pieces.push_back({record.index, record.exam,
                            static_cast<std::uint32_t>(record.bytes.size()),
                            record.bytes.substr(from, taken)});
    room -= taken;
    chunk.complete = from + taken == record.bytes.size();
    return chunk.complete;
  };
  if (auto read = journal.scan_archive_from(wish.index, wish.exam, visit); !read) {
    if (chunk.pieces.empty()) return read.error();
    chunk.complete = false;  // what comes before a damaged record is as good as ever
  }
  return chunk;
}

}  // namespace vigie::actors
