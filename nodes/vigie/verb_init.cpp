// vigie init DIR: a demonstration federation in one folder.
#include "nodes/vigie/cli.hpp"
#include "nodes/vigie/demonstration.hpp"

namespace vigie::cli {
namespace {

struct InitFlags {
  std::string folder;
  std::vector<std::string> sites;
  std::uint16_t base_port = 7400;
  std::string reports;
  int extra_readers = 0;
  std::string profile = "lan";
  bool training = false;
};

/// "lyon" or "bordeaux=10.0.0.2:7400".
Result<DemoSite> parse_site(const std::string& text) {
  const auto equals = text.find('=');
  DemoSite site{text.substr(0, equals), {}, 0};
  if (equals == std::string::npos) return site;
  const auto address = settings::parse_connect(text.substr(equals + 1));
  if (!address || address->port > 65'500) {
    return Error{Errc::bad_value, "--site " + text + ": NAME or NAME=HOST:PORT"};
  }
  site.host = address->host;
  site.port = address->port;
  return site;
}

int init(const Globals& globals, const InitFlags& flags) {
  DemoWish wish;
  wish.folder = flags.folder;
  wish.base_port = flags.base_port;
  wish.extra_readers = flags.extra_readers;
  wish.profile = flags.profile;
  wish.training = flags.training;
  wish.reports = {"127.0.0.1", static_cast<std::uint16_t>(flags.base_port + 99)};
  if (!flags.reports.empty()) {
    const auto address = settings::parse_connect(flags.reports);
    if (!address) return complain({Errc::bad_value, "--listener " + flags.reports + ": HOST:PORT"});
    wish.reports = *address;
  }
  auto names = flags.sites;
  if (names.empty()) names = {"lyon", "bordeaux", "marseille"};
  for (const std::string& name : names) {
    const auto site = parse_site(name);
    if (!site) return complain(site.error());
    wish.sites.push_back(*site);
  }
  const auto made = make_demonstration(wish);
  if (!made) return complain(made.error());
  Json files = Json::array();
  std::string text = "A demonstration federation is in " + flags.folder + ". Start its nodes:\n";
  for (const auto& file : made->site_files) {
    files.push_back(file.string());
    text += "  vigied " + file.string() + " &\n";
  }
  text += "then look at it:\n  vigie -C " + made->client_file.string() + " status";
  tell(globals,
       {{"client", made->client_file.string()},
        {"directory", (wish.folder / "directory.toml").string()},
        {"sites", files},
        {"people", made->people},
        {"feeds_per_site", made->feeds}},
       text);
  return Exit::ok;
}

}  // namespace

void add_init(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "init",
      "make a demonstration federation in DIR: a key, people and hospitals for each, "
      "DIR/SITE/site.toml, DIR/directory.toml, DIR/client.toml, DIR/people/*.toml. Prints how to "
      "start it. JSON: client, directory, sites, people, feeds_per_site");
  auto flags = std::make_shared<InitFlags>();
  verb->add_option("DIR", flags->folder, "folder to make")->required();
  verb->add_option("--site", flags->sites,
                   "NAME or NAME=HOST:PORT of a centre, once for each, an odd number (default: "
                   "lyon, bordeaux, marseille)");
  verb->add_option("--base-port", flags->base_port,
                   "first port: centre i takes base + 10 i (clients), + 1 (nodes), + 2 (HTTP); its "
                   "hospital number h sends HL7 to base + 100 (i + 1) + h")
      ->capture_default_str();
  verb->add_option("--listener", flags->reports,
                   "HOST:PORT where hospitals listen for reports (default: loopback, base + 99)");
  verb->add_option("--extra-readers", flags->extra_readers,
                   "readers more at each centre, for load through its concentrator's key")
      ->check(CLI::Range(0, 900));
  verb->add_option("--profile", flags->profile, "timing between the centres")
      ->check(CLI::IsMember({"lan", "wan", "overseas"}))
      ->capture_default_str();
  verb->add_flag("--training", flags->training,
                 "a training federation: test messages (MSH-11 T, D) are taken");
  verb->callback([&, flags] { code = init(globals, *flags); });
}

}  // namespace vigie::cli
