#include "nodes/link/self_test.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <zmq.hpp>

#include "nodes/link/sockets.hpp"

namespace vigie::link {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int watched_events =
    ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_DISCONNECTED;

/// One stranger at one door.
struct Knock {
  Knock(zmq::context_t& context, const std::string& endpoint, const std::string& name)
      : dealer(context, zmq::socket_type::dealer), monitor(context, dealer, name, watched_events) {
    dealer.set(zmq::sockopt::linger, 0);
    dealer.set(zmq::sockopt::reconnect_ivl, -1);
    target = endpoint;
  }
  void disguise(const KeyPair& keys, const PublicKey& server) {
    dealer.set(zmq::sockopt::curve_publickey, to_z85(keys.public_key));
    dealer.set(zmq::sockopt::curve_secretkey, to_z85(keys.secret_key));
    dealer.set(zmq::sockopt::curve_serverkey, to_z85(server));
  }
  void go() {
    dealer.connect(target);
    (void)dealer.send(zmq::str_buffer("self-test"), zmq::send_flags::dontwait);
  }
  void look() {
    while (const auto event = monitor.next()) {
      (*event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED ? let_in : turned_away) = true;
    }
  }

  zmq::socket_t dealer;
  Monitor monitor;
  std::string target;
  bool let_in = false;
  bool turned_away = false;
};

using Knocks = std::vector<std::unique_ptr<Knock>>;

bool let_in(const std::unique_ptr<Knock>& knock) { return knock->let_in; }

/// "tcp://0.0.0.0:7000" is reached at 127.0.0.1.
std::string reachable(std::string endpoint) {
  for (const std::string_view any : {"//0.0.0.0:", "//[::]:"}) {
    const auto at = endpoint.find(any);
    if (at != std::string::npos) {
      endpoint.replace(at, any.size(), any[2] == '[' ? "//[::1]:" : "//127.0.0.1:");
    }
  }
  return endpoint;
}

/// Until every knock in `knocks` was turned away, one was let in, or `end`.
void await_answers(Knocks& knocks, Clock::time_point end) {
  while (true) {
    std::vector<zmq::pollitem_t> items;
    for (auto& knock : knocks) {
      knock->look();
      if (knock->let_in) return;
      if (knock->turned_away) continue;
      items.push_back({knock->monitor.socket().handle(), 0, ZMQ_POLLIN, 0});
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (items.empty() || left.count() <= 0) return;
    zmq::poll(items, left);
  }
}

}  // namespace

void Witness::refused(const PublicKey& key) {
  if (key != keys_.public_key) return;
  std::lock_guard lock(mutex_);
  ++refusals_;
  changed_.notify_all();
}

void Witness::came_in(const PublicKey* key) {
  if (key == nullptr || *key == keys_.public_key) came_in_.store(true);
}

bool Witness::wait_refused(std::size_t count, Millis span) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(span.value),
                           [&] { return refusals_ >= count; });
}

Result<void> run_self_test(const std::vector<std::string>& endpoints, const PublicKey& server,
                           Witness& witness, Millis bound) {
  const auto end = Clock::now() + std::chrono::milliseconds(bound.value);
  zmq::context_t context(1);
  Knocks strangers;
  Knocks plain;
  for (const auto& endpoint : endpoints) {
    const auto number = std::to_string(strangers.size());
    strangers.push_back(std::make_unique<Knock>(context, reachable(endpoint), "key-" + number));
    strangers.back()->disguise(witness.keys(), server);
    strangers.back()->dealer.set(zmq::sockopt::ipv6, true);
    plain.push_back(std::make_unique<Knock>(context, reachable(endpoint), "plain-" + number));
    plain.back()->dealer.set(zmq::sockopt::ipv6, true);
  }
  for (auto* knocks : {&strangers, &plain}) {
    for (auto& knock : *knocks) knock->go();
  }
  await_answers(plain, end);
  if (std::ranges::any_of(plain, let_in)) {
    return Error{Errc::unauthorised, "self-test: a connection without encryption was accepted"};
  }
  // A refused stranger is told nothing; the witness at the door has seen it.
  bool refused = false;
  while (!refused && Clock::now() < end && !witness.anything_came_in()) {
    refused = witness.wait_refused(endpoints.size(), 5_ms);
    for (auto& knock : strangers) knock->look();
    if (std::ranges::any_of(strangers, let_in)) break;
  }
  if (witness.anything_came_in() || std::ranges::any_of(strangers, let_in)) {
    return Error{Errc::unauthorised, "self-test: an unknown key was accepted"};
  }
  return {};
}

}  // namespace vigie::link
