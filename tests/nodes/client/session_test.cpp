// A session's rules, with a scripted node and a clock of the test's own.
#include "nodes/client/session.hpp"

#include <gtest/gtest.h>

#include <map>

namespace vigie::client {
namespace {

/// What the session sends, and a clock.
class FakeLane : public Lane {
 public:
  void push(ClientMessage message) override { sent.push_back(std::move(message)); }
  BootTime now() const override { return clock; }
  LogIndex seen() const override { return LogIndex{77}; }
  void begin_anew(LogIndex index) override { anew = index; }
  LogIndex anew;
  History& history() override { return none; }
  void renamed(SessionId from, Session&) override { renamed_from = from; }

  std::vector<ClientMessage> sent;
  BootTime clock{1'000'000};
  History none;
  SessionId renamed_from;
};

class SessionRules : public ::testing::Test {
 protected:
  SessionRules() { wish_.id = SessionId{42}, wish_.role = Role::reader, wish_.desk = Desk::reader; }

  Session& open() {
    handler_.attached = [this](Session&, const Answer&) { ++attached_; };
    handler_.event = [this](Session&, const Event& e) { events_.push_back(e); };
    handler_.view = [this](Session&, const std::vector<Event>&) { ++views_; };
    handler_.lost = [this](Session&, const Answer& a) { lost_ = a.code; };
    session_ = std::make_unique<Session>(lane_, wish_, handler_);
    return *session_;
  }
  /// Open, connected and attached as incarnation 1.
  Session& live() {
    open().on_connected();
    attach(1);
    lane_.sent.clear();
    return *session_;
  }
  void attach(std::uint32_t incarnation, std::uint64_t id = 42) {
    Answer answer;
    answer.session = SessionId{id};
    answer.incarnation = Incarnation{incarnation};
    answer.next = RequestNo{1};
    answer.index = LogIndex{10};
    session_->on_answer({SessionId{42}, last_attach().incarnation, answer});
  }
  void answer(std::uint64_t request, Errc code = Errc::ok, std::uint64_t index = 20,
              std::uint64_t expected = 0) {
    Answer a;
    a.code = code;
    a.request = RequestNo{request};
    a.index = LogIndex{index};
    a.next = RequestNo{expected};
    session_->on_answer({session_->id(), session_->incarnation(), a});
  }
  template <class M>
  std::vector<M> all() const {
    std::vector<M> found;
    for (const ClientMessage& m : lane_.sent) {
      if (const M* one = std::get_if<M>(&m)) found.push_back(*one);
    }
    return found;
  }
  std::vector<std::uint64_t> numbers() const {  // of requests other than Attach
    std::vector<std::uint64_t> found;
    for (const ClientRequest& r : all<ClientRequest>()) {
      if (r.request) found.push_back(r.request.value);
    }
    return found;
  }
  Attach last_attach() const {
    for (auto m = lane_.sent.rbegin(); m != lane_.sent.rend(); ++m) {
      const auto* r = std::get_if<ClientRequest>(&*m);
      if (r && std::holds_alternative<Attach>(r->command)) return std::get<Attach>(r->command);
    }
    ADD_FAILURE() << "no attach was sent";
    return {};
  }
  void pass(Millis span) {
    lane_.clock = lane_.clock + span;
    if (session_->next_time() <= lane_.clock) session_->on_time();
  }

  FakeLane lane_;
  SessionWish wish_;
  SessionHandler handler_;
  std::unique_ptr<Session> session_;
  int attached_ = 0, views_ = 0;
  std::vector<Event> events_;
  Errc lost_ = Errc::ok;
};

TEST_F(SessionRules, AGapOfAFederationMadeAnewTakesBackWhatWasSeen) {
  live().on_gap({session_->subscription(), {}, LogIndex{90}, {}});
  EXPECT_FALSE(lane_.anew) << "its first view";
  session_->on_gap({session_->subscription(), {}, LogIndex{12}, {}});
  EXPECT_EQ(views_, 2);
  EXPECT_EQ(lane_.anew, LogIndex{12});
}

TEST_F(SessionRules, AttachesFirstThenSubscribesRenewsAndSendsWhatWaits) {
  open().send(SetReader{});
  EXPECT_TRUE(lane_.sent.empty());
  session_->on_connected();
  EXPECT_EQ(last_attach().incarnation, Incarnation{1});
  EXPECT_TRUE(numbers().empty());
  attach(1);
  EXPECT_EQ(attached_, 1);
  EXPECT_EQ(all<Subscribe>().size(), 1u);
  EXPECT_EQ(all<Renew>().size(), 1u);
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(all<ClientRequest>().back().seen, LogIndex{77});
}

TEST_F(SessionRules, ReconnectedSettlesUnderTheOldIncarnationBeforeTheNextAttach) {
  Session& session = live();
  int done = 0;
  session.send(SetReader{}, [&](const Answer&) { ++done; });
  session.send(Claim{ExamId{5}}, [&](const Answer&) { ++done; });
  session.on_disconnected();
  session.send(Claim{ExamId{6}});
  lane_.sent.clear();
  session.on_connected();
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1, 2}));
  for (const ClientRequest& r : all<ClientRequest>()) EXPECT_EQ(r.incarnation, Incarnation{1});
  lane_.sent.clear();
  answer(1);
  EXPECT_TRUE(lane_.sent.empty()) << "one is still unanswered";
  answer(2);
  EXPECT_EQ(done, 2);
  EXPECT_EQ(last_attach().incarnation, Incarnation{2});
  attach(2);
  const auto requests = all<ClientRequest>();
  EXPECT_EQ(requests.back().incarnation, Incarnation{2});
  EXPECT_EQ(requests.back().request, RequestNo{1});
  EXPECT_EQ(std::get<Claim>(requests.back().command).exam, ExamId{6});
}

