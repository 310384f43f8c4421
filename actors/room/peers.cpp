// Which peers are listened to: one site, one instance, growing boots, a version and a level that go
// together with ours (design D12).
#include <algorithm>

#include "actors/room/host.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

/// Notes who speaks for `peer`'s site. Anything but ok: the frame is not listened to.
Errc Host::admit_peer(Now now, PeerView& peer, const codec::PeerHeader& header) {
  if (header.federation != federation_hash_) {
    return Errc::wrong_federation;
  }
  if (header.version != protocol_version) return Errc::wrong_version;
  if (header.level < room_.level()) return Errc::level_too_low;  // it could not apply our entries
  const bool known = static_cast<bool>(peer.instance);
  if (known && header.instance != peer.instance) {  // a copy of a data folder, or a second node
    if (!peer.foreign) {
      telemetry::log_error("duplicate_site",
                           {{"peer", header.site}, {"instance", to_hex(header.instance)}});
    }
    peer.foreign = true;
    peer.foreign_heard = now.boot;
    return Errc::duplicate_site;
  }
  if (known && header.boot < peer.boot) return Errc::stale;  // left over from before its restart
  if (peer.foreign && now.boot - peer.foreign_heard >= foreign_shown) {
    peer.foreign = false;
    telemetry::log_info("duplicate_site_gone", {{"peer", header.site}});
  }
  peer.instance = header.instance;
  peer.boot = header.boot;
  peer.level = header.level;
  peer.mode = header.mode;
  peer.last_heard = now.boot;
  return Errc::ok;
}

/// What every member can apply, as far as this node has heard (design D12).
Level Host::common_level() const {
  Level common = level_max;
  for (const auto& [site, peer] : peers_) common = std::min(common, peer.level);
  return common;
}

}  // namespace vigie::actors
