#include "nodes/vigie/demonstration.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <set>

#include "config/settings/client_file.hpp"
#include "config/settings/directory_file.hpp"
#include "config/settings/settings.hpp"
#include "nodes/link/curve.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::uint32_t concentrator_person = 600;  // + site
constexpr std::uint32_t person_key = 1000;          // + person; nodes: the site's id
constexpr std::uint32_t extra_person = 10'000;      // + 1000 x site + number

Result<void> write_file(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out) return {};
  return Error{Errc::io_error, path.string() + ": cannot be written"};
}

/// Makes one federation; each step fills `made_` and the folder.
class Demonstration {
 public:
  explicit Demonstration(const DemoWish& wish) : wish_(wish) {}

  Result<DemoMade> make() {
    for (const auto step :
         {&Demonstration::check, &Demonstration::read_sample, &Demonstration::adapt_sites,
          &Demonstration::add_people, &Demonstration::draw_keys, &Demonstration::write_sites,
          &Demonstration::write_clients}) {
      if (const auto done = (this->*step)(); !done) return done.error();
    }
    return made_;
  }

 private:
  Result<void> check();
  Result<void> read_sample();
  Result<void> adapt_sites();
  Result<void> add_people();
  Result<void> draw_keys();
  Result<void> write_sites();
  Result<void> write_clients();

  std::string code_for(const std::string& name) const;
  settings::Endpoint door(std::size_t site, int plus) const;
  std::string host_to_bind(std::size_t site) const;
  settings::FeedSettings feed(std::size_t site, const Establishment& place, int number) const;
  settings::ClientSettings client(SiteId home) const;
  Result<PublicKey> draw(const fs::path& file);
  SiteId moved(SiteId site) const { return {moved_.at(site.value)}; }

  const DemoWish& wish_;
  Directory directory_;
  std::map<std::uint16_t, std::uint16_t> moved_;  ///< the sample's site to ours
  DemoMade made_;
};

Result<void> Demonstration::check() {
  std::set<std::string> names;
  for (const DemoSite& site : wish_.sites) {
    if (!settings::is_name(site.name) || site.name == "people" || site.name == "keys") {
      return Error{Errc::bad_value, "--site " + site.name + ": 1 to 32 of a-z, 0-9 and '-'"};
    }
    if (!names.insert(site.name).second) {
      return Error{Errc::bad_value, "--site " + site.name + ": given twice"};
    }
  }
  if (wish_.sites.size() % 2 == 0) {
    return Error{Errc::bad_value, std::to_string(wish_.sites.size()) +
                                      " sites: voters are odd in number; add a witness to two "
                                      "centres, as --site temoin"};
  }
  if (wish_.sites.size() > 15) return Error{Errc::bad_value, "more than 15 sites"};
  const auto last = wish_.base_port + 100 * (wish_.sites.size() + 1);
  if (wish_.base_port < 1024 || last > 65'535) {
    return Error{Errc::bad_value, "--base-port: 1024 or more, " + std::to_string(last) +
                                      " (the last one used) 65535 or less"};
  }
  if (fs::exists(wish_.folder / "client.toml")) {
    return Error{Errc::locked, wish_.folder.string() +
                                   ": there is a federation already; choose another folder, or "
                                   "remove it"};
  }
  std::error_code failed;
  fs::create_directories(wish_.folder / "keys", failed);
  if (!failed) fs::create_directories(wish_.folder / "people", failed);
  if (failed) return Error{Errc::io_error, wish_.folder.string() + ": " + failed.message()};
  return {};
}

Result<void> Demonstration::read_sample() {
  const fs::path file = wish_.folder / "directory.toml";
  if (const auto written = write_file(file, std::string(sample_directory())); !written) {
    return written;
  }
  auto read = settings::load_directory(file);
  if (!read) return read.error();
  directory_ = std::move(*read);
  return {};
}

std::string Demonstration::code_for(const std::string& name) const {
  static const std::map<std::string, std::string> known = {
      {"lyon", "LYS"},   {"bordeaux", "BDX"}, {"marseille", "MRS"}, {"toulouse", "TLS"},
      {"nantes", "NTE"}, {"lille", "LIL"},    {"paris", "PAR"},     {"reunion", "RUN"}};
  const auto taken = [&](const std::string& code) {
    return std::any_of(directory_.sites.begin(), directory_.sites.end(),
                       [&](const Site& s) { return s.code == code; });
  };
  std::string code = name + "XXX";
  if (const auto at = known.find(name); at != known.end()) code = at->second;
  code.resize(3);
  for (char& c : code)
    c = std::isalpha(static_cast<unsigned char>(c))
            ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
            : 'X';
  while (taken(code)) code[2] = code[2] == 'Z' ? 'A' : static_cast<char>(code[2] + 1);
  return code;
}

