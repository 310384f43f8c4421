// Leases (design D8): who is silent too long, and when nobody may be called silent.
#include "actors/core/replica/leases.hpp"

#include <gtest/gtest.h>

namespace vigie::replica {
namespace {

constexpr SessionId ann{1};
constexpr SessionId bob{2};
constexpr Incarnation one{1};
constexpr Incarnation two{2};
constexpr BootTime start{10'000};

TEST(Leases, ASilentSessionExpiresAfterItsFullLeaseAndNotBefore) {
  LeaseTable table;
  table.put(ann, one, 60_s, start);
  EXPECT_EQ(table.next_deadline(), start + 60_s);
  EXPECT_TRUE(table.expired(start + 59'999_ms).empty());
  EXPECT_EQ(table.expired(start + 60_s), (std::vector<Expiry>{{ann, one}}));
}

TEST(Leases, ARenewalCountsFromWhenItWasReceived) {
  LeaseTable table;
  table.put(ann, one, 60_s, start);
  EXPECT_TRUE(table.renew(ann, one, start + 50_s));
  EXPECT_TRUE(table.expired(start + 109_s).empty());
  EXPECT_TRUE(table.renew(ann, one, 180_s, start + 100_s)) << "reading a P2 now";
  EXPECT_TRUE(table.expired(start + 279_s).empty());
  EXPECT_EQ(table.expired(start + 280_s).size(), 1u);
}

TEST(Leases, NoRenewalIsAcknowledgedOnceItsExpiryIsProposed) {
  LeaseTable table;
  table.put(ann, one, 60_s, start);
  table.proposed({ann, one});
  EXPECT_FALSE(table.renew(ann, one, start + 1_s));
  EXPECT_FALSE(table.is_acknowledgeable(ann, one));
  EXPECT_TRUE(table.expired(start + 90_s).empty()) << "proposed once is enough";
  EXPECT_EQ(table.next_deadline(), std::nullopt);
}

TEST(Leases, UnknownAndOtherIncarnationsAreNotRenewed) {
  LeaseTable table;
  EXPECT_FALSE(table.renew(ann, one, start));
  table.put(ann, two, 60_s, start);
  EXPECT_FALSE(table.renew(ann, one, start));
  table.put(ann, one, 60_s, start + 30_s);
  EXPECT_TRUE(table.renew(ann, two, start));
}

TEST(Leases, ANewIncarnationStartsAFullLeaseEvenAfterAProposedExpiry) {
  LeaseTable table;
  table.put(ann, one, 60_s, start);
  table.proposed({ann, one});
  table.put(ann, two, 60_s, start + 70_s);
  EXPECT_TRUE(table.renew(ann, two, start + 71_s));
  EXPECT_EQ(table.expired(start + 131_s), (std::vector<Expiry>{{ann, two}}));
}

TEST(Leases, ANewIncarnationKeepsWhatTheOlderOneWasPromised) {
  LeaseTable table;
  table.put(ann, one, 300_s, start);
  table.put(ann, two, 60_s, start + 10_s);
  EXPECT_TRUE(table.expired(start + 299_s).empty());
  EXPECT_EQ(table.expired(start + 300_s).size(), 1u);
}

TEST(Leases, ANewLeaderWaitsAFullLeaseForEveryone) {
  LeaseTable table;
  table.put(ann, one, 60_s, start);
  table.put(bob, one, 300_s, start);
  table.proposed({ann, one});
  table.became_leader(start + 1000_s);
  EXPECT_TRUE(table.expired(start + 1059_s).empty());
  EXPECT_EQ(table.expired(start + 1060_s), (std::vector<Expiry>{{ann, one}}));
  EXPECT_EQ(table.expired(start + 1300_s), (std::vector<Expiry>{{ann, one}, {bob, one}}));
}

TEST(Leases, AStallLongerThanATenthOfALeaseStartsItAnew) {
  LeaseTable table;
  table.put(ann, one, 60_s, start);
  table.put(bob, one, 300_s, start);
  table.stalled(start + 59_s, 6_s);
  EXPECT_EQ(table.expired(start + 60_s).size(), 1u) << "6 s is not more than a tenth of 60 s";
  table.stalled(start + 60_s, 7_s);
  EXPECT_TRUE(table.expired(start + 119_s).empty());
  EXPECT_EQ(table.expired(start + 300_s), (std::vector<Expiry>{{ann, one}, {bob, one}}))
      << "7 s is nothing to a lease of 300 s";
}

TEST(Leases, ARemovedSessionIsForgotten) {
  LeaseTable table;
  table.put(ann, one, 60_s, start);
  table.remove(ann);
  table.remove(bob);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_TRUE(table.expired(start + 1000_s).empty());
}

TEST(Leases, AChangedGrantTakesNothingFromWhatWasAcknowledged) {
  LeaseTable table;
  table.put(ann, one, 300_s, start);
  table.put(ann, one, 60_s, start + 20_s);
  EXPECT_EQ(table.next_deadline(), start + 300_s);
  table.stalled(start + 100_s, 30_s);
  EXPECT_EQ(table.next_deadline(), start + 300_s);
}

TEST(Leases, ANewLeaderWaitsForWhatAnEarlierOneMayHavePromised) {
  LeaseTable table;
  table.shortened(ann, 300_s, start);
  table.shortened(ann, 180_s, start + 10_s);
  table.shortened(bob, 180_s, start - 200_s);
  table.clear();
  table.put(ann, one, 60_s, start + 30_s);
  table.put(bob, one, 60_s, start + 30_s);
  table.became_leader(start + 30_s);
  EXPECT_EQ(table.expired(start + 299_s), (std::vector<Expiry>{{bob, one}}));
  EXPECT_EQ(table.expired(start + 300_s), (std::vector<Expiry>{{bob, one}, {ann, one}}));
}

TEST(Leases, PromisesThatAreOverAreForgotten) {
  LeaseTable table;
  table.shortened(ann, 180_s, start);
  table.shortened(bob, 300_s, start);
  table.forget_promises(start + 180_s);
  table.put(ann, one, 60_s, start + 100_s);
  table.put(bob, one, 60_s, start + 100_s);
  table.became_leader(start + 100_s);
  EXPECT_EQ(table.expired(start + 299_s), (std::vector<Expiry>{{ann, one}}));
}

}  // namespace
}  // namespace vigie::replica
