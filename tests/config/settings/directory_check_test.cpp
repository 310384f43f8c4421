// What `vigie directory check` finds: each with the line where an administrator repairs it.
#include "config/settings/directory_check.hpp"

#include <gtest/gtest.h>

#include "config/settings/directory_file.hpp"
#include "config/settings/values.hpp"
#include "tests/config/settings/folder.hpp"

namespace vigie::settings {
namespace {

const std::string key_a = "0123456789012345678901234567890123456789";
const std::string key_b = "1123456789012345678901234567890123456789";

const std::string base = R"(version = 3
federation = "garde-sud"
[[site]]
id = 1
name = "lyon"
code = "LYS"
posts = 16
[[site]]
id = 2
name = "nantes"
code = "NAN"
posts = 3
[[group]]
id = 1
name = "tous"
sites = ["lyon", "nantes"]
[[establishment]]
id = 7
name = "ch-gap"
legal_entity = "ght"
doors = ["lyon"]
[[establishment]]
id = 8
name = "ch-dax"
legal_entity = "ght"
doors = ["lyon"]
[[agreement]]
name = "scanner"
requester = { by = "a", on = 2026-01-05 }
provider = { by = "b", on = 2026-01-05 }
establishments = ["ch-gap", "ch-dax"]
modalities = ["CT", "MR"]
group = "tous"
[[person]]
id = 101
name = "lecteur"
rpps = "99900000001"
roles = ["reader"]
site = "lyon"
privilege = [{ modalities = ["CT", "MR"] }]
[[entity]]
id = 7
name = "ght"
)";

const std::string administrator =
    "[[person]]\nid = 900\nname = \"chef\"\nroles = [\"administrator\"]\n"
    "[[key]]\nid = 9\nkey = \"3123456789012345678901234567890123456789\"\nperson = \"chef\"\n";
const std::string its_key =
    administrator + "[[key]]\nid = 1\nkey = \"" + key_a + "\"\nperson = \"lecteur\"\n";

const std::string signatures =
    "requester = { by = \"a\", on = 2026-01-05 }\nprovider = { by = \"b\", on = 2026-01-05 }\n";

struct DirectoryCheckFile : ::testing::Test {
  DirectoryCheck check(const std::string& text) {
    const auto found = check_directory(folder.write("directory.toml", text));
    EXPECT_TRUE(found) << found.error().what;
    return *found;
  }
  /// "LINE: KEY: got ..." of each, up to what is allowed.
  static std::vector<std::string> said(const Problems& problems) {
    std::vector<std::string> all;
    for (const auto& [line, what] : problems.sorted()) {
      all.push_back(std::to_string(line) + ": " + what.substr(0, what.find("; allowed")));
    }
    return all;
  }
  std::vector<std::string> problems(const std::string& text) { return said(check(text).problems); }
  using Said = std::vector<std::string>;
  Folder folder;
};

TEST_F(DirectoryCheckFile, OfAGoodOneFindsNothingAndReadsIt) {
  const auto found = check(base + its_key);
  EXPECT_FALSE(found.problems.any()) << found.problems.error().what;
  EXPECT_EQ(said(found.warnings), Said{});
  EXPECT_EQ(found.directory.version, 3u);
  EXPECT_TRUE(found.directory.agreement({7}, Modality::mr, {1'795'305'600'000}));
}

TEST_F(DirectoryCheckFile, ThatIsNotThereIsAnError) {
  const auto found = check_directory(folder.path() / "none.toml");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::not_found);
}

TEST_F(DirectoryCheckFile, TellsProblemsOfReadingWithTheOthers) {
  EXPECT_EQ(problems(replaced(replaced(base, "posts = 16", "posts = 0"), "\"LYS\"", "\"lys\"") +
                     "[rules]\nbundle = \"soon\"\n"),
            (Said{"6: site[1].code: got \"lys\"", "45: rules.bundle: got \"soon\""}))
      << "sites have a problem: what they say together is not judged";
  EXPECT_EQ(problems(replaced(base, "posts = 16", "posts = 0") + "[rules]\nbundle = \"soon\"\n"),
            (Said{"39: person[1].site: got \"lyon\", a site with 0 posts",
                  "45: rules.bundle: got \"soon\""}));
}

