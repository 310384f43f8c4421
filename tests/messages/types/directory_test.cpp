#include "messages/types/directory.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "messages/types/limits.hpp"

namespace vigie {
namespace {

constexpr UtcTime now{1'780'000'000'000};

Directory good() {
  Directory d;
  d.sites = {{{2}, "marseille", "MRS", {}, 3, "", {}, false, {}, {}, 0, 0},
             {{1}, "lyon", "LYS", {}, 4, "", {}, false, {}, {}, 0, 0}};
  d.groups = {{{2}, "jour", {{2}}, {}}, {{1}, "nuit", {{1}, {2}}, {}}};
  Agreement a;
  a.name = "gap";
  a.establishments = {{9}, {7}, {8}};
  a.group = {1};
  a.overflow = {2};
  a.modalities.add(Modality::ct);
  a.requester = a.provider = {"signed", {}, {}};
  d.agreements = {a};
  for (std::uint32_t id : {9u, 7u, 8u}) {
    Establishment e;
    e.id = {id};
    e.doors = {{1}};
    e.legal_entity = {3};
    d.establishments.push_back(e);
  }
  d.entities = {{{3}, "CH", EntityKind::public_}};
  Person reader;
  reader.id = {5};
  reader.roles.add(Role::reader);
  reader.rpps = "10001234567";
  reader.site = {1};
  d.people = {reader};
  Key of_person, of_node;
  of_person.id = {4};
  of_person.person = {5};
  of_node.id = {3};
  of_node.node = {2};
  d.keys = {of_person, of_node};
  return d;
}

/// Working hours until `now`, then evening, for hospital 7.
Directory with_a_calendar() {
  Directory d = good();
  Calendar c;
  c.id = {4};
  c.turns = {{now - 10_h, Band::day}, {now, Band::evening}, {now + 6_h, Band::deep_night}};
  c.until = now + 24_h;
  d.calendars = {c};
  for (Establishment& e : d.establishments) e.calendar = {4};
  return d;
}

TEST(Directory, NormaliseSortsSoThatLookupsFind) {
  Directory d = good();
  const auto done = d.normalise();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(d.site({2})->code, "MRS");
  EXPECT_EQ(d.site({1})->code, "LYS");
  EXPECT_EQ(d.site({3}), nullptr);
  EXPECT_EQ(d.group({1})->name, "nuit");
  for (std::uint32_t id : {7u, 8u, 9u}) {
    ASSERT_NE(d.establishment({id}), nullptr);
    EXPECT_NE(d.agreement({id}, Modality::ct, now), nullptr) << "establishments of agreements too";
    EXPECT_EQ(d.agreement({id}, Modality::mr, now), nullptr);
  }
  EXPECT_EQ(d.key({3})->node, SiteId{2});
  EXPECT_EQ(d.person({5})->rpps, "10001234567");
  Directory again = d;
  ASSERT_TRUE(again.normalise());
  EXPECT_EQ(again, d);
}

TEST(Directory, NormaliseRefusesWhatNobodyCouldServe) {
  const std::pair<const char*, std::function<void(Directory&)>> faults[] = {
      {"site id twice", [](Directory& d) { d.sites[1].id = d.sites[0].id; }},
      {"site without id", [](Directory& d) { d.sites[1].id = {}; }},
      {"code of two letters", [](Directory& d) { d.sites[0].code = "LY"; }},
      {"group id twice", [](Directory& d) { d.groups[1].id = d.groups[0].id; }},
      {"group of an unknown site", [](Directory& d) { d.groups[0].sites.push_back({77}); }},
      {"an end before the beginning",
       [](Directory& d) {
         d.agreements[0].from = now;
         d.agreements[0].until = now;
       }},
      {"a date beyond calendars", [](Directory& d) { d.agreements[0].from = {1ll << 60}; }},
      {"bands without a calendar", [](Directory& d) { d.agreements[0].bands.add(Band::evening); }},
      {"unknown calendar", [](Directory& d) { d.establishments[0].calendar = {9}; }},
      {"turns that go back",
       [](Directory& d) {
         d.calendars = with_a_calendar().calendars;
         std::swap(d.calendars[0].turns[0], d.calendars[0].turns[1]);
       }},
      {"turns between minutes",
       [](Directory& d) {
         d.calendars = with_a_calendar().calendars;
         d.calendars[0].turns[1].at = d.calendars[0].turns[1].at + 1_ms;
       }},
      {"turns beyond the horizon",
       [](Directory& d) {
         d.calendars = with_a_calendar().calendars;
         d.calendars[0].until = now;
       }},
      {"agreement without group", [](Directory& d) { d.agreements[0].group = {77}; }},
      {"unknown overflow", [](Directory& d) { d.agreements[0].overflow = {77}; }},
      {"ultrasound", [](Directory& d) { d.agreements[0].modalities.add(Modality::us); }},
      {"agreement of nobody", [](Directory& d) { d.agreements[0].establishments[0] = {77}; }},
      {"establishment id twice", [](Directory& d) { d.establishments[0].id = {8}; }},
      {"no door", [](Directory& d) { d.establishments[0].doors.clear(); }},
      {"unknown door", [](Directory& d) { d.establishments[0].doors = {{77}}; }},
      {"person id twice", [](Directory& d) { d.people.push_back(d.people[0]); }},
      {"person of an unknown site", [](Directory& d) { d.people[0].site = {77}; }},
      {"reader without RPPS", [](Directory& d) { d.people[0].rpps.clear(); }},
      {"key id twice", [](Directory& d) { d.keys[1].id = d.keys[0].id; }},
      {"key of nobody", [](Directory& d) { d.keys[0].person = {77}; }},
      {"a time that wraps", [](Directory& d) { d.rules.no_images = {INT64_MAX}; }},
      {"a time before now", [](Directory& d) { d.rules.relax_any = {-1}; }},
  };
  for (const auto& [name, spoil] : faults) {
    Directory d = good();
    spoil(d);
    const auto done = d.normalise();
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().code, Errc::bad_value) << name;
    EXPECT_FALSE(done.error().what.empty()) << name;
  }
}

TEST(Directory, NormaliseRefusesMoreWaitingQueuesThanTheRoomKeeps) {
  Directory d = good();
  EXPECT_EQ(d.queue_keys(), 8u) << "one pair of groups, one modality, 6 skills and 2 relaxed";
  d.agreements[0].modalities.bits = 0x7ff & ~(1u << static_cast<unsigned>(Modality::us));
  for (std::uint16_t group = 3; group < 20; ++group) {
    d.groups.push_back({{group}, "g", {{1}}});
    Agreement a = d.agreements[0];
    a.group = {group};
    d.agreements.push_back(a);
  }
  EXPECT_GT(d.queue_keys(), limits::queue_keys_count);
  EXPECT_FALSE(d.normalise());
}

// domain O4, O11
TEST(Directory, TheFirstAgreementThatMatchesWins) {
  Directory d = good();
  Agreement all = d.agreements[0];
  all.name = "all";
  all.establishments.clear();
  d.agreements.push_back(all);
  ASSERT_TRUE(d.normalise());
  EXPECT_EQ(d.agreement({7}, Modality::ct, now)->name, "gap");
  EXPECT_EQ(d.agreement({500}, Modality::ct, now)->name, "all");
}

/// Hospital 7 in a GHT of a territory, 8 beside it in the region, 9 elsewhere and of another
/// entity.
Directory with_areas() {
  Directory d = good();
  d.areas = {{{1}, "Vaucluse", AreaKind::ght, {2}},
             {{2}, "Provence", AreaKind::territory, {3}},
             {{3}, "PACA", AreaKind::region, {}}};
  d.entities.push_back({{4}, "Clinique", EntityKind::private_});
  for (Establishment& e : d.establishments) {
    if (e.id.value == 7) e.area = {1};
    if (e.id.value == 8) e.area = {3};
    if (e.id.value == 9) e.legal_entity = {4};
  }
  return d;
}

// domain N9
TEST(Directory, AreasNestAndAnAgreementMayNameOne) {
  Directory d = with_areas();
  d.agreements[0].establishments.clear();
  d.agreements[0].areas = {{2}};
  ASSERT_TRUE(d.normalise());
  EXPECT_EQ(d.path_of({1}), (AreaPath{{1}, {2}, {3}}));
  EXPECT_EQ(d.path_of({3}), (AreaPath{{}, {}, {3}}));
  EXPECT_EQ(d.path_of({}), AreaPath{});
  EXPECT_NE(d.agreement({7}, Modality::ct, now), nullptr) << "its GHT is in the territory";
  EXPECT_EQ(d.agreement({8}, Modality::ct, now), nullptr);
  d.agreements[0].areas = {{3}};
  EXPECT_NE(d.agreement({8}, Modality::ct, now), nullptr);
  EXPECT_EQ(d.agreement({9}, Modality::ct, now), nullptr);
}

// domain N9
TEST(Directory, AnAreaLiesWithinALargerKindOnly) {
  for (const auto& [number, within] : {std::pair{2, 1}, {2, 2}, {3, 2}, {1, 77}}) {
    Directory d = with_areas();
    d.areas[static_cast<std::size_t>(number - 1)].within = {static_cast<std::uint16_t>(within)};
    EXPECT_FALSE(d.normalise()) << number << " within " << within;
  }
}

// domain N8, N11
TEST(Directory, AnAgreementMayNameALegalEntityForAllItsSites) {
  Directory d = with_areas();
  d.agreements[0].establishments.clear();
  d.agreements[0].entities = {{3}};
  ASSERT_TRUE(d.normalise());
  EXPECT_NE(d.agreement({7}, Modality::ct, now), nullptr);
  EXPECT_NE(d.agreement({8}, Modality::ct, now), nullptr);
  EXPECT_EQ(d.agreement({9}, Modality::ct, now), nullptr);
  EXPECT_EQ(name_of(d.entity({4})->kind), "private");
  d.establishments[0].legal_entity = {77};
  EXPECT_FALSE(d.normalise());
}

// domain O11
TEST(Directory, WhatAnAgreementComesAfterStandsBeforeIt) {
  Directory d = good();
  Agreement late = d.agreements[0];
  late.name = "late";
  late.after = {"gap"};
  d.agreements.push_back(late);
  EXPECT_TRUE(d.normalise());
  d.agreements[0].after = {"late"};
  EXPECT_FALSE(d.normalise());
  d.agreements[0].after = {"nobody"};
  EXPECT_FALSE(d.normalise());
}

// domain O7
TEST(Directory, ARecourseIsWithinFortyFiveMinutes) {
  Directory d = good();
  ASSERT_TRUE(d.normalise());
  Establishment& place = d.establishments[0];
  place.recourses = {{"CHU", "04", 45, false}, {"Enfants", "", 20, true}};
  EXPECT_TRUE(d.normalise());
  EXPECT_EQ(text_of(place.recourses[0]), "CHU, 04, 45 min");
  EXPECT_EQ(place.recourse(true)->name, "Enfants");
  EXPECT_EQ(place.recourse(false)->name, "CHU");
  EXPECT_EQ(d.establishments[1].recourse(false), nullptr);
  place.recourses.pop_back();
  EXPECT_EQ(place.recourse(true)->name, "CHU") << "better than none";
  place.recourses[0].minutes = 46;
  EXPECT_FALSE(d.normalise());
}

// domain N10, R7
TEST(Directory, ACountOfPostsIsThatOfTheirList) {
  Directory d = good();
  ASSERT_TRUE(d.normalise());
  Site& lyon = d.sites[0];
  lyon.enrolled = {{"a"}, {"b"}, {"c", PostKind::home}};
  EXPECT_FALSE(d.normalise()) << "four posts";
  lyon.posts = 3;
  EXPECT_TRUE(d.normalise());
  lyon.enrolled[1].name = "a";
  EXPECT_FALSE(d.normalise()) << "one name twice";
}

// domain O13
TEST(Directory, AnAgreementThatOneSideSignedIsNoRoute) {
  Directory d = good();
  ASSERT_TRUE(d.normalise());
  d.agreements[0].provider = {};
  EXPECT_EQ(d.agreement({7}, Modality::ct, now), nullptr);
  d.agreements[0].provider = {"signed", {}, {}};
  d.agreements[0].requester = {};
  EXPECT_EQ(d.agreement({7}, Modality::ct, now), nullptr);
}

// domain O13, O18
TEST(Directory, AnAgreementHoldsBetweenItsDatesAndAGraceAfter) {
  Directory d = good();
  d.agreements[0].from = now;
  d.agreements[0].until = now + 24_h;
  ASSERT_TRUE(d.normalise());
  EXPECT_FALSE(d.agreement({7}, Modality::ct, now - 1_ms));
  EXPECT_TRUE(d.agreement({7}, Modality::ct, now));
  EXPECT_TRUE(d.agreement({7}, Modality::ct, now + 24_h + 15_min - 1_ms));
  EXPECT_FALSE(d.agreement({7}, Modality::ct, now + 24_h + 15_min));
}

// domain O2, O3, O9
TEST(Directory, AnAgreementByBandsHoldsFromTheGuardsFirstMoment) {
  Directory d = with_a_calendar();
  Agreement night = d.agreements[0];
  night.name = "night";
  d.agreements[0].bands.add(Band::evening);
  night.bands.add(Band::deep_night);
  d.agreements.push_back(night);
  ASSERT_TRUE(d.normalise());
  EXPECT_EQ(d.band({7}, now - 1_ms), Band::day);
  EXPECT_FALSE(d.agreement({7}, Modality::ct, now - 1_ms));
  EXPECT_EQ(d.agreement({7}, Modality::ct, now)->name, "gap");
  EXPECT_EQ(d.agreement({7}, Modality::ct, now + 6_h)->name, "night");
  EXPECT_EQ(d.agreement({7}, Modality::ct, now + 24_h + 15_min), nullptr) << "beyond the horizon";
  d.establishments[0].calendar = {};
  EXPECT_FALSE(d.agreement({7}, Modality::ct, now)) << "nobody knows when its guard is";
}

TEST(Roles, HaveNamesThatAreReadBack) {
  for (int i = 0; i < role_count; ++i) {
    Role role = Role::none;
    ASSERT_TRUE(role_of(name_of(static_cast<Role>(i)), role));
    EXPECT_EQ(static_cast<int>(role), i);
  }
  Role role = Role::none;
  EXPECT_FALSE(role_of("surgeon", role));
}

}  // namespace
}  // namespace vigie
