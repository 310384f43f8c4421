#include "actors/core/hl7/charset.hpp"

#include <array>

namespace vigie::hl7 {
namespace {

constexpr std::uint32_t no_character = 0xFFFD;

/// 80..9F of Windows-1252; 0 has no reading.
constexpr std::array<std::uint16_t, 32> windows1252_high = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

struct Pair {
  std::uint32_t byte;
  std::uint32_t character;
};
/// Where 8859/15 differs from 8859/1.
constexpr std::array<Pair, 8> latin9_differences = {{{0xA4, 0x20AC},
                                                     {0xA6, 0x0160},
                                                     {0xA8, 0x0161},
                                                     {0xB4, 0x017D},
                                                     {0xB8, 0x017E},
                                                     {0xBC, 0x0152},
                                                     {0xBD, 0x0153},
                                                     {0xBE, 0x0178}}};

struct Transliteration {
  std::uint32_t character;
  std::string_view text;
};
/// For sets that lack the character. No text here may hold an HL7 separator: | ^ ~ \ &.
constexpr Transliteration transliterations[] = {
    {0x0152, "OE"},  {0x0153, "oe"},  {0x2018, "'"},    {0x2019, "'"},   {0x201A, "'"},
    {0x02BC, "'"},   {0x201C, "\""},  {0x201D, "\""},   {0x201E, "\""},  {0x2026, "..."},
    {0x2010, "-"},   {0x2011, "-"},   {0x2012, "-"},    {0x2013, "-"},   {0x2014, "-"},
    {0x2015, "-"},   {0x2212, "-"},   {0x2022, "-"},    {0x20AC, "EUR"}, {0x0160, "S"},
    {0x0161, "s"},   {0x017D, "Z"},   {0x017E, "z"},    {0x0178, "Y"},   {0x2264, "<="},
    {0x2265, ">="},  {0x2192, "->"},  {0x202F, " "},    {0x2009, " "},   {0x2002, " "},
    {0x2003, " "},   {0x00A0, " "},   {0x2122, "(TM)"}, {0x00BC, "1/4"}, {0x00BD, "1/2"},
    {0x00BE, "3/4"}, {0x00AB, "\""},  {0x00BB, "\""},   {0x00B0, "deg"}, {0x00B5, "u"},
    {0x03BC, "u"},   {0x00B1, "+/-"}, {0x00B2, "2"},    {0x00B3, "3"},   {0x00B7, "."},
    {0x00D7, "x"},   {0x00C6, "AE"},  {0x00E6, "ae"},   {0x00DF, "ss"},  {0x00D8, "O"},
    {0x00F8, "o"},   {0x200B, ""},    {0xFEFF, ""},     {0x2032, "'"},   {0x2033, "\""}};

/// C0..FF of Latin-1 without accents, for ASCII; ' ' has none.
constexpr std::string_view latin1_bare =
    "AAAAAA CEEEEIIII NOOOOO  UUUUY  aaaaaa ceeeeiiii nooooo  uuuuy y";

void append(std::string& out, std::uint32_t c) {
  const auto byte = [&out](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6));
    byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3F));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

struct Sign {
  std::uint32_t character = no_character;
  std::size_t length = 1;  ///< bytes taken; 1 for a bad byte
  bool good = false;
};

/// The sign at `at` of UTF-8 text (RFC 3629).
Sign sign_at(std::string_view bytes, std::size_t at) {
  const auto get = [&](std::size_t i) -> std::uint32_t {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
  };
  const std::uint32_t lead = get(at);
  if (lead < 0x80) {
    return {lead, 1, true};
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) {
    return {};
  }
  std::uint32_t c = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((get(at + i) & 0xC0) != 0x80) {
      return {};
    }
    c = (c << 6) | (get(at + i) & 0x3F);
  }
  constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
    return {};
  }
  return {c, length, true};
}

/// One byte of a one-byte set; sets `bad` when it is not text there.
std::uint32_t from_byte(unsigned char byte, Charset charset, bool& bad) {
  if (byte == 0) {
    bad = true;
    return no_character;
  }
  if (byte < 0x80) {
    return byte;
  }
  if (charset == Charset::ascii) {
    bad = true;
    return no_character;
  }
  if (byte < 0xA0) {
    const std::uint32_t c = windows1252_high[byte - 0x80u];
    bad = bad || charset != Charset::windows1252 || c == 0;
    return c == 0 ? no_character : c;
  }
  if (charset == Charset::latin9) {
    for (const auto& [b, c] : latin9_differences) {
      if (b == byte) {
        return c;
      }
    }
  }
  return byte;
}

