// What a new directory would change, as an administrator reads it before he applies it.
#include "config/settings/directory_diff.hpp"

#include <gtest/gtest.h>

#include "config/settings/directory_file.hpp"

namespace vigie::settings {
namespace {

PublicKey key_of(std::uint8_t first) {
  PublicKey key{};
  key[0] = first;
  return key;
}

Site site_of(std::uint8_t id, const char* name, const char* code) {
  Site site;
  site.id = {id};
  site.name = name;
  site.code = code;
  site.posts = 16;
  site.node_key = key_of(id);
  return site;
}

Agreement agreement(std::string name, std::vector<EstablishmentId> places, Regulation regulation) {
  Agreement a;
  a.name = std::move(name);
  a.establishments = std::move(places);
  a.group = {1};
  a.regulation = regulation;
  a.requester = a.provider = {"signed", {1'767'571'200'000}, {}};
  return a;
}

Directory live() {
  Directory d;
  d.version = 4;
  d.federation = "garde-sud";
  d.sites = {site_of(1, "lyon", "LYS"), site_of(2, "nantes", "NAN")};
  d.groups = {{{1}, "tous", {{1}, {2}}, {}}};
  d.establishments = {{{7}, "ch-gap", {7}, "", {}, {}, {{1}}, "", {}, {}, {}}};
  d.entities = {{{7}, "CH Gap", EntityKind::public_}};
  d.agreements = {agreement("ct", {}, Regulation::required),
                  agreement("mr", {{7}}, Regulation::after)};
  d.agreements[0].modalities.add(Modality::ct);
  d.agreements[1].modalities.add(Modality::mr);
  Person anna{{501}, "Anna", "99900000001", {}, {1}, {}, {}, {}, {}, {}};
  anna.roles.add(Role::reader);
  anna.privileges = {{Set<Modality>::of(Modality::ct)}};
  d.people = {anna};
  d.keys = {{{1}, key_of(1), {}, {1}}, {{2}, key_of(2), {}, {2}}, {{3}, key_of(3), {501}, {}}};
  Protocol& stroke = d.protocols.emplace_back();
  stroke.code = "AVC-TDM v3";
  stroke.name = "TDM AVC";
  stroke.modality = Modality::ct;
  EXPECT_TRUE(d.normalise());
  return d;
}

std::string said(const Directory& now, const Directory& wanted) {
  const auto diff = diff_directory(now, wanted);
  EXPECT_TRUE(diff) << diff.error().what;
  return diff ? text_of(*diff) : std::string();
}

TEST(DirectoryDiff, OfTheSameIsEmptyWhateverItsVersion) {
  Directory wanted = live();
  wanted.version = 9;
  const auto diff = diff_directory(live(), wanted);
  ASSERT_TRUE(diff);
  EXPECT_TRUE(diff->is_empty());
  EXPECT_EQ(text_of(*diff), "");
}

TEST(DirectoryDiff, DoesNotTellWhatOnlyVigieSiteChanges) {
  Directory now = live();
  now.sites[1].membership = Membership::voter;
  now.sites[1].generation = 3;
  now.sites[1].address = "10.0.0.1:7001";
  now.sites[1].priority = 5;
  now.sites[1].node_key = key_of(9);
  now.keys.push_back({{4}, key_of(9), {}, {2}});
  now.keys[1].revoked = true;
  EXPECT_EQ(said(now, live()), "") << "an older file keeps what came since";
}

TEST(DirectoryDiff, TellsWhatComesAndGoes) {
  Directory wanted = live();
  wanted.people.push_back({{502}, "Bruno", "", {}, {1}, {}, {}, {}, {}, {}});
  wanted.people.back().roles.add(Role::support);
  wanted.keys.pop_back();
  wanted.protocols.clear();
  EXPECT_EQ(said(live(), wanted),
            "+ person 502 Bruno\n"
            "- key 3 Anna\n"
            "- protocol AVC-TDM v3 TDM AVC\n");
}

TEST(DirectoryDiff, TellsEachChangedValueOfAnItemInOneLine) {
  Directory wanted = live();
  wanted.federation = "garde-nord";
  wanted.sites[0].posts = 12;
  wanted.agreements[0].regulation = Regulation::none;
  wanted.agreements[0].modalities.add(Modality::mr);
  wanted.keys[2].revoked = true;
  wanted.rules.offer_timeout = 20_s;
  EXPECT_EQ(said(live(), wanted),
            "~ federation: name garde-sud -> garde-nord\n"
            "~ site 1 lyon: posts 16 -> 12\n"
            "~ agreement ct: modalities CT -> CT, MR; regulation required -> none\n"
            "~ key 3 Anna: revoked nothing -> true\n"
            "~ rules: offer_timeout 30 s -> 20 s\n");
}

TEST(DirectoryDiff, GroupsByKindAndKeepsThePartsApart) {
  Directory wanted = live();
  wanted.agreements.push_back(agreement("us", {{7}}, Regulation::none));
  wanted.agreements.back().modalities.add(Modality::pt);
  wanted.agreements[1].regulation = Regulation::none;
  const auto diff = diff_directory(live(), wanted);
  ASSERT_TRUE(diff);
  EXPECT_EQ(diff->added, (std::vector<DirectoryItem>{{"agreement", "us"}}));
  EXPECT_EQ(diff->changed,
            (std::vector<DirectoryChange>{{{"agreement", "mr"}, "regulation", "after", "none"}}));
  EXPECT_EQ(text_of(*diff), "+ agreement us\n~ agreement mr: regulation after -> none\n");
}

TEST(DirectoryDiff, TellsThatAgreementsChangeTheirOrder) {
  Directory wanted = live();
  std::swap(wanted.agreements[0], wanted.agreements[1]);
  EXPECT_EQ(said(live(), wanted), "~ agreement: order ct, mr -> mr, ct\n");
  wanted = live();
  wanted.agreements.insert(wanted.agreements.begin(), wanted.agreements[0]);
  wanted.agreements[0].name = "first";
  EXPECT_EQ(said(live(), wanted),
            "+ agreement first\n~ agreement: order ct, mr -> first, ct, mr\n");
}

TEST(DirectoryDiff, TellsAgreementsOfOneNameApart) {
  Directory now = live(), wanted = live();
  for (Directory* d : {&now, &wanted}) d->agreements[1].name = "ct";
  wanted.agreements[0].regulation = Regulation::none;
  wanted.agreements[1].regulation = Regulation::none;
  EXPECT_EQ(said(now, wanted),
            "~ agreement ct: regulation required -> none\n"
            "~ agreement ct (2): regulation after -> none\n");
}

TEST(DirectoryDiff, SaysWhatTheFederationWouldRefuse) {
  Directory wanted = live();
  wanted.sites.pop_back();
  wanted.groups[0].sites.pop_back();
  const auto diff = diff_directory(live(), wanted);
  ASSERT_FALSE(diff);
  EXPECT_EQ(diff.error().code, Errc::bad_value);
  EXPECT_NE(diff.error().what.find("nantes"), std::string::npos);
}

TEST(DirectoryDiff, ShowsCalendarsByTheirRules) {
  Directory now = live(), wanted = live();
  Calendar c;
  c.id = {1};
  c.name = "gap";
  c.zone = "Europe/Paris";
  c.holidays = {"france"};
  now.calendars = wanted.calendars = {c};
  EXPECT_EQ(said(now, wanted), "");
  wanted.calendars[0].holidays.push_back("12-26");
  wanted.calendars[0].guard_end = 9_h;
  EXPECT_EQ(said(now, wanted),
            "~ calendar 1 gap: guard_end 8 h -> 9 h; holidays france -> france, 12-26\n");
  EXPECT_EQ(said(live(), wanted), "+ calendar 1 gap\n");
}

}  // namespace
}  // namespace vigie::settings
