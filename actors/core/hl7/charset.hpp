// Character sets of HL7 v2 in France: what MSH-18 says, what the bytes say, and UTF-8 in between.
//
// Inside Vigie all text is UTF-8. Bytes that cannot be read never refuse an order: they become
// U+FFFD and a flag (interfaces §1.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vigie::hl7 {

enum class Charset : std::uint8_t { ascii, utf8, latin1, latin9, windows1252 };

/// The set that one repetition of MSH-18 names; nullopt when empty or not known. Also accepts the
/// usual other spellings (UTF-8, ISO-8859-1, ISO IR100, CP1252).
std::optional<Charset> charset_of(std::string_view name);
/// As MSH-18 writes it: "UNICODE UTF-8", "8859/15", "8859/1", "ASCII".
std::string_view name_of(Charset charset);

struct Decoded {
  std::string text;  ///< valid UTF-8 that starts with no byte order mark
  Charset charset = Charset::utf8;
  bool bad = false;  ///< some bytes were not text in `charset`
};

/// Reads `bytes` as `charset`. 80..9F in 8859/1 and 8859/15 is read as Windows-1252 and flagged:
/// it is what such senders mean. What has no reading becomes U+FFFD, flagged. Cost: linear.
Decoded decode(std::string_view bytes, Charset charset);

/// True when `bytes` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view bytes);

/// Chooses and decodes: the first known repetition of MSH-18, else `of_feed`, else UTF-8 if it
/// decodes, else Windows-1252. `msh18` is raw, with `repetition` between repetitions.
Decoded decode_message(std::string_view bytes, std::string_view msh18, char repetition,
                       std::optional<Charset> of_feed);

/// Writes UTF-8 `text` as `charset`. What the set lacks is transliterated (oe, ', ..., -) or '?';
/// never into a character that could separate HL7 fields. Total; bad UTF-8 gives '?'.
std::string encode(std::string_view text, Charset charset);

/// The longest start of `text` with at most `bytes_max` bytes that cuts no UTF-8 sign in two.
std::string_view truncate(std::string_view text, std::size_t bytes_max);

}  // namespace vigie::hl7
