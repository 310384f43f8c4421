// Hospitals' connections: framing, order, limits, and what may not be taken.
#include "tests/nodes/door/door_fixture.hpp"

namespace vigie::door {
namespace {

TEST(MllpServer, AnswersAfterTheCommitWithTheExamNumber) {
  Bench bench;
  Socket ris = bench.connect();
  ris.message(order("M1", "A1"));
  ASSERT_TRUE(bench.intake.wait_for(1));
  const auto submit = bench.intake.as<Submit>(0);
  ASSERT_EQ(submit.requests.size(), 1u);
  EXPECT_EQ(submit.message_id, "M1");
  EXPECT_EQ(submit.requests[0].key, (OrderKey{{111}, "RIS", "A1"}));
  EXPECT_EQ(submit.requests[0].establishment, EstablishmentId{11});
  EXPECT_EQ(submit.requests[0].modality, Modality::ct);
  EXPECT_TRUE(submit.requests[0].patient_key);
  bench.intake.answer(0, accepted());
  const auto ack = ris.next();
  ASSERT_TRUE(ack);
  EXPECT_EQ(field(*ack, "MSA", 1), "AA");
  EXPECT_EQ(field(*ack, "MSA", 2), "M1");
  EXPECT_EQ(field(*ack, "MSA", 3),
            "exam=" + exam_number(*directory(), first_exam) + " ack=REPLICATED");
  EXPECT_TRUE(bench.metrics.reaches("vigie_feed_messages_total ch-alpes-ris", 1));
  EXPECT_TRUE(bench.metrics.is_observed("vigie_feed_answer_duration_seconds taken", 1));
}

TEST(MllpServer, SaysDuplicateToARepeatedOrder) {
  Bench bench;
  bench.intake.rule = [](const Command&) {
    Answer answer = accepted();
    answer.duplicate = true;
    return answer;
  };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1"));
  EXPECT_NE(field(ris.next().value_or(""), "MSA", 3).find("ack=DUPLICATE"), std::string::npos);
}

TEST(MllpServer, TakesFramesInAnyCut) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  Socket ris = bench.connect();
  for (const char byte : "noise" + hl7::frame(order("M1", "A1"))) ris.raw({&byte, 1});
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 2), "M1");
  ris.raw(hl7::frame(order("M2", "A2")) + hl7::frame(order("M3", "A3")));
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 2), "M2");
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 2), "M3");
}

TEST(MllpServer, AnswersInOrderOfArrivalThoughTheRoomDoesNot) {
  Bench bench;
  Socket ris = bench.connect();
  for (const char* n : {"1", "2", "3"}) {
    ris.message(order(std::string("M") + n, std::string("A") + n));
  }
  ASSERT_TRUE(bench.intake.wait_for(3));
  for (const std::size_t i : {2, 0, 1}) bench.intake.answer(i, accepted(i + 1));
  for (const char* id : {"M1", "M2", "M3"}) {
    EXPECT_EQ(field(ris.next().value_or(""), "MSA", 2), id);
  }
}

TEST(MllpServer, LetsAChangeWaitForTheOrderBeforeIt) {
  Bench bench;
  Socket ris = bench.connect();
  ris.raw(hl7::frame(order("M1", "A1")) + hl7::frame(order("M2", "A1", "XO", "SC")) +
          hl7::frame(order("M3", "A3")));
  ASSERT_TRUE(bench.intake.wait_for(1));
  EXPECT_EQ(bench.intake.count(), 1u);
  bench.intake.answer(0, accepted());
  ASSERT_TRUE(bench.intake.wait_for(2));
  EXPECT_EQ(bench.intake.as<Amend>(1).request.key.number, "A1");
  EXPECT_EQ(bench.intake.count(), 2u);
  bench.intake.answer(1, accepted());
  ASSERT_TRUE(bench.intake.wait_for(3));
  bench.intake.answer(2, accepted(3));
  for (const char* id : {"M1", "M2", "M3"}) {
    EXPECT_EQ(field(ris.next().value_or(""), "MSA", 2), id);
  }
}

