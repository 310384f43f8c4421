// How the loop never misses a message: a ZeroMQ descriptor signals only that something changed, so
// a socket is read until it says EAGAIN, again whenever its descriptor fires, and again after each
// send on it (sending takes in what came meanwhile). A `*_ready_` flag says "read before sleeping".
#include "nodes/link/link_thread.hpp"

#include <pthread.h>
#include <csignal>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace vigie::link {
namespace {

constexpr std::size_t frames_per_round = 1024;
constexpr std::size_t client_bytes_per_round = 1024 * 1024;
constexpr std::size_t peer_bytes_per_round = 8 * 1024 * 1024;

/// Order of the fixed descriptors in waits_; the monitors follow.
struct Wait {
  enum : std::size_t { mail, peers, clients, peer_zap, client_zap, fixed };
};

/// Signals are for the main thread.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::int64_t boot_ms() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

}  // namespace

struct LinkThread::Sockets {
  Sockets(const LinkSettings& settings, Stats& stats, Handler& handler,
          ZapHandler::Judge peer_judge, ZapHandler::Judge client_judge)
      : peer_zap(peer_context, false, std::move(peer_judge)),
        client_zap(client_context, true, std::move(client_judge)),
        peer_router(make_router(peer_context, settings, kind_of_peers(settings))),
        client_router(make_router(client_context, settings, kind_of_clients(settings))),
        peers(peer_context, settings, stats, handler) {}

  zmq::context_t peer_context{1};
  zmq::context_t client_context{1};
  ZapHandler peer_zap;
  ZapHandler client_zap;
  zmq::socket_t peer_router;
  zmq::socket_t client_router;
  Peers peers;
};

void LinkThread::Batch::release() {
  for (std::size_t i = 0; i < count; ++i) bodies[i].rebuild();
  count = 0;
}

LinkThread::LinkThread(LinkSettings settings, Handler& handler)
    : settings_(std::move(settings)), handler_(handler), allow_(settings_.allow) {
  batch_.bodies.resize(frames_per_round);
  batch_.connections.resize(frames_per_round);
}

LinkThread::~LinkThread() { stop(); }

void LinkThread::serve(Link& link) {
  auto started = started_.get_future();
  serve_.set_value(&link);
  started.wait();
}

Result<void> LinkThread::open() {
  if (mailbox_.fd() < 0) return Error{Errc::io_error, "link: no descriptor left for an eventfd"};
  std::promise<Result<void>> opened;
  auto result = opened.get_future();
  try {
    thread_ = std::thread([this, &opened] { run(opened); });
  } catch (const std::system_error& error) {
    return Error{Errc::io_error, std::string("link: cannot start its thread: ") + error.what()};
  }
  return result.get();
}

Result<void> LinkThread::test_doors() {
  if (!settings_.self_test) return {};
  try {
    return run_self_test({client_endpoint_, peer_endpoint_}, settings_.keys.public_key, witness_,
                         settings_.self_test_bound);
  } catch (const zmq::error_t& error) {
    return Error{Errc::io_error, std::string("self-test: ") + error.what()};
  }
}

void LinkThread::stop() {
  if (!thread_.joinable()) return;
  VIGIE_ASSERT(!on_link_thread());
  mailbox_.post([](Mail& mail) { mail.stop = true; });
  thread_.join();
}

void LinkThread::post_clients(std::vector<ToClient>&& frames) {
  if (frames.empty()) return;
  if (on_link_thread()) return append(outbox_.clients, std::move(frames));
  mailbox_.post([&](Mail& mail) { append(mail.clients, std::move(frames)); });
}

void LinkThread::post_peers(std::vector<ToPeer>&& frames) {
  if (frames.empty()) return;
  if (on_link_thread()) return append(outbox_.peers, std::move(frames));
  mailbox_.post([&](Mail& mail) { append(mail.peers, std::move(frames)); });
}

void LinkThread::set_peers(std::vector<PeerAddress>&& peers) {
  mailbox_.post([&](Mail& mail) { mail.addresses = std::move(peers); });
}

