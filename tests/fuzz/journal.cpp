// What a node finds on its disk: records and log batches of any bytes, and whole journals whose
// values carry good CRCs around absurd contents, opened, verified, read, written and opened again.
#include <array>
#include <map>
#include <memory>

#include "storage/journal/bytes.hpp"
#include "storage/journal/node_record.hpp"
#include "storage/journal/record.hpp"
#include "storage/journal/store.hpp"
#include "tests/fuzz/input.hpp"

namespace vigie::fuzz {
namespace {

using namespace storage;

using Columns = std::array<std::map<std::string, std::string, std::less<>>, column_count>;

/// A store over maps that outlive it.
class MapStore final : public Store {
 public:
  explicit MapStore(Columns& columns) : columns_(columns) {}

  Result<void> write(std::vector<Change> changes) override {
    for (Change& change : changes) {
      auto& column = of(change.column);
      if (change.kind == Change::Kind::put) {
        column[std::move(change.key)] = std::move(change.value_or_end);
      } else if (change.key < change.value_or_end) {
        column.erase(column.lower_bound(change.key), column.lower_bound(change.value_or_end));
      }
    }
    return {};
  }
  Result<void> write_later(Column column, std::string key, std::string value) override {
    return write({Change::put(column, std::move(key), std::move(value))});
  }
  Result<void> settle(Column) override { return {}; }
  Result<void> scan(Column column, std::string_view key, From from,
                    const Visit& visit) const override {
    const auto& all = columns_[static_cast<std::size_t>(column)];
    auto at = all.lower_bound(key);
    const bool exact = at != all.end() && at->first == key;
    if (from == From::at_or_before && !exact && at != all.begin()) --at;
    while (at != all.end() && visit(at->first, at->second)) ++at;
    return {};
  }
  Result<std::optional<std::string>> get(Column column, std::string_view key) const override {
    const auto& all = columns_[static_cast<std::size_t>(column)];
    const auto at = all.find(key);
    return at == all.end() ? std::optional<std::string>{} : std::optional{at->second};
  }
  void reclaim(Column, std::string_view) override {}
  Result<void> verify() const override { return {}; }
  Usage usage() const override { return {}; }