TEST_F(SessionRules, SubscribesFromItsCursorAfterAReconnection) {
  Session& session = live();
  session.on_cover({session.subscription(), LogIndex{}, LogIndex{30}, {}});
  session.on_disconnected();
  session.on_connected();
  attach(2);
  EXPECT_EQ(all<Subscribe>().back().from, LogIndex{30});
}

TEST_F(SessionRules, AsksForTheNextIncarnationWhenItsOwnLostAttachWasApplied) {
  Session& session = live();
  session.on_disconnected();
  session.on_connected();
  ASSERT_EQ(last_attach().incarnation, Incarnation{2});
  session.on_disconnected();  // its answer is lost
  session.on_connected();     // at another centre
  Answer older;
  older.code = Errc::superseded;
  older.session = session.id();
  older.incarnation = Incarnation{2};
  session.on_answer({session.id(), Incarnation{2}, older});
  EXPECT_EQ(last_attach().incarnation, Incarnation{3});
  EXPECT_EQ(lost_, Errc::ok);
}

TEST_F(SessionRules, IsLostWhenAnotherTookItOver) {
  Session& session = live();
  Errc told = Errc::ok;
  session.send(SetReader{}, [&](const Answer& a) { told = a.code; });
  answer(1, Errc::superseded);
  EXPECT_EQ(lost_, Errc::superseded);
  EXPECT_EQ(told, Errc::superseded);
  EXPECT_EQ(session.state(), Session::State::lost);
  session.send(SetReader{}, [&](const Answer& a) { told = a.code; });
  EXPECT_EQ(told, Errc::superseded);
}

TEST_F(SessionRules, GoesOnUnderTheIdOfTheSessionThatItTookOver) {
  open().on_connected();
  attach(4, 99);
  EXPECT_EQ(session_->id(), SessionId{99});
  EXPECT_EQ(session_->incarnation(), Incarnation{4});
  EXPECT_EQ(lane_.renamed_from, SessionId{42});
}

TEST_F(SessionRules, AnEndedSessionAttachesAndSendsAgainWithNewNumbers) {
  Session& session = live();
  Errc told = Errc::gap;
  session.send(SetReader{});
  answer(1);
  session.send(Sign{ExamId{5}, {0, 3}, ReportId{8}, "texte"},
               [&](const Answer& a) { told = a.code; });
  lane_.sent.clear();
  answer(2, Errc::no_session);
  EXPECT_EQ(told, Errc::gap) << "it is not the last word";
  EXPECT_EQ(last_attach().incarnation, Incarnation{2});
  attach(2);
  const ClientRequest again = all<ClientRequest>().back();
  EXPECT_EQ(again.request, RequestNo{1});
  EXPECT_EQ(std::get<Sign>(again.command).report, ReportId{8});
  answer(1);
  EXPECT_EQ(told, Errc::ok);
}

TEST_F(SessionRules, SendsTheSameNumberAgainAfterNotNow) {
  Session& session = live();
  int done = 0;
  session.send(SetReader{}, [&](const Answer&) { ++done; });
  lane_.sent.clear();
  answer(1, Errc::no_leader, 0);
  EXPECT_EQ(done, 0);
  EXPECT_TRUE(lane_.sent.empty()) << "after a pause";
  pass(2_s);
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
  answer(1);
  answer(1);
  EXPECT_EQ(done, 1);
}

