// Nodes among themselves: frames, and who is up.
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>

#include <csignal>

#include "tests/nodes/link/link_fixture.hpp"

namespace vigie::link {
namespace {

constexpr SiteId lyon{1};
constexpr SiteId bordeaux{2};
constexpr SiteId marseille{3};

struct Node {
  explicit Node(SiteId s) : site(s) {}
  SiteId site;
  KeyPair keys = make_key_pair();
  Recorder recorder;
  std::unique_ptr<Link> link;
};

std::shared_ptr<const AllowList> allow_peers(const std::vector<const Node*>& nodes) {
  std::vector<AllowList::Peer> peers;
  for (const auto* node : nodes) peers.push_back({node->keys.public_key, node->site});
  return std::make_shared<const AllowList>(std::vector<PublicKey>{}, peers);
}

void start(Node& node, const std::shared_ptr<const AllowList>& allow,
           const std::string& endpoint = "tcp://127.0.0.1:0") {
  auto settings = settings_of(node.keys);
  settings.allow = allow;
  settings.peer_endpoint = endpoint;
  node.link = must_start(settings, node.recorder);
  ASSERT_NE(node.link, nullptr);
}

PeerAddress address_of(const Node& node) {
  return {node.site, node.link->peer_endpoint(), node.keys.public_key};
}

TEST(Peers, EveryNodeReachesEveryOther) {
  Node a(lyon), b(bordeaux), c(marseille);
  const std::vector<Node*> nodes{&a, &b, &c};
  const auto allow = allow_peers({&a, &b, &c});
  for (auto* node : nodes) {
    node->recorder.greeting = "from " + std::to_string(node->site.value);
    start(*node, allow);
  }
  for (auto* node : nodes) {
    std::vector<PeerAddress> others;
    for (auto* other : nodes) {
      if (other != node) others.push_back(address_of(*other));
    }
    node->link->set_peers(others);
  }
  // What is sent from on_peer_up arrives: an event "up" is never early.
  for (auto* node : nodes) {
    ASSERT_TRUE(node->recorder.until([&] { return node->recorder.peers.size() == 2; }));
    for (const auto& message : node->recorder.peers) {
      EXPECT_EQ(message.bytes, "from " + std::to_string(message.from.value));
    }
    ASSERT_TRUE(node->recorder.until([&] { return node->recorder.up.size() == 2; }));
  }
}

TEST(Peers, FramesComeInOrderUpToTheLargest) {
  Node a(lyon), b(bordeaux);
  const auto allow = allow_peers({&a, &b});
  start(a, allow);
  start(b, allow);
  a.link->set_peers({address_of(b)});
  ASSERT_TRUE(a.recorder.until([&] { return !a.recorder.up.empty(); }));
  a.link->send_peer(bordeaux, std::string(limits::peer_frame_bytes, 'x'));
  for (int i = 0; i < 500; ++i) a.link->send_peer(bordeaux, std::to_string(i));
  a.link->send_peer(bordeaux, std::string(limits::peer_frame_bytes + 1, 'x'));
  ASSERT_TRUE(b.recorder.until([&] { return b.recorder.peers.size() == 501; }));
  EXPECT_EQ(b.recorder.peers[0].bytes.size(), limits::peer_frame_bytes);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(b.recorder.peers[static_cast<std::size_t>(i) + 1].bytes, std::to_string(i));
  }
  EXPECT_TRUE(eventually([&] { return a.link->stats().dropped.too_large.value() == 1; }));
}

TEST(Peers, PeerThatStopsIsLostAndIsUpAgainAfterItsRestart) {
  Node a(lyon), b(bordeaux);
  const auto allow = allow_peers({&a, &b});
  start(a, allow);
  start(b, allow);
  const auto address = address_of(b);
  a.link->set_peers({address});
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.up.size() == 1; }));
  b.link->stop();
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.lost.size() == 1; }));
  // ZeroMQ tells of the loss before its socket knows: the first frames may still find their way
  // into what is left of the connection.
  EXPECT_TRUE(eventually([&] {
    a.link->send_peer(bordeaux, "into the void");
    return a.link->stats().dropped.peer_down.value() > 0;
  }));
  start(b, allow, address.endpoint);
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.up.size() == 2; }));
  a.link->send_peer(bordeaux, "welcome back");
  ASSERT_TRUE(b.recorder.until([&] { return !b.recorder.peers.empty(); }));
  EXPECT_EQ(b.recorder.peers.front().bytes, "welcome back");
}

TEST(Peers, KeyNobodyKnowsDeliversNothing) {
  Node a(lyon), b(bordeaux);
  start(a, allow_peers({&a, &b}));
  start(b, allow_peers({&b}));
  a.link->set_peers({address_of(b)});
  EXPECT_TRUE(eventually([&] { return b.link->stats().refused.unknown_key.value() >= 1; }));
  EXPECT_TRUE(a.recorder.read([&] { return a.recorder.up.empty(); }));
  b.link->allow(allow_peers({&a, &b}));
  EXPECT_TRUE(a.recorder.until([&] { return !a.recorder.up.empty(); }));
}

