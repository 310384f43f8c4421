// The linearizability checker, checked: a sound night is accepted, and each way of touching it is
// refused for its reason, naming the operation, the index and the exam.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/verify/linear_test/story.hpp"

namespace vigie::linear {
namespace {

TEST(Linear, ASoundNightIsAccepted) {
  for (const bool shown : {true, false}) {
    const Story night{shown};
    const Findings found = judge(night.h);
    EXPECT_TRUE(found.ok()) << words(found);
    EXPECT_EQ(found.operations, night.h.operations.size());
    EXPECT_EQ(found.swept, found.operations);
    EXPECT_EQ(found.unpredicted, 0u);
    EXPECT_EQ(found.unknown, 0u);
    EXPECT_EQ(found.assignments, 3u);
    EXPECT_EQ(found.reads, 1u);
    EXPECT_EQ(found.exams_searched, 3u);
    EXPECT_EQ(found.unsearched, 0u);
  }
}

TEST(Linear, WhoIsDueEarlierGoesFirst) {
  for (const auto& [pause, first] : {std::pair{74_min, 4}, {76_min, 3}}) {
    Story night;
    night.prepare_two(pause);
    night.given(41, Story::exam(static_cast<std::uint64_t>(first)), Story::ana);
    const Findings found = judge(night.h);
    EXPECT_TRUE(found.ok()) << words(found);
    EXPECT_EQ(found.assignments, 4u);
    EXPECT_EQ(found.by_deadline, 1u);
  }
}

TEST(Linear, ADeadlineRunsFromTheFirstImageNotFromTheBeginning) {
  Story night;
  const ExamId begun_first = Story::exam(3), imaged_first = Story::exam(4);
  night.ask(Story::regulator, Claim{begun_first});
  night.ask(Story::regulator, Accept{begun_first, "ok", "CT v1", Urgency::p2, {}, {}});
  night.ask(Story::technologist, AcquisitionStarted{{begun_first, {}}});
  night.submit("ORD-4", 4);
  night.prepare(4);
  night.ask(Story::technologist, AcquisitionComplete{{begun_first, {}}, {}, {}, 1, false});
  night.given(night.last(), imaged_first, Story::ana);
  const Findings found = judge(night.h);
  EXPECT_TRUE(found.ok()) << words(found);
}

TEST(Linear, ARemovedCentreThatLeadsStillSaysWhoIsInReach) {
  Story night;
  night.prepare(3);
  night.node(SiteContact{Story::lyon, {1}, false});
  Directory without = Story::directory();
  without.version = 2;
  without.sites[0].membership = Membership::removed;
  without.keys = {{{1}, {}, {}, Story::lyon}};
  night.node(ApplyDirectory{without});
  night.node(SiteContact{Story::lyon, {1}, true});
  night.given(night.last(), Story::exam(3), Story::ana);
  const Findings found = judge(night.h);
  EXPECT_TRUE(found.ok()) << words(found);
}

TEST(Linear, WhatTimeGaveIsTakenBackWhenTheSameEntryLosesItsCentre) {
  Story night;
  night.prepare(3);
  night.node(SiteContact{Story::lyon, {1}, false});
  night.given(night.last(), Story::exam(3), Story::ana);
  night.node(SiteContact{Story::lyon, {1}, true});
  night.given(night.last(), Story::exam(3), Story::ana);
  const Findings found = judge(night.h);
  EXPECT_TRUE(found.ok()) << words(found);
}

TEST(Linear, AnEntryWithoutACommandGivesNothingAndIsJudgedAllTheSame) {
  Story night;
  night.prepare_two(76_min);
  night.noop();
  night.given(night.last(), Story::exam(4), Story::ana);
  EXPECT_FALSE(judge(night.h).ok());
}

struct Mutation {
  const char* name;
  const char* kind;     ///< of the fault that it must bring
  std::uint64_t index;  ///< that the fault must name; 0: any
  std::uint64_t exam;   ///< likewise
  void (*touch)(Story&);
};
void PrintTo(const Mutation& m, std::ostream* out) { *out << m.name; }

constexpr std::uint64_t none = 0;

const Mutation mutations[] = {
    // Lost acknowledgements.
    {"an acknowledged submit is not in the log", "lost_ack", 10, 3,
     [](Story& s) { s.entry(10) = Proposal{}, s.entry(10).command = Tick{}; }},
    {"an acknowledged submit is of another order", "lost_ack", 10, 3,
     [](Story& s) {
       s.entry(10).command = Submit{{Story::request("ORD-9")}, "M"};
     }},
    {"an acknowledged sign is another's entry", "lost_ack", 24, 1,
     [](Story& s) { s.entry(24).session = Story::bob; }},
    {"an acknowledged sign has another text", "lost_ack", 24, 1,
     [](Story& s) { std::get<Sign>(s.entry(24).command).text = "other"; }},
    {"an acknowledged report is of another exam", "lost_ack", 23, 1,
     [](Story& s) { std::get<Preliminary>(s.entry(23).command).exam = Story::exam(2); }},
    {"an answer names an index beyond the log", "lost_ack", 99, 2,
     [](Story& s) { s.answer(27).index = {99}; }},
    {"an acknowledged accept names no index", "lost_ack", none, 1,
     [](Story& s) { s.answer(20).index = {}; }},
    // Double effects.
    {"one order became two exams", "double_effect", 32, 4, [](Story& s) { s.submit("ORD-3", 4); }},
    {"one order became two exams, by the answer of a repetition", "double_effect", 32, 5,
     [](Story& s) { s.submit("ORD-1", 5, true); }},
    {"a request that was done is done again", "double_effect", 32, 2,
     [](Story& s) {
       Reply& r = s.again(27);
       r.answer.duplicate = false;
       r.answer.index = {32};
     }},
    {"a second final report is accepted", "double_effect", 29, 2,
     [](Story& s) { s.answer(29).code = Errc::ok; }},
    {"another final report of the first reader is accepted", "double_effect", 32, 1,
     [](Story& s) {
       s.ask(Story::ana, Sign{Story::exam(1), {0, 19}, {0x99}, "again"});
     }},
    {"a submit is answered twice as if new", "double_effect", 32, 3,
     [](Story& s) {
       Reply& r = s.again(10);
       r.answer.duplicate = false;
       r.answer.index = {32};
     }},
    // Reorders.
    {"a claim was applied before it was asked", "reorder", 11, 1,
     [](Story& s) { s.at(11).invoked = Story::time(13), s.at(11).replies[0].t = Story::time(14); }},
    {"a sign was asked after a later one was answered", "reorder", 24, 1,
     [](Story& s) { s.at(24).invoked = Story::time(28), s.at(24).replies[0].t = Story::time(29); }},
    {"an attach was asked after a later submit was answered", "reorder", 7, none,
     [](Story& s) { s.at(7).invoked = Story::time(9), s.at(7).replies[0].t = Story::time(9) + 1; }},
    {"a submit was asked after a later one was answered", "reorder", 8, 1,
     [](Story& s) {
       s.at(8).invoked = Story::time(9) + 50, s.at(8).replies[0].t = Story::time(10);
     }},
    {"a request that nobody answered was applied before it was asked", "reorder", 21, none,
     [](Story& s) {
       Operation& o = s.at(21);
       o.invoked = Story::time(23);
       o.replies.clear();
     }},
    {"acquisition completed before it was known to have begun", "reorder", 14, 1,
     [](Story& s) { s.at(14).invoked = Story::time(18), s.at(14).replies[0].t = Story::time(19); }},
    {"an answer came before its question", "history", 27, 2,
     [](Story& s) { s.at(27).replies[0].t = Story::time(20); }},
    // Stale reads.
    {"a read is older than an answer before it", "stale_read", 30, none,
     [](Story& s) {
       s.h.reads[0].as_of = {30};
       s.read("late", 33, {});
       s.h.reads[0].invoked = Story::time(33) + 20;
       s.h.reads[0].completed = Story::time(33) + 30;
     }},
    {"a read shows an exam as it was", "stale_read", 31, 1,
     [](Story& s) { s.h.reads[0].exams[0].state = ExamState::reading; }},
    {"a read shows an exam as it never was", "stale_read", 31, 3,
     [](Story& s) { s.h.reads[0].exams[1].state = ExamState::acquiring; }},
    {"a read of all leaves out an exam", "stale_read", 31, 2,
     [](Story& s) { s.h.reads[0].all = true; }},
    {"a read is older than its client had seen", "stale_read", 31, none,
     [](Story& s) {
       s.h.reads[0].linearizable = false;
       s.h.reads[0].seen = {32};
     }},
    {"a read shows an exam that does not exist", "stale_read", 31, 9,
     [](Story& s) { s.h.reads[0].exams[0].exam = Story::exam(9); }},
    {"a view shows an exam as it was", "stale_read", 28, 1,
     [](Story& s) {
       Shown v = s.h.shown[0];
       v.view = true;
       v.event.index = {28};
       v.event.state = ExamState::offered;
       s.h.shown.push_back(v);
     }},
    // Two holders.
    {"an exam is offered while another reads it", "two_holders", 22, 1,
     [](Story& s) { s.given(22, Story::exam(1), Story::bob); }},
    {"one entry gives an exam to two", "two_holders", 19, 1,
     [](Story& s) { s.given(19, Story::exam(1), Story::bob); }},
    {"an offer is accepted by another", "two_holders", 36, 3,
     [](Story& s) {
       for (const Command& c :
            std::vector<Command>{Claim{Story::exam(3)},
                                 Accept{Story::exam(3), "ok", "CT v1", Urgency::p2, {}, {}}}) {
         s.ask(Story::regulator, c);
       }
       s.ask(Story::technologist, AcquisitionStarted{{Story::exam(3), {}}});
       s.ask(Story::technologist, AcquisitionComplete{{Story::exam(3), {}}, {}, {}, 1, false});
       s.given(35, Story::exam(3), Story::ana);
       s.ask(Story::bob, AcceptOffer{Story::exam(3), {0, 35}});
     }},
    {"a report is signed under the epoch of another", "two_holders", 27, 2,
     [](Story& s) {
       std::get<Sign>(s.entry(27).command).epoch = {0, 21};
       s.at(27).said.epoch = {0, 21};
     }},
    {"a claim of what another regulates", "two_holders", 34, 3,
     [](Story& s) {
       s.ask(Story::regulator, Claim{Story::exam(3)});
       s.attach({0xd1}, 6, Role::regulator);
       s.ask({0xd1}, Claim{Story::exam(3)});
     }},
    {"an accept of an offer that went to another", "two_holders", 26, 2,
     [](Story& s) {
       for (Shown& e : s.h.shown) {
         if (e.event.index.value == 25) e.event.session = Story::hospital;
       }
     }},
    // Wrong answers to repetitions.
    {"a repetition has another code", "wrong_duplicate", 24, 1,
     [](Story& s) { s.at(24).replies[1].answer.code = Errc::stale; }},
    {"a repetition names another index", "wrong_duplicate", 23, 1,
     [](Story& s) { s.at(24).replies[1].answer.index = {23}; }},
    {"a repetition names another exam", "wrong_duplicate", 24, 1,
     [](Story& s) { s.at(24).replies[1].answer.exam = Story::exam(2); }},
    {"a repetition has another epoch", "wrong_duplicate", 24, 1,
     [](Story& s) {
       s.at(24).replies[1].answer.epoch = {0, 7};
     }},
    {"a repeated order names an index where it is not", "wrong_duplicate", 9, 1,
     [](Story& s) { s.submit("ORD-1", 1, true).replies[0].answer.index = {9}; }},
    {"a repeated submit has other exams", "wrong_duplicate", 9, 2,
     [](Story& s) { s.again(9).answer.exam = Story::exam(3); }},
    // What else the room must have answered.
    {"a skipped number is done", "wrong_answer", 32, 3,
     [](Story& s) {
       s.ask(Story::regulator, Claim{Story::exam(3)});
       s.entry(32).request = {9};
       s.at(32).name.request = {9};
     }},
    {"an old incarnation is served", "wrong_answer", 29, 2,
     [](Story& s) {
       s.entry(29).incarnation = {1};
       s.at(29).name.incarnation = {1};
     }},
    {"a number is used for another command", "double_effect", 32, 3,
     [](Story& s) {
       s.ask(Story::regulator, Claim{Story::exam(3)});
       s.entry(32).request = {2};
       s.at(32).name.request = {2};
       s.h.operations.erase(s.h.operations.begin() + (&s.at(12) - s.h.operations.data()));
     }},
    {"a role does what it may not", "wrong_answer", 32, 3,
     [](Story& s) { s.ask(Story::technologist, Claim{Story::exam(3)}); }},
    {"a reader is given what waits for regulation", "bad_assignment", 28, 3,
     [](Story& s) { s.given(28, Story::exam(3), Story::ana); }},
    {"an offer goes to who is not free", "bad_assignment", 21, 2,
     [](Story& s) {
       s.entry(21).command = SetReader{ReaderMode::rest, AcceptMode::manual};
       s.at(21).said = said_by(s.entry(21).command);
     }},
    {"a P3 goes before a P2 that is due earlier", "bad_assignment", 41, 3,
     [](Story& s) {
       s.prepare_two({0});
       s.given(41, Story::exam(3), Story::ana);
     }},
    {"a P2 goes before a P3 that is due earlier", "bad_assignment", 41, 4,
     [](Story& s) {
       s.prepare_two(76_min);
       s.given(41, Story::exam(4), Story::ana);
     }},
    {"an expired session still acts", "wrong_answer", 26, 2,
     [](Story& s) { std::get<ExpireSession>(s.entry(25).command).session = Story::ana; }},
    {"an order wanted anew is answered as the one that ended", "wrong_answer", 33, 3,
     [](Story& s) {
       s.ask(Story::regulator, Cancel{{Story::exam(3), {}}, "no longer"});
       s.ask(Story::hospital, Submit{{Story::request("ORD-3")}, "M2"});
       s.answer(33).exam = Story::exam(3);
     }},
    {"a cancelled order's own message that came late is another exam", "double_effect", 33, 4,
     [](Story& s) {
       s.ask(Story::regulator, Cancel{{Story::exam(3), {}}, "no longer"});
       s.submit("ORD-3", 4);
     }},
    {"more exams than orders came", "wrong_answer", 33, 6,
     [](Story& s) {
       vigie::Request urgent = Story::request("ORD-4");
       urgent.asked = Urgency::p0;  // it may be refused
       s.feed(urgent);
       s.submit("ORD-5", 6);
     }},
    {"an exam that nobody can have ordered is claimed", "wrong_answer", 33, 5,
     [](Story& s) {
       vigie::Request urgent = Story::request("ORD-4");
       urgent.asked = Urgency::p0;
       s.feed(urgent);
       s.ask(Story::regulator, Claim{Story::exam(5)});
     }},
    {"the report of the last who had it to read is kept late", "wrong_answer", 41, 3,
     [](Story& s) {
       s.prepare(3);
       s.given(35, Story::exam(3), Story::ana);
       s.ask(Story::ana, AcceptOffer{Story::exam(3), {0, 35}});
       s.ask(Story::ana, Preliminary{Story::exam(3), {0, 35}, {0x81}, "early"});
       s.ask(Story::ana, AcceptOffer{Story::exam(3), {0, 35}});
       s.ask(Story::ana, Release{Story::exam(3), {0, 35}, "tired"});
       s.node(Tick{});
       s.ask(Story::ana, Sign{Story::exam(3), {0, 35}, {0x82}, "after all"}, Errc::stale);
     }},
    {"the log has a hole", "history", 8, none,
     [](Story& s) { s.h.log.erase(s.h.log.begin() + 7); }},
};

class Mutated : public testing::TestWithParam<Mutation> {};

TEST_P(Mutated, IsRefusedForItsReason) {
  const Mutation& m = GetParam();
  Story night;
  m.touch(night);
  const Findings found = judge(night.h);
  EXPECT_FALSE(found.ok());
  const bool named = std::any_of(found.faults.begin(), found.faults.end(), [&](const Fault& f) {
    return f.kind == m.kind && (m.index == 0 || f.index.value == m.index) &&
           (m.exam == 0 || f.exam == Story::exam(m.exam)) &&
           (!f.where.empty() || f.kind == "bad_assignment" || f.kind == "history");
  });
  EXPECT_TRUE(named) << "wanted " << m.kind << " at " << m.index << ", exam " << m.exam
                     << "; found:\n"
                     << words(found);
}

INSTANTIATE_TEST_SUITE_P(Linear, Mutated, testing::ValuesIn(mutations));

// The search alone, without any log.

Findings searched(Story& night) {
  night.h.log.clear();
  return search(night.h);
}

TEST(Search, ASoundNightIsExplained) {
  Story night;
  const Findings found = searched(night);
  EXPECT_TRUE(found.ok()) << words(found);
  EXPECT_EQ(found.exams_searched, 3u);
}

TEST(Search, FindsAStaleRead) {
  Story night;
  night.h.reads[0].exams[0].state = ExamState::reading;
  const Findings found = searched(night);
  ASSERT_EQ(found.faults.size(), 1u) << words(found);
  EXPECT_EQ(found.faults[0].kind, "stale_read");
  EXPECT_EQ(found.faults[0].where, "board");
  EXPECT_EQ(found.faults[0].exam, Story::exam(1));
}

TEST(Search, FindsASecondFinalReport) {
  Story night;
  night.answer(29).code = Errc::ok;
  const Findings found = searched(night);
  ASSERT_EQ(found.faults.size(), 1u) << words(found);
  EXPECT_EQ(found.faults[0].kind, "double_effect");
  EXPECT_EQ(found.faults[0].index.value, 29u);
}

TEST(Search, FindsTwoWhoHoldOneExam) {
  Story night;  // Bob reads on, in the incarnation that lost the exam, when Ana has accepted it
  Operation& o = night.at(23);
  o.name.session = Story::bob;
  o.name.incarnation = {1};
  o.said.exam = Story::exam(2);
  o.said.epoch = {0, 21};
  o.invoked = Story::time(26) + 10;
  o.replies[0].t = Story::time(26) + 20;
  const Findings found = searched(night);
  ASSERT_EQ(found.faults.size(), 1u) << words(found);
  EXPECT_EQ(found.faults[0].kind, "two_holders");
  EXPECT_EQ(found.faults[0].exam, Story::exam(2));
}

TEST(Search, FindsAnOrderOfTwoExams) {
  Story night;
  night.submit("ORD-3", 4);
  const Findings found = searched(night);
  ASSERT_EQ(found.faults.size(), 1u) << words(found);
  EXPECT_EQ(found.faults[0].kind, "double_effect");
}

TEST(Search, WhoRegulatesAtOnePostIsOne) {
  constexpr SessionId assistant{0xd1};
  for (const std::string post : {"A", "B", ""}) {
    Story night;
    std::get<Attach>(night.entry(4).command).post = "A";
    night.attach(assistant, 6, Role::assistant);
    std::get<Attach>(night.entry(night.last()).command).post = post;
    night.ask(assistant, Claim{Story::exam(3)});
    night.ask(Story::regulator, Accept{Story::exam(3), "ok", "CT v1", Urgency::p2, {}, {}});
    const Findings found = search(night.h);
    EXPECT_EQ(found.ok(), post == "A") << words(found);
  }
}

TEST(Search, FindsWhatWasDoneTooEarly) {
  Story night;  // accepted before it was claimed
  night.at(11).invoked = Story::time(12) + 20;
  night.at(11).replies[0].t = Story::time(12) + 30;
  const Findings found = searched(night);
  ASSERT_EQ(found.faults.size(), 1u) << words(found);
  EXPECT_EQ(found.faults[0].kind, "impossible");
  EXPECT_EQ(found.faults[0].where, "line 12");
}

TEST(Linear, WhatNobodyAnsweredMayHaveHappenedOrNot) {
  Story happened;
  happened.silence(27);
  happened.answer(29).code = Errc::already_final;
  Findings found = judge(happened.h);
  EXPECT_TRUE(found.ok()) << words(found);
  EXPECT_EQ(found.unknown, 1u);

  Story absent;
  absent.ask(Story::regulator, Claim{Story::exam(3)});
  absent.silence(absent.last());
  absent.entry(absent.last()) = Proposal{};
  absent.entry(absent.last()).command = Tick{};
  found = judge(absent.h);
  EXPECT_TRUE(found.ok()) << words(found);
}

TEST(Linear, DeadlinesFireBeforeTheCommandOfTheirEntry) {
  Story night;
  night.ask(Story::regulator, Claim{Story::exam(3)});
  night.ask(Story::regulator, ReleaseClaim{Story::exam(3)}, Errc::wrong_state);
  EXPECT_FALSE(judge(night.h).ok());  // he has it
  night.h.log.back().at = night.h.log.back().at + 3_min;
  const Findings found = sweep(night.h);
  EXPECT_TRUE(found.ok()) << words(found);  // his claim had run out
}

TEST(Linear, WithoutTheWholeLogOnlyTheSearchJudges) {
  Story night;
  night.h.log.erase(night.h.log.begin(), night.h.log.begin() + 10);
  const Findings found = judge(night.h);
  EXPECT_TRUE(found.ok()) << words(found);
  EXPECT_EQ(found.swept, 0u);
  EXPECT_GT(found.searched, 0u);
}

TEST(Linear, TooManyOperationsOnAnExamAreCountedAsNotSearched) {
  const Story night;
  const Findings found = search(night.h, 3);
  EXPECT_GT(found.unsearched, 10u);
}

}  // namespace
}  // namespace vigie::linear
