// load_site(): the keys of a node's file, then what one key says against another.
#include <map>
#include <set>

#include "config/settings/feed_reader.hpp"
#include "config/settings/settings.hpp"
#include "config/settings/table_reader.hpp"

namespace vigie::settings {
namespace {

constexpr std::int64_t site_id_max = 64;  // members of a replica

void read_role(TableReader& reader, bool& voter, int& priority) {
  reader.choice<bool>("role", voter, {{"voter", true}, {"learner", false}});
  reader.integer("priority", priority, 0, 100);
}

void read_identity(TableReader& reader, SiteSettings& site) {
  reader.name(required("federation"), site.federation);
  reader.choice<FederationMode>(
      "mode", site.mode,
      {{"production", FederationMode::production}, {"training", FederationMode::training}});
  reader.name(required("site"), site.site);
  reader.id(required("id"), site.id, site_id_max);
  read_role(reader, site.voter, site.priority);
  reader.file(required("key_file"), site.key_file, FileKind::secret);
  reader.path(required("data_dir"), site.data_dir);
  reader.path("guard_file", site.guard_file);
  if (site.guard_file.empty()) site.guard_file = site.data_dir.string() + ".guard";
  const auto within = site.guard_file.lexically_relative(site.data_dir).string();
  if (!within.empty() && within.substr(0, 2) != "..") {
    reader.problem("guard_file", in_quotes(site.guard_file.string()),
                   "outside data_dir: it must stay when the folder is lost or rolled back");
  }
  reader.file("directory", site.directory_file, FileKind::readable);
  reader.listen("client_listen", site.client_listen);
  reader.listen("peer_listen", site.peer_listen);
  reader.listen("http_listen", site.http_listen, true);
  reader.parsed(
      "log_level", site.log_level, R"("debug", "info", "warning", "error")",
      [](std::string_view text) -> std::optional<std::string> {
        static const std::set<std::string_view> levels = {"debug", "info", "warning", "error"};
        if (levels.count(text) == 0) return std::nullopt;
        return std::string(text);
      });
}

void read_timing(TableReader& reader, Timing& timing) {
  reader.duration("heartbeat", timing.heartbeat, 10_ms, 2_s);
  reader.duration("election_min", timing.election_min, 100_ms, 60_s);
  reader.duration("election_max", timing.election_max, 200_ms, 120_s);
  reader.duration("site_unreachable_after", timing.site_unreachable_after, 500_ms, 60_s);
  // Raft, section 5.6: broadcast time well below the election time-out, and a spread that ends
  // ties.
  if (timing.election_min < timing.heartbeat * 3) {
    reader.problem(
        "election_min", in_quotes(duration_text(timing.election_min)),
        "at least three heartbeats, here " + in_quotes(duration_text(timing.heartbeat * 3)));
  }
  if (timing.election_max * 2 < timing.election_min * 3) {
    reader.problem("election_max", in_quotes(duration_text(timing.election_max)),
                   "at least 1.5 times election_min");
  }
}

void read_limits(TableReader& reader, SiteLimits& limits) {
  reader.parsed("intake_reserve", limits.intake_reserve_bytes,
                R"("auto" (256 MiB or 10 % of the disk, whichever is less), "1 MiB" to "1024 GiB")",
                [](std::string_view text) -> std::optional<std::uint64_t> {
                  if (text == "auto") return 0;
                  const auto size = parse_size(text);
                  return size && *size >= (1u << 20) ? size : std::nullopt;
                });
  reader.integer<std::uint64_t>("snapshot_every", limits.snapshot_every, 100, 10'000'000,
                                "log entries");
  reader.size("log_tail", limits.log_tail_bytes, 64 * 1024, 1ull << 30);
  reader.integer("actor_threads", limits.actor_threads, 1, 64);
  reader.integer("http_threads", limits.http_threads, 1, 64);
}

void read_peer(TableReader& reader, Peer& peer) {
  reader.name(required("site"), peer.site);
  reader.id(required("id"), peer.id, site_id_max);
  reader.connect(required("address"), peer.address);
  reader.public_key(required("key"), peer.key);
  read_role(reader, peer.voter, peer.priority);
}

// Remembers who uses a value; a second user is a problem at his own key.
class Uses {
 public:
  explicit Uses(std::string allowed) : allowed_(std::move(allowed)) {}
  void add(const TableReader& reader, std::string_view key, const std::string& value,
           const std::string& user) {
    if (value.empty()) return;
    const auto [at, fresh] = users_.try_emplace(value, user);
    if (!fresh) {
      reader.problem(key, reader.shown(key) + ", as " + at->second, allowed_);
    }
  }

