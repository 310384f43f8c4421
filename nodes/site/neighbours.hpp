// Whom this node's link speaks with: the other sites, by the directory or by the site's own file,
// and the keys that may connect.
#pragma once

#include <memory>
#include <vector>

#include "actors/room/host.hpp"
#include "config/settings/settings.hpp"
#include "nodes/link/link.hpp"

namespace vigie::site {

/// The sites that the site's own file names.
std::vector<link::PeerAddress> founding_peers(const settings::SiteSettings& s);

/// Where the sites that `host` speaks with are reached: the directory's word comes before the
/// site's own file, so that no running node needs another file when a site comes.
std::vector<link::PeerAddress> peers_of(const actors::Host& host, const settings::SiteSettings& s);

/// The keys of `nodes` and of whoever stands in `directory`.
std::shared_ptr<const link::AllowList> allow_list(const std::vector<link::PeerAddress>& nodes,
                                                  const Directory& directory);

}  // namespace vigie::site
