// The samples are documentation that cannot rot: they load, state the true defaults, name every
// key.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "config/settings/client_file.hpp"
#include "config/settings/directory_file.hpp"
#include "config/settings/settings.hpp"
#include "messages/types/limits.hpp"
#include "tests/config/settings/folder.hpp"

namespace vigie::settings {
namespace {

const std::filesystem::path samples = "config/samples";  // tests run in the source folder
constexpr UtcTime today{1'795'305'600'000};              // 2026-11-22

// '#key = value' becomes 'key = value'; '## key = value', an example, stays a comment.
std::string with_defaults_said(const std::string& text) {
  return std::regex_replace(text, std::regex("(^|\n)#([a-z_]+[0-9]* = )"), "$1$2");
}

// Also the examples, but those that need other values beside them.
std::string with_examples_said(const std::string& text) {
  return std::regex_replace(with_defaults_said(text), std::regex("(^|\n)## "), "$1");
}

struct Samples : ::testing::Test {
  Samples() {
    for (const char* name : {"lyon.key", "client.key", "gap-ca.pem", "lyon.pem", "lyon-tls.key"}) {
      folder.write(name, "x");
    }
    folder.write("directory.toml", text_of_file(samples / "federation-3/directory.toml"));
  }
  template <class T>
  T good(const Result<T>& loaded) {
    EXPECT_TRUE(loaded) << loaded.error().what;
    return loaded ? *loaded : T{};
  }
  SiteSettings site(const std::string& text) {
    return good(load_site(folder.write("site.toml", text)));
  }
  Folder folder;
};

// The keys that the reader of `table` knows, from its complaint about one that it does not.
std::set<std::string> known_keys(const std::string& what, const std::string& table) {
  const std::string begin = table + "zzz: got an unknown key; allowed: ";
  const auto at = what.find(begin);
  std::set<std::string> keys;
  if (at == std::string::npos) return keys;
  const auto from = at + begin.size();
  const std::string list = what.substr(from, what.find('\n', from) - from);
  const std::regex word("[a-z0-9_]+");
  for (std::sregex_iterator i(list.begin(), list.end(), word), end; i != end; ++i) {
    keys.insert(i->str());
  }
  return keys;
}

TEST_F(Samples, TheSiteLoadsAsItStands) {
  const SiteSettings loaded = site(text_of_file(samples / "site.toml"));
  EXPECT_EQ(loaded.peers.size(), 2u);
  EXPECT_EQ(loaded.feeds.size(), 1u);
}

TEST_F(Samples, TheDefaultsSaidInTheSiteAreTheDefaults) {
  const std::string text = text_of_file(samples / "site.toml");
  const std::string said = with_defaults_said(text);
  ASSERT_NE(said, text);
  EXPECT_EQ(site(said), site(text));
}

TEST_F(Samples, TheExamplesOfTheSiteAreAllowed) {
  const SiteSettings loaded = site(with_examples_said(replaced(
      text_of_file(samples / "site.toml"), "#transport = \"loopback\"", "transport = \"tls\"")));
  ASSERT_EQ(loaded.feeds.size(), 1u);
  EXPECT_EQ(loaded.feeds[0].procedures.size(), 1u);
  EXPECT_EQ(loaded.feeds[0].silent_after.size(), 2u);
}

TEST_F(Samples, TheSiteNamesEveryKey) {
  std::string text = with_examples_said(text_of_file(samples / "site.toml"));
  text = "zzz = 1\n" + text;
  for (const char* table : {"[timing]", "[limits]", "[[peer]]", "[[feed]]", "[[feed.procedure]]"}) {
    text =
        replaced(text, std::string("\n") + table + "\n", std::string("\n") + table + "\nzzz = 1\n");
  }
  const auto loaded = load_site(folder.write("site.toml", text));
  ASSERT_FALSE(loaded);
  const std::string said = with_examples_said(text_of_file(samples / "site.toml"));
  for (const char* table : {": ", "timing.", "limits.", "peer[1].", "feed[1].", "procedure[1]."}) {
    const auto keys = known_keys(loaded.error().what, table);
    EXPECT_FALSE(keys.empty()) << table << '\n' << loaded.error().what;
    for (const std::string& key : keys) {
      const std::regex line("(^|\n)(" + key + " = |\\[+([a-z]+\\.)?" + key + "\\])");
      EXPECT_TRUE(std::regex_search(said, line)) << table << key;
    }
  }
}

TEST_F(Samples, TheClientLoadsAndItsDefaultsAreTheDefaults) {
  const std::string text = text_of_file(samples / "client.toml");
  const auto plain = good(load_client(folder.write("client.toml", text)));
  EXPECT_EQ(plain.centres.size(), 2u);
  EXPECT_EQ(plain.key_file, folder.path() / "client.key");
  EXPECT_EQ(good(load_client(folder.write("client.toml", with_defaults_said(text)))), plain);
  const auto full = good(load_client(folder.write("client.toml", with_examples_said(text))));
  EXPECT_EQ(full.role, Role::reader);
  EXPECT_EQ(full.person, PersonId{101});
}

int count_of(const Directory& d, Role role) {
  int count = 0;
  for (const Person& person : d.people) count += person.roles.contains(role) ? 1 : 0;
  return count;
}

TEST_F(Samples, TheFederationOfThreeIsComplete) {
  const auto d = good(load_directory(samples / "federation-3/directory.toml"));
  ASSERT_EQ(d.sites.size(), 3u);
  EXPECT_EQ(d.site_named("lyon")->code, "LYS");
  EXPECT_EQ(d.site_named("bordeaux")->code, "BDX");
  EXPECT_EQ(d.site_named("marseille")->code, "MRS");
  EXPECT_EQ(d.establishments.size(), 14u) << "12 hospitals and two for public test messages";
  EXPECT_EQ(d.groups.size(), 3u);
  EXPECT_EQ(count_of(d, Role::reader), 9);
  EXPECT_EQ(count_of(d, Role::duty_head), 2);
  EXPECT_EQ(count_of(d, Role::site_lead), 1);
  EXPECT_EQ(count_of(d, Role::regulator), 6) << "four, and the duty heads";
  EXPECT_EQ(count_of(d, Role::technologist), 14);
  EXPECT_EQ(d.rules, Rules{}) << "shown are the defaults";
  EXPECT_LE(d.queue_keys(), limits::queue_keys_count);
  for (const Establishment& place : d.establishments) {
    EXPECT_TRUE(d.agreement(place.id, Modality::ct, today)) << place.name;
    EXPECT_TRUE(d.agreement(place.id, Modality::dx, today)) << place.name;
    EXPECT_FALSE(d.agreement(place.id, Modality::us, today)) << place.name;
  }
}

TEST_F(Samples, AMarseilleHospitalMayBeReadInBordeaux) {
  const auto d = good(load_directory(samples / "federation-3/directory.toml"));
  const SiteId marseille = d.site_named("marseille")->id;
  const SiteId bordeaux = d.site_named("bordeaux")->id;
  for (const Establishment& place : d.establishments) {
    if (place.doors.front() != marseille) continue;
    const auto& sites = d.group(d.agreement(place.id, Modality::ct, today)->group)->sites;
    EXPECT_NE(std::find(sites.begin(), sites.end(), bordeaux), sites.end()) << place.name;
  }
}

/// The federation of eight, with one band for good in each calendar.
struct Schemes : Samples {
  explicit Schemes(vigie::Band band = vigie::Band::evening) : d(good(eight())) { set(band); }
  static Result<Directory> eight() {
    return load_directory(samples / "federation-8/directory.toml");
  }
  void set(vigie::Band band) {
    for (Calendar& c : d.calendars) {
      c.turns.assign(1, Turn{today - 24_h, band});
      c.until = today + 24_h;
    }
  }
  EstablishmentId hospital(std::string_view name) const {
    const auto at = std::find_if(d.establishments.begin(), d.establishments.end(),
                                 [&](const Establishment& e) { return e.name == name; });
    EXPECT_NE(at, d.establishments.end()) << name;
    return at->id;
  }
  /// The agreement under which an exam comes; nullptr: none.
  const Agreement* under(std::string_view name, Modality modality) const {
    return d.agreement(hospital(name), modality, today);
  }
  Directory d;
};

// domain N2
TEST_F(Schemes, TheFederationOfEightIsComplete) {
  ASSERT_EQ(d.sites.size(), 8u);
  std::map<std::string, int> posts;
  for (const Site& centre : d.sites) {
    posts[centre.name] = centre.posts;
    EXPECT_EQ(centre.enrolled.size(), centre.posts) << centre.name;
  }
  EXPECT_EQ(posts, (std::map<std::string, int>{{"lyon", 16},
                                               {"bordeaux", 7},
                                               {"marseille", 6},
                                               {"rennes", 6},
                                               {"saint-etienne", 3},
                                               {"clermont-ferrand", 3},
                                               {"dijon", 3},
                                               {"brest", 3}}));
  EXPECT_EQ(d.establishments.size(), 100u);
  EXPECT_EQ(d.entities.size(), 99u) << "one of them has two sites";
  EXPECT_EQ(count_of(d, Role::reader), 360);
  EXPECT_EQ(count_of(d, Role::technologist), 100);
  EXPECT_EQ(d.rules, Rules{});
  EXPECT_LE(d.queue_keys(), limits::queue_keys_count);
}

// domain N2
TEST_F(Schemes, EachHospitalIsReadInTheGuard) {
  for (const Establishment& place : d.establishments) {
    EXPECT_TRUE(d.agreement(place.id, Modality::ct, today)) << place.name;
    EXPECT_TRUE(d.agreement(place.id, Modality::dx, today)) << place.name;
    EXPECT_TRUE(place.recourse(false) && place.recourse(true)->paediatric) << place.name;
  }
}

// domain O8
TEST_F(Schemes, MontdidierIsReadByAmiensForConventionalImagingOnly) {
  const Agreement* host = under("ch-montdidier", Modality::cr);
  ASSERT_TRUE(host);
  EXPECT_EQ(host->kind, AgreementKind::host);
  EXPECT_EQ(d.group(host->group)->establishments,
            std::vector<EstablishmentId>{hospital("chu-amiens")});
  EXPECT_EQ(under("ch-montdidier", Modality::dx), host);
  EXPECT_EQ(under("ch-montdidier", Modality::ct)->kind, AgreementKind::pool);
  EXPECT_EQ(under("ch-abbeville", Modality::cr)->name, "radiographies");
}

// domain O9
TEST_F(Schemes, CompiegneAndLuconGiveAllScannersOfTheGuardToAProvider) {
  for (const char* name : {"ch-compiegne", "ch-lucon"}) {
    set(vigie::Band::evening);
    ASSERT_TRUE(under(name, Modality::ct)) << name;
    EXPECT_EQ(under(name, Modality::ct)->kind, AgreementKind::provider);
    EXPECT_FALSE(under(name, Modality::mr)) << name;
    set(vigie::Band::weekend);
    EXPECT_TRUE(under(name, Modality::ct)) << name;
    set(vigie::Band::day);
    EXPECT_FALSE(under(name, Modality::ct)) << name;
  }
}

// domain O10, O14
TEST_F(Schemes, FiveOfPicardieReadForFifteenInTheGuard) {
  const Agreement* pool = under("ch-guise", Modality::mr);
  ASSERT_TRUE(pool);
  EXPECT_EQ(pool->kind, AgreementKind::pool);
  EXPECT_EQ(pool->establishments.size(), 15u);
  EXPECT_EQ(pool->pool_min, 3);
  const auto& shared = d.group(pool->group)->establishments;
  EXPECT_EQ(shared.size(), 5u);
  for (const EstablishmentId id : shared) {
    EXPECT_TRUE(std::any_of(d.people.begin(), d.people.end(), [&](const Person& p) {
      return p.institution == id;
    })) << d.establishment(id)->name;
  }
  set(vigie::Band::day);
  EXPECT_FALSE(under("ch-guise", Modality::mr));
}

// domain O11
TEST_F(Schemes, OneHospitalHasSeveralInAnOrderThatIsSaid) {
  EXPECT_EQ(under("ch-montdidier", Modality::cr)->kind, AgreementKind::host);
  EXPECT_EQ(under("ch-montdidier", Modality::ct)->kind, AgreementKind::pool);
  EXPECT_EQ(d.group(under("ch-montdidier", Modality::ct)->overflow)->name, "tous");
  EXPECT_EQ(under("ch-orange", Modality::ct)->name, "GHT du Vaucluse");
  EXPECT_EQ(under("ch-gap", Modality::ct)->after, std::vector<std::string>{"GHT du Vaucluse"});
}

// domain O18
TEST_F(Schemes, EachAgreementNamesItsLegalBasis) {
  for (const Agreement& a : d.agreements) {
    EXPECT_TRUE(a.legal_basis == "CSP L. 6146-2" || a.legal_basis == "CSP L. 6161-9") << a.name;
  }
}

// domain N8
TEST_F(Schemes, TheTwoSitesOfTheChuDeLaReunionAreOneEntity) {
  const Agreement* chu = under("chu-reunion-nord", Modality::ct);
  ASSERT_TRUE(chu);
  EXPECT_EQ(under("chu-reunion-sud", Modality::ct), chu);
  ASSERT_EQ(chu->entities.size(), 1u);
  EXPECT_EQ(d.entity(chu->entities[0])->name, "CHU de La Réunion");
  EXPECT_TRUE(chu->establishments.empty());
}

TEST_F(Samples, DirectoriesSurviveBeingWritten) {
  for (const char* name : {"federation-3/directory.toml", "federation-8/directory.toml"}) {
    const auto first = good(load_directory(samples / name));
    EXPECT_EQ(good(load_directory(folder.write("directory.toml", write_directory(first)))), first);
  }
}

}  // namespace
}  // namespace vigie::settings
