// The hash chain: BLAKE2b with 16 bytes of output over
//   previous (16 bytes) | index u64 LE | term u64 LE | kind u8 | payload.
#include <sodium.h>

#include "storage/journal/bytes.hpp"
#include "storage/journal/journal.hpp"
#include "storage/journal/record.hpp"

namespace vigie::storage {
namespace {

void absorb(crypto_generichash_state& state, std::string_view bytes) {
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()),
                            bytes.size());
}

}  // namespace

Bits128 chain_step(const Bits128& previous, const RecordView& record) {
  std::string head;
  head.reserve(33);
  put_bits(head, previous);
  put_little(head, record.index.value);
  put_little(head, record.term.value);
  put_little(head, static_cast<std::uint8_t>(record.kind));
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 16);
  absorb(state, head);
  absorb(state, record.payload);
  char hash[16];
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(hash), sizeof hash);
  return ByteReader{std::string_view{hash, sizeof hash}}.bits();
}

Bits128 chain_step(const Bits128& previous, const LogEntry& entry) {
  RecordView record;
  record.index = entry.index;
  record.term = entry.term;
  record.kind = entry.kind;
  record.payload = entry.payload.bytes();
  return chain_step(previous, record);
}

}  // namespace vigie::storage
