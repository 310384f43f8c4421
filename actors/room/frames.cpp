// Frames for peers: what is said to one site between two flushes goes in one, or in as few as hold
// it.
#include "actors/room/host.hpp"
#include "messages/types/failpoint.hpp"

namespace vigie::actors {

codec::PeerFrame& Host::outgoing(SiteId site) { return outgoing_[site]; }

/// `frame` is ready to go to `site`; another one begins.
void Host::close_frame(SiteId site, codec::PeerFrame& frame) {
  const Member* self = replica::find_member(replica_.members(), settings_.self);
  frame.header = {federation_hash_,
                  settings_.instance,
                  settings_.boot,
                  is_quarantined() ? NodeMode::quarantined : NodeMode::connected,
                  protocol_version,
                  level_max,
                  settings_.self,
                  settings_.run,
                  held_,
                  self ? self->generation : std::uint16_t{0}};
  frames_.emplace_back(site, codec::encode_peer(frame));
  frame = {};
}

void Host::add_to_frame(SiteId site, std::size_t bytes) {
  std::size_t& sum = outgoing_bytes_[site];
  if (sum + bytes + codec::peer_fixed_bytes > limits::peer_frame_bytes && sum > 0) {
    close_frame(site, outgoing_[site]);
    sum = 0;
  }
  sum += bytes;
}

void Host::say(std::vector<replica::Message>& messages) {
  for (replica::Message& m : messages) {
    const SiteId to = m.to;
    const auto peer = peers_.find(to);
    // It would read again what it lost, and after its next start nobody could tell.
    if (peer != peers_.end() && peer->second.forgot) continue;
    add_to_frame(to, codec::peer_bytes(m));
    outgoing(to).raft.push_back(std::move(m));
  }
  messages.clear();
}

void Host::flush_peers(Now) {
  for (auto& [site, frame] : outgoing_) {
    if (outgoing_bytes_[site] == 0) continue;
    close_frame(site, frame);
    outgoing_bytes_[site] = 0;
  }
  if (!frames_.empty()) ports_.send_peers(std::move(frames_));
  failpoint(Failpoint::promises_sent);
  frames_.clear();
}

}  // namespace vigie::actors
