#include <gtest/gtest.h>

#include <algorithm>

#include "config/settings/directory_file.hpp"
#include "config/settings/values.hpp"
#include "tests/config/settings/folder.hpp"

namespace vigie::settings {
namespace {

const std::string key_a = "0123456789012345678901234567890123456789";

const std::string base = R"(version = 3
federation = "garde-sud"
[[site]]
id = 1
name = "lyon"
code = "LYS"
posts = 16
[[group]]
id = 1
name = "tous"
sites = ["lyon"]
[[calendar]]
id = 2
name = "metropole"
zone = "Europe/Paris"
holidays = ["france", "12-26"]
guard_begin = "18 h"
guard_end = "510 min"
[[establishment]]
id = 7
name = "ch-gap"
legal_entity = "CH Gap"
finess = "990000001"
calendar = "metropole"
doors = ["lyon"]
recipients = ["ch-gap-ris"]
[[agreement]]
name = "scanner"
establishments = ["ch-gap"]
modalities = ["CT", "MR"]
group = "tous"
regulation = "after"
bands = ["guard"]
from = 2026-01-01
until = 2028-01-01
requester = { by = "CH Gap", on = 2025-12-01, document = "sha256:12" }
provider = { by = "garde", on = 2025-12-02 }
[[person]]
id = 101
name = "lecteur neuro"
rpps = "99900000001"
roles = ["reader", "regulator"]
qualification = [{ role = "regulator", from = 2026-01-05, until = 2029-01-05 }]
site = "lyon"
privilege = [{ modalities = ["CT"] }]
skills = ["neuro"]
[[protocol]]
code = "AVC-TDM v3"
name = "TDM AVC"
modality = "CT"
region = "head"
skill = "neuro"
vital = true
[[entity]]
id = 7
name = "CH Gap"
kind = "public"
[rules]
offer_timeout = "20 s"
)";
const auto base_lines = std::count(base.begin(), base.end(), '\n');

struct DirectoryFile : ::testing::Test {
  Result<Directory> load(const std::string& text) {
    return load_directory(folder.write("directory.toml", text));
  }
  std::string said(const std::string& text) {
    const auto directory = load(text);
    if (directory) return "accepted";
    EXPECT_EQ(directory.error().code, Errc::bad_configuration);
    return replaced(directory.error().what, folder.path().string() + "/", "");
  }
  // About `base` with something replaced; the line is left out.
  std::string said_with(const std::string& from, const std::string& to) {
    const std::string what = said(replaced(base, from, to));
    return what.substr(what.find(": ") + 2);
  }
  Folder folder;
};

TEST_F(DirectoryFile, NamesBecomeIds) {
  const auto loaded = load(base);
  ASSERT_TRUE(loaded) << loaded.error().what;
  const Directory& d = *loaded;
  EXPECT_EQ(d.version, 3u);
  EXPECT_EQ(d.site_named("lyon")->posts, 16);
  EXPECT_EQ(d.groups[0].sites, std::vector<SiteId>{SiteId{1}});
  EXPECT_EQ(d.establishment({7})->doors, std::vector<SiteId>{SiteId{1}});
  EXPECT_EQ(d.establishment({7})->calendar, CalendarId{2});
  const Person* reader = d.person({101});
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reader->roles.contains(Role::regulator));
  EXPECT_TRUE(reader->skills.contains(Skill::neuro));
  EXPECT_FALSE(reader->modalities().contains(Modality::mr));
  EXPECT_TRUE(d.protocol("AVC-TDM v3")->vital);
  EXPECT_EQ(d.rules.offer_timeout, 20_s);
  EXPECT_EQ(d.rules.close_after, 12_h) << "the default";
}

TEST_F(DirectoryFile, AnAgreementHasHoursDatesAndTwoSignatures) {
  const auto loaded = load(base);
  ASSERT_TRUE(loaded) << loaded.error().what;
  const Agreement& agreement = loaded->agreements[0];
  EXPECT_EQ(agreement.group, GroupId{1});
  EXPECT_EQ(agreement.regulation, Regulation::after);
  for (int i = 1; i < band_count; ++i) {
    const Band band{static_cast<std::uint8_t>(i)};
    EXPECT_EQ(agreement.bands.contains(band), is_guard(band)) << name_of(band);
  }
  EXPECT_EQ(date_text(agreement.from), "2026-01-01");
  EXPECT_EQ(agreement.until - agreement.from, 24_h * 730);
  EXPECT_EQ(agreement.requester.by, "CH Gap");
  EXPECT_EQ(agreement.requester.document, "sha256:12");
  EXPECT_EQ(date_text(agreement.provider.on), "2025-12-02");
  EXPECT_TRUE(agreement.is_signed());
  const Calendar& calendar = loaded->calendars[0];
  EXPECT_EQ(calendar.zone, "Europe/Paris");
  EXPECT_EQ(calendar.holidays, (std::vector<std::string>{"france", "12-26"}));
  EXPECT_EQ(calendar.guard_end, 8_h + 30_min);
  EXPECT_TRUE(calendar.turns.empty()) << "whoever applies it expands it";
}

