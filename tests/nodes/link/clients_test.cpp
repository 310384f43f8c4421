// The door: who gets in, what gets in, what gets out.
#include <algorithm>

#include "tests/nodes/link/link_fixture.hpp"

namespace vigie::link {
namespace {

class Door : public ::testing::Test {
 protected:
  void open(LinkSettings settings) {
    settings.allow = allow_clients({client_keys_.public_key, other_keys_.public_key});
    link_ = must_start(std::move(settings), recorder_);
    ASSERT_NE(link_, nullptr);
  }
  void open() { open(settings_of(node_keys_)); }
  std::unique_ptr<Client> connect(const std::optional<KeyPair>& keys) {
    return std::make_unique<Client>(link_->client_endpoint(), keys, node_keys_.public_key);
  }
  /// A good client's frame goes through and comes back.
  void expect_service(Client& client) {
    client.send("still there?");
    EXPECT_EQ(client.receive(), "still there?");
  }
  std::size_t delivered(const std::string& bytes) {
    std::lock_guard lock(recorder_.mutex);
    return static_cast<std::size_t>(
        std::ranges::count(recorder_.clients, bytes, &Recorder::Message::bytes));
  }

  const KeyPair node_keys_ = make_key_pair();
  const KeyPair client_keys_ = make_key_pair();
  const KeyPair other_keys_ = make_key_pair();
  Recorder recorder_;
  std::unique_ptr<Link> link_;
};

TEST_F(Door, EchoesToTheConnectionThatAsked) {
  recorder_.echo = true;
  open();
  auto one = connect(client_keys_);
  auto two = connect(other_keys_);
  for (int i = 0; i < 200; ++i) {
    one->send("one " + std::to_string(i));
    two->send("two " + std::to_string(i));
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(one->receive(), "one " + std::to_string(i));
    EXPECT_EQ(two->receive(), "two " + std::to_string(i));
  }
  std::lock_guard lock(recorder_.mutex);
  for (const auto& message : recorder_.clients) {
    const bool first = message.bytes.starts_with("one");
    EXPECT_EQ(message.key, (first ? client_keys_ : other_keys_).public_key);
  }
  EXPECT_GT(recorder_.batches, 0);
}

TEST_F(Door, LargestFramePassesBothWays) {
  recorder_.echo = true;
  open();
  auto client = connect(client_keys_);
  const std::string large(limits::client_frame_bytes, 'x');
  client->send(large);
  EXPECT_EQ(client->receive(), large);
}

TEST_F(Door, ALongFrameIsTakenFromAnAdministratorOnly) {
  auto settings = settings_of(node_keys_);
  settings.administrator_frame_bytes = limits::directory_frame_bytes;
  open(settings);
  const std::vector<PublicKey> both = {client_keys_.public_key, other_keys_.public_key};
  link_->allow(std::make_shared<const AllowList>(both, std::vector<AllowList::Peer>{},
                                                 std::vector<PublicKey>{},
                                                 std::vector<PublicKey>{client_keys_.public_key}));
  recorder_.echo = true;
  auto administrator = connect(client_keys_);
  auto other = connect(other_keys_);
  const std::string large(limits::directory_frame_bytes, 'x');
  other->send(large);
  expect_service(*other);
  EXPECT_EQ(link_->stats().rejected.too_large.value(), 1u);
  EXPECT_EQ(delivered(large), 0u);
  administrator->send(large);
  EXPECT_TRUE(recorder_.until([&] {
    return std::ranges::find(recorder_.clients, large, &Recorder::Message::bytes) !=
           recorder_.clients.end();
  }));
}

TEST_F(Door, AnswersFromAnyThreadGoOut) {
  open();
  auto client = connect(client_keys_);
  client->send("who am I?");
  ASSERT_TRUE(recorder_.until([&] { return !recorder_.clients.empty(); }));
  const auto connection = recorder_.read([&] { return recorder_.clients.front().connection; });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        std::vector<ToClient> frames;
        frames.push_back({connection, "answer"});
        link_->send_clients(std::move(frames));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < 400; ++i) ASSERT_EQ(client->receive(), "answer");
  EXPECT_TRUE(eventually([&] { return link_->stats().clients_out.frames.value() == 400; }));
}

TEST_F(Door, UnknownKeyDeliversNothingAndMayComeBackOnceKnown) {
  recorder_.echo = true;
  open();
  const auto stranger_keys = make_key_pair();
  auto stranger = connect(stranger_keys);
  stranger->send("let me in");
  EXPECT_TRUE(eventually([&] { return link_->stats().refused.unknown_key.value() >= 1; }));
  auto client = connect(client_keys_);
  expect_service(*client);
  EXPECT_EQ(delivered("let me in"), 0u);
  link_->allow(allow_clients({client_keys_.public_key, stranger_keys.public_key}));
  EXPECT_EQ(stranger->receive(), "let me in");
}

TEST_F(Door, ConnectionWithoutEncryptionDeliversNothing) {
  recorder_.echo = true;
  open();
  auto plain = connect(std::nullopt);
  plain->send("let me in");
  EXPECT_NE(plain->await_event(ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED),
            0);
  auto client = connect(client_keys_);
  expect_service(*client);
  EXPECT_EQ(delivered("let me in"), 0u);
}

TEST_F(Door, RevokedKeyIsToldSoAtTheHandshake) {
  open();
  link_->allow(allow_clients({client_keys_.public_key}, {client_keys_.public_key}));
  auto client = connect(client_keys_);
  EXPECT_EQ(client->await_event(ZMQ_EVENT_HANDSHAKE_FAILED_AUTH), ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
  EXPECT_GE(link_->stats().refused.revoked_key.value(), 1u);
}

TEST_F(Door, KeyRevokedOnALiveConnectionDeliversNothingMore) {
  recorder_.echo = true;
  open();
  auto client = connect(client_keys_);
  expect_service(*client);
  link_->allow(allow_clients({other_keys_.public_key}, {client_keys_.public_key}));
  client->send("after");
  EXPECT_TRUE(eventually([&] { return link_->stats().rejected.revoked_key.value() == 1; }));
  EXPECT_EQ(delivered("after"), 0u);
  link_->allow(allow_clients({other_keys_.public_key}));
  client->send("after");
  EXPECT_TRUE(eventually([&] { return link_->stats().rejected.unknown_key.value() == 1; }));
  EXPECT_EQ(delivered("after"), 0u);
  auto other = connect(other_keys_);
  expect_service(*other);
}

TEST_F(Door, FrameTooLargeIsCountedAndTheConnectionSurvives) {
  recorder_.echo = true;
  open();
  auto client = connect(client_keys_);
  client->send(std::string(limits::client_frame_bytes + 1, 'x'));
  expect_service(*client);
  EXPECT_EQ(link_->stats().rejected.too_large.value(), 1u);
}

TEST_F(Door, FrameFarTooLargeCutsThatConnectionOnly) {
  recorder_.echo = true;
  open();
  auto client = connect(client_keys_);
  auto other = connect(other_keys_);
  expect_service(*client);
  expect_service(*other);
  client->send(std::string(3 * limits::client_frame_bytes, 'x'));
  EXPECT_EQ(client->await_event(ZMQ_EVENT_DISCONNECTED), ZMQ_EVENT_DISCONNECTED);
  expect_service(*other);
  expect_service(*client);  // it has come back
  std::lock_guard lock(recorder_.mutex);
  for (const auto& message : recorder_.clients) EXPECT_EQ(message.bytes, "still there?");
}

TEST_F(Door, MessagesOfOtherThanOneFrameAreDropped) {
  recorder_.echo = true;
  open();
  auto client = connect(client_keys_);
  client->send_parts({"", "as REQ does"});
  client->send_parts({"one", "two", "three"});
  client->send_parts({""});
  expect_service(*client);
  EXPECT_EQ(link_->stats().rejected.malformed.value(), 3u);
  EXPECT_EQ(link_->stats().clients_in.frames.value(), 1u);
}

TEST_F(Door, RoutingIdOfTheClientsOwnMakingIsRefused) {
  recorder_.echo = true;
  open();
  zmq::context_t context(1);
  zmq::socket_t impostor(context, zmq::socket_type::dealer);
  impostor.set(zmq::sockopt::linger, 0);
  impostor.set(zmq::sockopt::routing_id, "someone else");
  impostor.set(zmq::sockopt::curve_publickey, to_z85(other_keys_.public_key));
  impostor.set(zmq::sockopt::curve_secretkey, to_z85(other_keys_.secret_key));
  impostor.set(zmq::sockopt::curve_serverkey, to_z85(node_keys_.public_key));
  impostor.connect(link_->client_endpoint());
  impostor.send(zmq::str_buffer("hello"));
  EXPECT_TRUE(eventually([&] { return link_->stats().rejected.malformed.value() == 1; }));
  EXPECT_EQ(delivered("hello"), 0u);
}

TEST_F(Door, ClientThatLeftIsFoundGoneBySending) {
  open();
  auto client = connect(client_keys_);
  client->send("bye");
  ASSERT_TRUE(recorder_.until([&] { return !recorder_.clients.empty(); }));
  const auto connection = recorder_.read([&] { return recorder_.clients.front().connection; });
  client->close();
  EXPECT_TRUE(eventually([&] {
    std::vector<ToClient> frames;
    frames.push_back({connection, "anyone?"});
    link_->send_clients(std::move(frames));
    std::lock_guard lock(recorder_.mutex);
    return !recorder_.gone.empty();
  }));
  EXPECT_EQ(recorder_.read([&] { return recorder_.gone.front(); }), connection);
  EXPECT_GE(link_->stats().dropped.client_gone.value(), 1u);
}

TEST_F(Door, UnknownConnectionIsGoneAndTooLargeAnswersAreDropped) {
  open();
  std::vector<ToClient> frames;
  frames.push_back({ConnectionId{}, "nobody"});
  frames.push_back({ConnectionId{7}, std::string(limits::client_frame_bytes + 1, 'x')});
  link_->send_clients(std::move(frames));
  ASSERT_TRUE(recorder_.until([&] { return !recorder_.gone.empty(); }));
  EXPECT_TRUE(eventually([&] { return link_->stats().dropped.too_large.value() == 1; }));
}

TEST_F(Door, SlowClientLosesFramesAndIsNamedOthersGoOn) {
  auto settings = settings_of(node_keys_);
  settings.client_queue_frames = 4;
  open(settings);
  auto client = connect(client_keys_);
  client->send("subscribe");
  ASSERT_TRUE(recorder_.until([&] { return !recorder_.clients.empty(); }));
  const auto connection = recorder_.read([&] { return recorder_.clients.front().connection; });
  EXPECT_TRUE(eventually([&] {
    std::vector<ToClient> frames;
    frames.push_back({connection, std::string(limits::client_frame_bytes, 'e')});
    link_->send_clients(std::move(frames));
    std::lock_guard lock(recorder_.mutex);
    return !recorder_.slow.empty();
  }));
  EXPECT_EQ(recorder_.read([&] { return recorder_.slow.front(); }), connection);
  EXPECT_GE(link_->stats().dropped.client_full.value(), 1u);
  recorder_.echo = true;
  auto other = connect(other_keys_);
  expect_service(*other);
}

TEST_F(Door, WithoutCreditClientsWaitAndNothingIsLost) {
  recorder_.pay = false;
  auto settings = settings_of(node_keys_);
  settings.credit_frames = 100;
  open(settings);
  auto client = connect(client_keys_);
  constexpr std::size_t sent = 5000;
  std::thread sender([&] {
    for (std::size_t i = 0; i < sent; ++i) client->send(std::to_string(i));
  });
  EXPECT_TRUE(eventually([&] { return link_->stats().credit_pauses.value() == 1; }));
  const auto handed = link_->stats().clients_in.frames.value();
  EXPECT_LE(handed, 100u + 1024u);
  std::size_t paid = 0;
  while (paid < sent) {
    std::size_t due = 0;
    ASSERT_TRUE(recorder_.until([&] { return (due = recorder_.clients.size()) > paid; }));
    link_->consumed(due - paid, 0);
    paid = due;
  }
  sender.join();
  std::lock_guard lock(recorder_.mutex);
  ASSERT_EQ(recorder_.clients.size(), sent);
  for (std::size_t i = 0; i < sent; ++i) EXPECT_EQ(recorder_.clients[i].bytes, std::to_string(i));
}

TEST_F(Door, CreditCountsBytesToo) {
  recorder_.pay = false;
  auto settings = settings_of(node_keys_);
  settings.credit_bytes = 3000;
  open(settings);
  auto client = connect(client_keys_);
  client->send(std::string(4000, 'a'));
  ASSERT_TRUE(recorder_.until([&] { return recorder_.clients.size() == 1; }));
  client->send("b");
  EXPECT_TRUE(eventually([&] { return link_->stats().credit_pauses.value() == 1; }));
  EXPECT_EQ(delivered("b"), 0u);
  link_->consumed(1, 4000);
  EXPECT_TRUE(recorder_.until([&] { return recorder_.clients.size() == 2; }));
}

TEST_F(Door, IdleLinkSleeps) {
  open();
  auto client = connect(client_keys_);
  client->send("one");
  ASSERT_TRUE(recorder_.until([&] { return !recorder_.clients.empty(); }));
  const auto before = link_->stats().wakeups.value();
  // A posted frame is one wake-up: were there a tick, the count would have run away meanwhile.
  const auto connection = recorder_.read([&] { return recorder_.clients.front().connection; });
  for (int i = 0; i < 20; ++i) {
    std::vector<ToClient> frames;
    frames.push_back({connection, "tick"});
    link_->send_clients(std::move(frames));
    ASSERT_EQ(client->receive(), "tick");
  }
  EXPECT_LE(link_->stats().wakeups.value() - before, 80u);
}

}  // namespace
}  // namespace vigie::link
