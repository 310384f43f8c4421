#include "nodes/site/neighbours.hpp"

#include <algorithm>

namespace vigie::site {

std::vector<link::PeerAddress> founding_peers(const settings::SiteSettings& s) {
  std::vector<link::PeerAddress> peers;
  for (const settings::Peer& p : s.peers) {
    peers.push_back({p.id, "tcp://" + settings::text_of(p.address), p.key});
  }
  return peers;
}

std::vector<link::PeerAddress> peers_of(const actors::Host& host, const settings::SiteSettings& s) {
  const auto listed = founding_peers(s);
  std::vector<link::PeerAddress> peers;
  for (const auto& [id, view] : host.peers()) {
    const ::vigie::Site* site = host.directory().site(id);
    const auto own = std::ranges::find(listed, id, &link::PeerAddress::site);
    if (site && !site->address.empty()) {
      peers.push_back({id, "tcp://" + site->address, site->node_key});
    } else if (own != listed.end()) {
      peers.push_back(*own);
    }
  }
  return peers;
}

std::shared_ptr<const link::AllowList> allow_list(const std::vector<link::PeerAddress>& nodes,
                                                  const Directory& directory) {
  std::vector<PublicKey> clients, revoked, administrators;
  for (const Key& key : directory.keys) {
    (key.revoked ? revoked : clients).push_back(key.key);
    const Person* owner = directory.person(key.person);
    if (owner && owner->roles.contains(Role::administrator)) administrators.push_back(key.key);
  }
  std::vector<link::AllowList::Peer> peers;
  for (const link::PeerAddress& p : nodes) peers.push_back({p.key, p.site});
  return std::make_shared<const link::AllowList>(std::move(clients), std::move(peers),
                                                 std::move(revoked), std::move(administrators));
}

}  // namespace vigie::site