/// The byte for `c` in `charset`, or -1.
int to_byte(std::uint32_t c, Charset charset) {
  if (c < 0x80) {
    return static_cast<int>(c);
  }
  if (charset == Charset::ascii) {
    return -1;
  }
  if (charset == Charset::latin9) {
    for (const auto& [b, other] : latin9_differences) {
      if (other == c) {
        return static_cast<int>(b);
      }
      if (b == c) {
        return -1;
      }
    }
  }
  if (charset == Charset::windows1252) {
    for (std::size_t i = 0; i < windows1252_high.size(); ++i) {
      if (windows1252_high[i] == c) {
        return static_cast<int>(0x80 + i);
      }
    }
  }
  return c >= 0xA0 && c <= 0xFF ? static_cast<int>(c) : -1;
}

std::string_view transliterate(std::uint32_t c) {
  for (const auto& [character, text] : transliterations) {
    if (character == c) {
      return text;
    }
  }
  if (c >= 0xC0 && c <= 0xFF && latin1_bare[c - 0xC0] != ' ') {
    return latin1_bare.substr(c - 0xC0, 1);
  }
  return c >= 0x0300 && c <= 0x036F ? "" : "?";  // combining accents fall off their letter
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string canonical(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') {
      out.push_back(static_cast<char>(c - 'a' + 'A'));
    } else if (!is_space(c) && c != '-' && c != '_' && c != '/') {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

std::optional<Charset> charset_of(std::string_view name) {
  constexpr std::pair<std::string_view, Charset> known[] = {{"UNICODEUTF8", Charset::utf8},
                                                            {"UTF8", Charset::utf8},
                                                            {"885915", Charset::latin9},
                                                            {"ISO885915", Charset::latin9},
                                                            {"ISOIR203", Charset::latin9},
                                                            {"88591", Charset::latin1},
                                                            {"ISO88591", Charset::latin1},
                                                            {"ISOIR100", Charset::latin1},
                                                            {"ASCII", Charset::ascii},
                                                            {"USASCII", Charset::ascii},
                                                            {"ISOIR6", Charset::ascii},
                                                            {"CP1252", Charset::windows1252},
                                                            {"WINDOWS1252", Charset::windows1252}};
  const std::string wanted = canonical(name);
  for (const auto& [text, charset] : known) {
    if (text == wanted) {
      return charset;
    }
  }
  return std::nullopt;
}

std::string_view name_of(Charset charset) {
  switch (charset) {
    case Charset::ascii:
      return "ASCII";
    case Charset::utf8:
      return "UNICODE UTF-8";
    case Charset::latin1:
      return "8859/1";
    case Charset::latin9:
      return "8859/15";
    case Charset::windows1252:
      return "8859/1";  // HL7 table 0211 has no name for it
  }
  return "UNICODE UTF-8";
}

Decoded decode(std::string_view bytes, Charset charset) {
  Decoded out{{}, charset, false};
  out.text.reserve(bytes.size() + bytes.size() / 8);
  if (charset != Charset::utf8) {
    for (const char c : bytes) {
      append(out.text, from_byte(static_cast<unsigned char>(c), charset, out.bad));
    }
    return out;
  }
  while (bytes.starts_with("\xEF\xBB\xBF")) {  // one more would be the mark of what we write
    bytes.remove_prefix(3);
  }
  for (std::size_t i = 0; i < bytes.size();) {
    const Sign sign = sign_at(bytes, i);
    const bool good = sign.good && sign.character != 0;
    append(out.text, good ? sign.character : no_character);
    out.bad = out.bad || !good;
    i += sign.length;
  }
  return out;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const Sign sign = sign_at(bytes, i);
    if (!sign.good) {
      return false;
    }
    i += sign.length;
  }
  return true;
}

Decoded decode_message(std::string_view bytes, std::string_view msh18, char repetition,
                       std::optional<Charset> of_feed) {
  while (!msh18.empty()) {
    const std::size_t end = msh18.find(repetition);
    if (const auto charset = charset_of(msh18.substr(0, end))) {
      return decode(bytes, *charset);
    }
    msh18 = end == std::string_view::npos ? std::string_view{} : msh18.substr(end + 1);
  }
  if (of_feed) {
    return decode(bytes, *of_feed);
  }
  return decode(bytes, is_utf8(bytes) ? Charset::utf8 : Charset::windows1252);
}

std::string encode(std::string_view text, Charset charset) {
  if (charset == Charset::utf8) {
    return is_utf8(text) ? std::string(text) : decode(text, Charset::utf8).text;
  }
  if (charset == Charset::windows1252) {
    charset = Charset::latin1;  // it goes out under the name 8859/1
  }
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Sign sign = sign_at(text, i);
    const int byte = sign.good ? to_byte(sign.character, charset) : -1;
    if (byte >= 0) {
      out.push_back(static_cast<char>(byte));
    } else {
      out += transliterate(sign.character);
    }
    i += sign.length;
  }
  return out;
}

std::string_view truncate(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace vigie::hl7