/// The sample's three centres become ours: by name where they are called the same, else in turn.
Result<void> Demonstration::adapt_sites() {
  const std::vector<Site> sample = std::move(directory_.sites);
  directory_.sites.clear();
  std::vector<const Site*> models;
  for (std::size_t i = 0; i < wish_.sites.size(); ++i) {
    const DemoSite& wanted = wish_.sites[i];
    const auto same = std::find_if(sample.begin(), sample.end(),
                                   [&](const Site& s) { return s.name == wanted.name; });
    const Site& model = same != sample.end() ? *same : sample[i % sample.size()];
    models.push_back(&model);
    Site site = model;
    site.id = SiteId{static_cast<std::uint16_t>(i + 1)};
    site.name = wanted.name;
    site.code = code_for(wanted.name);
    directory_.sites.push_back(site);
    if (!moved_.contains(model.id.value)) moved_[model.id.value] = site.id.value;
  }
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const auto instead = static_cast<std::uint16_t>(i % wish_.sites.size() + 1);
    moved_.try_emplace(sample[i].id.value, instead);
  }
  for (ProviderGroup& group : directory_.groups) {
    std::set<SiteId> sites;
    for (std::size_t i = 0; i < models.size(); ++i) {
      const auto& in = group.sites;
      if (std::find(in.begin(), in.end(), models[i]->id) != in.end()) {
        sites.insert(directory_.sites[i].id);
      }
    }
    if (sites.empty()) sites.insert(directory_.sites.front().id);
    group.sites.assign(sites.begin(), sites.end());
  }
  for (Establishment& place : directory_.establishments) {
    std::vector<SiteId> doors{moved(place.doors.front())};
    for (const Site& site : directory_.sites) {
      if (site.id != doors.front()) doors.push_back(site.id);
    }
    place.doors = std::move(doors);
  }
  for (Person& person : directory_.people) {
    if (person.site) person.site = moved(person.site);
  }
  return {};
}

