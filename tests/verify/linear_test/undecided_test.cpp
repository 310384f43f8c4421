// What nobody was told and the words do not decide is no fact for the model: either way is
// accepted, and no other. What does follow from the log alone is certain.
#include <gtest/gtest.h>

#include "tests/verify/linear_test/story.hpp"

namespace vigie::linear {
namespace {

/// The urgent order may have been refused: who came first through the door is not known.
Story with_a_feed_that_may_be_refused() {
  Story night;
  vigie::Request urgent = Story::request("ORD-4");
  urgent.asked = Urgency::p0;
  night.feed(urgent);
  return night;
}

TEST(Undecided, WhoseAttachNobodyAnsweredMayBeGivenExams) {
  Story night;
  std::get<Attach>(night.h.log[5].proposal->command).site = {};  // then it may have been refused
  night.silence(6);
  night.h.log.resize(14);  // before that reader asks for anything
  std::erase_if(night.h.operations, [](const Operation& o) {
    return !o.replies.empty() && o.replies.front().answer.index.value > 14;
  });
  night.h.shown.clear();
  night.h.reads.clear();
  night.given(14, Story::exam(1), Story::ana);
  EXPECT_TRUE(sweep(night.h).ok()) << words(sweep(night.h));
}

TEST(Undecided, ANumberThatWasUsedForSomethingElseSaysNothingOfWhatWasAsked) {
  Story s;
  Reply& late = s.again(24);  // something else came late with that number, and is told so
  Proposal& other = s.entry(s.last());
  other.command = Claim{Story::exam(3)};
  other.content_hash ^= 1;
  late.answer.code = Errc::request_reused;
  late.answer.duplicate = false;
  late.answer.index = {s.last()};
  const Findings found = sweep(s.h);
  EXPECT_TRUE(found.faults.empty()) << words(found);
}

TEST(Undecided, AnExamsNumberIsOpenUntilAnAnswerNamesIt) {
  for (const std::uint64_t number : {4u, 5u}) {
    Story night = with_a_feed_that_may_be_refused();
    night.submit("ORD-5", number);
    night.submit("ORD-6", number + 1);  // certain again
    EXPECT_TRUE(judge(night.h).ok()) << words(judge(night.h));
    night.submit("ORD-7", number + 3);
    EXPECT_FALSE(judge(night.h).ok());
  }
}

TEST(Undecided, AnExamThatMayExistIsClaimedOrNot) {
  for (const Errc code : {Errc::ok, Errc::unknown_exam, Errc::wrong_state}) {
    Story night = with_a_feed_that_may_be_refused();
    night.ask(Story::regulator, Claim{Story::exam(4)}, code);
    night.submit("ORD-4", 4, code != Errc::unknown_exam);
    if (code != Errc::unknown_exam) night.answer(night.last()).index = {32};
    EXPECT_TRUE(sweep(night.h).ok()) << words(sweep(night.h));
  }
}

TEST(Undecided, ACancelThatMayHaveComeTooLateBlursItsExamOnly) {
  for (const Errc code : {Errc::ok, Errc::wrong_state}) {
    Story night;
    night.ask(Story::technologist,
              AcquisitionComplete{{Story::exam(3), {}}, {}, {}, 1, false});  // before any protocol
    night.ask(Story::hospital, Cancel{{Story::exam(3), {}}, "no longer"});
    night.silence(night.last());
    night.ask(Story::regulator, Claim{Story::exam(3)}, code);
    EXPECT_TRUE(sweep(night.h).ok()) << words(sweep(night.h));
    night.ask(Story::regulator, Claim{Story::exam(2)});  // which is read
    EXPECT_FALSE(sweep(night.h).ok());
  }
}

TEST(Undecided, ASessionIsOpenUntilAnAnswerTellsItsIncarnation) {
  for (const std::uint32_t became : {2u, 4u}) {
    Story night;
    night.attach(Story::ana, 4, Role::reader, 4);  // two more than the next
    night.silence(night.last());
    const SetReader rest{ReaderMode::rest, AcceptMode::manual};
    const auto told = [&](RequestName& name) { name.incarnation = {became}; };
    night.ask(Story::ana, rest);
    told(night.at(night.last()).name);
    night.entry(night.last()).incarnation = {became};
    EXPECT_TRUE(sweep(night.h).ok()) << words(sweep(night.h));
    night.ask(Story::ana, rest);  // under another incarnation, and done
    told(night.at(night.last()).name);
    night.at(night.last()).name.incarnation = {became + 1};
    night.entry(night.last()).incarnation = {became + 1};
    EXPECT_FALSE(sweep(night.h).ok());
  }
}

TEST(Orders, AnOwnMessageThatComesLateIsNoNewExam) {
  for (const bool own : {true, false}) {
    Story night;
    night.ask(Story::regulator, Cancel{{Story::exam(3), {}}, "no longer"});
    night.feed(Story::request("ORD-3"), own ? "M" : "M2");
    night.submit("ORD-4", own ? 4 : 5);
    EXPECT_TRUE(judge(night.h).ok()) << words(judge(night.h));
    night.answer(night.last()).exam = Story::exam(own ? 5 : 4);
    EXPECT_FALSE(sweep(night.h).ok());
  }
}

TEST(Orders, WhatARemovedCentreBringsIsNoOrder) {
  for (const Membership now : {Membership::voter, Membership::removed}) {
    Story night;
    Directory changed = Story::directory();
    changed.version = 2;
    changed.sites[0].membership = now;
    changed.keys = {{{1}, {}, {}, Story::lyon}};
    night.node(ApplyDirectory{changed});
    night.feed(Story::request("ORD-4"));
    night.submit("ORD-5", now == Membership::removed ? 4 : 5);
    EXPECT_TRUE(sweep(night.h).ok()) << words(sweep(night.h));
    night.answer(night.last()).exam = Story::exam(now == Membership::removed ? 5 : 4);
    EXPECT_FALSE(sweep(night.h).ok());
  }
}

TEST(Orders, CancelledAgainIsCancelled) {
  Story night;
  night.ask(Story::hospital, Cancel{{Story::exam(3), {}}, "no longer"});
  night.ask(Story::hospital, Cancel{{Story::exam(3), {}}, "no longer"});
  night.answer(night.last()).duplicate = true;
  EXPECT_TRUE(sweep(night.h).ok()) << words(sweep(night.h));
}

TEST(Search, WhatWasDoneTwiceOrUnseenIsExplained) {
  Story cancelled;
  for (int i = 0; i < 2; ++i) {
    cancelled.ask(Story::hospital, Cancel{{Story::exam(3), {}}, "no longer"});
  }
  EXPECT_TRUE(search(cancelled.h).ok()) << words(search(cancelled.h));

  Story sent_again;  // by a client that was never told what became of its first
  sent_again.submit("ORD-4", 4);
  sent_again.silence(32);
  sent_again.submit("ORD-4", 4, true);
  EXPECT_TRUE(search(sent_again.h).ok()) << words(search(sent_again.h));

  Story imaged;  // before it had a protocol
  imaged.ask(Story::technologist, AcquisitionComplete{{Story::exam(3), {}}, {}, {}, 1, false});
  imaged.ask(Story::hospital, Cancel{{Story::exam(3), {}}, "no"}, Errc::acquisition_begun);
  imaged.ask(Story::regulator, Claim{Story::exam(3)});
  imaged.ask(Story::regulator, Accept{Story::exam(3), "ok", "CT v1", Urgency::p2, {}, {}});
  imaged.given(35, Story::exam(3), Story::ana);
  imaged.ask(Story::ana, AcceptOffer{Story::exam(3), {0, 35}});
  EXPECT_TRUE(search(imaged.h).ok()) << words(search(imaged.h));
}

TEST(Linear, WhoWasOnlyOfferedAnExamIsNotItsLastReader) {
  for (const Errc code : {Errc::ok, Errc::stale}) {
    Story night;
    night.prepare(3);
    night.given(35, Story::exam(3), Story::ana);
    night.node(SiteContact{Story::lyon, {1}, false});  // the offer is withdrawn
    night.ask(Story::ana, Sign{Story::exam(3), {0, 35}, {0x82}, "late"}, code);
    EXPECT_TRUE(sweep(night.h).ok()) << words(sweep(night.h));
  }
}

TEST(Linear, ImagesThatComeNoMoreMayBeComplete) {
  for (const Millis quiet : {10_s, 3_min}) {
    Story night;
    night.ask(Story::regulator, Claim{Story::exam(3)});
    night.ask(Story::regulator, Accept{Story::exam(3), "ok", "CT v1", Urgency::p2, {}, {}});
    night.ask(Story::technologist, ImagesProgress{{Story::exam(3), {}}, 60, 0});
    night.node(Tick{});
    night.h.log.back().at = night.h.log.back().at + quiet;
    night.given(35, Story::exam(3), Story::ana);
    EXPECT_EQ(sweep(night.h).ok(), quiet == 3_min) << words(sweep(night.h));
  }
}

TEST(Linear, AnAcknowledgementToldAgainDoesNotPutOffTheExamsEnd) {
  for (const Millis after : {11_h, 13_h}) {
    Story night;
    night.node(DeliveryResult{Story::exam(1), {1}, 0, DeliveryOutcome::acked, "AA"});
    for (const Millis t : {10_h, after}) {
      night.node(DeliveryResult{Story::exam(1), {1}, 0, DeliveryOutcome::acked, "AA"});
      night.h.log.back().at = night.h.log.back().at + t;
    }
    const std::vector<Read::Seen> others = {{Story::exam(2), ExamState::validated},
                                            {Story::exam(3), ExamState::requested}};
    night.read("board", night.last(), others).all = true;
    EXPECT_EQ(sweep(night.h).ok(), after == 13_h) << words(sweep(night.h));  // closed after 12 h
  }
}

TEST(Linear, ANewLoginTakesOverASessionThatHadEnded) {
  Story night;
  night.ask(Story::ana, Detach{});
  night.attach({0xa2}, 4, Role::reader);  // answered with the old session and its next incarnation
  Answer& told = night.answer(night.last());
  told.session = Story::ana;
  told.incarnation = {2};
  EXPECT_TRUE(judge(night.h).ok()) << words(judge(night.h));
  told.session = Story::bob;
  EXPECT_FALSE(judge(night.h).ok());
}

TEST(Linear, AnAttachThroughALostCentreShowsThatItIsBack) {
  for (const auto& [attached, told] : {std::pair{true, true}, {true, false}, {false, false}}) {
    Story night;
    night.node(SiteContact{Story::lyon, {1}, false});
    if (attached) night.attach({0xd1}, 6, Role::regulator);
    if (attached && !told) night.silence(night.last());
    for (const Command& c : std::vector<Command>{
             Claim{Story::exam(3)}, Accept{Story::exam(3), "ok", "CT v1", Urgency::p2, {}, {}}}) {
      night.ask(Story::regulator, c);
    }
    night.ask(Story::technologist, AcquisitionStarted{{Story::exam(3), {}}});
    night.ask(Story::technologist, AcquisitionComplete{{Story::exam(3), {}}, {}, {}, 1, false});
    night.given(night.last(), Story::exam(3), Story::ana);
    const Findings found = judge(night.h);
    EXPECT_EQ(found.ok(), attached) << words(found);
    if (!attached) {
      ASSERT_EQ(found.faults.size(), 1u) << words(found);
      EXPECT_EQ(found.faults[0].kind, "bad_assignment");
    }
  }
}

}  // namespace
}  // namespace vigie::linear
