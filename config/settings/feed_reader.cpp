#include "config/settings/feed_reader.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "messages/types/limits.hpp"

namespace vigie::settings {
namespace {

constexpr std::array<std::string_view, 4> band_names = {"always", "day", "evening", "night"};
constexpr std::array<std::string_view, 5> charsets = {"UNICODE UTF-8", "8859/15", "8859/1", "ASCII",
                                                      "windows-1252"};
constexpr std::array<std::string_view, 11> versions = {"2.1",   "2.2", "2.3", "2.3.1", "2.4", "2.5",
                                                       "2.5.1", "2.6", "2.7", "2.7.1", "2.8"};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

template <std::size_t N>
bool one_of(TableReader& reader, Key key, std::string& out,
            const std::array<std::string_view, N>& values) {
  std::string allowed;
  for (const auto value : values) allowed += (allowed.empty() ? "" : ", ") + in_quotes(value);
  return reader.parsed(key, out, allowed, [&](std::string_view text) {
    return std::find(values.begin(), values.end(), text) != values.end()
               ? std::optional<std::string>(text)
               : std::nullopt;
  });
}

std::optional<std::string> as_name(std::string_view text) {
  return is_name(text) ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<std::string> as_text(std::string_view text) {
  return !text.empty() && text.size() <= limits::name_bytes ? std::optional<std::string>(text)
                                                            : std::nullopt;
}

// Struct_IdNat is "1" and the FINESS number.
std::string_view finess_of(std::string_view text) {
  if (is_finess(text)) return text;
  if (text.size() == 10 && text[0] == '1' && is_finess(text.substr(1))) return text.substr(1);
  return {};
}

void read_connection(TableReader& reader, FeedSettings& feed) {
  reader.listen(required("listen"), feed.listen);
  reader.list<Network>("allow_from", feed.allow_from, 1, 64,
                       "a network \"A.B.C.D/N\", N 1 to 32, or one address", parse_network);
  reader.choice<Transport>(
      "transport", feed.transport,
      {{"loopback", Transport::loopback}, {"tls", Transport::tls}, {"vpn", Transport::vpn}});
  reader.file("client_ca", feed.client_ca, FileKind::readable);
  reader.file("server_cert", feed.server_cert, FileKind::readable);
  reader.file("server_key", feed.server_key, FileKind::secret);
  ResultsAddress results;
  if (reader.parsed("results", results, "\"mllp://HOST:PORT\" or \"mllps://HOST:PORT\"",
                    parse_results)) {
    feed.results = results;
  }
}

// Design D10: MLLP is the one plain door, and never open to a network that nobody vouches for.
void check_transport(const TableReader& reader, const FeedSettings& feed) {
  const bool plain = feed.transport == Transport::loopback;
  if (is_any_address(feed.listen)) {
    reader.problem("listen", reader.shown("listen"),
                   "one address of this machine: 0.0.0.0 is refused for MLLP");
  } else if (plain && !feed.listen.host.empty() && !is_loopback(feed.listen)) {
    reader.problem(
        "listen", reader.shown("listen") + " in the clear",
        "an address in 127.0.0.0/8, or transport = \"tls\", or transport = \"vpn\" where "
        "the network encrypts");
  }
  if (feed.transport == Transport::tls) {
    for (const char* key : {"client_ca", "server_cert", "server_key"}) {
      if (!reader.has(key)) reader.problem(key, "nothing", "a file: transport = \"tls\" needs it");
    }
  }
  if (!plain && !reader.has("allow_from")) {
    reader.problem("allow_from", "nothing",
                   "the hospital's networks: transport \"tls\" and \"vpn\" need them");
  }
  if (feed.results && !feed.results->tls && feed.transport != Transport::vpn &&
      !is_loopback(feed.results->endpoint)) {
    reader.problem(
        "results", reader.shown("results") + " in the clear",
        "mllps://, a loopback address, or transport = \"vpn\" where the network encrypts");
  }
}

void read_dialect(TableReader& reader, FeedSettings& feed) {
  reader.choice<FeedProfile>(
      "profile", feed.profile,
      {{"swf", FeedProfile::swf}, {"tlr", FeedProfile::tlr}, {"custom", FeedProfile::custom}});
  reader.choice<FeedKey>("key", feed.key,
                         {{"placer", FeedKey::placer}, {"accession", FeedKey::accession}});
  reader.boolean("accession_in_obr3", feed.accession_in_obr3);
  reader.text("authority", feed.authority, 0, limits::name_bytes);
  one_of(reader, "charset", feed.charset, charsets);
  one_of(reader, "version", feed.version, versions);
  reader.choice<FeedText>("text", feed.text, {{"ft", FeedText::ft}, {"tx", FeedText::tx}});
  reader.choice<FeedAck>("ack", feed.ack, {{"aa", FeedAck::aa}, {"ca", FeedAck::ca}});
  reader.boolean("preliminary", feed.preliminary);
  reader.boolean("sections", feed.sections);
  reader.choice<FeedAddendum>("addendum", feed.addendum,
                              {{"whole", FeedAddendum::whole}, {"append", FeedAddendum::append}});
  reader.boolean("cda", feed.cda);
  reader.choice<FeedProtocolAck>(
      "protocol_ack", feed.protocol_ack,
      {{"none", FeedProtocolAck::none}, {"client", FeedProtocolAck::client}});
  reader.choice<FeedRefusal>("refusal", feed.refusal,
                             {{"message", FeedRefusal::message}, {"ae", FeedRefusal::ae}});
  reader.text("callback_phone", feed.callback_phone, 0, limits::name_bytes);
  reader.text("platform", feed.platform, 0, limits::name_bytes);
  reader.parsed("silent_after", feed.silent_after,
                "\"BAND: TIME, ...\", BAND always, day, evening or night, TIME 1 min to 168 h",
                parse_silence);
}

void read_identifiers(TableReader& reader, FeedSettings& feed) {
  std::set<std::string> seen;
  for (const std::string& name : reader.keys()) {
    std::vector<std::string> texts;
    reader.list<std::string>(name.c_str(), texts, 1, 32, "a text of 1 to 128 bytes", as_text);
    if (std::find(feed.establishments.begin(), feed.establishments.end(), name) ==
        feed.establishments.end()) {
      reader.problem(name, in_quotes(name), "an establishment of this feed");
    }
    FeedIdentifiers found{name, {}, {}};
    for (const std::string& text : texts) {
      const std::string_view finess = finess_of(text);
      const std::string id(finess.empty() ? std::string_view(text) : finess);
      if (!seen.insert(id).second) {
        reader.problem(name, in_quotes(text) + " again", "each identifier once in a feed");
      }
      (finess.empty() ? found.aliases : found.finess).push_back(id);
    }
    feed.identifiers.push_back(std::move(found));
  }
}

void read_procedure(TableReader& reader, FeedProcedure& procedure) {
  reader.text(required("code"), procedure.code, 1, limits::name_bytes);
  reader.parsed("modality", procedure.modality, "CT, MR, CR, DX, US, XA, NM, PT, MG, OT",
                [](std::string_view text) -> std::optional<Modality> {
                  const Modality found = modality_of(text);
                  if (found == Modality::unknown) return std::nullopt;
                  return found;
                });
  reader.parsed("region", procedure.region,
                "head, neck, chest, abdomen_pelvis, spine, limb, whole_body",
                [](std::string_view text) -> std::optional<Region> {
                  const Region found = region_of(text);
                  if (found == Region::unknown) return std::nullopt;
                  return found;
                });
  reader.choice<Side>(
      "side", procedure.side,
      {{"none", Side::none}, {"left", Side::left}, {"right", Side::right}, {"both", Side::both}});
  reader.text("pathway", procedure.pathway, 0, limits::name_bytes);
}

}  // namespace

void read_feed(TableReader& reader, const std::vector<std::string>& sites, FeedSettings& feed) {
  reader.name(required("name"), feed.name);
  reader.list<std::string>(required("establishments"), feed.establishments, 1, 64,
                           "a name of the directory (1 to 32 of a-z, 0-9 and -)", as_name);
  read_connection(reader, feed);
  check_transport(reader, feed);
  reader.list<std::string>("doors", feed.doors, 1, 16, "this site or one of its peers",
                           [&](std::string_view text) -> std::optional<std::string> {
                             if (std::find(sites.begin(), sites.end(), text) == sites.end()) {
                               return std::nullopt;
                             }
                             return std::string(text);
                           });
  read_dialect(reader, feed);
  reader.table("identifiers", [&](TableReader& table) { read_identifiers(table, feed); });
  reader.tables("procedure", 1024,
                [&](TableReader& table) { read_procedure(table, feed.procedures.emplace_back()); });
}

std::optional<std::vector<SilenceRule>> parse_silence(std::string_view text) {
  std::vector<SilenceRule> rules;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto colon = part.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto band =
        std::find(band_names.begin(), band_names.end(), trimmed(part.substr(0, colon)));
    const auto after = parse_duration(trimmed(part.substr(colon + 1)));
    if (band == band_names.end() || !after || *after < 1_min || *after > 168_h) {
      return std::nullopt;
    }
    rules.push_back({static_cast<Band>(band - band_names.begin()), *after});
  }
  return rules;
}

std::string silence_text(const std::vector<SilenceRule>& rules) {
  std::string text;
  for (const SilenceRule& rule : rules) {
    if (!text.empty()) text += ", ";
    text += band_names[static_cast<std::size_t>(rule.band)];
    text += ": " + duration_text(rule.after);
  }
  return text;
}

std::optional<ResultsAddress> parse_results(std::string_view text) {
  constexpr std::string_view plain = "mllp://";
  constexpr std::string_view tls = "mllps://";
  const bool is_tls = text.starts_with(tls);
  if (!is_tls && !text.starts_with(plain)) return std::nullopt;
  const auto endpoint = parse_connect(text.substr(is_tls ? tls.size() : plain.size()));
  if (!endpoint) return std::nullopt;
  return ResultsAddress{is_tls, *endpoint};
}

std::string results_text(const ResultsAddress& results) {
  return (results.tls ? "mllps://" : "mllp://") + text_of(results.endpoint);
}

}  // namespace vigie::settings