void LinkThread::call(std::function<void()> what) {
  mailbox_.post([&](Mail& mail) { mail.calls.push_back(std::move(what)); });
}

void LinkThread::wake_at(BootTime due) {
  wake_at_.store(due.value);
  if (!on_link_thread()) mailbox_.poke();
}

void LinkThread::allow(std::shared_ptr<const AllowList> list) {
  VIGIE_ASSERT(list != nullptr);
  std::lock_guard lock(allow_mutex_);
  allow_.swap(list);
}

std::shared_ptr<const AllowList> LinkThread::allowed() const {
  std::lock_guard lock(allow_mutex_);
  return allow_;
}

void LinkThread::consumed(std::size_t frames, std::size_t bytes) {
  const auto frames_before = consumed_frames_.fetch_add(frames);
  const auto bytes_before = consumed_bytes_.fetch_add(bytes);
  // Paid back twice, credit would seem to be out for ever and clients would never be read again.
  VIGIE_ASSERT(frames_before + frames <= handed_frames_.load());
  VIGIE_ASSERT(bytes_before + bytes <= handed_bytes_.load());
  // Pairs with has_credit(): either we see the pause, or it sees these counts before sleeping.
  if (paused_.load() && !above(2)) mailbox_.poke();
}

/// True when more than 1/`part` of the credit is out.
bool LinkThread::above(std::size_t part) const {
  const auto frames = handed_frames_.load() - consumed_frames_.load();
  const auto bytes = handed_bytes_.load() - consumed_bytes_.load();
  return frames > settings_.credit_frames / part || bytes > settings_.credit_bytes / part;
}

bool LinkThread::has_credit() {
  if (!paused_.load()) {
    if (!above(1)) return true;
    stats_.credit_pauses.add();
    paused_.store(true);
  }
  if (above(2)) return false;
  paused_.store(false);
  return true;
}

void LinkThread::run(std::promise<Result<void>>& opened) {
  block_signals();
  pthread_setname_np(pthread_self(), "vigie-link");
  thread_id_.store(std::this_thread::get_id());
  auto made = make_sockets();
  const bool good = static_cast<bool>(made);
  opened.set_value(std::move(made));  // `opened` is gone from here on
  if (good) {
    handler_.on_started(*serve_.get_future().get());
    started_.set_value();
    loop();
  }
  sockets_.reset();
}

Result<void> LinkThread::make_sockets() try {
  const auto judge = [this](auto standing) {
    return [this, standing](const PublicKey& key) {
      const Standing found = standing(*allowed(), key);
      if (found != Standing::allowed) witness_.refused(key);
      return found;
    };
  };
  sockets_ = std::make_unique<Sockets>(
      settings_, stats_, handler_, judge([](const AllowList& list, const PublicKey& key) {
        return list.peer(key) ? Standing::allowed : Standing::unknown;
      }),
      judge([](const AllowList& list, const PublicKey& key) { return list.client(key); }));
  auto peer_endpoint = bind(sockets_->peer_router, settings_.peer_endpoint);
  if (!peer_endpoint) return peer_endpoint.error();
  peer_endpoint_ = *peer_endpoint;
  auto client_endpoint = bind(sockets_->client_router, settings_.client_endpoint);
  if (!client_endpoint) return client_endpoint.error();
  client_endpoint_ = *client_endpoint;
  auto connected = sockets_->peers.set(settings_.peers);
  if (!connected) return connected;
  build_waits();
  return {};
} catch (const zmq::error_t& error) {
  return Error{Errc::io_error, std::string("link: ") + error.what()};
}

