// The figures of a short night, counted by hand; and what they must be whatever is sent.
#include "actors/core/kpi/measures.hpp"

#include "tests/actors/core/room/random_night.hpp"

namespace vigie::kpi {
namespace {

using namespace room::test;

/// A night that is measured entry by entry, as nodes and replays do.
struct Measured {
  Night night;
  Measures measures;
  std::size_t taken = 0;

  Measured() { take(); }
  /// What the last entries brought. The state is that of the last one: one entry at a time where it
  /// matters.
  void take() {
    const std::span<const Event> all(night.events);
    while (taken < all.size()) {
      std::size_t end = taken;
      while (end < all.size() && all[end].index == all[taken].index) ++end;
      measures.take(night.room.state(), all.subspan(taken, end - taken));
      taken = end;
    }
  }
  void wait(Millis span) {
    night.wait(span);
    take();
  }
  const Totals& totals() const { return measures.totals(); }
  Figures figures() const { return measures.figures(night.room.now()); }
};

Distribution of(std::initializer_list<Millis> spans) {
  Distribution all;
  for (const Millis span : spans) all.add(span);
  return all;
}

std::uint32_t counted(const ByUrgency& spans) {
  std::uint32_t all = 0;
  for (const Distribution& d : spans) all += d.count;
  return all;
}

/// Requested at 0, claimed after 20 s, protocol after 50 s, images from 200 s on, READY after 320
/// s, signed after 620 s, report available after 650 s.
ExamId one_exam(Measured& m, const std::string& number, Urgency urgency, Actor& reader) {
  Night& night = m.night;
  const ExamId exam = night.submit(number);
  m.take();
  night.pass(20_s);
  EXPECT_EQ(night.regulator().claim(exam).code, Errc::ok);
  m.take();
  night.pass(30_s);
  EXPECT_EQ(night.regulator().accept(exam, urgency).code, Errc::ok);
  m.take();
  night.pass(150_s);
  EXPECT_EQ(night.node(marseille, ImagesProgress{{exam, {}}, 10, 100}).code, Errc::ok);
  m.take();
  night.pass(120_s);
  night.complete(exam);
  m.take();
  EXPECT_EQ(reader.accept_offer(exam).code, Errc::ok);
  m.take();
  night.pass(300_s);
  EXPECT_EQ(reader.sign(exam, exam.value).code, Errc::ok);
  m.take();
  night.pass(30_s);
  EXPECT_EQ(night.acknowledge(exam).code, Errc::ok);
  m.take();
  return exam;
}

// domain F9, F12
TEST(Measures, AnExamsClocksAreThoseOfTheStory) {
  Measured m;
  Actor& anne = m.night.read(p_anne);
  anne.free();
  m.take();
  one_exam(m, "A1", Urgency::p1, anne);
  const auto p1 = [&](Span span) { return m.totals().of(span)[1]; };
  EXPECT_EQ(p1(Span::request_to_report), of({650_s}));
  EXPECT_EQ(p1(Span::protocol_to_report), of({600_s}));
  EXPECT_EQ(p1(Span::first_image_to_report), of({450_s}));
  EXPECT_EQ(p1(Span::ready_to_report), of({330_s}));
  EXPECT_EQ(p1(Span::ready_to_signed), of({300_s}));
  EXPECT_EQ(p1(Span::request_to_protocol), of({50_s}));
  // By the class that the exam has then: the hospital asked P2, the regulator gave P1.
  EXPECT_EQ(m.totals().of(Span::request_to_touch)[2], of({20_s}));
  EXPECT_EQ(counted(m.totals().of(Span::request_to_report)), 1u);
}

// domain F12
TEST(Measures, TheRegulatorsQueueCountsTheFirstTouchAndTheRegulatorsProtocol) {
  Measured m;
  Night& night = m.night;
  const ExamId exam = night.submit("R1");
  m.take();
  night.pass(40_s);
  night.regulator().claim(exam);
  m.take();
  night.pass(10_s);
  night.regulator().say(ReleaseClaim{exam});
  m.take();
  night.pass(60_s);
  night.regulator().claim(exam);
  m.take();
  EXPECT_EQ(m.totals().of(Span::request_to_touch)[2], of({40_s})) << "the second is none";
  night.pass(10_s);
  night.regulator().accept(exam, Urgency::p2);
  m.take();
  EXPECT_EQ(m.totals().of(Span::request_to_protocol)[2], of({120_s}));
  // What arrives already made has no regulator to wait for.
  Request radiograph = night.request(edouard, "R2");
  radiograph.modality = Modality::cr;
  radiograph.protocol = "RX v1";
  radiograph.images_complete = true;
  night.submit(lyon, radiograph, "M-R2");
  m.take();
  EXPECT_EQ(counted(m.totals().of(Span::request_to_protocol)), 1u);
  EXPECT_EQ(m.figures().establishments.at(edouard).requests, 1u);
}

// domain F9
TEST(Measures, AnAddendumIsNoSecondReportAndAReadingOnceMoreIsNotTheHospitals) {
  Measured m;
  Night& night = m.night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = one_exam(m, "B1", Urgency::p2, anne);
  night.pass(600_s);
  ReviseReport addendum;
  addendum.exam = exam;
  addendum.report = {77};
  addendum.kind = ReportKind::addendum;
  addendum.text = "and a nodule";
  ASSERT_EQ(anne.say(addendum).code, Errc::ok);
  ASSERT_EQ(night.node(marseille, DeliveryResult{exam, {2}, 0, DeliveryOutcome::acked, "AA"}).code,
            Errc::ok);
  ASSERT_EQ(night.count(EventKind::exam_delivered), 2u);
  m.take();
  EXPECT_EQ(m.totals().of(Span::request_to_report)[2], of({650_s}));
  anne.away();
  Actor& lea = night.read(p_lea);
  lea.free();
  AskRead second;
  second.exam = exam;
  second.purpose = Purpose::second_opinion;
  second.question = "?";
  ASSERT_EQ(anne.say(second).code, Errc::ok);
  m.take();
  const ExamId child = night.exam(exam).children.at(0);
  ASSERT_EQ(lea.accept_offer(child).code, Errc::ok);
  ASSERT_EQ(lea.sign(child, 78).code, Errc::ok);
  ASSERT_EQ(night.state(child), ExamState::delivered);
  m.take();
  EXPECT_EQ(counted(m.totals().of(Span::request_to_report)), 1u);
  EXPECT_EQ(counted(m.totals().of(Span::ready_to_signed)), 1u);
  EXPECT_EQ(m.totals().reads, 2u) << "but readers were asked twice";
}

// domain Q3, O18, Q9
TEST(Measures, WhoReadsWhoseAndUnderWhichAgreementIsCounted) {
  Measured m;
  Night& night = m.night;
  Actor& anne = night.read(p_anne);  // in Bordeaux
  anne.free();
  one_exam(m, "C1", Urgency::p2, anne);
  one_exam(m, "C2", Urgency::p2, anne);
  anne.away();
  Actor& mia = night.read(p_mia);
  mia.free();
  one_exam(m, "C3", Urgency::p2, mia);
  const Figures figures = m.figures();
  const std::map<Flow, std::uint64_t> flows = {{{marseille, bordeaux}, 2},
                                               {{marseille, marseille}, 1}};
  EXPECT_EQ(figures.flows, flows);
  EXPECT_EQ(figures.agreements.at("ct"), 3u);
  EXPECT_EQ(figures.agreements.size(), 1u);
  const Service& service = figures.establishments.at(timone);
  EXPECT_EQ(service.requests, 3u);
  EXPECT_EQ(service.reports, 3u);
  EXPECT_EQ(service.late, 0u);
  EXPECT_EQ(service.request_to_report[2], of({650_s, 650_s, 650_s}));
}

// domain Q9
TEST(Measures, AnOrderJoinedToItsPhoneCallIsOneRequest) {
  Measured m;
  Night& night = m.night;
  Actor& assistant = night.actor(p_assistant, Role::assistant, lyon);
  Request phoned = night.request("CALL-1");
  phoned.flags = ExamFlag::phoned;
  const Answer call = assistant.say(Submit{{phoned}, "CALL"});
  ASSERT_EQ(call.code, Errc::ok);
  m.take();
  night.submit("J1");
  m.take();
  EXPECT_EQ(m.figures().establishments.at(timone).requests, 2u);
  ASSERT_EQ(assistant.say(LinkOrder{call.exam, night.request("J1").key}).code, Errc::ok);
  m.take();
  EXPECT_EQ(m.figures().establishments.at(timone).requests, 1u);
}

// domain O6
TEST(Measures, WhatAnUltrasoundCouldHaveShownIsCountedByHospital) {
  Measured m;
  Night& night = m.night;
  Request r = night.request("U1");
  r.flags = ExamFlag::instead_of_ultrasound;
  night.submit(marseille, r, "M1");
  m.take();
  night.submit("U2");
  m.take();
  const Service& service = m.figures().establishments.at(timone);
  EXPECT_EQ(service.requests, 2u);
  EXPECT_EQ(service.instead_of_ultrasound, 1u);
}

TEST(Measures, WhatIsReopenedIsNoSecondReport) {
  Measured m;
  Night& night = m.night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("R1", anne);
  m.take();
  anne.sign(exam, 1);
  m.take();
  night.acknowledge(exam);
  m.take();
  m.wait(13_h);
  Actor& head = night.head();
  m.take();
  ASSERT_EQ(head.say(Reopen{exam, "again", night.archive.back().bytes}).code, Errc::ok);
  m.take();
  ASSERT_EQ(anne.say(ReviseReport{exam, {2}, ReportKind::addendum, "more"}).code, Errc::ok);
  m.take();
  night.node(marseille, DeliveryResult{exam, {2}, 0, DeliveryOutcome::acked, "AA"});
  m.take();
  ASSERT_EQ(night.state(exam), ExamState::delivered);
  EXPECT_EQ(m.totals().of(Span::request_to_report)[2].count, 1u);
}

TEST(Measures, OffersAreCountedByHowTheyEnded) {
  Measured m;
  Night& night = m.night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = night.ready("D1");
  m.take();
  anne.decline(exam, DeclineReason::skill);
  m.take();
  Actor& bruno = night.read(p_bruno);
  bruno.free();
  m.take();
  ASSERT_EQ(night.exam(exam).reader, p_bruno);
  m.wait(31_s);
  bruno.next();
  m.take();
  Offers expected;
  expected.made = 2;
  expected.expired = 1;
  expected.automatic = 1;
  expected.declined = {0, 1, 0, 0};
  EXPECT_EQ(m.totals().offers, expected);
  EXPECT_EQ(m.totals().reads, 1u);
  // Set aside for a P0 and taken up again: neither an offer nor another reading.
  ASSERT_EQ(night.state(exam), ExamState::reading);
  ASSERT_EQ(bruno.say(Suspend{exam, night.exam(exam).epoch}).code, Errc::ok);
  m.take();
  ASSERT_EQ(bruno.say(Resume{exam}).code, Errc::ok);
  m.take();
  EXPECT_EQ(night.count(EventKind::read_accepted), 2u);
  EXPECT_EQ(m.totals().offers, expected);
  EXPECT_EQ(m.totals().reads, 1u);
}

// domain F7
TEST(Measures, WhatReachesAReaderOfAnotherExamIsAnInterruption) {
  Measured m;
  Night& night = m.night;
  Actor& anne = night.read(p_anne);
  const ExamId exam = night.being_read("E1", anne);
  const ExamId other = night.ready("E2");
  m.take();
  EXPECT_EQ(m.totals().interruptions, 0u) << "nothing of what happens interrupts him";
  Event event;
  event.kind = EventKind::images_added;
  event.exam = other;
  event.session = anne.session;
  event.by = p_technologist;
  m.measures.take(night.room.state(), {&event, 1});
  EXPECT_EQ(m.totals().interruptions, 1u);
  event.exam = exam;
  m.measures.take(night.room.state(), {&event, 1});
  EXPECT_EQ(m.totals().interruptions, 1u) << "his own exam may";
  event.exam = other;
  event.by = p_anne;
  m.measures.take(night.room.state(), {&event, 1});
  EXPECT_EQ(m.totals().interruptions, 1u) << "what he does himself interrupts nobody";
  event.kind = EventKind::read_offered;
  m.measures.take(night.room.state(), {&event, 1});
  EXPECT_EQ(m.totals().interruptions, 2u) << "an offer is not his act";
  // As if he had got his exam only now, after something else that ended in the same entry.
  std::array<Event, 2> entry = {event, event};
  entry[1].kind = EventKind::read_accepted;
  entry[1].exam = exam;
  m.measures.take(night.room.state(), entry);
  EXPECT_EQ(m.totals().interruptions, 2u);
}

// domain Q2
TEST(Measures, ReadersTimeIsCountedAtTheirCentre) {
  Measured m;
  Night& night = m.night;
  Actor& anne = night.read(p_anne);
  anne.free();
  m.take();
  m.wait(100_s);
  const ExamId exam = night.ready("G1");
  m.take();
  m.wait(10_s);
  anne.accept_offer(exam);
  m.take();
  m.wait(200_s);
  const FedTime now = night.room.now();
  EXPECT_EQ(m.measures.presence(now).at(bordeaux), (Presence{310_s, 200_s})) << "while he reads";
  anne.sign(exam, 1);
  m.take();
  m.wait(50_s);
  anne.say(Detach{});
  m.take();
  m.wait(1000_s);
  EXPECT_EQ(m.measures.presence(night.room.now()).at(bordeaux), (Presence{360_s, 200_s}));
  EXPECT_TRUE(m.measures.seats().empty());
}

// domain Q10
TEST(Figures, AHospitalSlowerThanTheOthersForTheSameClassIsNamed) {
  Figures figures;
  const auto served = [&](EstablishmentId id, Urgency urgency, int exams, Millis each) {
    const auto u = static_cast<std::size_t>(urgency);
    for (int i = 0; i < exams; ++i) {
      figures.establishments[id].request_to_report[u].add(each);
      figures.totals.spans[0][u].add(each);
    }
  };
  served(edouard, Urgency::p2, 80, 10_min);
  served(timone, Urgency::p2, 20, 20_min);
  served(pellegrin, Urgency::p2, 19, 60_min);  // too few to say
  EXPECT_TRUE(slow_establishments(figures).empty()) << "19.7 min on average";
  served(edouard, Urgency::p2, 400, 10_min);
  const std::vector<Slow> expected = {
      {timone, Urgency::p2, 20, 20_min, figures.totals.spans[0][2].mean()}};
  EXPECT_EQ(slow_establishments(figures), expected);
  EXPECT_LT(expected[0].others, 20_min * 2 / 3);
  served(timone, Urgency::p3, 30, 100_min);
  EXPECT_EQ(slow_establishments(figures).size(), 1u) << "alone in its class";
}

TEST(Distribution, AQuantileLiesEvenlyWithinItsClass) {
  EXPECT_EQ(of({}).quantile(90), 0_ms);
  EXPECT_EQ(of({}).mean(), 0_ms);
  EXPECT_EQ(of({Millis{-5'000}}).sum, 0_ms) << "time never goes back";
  const Distribution four = of({11_min, 12_min, 13_min, 14_min});  // (10, 16] min
  EXPECT_EQ(four.mean(), 12_min + 30_s);
  EXPECT_EQ(four.quantile(50), 13_min);
  EXPECT_EQ(four.quantile(100), 16_min);
  EXPECT_EQ(of({10_min}).counts, of({9_min}).counts) << "a bound belongs to its class";
  EXPECT_EQ(of({10_h}).quantile(90), 6_h) << "beyond all bounds";
  Distribution sum = four;
  sum.add(of({1_s}));
  EXPECT_EQ(sum, of({1_s, 11_min, 12_min, 13_min, 14_min}));
}

/// Readers who are at their posts, and what they do, by the records alone.
std::map<SessionId, bool> readers_of(const room::State& state) {
  std::map<SessionId, bool> all;
  for (const auto& [id, slot] : state.sessions().slots()) {
    const room::Session& s = slot.record;
    if (!s.live || s.role != Role::reader) continue;
    const Exam* exam = s.exam ? state.exams().find(s.exam) : nullptr;
    all[id] = exam && is_held(exam->state);
  }
  return all;
}

// domain Q4, F7
TEST(Measures, AgreeWithTheRecordsWhateverIsSentAndNobodyIsInterrupted) {
  constexpr std::uint64_t nights = 60;
  std::uint64_t reads = 0, reports = 0;
  for (std::uint64_t seed = 30'001; seed < 30'001 + nights; ++seed) {
    room::Room room;
    Measures measures;
    Proposal founding;
    founding.command = ApplyDirectory{three_centres()};
    room::Effects effects;
    (void)room.apply(LogIndex{1}, FedTime{1'700'000'000'000}, founding, effects);
    Driver driver(seed, room);
    Measures second;  // of the night's second half, from a snapshot
    ByUrgency first_half{};
    const auto clock = [&](const Measures& m) { return m.totals().of(Span::request_to_report); };
    std::set<ExamId> delivered;
    for (int step = 0; step < 300; ++step) {
      const Stamped entry = driver.draw();
      effects = {};
      (void)room.apply(next(room.applied()), entry.at, entry.proposal, effects);
      driver.saw(effects);
      measures.take(room.state(), effects.events);
      if (step > 150) second.take(room.state(), effects.events);
      if (step == 150) {
        second.begin(room.state());
        first_half = clock(measures);
      }
      for (const Event& e : effects.events) {
        const Exam* exam = room.state().exams().find(e.exam);
        if (e.kind == EventKind::exam_delivered && exam && !exam->parent) delivered.insert(e.exam);
      }
      std::map<SessionId, bool> seats;
      for (const auto& [id, seat] : measures.seats()) seats[id] = static_cast<bool>(seat.exam);
      ASSERT_EQ(seats, readers_of(room.state()))
          << "seed " << seed << " step " << step << " " << name_of(entry.proposal.command);
    }
    const Totals& totals = measures.totals();
    ASSERT_EQ(totals.interruptions, 0u) << "seed " << seed;
    ASSERT_EQ(counted(totals.of(Span::request_to_report)), delivered.size()) << "seed " << seed;
    ASSERT_LE(counted(totals.of(Span::protocol_to_report)), delivered.size());
    ByUrgency both = clock(second);
    for (std::size_t u = 0; u < both.size(); ++u) both[u].add(first_half[u]);
    ASSERT_EQ(both, clock(measures)) << "seed " << seed;
    const FedTime now = room.now();
    for (const auto& [site, presence] : second.presence(now)) {
      ASSERT_LE(presence.busy, presence.logged);
      ASSERT_LE(presence.logged, measures.presence(now).at(site).logged) << "seed " << seed;
    }
    const auto is_there = [&](ExamId id) { return room.state().exams().find(id) != nullptr; };
    const auto open = static_cast<std::size_t>(std::ranges::count_if(delivered, is_there));
    ASSERT_EQ(measures.remembered(), open) << "seed " << seed;
    reads += totals.reads;
    reports += delivered.size();
  }
  EXPECT_GT(reads, nights * 3);
  EXPECT_GT(reports, nights);
}

/// The night goes on from a photograph, as after a restart or on a node that was taken along.
TEST(Measures, GoOnFromASnapshotWithoutCountingTwice) {
  Measured m;
  Night& night = m.night;
  Actor& anne = night.read(p_anne);
  anne.free();
  const ExamId exam = one_exam(m, "H1", Urgency::p2, anne);
  const ExamId revised = one_exam(m, "H2", Urgency::p2, anne);
  const ExamId in_hand = night.being_read("H3", anne);
  ReviseReport addendum;
  addendum.exam = revised;
  addendum.report = {79};
  addendum.kind = ReportKind::addendum;
  addendum.text = "and a nodule";
  ASSERT_EQ(anne.say(addendum).code, Errc::ok);  // delivered before, and owed again
  m.take();
  Measures restarted;
  restarted.begin(night.room.state());
  EXPECT_EQ(restarted.seats().size(), 1u);
  night.pass(60_s);
  const std::size_t from = night.events.size();
  ASSERT_EQ(
      night.node(marseille, DeliveryResult{revised, {2}, 0, DeliveryOutcome::acked, "AA"}).code,
      Errc::ok);
  ASSERT_EQ(night.said(EventKind::exam_delivered) != nullptr, true);
  restarted.take(night.room.state(), std::span(night.events).subspan(from));
  EXPECT_EQ(counted(restarted.totals().of(Span::request_to_report)), 0u);
  addendum.exam = exam;
  addendum.report = {80};
  ASSERT_EQ(anne.say(addendum).code, Errc::ok);
  restarted.take(night.room.state(), night.out.events);
  ASSERT_EQ(night.node(marseille, DeliveryResult{exam, {2}, 0, DeliveryOutcome::acked, "AA"}).code,
            Errc::ok);
  restarted.take(night.room.state(), night.out.events);
  EXPECT_EQ(counted(restarted.totals().of(Span::request_to_report)), 0u) << "counted before";
  const Presence presence = restarted.presence(night.room.now()).at(bordeaux);
  EXPECT_EQ(presence, (Presence{60_s, 60_s})) << "H3 is in his hand";
  EXPECT_EQ(night.state(in_hand), ExamState::reading);
}

}  // namespace
}  // namespace vigie::kpi
