#include "nodes/link/allow_list.hpp"

#include <algorithm>
#include <utility>

namespace vigie::link {

AllowList::AllowList(std::vector<PublicKey> clients, std::vector<Peer> peers,
                     std::vector<PublicKey> revoked, std::vector<PublicKey> administrators)
    : clients_(std::move(clients)),
      revoked_(std::move(revoked)),
      administrators_(std::move(administrators)),
      peers_(std::move(peers)) {
  std::ranges::sort(administrators_);
  std::ranges::sort(clients_);
  std::ranges::sort(revoked_);
  std::ranges::sort(peers_, {}, &Peer::key);
}

bool AllowList::is_revoked(const PublicKey& key) const {
  return std::ranges::binary_search(revoked_, key);
}

Standing AllowList::client(const PublicKey& key) const {
  if (is_revoked(key)) return Standing::revoked;
  return std::ranges::binary_search(clients_, key) ? Standing::allowed : Standing::unknown;
}

bool AllowList::is_administrator(const PublicKey& key) const {
  return client(key) == Standing::allowed && std::ranges::binary_search(administrators_, key);
}

SiteId AllowList::peer(const PublicKey& key) const {
  const auto at = std::ranges::lower_bound(peers_, key, {}, &Peer::key);
  if (at == peers_.end() || at->key != key || is_revoked(key)) return {};
  return at->site;
}

}  // namespace vigie::link