void LinkThread::loop() {
  Mail mail, own;
  while (true) {
    // An actor may have sent from another thread before it sent from here: that goes first.
    std::swap(own, outbox_);
    mailbox_.take(mail);
    const bool stop = mail.stop;
    dispatch(mail);
    dispatch(own);
    if (stop) return handler_.on_stopping();
    if (std::exchange(zap_ready_, false)) {
      sockets_->peer_zap.answer(stats_.refused);
      sockets_->client_zap.answer(stats_.refused);
    }
    if (std::exchange(monitors_ready_, false)) told_ |= sockets_->peers.watch();
    if (peers_ready_) read_peers();
    if (clients_ready_ && has_credit()) read_clients();
    if (wake_due()) handler_.on_wake();
    if (std::exchange(told_, false)) handler_.after_batch();
    if (!outbox_.empty()) continue;
    if (!peers_ready_ && !(clients_ready_ && has_credit())) sleep();
  }
}

void LinkThread::dispatch(Mail& mail) {
  if (mail.empty()) return;
  for (const auto& call : mail.calls) call();
  told_ |= !mail.calls.empty();
  if (mail.addresses) {
    // An address that ZeroMQ does not understand leaves its peer down, which everybody sees.
    (void)sockets_->peers.set(*mail.addresses);
    build_waits();
    monitors_ready_ = true;
  }
  for (auto& frame : mail.peers) sockets_->peers.send(std::move(frame));
  if (!mail.clients.empty()) {
    std::vector<ConnectionId> slow;
    for (auto& frame : mail.clients) send(std::move(frame), slow);
    for (const auto connection : slow) handler_.on_client_slow(connection);
    told_ |= !slow.empty();
    clients_ready_ = true;
  }
  mail.clear();
}

void LinkThread::send(ToClient&& frame, std::vector<ConnectionId>& slow) {
  const auto size = frame.bytes.size();
  if (size > settings_.client_frame_bytes) return stats_.dropped.too_large.add();
  const RoutingId to(frame.connection);
  void* const router = sockets_->client_router.handle();
  if (zmq_send(router, to.bytes, sizeof to.bytes, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
    if (zmq_errno() == EHOSTUNREACH) {
      stats_.dropped.client_gone.add();
      told_ = true;
      return handler_.on_client_gone(frame.connection);
    }
    VIGIE_ASSERT(zmq_errno() == EAGAIN || zmq_errno() == EINTR);
    stats_.dropped.client_full.add();
    if (std::ranges::find(slow, frame.connection) == slow.end()) slow.push_back(frame.connection);
    return;
  }
  // The routing id found a queue with room: the body follows it there.
  auto body = to_message(std::move(frame.bytes));
  VIGIE_ASSERT(zmq_msg_send(body.handle(), router, ZMQ_DONTWAIT) >= 0);
  stats_.clients_out.frames.add();
  stats_.clients_out.bytes.add(size);
}

void LinkThread::fill(Batch& batch, zmq::socket_t& router, std::size_t frame_bytes_max,
                      std::size_t bytes_max) {
  batch.count = 0;
  batch.drained = false;
  std::size_t bytes = 0;
  zmq::message_t routing_id;
  for (std::size_t n = 0; n < frames_per_round && bytes < bytes_max; ++n) {
    auto& body = batch.bodies[batch.count];
    const auto got = receive(router, routing_id, body, batch.connections[batch.count]);
    if (got == Got::nothing) {
      batch.drained = true;
      return;
    }
    if (got == Got::malformed) {
      stats_.rejected.malformed.add();
    } else if (body.size() > frame_bytes_max) {
      stats_.rejected.too_large.add();
    } else {
      bytes += body.size();
      ++batch.count;
    }
  }
}

std::optional<PublicKey> LinkThread::known_key(zmq::message_t& body) {
  const auto key = sender_key(body);
  if (!key) {
    stats_.rejected.no_key.add();
    witness_.came_in(nullptr);
  }
  return key;
}

void LinkThread::read_peers() {
  fill(batch_, sockets_->peer_router, settings_.peer_frame_bytes, peer_bytes_per_round);
  peers_ready_ = !batch_.drained;
  const auto list = allowed();  // after the receive: see Link::allow()
  peer_frames_.clear();
  for (std::size_t i = 0; i < batch_.count; ++i) {
    auto& body = batch_.bodies[i];
    const auto key = known_key(body);
    if (!key) continue;
    const auto site = list->peer(*key);
    if (!site) {
      stats_.rejected.unknown_key.add();
      witness_.came_in(&*key);
      continue;
    }
    stats_.peers_in.bytes.add(body.size());
    peer_frames_.push_back({site, body.to_string_view()});
  }
  if (!peer_frames_.empty()) {
    stats_.peers_in.frames.add(peer_frames_.size());
    handler_.on_peers(peer_frames_);
    told_ = true;
  }
  batch_.release();
}

void LinkThread::read_clients() {
  fill(batch_, sockets_->client_router,
       std::max(settings_.client_frame_bytes, settings_.administrator_frame_bytes),
       client_bytes_per_round);
  clients_ready_ = !batch_.drained;
  const auto list = allowed();
  client_frames_.clear();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < batch_.count; ++i) {
    auto& body = batch_.bodies[i];
    const auto key = known_key(body);
    if (!key) continue;
    const auto standing = list->client(*key);
    if (standing != Standing::allowed) {
      const bool revoked = standing == Standing::revoked;
      (revoked ? stats_.rejected.revoked_key : stats_.rejected.unknown_key).add();
      witness_.came_in(&*key);
      continue;
    }
    if (body.size() > settings_.client_frame_bytes && !list->is_administrator(*key)) {
      stats_.rejected.too_large.add();
      continue;
    }
    bytes += body.size();
    client_frames_.push_back({batch_.connections[i], *key, body.to_string_view()});
  }
  if (!client_frames_.empty()) {
    stats_.clients_in.frames.add(client_frames_.size());
    stats_.clients_in.bytes.add(bytes);
    handed_frames_.fetch_add(client_frames_.size());
    handed_bytes_.fetch_add(bytes);
    handler_.on_clients(client_frames_);
    told_ = true;
  }
  batch_.release();
}