// domain N10
TEST_F(DirectoryCheckFile, AReaderNeedsAKeyOrAConcentratorAtHisSite) {
  const std::string colleague =
      administrator +
      "[[person]]\nid = 102\nname = \"support\"\nroles = [\"gateway\"]\nsite = \"lyon\"\n"
      "[[key]]\nid = 2\nkey = \"" +
      key_b + "\"\nperson = \"support\"\n";
  const Said nobody = {"36: person[1].name: got \"lecteur\", a reader without a [[key]]"};
  EXPECT_EQ(problems(base + colleague), nobody);
  EXPECT_EQ(problems(base + colleague + "concentrator = true\n"), Said{});
  EXPECT_EQ(problems(base + colleague + "concentrator = true\nrevoked = true\n"), nobody);
  EXPECT_EQ(problems(base + replaced(colleague, "site = \"lyon\"", "site = \"nantes\"") +
                     "concentrator = true\n"),
            nobody);
  EXPECT_EQ(problems(base + its_key + "revoked = true\n"), Said{}) << "who left";
}

TEST_F(DirectoryCheckFile, AnAdministratorMustBeLeft) {
  const Said nobody = {"1: key: got no administrator's key that is not revoked"};
  EXPECT_EQ(problems(base + its_key), Said{});
  EXPECT_EQ(problems(base + replaced(its_key, "\"administrator\"", "\"duty_head\"")), nobody);
  EXPECT_EQ(
      problems(base + replaced(its_key, "person = \"chef\"", "revoked = true\nperson = \"chef\"")),
      nobody);
}

TEST_F(DirectoryCheckFile, AFileWithoutKeysIsASampleAndSaysSo) {
  const auto found = check(base);
  EXPECT_FALSE(found.problems.any());
  EXPECT_EQ(said(found.warnings), Said{"1: key: got no key of a person"});
}

TEST_F(DirectoryCheckFile, AGroupNeedsAReaderAtOneOfItsSites) {
  const std::string group = "[[group]]\nid = 2\nname = \"ouest\"\nsites = [\"nantes\"]\n";
  EXPECT_EQ(problems(base + group),
            Said{"47: group[2].sites: got no reader at any of its sites or establishments"});
}

TEST_F(DirectoryCheckFile, AnAgreementNeedsAReaderOfEachModality) {
  EXPECT_EQ(problems(replaced(base, "[\"CT\", \"MR\"]\ngroup", "[\"CT\", \"PT\", \"MG\"]\ngroup")),
            Said{"32: agreement[1].modalities: got PT, MG, which nobody of its group reads"});
  const std::string overflow =
      replaced(replaced(base, "sites = [\"lyon\", \"nantes\"]", "sites = [\"nantes\"]"),
               "group = \"tous\"", "group = \"tous\"\noverflow = \"est\"") +
      "[[group]]\nid = 2\nname = \"est\"\nsites = [\"lyon\"]\n" +
      "[[person]]\nid = 102\nname = \"autre\"\nrpps = \"99900000002\"\nroles = [\"reader\"]\n"
      "site = \"nantes\"\nprivilege = [{ modalities = [\"CT\"] }]\n";
  EXPECT_EQ(problems(overflow), Said{}) << "its overflow reads the MR";
}

TEST_F(DirectoryCheckFile, AnAgreementThatNeverAppliesNamesTheOneBeforeIt) {
  const auto with = [](const std::string& establishments, const std::string& modalities) {
    return base + "[[agreement]]\nname = \"late\"\nafter = [\"scanner\"]\n" + signatures +
           establishments + "modalities = [" + modalities + "]\ngroup = \"tous\"\n";
  };
  const Said never = {
      "45: agreement[2].name: got \"late\", which never applies: \"scanner\" in line 28 covers all "
      "of it"};
  EXPECT_EQ(problems(with("establishments = [\"ch-dax\"]\n", "\"CT\"")), never);
  EXPECT_EQ(problems(with("", "\"CT\", \"MR\"")), never) << "the first names all there are";
  EXPECT_EQ(problems(replaced(with("", "\"CT\""), "establishments = [\"ch-gap\", \"ch-dax\"]",
                              "establishments = [\"ch-gap\"]")),
            Said{});
  EXPECT_EQ(problems(replaced(with("establishments = [\"ch-dax\"]\n", "\"CT\", \"MR\""),
                              "[\"CT\", \"MR\"]\ngroup = \"tous\"\n[[person]]",
                              "[\"CT\"]\ngroup = \"tous\"\n[[person]]")),
            Said{})
      << "the first has no MR";
}

