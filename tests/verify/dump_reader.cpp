#include "tests/verify/dump_reader.hpp"

#include <sodium.h>

#include <charconv>

#include "tests/verify/dump_format.hpp"

namespace vigie::verify {
namespace {

constexpr std::uint64_t frame_bytes_max = 64ull * 1024 * 1024;

std::string bytes_of(const Bits128& bits) {
  std::string out;
  for (const std::uint64_t half : {bits.high, bits.low}) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(half >> shift & 0xff);
  }
  return out;
}

}  // namespace

DumpReader::DumpReader(const std::string& path) : path_(path), in_(path, std::ios::binary) {}

Result<std::optional<Frame>> DumpReader::next() {
  const auto wrong = [this](const char* what) {
    return Error{Errc::malformed, path_ + ": " + what};
  };
  if (!begun_) {
    std::string magic(dump_magic.size(), '\0');
    if (!in_.read(magic.data(), static_cast<std::streamsize>(magic.size())) ||
        magic != dump_magic) {
      return wrong("not a dump of a journal");
    }
    begun_ = true;
  }
  char head[5];
  if (!in_.read(head, sizeof head)) return wrong("cut short");
  Frame frame{head[0], {}};
  const std::uint64_t size = little({head, sizeof head}, 1, 4);
  if (size > frame_bytes_max) return wrong("a frame is too long");
  frame.body.resize(size);
  if (!in_.read(frame.body.data(), static_cast<std::streamsize>(size))) return wrong("cut short");
  if (frame.tag != 'z') return ++frames_, std::optional<Frame>{std::move(frame)};
  if (little(frame.body, 0) != frames_) return wrong("has another number of frames than it says");
  if (in_.peek() != std::ifstream::traits_type::eof()) return wrong("goes on after its end");
  return std::optional<Frame>{};
}

std::uint64_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

Result<Bits128> bits_of(std::string_view hex) {
  Bits128 bits;
  const auto half = [&](std::size_t at, std::uint64_t& value) {
    const char* end = hex.data() + at + 16;
    const auto read = std::from_chars(hex.data() + at, end, value, 16);
    return read.ec == std::errc{} && read.ptr == end;
  };
  if (hex.size() != 32 || !half(0, bits.high) || !half(16, bits.low)) {
    return Error{Errc::malformed, "not 32 hexadecimal digits"};
  }
  return bits;
}

Bits128 blake2b(std::string_view first, std::string_view second) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 16);
  for (const std::string_view part : {first, second}) {
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                              part.size());
  }
  unsigned char hash[16];
  crypto_generichash_final(&state, hash, sizeof hash);
  Bits128 bits;
  for (int i = 0; i < 8; ++i) bits.high = bits.high << 8 | hash[i];
  for (int i = 8; i < 16; ++i) bits.low = bits.low << 8 | hash[i];
  return bits;
}

Bits128 chain_after(const Bits128& before, std::string_view head, std::string_view payload) {
  return blake2b(bytes_of(before).append(head), payload);
}

}  // namespace vigie::verify
