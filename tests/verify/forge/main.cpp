// vigie-forge DATA_FOLDER [INDEX]: changes one command of a journal, by default the last but three,
// and writes it and all that follows with sums and chains that check. What no journal can see of
// itself, and only a comparison of centres finds. For tests/e2e alone.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "storage/rocks/rocks_journal.hpp"

namespace {

using namespace vigie;

/// One millisecond on the stamp: the smallest lie that still decodes.
void touch(LogEntry& entry) {
  std::string payload = entry.payload.bytes();
  payload[0] = static_cast<char>(payload[0] ^ 1);
  entry.payload = Payload{std::move(payload)};
}

Result<LogIndex> forge(const std::string& dir, LogIndex wanted) {
  storage::Identity identity;
  {
    const auto look = storage::open_rocks(dir, storage::OpenMode::read, {});
    if (!look) return look.error();
    identity = (*look)->recovered().identity;
  }
  const auto journal = storage::open_rocks(dir, storage::OpenMode::write, identity);
  if (!journal) return journal.error();
  const LogIndex last = (*journal)->last_index();
  LogIndex index = wanted ? wanted : LogIndex{last.value - 3};
  auto entries = (*journal)->read(index, last, SIZE_MAX);
  if (!entries) return entries.error();
  std::size_t at = 0;
  while (at < entries->size() && (*entries)[at].kind != EntryKind::command) ++at;
  if (at == entries->size()) return Error{Errc::not_found, "no command from there on"};
  storage::WriteBatch batch;
  batch.entries = std::move(*entries);
  index = batch.entries[at].index;
  touch(batch.entries[at]);
  if (const auto done = (*journal)->write(batch); !done) return done.error();
  return index;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return std::cerr << "usage: vigie-forge DATA_FOLDER [INDEX]\n", 64;
  const auto forged = forge(argv[1], {argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0});
  if (!forged) {
    std::cerr << "vigie-forge: " << errc_name(forged.error().code) << ": " << forged.error().what
              << "\n";
    return 65;
  }
  std::cout << "changed entry " << forged->value << "\n";
}
