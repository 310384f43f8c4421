#include "config/settings/values.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace vigie::settings {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

template <class Int>
std::optional<Int> parse_number(std::string_view text) {
  Int value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

bool is_host_name(std::string_view text) {
  const auto allowed = [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), allowed) &&
         std::any_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_upper(c); });
}

std::optional<Endpoint> parse_endpoint(std::string_view text, bool names, bool any_port) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port || (*port == 0 && !any_port)) return std::nullopt;
  if (!parse_ipv4(host) && !(names && is_host_name(host))) return std::nullopt;
  return Endpoint{std::string(host), *port};
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array<Unit, 4> time_units = {
    {{"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 3> size_units = {
    {{"GiB", 1ll << 30}, {"MiB", 1ll << 20}, {"KiB", 1ll << 10}}};

// `12 h`: digits, at most one blank, a unit.
template <std::size_t N>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const std::array<Unit, N>& units,
                                            std::int64_t most) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = static_cast<std::size_t>(end - text.begin());
  const auto number = parse_number<std::int64_t>(text.substr(0, digits));
  std::string_view unit = text.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto at =
      std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
  if (!number || at == units.end() || *number > most / at->factor) return std::nullopt;
  return *number * at->factor;
}

template <std::size_t N>
std::string with_unit(std::int64_t value, const std::array<Unit, N>& units) {
  const auto at = std::find_if(units.begin(), units.end() - 1, [&](const Unit& u) {
    return value >= u.factor && value % u.factor == 0;
  });
  return std::to_string(value / at->factor) + ' ' + std::string(at->name);
}

// Z85: ZeroMQ RFC 32. Four bytes, most significant first, are five signs.
constexpr std::string_view z85_signs =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

std::optional<PublicKey> parse_z85(std::string_view text) {
  PublicKey key{};
  for (std::size_t group = 0; group < 8; ++group) {
    std::uint64_t value = 0;
    for (const char c : text.substr(group * 5, 5)) {
      const auto digit = z85_signs.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * 85 + digit;
    }
    if (value > 0xffffffffull) return std::nullopt;
    for (std::size_t i = 0; i < 4; ++i) {
      key[group * 4 + i] = static_cast<std::uint8_t>(value >> (8 * (3 - i)));
    }
  }
  return key;
}

std::optional<PublicKey> parse_hex(std::string_view text) {
  PublicKey key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const auto [end, failed] = std::from_chars(at, at + 2, key[i], 16);
    if (failed != std::errc{} || end != at + 2) return std::nullopt;
  }
  return key;
}

}  // namespace

std::string text_of(const Endpoint& endpoint) {
  return endpoint.host + ':' + std::to_string(endpoint.port);
}
std::optional<Endpoint> parse_listen(std::string_view text, bool any_port) {
  return parse_endpoint(text, false, any_port);
}
std::optional<Endpoint> parse_connect(std::string_view text) {
  return parse_endpoint(text, true, false);
}
bool is_loopback(const Endpoint& endpoint) {
  return endpoint.host == "localhost" || endpoint.host.starts_with("127.");
}
bool is_any_address(const Endpoint& endpoint) { return parse_ipv4(endpoint.host) == 0u; }

bool Network::contains(std::uint32_t other) const {
  return ((other ^ address) >> (32 - prefix)) == 0;
}

std::string text_of(const Network& network) {
  const in_addr address{htonl(network.address)};
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &address, text, sizeof text);
  return std::string(text) + '/' + std::to_string(network.prefix);
}

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ipv4(text.substr(0, slash));
  const auto prefix = slash == std::string_view::npos
                          ? std::optional<std::uint8_t>(std::uint8_t{32})
                          : parse_number<std::uint8_t>(text.substr(slash + 1));
  if (!address || !prefix || *prefix < 1 || *prefix > 32) return std::nullopt;
  const std::uint64_t host_bits = (1ull << (32 - *prefix)) - 1;
  if ((*address & host_bits) != 0) return std::nullopt;
  return Network{*address, *prefix};
}

std::optional<Millis> parse_duration(std::string_view text) {
  const auto value = parse_with_unit(text, time_units, 10'000ll * 3'600'000);
  return value ? std::optional<Millis>(Millis{*value}) : std::nullopt;
}
std::string duration_text(Millis duration) { return with_unit(duration.value, time_units); }

std::optional<UtcTime> utc_midnight(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok() || year < 1970 || year > 9999) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  return UtcTime{} + 24_h * days;
}

std::string date_text(UtcTime time) {
  const std::chrono::sys_days days{std::chrono::days{time.value / (24_h).value}};
  const std::chrono::year_month_day date{days};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

std::string moment_text(UtcTime time) {
  const std::int64_t second = time.value % (24_h).value / (1_s).value;
  char text[32];
  std::snprintf(text, sizeof text, "T%02d:%02d:%02dZ", static_cast<int>(second / 3600),
                static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  return date_text(time) + text;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto value = parse_with_unit(text, size_units, 1ll << 40);
  return value ? std::optional<std::uint64_t>(static_cast<std::uint64_t>(*value)) : std::nullopt;
}
std::string size_text(std::uint64_t bytes) {
  return with_unit(static_cast<std::int64_t>(bytes), size_units);
}

std::optional<PublicKey> parse_public_key(std::string_view text) {
  if (text.size() == 40) return parse_z85(text);
  if (text.size() == 64) return parse_hex(text);
  return std::nullopt;
}

std::string text_of(const PublicKey& key) {
  std::string text;
  for (std::size_t group = 0; group < 8; ++group) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | key[group * 4 + i];
    char signs[5];
    for (std::size_t i = 5; i-- > 0; value /= 85) signs[i] = z85_signs[value % 85];
    text.append(signs, 5);
  }
  return text;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 && text.front() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}
bool is_finess(std::string_view text) {
  return text.size() == 9 && is_digit(text[0]) &&
         (is_digit(text[1]) || text[1] == 'A' || text[1] == 'B') && all_digits(text.substr(2));
}
bool is_rpps(std::string_view text) { return text.size() == 11 && all_digits(text); }

std::string in_quotes(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace vigie::settings