TEST(Peers, NodeWithAnotherKeyThanExpectedIsNotReached) {
  Node a(lyon), b(bordeaux);
  const auto allow = allow_peers({&a, &b});
  start(a, allow);
  start(b, allow);
  auto wrong = address_of(b);
  wrong.key = make_key_pair().public_key;
  a.link->set_peers({wrong});
  a.link->send_peer(bordeaux, "secret");
  EXPECT_TRUE(eventually([&] { return a.link->stats().dropped.peer_down.value() == 1; }));
  EXPECT_EQ(b.link->stats().peers_in.frames.value(), 0u);
}

TEST(Peers, SiteTakenOffTheListIsCutPerMessage) {
  Node a(lyon), b(bordeaux);
  start(a, allow_peers({&a, &b}));
  start(b, allow_peers({&a, &b}));
  a.link->set_peers({address_of(b)});
  ASSERT_TRUE(a.recorder.until([&] { return !a.recorder.up.empty(); }));
  b.link->allow(allow_peers({&b}));
  a.link->send_peer(bordeaux, "too late");
  EXPECT_TRUE(eventually([&] { return b.link->stats().rejected.unknown_key.value() == 1; }));
  EXPECT_EQ(b.link->stats().peers_in.frames.value(), 0u);
}

TEST(Peers, LeavingTheListOfPeersLosesThem) {
  Node a(lyon), b(bordeaux);
  const auto allow = allow_peers({&a, &b});
  start(a, allow);
  start(b, allow);
  a.link->set_peers({address_of(b)});
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.up.size() == 1; }));
  a.link->set_peers({address_of(b)});  // unchanged: keeps its connection
  a.link->set_peers({});
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.lost.size() == 1; }));
  EXPECT_EQ(a.recorder.up.size(), 1u);
  a.link->send_peer(bordeaux, "nobody");
  EXPECT_TRUE(eventually([&] { return a.link->stats().dropped.peer_unknown.value() == 1; }));
}

TEST(Peers, FullQueueDropsAndNeverBlocks) {
  Node a(lyon), b(bordeaux);
  const auto allow = allow_peers({&a, &b});
  auto settings = settings_of(a.keys);
  settings.allow = allow;
  settings.peer_queue_frames = 4;
  a.link = must_start(settings, a.recorder);
  start(b, allow);
  a.link->set_peers({address_of(b)});
  ASSERT_TRUE(a.recorder.until([&] { return !a.recorder.up.empty(); }));
  EXPECT_TRUE(eventually([&] {
    std::vector<ToPeer> frames(64, ToPeer{bordeaux, std::string(limits::peer_frame_bytes, 'x')});
    a.link->send_peers(std::move(frames));
    return a.link->stats().dropped.peer_full.value() > 0;
  }));
}

/// A node in a process of its own, that can be killed or frozen.
class NodeProcess {
 public:
  NodeProcess(const Node& node, const std::shared_ptr<const AllowList>& allow) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) run(node, allow, ends[1]);
    ::close(ends[1]);
    char text[128];
    const auto n = ::read(ends[0], text, sizeof text);
    ::close(ends[0]);
    if (n > 0) endpoint_.assign(text, static_cast<std::size_t>(n));
  }
  ~NodeProcess() {
    kill(SIGKILL);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }
  void kill(int signal) {
    if (pid_ > 0) ::kill(pid_, signal);
  }
  const std::string& endpoint() const { return endpoint_; }

 private:
  [[noreturn]] static void run(const Node& node, const std::shared_ptr<const AllowList>& allow,
                               int out) {
    Recorder recorder;
    auto settings = settings_of(node.keys);
    settings.allow = allow;
    auto link = Link::start(settings, recorder);
    const auto endpoint = link ? (*link)->peer_endpoint() : std::string{};
    (void)!::write(out, endpoint.data(), endpoint.size());
    ::close(out);
    while (true) ::pause();
  }
  pid_t pid_ = -1;
  std::string endpoint_;
};

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point from) {
  return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
}

TEST(Peers, KilledProcessIsLostAtOnceAndAFrozenOneByItsHeartbeat) {
  Node a(lyon), b(bordeaux), c(marseille);
  const auto allow = allow_peers({&a, &b, &c});
  NodeProcess killed(b, allow);  // before any thread of this test exists
  NodeProcess frozen(c, allow);
  ASSERT_FALSE(killed.endpoint().empty());
  ASSERT_FALSE(frozen.endpoint().empty());
  start(a, allow);
  a.link->set_peers({{bordeaux, killed.endpoint(), b.keys.public_key},
                     {marseille, frozen.endpoint(), c.keys.public_key}});
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.up.size() == 2; }));

  auto begin = Clock::now();
  killed.kill(SIGKILL);
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.lost.size() == 1; }));
  EXPECT_EQ(a.recorder.lost[0], bordeaux);
  RecordProperty("killed_ms", std::to_string(milliseconds_since(begin)));
  EXPECT_LT(milliseconds_since(begin), 200);  // a few ms in calm; far below the heartbeat's 800

  begin = Clock::now();
  frozen.kill(SIGSTOP);
  ASSERT_TRUE(a.recorder.until([&] { return a.recorder.lost.size() == 2; }));
  EXPECT_EQ(a.recorder.lost[1], marseille);
  RecordProperty("frozen_ms", std::to_string(milliseconds_since(begin)));
}

}  // namespace
}  // namespace vigie::link
