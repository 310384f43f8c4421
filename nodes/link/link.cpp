#include "nodes/link/link.hpp"

#include <utility>

#include "nodes/link/link_thread.hpp"

namespace vigie::link {

Result<std::unique_ptr<Link>> Link::start(LinkSettings settings, Handler& handler) {
  VIGIE_ASSERT(settings.allow != nullptr);
  if (public_key_of(settings.keys.secret_key) != settings.keys.public_key) {
    return Error{Errc::bad_configuration, "link: the public key is not that of the secret key"};
  }
  auto thread = std::make_unique<LinkThread>(std::move(settings), handler);
  auto opened = thread->open();
  if (!opened) return opened.error();
  std::unique_ptr<Link> link(new Link(std::move(thread)));
  link->thread_->serve(*link);
  auto shut = link->thread_->test_doors();
  if (!shut) return shut.error();
  return link;
}

Link::Link(std::unique_ptr<LinkThread> thread) : thread_(std::move(thread)) {}
Link::~Link() = default;

void Link::send_clients(std::vector<ToClient>&& frames) {
  thread_->post_clients(std::move(frames));
}

void Link::send_peers(std::vector<ToPeer>&& frames) { thread_->post_peers(std::move(frames)); }

void Link::send_peer(SiteId site, std::string bytes) {
  std::vector<ToPeer> one;
  one.push_back({site, std::move(bytes)});
  thread_->post_peers(std::move(one));
}

void Link::allow(std::shared_ptr<const AllowList> list) { thread_->allow(std::move(list)); }

void Link::set_peers(std::vector<PeerAddress> peers) { thread_->set_peers(std::move(peers)); }

void Link::call(std::function<void()> what) { thread_->call(std::move(what)); }

void Link::wake_at(BootTime due) { thread_->wake_at(due); }

void Link::consumed(std::size_t frames, std::size_t bytes) { thread_->consumed(frames, bytes); }

void Link::stop() { thread_->stop(); }

Stats Link::stats() const { return thread_->stats(); }

std::string Link::client_endpoint() const { return thread_->client_endpoint(); }

std::string Link::peer_endpoint() const { return thread_->peer_endpoint(); }

}  // namespace vigie::link
