// The client against scripted nodes: real sockets under CURVE on ports of the system's choice, the
// client's clock in the test's hand.
#include "nodes/client/client.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "messages/codec/client_codec.hpp"
#include "nodes/link/link.hpp"

namespace vigie::client {
namespace {

constexpr std::chrono::seconds patience{20};

/// A node that welcomes, attaches, and does with the rest what the test says.
class FakeNode : public link::Handler {
 public:
  explicit FakeNode(std::string name, std::vector<PublicKey> allowed,
                    std::vector<PublicKey> revoked = {})
      : name_(std::move(name)), keys_(link::make_key_pair()) {
    link::LinkSettings settings;
    settings.keys = keys_;
    settings.client_endpoint = "tcp://127.0.0.1:0";
    settings.peer_endpoint = "tcp://127.0.0.1:0";
    settings.self_test = false;
    settings.allow = std::make_shared<const link::AllowList>(
        std::move(allowed), std::vector<link::AllowList::Peer>{}, std::move(revoked));
    auto started = link::Link::start(std::move(settings), *this);
    EXPECT_TRUE(started) << (started ? "" : started.error().what);
    if (started) link_ = std::move(*started);
  }
  ~FakeNode() override { stop(); }
  void stop() {
    if (link_) link_->stop();
  }
  Endpoint endpoint() const { return {name_, link_->client_endpoint(), keys_.public_key}; }
  std::vector<ClientMessage> got() {
    std::lock_guard lock(mutex_);
    return got_;
  }
  template <class C>
  std::vector<ClientRequest> requests() {
    std::vector<ClientRequest> found;
    for (const ClientMessage& m : got()) {
      const auto* r = std::get_if<ClientRequest>(&m);
      if (r && std::holds_alternative<C>(r->command)) found.push_back(*r);
    }
    return found;
  }
  int hellos() {
    const auto all = got();
    return static_cast<int>(std::count_if(
        all.begin(), all.end(), [](const auto& m) { return std::holds_alternative<Hello>(m); }));
  }

  std::atomic<bool> answers_hello{true}, answers_requests{true}, has_leader{true};
  std::atomic<bool> times_out{false};
  std::string reply_json = "{}";
  std::function<void()> on_request;  ///< on the link's thread

 private:
  void on_started(link::Link& link) override { raw_ = &link; }
  void on_peers(const std::vector<link::PeerFrame>&) override {}
  void on_peer_up(SiteId) override {}
  void on_peer_lost(SiteId) override {}
  void on_client_gone(link::ConnectionId) override {}
  void on_clients(const std::vector<link::ClientFrame>& frames) override {
    for (const auto& frame : frames) {
      auto messages = codec::decode_client(frame.bytes);
      ASSERT_TRUE(messages) << messages.error().what;
      for (ClientMessage& m : *messages) {
        handle(frame.connection, m);
        std::lock_guard lock(mutex_);
        got_.push_back(std::move(m));
      }
      raw_->consumed(1, frame.bytes.size());
    }
  }
  void handle(link::ConnectionId to, const ClientMessage& message) {
    if (std::holds_alternative<Hello>(message) && answers_hello) {
      Welcome welcome;
      welcome.site_name = name_;
      welcome.mode = NodeMode::connected;
      send(to, {welcome});
    } else if (const auto* q = std::get_if<Query>(&message)) {
      const auto half = reply_json.size() / 2;
      send(to, {QueryReply{q->query, Errc::ok, LogIndex{9}, false, reply_json.substr(0, half)},
                QueryReply{q->query, Errc::ok, LogIndex{9}, true, reply_json.substr(half)}});
    } else if (const auto* r = std::get_if<ClientRequest>(&message)) {
      if (on_request && r->request) on_request();
      if (r->request && !answers_requests) return;
      ClientAnswer answer{r->session, r->incarnation, {}};
      answer.answer.request = r->request;
      answer.answer.index = LogIndex{100};
      if (!has_leader) answer.answer.code = Errc::no_leader;
      if (times_out) answer.answer.code = Errc::timeout;
      if (!r->request) {
        answer.answer.session = r->session;
        answer.answer.incarnation = r->incarnation;
        answer.answer.next = RequestNo{1};
      }
      send(to, {answer});
    }
  }
  void send(link::ConnectionId to, const std::vector<NodeMessage>& messages) {
    std::vector<link::ToClient> out;
    for (std::string& f : codec::encode_node_frames(messages)) out.push_back({to, std::move(f)});
    raw_->send_clients(std::move(out));
  }