TEST_F(SessionRules, SendsWhatIsNotAnsweredAgain) {
  Session& session = live();
  session.send(SetReader{});
  lane_.sent.clear();
  pass(1999_ms);
  EXPECT_TRUE(numbers().empty());
  pass(1_ms);
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
}

TEST_F(SessionRules, SendsInOrderFromTheMissingNumberOn) {
  Session& session = live();
  for (std::uint64_t exam = 1; exam <= 4; ++exam) session.send(Claim{ExamId{exam}});
  answer(1);
  lane_.clock = lane_.clock + 5_ms;
  lane_.sent.clear();
  answer(3, Errc::retry_from, 20, 2);
  answer(4, Errc::retry_from, 21, 2);
  pass(0_ms);
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{2, 3, 4}));
}

TEST_F(SessionRules, KeepsAtMostThirtyTwoUnderWay) {
  Session& session = live();
  for (std::uint64_t exam = 1; exam <= 40; ++exam) session.send(Claim{ExamId{exam}});
  EXPECT_EQ(numbers().size(), 32u);
  EXPECT_EQ(session.unanswered(), 40u);
  answer(2);
  EXPECT_EQ(numbers().size(), 32u) << "the first is still unanswered";
  answer(1);
  EXPECT_EQ(numbers().size(), 34u);
}

TEST_F(SessionRules, ANumberRefusedBeforeTheLogIsUsedUpByNothing) {
  Session& session = live();
  Errc told = Errc::ok;
  session.send(Submit{}, [&](const Answer& a) { told = a.code; });
  session.send(SetReader{});
  lane_.sent.clear();
  answer(1, Errc::unauthorised, 0);
  EXPECT_EQ(told, Errc::unauthorised);
  pass(0_ms);
  ASSERT_EQ(numbers(), (std::vector<std::uint64_t>{1}));
  EXPECT_FALSE(std::get<Claim>(all<ClientRequest>()[0].command).exam);
}

TEST_F(SessionRules, RefusesAtOnceWhatFitsNoFrame) {
  Session& session = live();
  Errc told = Errc::ok;
  session.send(Sign{{}, {}, {}, std::string(limits::client_frame_bytes, 'x')},
               [&](const Answer& a) { told = a.code; });
  EXPECT_EQ(told, Errc::too_large);
  EXPECT_TRUE(numbers().empty());
}

