// What a node proves or refuses before it serves.
#include "nodes/link/self_test.hpp"
#include "tests/nodes/link/link_fixture.hpp"

namespace vigie::link {
namespace {

TEST(Start, TurnsStrangersAwayAndDeliversNothingOfThem) {
  Recorder recorder;
  auto settings = settings_of(make_key_pair());
  settings.self_test = true;
  settings.self_test_bound = 20_s;  // also on a machine that is busy both doors have answered
  const auto begin = std::chrono::steady_clock::now();
  auto link = must_start(settings, recorder);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  ASSERT_NE(link, nullptr);
  RecordProperty("start_ms", std::to_string(took.count()));
  EXPECT_EQ(recorder.link, link.get());
  EXPECT_TRUE(recorder.clients.empty());
  EXPECT_GE(link->stats().refused.unknown_key.value(), 2u);  // one at each door
  EXPECT_EQ(link->stats().rejected.no_key.value(), 0u);
}

TEST(Start, ListensOnEveryAddressAndOnHostNames) {
  Recorder recorder;
  auto settings = settings_of(make_key_pair());
  settings.self_test = true;
  settings.client_endpoint = "tcp://0.0.0.0:0";
  settings.peer_endpoint = "tcp://localhost:0";
  auto link = must_start(settings, recorder);
  ASSERT_NE(link, nullptr);
  EXPECT_TRUE(link->client_endpoint().starts_with("tcp://0.0.0.0:"));
  EXPECT_TRUE(link->peer_endpoint().starts_with("tcp://127.0.0.1:"));
}

TEST(Start, BusyPortIsNamed) {
  Recorder recorder;
  const auto keys = make_key_pair();
  auto first = must_start(settings_of(keys), recorder);
  ASSERT_NE(first, nullptr);
  for (const bool peers : {true, false}) {
    auto settings = settings_of(keys);
    const auto busy = peers ? first->peer_endpoint() : first->client_endpoint();
    (peers ? settings.peer_endpoint : settings.client_endpoint) = busy;
    Recorder other;
    auto second = Link::start(settings, other);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::port_in_use);
    EXPECT_NE(second.error().what.find(busy), std::string::npos);
  }
}

TEST(Start, PortJustClosedIsFreeAgain) {
  const auto keys = make_key_pair();
  auto settings = settings_of(keys);
  for (int i = 0; i < 5; ++i) {
    Recorder recorder;
    auto link = must_start(settings, recorder);
    ASSERT_NE(link, nullptr);
    settings.client_endpoint = link->client_endpoint();
    settings.peer_endpoint = link->peer_endpoint();
  }
}

TEST(Start, EndpointsAndKeysThatMakeNoSenseAreRefused) {
  Recorder recorder;
  auto settings = settings_of(make_key_pair());
  settings.client_endpoint = "nonsense";
  EXPECT_EQ(Link::start(settings, recorder).error().code, Errc::bad_configuration);
  settings = settings_of(make_key_pair());
  settings.peers.push_back({SiteId{2}, "tcp://", make_key_pair().public_key});
  EXPECT_EQ(Link::start(settings, recorder).error().code, Errc::bad_configuration);
  settings = settings_of(make_key_pair());
  settings.keys.public_key = make_key_pair().public_key;
  EXPECT_EQ(Link::start(settings, recorder).error().code, Errc::bad_configuration);
}

TEST(Start, StopIsIdempotentAndSendingAfterItDoesNothing) {
  Recorder recorder;
  auto link = must_start(settings_of(make_key_pair()), recorder);
  ASSERT_NE(link, nullptr);
  link->stop();
  link->stop();
  link->send_peer(SiteId{2}, "too late");
}

/// A server that some mistake left open.
class OpenServer {
 public:
  explicit OpenServer(bool curve) {
    router_.set(zmq::sockopt::linger, 0);
    if (curve) {
      router_.set(zmq::sockopt::curve_server, true);
      router_.set(zmq::sockopt::curve_secretkey, to_z85(keys_.secret_key));
    }
    router_.bind("tcp://127.0.0.1:*");
  }
  Result<void> test(Witness& witness) {
    return run_self_test({router_.get(zmq::sockopt::last_endpoint)}, keys_.public_key, witness,
                         Millis{2000});
  }

 private:
  const KeyPair keys_ = make_key_pair();
  zmq::context_t context_{1};
  zmq::socket_t router_{context_, zmq::socket_type::router};
};

TEST(SelfTest, FindsADoorWithoutEncryption) {
  Witness witness;
  const auto result = OpenServer(false).test(witness);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unauthorised);
}

TEST(SelfTest, FindsADoorThatAsksNobodyAboutKeys) {
  Witness witness;
  const auto result = OpenServer(true).test(witness);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unauthorised);
}

}  // namespace
}  // namespace vigie::link
