#include "messages/types/site_change.hpp"

#include <gtest/gtest.h>

namespace vigie {
namespace {

PublicKey key_number(std::uint8_t n) {
  PublicKey key{};
  key[0] = n;
  return key;
}

Directory three() {
  Directory d;
  d.version = 4;
  const char* codes[] = {"LYS", "BDX", "MRS"};
  for (std::uint8_t n = 1; n <= 3; ++n) {
    Site site;
    site.id = {n};
    site.name = "site-" + std::to_string(n);
    site.code = codes[n - 1];
    site.node_key = key_number(n);
    d.sites.push_back(site);
    d.keys.push_back({{n}, key_number(n), {}, {n}, false, false});
  }
  return d;
}

ChangeSite order(SiteChange what, const std::string& name, std::uint8_t key = 0) {
  ChangeSite change;
  change.what = what;
  change.site.name = name;
  change.site.code = "NTE";
  change.site.address = "10.0.0.4:7401";
  change.site.node_key = key_number(key);
  return change;
}

Errc refusal(Directory d, const ChangeSite& change) {
  const Directory before = d;
  const auto done = change_site(d, change);
  if (done) return Errc::ok;
  EXPECT_EQ(d, before) << "refused, so nothing is changed";
  return done.error().code;
}

TEST(SiteChange, AddTakesTheNextIdAndMakesALearnerWithItsKey) {
  Directory d = three();
  ASSERT_TRUE(change_site(d, order(SiteChange::add, "nantes", 9)));
  EXPECT_EQ(d.version, 5u);
  const Site* site = d.site_named("nantes");
  ASSERT_NE(site, nullptr);
  EXPECT_EQ(site->id, SiteId{4});
  EXPECT_EQ(site->membership, Membership::learner);
  EXPECT_EQ(site->generation, 1);
  ASSERT_NE(d.key_with(key_number(9)), nullptr);
  EXPECT_EQ(d.key_with(key_number(9))->node, SiteId{4});
}

TEST(SiteChange, PromotingWarnsOfAnEvenNumberOfVoters) {
  Directory d = three();
  ASSERT_TRUE(change_site(d, order(SiteChange::add, "nantes", 9)));
  const auto fourth = change_site(d, order(SiteChange::promote, "nantes"));
  ASSERT_TRUE(fourth);
  EXPECT_NE(fourth->find("even"), std::string::npos);
  const auto third = change_site(d, order(SiteChange::remove, "site-1"));
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->empty());
}

TEST(SiteChange, RefusesInWordsAndChangesNothing) {
  const Directory d = three();
  EXPECT_EQ(refusal(d, order(SiteChange::promote, "nantes")), Errc::not_found);
  EXPECT_EQ(refusal(d, order(SiteChange::promote, "site-1")), Errc::bad_value) << "it votes";
  EXPECT_EQ(refusal(d, order(SiteChange::add, "site-1", 9)), Errc::bad_value) << "it is there";
  EXPECT_EQ(refusal(d, order(SiteChange::add, "nantes", 1)), Errc::bad_value) << "another's key";
  EXPECT_EQ(refusal(d, order(SiteChange::add, "nantes")), Errc::bad_value) << "no key";
  EXPECT_EQ(refusal(d, order(SiteChange::none, "site-1")), Errc::bad_value);
  ChangeSite taken = order(SiteChange::add, "nantes", 9);
  taken.site.id = {2};
  EXPECT_EQ(refusal(d, taken), Errc::bad_value) << "its id is another's";
  taken = order(SiteChange::add, "nantes", 9);
  taken.site.code = "LYS";
  EXPECT_EQ(refusal(d, taken), Errc::bad_value) << "its code is another's";
}

TEST(SiteChange, TheLastVoterStays) {
  Directory d = three();
  ASSERT_TRUE(change_site(d, order(SiteChange::remove, "site-1")));
  ASSERT_TRUE(change_site(d, order(SiteChange::remove, "site-2")));
  EXPECT_EQ(refusal(d, order(SiteChange::remove, "site-3")), Errc::bad_value);
  EXPECT_EQ(refusal(d, order(SiteChange::rejoin, "site-3")), Errc::bad_value);
}

TEST(SiteChange, RejoiningIsANewGenerationAndRevokesTheOldKey) {
  Directory d = three();
  ASSERT_TRUE(change_site(d, order(SiteChange::rejoin, "site-2", 9)));
  const Site* site = d.site_named("site-2");
  EXPECT_EQ(site->generation, 1);
  EXPECT_EQ(site->membership, Membership::learner);
  EXPECT_TRUE(d.key_with(key_number(2))->revoked);
  EXPECT_FALSE(d.key_with(key_number(9))->revoked);
  ASSERT_TRUE(change_site(d, order(SiteChange::rejoin, "site-2")));
  EXPECT_EQ(d.site_named("site-2")->generation, 2) << "the key may stay";
}

TEST(SiteChange, ARemovedSiteComesBackUnderItsOwnId) {
  Directory d = three();
  ASSERT_TRUE(change_site(d, order(SiteChange::remove, "site-3")));
  ChangeSite back = order(SiteChange::add, "site-3", 3);
  back.site.code = "MRS";
  ASSERT_TRUE(change_site(d, back));
  EXPECT_EQ(d.site_named("site-3")->id, SiteId{3});
  EXPECT_EQ(d.site_named("site-3")->generation, 1);
}

TEST(ReplaceDirectory, KeepsWhatOnlyAChangeOfASiteGives) {
  Directory now = three();
  ASSERT_TRUE(change_site(now, order(SiteChange::add, "nantes", 9)));
  ASSERT_TRUE(change_site(now, order(SiteChange::promote, "nantes")));
  Directory wanted = three();
  wanted.version = now.version + 1;
  Site nantes;
  nantes.id = {4};
  nantes.name = "nantes";
  nantes.code = "NTE";
  nantes.posts = 5;
  wanted.sites.push_back(nantes);
  const auto got = replace_directory(now, wanted);
  ASSERT_TRUE(got) << got.error().what;
  Site expected = *now.site({4});
  expected.posts = 5;
  EXPECT_EQ(*got->site({4}), expected);
  ASSERT_NE(got->key_with(key_number(9)), nullptr) << "its node would be a stranger";
  EXPECT_EQ(got->key_with(key_number(9))->node, SiteId{4});
}

TEST(ReplaceDirectory, DropsNoMemberAndRemembersWhoLeft) {
  Directory now = three();
  Directory wanted = three();
  wanted.sites.pop_back();
  const auto refused = replace_directory(now, wanted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::bad_value);
  ASSERT_TRUE(change_site(now, order(SiteChange::remove, "site-3")));
  const auto got = replace_directory(now, wanted);
  ASSERT_TRUE(got) << got.error().what;
  ASSERT_NE(got->site({3}), nullptr) << "its next generation would be the same again";
  EXPECT_EQ(got->site({3})->membership, Membership::removed);
}

TEST(ReplaceDirectory, RevokesAndGivesNoKeyOfANode) {
  Directory now = three();
  now.keys[0].revoked = true;
  const auto got = replace_directory(now, three());
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_TRUE(got->key_with(key_number(1))->revoked);
  Directory wanted = three();
  wanted.keys.push_back({{20}, key_number(20), {}, {2}, false, false});
  EXPECT_FALSE(replace_directory(now, wanted));
}

}  // namespace
}  // namespace vigie