// domain O13
TEST_F(DirectoryFile, AnAgreementThatOnlyOneSideSignedIsRefused) {
  EXPECT_EQ(said_with("provider = { by = \"garde\", on = 2025-12-02 }\n", ""),
            "agreement[1].provider: got nothing; allowed: who signed, and when: { by = \"...\", "
            "on = 2026-01-05 }");
  EXPECT_EQ(said_with("{ by = \"garde\", on = 2025-12-02 }", "{ by = \"garde\" }"),
            "agreement[1].provider.on: got nothing; allowed: a day of 1970 to 9999, without "
            "quotes: 2026-11-22");
  EXPECT_EQ(said_with("from = 2026-01-01", "from = \"2026-01-01\""),
            "agreement[1].from: got \"2026-01-01\"; allowed: a day of 1970 to 9999, without "
            "quotes: 2026-11-22");
  EXPECT_EQ(said_with("[\"guard\"]", "[\"night\"]"),
            "agreement[1].bands: got \"night\"; allowed: guard, or day, evening, deep_night, "
            "weekend, holiday");
  EXPECT_EQ(said_with("\"france\", \"12-26\"", "\"france\", \"26-12\""),
            "calendar[1].holidays: got \"26-12\"; allowed: \"france\", MM-DD, good-friday, "
            "easter+N or the like");
  EXPECT_EQ(said_with("calendar = \"metropole\"", "calendar = \"corse\""),
            "establishment[1].calendar: got \"corse\"; allowed: the name of a [[calendar]]");
}

TEST_F(DirectoryFile, WhatIsWrittenIsReadBack) {
  const auto first = load(base + "bundle = \"0 ms\"\n[[key]]\nid = 1\nkey = \"" + key_a +
                          "\"\nperson = \"lecteur neuro\"\nconcentrator = true\n");
  ASSERT_TRUE(first) << first.error().what;
  const auto again = load(write_directory(*first));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, *first);
}

TEST_F(DirectoryFile, ASiteThatWasRemovedIsWrittenWithAWordAboutIt) {
  auto directory = load(base);
  ASSERT_TRUE(directory);
  directory->sites[0].membership = Membership::removed;
  const std::string text = write_directory(*directory);
  EXPECT_NE(text.find("[[site]]\n# removed; its id stays its own\nid = 1\n"), std::string::npos);
}

TEST_F(DirectoryFile, ADanglingReferenceHasItsLine) {
  EXPECT_EQ(said(replaced(base, "group = \"tous\"", "group = \"sud\"")),
            "directory.toml:31: agreement[1].group: got \"sud\"; allowed: the name of a [[group]]");
  EXPECT_EQ(said(replaced(base, "sites = [\"lyon\"]", "sites = [\"lyon\", \"nice\"]")),
            "directory.toml:11: group[1].sites: got \"nice\"; allowed: the name of a [[site]]");
  EXPECT_EQ(
      said_with("establishments = [\"ch-gap\"]", "establishments = [\"ch-nice\"]"),
      "agreement[1].establishments: got \"ch-nice\"; allowed: the name of a [[establishment]]");
}

TEST_F(DirectoryFile, EachBadValueSaysWhatIsAllowed) {
  EXPECT_EQ(said_with("\"LYS\"", "\"Lys\""),
            "site[1].code: got \"Lys\"; allowed: three capital letters");
  EXPECT_EQ(
      said_with("\"CT\", \"MR\"", "\"CT\", \"US\""),
      "agreement[1].modalities: got \"US\"; allowed: CT, MR, CR, DX, XA, NM, PT, MG, OT (not US)");
  EXPECT_EQ(said_with("99900000001", "999"), "person[1].rpps: got \"999\"; allowed: 11 digits");
  EXPECT_EQ(said_with("\"990000001\"", "\"99\""),
            "establishment[1].finess: got \"99\"; allowed: 9 digits (the second may be A or B)");
  EXPECT_EQ(
      said_with("\"neuro\"]", "\"brain\"]"),
      "person[1].skills: got \"brain\"; allowed: general, neuro, chest, body, msk, paediatric");
  EXPECT_EQ(
      said_with("\"regulator\"]", "\"king\"]"),
      "person[1].roles: got \"king\"; allowed: requester, technologist, regulator, assistant, "
      "reader, duty_head, site_lead, support, observer, gateway, administrator, agency");
  EXPECT_EQ(
      said_with("\"20 s\"", "\"20 days\""),
      "rules.offer_timeout: got \"20 days\"; allowed: \"100 ms\" to \"10 min\" (a whole number "
      "of ms, s, min or h)");
  EXPECT_EQ(said_with("\"after\"", "\"never\""),
            "agreement[1].regulation: got \"never\"; allowed: \"required\", \"after\", \"none\"");
  EXPECT_EQ(
      said_with("posts = 16", "places = 16"),
      "site[1].places: got an unknown key; allowed: area, code, draining, id, name, node_key, "
      "phone, post, posts");
}

