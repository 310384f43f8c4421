// What the link's tests share: nodes on ports of the system's choice, clients made of bare ZeroMQ
// sockets (good and bad ones), and waiting on conditions, never on time.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "nodes/link/link.hpp"

namespace vigie::link {

/// Long enough for a machine under load and sanitizers; a test that passes never waits for it.
inline constexpr std::chrono::seconds patience{20};

/// Keeps what it is told. `mutex`, `changed`: tests wait with until().
class Recorder : public Handler {
 public:
  struct Message {
    ConnectionId connection;
    PublicKey key{};
    SiteId from;
    std::string bytes;
  };

  void on_started(Link& started) override { link = &started; }
  void on_clients(const std::vector<ClientFrame>& frames) override {
    tell([&] {
      for (const auto& f : frames) {
        clients.push_back({f.connection, f.key, {}, std::string(f.bytes)});
        client_bytes += f.bytes.size();
      }
    });
    for (const auto& f : frames) {
      if (echo) answers.push_back({f.connection, std::string(f.bytes)});
      if (pay) link->consumed(1, f.bytes.size());
    }
    if (!answers.empty()) link->send_clients(std::exchange(answers, {}));
  }
  void on_peers(const std::vector<PeerFrame>& frames) override {
    tell([&] {
      for (const auto& f : frames) peers.push_back({{}, {}, f.from, std::string(f.bytes)});
    });
  }
  void on_peer_up(SiteId site) override {
    if (!greeting.empty()) link->send_peer(site, greeting);
    tell([&] { up.push_back(site); });
  }
  void on_peer_lost(SiteId site) override {
    tell([&] { lost.push_back(site); });
  }
  void on_client_gone(ConnectionId connection) override {
    tell([&] { gone.push_back(connection); });
  }
  void on_client_slow(ConnectionId connection) override {
    tell([&] { slow.push_back(connection); });
  }
  void after_batch() override {
    tell([&] { ++batches; });
  }

  /// Waits for `condition`, evaluated under the lock; false after `patience`.
  bool until(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, patience, condition);
  }

  /// `get()`, evaluated under the lock.
  template <class Get>
  auto read(Get&& get) {
    std::lock_guard lock(mutex);
    return get();
  }

  Link* link = nullptr;
  std::atomic<bool> echo{false};
  bool pay = true;
  std::string greeting;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Message> clients;
  std::size_t client_bytes = 0;
  std::vector<Message> peers;
  std::vector<SiteId> up;
  std::vector<SiteId> lost;
  std::vector<ConnectionId> gone;
  std::vector<ConnectionId> slow;
  int batches = 0;

 private:
  template <class Change>
  void tell(Change&& change) {
    {
      std::lock_guard lock(mutex);
      change();
    }
    changed.notify_all();
  }
  std::vector<ToClient> answers;
};

/// Loops until `condition` holds, letting other threads run; false after `patience`.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

inline std::shared_ptr<const AllowList> allow_clients(std::vector<PublicKey> clients,
                                                      std::vector<PublicKey> revoked = {}) {
  return std::make_shared<const AllowList>(std::move(clients), std::vector<AllowList::Peer>{},
                                           std::move(revoked));
}

inline LinkSettings settings_of(const KeyPair& keys) {
  LinkSettings settings;
  settings.keys = keys;
  settings.client_endpoint = "tcp://127.0.0.1:0";
  settings.peer_endpoint = "tcp://127.0.0.1:0";
  settings.handshake = 300_ms;
  settings.self_test = false;
  return settings;
}

inline std::unique_ptr<Link> must_start(LinkSettings settings, Handler& handler) {
  auto started = Link::start(std::move(settings), handler);
  EXPECT_TRUE(started) << (started ? "" : started.error().what);
  return started ? std::move(*started) : nullptr;
}

/// A client as anyone could write it: a bare DEALER.
class Client {
 public:
  Client(const std::string& endpoint, const std::optional<KeyPair>& keys, const PublicKey& server) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::reconnect_ivl, 20);
    if (keys) {
      socket_.set(zmq::sockopt::curve_publickey, to_z85(keys->public_key));
      socket_.set(zmq::sockopt::curve_secretkey, to_z85(keys->secret_key));
      socket_.set(zmq::sockopt::curve_serverkey, to_z85(server));
    }
    const std::string monitor = "inproc://client-monitor";
    zmq_socket_monitor(socket_.handle(), monitor.c_str(), ZMQ_EVENT_ALL);
    monitor_.set(zmq::sockopt::linger, 0);
    monitor_.connect(monitor);
    socket_.connect(endpoint);
  }
  ~Client() { zmq_socket_monitor(socket_.handle(), nullptr, 0); }

  void send(const std::string& bytes) { socket_.send(zmq::buffer(bytes)); }
  void send_parts(const std::vector<std::string>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool last = i + 1 == parts.size();
      socket_.send(zmq::buffer(parts[i]), last ? zmq::send_flags::none : zmq::send_flags::sndmore);
    }
  }
  /// The next frame, or nothing after `patience`.
  std::optional<std::string> receive() {
    socket_.set(zmq::sockopt::rcvtimeo,
                static_cast<int>(std::chrono::milliseconds(patience).count()));
    zmq::message_t frame;
    if (!socket_.recv(frame)) return std::nullopt;
    return frame.to_string();
  }
  /// Waits for one of `events` (ZMQ_EVENT_*); 0 after `patience`.
  int await_event(int events) {
    monitor_.set(zmq::sockopt::rcvtimeo,
                 static_cast<int>(std::chrono::milliseconds(patience).count()));
    while (true) {
      zmq::message_t event;
      zmq::message_t address;
      if (!monitor_.recv(event)) return 0;
      (void)monitor_.recv(address);
      std::uint16_t number = 0;
      std::memcpy(&number, event.data(), sizeof number);
      if ((number & events) != 0) return number;
    }
  }
  void close() {
    zmq_socket_monitor(socket_.handle(), nullptr, 0);
    socket_.close();
  }

 private:
  zmq::context_t context_{1};
  zmq::socket_t socket_{context_, zmq::socket_type::dealer};
  zmq::socket_t monitor_{context_, zmq::socket_type::pair};
};

}  // namespace vigie::link