 private:
  std::string allowed_;
  std::map<std::string, std::string> users_;
};

struct PeerUses {
  Uses sites{"each site once, and not this one"};
  Uses ids{"each id once, and not this site's"};
  Uses addresses{"each address once"};
  Uses keys{"each key once"};
};

void check_peer(const TableReader& reader, const Peer& peer, PeerUses& uses) {
  const std::string user = "[[peer]] " + peer.site;
  uses.sites.add(reader, "site", peer.site, user);
  uses.ids.add(reader, "id", peer.id ? std::to_string(peer.id.value) : "", user);
  uses.addresses.add(reader, "address", peer.address.port ? text_of(peer.address) : "", user);
  uses.keys.add(reader, "key", peer.key == PublicKey{} ? "" : text_of(peer.key), user);
}

// Design D15. A learner does not count.
void check_voters(const TableReader& reader, const SiteSettings& site) {
  int voters = site.voter ? 1 : 0;
  for (const Peer& peer : site.peers) voters += peer.voter ? 1 : 0;
  if (voters % 2 == 0) {
    reader.problem("role", std::to_string(voters) + " voters in all",
                   "an odd number of voters, this site and its peers: make one a learner, or add a "
                   "witness");
  }
}

void read_listeners(TableReader& reader, SiteSettings& site,
                    const std::vector<std::string>& sites) {
  Uses addresses("each address once");
  const auto add = [&](const TableReader& at, const char* key, const Endpoint& endpoint,
                       const std::string& user) {
    addresses.add(at, key, endpoint.port == 0 ? "" : text_of(endpoint), user);
  };
  add(reader, "client_listen", site.client_listen, "client_listen");
  add(reader, "peer_listen", site.peer_listen, "peer_listen");
  add(reader, "http_listen", site.http_listen, "http_listen");
  Uses names("each feed name once");
  reader.tables("feed", 64, [&](TableReader& table) {
    FeedSettings& feed = site.feeds.emplace_back();
    read_feed(table, sites, feed);
    names.add(table, "name", feed.name, "another [[feed]]");
    add(table, "listen", feed.listen, "[[feed]] " + feed.name);
  });
}

void read_site(TableReader& reader, SiteSettings& site) {
  read_identity(reader, site);
  reader.choice<Profile>(
      "profile", site.profile,
      {{"lan", Profile::lan}, {"wan", Profile::wan}, {"overseas", Profile::overseas}});
  site.timing = timing_of(site.profile);
  reader.table("timing", [&](TableReader& table) { read_timing(table, site.timing); });
  reader.table("limits", [&](TableReader& table) { read_limits(table, site.limits); });
  PeerUses uses;
  uses.sites.add(reader, "site", site.site, "site");
  uses.ids.add(reader, "id", site.id ? std::to_string(site.id.value) : "", "id");
  std::vector<std::string> sites = {site.site};
  reader.tables("peer", site_id_max - 1, [&](TableReader& table) {
    Peer& peer = site.peers.emplace_back();
    read_peer(table, peer);
    check_peer(table, peer, uses);
    sites.push_back(peer.site);
  });
  check_voters(reader, site);
  read_listeners(reader, site, sites);
}

}  // namespace

Timing timing_of(Profile profile) {
  switch (profile) {
    case Profile::lan:
      break;
    case Profile::wan:
      return {100_ms, 1000_ms, 2000_ms, 2_s};
    case Profile::overseas:
      return {250_ms, 3000_ms, 6000_ms, 6_s};
  }
  return {50_ms, 300_ms, 600_ms, 2_s};
}

Result<SiteSettings> load_site(const std::filesystem::path& path) {
  SiteSettings site;
  Problems problems(path.string());
  const auto read = read_toml(problems, [&](TableReader& reader) { read_site(reader, site); });
  if (!read) return read.error();
  return site;
}

}  // namespace vigie::settings