TEST_F(DirectoryCheckFile, AnAgreementOfOtherHoursOrDaysMayStillApply) {
  const auto problems_with = [&](const std::string& first, const std::string& second) {
    const std::string calendars =
        "[[calendar]]\nid = 1\nname = \"metropole\"\nzone = \"Europe/Paris\"\n";
    std::string text = replaced(base, "name = \"scanner\"\n", "name = \"scanner\"\n" + first);
    for (const char* place : {"ch-gap", "ch-dax"}) {
      const std::string name = std::string("name = \"") + place + "\"\n";
      text = replaced(text, name, name + "calendar = \"metropole\"\n");
    }
    return problems(text + calendars + "[[agreement]]\nname = \"late\"\nafter = [\"scanner\"]\n" +
                    signatures + second +
                    "modalities = [\"CT\"]\nestablishments = [\"ch-dax\"]\ngroup = \"tous\"\n")
        .size();
  };
  EXPECT_EQ(problems_with("bands = [\"guard\"]\n", ""), 0u);
  EXPECT_EQ(problems_with("bands = [\"guard\"]\n", "bands = [\"day\"]\n"), 0u);
  EXPECT_EQ(problems_with("bands = [\"guard\"]\n", "bands = [\"evening\"]\n"), 1u);
  EXPECT_EQ(problems_with("", "bands = [\"evening\"]\n"), 1u);
  EXPECT_EQ(problems_with("until = 2027-01-01\n", ""), 0u);
  EXPECT_EQ(problems_with("until = 2027-01-01\n", "until = 2026-06-01\n"), 1u);
  EXPECT_EQ(problems_with("from = 2026-02-01\n", "until = 2026-06-01\n"), 0u);
  EXPECT_EQ(problems_with("from = 2026-02-01\n", "from = 2026-02-01\n"), 1u);
}

// domain O11
TEST_F(DirectoryCheckFile, OfTwoAgreementsForOneHospitalTheSecondNamesTheFirst) {
  const auto in_the_area = [&](const std::string& text) {
    return replaced(text, "name = \"ch-dax\"\n", "name = \"ch-dax\"\narea = \"nord\"\n");
  };
  const std::string text = in_the_area(base) + "[[agreement]]\nname = \"late\"\n" + signatures +
                           "areas = [\"nord\"]\nmodalities = [\"CT\", \"CR\"]\ngroup = \"tous\"\n" +
                           "[[area]]\nid = 1\nname = \"nord\"\nkind = \"ght\"\n";
  const std::string reads = replaced(text, "{ modalities = [\"CT\", \"MR\"] }",
                                     "{ modalities = [\"CT\", \"MR\", \"CR\"] }");
  const auto found = problems(reads);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(
      found[0].find("agreement[2].after: got no word on \"scanner\" in line 29, which applies "
                    "to \"ch-dax\" as well"),
      std::string::npos)
      << found[0];
  EXPECT_EQ(
      problems(replaced(reads, "name = \"late\"\n", "name = \"late\"\nafter = [\"scanner\"]\n")),
      Said{});
  EXPECT_EQ(problems(replaced(reads, "[\"CT\", \"CR\"]", "[\"CR\"]")), Said{})
      << "they do not meet";
}

// domain O14
TEST_F(DirectoryCheckFile, APoolBelowItsFloorIsNamed) {
  const std::string floor = "group = \"tous\"\npool_min = ";
  EXPECT_EQ(problems(replaced(base, "group = \"tous\"\n", floor + "2\n")), Said{});
  EXPECT_EQ(problems(replaced(base, "group = \"tous\"\n", floor + "3\n")),
            Said{"34: agreement[1].pool_min: got 3, and \"tous\" has 2"});
}

// domain N10, R7
TEST_F(DirectoryCheckFile, ACountOfPostsAgainstItsListIsNamed) {
  const auto listed = [&](const std::string& posts) {
    return problems(replaced(base, "posts = 3\n", "posts = 3\npost = [" + posts + "]\n"));
  };
  EXPECT_EQ(listed("{ name = \"a\" }, { name = \"b\" }, { name = \"c\", kind = \"home\" }"),
            Said{});
  EXPECT_EQ(listed("{ name = \"a\" }, { name = \"b\" }"), Said{"12: site[2].posts: got 3"});
}

