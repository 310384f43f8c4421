// One encrypted connection to one centre at a time: a DEALER under CURVE and its monitor. Knows
// frames of bytes, not what they mean; which centre comes next is for the Client.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"
#include "nodes/link/curve.hpp"

namespace vigie::client {

/// A centre's door.
struct Endpoint {
  std::string site;
  std::string address;  ///< "tcp://127.0.0.1:7400"
  PublicKey key{};      ///< of its node: no other is talked to
};

/// What became of the connection.
enum class Wire {
  up,       ///< or still being made
  refused,  ///< nobody listens, or the handshake failed
  revoked,  ///< the node knows this key and turns it away
  lost,     ///< it was up
};

class Connection {
 public:
  explicit Connection(const link::KeyPair& keys);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to connect, dropping the connection before and all that was not sent.
  /// @errors Errc::bad_configuration: an address that ZeroMQ does not understand.
  Result<void> connect(const Endpoint& endpoint);
  void close();
  bool is_open() const { return sockets_ != nullptr; }

  /// Queues one frame. @return false when the queue is full: try again after wait().
  bool send(std::string_view frame);

  /// Waits until something arrives or happens, at most `timeout`; hands over what came, at most
  /// 1000 frames, good until the callback returns.
  Wire wait(Millis timeout, const std::function<void(std::string_view)>& on_frame);

 private:
  struct Sockets;
  struct Context;
  Wire look();

  link::KeyPair keys_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<Sockets> sockets_;
  std::uint64_t made_ = 0;
};

}  // namespace vigie::client