TEST_F(SessionRules, WhatNoNodeCanDecodeIsRefusedAndHoldsBackNothing) {
  Session& session = live();
  Answer told;
  AskRead asked;
  asked.exam = ExamId{7};
  asked.question = std::string(5000, 'x');
  session.send(asked, [&](const Answer& a) { told = a; });
  session.send(SetReader{});
  lane_.sent.clear();
  pass(2000_ms);
  EXPECT_EQ(told.code, Errc::too_large);
  EXPECT_FALSE(told.text.empty()) << "which field";
  EXPECT_EQ(numbers(), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_FALSE(std::get<Claim>(all<ClientRequest>()[0].command).exam) << "nothing takes its number";
}

TEST_F(SessionRules, HoldsForNineTenthsOfTheLeaseFromTheSendMark) {
  Session& session = live();
  const BootTime sent = lane_.clock;
  EXPECT_FALSE(session.holds());
  lane_.clock = sent + 700_ms;  // the ack took its time
  session.on_renewed(
      {session.id(), Incarnation{1}, static_cast<std::uint64_t>(sent.value), 60_s, Errc::ok});
  EXPECT_EQ(session.holds_until(), sent + 54_s);
  lane_.clock = sent + 53'999_ms;
  EXPECT_TRUE(session.holds());
  lane_.clock = sent + 54_s;
  EXPECT_FALSE(session.holds());
}

TEST_F(SessionRules, HoldsANewExamOnlyByARenewalSentSince) {
  Session& session = live();
  const auto ack = [&](BootTime sent, Millis lease) {
    session.on_renewed(
        {session.id(), Incarnation{1}, static_cast<std::uint64_t>(sent.value), lease, Errc::ok});
  };
  const BootTime before = lane_.clock;
  ack(before, 300_s);
  lane_.clock = before + 5_s;
  Event given;
  given.kind = EventKind::read_accepted;
  given.index = LogIndex{12};
  given.exam = ExamId{5};
  given.session = session.id();
  given.epoch = {0, 12};
  session.on_cover({session.subscription(), LogIndex{}, LogIndex{12}, {given}});
  EXPECT_FALSE(session.holds()) << "the long lease was of another exam";
  ack(before, 300_s);
  EXPECT_FALSE(session.holds()) << "nor does a late answer count";
  const BootTime since = lane_.clock;
  EXPECT_EQ(all<Renew>().back().mark, static_cast<std::uint64_t>(since.value));
  ack(since, 60_s);
  EXPECT_EQ(session.holds_until(), since + 54_s);
}

TEST_F(SessionRules, RenewsEveryTenSecondsAndSoonerWhenNotAnswered) {
  Session& session = live();
  pass(1_s);
  ASSERT_EQ(all<Renew>().size(), 1u) << "the first was not answered";
  const BootTime sent = lane_.clock;
  session.on_renewed(
      {session.id(), Incarnation{1}, static_cast<std::uint64_t>(sent.value), 60_s, Errc::ok});
  session.on_cover({session.subscription(), LogIndex{}, LogIndex{30}, {}});
  pass(1_s);  // what was planned before the answer
  pass(8999_ms - 1_s);
  EXPECT_EQ(all<Renew>().size(), 1u);
  pass(1001_ms);
  EXPECT_EQ(all<Renew>().size(), 2u);
  EXPECT_EQ(all<Renew>().back().mark, static_cast<std::uint64_t>(lane_.clock.value));
}

TEST_F(SessionRules, ARenewalWithoutQuorumExtendsNothing) {
  Session& session = live();
  session.on_renewed({session.id(), Incarnation{1}, 1'000'000, 60_s, Errc::no_leader});
  EXPECT_FALSE(session.holds());
  EXPECT_EQ(session.state(), Session::State::live);
}

TEST_F(SessionRules, KnowsWhatItsReaderHasInHand) {
  Session& session = live();
  Event given;
  given.kind = EventKind::read_offered;
  given.index = LogIndex{12};
  given.exam = ExamId{5};
  given.session = session.id();
  given.epoch = {0, 12};
  session.on_cover({session.subscription(), LogIndex{}, LogIndex{12}, {given}});
  EXPECT_EQ(session.exam(), ExamId{5});
  EXPECT_EQ(session.epoch(), (Epoch{0, 12}));
  Event over = given;
  over.kind = EventKind::offer_expired;
  over.index = LogIndex{13};
  session.on_cover({session.subscription(), LogIndex{12}, LogIndex{13}, {over}});
  EXPECT_FALSE(session.exam());
  EXPECT_EQ(events_.size(), 2u);
}

TEST_F(SessionRules, DoesNotShowAsItsOwnWhatTheRoomTookFromItWhileItWasAway) {
  Session& session = live();
  Event given;
  given.kind = EventKind::read_offered;
  given.index = LogIndex{12};
  given.exam = ExamId{5};
  given.session = session.id();
  given.epoch = {0, 12};
  session.on_cover({session.subscription(), LogIndex{}, LogIndex{12}, {given}});
  session.on_disconnected();
  session.on_connected();
  attach(2);  // its answer names no exam: the lease was over, somebody else was given it
  EXPECT_EQ(session.state(), Session::State::live);
  EXPECT_FALSE(session.exam());
}

TEST_F(SessionRules, AFullDiskRefusesNothingThatMayBeOnItsWayThroughAnotherDoor) {
  Session& session = live();
  std::vector<Errc> told;
  session.send(Submit{}, [&](const Answer& a) { told.push_back(a.code); });
  session.on_disconnected();
  session.on_connected();  // sends it again, at another centre
  answer(1, Errc::disk_full, 0);
  EXPECT_TRUE(told.empty());
  answer(1);
  EXPECT_EQ(told, std::vector<Errc>{Errc::ok});
  attach(2);
  session.send(Submit{}, [&](const Answer& a) { told.push_back(a.code); });
  answer(1, Errc::disk_full, 0);
  EXPECT_EQ(told.back(), Errc::disk_full) << "sent once: it is refused";
}

TEST_F(SessionRules, SubscribesAgainWhenACoverWasLost) {
  Session& session = live();
  session.on_cover({session.subscription(), LogIndex{}, LogIndex{30}, {}});
  session.on_cover({session.subscription(), LogIndex{40}, LogIndex{41}, {Event{}}});
  ASSERT_EQ(all<Subscribe>().size(), 1u);
  EXPECT_EQ(all<Subscribe>()[0].from, LogIndex{30});
  EXPECT_TRUE(events_.empty());
  session.on_gap({session.subscription(), LogIndex{30}, LogIndex{90}, {Event{}}});
  EXPECT_EQ(views_, 1);
  EXPECT_EQ(session.cursor(), LogIndex{90});
}

}  // namespace
}  // namespace vigie::client