  std::string name_;
  link::KeyPair keys_;
  link::Link* raw_ = nullptr;
  std::unique_ptr<link::Link> link_;
  std::mutex mutex_;
  std::vector<ClientMessage> got_;
};

class Clients : public ::testing::Test {
 protected:
  ClientOptions options(const std::vector<FakeNode*>& nodes) {
    ClientOptions options;
    options.keys = keys_;
    for (FakeNode* node : nodes) options.endpoints.push_back(node->endpoint());
    options.now = [this] { return clock_; };
    return options;
  }
  std::unique_ptr<Client> make(ClientOptions options) {
    auto made = Client::make(std::move(options));
    EXPECT_TRUE(made);
    auto client = std::move(*made);
    client->on_connection = [this](const ConnectionNews& news) { news_.push_back(news); };
    return client;
  }
  /// Polls until `condition`; the client's clock stands still meanwhile.
  bool pump(Client& client, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      EXPECT_TRUE(client.poll(5_ms));
    }
    return true;
  }
  /// Polls with the clock going on `step` at a time.
  bool pump_time(Client& client, Millis step, const std::function<bool()>& condition) {
    return pump(client, [&] {
      clock_ = clock_ + step;
      return condition();
    });
  }
  bool connected_to(const Client& client, const std::string& site) {
    return client.is_connected() && client.welcome().site_name == site;
  }

  link::KeyPair keys_ = link::make_key_pair();
  BootTime clock_{5'000'000};
  std::vector<ConnectionNews> news_;
};

TEST_F(Clients, ShakesHandsAndAttaches) {
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&lyon}));
  Session& session = client->open({.role = Role::requester}, {});
  ASSERT_TRUE(pump(*client, [&] { return session.state() == Session::State::live; }));
  EXPECT_TRUE(connected_to(*client, "lyon"));
  EXPECT_EQ(client->seen(), LogIndex{100});
  EXPECT_TRUE(std::holds_alternative<Hello>(lyon.got().front()));
}

TEST_F(Clients, GoOnAtTheNextCentreWhenTheirNodeDies) {
  FakeNode bordeaux("bordeaux", {keys_.public_key});
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&bordeaux, &lyon}));
  Session& session = client->open({.role = Role::requester}, {});
  ASSERT_TRUE(pump(*client, [&] { return session.state() == Session::State::live; }));
  bordeaux.answers_requests = false;
  int answered = 0;
  session.send(Claim{ExamId{7}}, [&](const Answer&) { ++answered; });
  ASSERT_TRUE(pump(*client, [&] { return bordeaux.requests<Claim>().size() == 1; }));
  bordeaux.stop();
  ASSERT_TRUE(pump(*client, [&] {
    return answered == 1 && session.state() == Session::State::live;
  })) << client->trouble();
  EXPECT_TRUE(connected_to(*client, "lyon"));
  const auto claims = lyon.requests<Claim>();
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].request, RequestNo{1});
  EXPECT_EQ(claims[0].incarnation, Incarnation{1}) << "settled under its old number first";
  ASSERT_EQ(lyon.requests<Attach>().size(), 1u);
  EXPECT_EQ(session.incarnation(), Incarnation{2});
}

TEST_F(Clients, LeaveANodeThatSaysNothingThoughAsked) {
  FakeNode frozen("frozen", {keys_.public_key});
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&frozen, &lyon}));
  Session& session = client->open({.role = Role::requester}, {});
  ASSERT_TRUE(pump(*client, [&] { return session.state() == Session::State::live; }));
  frozen.answers_hello = false;
  frozen.answers_requests = false;
  session.send(Claim{ExamId{7}});
  clock_ = clock_ + 500_ms;
  ASSERT_TRUE(pump(*client, [&] { return frozen.hellos() == 2; })) << "is it there?";
  EXPECT_TRUE(connected_to(*client, "frozen"));
  clock_ = clock_ + 999_ms;
  ASSERT_TRUE(client->poll(0_ms));
  EXPECT_TRUE(connected_to(*client, "frozen"));
  clock_ = clock_ + 1_ms;
  ASSERT_TRUE(pump(*client, [&] { return connected_to(*client, "lyon"); }));
}

