// The bytes of a journal, against values computed elsewhere: other programs read them too.
#include <gtest/gtest.h>

#include "storage/journal/crc32c.hpp"
#include "storage/journal/journal.hpp"
#include "storage/journal/record.hpp"

namespace vigie::storage {
namespace {

TEST(Crc32c, GivesThePublishedValues) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);  // RFC 3720, B.4 and the usual check value
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, InstructionAndTableAgreeAtEveryLengthAndSplit) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(crc32c(bytes), crc32c_by_table(bytes));
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      EXPECT_EQ(crc32c(bytes.substr(cut), crc32c(bytes.substr(0, cut))), crc32c(bytes));
    }
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST(Chain, GivesTheDocumentedHash) {
  // python3: hashlib.blake2b(bytes(16) + (1).to_bytes(8, "little") + (2).to_bytes(8, "little")
  //          + b"\x01" + b"hello", digest_size=16).hexdigest()
  const LogEntry entry{{1}, {2}, EntryKind::command, Payload{"hello"}};
  EXPECT_EQ(to_hex(chain_step({}, entry)), "8a78530968291c2462f953e9a7cd49c0");
}

TEST(Chain, DependsOnEveryField) {
  const LogEntry entry{{1}, {2}, EntryKind::command, Payload{"hello"}};
  const Bits128 chain = chain_step({}, entry);
  EXPECT_NE(chain_step({0, 1}, entry), chain);
  EXPECT_NE(chain_step({}, {{2}, {2}, EntryKind::command, Payload{"hello"}}), chain);
  EXPECT_NE(chain_step({}, {{1}, {1}, EntryKind::command, Payload{"hello"}}), chain);
  EXPECT_NE(chain_step({}, {{1}, {2}, EntryKind::noop, Payload{"hello"}}), chain);
  EXPECT_NE(chain_step({}, {{1}, {2}, EntryKind::command, Payload{"hellp"}}), chain);
}

TEST(Record, LiesAsDocumented) {
  std::string batch;
  append_record(batch, {{0x0102}, {3}, EntryKind::configuration, Payload{"xy"}}, {0x0a, 0x0b});
  const std::string body = std::string("\x02\x01\0\0\0\0\0\0", 8) +
                           std::string("\x03\0\0\0\0\0\0\0", 8) + std::string("\x02", 1) +
                           std::string("\0\0\0\0\0\0\0\x0a", 8) +
                           std::string("\0\0\0\0\0\0\0\x0b", 8) + "xy";
  EXPECT_EQ(batch.substr(0, 4), std::string("\x23\0\0\0", 4));
  EXPECT_EQ(batch.substr(8), body);
  const auto record = record_at(batch, 0);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->end, batch.size());
  EXPECT_EQ(record->payload, "xy");
  EXPECT_EQ(record->chain, (Bits128{0x0a, 0x0b}));
}

TEST(Record, CutAtAnyByteIsCorrupt) {
  std::string batch;
  append_record(batch, {{1}, {1}, EntryKind::command, Payload{"payload"}}, {});
  for (std::size_t size = 0; size < batch.size(); ++size) {
    EXPECT_FALSE(record_at(std::string_view{batch}.substr(0, size), 0)) << size;
  }
}

TEST(Seal, BindsTheValueToItsKey) {
  const std::string value = seal("hard", "content");
  EXPECT_EQ(unseal("hard", value).value(), "content");
  EXPECT_FALSE(unseal("mode", value));
  EXPECT_FALSE(unseal("hard", "abc"));
  EXPECT_EQ(unseal("k", seal("k", "")).value(), "");
}

}  // namespace
}  // namespace vigie::storage