 private:
  std::map<std::string, std::string, std::less<>>& of(Column column) {
    return columns_[static_cast<std::size_t>(column)];
  }
  Columns& columns_;
};

void records(std::string_view batch) {
  std::string copy;
  for (std::size_t at = 0; at < batch.size();) {
    const auto record = record_at(batch, at);
    if (!record) break;
    append_record(copy, record->entry(), record->chain);
    at = record->end;
    check(copy == batch.substr(0, at), "a record that reads is the one that is written");
  }
}

template <class Decode>
void decode_and_back(std::string_view bytes, Decode decode) {
  const auto value = decode(bytes);
  if (!value) return;
  const std::string once = encode(*value);
  const auto again = decode(once);
  check(again && encode(*again) == once, "a record of the node column round-trips");
}

void node_records(Input& input) {
  const std::string name{input.bytes(40)};
  const std::string_view bytes = input.rest();
  decode_and_back(bytes, decode_identity);
  decode_and_back(bytes, decode_hard);
  decode_and_back(bytes, decode_snapshot);
  decode_and_back(bytes, decode_index);
  if (const auto place = archive_place(bytes)) {
    check(bytes.starts_with(key::archived(place->first, place->second)), "an archive key");
  }
  if (const auto place = staged_place(bytes)) {
    check(bytes.starts_with(key::staged(place->first, place->second)), "a staged key");
  }
  (void)decode_batch_key(bytes);
  if (const auto content = unseal(name, bytes)) {
    check(seal(name, *content) == bytes, "what opens is sealed so");
  }
  check(*unseal(name, seal(name, bytes)) == bytes, "what is sealed opens");
}

/// A batch of `input`'s entries around `last`, with good CRCs and mostly a good chain.
std::string batch_of(Input& input, LogIndex& last, Bits128& chain) {
  std::string batch;
  for (std::size_t n = 1 + input.below(4); n > 0; --n) {
    LogEntry entry{{input.chance(90) ? last.value + 1 : input.number(last.value)}, {}, {}, {}};
    entry.term = {input.number(3)};
    entry.kind = static_cast<EntryKind>(input.chance(90) ? input.below(3) : input.byte());
    entry.payload = Payload{std::string{input.bytes(16)}};
    chain = input.chance(90) ? chain_step(chain, entry) : Bits128{input.byte(), 1};
    append_record(batch, entry, chain);
    last = entry.index;
  }
  return batch;
}

StoredSnapshot snapshot_of(Input& input, LogIndex last, const Bits128& chain) {
  StoredSnapshot s;
  s.meta.index = {input.number(last.value)};
  s.meta.term = {input.number(3)};
  s.meta.chain = input.chance(70) ? chain : Bits128{};
  s.meta.bytes = input.number(4);
  s.generation = input.number(1);
  s.chunks = static_cast<std::uint32_t>(input.number(1));
  return s;
}

/// One value of any column, under a key that means something.
void put(Input& input, Columns& columns, LogIndex& last, Bits128& chain) {
  const auto put_at = [&](Column column, const std::string& name, std::string_view content) {
    std::string value = input.chance(95) ? seal(name, content) : std::string{content};
    columns[static_cast<std::size_t>(column)][name] = std::move(value);
  };
  const std::string log_start{key::log_start}, hard{key::hard}, snapshot{key::snapshot};
  const auto place = [&] { return LogIndex{input.number(last.value)}; };
  switch (input.below(9)) {
    case 0:
      return put_at(Column::node, log_start, encode(place()));
    case 1:
      return put_at(Column::node, hard, encode(HardState{{input.number(3)}, {input.byte()}}));
    case 2:
      return put_at(Column::node, snapshot, encode(snapshot_of(input, last, chain)));
    case 3: {
      const std::uint64_t generation = input.number(1);
      const auto number = static_cast<std::uint32_t>(input.number(0));
      return put_at(Column::snapshot, key::chunk(generation, number), input.bytes(8));
    }
    case 4: {
      const ExamId exam{input.number(1)};
      const LogIndex index = place();
      put_at(Column::archive, key::archived(index, exam), input.bytes(8));
      return put_at(Column::archive, key::archived_exam(exam), encode(index));
    }
    case 5:
      return put_at(Column::archive, key::staged(place(), {input.number(1)}), input.bytes(8));
    case 6:
      return put_at(Column::node, std::string{input.bytes(12)}, input.bytes(40));
    default: {
      const std::string name = key::batch(input.chance(90) ? next(last) : place());
      columns[static_cast<std::size_t>(Column::log)][name] = batch_of(input, last, chain);
    }
  }
}

void read_all(const Journal& journal, Input& input) {
  (void)journal.verify();
  const LogIndex first = journal.first_index(), last = journal.last_index();
  if (first <= last) {
    const auto entries = journal.read(first, last, 1024);
    if (entries) {
      check(!entries->empty() && entries->front().index == first,
            "read from the first, " + std::to_string(first.value));
    }
  }
  (void)journal.read({input.number(first.value)}, {input.number(last.value)}, 64);
  (void)journal.chain({input.number(last.value)});
  (void)journal.read_snapshot_chunk(static_cast<std::uint32_t>(input.number(0)));
  (void)journal.archived({input.number(1)});
  (void)journal.value("commit_seen");
  std::size_t seen = 0;
  (void)journal.scan_archive({input.number(0)}, [&](const ArchiveRecord&) { return ++seen < 64; });
}

void write_some(Journal& journal, Input& input) {
  WriteBatch batch;
  const std::uint64_t first =
      input.chance(80) ? journal.last_index().value + 1 : input.number(journal.last_index().value);
  for (std::size_t i = 0; i < input.below(4); ++i) {
    batch.entries.push_back({{first + i}, {4}, EntryKind::command, Payload{"x"}});
  }
  if (input.chance(30)) batch.hard = HardState{{4}, {1}};
  if (input.chance(30)) batch.archive.push_back({{input.number(1)}, {7}, "exam"});
  (void)journal.write(batch);
  (void)journal.write_snapshot_chunk(0, "snapshot");
  SnapshotMeta meta{{input.number(journal.last_index().value)}, {3}, {}, 8};
  if (const auto chain = journal.chain(meta.index)) meta.chain = *chain;
  (void)journal.finish_snapshot(meta);
  (void)journal.promote_archive(16);
  (void)journal.compact({input.number(journal.last_index().value)});
}

void journal(Input& input) {
  Columns columns;
  const Identity identity{"fuzz", "lyon", {1, 2}, {3}};
  columns[0][std::string{key::identity}] = seal(key::identity, encode(identity));
  LogIndex last;
  Bits128 chain;
  for (std::size_t n = input.below(12); n > 0; --n) put(input, columns, last, chain);
  if (auto seen = open_journal(std::make_unique<MapStore>(columns), OpenMode::read, identity)) {
    read_all(**seen, input);
  }
  for (int start = 0; start < 2; ++start) {
    auto opened = open_journal(std::make_unique<MapStore>(columns), OpenMode::write, identity);
    if (!opened) return;
    write_some(**opened, input);
    read_all(**opened, input);
  }
}

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  fuzz::Input input(data, size);
  const std::size_t kind = input.below(8);
  if (kind == 0) fuzz::records(input.rest());
  if (kind == 1) fuzz::node_records(input);
  if (kind > 1) fuzz::journal(input);
  return 0;
}
