// The link thread: one loop that owns every socket of a node. A round takes what was posted, reads
// a bounded batch from peers and from clients, and sleeps only when nothing is left to do; there is
// no tick. Internal to nodes/link.
#pragma once

#include <poll.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "nodes/link/link.hpp"
#include "nodes/link/mailbox.hpp"
#include "nodes/link/peers.hpp"
#include "nodes/link/self_test.hpp"
#include "nodes/link/sockets.hpp"
#include "nodes/link/zap.hpp"

namespace vigie::link {

class LinkThread {
 public:
  LinkThread(LinkSettings settings, Handler& handler);
  ~LinkThread();

  /// Starts the thread and returns once its sockets are bound, or what hindered it.
  Result<void> open();
  /// Lets the opened thread begin; returns once Handler::on_started(link) has been called.
  void serve(Link& link);
  /// See run_self_test().
  Result<void> test_doors();
  void stop();

  void post_clients(std::vector<ToClient>&& frames);
  void post_peers(std::vector<ToPeer>&& frames);
  void set_peers(std::vector<PeerAddress>&& peers);
  void call(std::function<void()> what);
  void wake_at(BootTime due);
  void allow(std::shared_ptr<const AllowList> list);
  void consumed(std::size_t frames, std::size_t bytes);

  const Stats& stats() const { return stats_; }
  const std::string& client_endpoint() const { return client_endpoint_; }
  const std::string& peer_endpoint() const { return peer_endpoint_; }

 private:
  /// Everything that lives only on the link thread, in order of making.
  struct Sockets;
  /// One side's batch, kept from round to round to spare allocations.
  struct Batch {
    std::vector<zmq::message_t> bodies;
    std::vector<ConnectionId> connections;
    std::size_t count = 0;
    bool drained = true;  ///< the ROUTER had no more
    void release();
  };

  void run(std::promise<Result<void>>& opened);
  Result<void> make_sockets();
  void loop();
  void dispatch(Mail& mail);
  void read_peers();
  void read_clients();
  void fill(Batch& batch, zmq::socket_t& router, std::size_t frame_bytes_max,
            std::size_t bytes_max);
  std::optional<PublicKey> known_key(zmq::message_t& body);
  void send(ToClient&& frame, std::vector<ConnectionId>& slow);
  bool has_credit();
  bool above(std::size_t part) const;
  void sleep();
  bool wake_due();
  void build_waits();
  bool on_link_thread() const { return std::this_thread::get_id() == thread_id_.load(); }
  std::shared_ptr<const AllowList> allowed() const;

  const LinkSettings settings_;
  Handler& handler_;
  Stats stats_;
  Witness witness_;
  std::string client_endpoint_;
  std::string peer_endpoint_;

  mutable std::mutex allow_mutex_;
  std::shared_ptr<const AllowList> allow_;
  Mailbox mailbox_;
  std::promise<Link*> serve_;
  std::promise<void> started_;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};

  // Credit: what was handed to the handler, and what it paid back.
  std::atomic<std::uint64_t> handed_frames_{0};
  std::atomic<std::uint64_t> handed_bytes_{0};
  std::atomic<std::uint64_t> consumed_frames_{0};
  std::atomic<std::uint64_t> consumed_bytes_{0};
  std::atomic<bool> paused_{false};
  std::atomic<std::int64_t> wake_at_{0};  ///< BootTime; 0: never

  // Link thread only.
  std::unique_ptr<Sockets> sockets_;
  Mail outbox_;  ///< posted by callbacks: no lock, no wake-up
  Batch batch_;
  std::vector<ClientFrame> client_frames_;
  std::vector<PeerFrame> peer_frames_;
  std::vector<pollfd> waits_;
  bool peers_ready_ = true;
  bool clients_ready_ = true;
  bool zap_ready_ = true;
  bool monitors_ready_ = true;
  bool told_ = false;  ///< the handler was called in this round
};

}  // namespace vigie::link
