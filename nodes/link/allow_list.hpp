// Which keys may speak to this node, as one immutable value. Whoever follows the directory builds a
// new list and hands it to the link (Link::allow); nothing is ever changed in place.
#pragma once

#include <vector>

#include "messages/types/ids.hpp"

namespace vigie::link {

/// What a list says about a client's key.
enum class Standing { unknown, allowed, revoked };

class AllowList {
 public:
  /// The key with which a centre's node speaks to its peers.
  struct Peer {
    PublicKey key{};
    SiteId site;
  };

  /// Nobody is allowed.
  AllowList() = default;
  /// A key in `revoked` is revoked, wherever else it stands.
  /// @param administrators Those of `clients` whose frames may be long.
  AllowList(std::vector<PublicKey> clients, std::vector<Peer> peers,
            std::vector<PublicKey> revoked = {}, std::vector<PublicKey> administrators = {});

  /// Standing of `key` as a client. Cost: O(log n).
  Standing client(const PublicKey& key) const;
  /// May a frame of this client be as long as a directory? Cost: O(log n).
  bool is_administrator(const PublicKey& key) const;
  /// The site that `key` speaks for as a peer; 0 if none, or revoked. Cost: O(log n).
  SiteId peer(const PublicKey& key) const;

 private:
  bool is_revoked(const PublicKey& key) const;

  std::vector<PublicKey> clients_;
  std::vector<PublicKey> revoked_;
  std::vector<PublicKey> administrators_;
  std::vector<Peer> peers_;
};

}  // namespace vigie::link