TEST(MllpServer, RefusesForGoodWhatCanNeverBeTaken) {
  Bench bench;
  Socket ris = bench.connect();
  ris.message(msh("M1", "AILLEURS") + pid + order_group("A1"));
  auto ack = ris.next().value_or("");
  EXPECT_EQ(field(ack, "MSA", 1), "AE");
  EXPECT_EQ(field(ack, "MSA", 2), "M1");
  EXPECT_EQ(field(ack, "ERR", 3).substr(0, 3), "204");
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp hl7_unknown_key", 1));
  EXPECT_TRUE(bench.metrics.is_observed("vigie_feed_answer_duration_seconds refused", 1));
  ris.message(msh("") + pid + order_group("A1"));
  ack = ris.next().value_or("");
  EXPECT_EQ(field(ack, "MSA", 1), "AE");
  EXPECT_EQ(field(ack, "MSA", 2), "");
  EXPECT_EQ(field(ack, "ERR", 3).substr(0, 3), "101");
  ris.message("not HL7 at all");
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AE");
  ris.message(order("M4", ""));
  EXPECT_EQ(field(ris.next().value_or(""), "ERR", 3).substr(0, 3), "101");
  EXPECT_EQ(bench.intake.count(), 0u);
}

TEST(MllpServer, TurnsTheRoomsRefusalIntoAnErrorCode) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return refused(Errc::unknown_key_order); };
  Socket ris = bench.connect();
  ris.message(order("M1", "A1", "XO", "SC"));
  const auto ack = ris.next().value_or("");
  EXPECT_EQ(field(ack, "MSA", 1), "AE");
  EXPECT_EQ(field(ack, "ERR", 2), "ORC^1^2");
  EXPECT_EQ(field(ack, "ERR", 3).substr(0, 3), "204");
}

TEST(MllpServer, ClosesWithoutAWordWhenItCannotTakeNow) {
  for (const Errc code :
       {Errc::no_leader, Errc::busy, Errc::timeout, Errc::stopping, Errc::unknown_key}) {
    Bench bench;
    bench.intake.rule = [code](const Command&) { return refused(code); };
    Socket ris = bench.connect();
    ris.message(order("M1", "A1"));
    EXPECT_TRUE(ris.is_closed());
    const std::string name(errc_name(code));
    EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp " + name, 1)) << name;
  }
}

TEST(MllpServer, AnswersWhatCameBeforeThenCloses) {
  Bench bench;
  Socket ris = bench.connect();
  ris.raw(hl7::frame(order("M1", "A1")) + hl7::frame(order("M2", "A2")));
  ASSERT_TRUE(bench.intake.wait_for(2));
  bench.intake.answer(1, refused(Errc::no_leader));
  bench.intake.answer(0, accepted());
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 2), "M1");
  EXPECT_TRUE(ris.is_closed());
}

TEST(MllpServer, ClosesWhenTheRoomDoesNotAnswerInTime) {
  DoorTimes times;
  times.answer_max = 50_ms;
  Bench bench({alpes()}, times);
  Socket ris = bench.connect();
  ris.message(order("M1", "A1"));
  ASSERT_TRUE(bench.intake.wait_for(1));
  EXPECT_TRUE(ris.is_closed());
  bench.intake.answer(0, accepted());  // too late: nobody listens, nothing breaks
  Socket again = bench.connect();
  again.message(order("M1", "A1"));
  ASSERT_TRUE(bench.intake.wait_for(2));
  bench.intake.answer(1, accepted());
  EXPECT_EQ(field(again.next().value_or(""), "MSA", 1), "AA");
}

