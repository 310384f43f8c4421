#include "nodes/door/mllp_server.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ops/telemetry/log.hpp"

namespace vigie::door {
namespace {

constexpr std::size_t turns_max = 32;                   // of one connection, side by side
constexpr std::size_t frames_waiting_max = 32;          // then we read no further
constexpr std::size_t unsent_bytes_max = 1024 * 1024;   // likewise
constexpr std::size_t skipped_bytes_max = 1024 * 1024;  // outside frames: it does not speak MLLP
constexpr Millis accept_pause = 1_s;                    // when out of descriptors
constexpr std::uint64_t told_max = 20;                  // lines a second about who was sent away

bool is_allowed(const LiveFeed& feed, std::uint32_t source) {
  const auto& networks = feed.settings.allow_from;
  if (networks.empty()) return (source >> 24) == 127;
  return std::any_of(networks.begin(), networks.end(),
                     [&](const settings::Network& n) { return n.contains(source); });
}

}  // namespace

MllpServer::MllpServer(Loop& loop, const DoorTimes& times, FeedIntake& intake,
                       std::vector<LiveFeed*> feeds, telemetry::DoorMetrics& metrics)
    : loop_(loop), times_(times), intake_(intake), metrics_(metrics), feeds_(std::move(feeds)) {}

MllpServer::~MllpServer() {
  while (!connections_.empty()) close(connections_.begin()->first);
  for (const auto& listener : listeners_) {
    loop_.unwatch(listener->watch);
    ::close(listener->fd);
  }
}

Result<void> MllpServer::listen() {
  for (LiveFeed* feed : feeds_) {
    const auto shared = std::find_if(listeners_.begin(), listeners_.end(), [&](const auto& l) {
      return l->endpoint == feed->settings.listen;
    });
    if (shared != listeners_.end()) {
      if ((*shared)->feeds.front()->settings.transport != feed->settings.transport) {
        return Error{Errc::bad_configuration,
                     "feed " + feed->settings.name + ": another transport on the same address"};
      }
      (*shared)->feeds.push_back(feed);
      continue;
    }
    const auto fd = listen_on(feed->settings.listen);
    if (!fd) return fd.error();
    auto listener = std::make_unique<Listener>();
    listener->endpoint = feed->settings.listen;
    listener->fd = *fd;
    listener->feeds = {feed};
    Listener* raw = listener.get();
    listener->watch = loop_.watch(*fd, EPOLLIN, [this, raw](std::uint32_t) { accept_all(*raw); });
    listeners_.push_back(std::move(listener));
  }
  return {};
}

std::uint16_t MllpServer::port_of(std::string_view feed) const {
  for (const auto& listener : listeners_) {
    for (const LiveFeed* one : listener->feeds) {
      if (one->settings.name == feed) return door::port_of(listener->fd);
    }
  }
  return 0;
}

void MllpServer::accept_all(Listener& listener) {
  while (true) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const int fd = ::accept4(listener.fd, reinterpret_cast<sockaddr*>(&from), &size,
                             SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      admit(listener, fd, ntohl(from.sin_addr.s_addr));
    } else if (errno == EMFILE || errno == ENFILE) {
      telemetry::log_error("mllp_accept_failed", {{"why", "out of descriptors"}});
      loop_.change(listener.watch, 0);
      loop_.after(accept_pause, [this, &listener] { loop_.change(listener.watch, EPOLLIN); });
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

void MllpServer::admit(Listener& listener, int fd, std::uint32_t source) {
  std::vector<LiveFeed*> candidates;
  std::copy_if(listener.feeds.begin(), listener.feeds.end(), std::back_inserter(candidates),
               [&](const LiveFeed* feed) { return is_allowed(*feed, source); });
  const auto alike =
      std::count_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
        return !candidates.empty() && entry.second->candidates.front() == candidates.front();
      });
  const auto places = static_cast<std::ptrdiff_t>(candidates.size()) * times_.connections_per_feed;
  if (candidates.empty() || alike >= places) {
    const Errc reason = candidates.empty() ? Errc::unauthorised : Errc::limit_reached;
    metrics_.rejected_mllp.of(errc_name(reason)).add();
    if (may_tell()) {
      telemetry::log_warning("mllp_connection_refused",
                             {{"listen", settings::text_of(listener.endpoint)}, {"code", reason}});
    }
    ::close(fd);
    return;
  }
  prepare(fd);
  const ConnectionId id = next_id_++;
  auto connection = std::make_unique<Connection>();
  const auto& tls = candidates.front()->tls;
  const bool encrypted = candidates.front()->settings.transport == settings::Transport::tls;
  connection->candidates = std::move(candidates);
  connection->stream = std::make_unique<Stream>(fd, End::server, encrypted ? tls : nullptr);
  connection->watch = loop_.watch(fd, connection->stream->wanted(),
                                  [this, id](std::uint32_t events) { ready(id, events); });
  if (encrypted) {  // who shows no certificate in time is not a hospital
    connection->frame_deadline = loop_.after(times_.frame_max, [this, id] {
      if (Connection* c = find(id)) {
        c->frame_deadline = 0;
        if (!c->stream->is_ready()) return close(id, Errc::timeout);
        guard_frame(id, *c, false);
      }
    });
  }
  connections_[id] = std::move(connection);
  metrics_.connections.of("mllp").set(connections_.size());
}

MllpServer::Connection* MllpServer::find(ConnectionId id) {
  const auto at = connections_.find(id);
  return at == connections_.end() ? nullptr : at->second.get();
}

void MllpServer::ready(ConnectionId id, std::uint32_t events) {
  Connection& connection = *find(id);
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return close(id);
  if (!connection.stream->flush()) return close(id);
  if ((events & EPOLLIN) != 0 || !connection.stream->is_ready()) {
    const std::size_t before = connection.frames.size();
    if (!take_bytes(connection)) {
      return close(id, connection.stream->is_ready() ? Errc::too_large : Errc::unauthorised);
    }
    guard_frame(id, connection, connection.frames.size() > before);
  }
  begin_turns(id);
  relieve();
}

std::size_t MllpServer::Connection::held_bytes() const {
  std::size_t bytes = reader.held_bytes();
  for (const std::string& frame : frames) bytes += frame.size();
  return bytes;
}

/// Keeps what all senders together have us hold within bounds: who holds most goes, and sends
/// again.
void MllpServer::relieve() {
  while (true) {
    std::size_t all = 0, most = 0;
    ConnectionId heaviest = 0;
    for (const auto& [id, connection] : connections_) {
      const std::size_t held = connection->held_bytes();
      all += held;
      if (held > most) heaviest = id;
      most = std::max(most, held);
    }
    if (all <= times_.held_bytes_max) return;
    close(heaviest, Errc::limit_reached);
  }
}

/// @return false: what it sends is no MLLP, or too large, or no certificate was shown.
bool MllpServer::take_bytes(Connection& connection) {
  std::string bytes;
  if (!connection.stream->read(bytes)) {
    if (!connection.stream->is_ready()) return false;
    connection.ended = true;
  }
  std::vector<std::string> frames;
  const bool sound = static_cast<bool>(connection.reader.feed(bytes, frames));
  for (std::string& frame : frames) connection.frames.push_back(std::move(frame));
  return sound && connection.reader.skipped_bytes() <= skipped_bytes_max;
}

/// Runs the clock of an unfinished frame; there is none for a connection that is just idle.
void MllpServer::guard_frame(ConnectionId id, Connection& connection, bool finished_some) {
  if (!connection.stream->is_ready()) return;
  const bool unfinished = connection.reader.in_frame();
  if (!unfinished || finished_some) {
    loop_.cancel(std::exchange(connection.frame_deadline, 0));
  }
  if (!unfinished || connection.frame_deadline != 0) return;
  connection.frame_deadline = loop_.after(times_.frame_max, [this, id] {
    if (Connection* c = find(id)) {
      c->frame_deadline = 0;
      close(id, Errc::malformed);
    }
  });
}

void MllpServer::begin_turns(ConnectionId id) {
  while (Connection* connection = find(id)) {
    if (!connection->next) {
      if (connection->frames.empty() || connection->turns.size() >= turns_max) break;
      connection->next = intake_.prepare(connection->candidates, connection->frames.front());
      connection->frames.pop_front();
    }
    const bool busy = !connection->turns.empty();
    if (busy && (connection->next->alone || connection->turns.back().alone)) break;
    Prepared prepared = std::move(*connection->next);
    connection->next.reset();
    begin(id, *connection, std::move(prepared));
  }
  settle(id);
}

void MllpServer::begin(ConnectionId id, Connection& connection, Prepared prepared) {
  const std::uint64_t number = next_id_++;
  Turn& turn = connection.turns.emplace_back();
  turn.number = number;
  turn.alone = prepared.alone;
  turn.deadline = loop_.after(times_.answer_max, [this, id] { close(id, Errc::timeout); });
  // May answer at once, and close: `connection` is not to be used after it.
  intake_.run(std::move(prepared),
              [this, id, number](Reply reply) { replied(id, number, std::move(reply)); });
}

void MllpServer::replied(ConnectionId id, std::uint64_t number, Reply reply) {
  Connection* connection = find(id);
  if (connection == nullptr) return;  // it was closed: the hospital asks again
  const auto turn = std::find_if(connection->turns.begin(), connection->turns.end(),
                                 [&](const Turn& t) { return t.number == number; });
  turn->reply = std::move(reply);
  loop_.cancel(std::exchange(turn->deadline, 0));
  answer_in_order(id);
  // Outside of whatever loop began this turn.
  if (find(id) != nullptr) {
    loop_.inbox()->post([this, id] {
      if (find(id) != nullptr) begin_turns(id);
    });
  }
}

void MllpServer::answer_in_order(ConnectionId id) {
  Connection& connection = *find(id);
  std::string out;
  bool last = false;
  while (!connection.turns.empty() && connection.turns.front().reply && !last) {
    const Reply& reply = *connection.turns.front().reply;
    for (const std::string& message : reply.messages) out += hl7::frame(message);
    last = reply.close;
    connection.turns.pop_front();
  }
  const bool written = out.empty() || connection.stream->write(out);
  if (last || !written) close(id);
}

/// Says what to wait for next, and closes what is over.
void MllpServer::settle(ConnectionId id) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  const bool idle = connection->turns.empty() && connection->frames.empty() && !connection->next;
  if (connection->ended && idle && connection->stream->unsent() == 0) return close(id);
  const bool reading = !connection->ended && connection->frames.size() < frames_waiting_max &&
                       connection->stream->unsent() < unsent_bytes_max;
  if (!reading) loop_.cancel(std::exchange(connection->frame_deadline, 0));
  loop_.change(connection->watch, connection->stream->wanted(reading));
}

void MllpServer::close(ConnectionId id, Errc reason) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  metrics_.rejected_mllp.of(errc_name(reason)).add();
  if (may_tell()) {
    telemetry::log_warning("mllp_connection_closed",
                           {{"feed", connection->candidates.front()->settings.name},
                            {"code", reason},
                            {"unanswered", connection->turns.size()}});
  }
  close(id);
}

/// Who comes back at once, and again, must not fill the log: some lines a second, then their
/// number.
bool MllpServer::may_tell() {
  if (told_ == 0) {
    loop_.after(1_s, [this] {
      const std::uint64_t untold = told_ - std::min(told_, told_max);
      told_ = 0;
      if (untold > 0) telemetry::log_warning("mllp_refusals_not_told", {{"count", untold}});
    });
  }
  return ++told_ <= told_max;
}

void MllpServer::close(ConnectionId id) {
  const auto at = connections_.find(id);
  if (at == connections_.end()) return;
  loop_.unwatch(at->second->watch);
  loop_.cancel(at->second->frame_deadline);
  for (const Turn& turn : at->second->turns) loop_.cancel(turn.deadline);
  connections_.erase(at);
  metrics_.connections.of("mllp").set(connections_.size());
}

}  // namespace vigie::door
