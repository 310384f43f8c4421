// The ledger of what is outstanding, input by input.
#include "actors/core/delivery/ledger.hpp"

#include <gtest/gtest.h>

#include "actors/core/hl7/message.hpp"

namespace vigie::delivery {
namespace {

constexpr SiteId here{3}, there{2};
constexpr DeliveryKey first{{1}, {1}, 0}, second{{2}, {1}, 0};

std::shared_ptr<const DeliveryJob> job_of(DeliveryKey key, std::string feed = "ch-alpes-ris") {
  auto job = std::make_shared<DeliveryJob>();
  job->exam = key.exam;
  job->version = key.version;
  job->recipient = key.recipient;
  job->feed = std::move(feed);
  return job;
}

class LedgerTest : public ::testing::Test {
 protected:
  /// A batch that ends at the next index.
  void batch(std::vector<DeliveryKey> owed, std::vector<Event> events = {}, bool fresh = false) {
    AppliedBatch applied;
    applied.to = LogIndex{++index_};
    applied.fresh = fresh;
    for (Event& event : events) event.index = applied.to;
    applied.events = std::move(events);
    for (const DeliveryKey& key : owed) applied.owed.push_back(job_of(key));
    effects_.clear();
    ledger_.applied(applied, effects_);
  }
  void sent(DeliveryKey key, SendOutcome outcome) {
    effects_.clear();
    ledger_.sent(key, outcome, "AA", effects_);
  }
  void answered(DeliveryKey key, Errc code) {
    effects_.clear();
    ledger_.answered(key, code, effects_);
  }
  static Event owed_at(SiteId site, ExamId exam) {
    Event event;
    event.kind = EventKind::delivery_owed;
    event.exam = exam;
    event.site = site;
    event.text = "ch-alpes-ris";
    return event;
  }
  static Event about(EventKind kind, ExamId exam) {
    Event event;
    event.kind = kind;
    event.exam = exam;
    return event;
  }
  template <class T>
  const T* only() const {
    return effects_.size() == 1 ? std::get_if<T>(&effects_.front()) : nullptr;
  }

