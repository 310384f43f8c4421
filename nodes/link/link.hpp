// The ZeroMQ side of a node. One thread, the link thread, owns every socket: a ROUTER where peers
// connect, one DEALER to each peer, a ROUTER where clients connect (the door). What it carries are
// opaque frames of bytes; what they mean is for the Handler.
//
//   client --CURVE--> ROUTER --on_clients--> Handler ...(other threads)... send_clients --> client
//   peer   --CURVE--> ROUTER --on_peers----> Handler ...                   send_peers  --> DEALER
//
// Peers and clients have a ZeroMQ context and an I/O thread each, so that a flood of clients cannot
// starve the heartbeats of peers (design, section 5). A message is one frame.
//
// Security (design D10): CURVE only, keys checked at the handshake and again on every message
// against the current AllowList. There is no plain mode; a node that cannot refuse does not start.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/ids.hpp"
#include "messages/types/limits.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"
#include "nodes/link/allow_list.hpp"
#include "nodes/link/curve.hpp"
#include "nodes/link/stats.hpp"

namespace vigie::link {

class LinkThread;

/// One TCP connection of one client, over the life of this process. Never given by the client.
using ConnectionId = Strong<struct ConnectionTag, std::uint64_t>;

/// A frame from an allowed client. `bytes` is good until the callback returns; 1 byte or more.
struct ClientFrame {
  ConnectionId connection;
  PublicKey key{};
  std::string_view bytes;
};

/// A frame from the node of site `from`. `bytes` is good until the callback returns.
struct PeerFrame {
  SiteId from;
  std::string_view bytes;
};

/// A frame for a client.
struct ToClient {
  ConnectionId connection;
  std::string bytes;
};

/// A frame for a peer.
struct ToPeer {
  SiteId site;
  std::string bytes;
};

class Link;

/// What the link tells. Every call comes from the link thread, one at a time, must not block, and
/// may call any method of Link but stop(). Frames of one connection come in order.
class Handler {
 public:
  virtual ~Handler() = default;
  /// First call, before Link::start() returns: sockets are bound, `link` may be used.
  virtual void on_started(Link& link) = 0;
  /// 1 to 1024 frames, each to be paid back with Link::consumed() once dealt with.
  virtual void on_clients(const std::vector<ClientFrame>& frames) = 0;
  /// 1 to 1024 frames.
  virtual void on_peers(const std::vector<PeerFrame>& frames) = 0;
  /// Our connection to `site` is made: what is sent now goes out.
  virtual void on_peer_up(SiteId site) = 0;
  /// It is lost: at once when its process died, after heartbeat interval + timeout when it is
  /// silent.
  virtual void on_peer_lost(SiteId site) = 0;
  /// A frame could not go out: that connection is closed. Found out only by sending.
  virtual void on_client_gone(ConnectionId connection) = 0;
  /// The time of Link::wake_at() has come. Last call of its round before after_batch().
  virtual void on_wake() {}
  /// A frame was dropped: the client reads too slowly. At most once a round for each connection.
  virtual void on_client_slow(ConnectionId) {}
  /// Last call, on the link thread: `link` must not be used any more.
  virtual void on_stopping() {}
  /// End of a round in which any of the calls above was made: the place to pass a batch on.
  virtual void after_batch() {}
};

/// ZMTP heartbeats: a ping each `interval`; a partner is lost when nothing came for `timeout` after
/// one. 0 = none.
struct Heartbeat {
  Millis interval;
  Millis timeout;
};

/// Where and as whom another node is reached. Prefer a numeric address: ZeroMQ resolves names in
/// the I/O thread of the peers, where a slow DNS stops every heartbeat.
struct PeerAddress {
  SiteId site;
  std::string endpoint;  ///< "tcp://10.0.0.2:7100"
  PublicKey key{};
  bool operator==(const PeerAddress&) const = default;
};

struct LinkSettings {
  KeyPair keys;                 ///< this node's identity, towards clients and peers
  std::string client_endpoint;  ///< "tcp://0.0.0.0:7000"; port 0 or * lets the system choose
  std::string peer_endpoint;    ///< as above
  std::vector<PeerAddress> peers;
  std::shared_ptr<const AllowList> allow = std::make_shared<const AllowList>();

  std::size_t client_frame_bytes = limits::client_frame_bytes;
  /// For keys that the AllowList calls administrators; 0: as for all clients.
  std::size_t administrator_frame_bytes = 0;
  std::size_t peer_frame_bytes = limits::peer_frame_bytes;
  int client_queue_frames = 1000;  ///< per connection and direction
  int peer_queue_frames = 1000;    ///< per peer and direction
  Heartbeat client_heartbeat{2000_ms, 6000_ms};
  Heartbeat peer_heartbeat{200_ms, 600_ms};
  Millis handshake = 2000_ms;  ///< a connection not authenticated by then is closed
  Millis reconnect_min = 20_ms;
  Millis reconnect_max = 1000_ms;
  /// Clients are not read while more than this was handed over and not consumed().
  std::size_t credit_frames = 20'000;
  std::size_t credit_bytes = 32 * 1024 * 1024;
  bool self_test = true;            ///< see Link::start(); only tests may want to skip it
  Millis self_test_bound = 300_ms;  ///< a stranger that got no answer by then was not let in
};

class Link {
 public:
  /// Binds, starts the link thread, then knocks at both doors with an unknown key and without
  /// encryption, and returns once both were turned away (a few ms, 300 ms at most; serving
  /// meanwhile).
  /// @param handler Must outlive the Link.
  /// @errors Errc::port_in_use: names the address. Errc::bad_configuration: an endpoint that cannot
  /// be bound or connected, or keys that are no pair. Errc::unauthorised: the self-test got in; do
  /// not serve. Errc::io_error: the system refuses a socket, thread or descriptor.
  static Result<std::unique_ptr<Link>> start(LinkSettings settings, Handler& handler);

  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  /// stop().
  ~Link();

  /// Hands frames to the link thread; wakes it only if it sleeps. Never blocks, any thread. Order
  /// is kept per thread and partner. Frames that cannot go out are dropped and counted (Stats).
  void send_clients(std::vector<ToClient>&& frames);
  void send_peers(std::vector<ToPeer>&& frames);
  void send_peer(SiteId site, std::string bytes);

  /// From the return on, no message that arrives is judged by an older list. Connections of keys no
  /// longer allowed stay open but deliver nothing; who sends to them must stop. Any thread.
  void allow(std::shared_ptr<const AllowList> list);

  /// Replaces the peers to connect to. Those left unchanged keep their connection; one whose
  /// endpoint ZeroMQ does not understand stays down (check addresses where they are configured).
  /// Any thread.
  void set_peers(std::vector<PeerAddress> peers);

  /// Has `what` called on the link thread, at the start of a round that ends with
  /// Handler::after_batch(). Any thread.
  void call(std::function<void()> what);

  /// Has Handler::on_wake() called once, when CLOCK_BOOTTIME reaches `due`; replaces what was asked
  /// before. Any thread.
  void wake_at(BootTime due);

  /// Pays back credit for frames got by Handler::on_clients, each once, with the size of its bytes.
  /// Any thread.
  void consumed(std::size_t frames, std::size_t bytes);

  /// Ends the link thread and closes every socket; what is not sent is dropped. Idempotent. Not
  /// from the link thread.
  void stop();

  Stats stats() const;
  /// As bound, with the real port.
  std::string client_endpoint() const;
  std::string peer_endpoint() const;

 private:
  explicit Link(std::unique_ptr<LinkThread> thread);
  std::unique_ptr<LinkThread> thread_;
};

}  // namespace vigie::link
