// Guard calendars end one day, and must have grown long before (design D3, decision 0005).
#include <gtest/gtest.h>

#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {
namespace {

/// Zones that know the next `days` when they are asked, and how often they were.
struct Zones {
  std::vector<int> days;  ///< the last one for good; 0: this machine has none
  int asked = 0;

  Result<void> expand(Directory& d, UtcTime now) {
    const auto at = std::min<std::size_t>(static_cast<std::size_t>(asked++), days.size() - 1);
    if (days[at] == 0) return Error{Errc::not_found, "no zones"};
    const UtcTime midnight{now.value / (24_h).value * (24_h).value};
    d.calendars[0].turns = {{midnight, Band::day}};
    d.calendars[0].until = midnight + 24_h * days[at];
    return {};
  }
};

Options with(Zones& zones) {
  Options options;
  Calendar c;
  c.id = {1};
  c.name = "metropole";
  options.calendars = {c};
  options.expand_calendars = [&zones](Directory& d, UtcTime now) { return zones.expand(d, now); };
  return options;
}

std::uint32_t version(Cluster& c) { return c.host(c.leader()).room().directory().version; }
std::int64_t days(Cluster& c) {
  const Host& host = c.host(c.leader());
  return (host.room().directory().horizon()->value - host.room().now().value) / (24_h).value;
}

TEST(GuardCalendars, AreExpandedByWhoFoundsTheFederation) {
  Zones zones{{400}};
  Cluster c(with(zones));
  c.elect();
  c.require([&] { return version(c) == 1; });
  EXPECT_EQ(days(c), 399);
  c.run(5_s);
  EXPECT_EQ(version(c), 1u) << "there is time enough";
  EXPECT_EQ(zones.asked, 1);
}

TEST(GuardCalendars, AreExtendedByTheLeaderLongBeforeTheyEnd) {
  Zones zones{{299, 400}};
  Cluster c(with(zones));
  c.elect();
  c.require([&] { return version(c) == 2; });
  EXPECT_EQ(days(c), 399);
  c.run(5_s);
  EXPECT_EQ(version(c), 2u) << "once";
  for (const SiteId site : {lyon, bordeaux, marseille}) {
    EXPECT_EQ(c.host(site).room().directory().version, 2u);
    EXPECT_EQ(c.host(site).room().digest(), c.host(lyon).room().digest());
  }
}

TEST(GuardCalendars, AMachineWithoutZonesTriesOnceAnHourAndGoesOn) {
  Zones zones{{299, 0}};
  Cluster c(with(zones));
  c.elect();
  c.require([&] { return zones.asked == 2; });
  c.run(10_s);
  EXPECT_EQ(zones.asked, 2);
  EXPECT_EQ(version(c), 1u);
  EXPECT_EQ(days(c), 298);
}

TEST(GuardCalendars, ZonesThatKnowNoMoreMakeNoNewVersion) {
  Zones zones{{299}};
  Cluster c(with(zones));
  c.elect();
  c.require([&] { return zones.asked == 2; });
  c.run(10_s);
  EXPECT_EQ(version(c), 1u);
}

/// What an administrator sends: the directory without what calendars come to.
Directory unexpanded(Cluster& c) {
  Directory d = c.host(c.leader()).room().directory();
  ++d.version;
  d.rules.bundle = 25_min;
  d.calendars[0].turns.clear();
  d.calendars[0].until = {};
  return d;
}

TEST(GuardCalendars, OfADirectoryThatSomebodyAppliesAreExpandedAtItsDoor) {
  Zones zones{{400}};
  Cluster c(with(zones));
  c.elect();
  Client admin(c, p_admin, Role::administrator);
  ASSERT_TRUE(admin.attach(c.follower()));
  EXPECT_EQ(admin.ask(ApplyDirectory{unexpanded(c)}).code, Errc::ok);
  EXPECT_EQ(version(c), 2u);
  EXPECT_EQ(days(c), 399);
  EXPECT_EQ(c.host(c.leader()).room().directory().rules.bundle, 25_min);
  c.run(5_s);
  EXPECT_EQ(version(c), 2u);
}

TEST(GuardCalendars, ADirectoryWhoseZonesNobodyKnowsIsRefusedAndChangesNothing) {
  Zones zones{{400, 0}};
  Cluster c(with(zones));
  c.elect();
  Client admin(c, p_admin, Role::administrator);
  ASSERT_TRUE(admin.attach(c.follower()));
  const Answer refused = admin.ask(ApplyDirectory{unexpanded(c)});
  EXPECT_EQ(refused.code, Errc::not_found);
  EXPECT_EQ(refused.text, "no zones");
  EXPECT_EQ(version(c), 1u);
}

TEST(GuardCalendars, NobodyElseMakesANodeExpandThem) {
  Zones zones{{400}};
  Cluster c(with(zones));
  c.elect();
  Client anne(c, p_anne, Role::reader, bordeaux);
  ASSERT_TRUE(anne.attach(c.leader()));
  EXPECT_EQ(anne.ask(ApplyDirectory{unexpanded(c)}).code, Errc::unauthorised);
  EXPECT_EQ(zones.asked, 1);
}

}  // namespace
}  // namespace vigie::actors::test
