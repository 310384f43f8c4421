// The photograph of a room, in pieces (design D13).
//
// Format 7: blocks of {u32 length, bytes}. Block 0: magic, format, digest, counts of the four
// tables; block 1: scalars; block 2: directory; then the records of exams, sessions, orders, parked
// reports, each table in the order of its ids; last a seal, the chained hash of all blocks before.
// All canonical bytes, so equal rooms give equal photographs.
#include <array>

#include "actors/core/room/room.hpp"

namespace vigie::room {
namespace {

constexpr std::uint32_t magic = 0x45494756;  // "VGIE"
constexpr std::uint32_t format = 7;

struct Head {
  std::uint32_t magic_word = magic;
  std::uint32_t format_number = format;
  Bits128 digest;
  std::array<std::uint64_t, 4> counts{};
};
template <class F, Is<Head> T>
void fields(F&& f, T& x) {
  f(x.magic_word, x.format_number, x.digest, x.counts);
}

/// What a block adds to the seal.
void add_to_seal(Bits128& seal, std::string_view block) {
  seal = hash_canonical(seal, hash_of(block));
}

/// Calls `take` for each whole block of `bytes`. @return the position after the last one.
template <class Take>
std::size_t for_each_block(std::string_view bytes, const Take& take) {
  std::size_t at = 0;
  while (bytes.size() - at >= 4) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + at, sizeof size);
    if (bytes.size() - at - 4 < size || !take(bytes.substr(at + 4, size))) break;
    at += 4 + size;
  }
  return at;
}

Error corrupt(const char* what) { return {Errc::corrupt, what}; }

}  // namespace

struct Room::Photograph {
  LogIndex index;
  std::string head;  ///< blocks 0 to 2, written first
  int table = 0;     ///< being walked; 4: the seal is due, 5: complete
  Bits128 seal;
};

Room::Room() = default;
Room::~Room() = default;
Room::Room(Room&&) noexcept = default;
Room& Room::operator=(Room&&) noexcept = default;

void Room::begin_snapshot() {
  VIGIE_ASSERT(!photograph_);
  photograph_ = std::make_unique<Photograph>();
  photograph_->index = applied();
  Head head;
  head.digest = digest();
  head.counts = {state_.exams().size(), state_.sessions().size(), state_.orders().size(),
                 state_.parked().size()};
  Writer writer(photograph_->head);
  writer.put(canonical_bytes(head));
  writer.put(canonical_bytes(state_.scalars()));
  writer.put(canonical_bytes(state_.directory()));
  state_.begin_walk();
}

bool Room::snapshot_begun() const { return photograph_ != nullptr; }
LogIndex Room::snapshot_index() const { return photograph_ ? photograph_->index : LogIndex{}; }

void Room::abandon_snapshot() {
  photograph_.reset();
  state_.end_walk();
}

std::string Room::next_snapshot_piece(std::size_t bytes_max) {
  VIGIE_ASSERT(photograph_);
  Photograph& p = *photograph_;
  std::string piece = std::move(p.head);
  p.head.clear();
  while (piece.size() < bytes_max && p.table < 4) {
    bool over = false;
    if (p.table == 0) over = state_.exams_for_walk().walk(piece, bytes_max);
    if (p.table == 1) over = state_.sessions_for_walk().walk(piece, bytes_max);
    if (p.table == 2) over = state_.orders_for_walk().walk(piece, bytes_max);
    if (p.table == 3) over = state_.parked_for_walk().walk(piece, bytes_max);
    if (over) ++p.table;
  }
  for_each_block(piece, [&](std::string_view block) { return add_to_seal(p.seal, block), true; });
  if (p.table == 4 && piece.size() < bytes_max) {
    Writer(piece).put(canonical_bytes(p.seal));
    ++p.table;
  }
  if (piece.empty()) abandon_snapshot();  // complete: nothing more to keep
  return piece;
}

void ArchiveEnd::add(LogIndex index, ExamId exam, std::string_view bytes) {
  ++count;
  hash = hash_canonical(hash, index, exam, hash_of(bytes));
}

Result<SnapshotArchive> archive_of_snapshot(std::string_view beginning) {
  Head head;
  Scalars scalars;
  int block_number = 0;
  bool readable = true;
  for_each_block(beginning, [&](std::string_view block) {
    if (block_number == 0) readable = from_canonical(block, head);
    if (block_number == 1) readable = from_canonical(block, scalars);
    return readable && ++block_number < 2;
  });
  const bool known = head.magic_word == magic && head.format_number == format;
  if (!readable || !known || block_number < 2) return corrupt("a snapshot's beginning");
  return SnapshotArchive{scalars.index, {scalars.archived, scalars.archive_hash}};
}

Result<void> SnapshotLoader::feed(std::string_view piece) {
  pending_.append(piece);
  Result<void> taken;
  const std::size_t at = for_each_block(pending_, [&](std::string_view block) {
    taken = take_block(block);
    if (section_ < 8) add_to_seal(seal_, block);
    return static_cast<bool>(taken);
  });
  pending_.erase(0, at);
  return taken;
}

Result<void> SnapshotLoader::take_block(std::string_view block) {
  State& state = room_.state_;
  const auto next_section = [&] {
    while (section_ >= 3 && section_ < 7 && counts_[static_cast<std::size_t>(section_ - 3)] == 0) {
      ++section_;
    }
  };
  switch (section_) {
    case 0: {
      Head head;
      if (!from_canonical(block, head)) return corrupt("head");
      if (head.magic_word != magic) return corrupt("not a photograph of a room");
      if (head.format_number != format) return corrupt("unknown format");
      digest_ = head.digest;
      counts_ = head.counts;
      section_ = 1;
      return {};
    }
    case 1:
      if (!from_canonical(block, state.edit_scalars())) return corrupt("scalars");
      section_ = 2;
      return {};
    case 2: {
      Directory directory;
      if (!from_canonical(block, directory)) return corrupt("directory");
      state.set_directory(std::move(directory));
      section_ = 3;
      break;
    }
    case 3: {
      Exam exam;
      if (!from_canonical(block, exam) || state.exams().find(exam.id)) return corrupt("exam");
      state.insert_exam(std::move(exam));
      --counts_[0];
      break;
    }
    case 4: {
      Session session;
      if (!from_canonical(block, session) || state.sessions().find(session.id)) {
        return corrupt("session");
      }
      state.insert_session(std::move(session));
      --counts_[1];
      break;
    }
    case 5: {
      OrderRecord order;
      if (!from_canonical(block, order) || state.orders().find(order.exam)) return corrupt("order");
      state.insert_order(std::move(order));
      --counts_[2];
      break;
    }
    case 6: {
      ParkedReport report;
      if (!from_canonical(block, report)) return corrupt("parked report");
      state.insert_parked(std::move(report));
      --counts_[3];
      break;
    }
    case 7:
      if (block != canonical_bytes(seal_)) return corrupt("seal");
      section_ = 8;
      return {};
    default:
      return corrupt("more than was announced");
  }
  next_section();
  return {};
}

Result<Room> SnapshotLoader::finish() {
  if (section_ != 8 || !pending_.empty()) return corrupt("incomplete");
  room_.state_.settle();
  if (room_.digest() != digest_) return corrupt("digest differs");
  return std::move(room_);
}

}  // namespace vigie::room