TEST(MllpServer, TakesNothingBeforeItHasADirectory) {
  Bench bench({alpes()}, {}, false);
  Socket ris = bench.connect();
  ris.message(order("M1", "A1"));
  EXPECT_TRUE(ris.is_closed());
  EXPECT_EQ(bench.intake.count(), 0u);
}

TEST(MllpServer, ClosesOnAFrameThatIsTooLarge) {
  Bench bench;
  Socket ris = bench.connect();
  ris.raw("\x0B" + msh("M1"));
  ris.raw(std::string(limits::mllp_frame_bytes, 'x'));
  EXPECT_TRUE(ris.is_closed());
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp too_large", 1));
}

TEST(MllpServer, ClosesOnAFrameThatNeverEnds) {
  DoorTimes times;
  times.frame_max = 50_ms;
  Bench bench({alpes()}, times);
  Socket ris = bench.connect();
  ris.raw("\x0BMSH|");
  EXPECT_TRUE(ris.is_closed());
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp malformed", 1));
}

TEST(MllpServer, SendsAwayWhoeverHasItHoldMostWhenAllHoldTooMuch) {
  DoorTimes times;
  times.held_bytes_max = 100'000;
  Bench bench({alpes()}, times);
  bench.intake.rule = [](const Command&) { return accepted(); };
  Socket small = bench.connect(), large = bench.connect(), last = bench.connect();
  small.raw("\x0B" + msh("M1") + std::string(20'000, 'x'));
  large.raw("\x0B" + msh("M2") + std::string(60'000, 'x'));
  last.raw("\x0B" + msh("M3") + std::string(50'000, 'x'));
  EXPECT_TRUE(large.is_closed());
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp limit_reached", 1));
  last.raw("\x1C\x0D");  // what is finished in time is answered
  EXPECT_TRUE(last.next());
  small.raw("\x1C\x0D");
  EXPECT_TRUE(small.next());
}

TEST(MllpServer, AnIdleConnectionOutlivesTheFramesClock) {
  DoorTimes times;
  times.frame_max = 1_ms;
  Bench bench({alpes()}, times);
  bench.intake.rule = [](const Command&) { return accepted(); };
  Socket idle = bench.connect();
  Socket slow = bench.connect();
  slow.raw("\x0BMSH|");
  EXPECT_TRUE(slow.is_closed());  // more than its time has passed
  idle.message(order("M1", "A1"));
  EXPECT_EQ(field(idle.next().value_or(""), "MSA", 1), "AA");
}

TEST(MllpServer, TurnsTheNinthConnectionAway) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  std::vector<Socket> eight;
  for (int i = 0; i < 8; ++i) eight.push_back(bench.connect());
  Socket ninth = bench.connect();
  EXPECT_TRUE(ninth.is_closed());
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp limit_reached", 1));
  eight.front().message(order("M1", "A1"));
  EXPECT_TRUE(eight.front().next());
  eight.pop_back();
  EXPECT_TRUE(bench.metrics.gauge_is("vigie_connections mllp", 7));
  Socket another = bench.connect();
  another.message(order("M2", "A2"));
  EXPECT_TRUE(another.next());
}

TEST(MllpServer, TurnsUnknownSourcesAway) {
  auto feed = alpes();
  feed.transport = settings::Transport::vpn;
  feed.allow_from = {{0x0A080400, 24}};
  Bench bench({feed});
  EXPECT_TRUE(bench.connect().is_closed());
  EXPECT_TRUE(bench.metrics.reaches("vigie_messages_rejected_total mllp unauthorised", 1));
}

TEST(MllpServer, TellsFeedsOfOneListenerApartByTheirNames) {
  Bench bench({alpes(), pau()});
  EXPECT_EQ(bench.door.port_of("ch-alpes-ris"), bench.door.port_of("ch-pau-ris"));
  bench.intake.rule = [](const Command&) { return accepted(); };
  Socket both = bench.connect();
  both.message(msh("M1", "CHPAU") + pid + order_group("A1"));
  EXPECT_EQ(field(both.next().value_or(""), "MSA", 1), "AA");
  EXPECT_EQ(bench.intake.as<Submit>(0).requests[0].establishment, EstablishmentId{12});
  EXPECT_TRUE(bench.metrics.reaches("vigie_feed_messages_total ch-pau-ris", 1));
  both.message(msh("M2", "CHALPES") + pid + order_group("A1"));
  EXPECT_EQ(field(both.next().value_or(""), "MSA", 1), "AA");
  EXPECT_EQ(bench.intake.as<Submit>(1).requests[0].establishment, EstablishmentId{11});
  both.message(msh("M3", "AILLEURS") + pid + order_group("A1"));
  EXPECT_EQ(field(both.next().value_or(""), "ERR", 3).substr(0, 3), "204");
}

TEST(MllpServer, TakesOnlyFeedsWhoseDoorItIs) {
  auto elsewhere = pau();
  elsewhere.doors = {"bordeaux"};
  Bench bench({alpes(), elsewhere});
  EXPECT_NE(bench.door.port_of("ch-alpes-ris"), 0);
  EXPECT_EQ(bench.door.port_of("ch-pau-ris"), 0);
}

TEST(MllpServer, AnswersEnhancedModeTwiceWhenAskedTo) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  Socket ris = bench.connect();
  std::string enhanced = order("M1", "A1");
  const std::string header = "|P|2.5.1||||||";
  enhanced.replace(enhanced.find(header), header.size(), "|P|2.5.1|||AL|AL||");
  ris.message(enhanced);
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "CA");
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
}

TEST(MllpServer, AnswersASenderThatHasFinishedSpeaking) {
  Bench bench;
  Socket ris = bench.connect();
  ris.message(order("M1", "A1"));
  ris.finish();
  ASSERT_TRUE(bench.intake.wait_for(1));
  bench.intake.answer(0, accepted());
  EXPECT_EQ(field(ris.next().value_or(""), "MSA", 1), "AA");
  EXPECT_TRUE(ris.is_closed());
}

TEST(MllpServer, SaysThatItsAddressIsTaken) {
  Bench bench;
  auto feed = alpes();
  feed.listen.port = bench.door.port_of("ch-alpes-ris");
  MllpDoor second(
      {marseille, "marseille", "essai", settings::FederationMode::production, {feed}, {}},
      bench.intake, bench.lookup, bench.node_metrics.door);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::port_in_use);
}

TEST(MllpServer, TakesOrdersFromDebiansSender) {
  Bench bench;
  bench.intake.rule = [](const Command&) { return accepted(); };
  std::string file = ::testing::TempDir() + "vigie-orders-XXXXXX";
  FILE* out = ::fdopen(::mkstemp(file.data()), "wb");
  ASSERT_NE(out, nullptr);
  const std::string frames =
      hl7::frame(order("M1", "A1")) + hl7::frame(order("M2", "A2")) + hl7::frame(order("M3", "A3"));
  ASSERT_EQ(std::fwrite(frames.data(), 1, frames.size(), out), frames.size());
  std::fclose(out);
  const std::string port = std::to_string(bench.door.port_of("ch-alpes-ris"));
  const std::string call = "/usr/bin/mllp_send --file " + file + " --port " + port + " 127.0.0.1";
  FILE* sender = ::popen(call.c_str(), "r");
  ASSERT_NE(sender, nullptr);
  std::string said;
  std::array<char, 4096> chunk;
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), sender)) {
    said.append(chunk.data(), got);
  }
  EXPECT_EQ(::pclose(sender), 0);
  for (const char* id : {"MSA|AA|M1|", "MSA|AA|M2|", "MSA|AA|M3|"}) {
    EXPECT_NE(said.find(id), std::string::npos) << said;
  }
  EXPECT_EQ(bench.intake.count(), 3u);
  std::remove(file.c_str());
}

}  // namespace
}  // namespace vigie::door
