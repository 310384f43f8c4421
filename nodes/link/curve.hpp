// CURVE key pairs as values: made here, written to and read from key files, shown as Z85 text.
//
// A key pair is the identity of a node or of a client (design D10). The secret half lives only in a
// file that nobody but its owner can read; only the public half travels. Used by the link, by
// clients and by `vigie key`; knows nothing of who owns a key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

namespace vigie::link {

/// A CURVE secret key, as bytes. Never logged, never sent.
using SecretKey = std::array<std::uint8_t, 32>;

/// Both halves of one identity.
struct KeyPair {
  PublicKey public_key{};
  SecretKey secret_key{};
  bool operator==(const KeyPair&) const = default;
};

/// Draws a new pair from the system's randomness.
KeyPair make_key_pair();

/// The public half that belongs to `secret`.
PublicKey public_key_of(const SecretKey& secret);

/// 40 printable signs, without quote, blank or backslash (ZeroMQ RFC 32).
std::string to_z85(const PublicKey& key);

/// The 32 bytes that `text` stands for. Also good for a secret key's text.
/// @errors Errc::bad_value: not 40 signs of the Z85 alphabet, or a group above 2^32 - 1. The text
/// itself is not repeated in the error: it may be a secret.
Result<PublicKey> from_z85(std::string_view text);

/// Writes `keys` as two lines, `public = "<z85>"` and `secret = "<z85>"`, mode 0600, synced.
/// An existing file is never overwritten: a lost identity cannot be drawn again.
/// @errors Errc::locked: `path` exists. Errc::io_error: names the path and the system's reason.
Result<void> write_key_file(const std::string& path, const KeyPair& keys);

/// Writes `public = "<z85>"` alone, mode 0644: the file that may travel.
/// @errors as write_key_file().
Result<void> write_public_key_file(const std::string& path, const PublicKey& key);

/// Reads what write_key_file() wrote; blank lines and `#` comments are allowed.
/// @errors Errc::not_found: no such file. Errc::bad_configuration: readable or writable by group or
/// others (chmod 600 it), a line not understood (with its number), or the public line is not that
/// of the secret. Errc::io_error.
Result<KeyPair> read_key_file(const std::string& path);

/// Reads the public half of either kind of file; the mode is not looked at.
/// @errors as read_key_file().
Result<PublicKey> read_public_key_file(const std::string& path);

}  // namespace vigie::link
