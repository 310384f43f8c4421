// One TCP connection, plain or under mutual TLS, without blocking. Knows bytes, not messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/settings/feed_settings.hpp"
#include "messages/types/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace vigie::door {

/// Certificates of one side: who we are, and who the other must be signed by. TLS 1.2 at least.
class TlsContext {
 public:
  /// From a feed's server_cert, server_key, client_ca. We show the same certificate where we
  /// connect to the hospital, and want one signed by the same authority from it.
  /// @errors Errc::bad_configuration: a file cannot be read or does not fit the others.
  static Result<std::shared_ptr<TlsContext>> make(const settings::FeedSettings& feed);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ssl_ctx_st* context() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

/// Which end of the connection we are.
enum class End : std::uint8_t { server, client };

class Stream {
 public:
  /// Takes ownership of `fd`, which does not block. @param tls nullptr: plain.
  /// @param peer_name For clients: host name or address that the other's certificate must carry.
  Stream(int fd, End end, const std::shared_ptr<TlsContext>& tls,
         const std::string& peer_name = {});
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int fd() const { return fd_; }
  /// Plain, or the other side has shown its certificate.
  bool is_ready() const;
  /// Appends what has arrived to `into`, at most about 256 KiB a call.
  /// @return false: the other side has closed, or the connection failed: close it.
  bool read(std::string& into);
  /// Puts `bytes` behind what waits, and writes what can be written.
  /// @return false: the connection failed.
  bool write(std::string_view bytes);
  /// Writes on, when the descriptor is ready again. @return as write().
  bool flush();
  /// Bytes that wait to be written.
  std::size_t unsent() const { return out_.size() - sent_; }
  /// EPOLLIN and, while something waits for it, EPOLLOUT.
  std::uint32_t wanted(bool reading = true) const;

 private:
  bool read_tls(std::string& into);
  bool again(int outcome);

  int fd_;
  std::shared_ptr<TlsContext> tls_;
  ssl_st* ssl_ = nullptr;
  std::string out_;
  std::size_t sent_ = 0;
  bool tls_wants_write_ = false;
};

/// A listening socket on an IPv4 address. @errors Errc::port_in_use, Errc::bad_configuration.
Result<int> listen_on(const settings::Endpoint& endpoint);
/// The port that a listening socket got.
std::uint16_t port_of(int fd);
/// Keep-alive after 60 s, no delay, no blocking.
void prepare(int fd);

}  // namespace vigie::door
