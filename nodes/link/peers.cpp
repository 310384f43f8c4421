#include "nodes/link/peers.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace vigie::link {
namespace {
constexpr int watched_events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED;
}

Peers::Peer::Peer(zmq::context_t& context, const LinkSettings& settings, const PeerAddress& to,
                  std::uint64_t number)
    : address(to),
      dealer(make_dealer(context, settings, kind_of_peers(settings), to)),
      monitor(context, dealer, "peer-" + std::to_string(number), watched_events) {}

Result<void> Peers::set(const std::vector<PeerAddress>& addresses) {
  for (auto at = peers_.begin(); at != peers_.end();) {
    if (std::ranges::find(addresses, at->second->address) != addresses.end()) {
      ++at;
      continue;
    }
    const auto leaving = std::move(at->second);
    at = peers_.erase(at);
    lose(*leaving);
  }
  Result<void> result;
  for (const auto& address : addresses) {
    if (peers_.contains(address.site)) continue;
    auto connected = connect(address);
    if (!connected) result = connected;
  }
  return result;
}

Result<void> Peers::connect(const PeerAddress& address) {
  auto peer = std::make_unique<Peer>(context_, settings_, address, ++made_);
  if (zmq_connect(peer->dealer.handle(), address.endpoint.c_str()) != 0) {
    return Error{Errc::bad_configuration, "peer " + std::to_string(address.site.value) + ": " +
                                              address.endpoint + ": " + zmq_strerror(zmq_errno())};
  }
  peers_.emplace(address.site, std::move(peer));
  return {};
}

void Peers::send(ToPeer&& frame) {
  const auto at = peers_.find(frame.site);
  if (at == peers_.end()) return stats_.dropped.peer_unknown.add();
  const auto size = frame.bytes.size();
  if (size > settings_.peer_frame_bytes) return stats_.dropped.too_large.add();
  auto& peer = *at->second;
  auto message = to_message(std::move(frame.bytes));
  if (zmq_msg_send(message.handle(), peer.dealer.handle(), ZMQ_DONTWAIT) >= 0) {
    stats_.peers_out.frames.add();
    stats_.peers_out.bytes.add(size);
    return;
  }
  VIGIE_ASSERT(zmq_errno() == EAGAIN || zmq_errno() == EINTR);
  (peer.up ? stats_.dropped.peer_full : stats_.dropped.peer_down).add();
}

bool Peers::watch() {
  bool told = false;
  for (auto& [site, peer] : peers_) {
    while (const auto event = peer->monitor.next()) told |= take_event(*peer, *event);
  }
  return told;
}

bool Peers::take_event(Peer& peer, int event) {
  const bool was_up = peer.up;
  if (event == ZMQ_EVENT_DISCONNECTED) {
    lose(peer);
  } else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED && !was_up) {
    peer.up = true;
    stats_.peers_up.add();
    handler_.on_peer_up(peer.address.site);
  }
  return was_up != peer.up;
}

void Peers::lose(Peer& peer) {
  if (!std::exchange(peer.up, false)) return;
  stats_.peers_lost.add();
  handler_.on_peer_lost(peer.address.site);
}

std::vector<int> Peers::descriptors() {
  std::vector<int> all;
  for (auto& [site, peer] : peers_) all.push_back(descriptor(peer->monitor.socket()));
  return all;
}

}  // namespace vigie::link
