// The settings of one node: what `vigied SITE.toml` reads, once, at its start.
//
// config/samples/site.toml explains every key; a test holds its defaults equal to those below. The
// directory (hospitals, people, agreements) is replicated state and lives elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/settings/feed_settings.hpp"
#include "config/settings/values.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

namespace vigie::settings {

enum class FederationMode : std::uint8_t { production, training };
/// How far the centres are apart: the design's table of timings.
enum class Profile : std::uint8_t { lan, wan, overseas };

struct Timing {
  Millis heartbeat{50};
  Millis election_min{300}, election_max{600};
  Millis site_unreachable_after{2000};
  bool operator==(const Timing&) const = default;
};
/// The design's timings for `profile`.
Timing timing_of(Profile profile);

/// What an operator may bound.
struct SiteLimits {
  std::uint64_t intake_reserve_bytes = 0;  ///< 0: min(256 MiB, 10 % of the disk), design D17
  std::uint64_t snapshot_every = 50'000;   ///< log entries between two snapshots
  std::uint64_t log_tail_bytes = 4 * 1024 * 1024;  ///< of log kept behind a snapshot
  int actor_threads = 1;
  int http_threads = 4;
  bool operator==(const SiteLimits&) const = default;
};

/// Another centre's node.
struct Peer {
  std::string site;
  SiteId id;
  Endpoint address;  ///< its peer_listen, as seen from here
  PublicKey key{};
  bool voter = true;
  int priority = 0;
  bool operator==(const Peer&) const = default;
};

struct SiteSettings {
  std::string federation;
  FederationMode mode = FederationMode::production;
  std::string site;
  SiteId id;
  std::filesystem::path key_file;
  std::filesystem::path data_dir;
  std::filesystem::path guard_file;      ///< outside data_dir; empty: data_dir + ".guard"
  std::filesystem::path directory_file;  ///< used by a federation's very first start; empty: none
  Endpoint client_listen{"127.0.0.1", 7400};
  Endpoint peer_listen{"127.0.0.1", 7401};
  Endpoint http_listen{"127.0.0.1", 7402};
  Profile profile = Profile::lan;
  Timing timing;  ///< the profile's, with [timing] over it
  bool voter = true;
  int priority = 0;                ///< leadership prefers the higher (design D15)
  std::string log_level = "info";  ///< debug, info, warning, error
  SiteLimits limits;
  std::vector<Peer> peers;
  std::vector<FeedSettings> feeds;
  bool operator==(const SiteSettings&) const = default;
};

/// Reads and checks `path`. Paths in the result that were relative begin at the file's folder.
/// @errors Errc::not_found: no such file. Errc::bad_configuration: all problems at once, a line
/// each: `FILE:LINE: KEY: got VALUE; allowed: ...`. In either case print it and exit 78.
Result<SiteSettings> load_site(const std::filesystem::path& path);

/// The file's text, with comments, for load_site() to read back: what `vigie init` writes. Paths
/// are written as they are.
std::string write_site(const SiteSettings& settings);

}  // namespace vigie::settings
