#include "nodes/door/stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "config/settings/values.hpp"

namespace vigie::door {
namespace {

constexpr std::size_t bytes_per_read = 256 * 1024;

std::string tls_error() {
  std::array<char, 160> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

/// The other side's certificate must be for the name or address that we meant to reach.
void expect_name(ssl_st* ssl, const std::string& name) {
  in_addr address{};
  if (::inet_pton(AF_INET, name.c_str(), &address) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, name.c_str());
    SSL_set1_host(ssl, name.c_str());
  }
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::make(const settings::FeedSettings& feed) {
  const std::shared_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_method())));
  SSL_CTX* context = made->context_;
  VIGIE_ASSERT(context != nullptr);
  const auto problem = [&](const std::string& what) {
    return Error{Errc::bad_configuration, "feed " + feed.name + ": " + what + ": " + tls_error()};
  };
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context, feed.server_cert.c_str()) != 1) {
    return problem("server_cert " + feed.server_cert.string());
  }
  if (SSL_CTX_use_PrivateKey_file(context, feed.server_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return problem("server_key " + feed.server_key.string());
  }
  if (SSL_CTX_load_verify_locations(context, feed.client_ca.c_str(), nullptr) != 1) {
    return problem("client_ca " + feed.client_ca.string());
  }
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(feed.client_ca.c_str()));
  return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Stream::Stream(int fd, End end, const std::shared_ptr<TlsContext>& tls,
               const std::string& peer_name)
    : fd_(fd), tls_(tls) {
  if (!tls) return;
  ssl_ = SSL_new(tls->context());
  VIGIE_ASSERT(ssl_ != nullptr && SSL_set_fd(ssl_, fd) == 1);
  if (end == End::server) {
    SSL_set_accept_state(ssl_);
  } else {
    SSL_set_connect_state(ssl_);
    expect_name(ssl_, peer_name);
  }
}

Stream::~Stream() {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
    ERR_clear_error();
    SSL_free(ssl_);
  }
  ::close(fd_);
}

bool Stream::is_ready() const { return ssl_ == nullptr || SSL_is_init_finished(ssl_) == 1; }

bool Stream::read(std::string& into) {
  if (ssl_ != nullptr) return read_tls(into);
  std::array<char, 64 * 1024> chunk;
  for (std::size_t total = 0; total < bytes_per_read;) {
    const ssize_t got = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    into.append(chunk.data(), static_cast<std::size_t>(got));
    total += static_cast<std::size_t>(got);
  }
  return true;
}

bool Stream::read_tls(std::string& into) {
  std::array<char, 16 * 1024> chunk;
  // All that OpenSSL holds must be taken: the descriptor would not tell of it again.
  while (true) {
    ERR_clear_error();
    const int got = SSL_read(ssl_, chunk.data(), static_cast<int>(chunk.size()));
    if (got <= 0) return again(got) && flush();
    into.append(chunk.data(), static_cast<std::size_t>(got));
    if (into.size() >= bytes_per_read && SSL_pending(ssl_) == 0) return true;
  }
}

bool Stream::again(int outcome) {
  const int error = SSL_get_error(ssl_, outcome);
  tls_wants_write_ = error == SSL_ERROR_WANT_WRITE;
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

bool Stream::write(std::string_view bytes) {
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  out_.append(bytes);
  return flush();
}

bool Stream::flush() {
  while (sent_ < out_.size()) {
    const char* from = out_.data() + sent_;
    const std::size_t left = std::min(out_.size() - sent_, bytes_per_read);
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int put = SSL_write(ssl_, from, static_cast<int>(left));
      if (put <= 0) return again(put);
      sent_ += static_cast<std::size_t>(put);
    } else {
      const ssize_t put = ::send(fd_, from, left, MSG_NOSIGNAL);
      if (put < 0) return errno == EAGAIN || errno == EINTR;
      sent_ += static_cast<std::size_t>(put);
    }
  }
  return true;
}

std::uint32_t Stream::wanted(bool reading) const {
  // Under TLS what waits may wait for bytes to read (a handshake): OpenSSL says which.
  const bool writing = ssl_ != nullptr ? tls_wants_write_ : unsent() > 0;
  return (reading ? static_cast<std::uint32_t>(EPOLLIN) : 0u) |
         (writing ? static_cast<std::uint32_t>(EPOLLOUT) : 0u);
}

Result<int> listen_on(const settings::Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (::inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) != 1) {
    return Error{Errc::bad_configuration, "not an IPv4 address: " + endpoint.host};
  }
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  VIGIE_ASSERT(fd >= 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     ::listen(fd, 64) == 0;
  if (bound) return fd;
  const int error = errno;
  ::close(fd);
  const Errc code = error == EADDRINUSE ? Errc::port_in_use : Errc::bad_configuration;
  return Error{code, "MLLP listener " + settings::text_of(endpoint) + ": " + std::strerror(error)};
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void prepare(int fd) {
  const int on = 1;
  const int idle_s = 60;
  const int between_s = 10;
  const int count = 3;
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between_s, sizeof between_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace vigie::door