  Ledger ledger_{here};
  Effects effects_;
  std::uint64_t index_ = 10;
};

TEST_F(LedgerTest, AReportIsSentThenToldToTheRoom) {
  batch({first}, {owed_at(here, first.exam)});
  ASSERT_TRUE(only<Send>());
  EXPECT_EQ(only<Send>()->key, first);
  sent(first, SendOutcome::delivered);
  ASSERT_TRUE(only<Propose>());
  EXPECT_EQ(only<Propose>()->result.outcome, DeliveryOutcome::acked);
  EXPECT_EQ(only<Propose>()->result.detail, "AA");
  EXPECT_FALSE(only<Propose>()->later);
  answered(first, Errc::ok);
  EXPECT_TRUE(effects_.empty());
  EXPECT_EQ(ledger_.outstanding(), 0u);
}

TEST_F(LedgerTest, WhatIsInHandIsNotSentTwice) {
  batch({first});
  batch({first});  // named again, 30 s later
  EXPECT_TRUE(effects_.empty());
  batch({first}, {}, true);  // a snapshot was installed
  EXPECT_TRUE(effects_.empty());
}

// domain F10
TEST_F(LedgerTest, AnAcknowledgementIsToldUntilTheRoomHasIt) {
  batch({first});
  sent(first, SendOutcome::delivered);
  for (const Errc code : {Errc::no_leader, Errc::timeout, Errc::busy, Errc::stopping}) {
    answered(first, code);
    ASSERT_TRUE(only<Propose>());
    EXPECT_TRUE(only<Propose>()->later);
  }
  answered(first, Errc::ok);
  EXPECT_EQ(ledger_.outstanding(), 0u);
}

TEST_F(LedgerTest, WhatWasAcknowledgedIsNeverSentAgain) {
  batch({first});
  sent(first, SendOutcome::delivered);
  answered(first, Errc::ok);
  batch({first});
  ASSERT_TRUE(only<Propose>());
  EXPECT_EQ(only<Propose>()->result.outcome, DeliveryOutcome::acked);
}

TEST_F(LedgerTest, ARefusalIsAFailureAndMayBeSentAnewWhenOwedAnew) {
  batch({first});
  sent(first, SendOutcome::failed);
  ASSERT_TRUE(only<Propose>());
  EXPECT_EQ(only<Propose>()->result.outcome, DeliveryOutcome::failed);
  answered(first, Errc::ok);
  batch({first});
  EXPECT_TRUE(only<Send>());
}

TEST_F(LedgerTest, AnUnknownFeedIsLeftToTheNextDoor) {
  batch({first});
  sent(first, SendOutcome::unknown_feed);
  EXPECT_TRUE(effects_.empty());
  EXPECT_EQ(ledger_.outstanding(), 0u);
  batch({first});  // and back
  EXPECT_TRUE(only<Send>());
}

TEST_F(LedgerTest, ANewOwnerTakesTheJobAway) {
  batch({first, second});
  batch({}, {owed_at(there, first.exam)});
  ASSERT_TRUE(only<Withdraw>());
  EXPECT_EQ(only<Withdraw>()->key, first);
  sent(first, SendOutcome::withdrawn);
  EXPECT_TRUE(effects_.empty());
  EXPECT_EQ(ledger_.outstanding(), 1u);
}

TEST_F(LedgerTest, AnotherRecipientsOwnerTakesNothingAway) {
  batch({first});
  Event other = owed_at(there, first.exam);
  other.text = "autre-ris";
  batch({}, {other});
  EXPECT_TRUE(effects_.empty());
}

TEST_F(LedgerTest, DeliveredIsAFactWhoeverOwnsIt) {
  batch({first});
  batch({}, {owed_at(there, first.exam)});
  sent(first, SendOutcome::delivered);  // it was on its way
  ASSERT_TRUE(only<Propose>());
  EXPECT_EQ(only<Propose>()->result.outcome, DeliveryOutcome::acked);
}

TEST_F(LedgerTest, ARefusalOfWhatIsNoLongerOursIsDropped) {
  batch({first});
  batch({}, {owed_at(there, first.exam)});
  sent(first, SendOutcome::failed);
  EXPECT_TRUE(effects_.empty());
  EXPECT_EQ(ledger_.outstanding(), 0u);
}

TEST_F(LedgerTest, AJobThatComesBackWhileItIsTakenBackIsSentAgain) {
  batch({first});
  batch({}, {owed_at(there, first.exam)});
  batch({first}, {owed_at(here, first.exam)});
  EXPECT_TRUE(effects_.empty());
  sent(first, SendOutcome::withdrawn);
  EXPECT_TRUE(only<Send>());
}

TEST_F(LedgerTest, AJobTakenAwayAndGivenBackInOneBatchStays) {
  batch({first});
  batch({first}, {owed_at(there, first.exam), owed_at(here, first.exam)});
  ASSERT_TRUE(only<Withdraw>());  // the sender may let go
  sent(first, SendOutcome::withdrawn);
  EXPECT_TRUE(only<Send>());
}

TEST_F(LedgerTest, ADeliveredExamIsForgotten) {
  batch({first});
  sent(first, SendOutcome::delivered);
  batch({}, {about(EventKind::exam_delivered, first.exam)});
  EXPECT_TRUE(effects_.empty());
  answered(first, Errc::ok);
  EXPECT_EQ(ledger_.outstanding(), 0u);
  batch({first});
  EXPECT_TRUE(only<Send>());
}

TEST_F(LedgerTest, AnExamThatIsGoneTakesItsJobsAlong) {
  batch({first});
  batch({}, {about(EventKind::exam_closed, first.exam)});
  EXPECT_TRUE(only<Withdraw>());
}

TEST_F(LedgerTest, WhatWasOwedBeforeTheStartIsSent) {
  batch({first}, {}, true);  // the first thing that it is told
  EXPECT_TRUE(only<Send>());
}

TEST_F(LedgerTest, AFreshBatchIsTheWholeTruth) {
  batch({first, second});
  batch({second}, {}, true);
  ASSERT_TRUE(only<Withdraw>());
  EXPECT_EQ(only<Withdraw>()->key, first);
}

TEST_F(LedgerTest, AnswersToNothingAreIgnored) {
  sent(first, SendOutcome::delivered);
  answered(first, Errc::ok);
  EXPECT_TRUE(effects_.empty());
}

}  // namespace
}  // namespace vigie::delivery
