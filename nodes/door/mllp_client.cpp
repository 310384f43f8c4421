#include "nodes/door/mllp_client.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include "actors/core/hl7/ack.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::door {
namespace {

constexpr std::size_t answer_bytes_max = 1024 * 1024;

/// IPv4, host byte order; 0: not found. May take seconds: not on the loop's thread.
std::uint32_t resolve_name(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0 || found == nullptr) return 0;
  const auto* address = reinterpret_cast<const sockaddr_in*>(found->ai_addr);
  const std::uint32_t out = ntohl(address->sin_addr.s_addr);
  ::freeaddrinfo(found);
  return out;
}

}  // namespace

MllpClient::MllpClient(Loop& loop, const DoorTimes& times, const LiveFeed& feed)
    : loop_(loop), times_(times), feed_(feed), reader_(answer_bytes_max) {}

MllpClient::~MllpClient() {
  close();
  loop_.cancel(retry_);
}

void MllpClient::enqueue(std::string id, std::string bytes, Done done) {
  queue_.push_back({std::move(id), std::move(bytes), std::move(done), 0});
  pump();
}

bool MllpClient::has(std::string_view id) const {
  return std::any_of(queue_.begin(), queue_.end(), [&](const Message& m) { return m.id == id; });
}

void MllpClient::withdraw(std::string_view id) {
  const auto at =
      std::find_if(queue_.begin(), queue_.end(), [&](const Message& m) { return m.id == id; });
  if (at == queue_.end() || (at == queue_.begin() && outstanding_)) return;
  const Done done = std::move(at->done);
  queue_.erase(at);
  done(SendOutcome::withdrawn, {});
}

void MllpClient::pump() {
  if (queue_.empty() || outstanding_ || retry_ != 0) return;
  if (stream_) return send_front();
  if (connecting_fd_ < 0 && !resolving_) connect();
}

void MllpClient::connect() {
  const std::string& host = feed_.settings.results->endpoint.host;
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return connect_to(ntohl(address.s_addr));
  if (host == "localhost") return connect_to(INADDR_LOOPBACK);
  resolve();
}

void MllpClient::resolve() {
  resolving_ = true;
  // The resolver blocks; the thread may outlive the door, so it holds nothing but the inbox, which
  // drops what comes too late.
  std::thread([inbox = loop_.inbox(), host = feed_.settings.results->endpoint.host, this] {
    const std::uint32_t address = resolve_name(host);
    inbox->post([this, address] {
      resolving_ = false;
      if (address == 0) return trouble("name not found");
      connect_to(address);
    });
  }).detach();
}

