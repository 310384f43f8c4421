// write_site(): what a generated node's file looks like. Values equal to the default are left out
// where a reader would only be distracted.
#include "config/settings/feed_reader.hpp"
#include "config/settings/settings.hpp"
#include "config/settings/toml_writer.hpp"

namespace vigie::settings {
namespace {

// The name of enumerator `value`, the names being in the order of the enumeration.
template <class Enum, std::size_t N>
std::string_view named(const char* const (&names)[N], Enum value) {
  return names[static_cast<std::size_t>(value)];
}

void write_identity(TomlWriter& out, const SiteSettings& site) {
  constexpr const char* modes[] = {"production", "training"};
  out.comment("The node of " + site.site + ". Every key is explained in config/samples/site.toml.");
  out.text("federation", site.federation).text("mode", named(modes, site.mode));
  out.text("site", site.site).number("id", site.id.value);
  out.text("role", site.voter ? "voter" : "learner");
  out.number("priority", site.priority, "leadership prefers the higher");
  out.text("key_file", site.key_file.string(), "secret: mode 0600");
  out.text("data_dir", site.data_dir.string());
  const bool is_usual = site.guard_file == site.data_dir.string() + ".guard";
  if (!site.guard_file.empty() && !is_usual) out.text("guard_file", site.guard_file.string());
  if (!site.directory_file.empty()) {
    out.text("directory", site.directory_file.string(), "for the federation's first start only");
  }
  out.text("client_listen", text_of(site.client_listen));
  out.text("peer_listen", text_of(site.peer_listen));
  out.text("http_listen", text_of(site.http_listen), "/metrics, /healthz, /readyz");
  out.text("log_level", site.log_level);
}

void write_timing(TomlWriter& out, const SiteSettings& site) {
  constexpr const char* profiles[] = {"lan", "wan", "overseas"};
  out.text("profile", named(profiles, site.profile));
  const Timing usual = timing_of(site.profile);
  if (site.timing == usual) return;
  out.header("timing");
  out.text("heartbeat", duration_text(site.timing.heartbeat));
  out.text("election_min", duration_text(site.timing.election_min));
  out.text("election_max", duration_text(site.timing.election_max));
  out.text("site_unreachable_after", duration_text(site.timing.site_unreachable_after));
}

void write_limits(TomlWriter& out, const SiteLimits& limits) {
  if (limits == SiteLimits{}) return;
  out.header("limits");
  out.text("intake_reserve",
           limits.intake_reserve_bytes == 0 ? "auto" : size_text(limits.intake_reserve_bytes));
  out.number("snapshot_every", limits.snapshot_every)
      .text("log_tail", size_text(limits.log_tail_bytes));
  out.number("actor_threads", limits.actor_threads).number("http_threads", limits.http_threads);
}

void write_peer(TomlWriter& out, const Peer& peer) {
  out.item("peer").text("site", peer.site).number("id", peer.id.value);
  out.text("address", text_of(peer.address)).text("key", text_of(peer.key));
  out.text("role", peer.voter ? "voter" : "learner").number("priority", peer.priority);
}

void write_connection(TomlWriter& out, const FeedSettings& feed) {
  constexpr const char* transports[] = {"loopback", "tls", "vpn"};
  std::vector<std::string> networks;
  for (const Network& network : feed.allow_from) networks.push_back(text_of(network));
  out.text("listen", text_of(feed.listen)).list_if("allow_from", networks);
  out.text("transport", named(transports, feed.transport));
  out.text_if("client_ca", feed.client_ca.string())
      .text_if("server_cert", feed.server_cert.string());
  out.text_if("server_key", feed.server_key.string());
  if (feed.results) out.text("results", results_text(*feed.results));
}

void write_dialect(TomlWriter& out, const FeedSettings& feed) {
  constexpr const char* profiles[] = {"swf", "tlr", "custom"};
  out.text("profile", named(profiles, feed.profile));
  out.text("key", feed.key == FeedKey::placer ? "placer" : "accession");
  out.boolean("accession_in_obr3", feed.accession_in_obr3);
  out.text_if("authority", feed.authority).text_if("charset", feed.charset);
  out.text("version", feed.version).text("text", feed.text == FeedText::ft ? "ft" : "tx");
  out.text("ack", feed.ack == FeedAck::aa ? "aa" : "ca");
  out.boolean("preliminary", feed.preliminary).boolean("sections", feed.sections);
  out.text("addendum", feed.addendum == FeedAddendum::whole ? "whole" : "append");
  out.boolean("cda", feed.cda);
  out.text("protocol_ack", feed.protocol_ack == FeedProtocolAck::none ? "none" : "client");
  out.text("refusal", feed.refusal == FeedRefusal::message ? "message" : "ae");
  out.text_if("callback_phone", feed.callback_phone).text_if("platform", feed.platform);
  if (!feed.silent_after.empty()) out.text("silent_after", silence_text(feed.silent_after));
}

void write_feed(TomlWriter& out, const FeedSettings& feed) {
  constexpr const char* sides[] = {"none", "left", "right", "both"};
  out.item("feed").text("name", feed.name).list("establishments", feed.establishments);
  write_connection(out, feed);
  out.list_if("doors", feed.doors);
  write_dialect(out, feed);
  if (!feed.identifiers.empty()) out.header("feed.identifiers");
  for (const FeedIdentifiers& ids : feed.identifiers) {
    std::vector<std::string> all = ids.finess;
    all.insert(all.end(), ids.aliases.begin(), ids.aliases.end());
    out.list(ids.establishment, all);
  }
  for (const FeedProcedure& procedure : feed.procedures) {
    out.item("feed.procedure").text("code", procedure.code);
    out.text_if("modality", name_of(procedure.modality));
    out.text_if("region", name_of(procedure.region));
    out.text("side", named(sides, procedure.side)).text_if("pathway", procedure.pathway);
  }
}

}  // namespace

std::string write_site(const SiteSettings& settings) {
  TomlWriter out;
  write_identity(out, settings);
  write_timing(out, settings);
  write_limits(out, settings.limits);
  for (const Peer& peer : settings.peers) write_peer(out, peer);
  for (const FeedSettings& feed : settings.feeds) write_feed(out, feed);
  return out.str();
}

}  // namespace vigie::settings
