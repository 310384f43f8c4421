#include "storage/journal/node_record.hpp"

#include "storage/journal/bytes.hpp"

namespace vigie::storage {
namespace key {

std::string value(std::string_view name) { return "value/" + std::string{name}; }

std::string batch(LogIndex first) {
  std::string key;
  put_big(key, first.value);
  return key;
}

std::string chunk(std::uint64_t generation, std::uint32_t number) {
  std::string key;
  put_big(key, generation);
  put_big(key, number);
  return key;
}

namespace {

std::string placed(char kind, LogIndex index, ExamId exam) {
  std::string key{kind};
  put_big(key, index.value);
  put_big(key, exam.value);
  return key;
}

}  // namespace

std::string archived(LogIndex index, ExamId exam) { return placed('i', index, exam); }
std::string staged(LogIndex index, ExamId exam) { return placed('s', index, exam); }
std::string staged_end() { return "t"; }

std::string archived_exam(ExamId exam) {
  std::string key{"x"};
  put_big(key, exam.value);
  return key;
}

}  // namespace key

LogIndex decode_batch_key(std::string_view name) { return {ByteReader{name}.big<std::uint64_t>()}; }

namespace {

std::optional<std::pair<LogIndex, ExamId>> place_of(std::string_view kind, std::string_view name) {
  ByteReader reader{name};
  if (reader.take(1) != kind) return std::nullopt;
  const LogIndex index{reader.big<std::uint64_t>()};
  const ExamId exam{reader.big<std::uint64_t>()};
  return reader.ok() ? std::optional{std::pair{index, exam}} : std::nullopt;
}

}  // namespace

std::optional<std::pair<LogIndex, ExamId>> archive_place(std::string_view name) {
  return place_of("i", name);
}
std::optional<std::pair<LogIndex, ExamId>> staged_place(std::string_view name) {
  return place_of("s", name);
}

namespace {

template <class T>
Result<T> complete(const ByteReader& reader, T value) {
  if (!reader.ok() || !reader.at_end()) return Error{Errc::corrupt, "record's length differs"};
  return value;
}

}  // namespace

std::string encode(const Identity& identity) {
  std::string bytes;
  put_little(bytes, journal_format);
  put_text(bytes, identity.federation);
  put_text(bytes, identity.site);
  put_bits(bytes, identity.instance);
  put_little(bytes, identity.boot.value);
  return bytes;
}

Result<Identity> decode_identity(std::string_view bytes) {
  ByteReader reader{bytes};
  const auto format = reader.little<std::uint16_t>();
  if (format > journal_format) {
    return Error{Errc::wrong_version, "journal has format " + std::to_string(format) +
                                          ", known is " + std::to_string(journal_format)};
  }
  Identity identity;
  identity.federation = reader.text();
  identity.site = reader.text();
  identity.instance = reader.bits();
  identity.boot = {reader.little<std::uint32_t>()};
  return complete(reader, std::move(identity));
}

std::string encode(const HardState& hard) {
  std::string bytes;
  put_little(bytes, hard.term.value);
  put_little(bytes, hard.vote.value);
  return bytes;
}

Result<HardState> decode_hard(std::string_view bytes) {
  ByteReader reader{bytes};
  HardState hard;
  hard.term = {reader.little<std::uint64_t>()};
  hard.vote = {reader.little<std::uint16_t>()};
  return complete(reader, hard);
}

std::string encode(const StoredSnapshot& snapshot) {
  std::string bytes;
  put_little(bytes, snapshot.generation);
  put_little(bytes, snapshot.chunks);
  put_little(bytes, snapshot.meta.index.value);
  put_little(bytes, snapshot.meta.term.value);
  put_bits(bytes, snapshot.meta.chain);
  put_little(bytes, snapshot.meta.bytes);
  return bytes;
}

Result<StoredSnapshot> decode_snapshot(std::string_view bytes) {
  ByteReader reader{bytes};
  StoredSnapshot snapshot;
  snapshot.generation = reader.little<std::uint64_t>();
  snapshot.chunks = reader.little<std::uint32_t>();
  snapshot.meta.index = {reader.little<std::uint64_t>()};
  snapshot.meta.term = {reader.little<std::uint64_t>()};
  snapshot.meta.chain = reader.bits();
  snapshot.meta.bytes = reader.little<std::uint64_t>();
  return complete(reader, snapshot);
}

std::string encode(LogIndex index) {
  std::string bytes;
  put_little(bytes, index.value);
  return bytes;
}

Result<LogIndex> decode_index(std::string_view bytes) {
  ByteReader reader{bytes};
  const LogIndex index{reader.little<std::uint64_t>()};
  return complete(reader, index);
}

}  // namespace vigie::storage