TEST_F(DirectoryFile, IdsNamesAndNumbersAreUsedOnce) {
  const std::string again =
      "[[person]]\nid = 101\nname = \"lecteur neuro\"\nrpps = \"99900000001\"\nroles = "
      "[\"support\"]\n";
  const std::string line = "directory.toml:" + std::to_string(base_lines + 2);
  EXPECT_EQ(said(base + again).substr(0, said(base + again).find('\n')),
            line + ": person[2].id: got 101 again; allowed: each id of a [[person]] once");
  EXPECT_NE(said(base + again).find("person[2].name: got \"lecteur neuro\" again"),
            std::string::npos);
  EXPECT_NE(
      said(base + again).find("person[2].rpps: got \"99900000001\" again; allowed: each once"),
      std::string::npos);
}

// domain R12
TEST_F(DirectoryFile, AReaderHasPrivilegesAndNobodyElse) {
  EXPECT_EQ(said_with("rpps = \"99900000001\"\n", ""),
            "person[1].rpps: got nothing; allowed: a value: a reader needs it");
  EXPECT_EQ(
      said_with("[\"reader\", \"regulator\"]", "[\"regulator\"]"),
      "person[1].roles: got a list of 1; allowed: \"reader\" among them, for who has privileges, "
      "skills, an institution or hours there");
}

// domain N11
TEST_F(DirectoryFile, AreasAndEntitiesAreReadWithTheirKinds) {
  const std::string areas =
      "[[area]]\nid = 1\nname = \"PACA\"\nkind = \"region\"\n"
      "[[area]]\nid = 2\nname = \"GHT\"\nkind = \"ght\"\nwithin = \"PACA\"\n";
  const std::string places = replaced(base, "legal_entity = \"CH Gap\"\n",
                                      "legal_entity = \"CH Gap\"\narea = \"GHT\"\n"
                                      "authorised = [\"CT\"]\n");
  const auto loaded = load(places + areas);
  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(loaded->entity({7})->kind, EntityKind::public_);
  EXPECT_EQ(loaded->path_of(loaded->establishment({7})->area), (AreaPath{{2}, {}, {1}}));
  EXPECT_TRUE(loaded->establishment({7})->is_authorised(Modality::ct));
  EXPECT_FALSE(loaded->establishment({7})->is_authorised(Modality::mr));
  EXPECT_NE(said(replaced(places, "\"public\"", "\"royal\"") + areas).find("\"mutualist\""),
            std::string::npos);
  EXPECT_NE(said(places + replaced(areas, "\"region\"", "\"ght\"")).find("a larger kind"),
            std::string::npos);
}

TEST_F(DirectoryFile, AKeyIsOfAPersonOrOfANode) {
  const std::string key = "[[key]]\nid = 1\nkey = \"" + key_a + "\"\n";
  EXPECT_NE(said(base + key).find("key[1].person: got nothing; allowed: either person or node"),
            std::string::npos);
  EXPECT_EQ(said(base + key + "node = \"lyon\"\n"), "accepted");
  EXPECT_NE(said(base + key + "node = \"lyon\"\nperson = \"lecteur neuro\"\n")
                .find("key[1].person: got a person and a node; allowed: either person or node"),
            std::string::npos);
}

TEST_F(DirectoryFile, WhatOnlyTheWholeShowsIsToldToo) {
  std::string many = base;  // a pair of groups of its own each: too many waiting queues
  for (int i = 2; i < 30; ++i) {
    const std::string n = std::to_string(i);
    many += "[[group]]\nid = " + n + "\nname = \"g" + n + "\"\nsites = [\"lyon\"]\n";
    many += "[[agreement]]\nname = \"a" + n + "\"\nmodalities = [\"CT\"]\ngroup = \"g" + n + "\"\n";
    many +=
        "requester = { by = \"a\", on = 2026-01-05 }\nprovider = { by = \"b\", on = 2026-01-05 }\n";
  }
  // Two modalities and 8 queues for each pair: 16 pairs go.
  const std::string what = said(many);
  const std::string line = std::to_string(base_lines + 16 * 10 - 4);  // the 17th agreement's name
  EXPECT_EQ(what,
            "directory.toml:" + line +
                ": agreement[17]: got 272 waiting queues with it; allowed: modalities x pairs "
                "of group and overflow x 8 up to 256");
}

}  // namespace
}  // namespace vigie::settings