TEST_F(Clients, DoNotBlameANodeForTheTimeInWhichNothingWasAsked) {
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&lyon}));
  Session& session = client->open({.role = Role::requester}, {});
  ASSERT_TRUE(pump(*client, [&] { return session.state() == Session::State::live; }));
  lyon.answers_requests = false;
  clock_ = clock_ + 5000_ms;  // the program was busy, and polled nothing
  session.send(Claim{ExamId{7}});
  ASSERT_TRUE(client->poll(0_ms));
  EXPECT_TRUE(connected_to(*client, "lyon"));
  EXPECT_EQ(news_.size(), 1u) << "connected, and never lost";
}

TEST_F(Clients, StayWithANodeThatOnlyWaitsForALeader) {
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&lyon}));
  Session& session = client->open({.role = Role::requester}, {});
  ASSERT_TRUE(pump(*client, [&] { return session.state() == Session::State::live; }));
  lyon.answers_requests = false;
  session.send(Claim{ExamId{7}});
  for (int second = 1; second <= 3; ++second) {
    clock_ = clock_ + 600_ms;
    ASSERT_TRUE(pump(*client, [&] { return lyon.hellos() >= 1 + second; }));
    bool replied = false;  // what comes before the reply, the Welcome, was taken by then
    client->query(QueryKind::status, "", [&](const QueryReply&) { replied = true; });
    ASSERT_TRUE(pump(*client, [&] { return replied; }));
  }
  EXPECT_EQ(news_.size(), 1u) << "connected, and never lost";
}

TEST_F(Clients, GoOnAtTheNextCentreWhenTheirNodeHasNoLeaderForLong) {
  FakeNode cut_off("cut-off", {keys_.public_key});
  FakeNode lyon("lyon", {keys_.public_key});
  auto wishes = options({&cut_off, &lyon});
  wishes.leaderless = 500_ms;
  auto client = make(std::move(wishes));
  Session& session = client->open({.role = Role::requester}, {});
  ASSERT_TRUE(pump(*client, [&] { return session.state() == Session::State::live; }));
  cut_off.has_leader = false;
  bool answered = false;
  session.send(Claim{ExamId{7}}, [&](const Answer& answer) { answered = answer.code == Errc::ok; });
  const BootTime begun = clock_;
  ASSERT_TRUE(pump_time(*client, 5_ms, [&] { return connected_to(*client, "lyon"); }));
  EXPECT_GE(clock_ - begun, 500_ms) << "an election is waited for";
  ASSERT_TRUE(pump(*client, [&] { return answered && session.state() == Session::State::live; }));
  lyon.has_leader = false;
  session.send(Claim{ExamId{8}});
  ASSERT_TRUE(pump(*client, [&] { return lyon.requests<Claim>().size() == 2; }));
  lyon.has_leader = true;
  ASSERT_TRUE(pump_time(*client, 5_ms, [&] { return session.unanswered() == 0; }));
  EXPECT_EQ(news_.size(), 3u) << "up, down, up: it has a leader again in time";
}

TEST_F(Clients, GoOnAtTheNextCentreWhenTheirNodeGetsNothingDone) {
  FakeNode unheard("unheard", {keys_.public_key});
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&unheard, &lyon}));
  Session& session = client->open({.role = Role::requester}, {});
  ASSERT_TRUE(pump(*client, [&] { return session.state() == Session::State::live; }));
  unheard.times_out = true;
  bool answered = false;
  session.send(Claim{ExamId{7}}, [&](const Answer& answer) { answered = answer.code == Errc::ok; });
  ASSERT_TRUE(pump_time(*client, 5_ms, [&] { return answered; }));
  EXPECT_TRUE(connected_to(*client, "lyon"));
}

TEST_F(Clients, AreTurnedAwayByAKeyUnknownAtOneCentreAndTryTheNext) {
  FakeNode strict("strict", {});
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&strict, &lyon}));
  ASSERT_TRUE(pump_time(*client, 10_ms, [&] { return connected_to(*client, "lyon"); }))
      << client->trouble();
  ASSERT_FALSE(news_.empty());
  EXPECT_EQ(news_.front().site, "strict");
  EXPECT_FALSE(news_.front().up);
}

TEST_F(Clients, SayWhyNoCentreCanBeReached) {
  FakeNode lyon("lyon", {}, {keys_.public_key});
  auto client = make(options({&lyon}));
  ASSERT_TRUE(pump_time(*client, 1_ms, [&] { return !news_.empty(); }));
  EXPECT_NE(client->trouble().find("lyon"), std::string::npos);
  EXPECT_NE(client->trouble().find("revoked"), std::string::npos) << client->trouble();
}

