// The order of readers, term by term (domain 5.5).
#include "actors/core/routing/readers.hpp"

#include <gtest/gtest.h>

#include "messages/types/limits.hpp"

namespace vigie::routing {
namespace {

constexpr SiteId lyon{1}, bordeaux{2};
constexpr FedTime now{1'000'000'000};

Directory two_centres() {
  Directory d;
  d.groups = {
      {{1}, "both", {lyon, bordeaux}}, {{2}, "lyon", {lyon}}, {{3}, "bordeaux", {bordeaux}}};
  return d;
}

const std::vector<Privilege> reads_ct = {{Set<Modality>::of(Modality::ct)}};
constexpr AreaPath here{{}, {1}, {9}};  ///< a territory of a region

Exam ct() {
  Exam exam;
  exam.id = {1};
  exam.request.modality = Modality::ct;
  exam.group = {1};
  return exam;
}

ReaderView reader(std::uint32_t id, SiteId site = lyon) {
  ReaderView view;
  view.person = {id};
  view.session = {id};
  view.site = site;
  view.areas = here;
  view.privileges = &reads_ct;
  view.idle_since = view.shift_start = now;
  return view;
}

/// Who is chosen for `exam` (from "here"); 0: nobody.
std::uint32_t chosen(const Exam& exam, const std::vector<ReaderView>& readers,
                     PersonId same_patient = {}) {
  Decision decision;
  const ExamView view{&exam, here, same_patient};
  const auto at = choose_reader(two_centres(), view, readers, now, decision);
  return at ? readers[*at].person.value : 0;
}

// domain O10
TEST(Filters, EachNamesTheFirstReasonAgainstAReader) {
  const Directory d = two_centres();
  const auto filter = [&](auto&& spoil, auto&& ask) {
    Exam exam = ct();
    ReaderView view = reader(1);
    ask(exam);
    spoil(view);
    return filter_for(d, exam, view);
  };
  const auto no_change = [](auto&) {};
  EXPECT_EQ(filter(no_change, no_change), Filter::eligible);
  EXPECT_EQ(filter([](ReaderView& r) { r.free = false; }, no_change), Filter::not_free);
  EXPECT_EQ(filter([](ReaderView& r) { r.reachable = false; }, no_change),
            Filter::site_unreachable);
  EXPECT_EQ(filter(no_change, [](Exam& e) { e.request.modality = Modality::mr; }),
            Filter::modality);
  EXPECT_EQ(filter(no_change, [](Exam& e) { e.request.age_class = AgeClass::infant; }),
            Filter::age);
  EXPECT_EQ(filter(no_change, [](Exam& e) { e.skill = Skill::msk; }), Filter::skill);
  EXPECT_EQ(filter(no_change, [](Exam& e) { e.group = {3}; }), Filter::group);
  EXPECT_EQ(filter(no_change, [](Exam& e) { e.excluded = {{1}}; }), Filter::excluded);
}

TEST(Filters, RelaxingOpensSkillsThenTheOverflowGroupButNeverTheAge) {
  const Directory d = two_centres();
  Exam exam = ct();
  exam.skill = Skill::msk;
  exam.group = {3};
  exam.overflow_group = {2};
  const ReaderView view = reader(1);
  EXPECT_EQ(filter_for(d, exam, view), Filter::skill);
  exam.relax_step = 1;
  EXPECT_EQ(filter_for(d, exam, view), Filter::group);
  exam.relax_step = 2;
  EXPECT_EQ(filter_for(d, exam, view), Filter::eligible);
  exam.request.age_class = AgeClass::child;
  EXPECT_EQ(filter_for(d, exam, view), Filter::age);
}

TEST(Filters, AnExamWithoutAGroupMayBeReadEverywhere) {
  Exam exam = ct();
  exam.group = {};
  EXPECT_EQ(filter_for(two_centres(), exam, reader(1)), Filter::eligible);
}

TEST(Scores, TheLongerIdleReads) {
  ReaderView fresh = reader(1), idle = reader(2);
  idle.idle_since = now - 1_min;
  EXPECT_EQ(chosen(ct(), {fresh, idle}), 2u);
}

TEST(Scores, IdlenessCountsNoMoreThanTenMinutes) {
  ReaderView ten = reader(1), hours = reader(2);
  ten.idle_since = now - 10_min;
  hours.idle_since = now - 3_h;
  EXPECT_EQ(chosen(ct(), {ten, hours}), 1u) << "a tie goes to the lower id";
}

TEST(Scores, TheSubspecialistReads) {
  Exam exam = ct();
  exam.skill = Skill::neuro;
  exam.relax_step = 1;
  ReaderView general = reader(1), neuro = reader(2);
  neuro.skills.add(Skill::neuro);
  EXPECT_EQ(chosen(exam, {general, neuro}), 2u);
}

// domain N9
TEST(Scores, TheSameTerritoryIsPreferred) {
  ReaderView far = reader(1), near = reader(2);
  far.areas = {{}, {2}, {8}};
  EXPECT_EQ(chosen(ct(), {far, near}), 2u);
}

// domain N9
TEST(Scores, TheSameRegionComesBeforeTheRest) {
  const Exam exam = ct();
  const ExamView view{&exam, here, {}};
  const auto term = [&](AreaPath areas) {
    ReaderView r = reader(1);
    r.areas = areas;
    return score(view, r, now).territory;
  };
  EXPECT_EQ(term(here), 0);
  EXPECT_EQ(term({{5}, {1}, {9}}), 0) << "a GHT of the territory";
  EXPECT_EQ(term({{}, {2}, {9}}), weight::region);
  EXPECT_EQ(term({{}, {}, {9}}), weight::region)
      << "a centre that is only said to be in the region";
  EXPECT_EQ(term({{}, {2}, {8}}), weight::territory);
  EXPECT_EQ(term({}), weight::territory);
}

// domain R12
TEST(Filters, OnePrivilegeInForceCoversAllOfTheExam) {
  const Directory d = two_centres();
  std::vector<Privilege> own = {
      {Set<Modality>::of(Modality::ct), Set<Region>::of(Region::head)},
      {Set<Modality>::of(Modality::mr), {}, Set<AgeClass>::of(AgeClass::adult)}};
  ReaderView anne = reader(1);
  anne.privileges = &own;
  const auto filter = [&](Modality modality, Region region, AgeClass age) {
    Exam exam = ct();
    exam.request.modality = modality;
    exam.request.region = region;
    exam.request.age_class = age;
    return filter_for(d, exam, anne);
  };
  EXPECT_EQ(filter(Modality::ct, Region::head, AgeClass::adult), Filter::eligible);
  EXPECT_EQ(filter(Modality::ct, Region::chest, AgeClass::adult), Filter::privileges);
  EXPECT_EQ(filter(Modality::ct, Region::unknown, AgeClass::adult), Filter::privileges);
  EXPECT_EQ(filter(Modality::mr, Region::chest, AgeClass::adult), Filter::eligible);
  EXPECT_EQ(filter(Modality::mr, Region::chest, AgeClass::unknown), Filter::privileges);
  EXPECT_EQ(filter(Modality::cr, Region::head, AgeClass::adult), Filter::modality);
  own[0].until = {1000};
  anne.utc = {999};
  EXPECT_EQ(filter(Modality::ct, Region::head, AgeClass::adult), Filter::eligible);
  anne.utc = {1000};
  EXPECT_EQ(filter(Modality::ct, Region::head, AgeClass::adult), Filter::modality);
}

// domain R13
TEST(Filters, ATraineeIsOfferedNothingAndASupervisedReaderIs) {
  std::vector<Privilege> own = reads_ct;
  ReaderView anne = reader(1);
  anne.privileges = &own;
  own[0].status = PrivilegeStatus::supervised;
  EXPECT_EQ(filter_for(two_centres(), ct(), anne), Filter::eligible);
  own[0].status = PrivilegeStatus::trainee;
  EXPECT_EQ(filter_for(two_centres(), ct(), anne), Filter::modality);
}

// domain O10, R11
TEST(Filters, TheRadiologistsOfAPoolsHospitalsReadWhereverTheySit) {
  Directory d = two_centres();
  d.groups[1].establishments = {{70}};
  Exam exam = ct();
  exam.group = {2};
  ReaderView away = reader(1, bordeaux);
  EXPECT_EQ(filter_for(d, exam, away), Filter::group);
  away.institution = {70};
  EXPECT_EQ(filter_for(d, exam, away), Filter::eligible);
  away.institution = {71};
  EXPECT_EQ(filter_for(d, exam, away), Filter::group);
}

TEST(Scores, WhoKnowsThePatientReadsUnlessHeIsExhausted) {
  ReaderView stranger = reader(1), knows = reader(2);
  stranger.idle_since = now - 1_h;
  knows.units = 600;
  EXPECT_EQ(chosen(ct(), {stranger, knows}, {2}), 2u);
}

// domain O14
TEST(Scores, WhoReadLessThisShiftReads) {
  ReaderView worked = reader(1), rested = reader(2);
  worked.units = 60;
  EXPECT_EQ(chosen(ct(), {worked, rested}), 2u);
}

TEST(Scores, FatigueCountsAfterEightHoursAndStronglyAfterTen) {
  ReaderView eight = reader(1), seven = reader(2), ten = reader(3);
  eight.shift_start = now - 8_h;
  seven.shift_start = now - 7_h;
  ten.shift_start = now - 10_h;
  EXPECT_EQ(chosen(ct(), {eight, seven}), 2u);
  EXPECT_EQ(chosen(ct(), {eight, ten}), 1u);
  const Exam exam = ct();
  const ExamView view{&exam, here, {}};
  EXPECT_EQ(score(view, ten, now).fatigue - score(view, eight, now).fatigue,
            weight::fatigue_10h - weight::fatigue_8h);
}

TEST(Scores, AQuieterCentreIsPreferred) {
  ReaderView busy = reader(1), quiet = reader(2, bordeaux);
  busy.site_busy_percent = 90;
  EXPECT_EQ(chosen(ct(), {busy, quiet}), 2u);
}

TEST(Decisions, CountEveryReaderAndKeepTheEightBestInOrder) {
  const Exam exam = ct();
  std::vector<ReaderView> readers;
  for (std::uint32_t i = 1; i <= 12; ++i) {
    readers.push_back(reader(i));
    readers.back().units = 6 * (20 - i);
  }
  readers[0].free = false;
  readers[1].privileges = nullptr;
  Decision decision;
  const auto best = choose_reader(two_centres(), {&exam, here, {}}, readers, now, decision);
  ASSERT_TRUE(best);
  EXPECT_EQ(readers[*best].person, PersonId{12});
  EXPECT_EQ(decision.removed[static_cast<std::size_t>(Filter::eligible)], 10);
  EXPECT_EQ(decision.removed[static_cast<std::size_t>(Filter::not_free)], 1);
  EXPECT_EQ(decision.removed[static_cast<std::size_t>(Filter::modality)], 1);
  EXPECT_EQ(decision.removals, (std::vector<Removal>{{PersonId{1}, Filter::not_free},
                                                     {PersonId{2}, Filter::modality}}));
  ASSERT_EQ(decision.candidates.size(), limits::candidates_recorded);
  for (std::uint32_t i = 0; i < 8; ++i) {
    EXPECT_EQ(decision.candidates[i].reader, PersonId{12 - i});
  }
}

TEST(Decisions, NameWhoWasRemovedAsFarAsThereIsRoom) {
  const Exam exam = ct();
  std::vector<ReaderView> readers;
  for (std::uint32_t i = 1; i <= limits::removals_recorded + 9; ++i) readers.push_back(reader(i));
  for (ReaderView& view : readers) view.off_roster = view.person.value > 2;
  Decision decision;
  ASSERT_TRUE(choose_reader(two_centres(), {&exam, here, {}}, readers, now, decision));
  EXPECT_EQ(decision.removed[static_cast<std::size_t>(Filter::roster)],
            limits::removals_recorded + 7);
  ASSERT_EQ(decision.removals.size(), limits::removals_recorded);
  EXPECT_EQ(decision.removals.front(), (Removal{PersonId{3}, Filter::roster}));
  EXPECT_EQ(decision.removals.back().reader, PersonId{limits::removals_recorded + 2});
}

TEST(Decisions, NobodyEligibleIsNobody) {
  EXPECT_EQ(chosen(ct(), {}), 0u);
  ReaderView away = reader(1);
  away.free = false;
  EXPECT_EQ(chosen(ct(), {away}), 0u);
}

}  // namespace
}  // namespace vigie::routing
