// A room's snapshot as another node, or a disk, gives it: any bytes, any blocks under a good seal,
// and true photographs with a few bytes changed. What loads is photographed as the same bytes.
#include <vector>

#include "tests/fuzz/photograph.hpp"
#include "tests/fuzz/proposals.hpp"

namespace vigie::fuzz {
namespace {

void load_and_back(std::string_view bytes, std::size_t piece) {
  (void)room::archive_of_snapshot(bytes.substr(0, 256 * 1024));
  auto loaded = load(bytes, piece);
  if (!loaded) return check(loaded.error().code == Errc::corrupt, "refused as corrupt");
  check(photograph(*loaded, 4096) == bytes, "what loads is photographed as the same bytes");
  check(loaded->digest() == loaded->state().recomputed_digest(), "its digest is its records'");
}

std::string sealed(const std::vector<std::string>& blocks) {
  std::string bytes;
  Bits128 seal;
  for (const std::string& block : blocks) {
    bytes += room::canonical_bytes(block);
    seal = room::hash_canonical(seal, room::hash_of(block));
  }
  return bytes + room::canonical_bytes(room::canonical_bytes(seal));
}

std::vector<std::string> blocks_of(std::string_view bytes) {
  std::vector<std::string> blocks;
  room::Reader reader(bytes);
  while (reader.ok() && !reader.at_end()) reader.get(blocks.emplace_back());
  return blocks;
}

/// A room after some entries of the input.
room::Room some_room(Input& input) {
  room::Room room;
  room::Effects effects;
  Proposal founding;
  founding.command = ApplyDirectory{world()};
  FedTime at{1'700'000'000'000};
  room.apply({1}, at, founding, effects);
  Proposals proposals(input, room);
  for (std::size_t n = input.below(64); n > 0; --n) {
    const auto proposal = proposals.next();
    at = proposals.after(at);
    if (proposal) room.apply(next(room.applied()), at, *proposal, effects);
  }
  return room;
}

/// A photograph of a real room, with bytes of some blocks changed under a seal that holds.
void damaged(Input& input) {
  room::Room room = some_room(input);
  const std::string bytes = photograph(room, 4096);
  std::vector<std::string> blocks = blocks_of(bytes);
  blocks.pop_back();
  for (std::size_t n = input.below(4); n > 0; --n) {
    std::string& block = blocks[input.take<std::uint16_t>() % blocks.size()];
    if (block.empty()) continue;
    block[input.take<std::uint16_t>() % block.size()] = static_cast<char>(input.byte());
  }
  if (input.chance(20)) blocks.push_back(blocks[input.take<std::uint16_t>() % blocks.size()]);
  load_and_back(fuzz::sealed(blocks), 512);
}

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  fuzz::Input input(data, size);
  const std::size_t kind = input.below(3);
  const std::size_t piece = 1 + input.below(200) * 5;
  if (kind == 0) fuzz::load_and_back(input.rest(), piece);
  if (kind == 1) {
    std::vector<std::string> blocks;
    while (!input.at_end()) blocks.emplace_back(input.bytes(4096));
    fuzz::load_and_back(fuzz::sealed(blocks), piece);
  }
  if (kind == 2) fuzz::damaged(input);
  return 0;
}
