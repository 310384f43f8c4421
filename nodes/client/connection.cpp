#include "nodes/client/connection.hpp"

#include <chrono>
#include <cstring>
#include <thread>
#include <zmq.hpp>

#include "messages/types/limits.hpp"

namespace vigie::client {
namespace {

constexpr int frames_per_wait = 1000;
constexpr int watched = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_CONNECT_RETRIED |
                        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

template <class T>
void set(zmq::socket_t& socket, int option, const T& value) {
  if (zmq_setsockopt(socket.handle(), option, &value, sizeof value) != 0) throw zmq::error_t();
}

}  // namespace

struct Connection::Context {
  zmq::context_t zmq{1};
};

/// Closed in the order that ZeroMQ needs: the monitor is turned off before its socket goes.
struct Connection::Sockets {
  Sockets(zmq::context_t& context, const link::KeyPair& keys, const Endpoint& endpoint,
          const std::string& monitor_address)
      : dealer(context, zmq::socket_type::dealer), monitor(context, zmq::socket_type::pair) {
    set(dealer, ZMQ_LINGER, 0);
    set(dealer, ZMQ_SNDHWM, 1000);
    set(dealer, ZMQ_RCVHWM, 10'000);
    set(dealer, ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(2 * limits::client_frame_bytes));
    set(dealer, ZMQ_RECONNECT_IVL, -1);  // the Client decides where to go next
    set(dealer, ZMQ_CONNECT_TIMEOUT, 1500);
    set(dealer, ZMQ_HANDSHAKE_IVL, 1500);
    set(dealer, ZMQ_HEARTBEAT_IVL, 500);
    set(dealer, ZMQ_HEARTBEAT_TIMEOUT, 1000);
    set(dealer, ZMQ_HEARTBEAT_TTL, 6000);
    set(dealer, ZMQ_CURVE_PUBLICKEY, keys.public_key);
    set(dealer, ZMQ_CURVE_SECRETKEY, keys.secret_key);
    set(dealer, ZMQ_CURVE_SERVERKEY, endpoint.key);
    if (zmq_socket_monitor(dealer.handle(), monitor_address.c_str(), watched) != 0) {
      throw zmq::error_t();
    }
    set(monitor, ZMQ_LINGER, 0);
    monitor.connect(monitor_address);
    dealer.connect(endpoint.address);
  }
  ~Sockets() { zmq_socket_monitor(dealer.handle(), nullptr, 0); }

  zmq::socket_t dealer;
  zmq::socket_t monitor;
};

Connection::Connection(const link::KeyPair& keys)
    : keys_(keys), context_(std::make_unique<Context>()) {}

Connection::~Connection() = default;

Result<void> Connection::connect(const Endpoint& endpoint) {
  close();
  const std::string monitor = "inproc://client-monitor-" + std::to_string(++made_);
  try {
    sockets_ = std::make_unique<Sockets>(context_->zmq, keys_, endpoint, monitor);
  } catch (const zmq::error_t& error) {
    return Error{Errc::bad_configuration, endpoint.address + ": " + error.what()};
  }
  return {};
}

void Connection::close() { sockets_.reset(); }

bool Connection::send(std::string_view frame) {
  if (!sockets_) return false;
  return zmq_send(sockets_->dealer.handle(), frame.data(), frame.size(), ZMQ_DONTWAIT) >= 0;
}

Wire Connection::look() {
  Wire wire = Wire::up;
  zmq::message_t event;
  while (zmq_msg_recv(event.handle(), sockets_->monitor.handle(), ZMQ_DONTWAIT) >= 0) {
    std::uint16_t number = 0;
    if (event.size() >= sizeof number) std::memcpy(&number, event.data(), sizeof number);
    while (event.more() &&
           zmq_msg_recv(event.handle(), sockets_->monitor.handle(), ZMQ_DONTWAIT) >= 0) {
    }
    if (wire != Wire::up) continue;  // the first says why
    if (number == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
      wire = Wire::revoked;
    } else {
      wire = number == ZMQ_EVENT_DISCONNECTED ? Wire::lost : Wire::refused;
    }
  }
  return wire;
}

Wire Connection::wait(Millis timeout, const std::function<void(std::string_view)>& on_frame) {
  if (!sockets_) {
    std::this_thread::sleep_for(std::chrono::milliseconds(timeout.value));
    return Wire::up;
  }
  zmq_pollitem_t items[] = {{sockets_->dealer.handle(), 0, ZMQ_POLLIN, 0},
                            {sockets_->monitor.handle(), 0, ZMQ_POLLIN, 0}};
  (void)zmq_poll(items, 2, static_cast<long>(timeout.value));  // EINTR: as if nothing came
  const Wire wire = (items[1].revents & ZMQ_POLLIN) != 0 ? look() : Wire::up;
  // What arrived before the connection was lost still counts.
  zmq::message_t frame;
  for (int n = 0; n < frames_per_wait || wire != Wire::up; ++n) {
    if (zmq_msg_recv(frame.handle(), sockets_->dealer.handle(), ZMQ_DONTWAIT) < 0) break;
    const bool alone = !frame.more();
    while (frame.more() &&
           zmq_msg_recv(frame.handle(), sockets_->dealer.handle(), ZMQ_DONTWAIT) >= 0) {
    }
    if (alone) on_frame({static_cast<const char*>(frame.data()), frame.size()});
  }
  return wire;
}

}  // namespace vigie::client