// domain R2
TEST_F(DirectoryCheckFile, WhatHasEndedIsAWarning) {
  const std::string people =
      replaced(base, "{ modalities = [\"CT\", \"MR\"] }",
               "{ modalities = [\"CT\", \"MR\"], until = 2026-03-01 }") +
      its_key +
      "[[person]]\nid = 201\nname = \"regulateur\"\nroles = [\"regulator\"]\n"
      "qualification = [{ role = \"regulator\", from = 2026-01-01, until = 2026-03-01 }]\n";
  const auto on = [&](std::int64_t day) {
    const auto found = check_directory(folder.write("d.toml", people), {day * 86'400'000});
    EXPECT_FALSE(found->problems.any()) << found->problems.error().what;
    return said(found->warnings).size();
  };
  EXPECT_EQ(on(20'512), 0u) << "2026-02-28";
  EXPECT_EQ(on(20'513), 2u) << "2026-03-01";
}

/// From six in the evening, thirteen hours.
std::string shift_of(const std::string& person, const std::string& day) {
  return "[[shift]]\nperson = \"" + person + "\"\nsite = \"nantes\"\nfrom = 2026-11-" + day +
         "T18:00:00+01:00\nuntil = 2026-11-" + std::to_string(std::stoi(day) + 1) + "T06:00:00Z\n";
}

std::string second_reader() {
  return "[[person]]\nid = 102\nname = \"lecteur 2\"\nrpps = \"99900000002\"\n"
         "roles = [\"reader\"]\nsite = \"lyon\"\nprivilege = [{ modalities = [\"CT\"] }]\n"
         "[[key]]\nid = 2\nkey = \"2123456789012345678901234567890123456789\"\n"
         "person = \"lecteur 2\"\n";
}

// domain O21
TEST_F(DirectoryCheckFile, AShiftIsReadWithItsOffsetAndWrittenBack) {
  const auto found = check(base + its_key + shift_of("lecteur", "21"));
  EXPECT_FALSE(found.problems.any()) << found.problems.error().what;
  ASSERT_EQ(found.directory.roster.size(), 1u);
  EXPECT_EQ(moment_text(found.directory.roster[0].from), "2026-11-21T17:00:00Z");
  EXPECT_EQ(moment_text(found.directory.roster[0].until), "2026-11-22T06:00:00Z");
  const auto again = load_directory(folder.write("2.toml", write_directory(found.directory)));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, found.directory);
}

// domain O21
TEST_F(DirectoryCheckFile, AShiftThatCannotBeIsAProblem) {
  const auto wrong = [&](const std::string& shift) { return problems(base + its_key + shift); };
  EXPECT_EQ(wrong(shift_of("lecteur", "21") + shift_of("lecteur", "21")),
            Said{"64: shift[2].from: got 2026-11-21T17:00:00Z"});
  EXPECT_EQ(wrong(replaced(shift_of("lecteur", "21"), "2026-11-22T06", "2026-11-22T18")),
            Said{"60: shift[1].until: got 2026-11-22T18:00:00Z"});
  EXPECT_EQ(wrong(replaced(shift_of("lecteur", "21"), "18:00:00+01:00", "18:00:00")),
            Said{"59: shift[1].from: got 2026-11-21T18:00:00"});
  EXPECT_EQ(wrong(shift_of("chef", "21")), Said{"57: shift[1].person: got \"chef\""});
}

// domain R6
TEST_F(DirectoryCheckFile, MoreReadersThanPostsIsAWarning) {
  const std::string small = replaced(base + its_key, "posts = 3", "posts = 1") + second_reader();
  const auto found = check(small + shift_of("lecteur", "21") + shift_of("lecteur 2", "21"));
  EXPECT_FALSE(found.problems.any()) << found.problems.error().what;
  EXPECT_EQ(said(found.warnings).size(), 1u);
  EXPECT_NE(said(found.warnings).at(0).find("\"nantes\", where 1 are on guard"), std::string::npos);
}

// domain R11
TEST_F(DirectoryCheckFile, WhoGuardsForMoreThanAFifthOfHisHoursIsAWarning) {
  const auto warnings = [&](int shifts) {
    std::string text = replaced(base + its_key, "site = \"lyon\"\nprivilege",
                                "site = \"lyon\"\nhome_hours = 35\nprivilege");
    for (int i = 0; i < shifts; ++i) text += shift_of("lecteur", std::to_string(10 + i));
    const auto found = check(text);
    EXPECT_FALSE(found.problems.any()) << found.problems.error().what;
    return said(found.warnings);
  };
  EXPECT_EQ(warnings(2), Said{}) << "26 h beside 150";
  ASSERT_EQ(warnings(4).size(), 1u) << "52 h beside 150";
  EXPECT_NE(warnings(4)[0].find("who with 4 shifts guards for 25 % of his hours in 2026-11"),
            std::string::npos)
      << warnings(4)[0];
}

TEST_F(DirectoryCheckFile, AnEstablishmentThatNoAgreementCoversIsAWarning) {
  const auto found = check(replaced(base, "[\"ch-gap\", \"ch-dax\"]", "[\"ch-gap\"]") + its_key);
  EXPECT_FALSE(found.problems.any());
  EXPECT_EQ(said(found.warnings),
            Said{"24: establishment[2].name: got \"ch-dax\", which no agreement covers"});
}

TEST_F(DirectoryCheckFile, TheSamplesHaveNoProblem) {
  for (const char* name : {"federation-3", "federation-8"}) {
    const auto found = check_directory(std::string("config/samples/") + name + "/directory.toml");
    ASSERT_TRUE(found);
    EXPECT_EQ(said(found->problems), Said{}) << name;
  }
}

}  // namespace
}  // namespace vigie::settings
