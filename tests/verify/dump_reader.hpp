// Reads the frames of a dump (dump_format.hpp). Throws nothing away and trusts nothing: a dump that
// is cut short or has a frame too many is an error.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

namespace vigie::verify {

struct Frame {
  char tag = 0;
  std::string body;
};

class DumpReader {
 public:
  explicit DumpReader(const std::string& path);
  /// The next frame; nothing at the end, which must have been announced by frame `z`.
  /// @errors malformed: says what is wrong with the dump.
  Result<std::optional<Frame>> next();

 private:
  std::string path_;
  std::ifstream in_;
  bool begun_ = false;
  std::uint64_t frames_ = 0;
};

/// A little-endian number at `at`; 0 beyond the end.
std::uint64_t little(std::string_view bytes, std::size_t at, std::size_t size = 8);
/// 32 hexadecimal digits. @errors malformed.
Result<Bits128> bits_of(std::string_view hex);
/// BLAKE2b with 16 bytes of output over the parts, one after the other.
Bits128 blake2b(std::string_view first, std::string_view second = {});
/// chain(i) of ops/docs/format-journal.md; `head` is index, term and kind as they lie in a record.
Bits128 chain_after(const Bits128& before, std::string_view head, std::string_view payload);

}  // namespace vigie::verify