Result<void> Demonstration::add_people() {
  for (Site& site : directory_.sites) {
    Person concentrator;
    concentrator.id = PersonId{concentrator_person + site.id.value};
    concentrator.name = "concentrateur " + site.name;
    concentrator.roles.add(Role::gateway);
    concentrator.site = site.id;
    directory_.people.push_back(concentrator);
    for (int n = 1; n <= wish_.extra_readers; ++n) {
      Person reader;
      reader.id = PersonId{extra_person + 1000u * site.id.value + static_cast<std::uint32_t>(n)};
      reader.name = "lecteur charge " + site.name + " " + std::to_string(n);
      reader.rpps = std::to_string(99'910'000'000ull + reader.id.value);
      reader.roles.add(Role::reader);
      reader.site = site.id;
      reader.privileges.push_back(
          {Set<Modality>::of(Modality::ct, Modality::mr, Modality::cr, Modality::dx)});
      directory_.people.push_back(std::move(reader));
    }
    site.posts = static_cast<std::uint16_t>(site.posts + wish_.extra_readers);
  }
  return {};
}

Result<PublicKey> Demonstration::draw(const fs::path& file) {
  const link::KeyPair keys = link::make_key_pair();
  if (const auto written = link::write_key_file(file.string(), keys); !written) {
    return written.error();
  }
  return keys.public_key;
}

Result<void> Demonstration::draw_keys() {
  for (Site& site : directory_.sites) {
    std::error_code failed;
    fs::create_directories(wish_.folder / site.name, failed);
    if (failed) return Error{Errc::io_error, wish_.folder.string() + ": " + failed.message()};
    const auto key = draw(wish_.folder / site.name / "node.key");
    if (!key) return key.error();
    site.node_key = *key;
    Key entry;
    entry.id = KeyId{site.id.value};
    entry.key = *key;
    entry.node = site.id;
    directory_.keys.push_back(entry);
  }
  for (const Person& person : directory_.people) {
    if (person.id.value >= extra_person) continue;
    const auto file = std::to_string(person.id.value) + "-" + slug(person.name) + ".key";
    const auto key = draw(wish_.folder / "keys" / file);
    if (!key) return key.error();
    Key entry;
    entry.id = KeyId{person_key + person.id.value};
    entry.key = *key;
    entry.person = person.id;
    entry.concentrator = person.roles.contains(Role::gateway);
    directory_.keys.push_back(entry);
  }
  if (const auto fine = directory_.normalise(); !fine) return fine;
  return write_file(wish_.folder / "directory.toml", settings::write_directory(directory_));
}

settings::Endpoint Demonstration::door(std::size_t site, int plus) const {
  const DemoSite& wanted = wish_.sites[site];
  const auto first = wanted.port != 0 ? wanted.port : static_cast<int>(wish_.base_port + 10 * site);
  const std::string host = wanted.host.empty() ? "127.0.0.1" : wanted.host;
  return {host, static_cast<std::uint16_t>(first + plus)};
}

std::string Demonstration::host_to_bind(std::size_t site) const {
  const auto at = door(site, 0);
  return settings::parse_listen(settings::text_of(at)) ? at.host : "0.0.0.0";
}

settings::FeedSettings Demonstration::feed(std::size_t site, const Establishment& place,
                                           int number) const {
  settings::FeedSettings feed;
  feed.name = place.recipients.empty() ? place.name : place.recipients.front();
  feed.establishments = {place.name};
  const auto port = wish_.base_port + 100 * (static_cast<int>(site) + 1) + number;
  feed.listen = {"127.0.0.1", static_cast<std::uint16_t>(port)};
  feed.results = settings::ResultsAddress{false, wish_.reports};
  std::string upper;
  for (const char c : place.name) {
    if (c != '-') upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  settings::FeedIdentifiers names{place.name, {}, {upper}};
  if (slug(place.name) != slug(upper)) names.aliases.push_back(place.name);
  if (settings::is_finess(place.finess)) names.finess.push_back(place.finess);
  // The senders of the public test messages.
  if (place.name == "mesa-xyz") names.aliases.insert(names.aliases.end(), {"XYZ_RADIOLOGY"});
  if (place.name == "structure-y") {
    names.aliases.insert(names.aliases.end(), {"StructureFacility"});
    feed.profile = settings::FeedProfile::tlr;
  }
  feed.identifiers = {std::move(names)};
  return feed;
}

Result<void> Demonstration::write_sites() {
  settings::Profile profile = settings::Profile::lan;
  if (wish_.profile == "wan") profile = settings::Profile::wan;
  if (wish_.profile == "overseas") profile = settings::Profile::overseas;
  for (std::size_t i = 0; i < directory_.sites.size(); ++i) {
    const Site& own = directory_.sites[i];
    settings::SiteSettings site;
    site.federation = directory_.federation;
    site.mode =
        wish_.training ? settings::FederationMode::training : settings::FederationMode::production;
    site.site = own.name;
    site.id = own.id;
    site.key_file = "node.key";
    site.data_dir = "data";
    site.directory_file = "../directory.toml";
    site.client_listen = {host_to_bind(i), door(i, 0).port};
    site.peer_listen = {host_to_bind(i), door(i, 1).port};
    site.http_listen = {"127.0.0.1", door(i, 2).port};
    site.profile = profile;
    site.timing = settings::timing_of(profile);
    for (std::size_t j = 0; j < directory_.sites.size(); ++j) {
      if (j == i) continue;
      const Site& other = directory_.sites[j];
      site.peers.push_back({other.name, other.id, door(j, 1), other.node_key, true, 0});
    }
    int number = 0;
    for (const Establishment& place : directory_.establishments) {
      site.feeds.push_back(feed(i, place, ++number));
    }
    made_.feeds = site.feeds.size();
    const fs::path file = wish_.folder / own.name / "site.toml";
    if (const auto done = write_file(file, settings::write_site(site)); !done) return done;
    if (const auto read = settings::load_site(file); !read) return read.error();
    made_.site_files.push_back(file);
  }
  return {};
}

/// Everything of a client's file but the person: the centres, `home` first.
settings::ClientSettings Demonstration::client(SiteId home) const {
  settings::ClientSettings client;
  client.federation = directory_.federation;
  for (std::size_t i = 0; i < directory_.sites.size(); ++i) {
    const Site& site = directory_.sites[i];
    settings::Centre centre{site.name, door(i, 0), site.node_key};
    const auto at = site.id == home ? client.centres.begin() : client.centres.end();
    client.centres.insert(at, std::move(centre));
  }
  return client;
}

Result<void> Demonstration::write_clients() {
  const auto role_of_person = [](const Person& person) {
    for (const Role role :
         {Role::reader, Role::regulator, Role::technologist, Role::requester, Role::administrator,
          Role::gateway, Role::assistant, Role::support, Role::agency}) {
      if (person.roles.contains(role)) return role;
    }
    return Role::observer;
  };
  for (const Person& person : directory_.people) {
    if (person.id.value >= extra_person) continue;
    const std::string stem = std::to_string(person.id.value) + "-" + slug(person.name);
    settings::ClientSettings settings = client(person.site);
    settings.key_file = "../keys/" + stem + ".key";
    settings.person = person.id;
    settings.role = role_of_person(person);
    if (const Site* site = directory_.site(person.site)) settings.site = site->name;
    const fs::path file = wish_.folder / "people" / (stem + ".toml");
    if (const auto done = write_file(file, settings::write_client(settings)); !done) return done;
    ++made_.people;
    if (settings.role != Role::administrator) continue;
    settings::ClientSettings console = client({});
    console.key_file = "keys/" + stem + ".key";
    console.person = person.id;
    console.role = Role::administrator;
    made_.client_file = wish_.folder / "client.toml";
    if (const auto done = write_file(made_.client_file, settings::write_client(console)); !done) {
      return done;
    }
  }
  const auto read = settings::load_client(made_.client_file);
  if (!read) return read.error();
  return {};
}

}  // namespace

Result<DemoMade> make_demonstration(const DemoWish& wish) { return Demonstration(wish).make(); }

}  // namespace vigie::cli
