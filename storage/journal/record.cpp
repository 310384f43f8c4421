#include "storage/journal/record.hpp"

#include "messages/types/planted.hpp"
#include "storage/journal/bytes.hpp"
#include "storage/journal/crc32c.hpp"

namespace vigie::storage {

void append_record(std::string& batch, const LogEntry& entry, const Bits128& chain) {
  const std::size_t start = batch.size();
  put_little(batch, static_cast<std::uint32_t>(record_overhead - 8 + entry.payload.size()));
  put_little(batch, std::uint32_t{0});  // the CRC's place
  put_little(batch, entry.index.value);
  put_little(batch, entry.term.value);
  put_little(batch, static_cast<std::uint8_t>(entry.kind));
  put_bits(batch, chain);
  batch += entry.payload.bytes();
  std::string crc;
  put_little(crc, crc32c(std::string_view{batch}.substr(start + 8)));
  batch.replace(start + 4, 4, crc);
}

Result<RecordView> record_at(std::string_view batch, std::size_t position) {
  const auto damaged = [&](const char* what) {
    return Error{Errc::corrupt, std::string{what} + " at byte " + std::to_string(position)};
  };
  ByteReader head{batch.substr(position)};
  const auto length = head.little<std::uint32_t>();
  const auto crc = head.little<std::uint32_t>();
  const std::string_view body = head.take(length);
  if (!head.ok()) return damaged("record cut short");
  const bool is_sound = crc32c(body) == crc || is_planted(Bug::crc_unchecked);
  if (!is_sound) return damaged("record's crc differs");
  ByteReader reader{body};
  RecordView record;
  record.index = {reader.little<std::uint64_t>()};
  record.term = {reader.little<std::uint64_t>()};
  record.kind = static_cast<EntryKind>(reader.little<std::uint8_t>());
  record.chain = reader.bits();
  if (!reader.ok()) return damaged("record too short");
  record.payload = reader.rest();
  record.end = position + 8 + length;
  return record;
}

std::string seal(std::string_view key, std::string_view content) {
  std::string value;
  value.reserve(4 + content.size());
  put_little(value, crc32c(content, crc32c(key)));
  value += content;
  return value;
}

Result<std::string_view> unseal(std::string_view key, std::string_view value) {
  ByteReader reader{value};
  const auto crc = reader.little<std::uint32_t>();
  if (!reader.ok() || crc32c(reader.rest(), crc32c(key)) != crc) {
    return Error{Errc::corrupt, "value's crc differs"};
  }
  return reader.rest();
}

}  // namespace vigie::storage
