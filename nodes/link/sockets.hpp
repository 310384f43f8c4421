// How the link's sockets are made, bound, watched and read. Internal to nodes/link: includes
// ZeroMQ.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <zmq.hpp>

#include "messages/types/result.hpp"
#include "nodes/link/link.hpp"

namespace vigie::link {

/// The ZAP domain of both contexts; a connection without it is refused (option 93).
inline constexpr const char* zap_domain = "vigie";

/// What differs between the two kinds of partner.
struct Kind {
  std::size_t frame_bytes = 0;
  int queue_frames = 0;
  Heartbeat heartbeat;
  std::size_t long_frame_bytes = 0;  ///< of those who may send longer ones
};

Kind kind_of_clients(const LinkSettings& settings);
Kind kind_of_peers(const LinkSettings& settings);

/// A CURVE server ROUTER: mandatory, no linger, bounded, authenticated by the ZAP handler.
zmq::socket_t make_router(zmq::context_t& context, const LinkSettings& settings, const Kind& kind);

/// A CURVE client DEALER to `peer`, not connected yet. Queues only while connected, so that a peer
/// that comes back is not served with what was meant for its past.
zmq::socket_t make_dealer(zmq::context_t& context, const LinkSettings& settings, const Kind& kind,
                          const PeerAddress& peer);

/// Binds and returns the real endpoint. A busy port is tried again for 500 ms: the system may not
/// have finished closing it. @errors Errc::port_in_use, Errc::bad_configuration.
Result<std::string> bind(zmq::socket_t& socket, const std::string& endpoint);

/// The descriptor that turns readable when `socket` wants attention; after that it
/// must be read until empty, also after each send on it (the signal is an edge).
int descriptor(zmq::socket_t& socket);

/// Events of one socket. Must not outlive it; turned off before it is closed, else the dying
/// monitor blocks the context's I/O thread.
class Monitor {
 public:
  Monitor(zmq::context_t& context, zmq::socket_t& watched, const std::string& name, int events);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  /// The next event (ZMQ_EVENT_*), if any is waiting.
  std::optional<int> next();
  zmq::socket_t& socket() { return pair_; }

 private:
  zmq::socket_t& watched_;
  zmq::socket_t pair_;
};

/// What receive() found.
enum class Got { nothing, message, malformed };

/// Takes one message off a ROUTER. `message`: `body` is its only frame and `from` the sender's
/// routing id, made by the ROUTER. `malformed`: something else was taken and is gone.
Got receive(zmq::socket_t& router, zmq::message_t& routing_id, zmq::message_t& body,
            ConnectionId& from);

/// The routing id behind a ConnectionId: a zero and 4 bytes.
struct RoutingId {
  explicit RoutingId(ConnectionId connection);
  std::uint8_t bytes[5];
};

/// `bytes` as a ZeroMQ message; large ones without a copy.
zmq::message_t to_message(std::string&& bytes);

/// The sender's key as the ZAP handler named it; nothing if the connection has none.
std::optional<PublicKey> sender_key(zmq::message_t& body);

}  // namespace vigie::link
