// CRC-32C (Castagnoli), the check of every record on disk. Finds damage, not malice: the hash chain
// is for that.
#pragma once

#include <cstdint>
#include <string_view>

namespace vigie::storage {

/// CRC-32C of `bytes`, continuing from `before` (the CRC of what came first; 0 at the start).
/// Uses the processor's instruction where there is one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The same by table on any processor; for tests to compare.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before = 0);

}  // namespace vigie::storage