TEST_F(Clients, JoinThePiecesOfAReply) {
  FakeNode lyon("lyon", {keys_.public_key});
  lyon.reply_json = R"({"exams":[1,2,3]})";
  auto client = make(options({&lyon}));
  std::optional<QueryReply> got;
  client->query(QueryKind::exams, "", [&](const QueryReply& reply) { got = reply; });
  ASSERT_TRUE(pump(*client, [&] { return got.has_value(); }));
  EXPECT_EQ(got->json, lyon.reply_json);
  EXPECT_EQ(client->seen(), LogIndex{9});
}

TEST_F(Clients, PutManyRequestsOfManySessionsIntoFewFrames) {
  FakeNode lyon("lyon", {keys_.public_key});
  auto client = make(options({&lyon}));
  std::vector<Session*> sessions;
  for (int i = 0; i < 20; ++i) sessions.push_back(&client->open({.role = Role::requester}, {}));
  ASSERT_TRUE(pump(*client, [&] {
    return std::all_of(sessions.begin(), sessions.end(),
                       [](Session* s) { return s->state() == Session::State::live; });
  }));
  int answered = 0;
  for (Session* s : sessions) {
    for (int i = 0; i < 10; ++i) s->send(Claim{ExamId{1}}, [&](const Answer&) { ++answered; });
  }
  ASSERT_TRUE(pump(*client, [&] { return answered == 200; }));
}

TEST_F(Clients, HaveARequestOnRecordBeforeTheNodeSeesIt) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("vigie-history-" + std::to_string(::getpid()) + ".jsonl");
  std::filesystem::remove(file);
  FakeNode lyon("lyon", {keys_.public_key});
  std::atomic<bool> on_record{false};
  lyon.on_request = [&] {
    std::ifstream in(file);
    const std::string all((std::istreambuf_iterator<char>(in)), {});
    on_record = all.find(R"("command":"sign")") != std::string::npos &&
                all.find(R"("report":"00000000000000ab")") != std::string::npos;
  };
  auto wished = options({&lyon});
  wished.history = file.string();
  wished.name = "lecteur";
  auto client = make(std::move(wished));
  Session& session = client->open({.role = Role::reader}, {});
  bool answered = false;
  session.send(Sign{ExamId{7}, {0, 5}, ReportId{0xab}, "normal"},
               [&](const Answer&) { answered = true; });
  ASSERT_TRUE(pump(*client, [&] { return answered; }));
  EXPECT_TRUE(on_record);
  lyon.reply_json = R"({"id":"7","state":"READY"})";
  client->query(
      QueryKind::exam, "ORD-1", [&](const QueryReply&) { answered = false; }, true);
  ASSERT_TRUE(pump(*client, [&] { return !answered; }));
  client.reset();
  std::ifstream in(file);
  const std::string all((std::istreambuf_iterator<char>(in)), {});
  for (const char* part :
       {R"("op":"connected","site":"lyon")", R"("op":"answer")", R"("epoch":[0,5])",
        R"("code":"ok","index":100)", R"("argument":"ORD-1","seen":100,"linearizable":true})",
        R"("op":"reply","query":1,"code":"ok","as_of":9,"shown":[[7,"READY"]])"}) {
    EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
  }
  EXPECT_EQ(all.find("normal"), std::string::npos) << "no text of a report";
  std::filesystem::remove(file);
}

TEST(TextHash, IsFnv1a) {
  EXPECT_EQ(text_hash(""), 0xcbf29ce484222325ull);
  EXPECT_EQ(text_hash("a"), 0xaf63dc4c8601ec8cull);
}

TEST(FrameBytes, NeverSaysLessThanTheFrameTakes) {
  Request request;
  request.key = {LegalEntityId{1}, "authority", "number-123"};
  request.accessions = {"A1", "A2"};
  request.studies = {"1.2.3"};
  request.sealed = std::string(3000, 's');
  const std::vector<Command> commands = {
      Submit{{request, request}, "message"},
      Sign{{}, {}, {}, std::string(5000, 'x')},
      Accept{{}, "pertinent", "AVC-TDM v3", Urgency::p1, Modality::ct, Region::head},
      AcquisitionComplete{{{}, request.key}, {"a", "b"}, {"1.2"}, 3, false},
      Claim{},
      Attach{}};
  for (const Command& command : commands) {
    const ClientMessage one = ClientRequest{SessionId{1}, {}, {}, {}, command};
    const std::size_t said = 50 * frame_bytes(one);
    EXPECT_GE(said, codec::encode_client(std::vector<ClientMessage>(50, one)).size())
        << name_of(command);
  }
}

}  // namespace
}  // namespace vigie::client