void MllpClient::connect_to(std::uint32_t address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(feed_.settings.results->endpoint.port);
  to.sin_addr.s_addr = htonl(address);
  connecting_fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (connecting_fd_ < 0) return trouble("no socket");
  prepare(connecting_fd_);
  const int outcome = ::connect(connecting_fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (outcome != 0 && errno != EINPROGRESS) return trouble("cannot connect");
  deadline_ = loop_.after(times_.ack_max, [this] {
    deadline_ = 0;
    trouble("no connection in time");
  });
  watch_ = loop_.watch(connecting_fd_, EPOLLOUT, [this](std::uint32_t e) { connected(e); });
}

void MllpClient::connected(std::uint32_t) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(connecting_fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return trouble("cannot connect");
  opened();
}

void MllpClient::opened() {
  loop_.unwatch(std::exchange(watch_, 0));
  loop_.cancel(std::exchange(deadline_, 0));
  const settings::ResultsAddress& results = *feed_.settings.results;
  stream_ = std::make_unique<Stream>(std::exchange(connecting_fd_, -1), End::client,
                                     results.tls ? feed_.tls : nullptr, results.endpoint.host);
  reader_ = hl7::MllpReader(answer_bytes_max);
  watch_ = loop_.watch(stream_->fd(), stream_->wanted(), [this](std::uint32_t e) { ready(e); });
  pump();
}

void MllpClient::send_front() {
  outstanding_ = true;
  deadline_ = loop_.after(times_.ack_max, [this] {
    deadline_ = 0;
    trouble("no answer in time");
  });
  if (!stream_->write(hl7::frame(queue_.front().bytes))) return trouble("connection lost");
  loop_.change(watch_, stream_->wanted());
}

void MllpClient::ready(std::uint32_t) {
  std::string bytes;
  const bool open = stream_->read(bytes);
  std::vector<std::string> frames;
  const bool sound = static_cast<bool>(reader_.feed(bytes, frames));
  for (const std::string& frame : frames) {
    if (stream_ && outstanding_) answered(frame);
  }
  if (!stream_) return;
  if (!open || !sound || !stream_->flush()) {
    if (outstanding_) return trouble("connection lost");
    return close();  // between two messages they may
  }
  loop_.change(watch_, stream_->wanted());
}

void MllpClient::answered(const std::string& frame) {
  const Message& message = queue_.front();
  const hl7::Feed unknown;
  const hl7::Feed& feed = feed_.feed ? *feed_.feed : unknown;
  hl7::AckReading ack = hl7::parse_ack(frame, message.id, feed);
  std::string detail = ack.code + (ack.text.empty() ? "" : " " + ack.text);
  switch (ack.meaning) {
    case hl7::AckClass::delivered:
      return settle(SendOutcome::delivered, std::move(detail));
    case hl7::AckClass::failed:
      return settle(SendOutcome::failed, std::move(detail));
    case hl7::AckClass::waiting:
      return;  // commit first; the application's answer follows
    case hl7::AckClass::retry_later:
      if (++queue_.front().refusals >= times_.refusals_max) {
        return settle(SendOutcome::failed, std::move(detail));
      }
      loop_.cancel(std::exchange(deadline_, 0));
      outstanding_ = false;
      return back_off();
    case hl7::AckClass::mismatch:
      if (!last_id_.empty() && ack.control_id == last_id_) return;
      return trouble("answer to another message");
  }
}

void MllpClient::settle(SendOutcome outcome, std::string detail) {
  loop_.cancel(std::exchange(deadline_, 0));
  outstanding_ = false;
  troubles_ = 0;
  Message message = std::move(queue_.front());
  queue_.pop_front();
  last_id_ = message.id;
  if (detail.size() > limits::name_bytes) {
    detail = std::string(hl7::truncate(detail, limits::name_bytes));
  }
  telemetry::log_info(outcome == SendOutcome::delivered ? "hospital_acked" : "hospital_refused",
                      {{"feed", feed_.settings.name}, {"message", message.id}});
  message.done(outcome, std::move(detail));
  pump();
}

void MllpClient::trouble(std::string_view why) {
  close();
  if (queue_.empty()) return;
  if (troubles_ == 0) {
    telemetry::log_warning(
        "hospital_unreachable",
        {{"feed", feed_.settings.name}, {"why", why}, {"waiting", queue_.size()}});
  }
  back_off();
}

void MllpClient::back_off() {
  loop_.cancel(retry_);
  retry_ = loop_.after(next_delay(), [this] {
    retry_ = 0;
    pump();
  });
}

Millis MllpClient::next_delay() {
  const auto now = std::chrono::steady_clock::now();
  if (troubles_ == 0) trouble_since_ = now;
  const bool early = now - trouble_since_ < std::chrono::milliseconds(times_.trouble_first.value);
  const Millis ceiling = early ? times_.backoff_first_max : times_.backoff_max;
  const Millis wanted = times_.backoff_min * (std::int64_t{1} << std::min(troubles_, 20));
  ++troubles_;
  return std::min(wanted, ceiling);
}

void MllpClient::close() {
  loop_.unwatch(std::exchange(watch_, 0));
  loop_.cancel(std::exchange(deadline_, 0));
  if (connecting_fd_ >= 0) ::close(std::exchange(connecting_fd_, -1));
  stream_.reset();
  outstanding_ = false;
}

}  // namespace vigie::door
