#include "tests/sim/network.hpp"

#include <algorithm>

namespace vigie::sim {
namespace {

// As nodes/link is set: peers 200 + 600 ms, clients 2000 + 6000 ms.
constexpr Time peer_silence = 800 * ms;
constexpr Time client_silence = 8 * second;
/// Longer than a client lets pass between two renewals of its lease.
constexpr Time mute_after = 12 * second;

std::uint64_t two(SiteId a, SiteId b) { return (std::uint64_t{a.value} << 16) | b.value; }

}  // namespace

Network::Network(World& world, const Profile& profile, int founding, Chance chance, int spare)
    : world_(world),
      profile_(profile),
      sites_(founding + spare),
      chance_(chance),
      nodes_(static_cast<std::size_t>(founding + spare + 1)) {
  const int sites = sites_;
  world.join(*this);
  const auto squared = static_cast<std::size_t>((sites + 1) * (sites + 1));
  paths_.resize(squared);
  links_.resize(squared);
  told_.resize(squared);
  const auto far = static_cast<std::uint16_t>(profile.overseas_delay > 0 ? founding : 0);
  for (std::uint16_t a = 1; a <= sites; ++a) {
    for (std::uint16_t b = 1; b <= sites; ++b) {
      const bool overseas = (a == far) != (b == far);
      path({a}, {b}).delay = a == b ? 150 * us : overseas ? profile.overseas_delay : profile.delay;
    }
  }
}

// Parcels.

std::uint32_t Network::pack(Parcel parcel) {
  if (free_.empty()) {
    parcels_.push_back(std::move(parcel));
    return static_cast<std::uint32_t>(parcels_.size() - 1);
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  parcels_[slot] = std::move(parcel);
  return slot;
}

Time Network::travel(const Path& way) {
  return way.delay + way.clog +
         static_cast<Time>(chance_.below(static_cast<std::uint64_t>(profile_.jitter) + 1));
}

/// @param last Of the connection: what was sent before arrives before (TCP).
void Network::dispatch(Parcel parcel, Time not_before, Time& last) {
  ++frames_;
  Path& way = path(parcel.from, parcel.to);
  const Time start = std::max(world_.now(), not_before);
  const std::uint32_t loss = extra_loss_ + (calm_ ? 0 : profile_.loss);
  const bool hit = loss > 0 && chance_.below(1'000'000) < loss;
  if (profile_.tcp) {
    if (way.cuts > 0) return way.stuck.push_back(pack(std::move(parcel)));
    Time when = start + travel(way);
    if (hit) ++lost_, when += 200 * ms + 2 * way.delay;  // sent again by TCP
    when = std::max(when, last + 1);
    last = when;
    return world_.at(when, *this, Kind::parcel_due, pack(std::move(parcel)));
  }
  if (hit || way.cuts > 0) return void(++lost_);
  Time when = start + travel(way);
  if (!calm_ && chance_.below(1'000'000) < profile_.duplicated) {
    ++doubled_;
    const Time later = when + chance_.around(chance_.percent(10) ? 5 * second : 50 * ms);
    world_.at(later, *this, Kind::parcel_due, pack(parcel));
  }
  if (!calm_ && chance_.below(1'000'000) < profile_.reordered) {
    ++overtaken_;
    when += chance_.around(chance_.percent(5) ? 3 * second : 60 * ms);
  } else {
    when = last = std::max(when, last + 1);
  }
  world_.at(when, *this, Kind::parcel_due, pack(std::move(parcel)));
}

void Network::arrive(std::uint32_t slot) {
  Parcel parcel = std::move(parcels_[slot]);
  free_.push_back(slot);
  world_.hash_bytes(parcel.bytes);
  arrive(parcel);
}

void Network::arrive(Parcel& p) {
  if (p.way == Way::peer) {
    const bool stale = profile_.tcp && p.generation != link(p.from, p.to).generation;
    if (!stale && node(p.to).is_running()) {
      node(p.to).peer_frame(p.from, std::move(p.bytes), p.promise);
    }
    return;
  }
  const auto at = connections_.find(p.connection);
  if (at == connections_.end()) return;
  Open& open = at->second;
  if (p.way == Way::to_client) {
    if (open.client) open.client->node_frame(p.connection, p.bytes);
    return;
  }
  NodeSide& server = node(p.to);
  const bool fresh = open.life == 0 && server.is_running();
  if (fresh) open.life = server.life();
  if (!server.is_running() || open.life != server.life()) {  // nobody there: refused
    if (is_open(p.to, p.from)) {
      world_.at(world_.now() + path(p.to, p.from).delay, *this, broken_notice, p.connection);
    }
    return;
  }
  server.client_frame(p.connection, open.key, std::move(p.bytes));
}

// Between nodes.

void Network::send_peer(SiteId from, SiteId to, std::string bytes, const Promise& promise) {
  const Link& between = link(from, to);
  if (!between.up) return;
  if (lost_if_ && lost_if_(from, to, bytes)) return void(++lost_);
  dispatch({Way::peer, from, to, 0, between.generation, std::move(bytes), promise}, 0,
           path(from, to).last);
}

void Network::tell(SiteId to, SiteId about, bool up) {
  if (!node(to).is_running()) return;
  bool& known = told(to, about);
  if (known && up) node(to).peer_link(about, false);
  if (known != up || up) node(to).peer_link(about, up);
  known = up;
}

void Network::refresh(SiteId site) {
  for (std::uint16_t other = 1; other <= sites_; ++other) {
    if (other != site.value) refresh(site, {other});
  }
}

void Network::refresh(SiteId a, SiteId b) {
  Link& l = link(a, b);
  const bool run =
      node(a).is_running() && node(b).is_running() && !node(a).is_paused() && !node(b).is_paused();
  const bool there = is_open(a, b), back = is_open(b, a);
  const bool wanted = run && (profile_.tcp ? there && back : there || back);
  if (wanted == l.wanted) return;
  l.wanted = wanted;
  ++l.epoch;
  const Time after =
      wanted ? 2 * path(a, b).delay + chance_.between(20 * ms, 600 * ms) : peer_silence;
  world_.at(world_.now() + after, *this, link_check, (std::uint64_t{l.epoch} << 32) | two(a, b));
}

void Network::tell_again(SiteId site) {
  for (std::uint16_t i = 1; i <= sites_; ++i) {
    if (i != site.value && link(site, {i}).up) tell(site, {i}, true);
  }
}

void Network::process_started(SiteId site) {
  for (std::uint16_t other = 1; other <= sites_; ++other) told(site, {other}) = false;
  refresh(site);
}

/// The kernel says so to whoever was connected; where it cannot be heard, silence does.
void Network::process_ended(SiteId site, std::uint64_t life) {
  for (std::uint16_t i = 1; i <= sites_; ++i) {
    const SiteId other{i};
    if (other == site) continue;
    Link& l = link(site, other);
    if (l.up) {
      l.up = false;
      ++l.generation;
      const Time after = is_open(site, other) ? path(site, other).delay : peer_silence;
      world_.at(world_.now() + after, *this, lost_notice, two(other, site));
    }
    refresh(site, other);
  }
  for (auto& [number, open] : connections_) {
    if (open.to != site || open.life != life || !open.client || !is_open(site, open.place))
      continue;
    world_.at(world_.now() + path(site, open.place).delay, *this, broken_notice, number);
  }
}

// Between clients and nodes.

Connection Network::open(ClientSide& client, SiteId place, SiteId to, const PublicKey& key) {
  Open open;
  open.client = &client;
  open.place = place;
  open.to = to;
  open.key = key;
  open.ready = world_.now() + 2 * (path(place, to).delay + path(to, place).delay);
  connections_.emplace(++last_connection_, open);
  return last_connection_;
}

void Network::send_node(Connection connection, std::string bytes) {
  const auto at = connections_.find(connection);
  if (at == connections_.end()) return;
  Open& open = at->second;
  if (world_.now() >= open.mute_from) return;
  dispatch({Way::to_node, open.place, open.to, connection, 0, std::move(bytes), {}}, open.ready,
           open.last_up);
}

void Network::send_client(SiteId from, Connection connection, std::string bytes) {
  const auto at = connections_.find(connection);
  if (at == connections_.end() || at->second.to != from) return;
  Open& open = at->second;
  dispatch({Way::to_client, from, open.place, connection, 0, std::move(bytes), {}},
           world_.now() + open.late, open.last_down);
}

void Network::spoil(Connection connection, Time late) {
  const auto at = connections_.find(connection);
  if (at == connections_.end()) return;
  at->second.mute_from = world_.now() + mute_after;
  at->second.late = late;
}

void Network::close(Connection connection) {
  const auto at = connections_.find(connection);
  if (at == connections_.end()) return;
  Open& open = at->second;
  open.client = nullptr;
  const Time after = is_open(open.place, open.to) ? std::max(open.last_up - world_.now(), Time{0}) +
                                                        path(open.place, open.to).delay
                                                  : client_silence;
  world_.at(world_.now() + after, *this, gone_notice, connection);
}

// Cuts.

void Network::cut(SiteId from, SiteId to, bool on) {
  Path& way = path(from, to);
  way.cuts += on ? 1 : -1;
  if (way.cuts == 0) {
    Time when = world_.now() + way.delay;
    for (const std::uint32_t slot : way.stuck) world_.at(++when, *this, Kind::parcel_due, slot);
    way.last = std::max(way.last, when);
    way.stuck.clear();
  }
  if (from != to) refresh(from, to);
}

void Network::on_event(std::uint32_t kind, std::uint64_t value) {
  const SiteId a{static_cast<std::uint16_t>((value >> 16) & 0xffff)};
  const SiteId b{static_cast<std::uint16_t>(value & 0xffff)};
  switch (kind) {
    case Kind::parcel_due:
      return arrive(static_cast<std::uint32_t>(value));
    case Kind::link_check: {
      Link& l = link(a, b);
      if (l.epoch != value >> 32 || l.up == l.wanted) return;
      l.up = l.wanted;
      ++l.generation;
      world_.note(l.up ? "link up" : "link lost", a.value, b.value);
      tell(a, b, l.up);
      tell(b, a, l.up);
      return;
    }
    case Kind::lost_notice:
      if (!link(a, b).up && told(a, b)) tell(a, b, false);
      return;
    case Kind::broken_notice: {
      const auto at = connections_.find(value);
      if (at == connections_.end() || !at->second.client) return;
      ClientSide* client = at->second.client;
      connections_.erase(at);
      return client->broken(value);
    }
    case Kind::gone_notice: {
      const auto at = connections_.find(value);
      if (at == connections_.end()) return;
      const Open open = at->second;
      connections_.erase(at);
      NodeSide& server = node(open.to);
      if (server.is_running() && open.life == server.life()) server.client_gone(value);
      return;
    }
    default:
      return;
  }
}

}  // namespace vigie::sim
