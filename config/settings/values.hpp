// Values as people write them in configuration files: addresses, networks, durations, sizes, keys.
// Each has one parser, which says yes or no, and one text that the parser reads back.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie::settings {

/// `host:port`.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};
std::string text_of(const Endpoint& endpoint);
/// An IPv4 address and a port 1..65535 (0 too if `any_port`): something to listen on.
std::optional<Endpoint> parse_listen(std::string_view text, bool any_port = false);
/// An IPv4 address or a host name, and a port 1..65535: something to connect to.
std::optional<Endpoint> parse_connect(std::string_view text);
/// 127.0.0.0/8 or "localhost".
bool is_loopback(const Endpoint& endpoint);
/// 0.0.0.0.
bool is_any_address(const Endpoint& endpoint);

/// An IPv4 network: `10.8.4.0/24`, or one address.
struct Network {
  std::uint32_t address = 0;  ///< host byte order; bits beyond the prefix are 0
  std::uint8_t prefix = 32;   ///< 1..32
  bool operator==(const Network&) const = default;
  /// Is `address` (host byte order) inside?
  bool contains(std::uint32_t other) const;
};
std::string text_of(const Network& network);
/// Refuses /0 and addresses with bits beyond the prefix: both are usually slips.
std::optional<Network> parse_network(std::string_view text);

/// Whole numbers with a unit: `250 ms`, `30 s`, `45 min`, `12 h`; at most 10,000 h.
std::optional<Millis> parse_duration(std::string_view text);
/// With the largest unit that keeps it whole.
std::string duration_text(Millis duration);

/// Whole numbers with a unit: `64 KiB`, `256 MiB`, `1 GiB`; at most 1,024 GiB.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// With the largest unit that keeps it whole; sizes are multiples of 1 KiB.
std::string size_text(std::uint64_t bytes);

/// Midnight UTC of a day of the years 1970 to 9999; nothing for one that is none.
std::optional<UtcTime> utc_midnight(int year, unsigned month, unsigned day);
/// 2026-11-22: the day that `time` is in.
std::string date_text(UtcTime time);

/// 2026-11-22T17:00:00Z: the second that `time` is in.
std::string moment_text(UtcTime time);

/// A CURVE public key: 40 signs of Z85 (as `vigie key new` prints it), or 64 hexadecimal digits.
std::optional<PublicKey> parse_public_key(std::string_view text);
/// Z85.
std::string text_of(const PublicKey& key);

/// 1 to 32 of a-z, 0-9 and '-', beginning with a letter or digit: names of sites, feeds, hospitals.
bool is_name(std::string_view text);
/// 9 digits; the second may be A or B (Corsica).
bool is_finess(std::string_view text);
/// 11 digits.
bool is_rpps(std::string_view text);

/// `text` in double quotes as TOML and problems show it; control signs as \uXXXX.
std::string in_quotes(std::string_view text);

}  // namespace vigie::settings
