// What a client may send and must not: answered, counted by reason, and nobody else suffers.
#include "messages/types/limits.hpp"
#include "tests/nodes/site/node.hpp"

namespace vigie::site {
namespace {

class BadMessages : public Node {
 protected:
  BadMessages() { start(); }
  /// The node goes on: a newcomer is served.
  void TearDown() override {
    Raw newcomer(door(), anne_);
    EXPECT_TRUE(newcomer.is_welcome());
  }
};

TEST_F(BadMessages, AMalformedFrameIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  client.send(std::string("no Cap'n Proto, whole words of it"));
  EXPECT_EQ(client.complaint(), Errc::malformed);
  EXPECT_EQ(refused(Errc::malformed), 1);
}

TEST_F(BadMessages, ATruncatedFrameIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  ASSERT_TRUE(client.is_welcome());
  const std::string whole = codec::encode_client({Query{1, QueryKind::status, "all", {}, false}});
  client.send(whole.substr(0, whole.size() - 8));
  EXPECT_EQ(client.complaint(), Errc::malformed);
  EXPECT_EQ(refused(Errc::malformed), 1);
  EXPECT_TRUE(client.is_welcome()) << "the connection is kept";
}

TEST_F(BadMessages, AFrameThatIsTooLargeIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  client.send(std::string(limits::client_frame_bytes + 8, '\0'));
  EXPECT_EQ(client.complaint(), Errc::too_large);
  EXPECT_EQ(refused(Errc::too_large), 1);
}

TEST_F(BadMessages, AFrameFarTooLargeIsDroppedAndCounted) {
  Raw client(door(), anne_);
  client.send(std::string(3 * limits::client_frame_bytes, '\0'));
  ASSERT_TRUE(client.is_welcome());
  EXPECT_EQ(refused(Errc::too_large), 1);
}

TEST_F(BadMessages, AnotherVersionIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  client.send(Hello{"garde-test", 7, 9, "of the future"});
  EXPECT_EQ(client.complaint(), Errc::wrong_version);
  EXPECT_EQ(refused(Errc::wrong_version), 1);
  client.send(Query{1, QueryKind::status, {}, {}, false});
  EXPECT_EQ(client.complaint(), Errc::wrong_version) << "nothing is served";
  EXPECT_EQ(refused(Errc::wrong_version), 2);
}

TEST_F(BadMessages, WhatComesBeforeHelloIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  client.send(Query{1, QueryKind::status, {}, {}, false});
  EXPECT_EQ(client.complaint(), Errc::wrong_version);
  EXPECT_EQ(refused(Errc::wrong_version), 1);
}

TEST_F(BadMessages, AnotherFederationIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  client.send(Hello{"elsewhere", 1, 1, "raw"});
  EXPECT_EQ(client.complaint(), Errc::wrong_federation);
  EXPECT_EQ(refused(Errc::wrong_federation), 1);
}

TEST_F(BadMessages, AKeyOfNobodyGetsNothingAndIsCounted) {
  const auto count = [&] {
    return metric("vigie_handshakes_refused_total{site=\"lyon\",reason=\"unknown_key\"}");
  };
  const double before = count();  // the node's own test of its doors is one
  Raw stranger(door(), link::make_key_pair());
  stranger.send(Hello{"garde-test", 1, 1, "stranger"});
  const BootTime end = client::boot_now() + 20_s;
  while (count() <= before && client::boot_now() < end) {
    EXPECT_FALSE(stranger.next<Welcome>(50_ms));
  }
  EXPECT_GT(count(), before);
}

TEST_F(BadMessages, WhatARoleMayNotDoIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  ASSERT_TRUE(client.is_welcome());
  Attach attach;
  attach.session = {77};
  attach.incarnation = {1};
  attach.role = Role::reader;
  attach.site = settings_.id;
  client.send(ClientRequest{{77}, {1}, {}, {}, attach});
  const auto attached = client.next<ClientAnswer>();
  ASSERT_TRUE(attached);
  ASSERT_EQ(attached->answer.code, Errc::ok);
  client.send(ClientRequest{{77}, {1}, {1}, {}, Refuse{{5}, "not hers", true}});
  const auto answer = client.next<ClientAnswer>();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->answer.code, Errc::unauthorised);
  EXPECT_EQ(metric("vigie_commands_refused_total{site=\"lyon\",reason=\"unauthorised\"}"), 1);
  client.send(Subscribe{1, Desk::regulator, {77}, {}});
  EXPECT_EQ(client.complaint(), Errc::unauthorised);
  EXPECT_EQ(refused(Errc::unauthorised), 1);
}

TEST_F(BadMessages, OneSubscriptionTooManyIsAnsweredAndCounted) {
  Raw client(door(), anne_);
  ASSERT_TRUE(client.is_welcome());
  for (std::uint32_t n = 0; n <= limits::subscriptions_per_connection;) {
    std::vector<ClientMessage> wishes;
    while (wishes.size() < 205) {
      Subscribe wish;
      wish.subscription = ++n;
      wish.desk = Desk::all;
      wishes.emplace_back(std::move(wish));
    }
    client.send(codec::encode_client(wishes));
    // It reads what it is told; else the last of it would be dropped.
    if (n <= limits::subscriptions_per_connection) {
      ASSERT_TRUE(client.is_welcome());
    }
  }
  EXPECT_EQ(client.complaint(), Errc::limit_reached);
  EXPECT_EQ(refused(Errc::limit_reached), 1);
}

class Restarted : public Node {
 protected:
  /// By the SDK: who comes before the room has said who may is turned away, and tries again.
  bool is_let_in() const {
    client::ClientOptions options;
    options.keys = anne_;
    options.endpoints = {door()};
    auto client = client::Client::make(options);
    return client && (*client)->poll_until([&] { return (*client)->is_connected(); }, 20_s);
  }
};

TEST_F(Restarted, TheReplicatedDirectorySaysWhoMayConnectWhateverTheFileSays) {
  start();
  ASSERT_TRUE(is_let_in());
  const BootTime end = client::boot_now() + 20_s;  // the file counts until the log has it
  while (metric("vigie_state_directory_version{site=\"lyon\"}") < 1) {
    ASSERT_LT(client::boot_now(), end);
  }
  site_.reset();
  directory_.keys.pop_back();  // the file forgets her
  write_directory();
  start();
  EXPECT_TRUE(is_let_in());
}

}  // namespace
}  // namespace vigie::site