void LinkThread::build_waits() {
  const auto wait_on = [](int fd) { return pollfd{fd, POLLIN, 0}; };
  waits_.assign(Wait::fixed, pollfd{});
  waits_[Wait::mail] = wait_on(mailbox_.fd());
  waits_[Wait::peers] = wait_on(descriptor(sockets_->peer_router));
  waits_[Wait::clients] = wait_on(descriptor(sockets_->client_router));
  waits_[Wait::peer_zap] = wait_on(descriptor(sockets_->peer_zap.socket()));
  waits_[Wait::client_zap] = wait_on(descriptor(sockets_->client_zap.socket()));
  for (const int fd : sockets_->peers.descriptors()) waits_.push_back(wait_on(fd));
}

bool LinkThread::wake_due() {
  std::int64_t due = wake_at_.load();
  if (due == 0 || boot_ms() < due || !wake_at_.compare_exchange_strong(due, 0)) return false;
  told_ = true;
  return true;
}

void LinkThread::sleep() {
  if (!mailbox_.prepare_sleep()) return;
  // Without credit the clients' descriptor, which stays readable, would keep us awake. It is not
  // read while we are paused, hence clients_ready_ once we are not.
  const bool paused = paused_.load();
  waits_[Wait::clients].events = paused ? 0 : POLLIN;
  const std::int64_t due = wake_at_.load();
  const std::int64_t wait = due == 0 ? -1 : std::clamp<std::int64_t>(due - boot_ms(), 0, 60'000);
  const int ready = ::poll(waits_.data(), waits_.size(), static_cast<int>(wait));
  VIGIE_ASSERT(ready >= 0 || errno == EINTR);
  stats_.wakeups.add();
  const auto fired = [&](std::size_t at) { return ready > 0 && waits_[at].revents != 0; };
  mailbox_.awake(fired(Wait::mail));
  peers_ready_ |= fired(Wait::peers);
  clients_ready_ |= paused || fired(Wait::clients);
  zap_ready_ |= fired(Wait::peer_zap) || fired(Wait::client_zap);
  for (std::size_t at = Wait::fixed; at < waits_.size(); ++at) monitors_ready_ |= fired(at);
}

}  // namespace vigie::link
