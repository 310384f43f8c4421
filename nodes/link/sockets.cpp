#include "nodes/link/sockets.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

namespace vigie::link {
namespace {

constexpr int zap_enforce_domain = 93;  // ZMQ_ZAP_ENFORCE_DOMAIN: in the binary, not in the header
constexpr std::size_t copied_bytes_max = 2048;
constexpr std::size_t curve_bytes = 256;               // more than CURVE adds to a message
constexpr std::uint64_t connection_mark = 1ull << 32;  // so that no ConnectionId is 0

template <class T>
void set(zmq::socket_t& socket, int option, const T& value) {
  if (zmq_setsockopt(socket.handle(), option, &value, sizeof value) != 0) throw zmq::error_t();
}

int milliseconds(Millis span) { return static_cast<int>(span.value); }

/// Options common to every socket that meets the network.
void configure(zmq::socket_t& socket, const LinkSettings& settings, const Kind& kind) {
  set(socket, ZMQ_LINGER, 0);
  set(socket, ZMQ_SNDHWM, kind.queue_frames);
  set(socket, ZMQ_RCVHWM, kind.queue_frames);
  // Twice the limit: what is a little too large is counted by us and costs nobody his connection;
  // beyond, ZeroMQ cuts the connection without reading on.
  const std::size_t longest = std::max(2 * kind.frame_bytes, kind.long_frame_bytes + curve_bytes);
  set(socket, ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(longest));
  set(socket, ZMQ_TCP_KEEPALIVE, 1);
  set(socket, ZMQ_TCP_KEEPALIVE_IDLE, 10);
  set(socket, ZMQ_TCP_KEEPALIVE_INTVL, 5);
  set(socket, ZMQ_TCP_KEEPALIVE_CNT, 3);
  set(socket, ZMQ_HANDSHAKE_IVL, milliseconds(settings.handshake));
  set(socket, ZMQ_HEARTBEAT_IVL, milliseconds(kind.heartbeat.interval));
  set(socket, ZMQ_HEARTBEAT_TIMEOUT, milliseconds(kind.heartbeat.timeout));
  set(socket, ZMQ_HEARTBEAT_TTL, milliseconds(kind.heartbeat.interval + kind.heartbeat.timeout));
  set(socket, ZMQ_CURVE_SECRETKEY, settings.keys.secret_key);
}

/// "tcp://host:port" with a host name turned into its IPv4 address: ZeroMQ binds numbers only.
std::string numeric(const std::string& endpoint) {
  constexpr std::string_view scheme = "tcp://";
  const auto colon = endpoint.rfind(':');
  if (!endpoint.starts_with(scheme) || colon <= scheme.size()) return endpoint;
  const auto host = endpoint.substr(scheme.size(), colon - scheme.size());
  if (host == "*" || host.front() == '[') return endpoint;
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return endpoint;
  char text[INET_ADDRSTRLEN] = {};
  const auto* address = reinterpret_cast<const sockaddr_in*>(found->ai_addr);
  ::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
  ::freeaddrinfo(found);
  return std::string(scheme) + text + endpoint.substr(colon);
}

}  // namespace

Kind kind_of_clients(const LinkSettings& settings) {
  return {settings.client_frame_bytes, settings.client_queue_frames, settings.client_heartbeat,
          settings.administrator_frame_bytes};
}

Kind kind_of_peers(const LinkSettings& settings) {
  return {settings.peer_frame_bytes, settings.peer_queue_frames, settings.peer_heartbeat};
}

zmq::socket_t make_router(zmq::context_t& context, const LinkSettings& settings, const Kind& kind) {
  zmq::socket_t router(context, zmq::socket_type::router);
  configure(router, settings, kind);
  set(router, ZMQ_ROUTER_MANDATORY, 1);
  set(router, ZMQ_CURVE_SERVER, 1);
  set(router, zap_enforce_domain, 1);
  router.set(zmq::sockopt::zap_domain, zap_domain);
  return router;
}

zmq::socket_t make_dealer(zmq::context_t& context, const LinkSettings& settings, const Kind& kind,
                          const PeerAddress& peer) {
  zmq::socket_t dealer(context, zmq::socket_type::dealer);
  configure(dealer, settings, kind);
  set(dealer, ZMQ_IMMEDIATE, 1);
  set(dealer, ZMQ_RECONNECT_IVL, milliseconds(settings.reconnect_min));
  set(dealer, ZMQ_RECONNECT_IVL_MAX, milliseconds(settings.reconnect_max));
  set(dealer, ZMQ_CONNECT_TIMEOUT, milliseconds(settings.handshake));
  set(dealer, ZMQ_CURVE_PUBLICKEY, settings.keys.public_key);
  set(dealer, ZMQ_CURVE_SERVERKEY, peer.key);
  return dealer;
}

Result<std::string> bind(zmq::socket_t& socket, const std::string& endpoint) {
  using Clock = std::chrono::steady_clock;
  const auto address = numeric(endpoint);
  set(socket, ZMQ_IPV6, address.find('[') == std::string::npos ? 0 : 1);
  const auto give_up = Clock::now() + std::chrono::milliseconds(500);
  while (zmq_bind(socket.handle(), address.c_str()) != 0) {
    const int error = zmq_errno();
    if (error == EADDRINUSE && Clock::now() < give_up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    const auto code = error == EADDRINUSE ? Errc::port_in_use : Errc::bad_configuration;
    return Error{code, endpoint + ": cannot listen: " + zmq_strerror(error)};
  }
  return socket.get(zmq::sockopt::last_endpoint);
}

int descriptor(zmq::socket_t& socket) { return socket.get(zmq::sockopt::fd); }

Monitor::Monitor(zmq::context_t& context, zmq::socket_t& watched, const std::string& name,
                 int events)
    : watched_(watched), pair_(context, zmq::socket_type::pair) {
  const std::string address = "inproc://monitor-" + name;
  if (zmq_socket_monitor(watched.handle(), address.c_str(), events) != 0) throw zmq::error_t();
  set(pair_, ZMQ_LINGER, 0);
  pair_.connect(address);
}

Monitor::~Monitor() { zmq_socket_monitor(watched_.handle(), nullptr, 0); }

std::optional<int> Monitor::next() {
  zmq::message_t event;
  if (zmq_msg_recv(event.handle(), pair_.handle(), ZMQ_DONTWAIT) < 0) return std::nullopt;
  std::uint16_t number = 0;
  VIGIE_ASSERT(event.size() >= sizeof number);
  std::memcpy(&number, event.data(), sizeof number);
  while (event.more() && zmq_msg_recv(event.handle(), pair_.handle(), ZMQ_DONTWAIT) >= 0) {
  }
  return number;
}

Got receive(zmq::socket_t& router, zmq::message_t& routing_id, zmq::message_t& body,
            ConnectionId& from) {
  void* const socket = router.handle();
  if (zmq_msg_recv(routing_id.handle(), socket, ZMQ_DONTWAIT) < 0) {
    const int error = zmq_errno();
    VIGIE_ASSERT(error == EAGAIN || error == EINTR);
    return Got::nothing;
  }
  if (!routing_id.more()) return Got::malformed;
  // The parts of a message arrive together: these receives do not fail.
  VIGIE_ASSERT(zmq_msg_recv(body.handle(), socket, ZMQ_DONTWAIT) >= 0);
  bool alone = true;
  while (body.more()) {
    alone = false;
    VIGIE_ASSERT(zmq_msg_recv(body.handle(), socket, ZMQ_DONTWAIT) >= 0);
  }
  const auto* id = static_cast<const std::uint8_t*>(routing_id.data());
  if (!alone || body.size() == 0 || routing_id.size() != 5 || id[0] != 0) return Got::malformed;
  from.value = connection_mark | std::uint64_t{id[1]} << 24 | std::uint64_t{id[2]} << 16 |
               std::uint64_t{id[3]} << 8 | std::uint64_t{id[4]};
  return Got::message;
}

RoutingId::RoutingId(ConnectionId connection) {
  const std::uint64_t id = connection.value;
  bytes[0] = 0;
  for (int i = 1; i < 5; ++i) bytes[i] = static_cast<std::uint8_t>(id >> (32 - 8 * i));
}

zmq::message_t to_message(std::string&& bytes) {
  if (bytes.size() <= copied_bytes_max) return zmq::message_t(bytes.data(), bytes.size());
  auto* kept = new std::string(std::move(bytes));
  return zmq::message_t(
      kept->data(), kept->size(), [](void*, void* hint) { delete static_cast<std::string*>(hint); },
      kept);
}

std::optional<PublicKey> sender_key(zmq::message_t& body) {
  const char* user = zmq_msg_gets(body.handle(), "User-Id");
  PublicKey key{};
  if (user == nullptr || std::strlen(user) != 40 || zmq_z85_decode(key.data(), user) == nullptr) {
    return std::nullopt;
  }
  return key;
}

}  // namespace vigie::link
