// The wires: between centres, and between clients and centres. Each ordered pair of places has its
// own delay, jitter, loss and cuts.
//
// Two manners. Like TCP (every profile but chaos): what is sent on a connection arrives in order or
// not at all; loss is lateness; what is sent into a cut waits until the cut heals or the connection
// is given up. Like nothing that is sold (chaos): frames are lost, doubled, overtaken and years
// late, one at a time, and a cut in one direction goes unnoticed by the link.
//
// It tells nodes what nodes/link would: a peer is lost at once when its process died, else when it
// was silent for a heartbeat and its timeout; it is up again some reconnection later.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "messages/types/ids.hpp"
#include "messages/types/wire.hpp"
#include "tests/sim/chance.hpp"
#include "tests/sim/profile.hpp"
#include "tests/sim/world.hpp"

namespace vigie::sim {

/// What the sender's disk held when a frame left it (invariant I4).
struct Promise {
  Term term;
  SiteId vote;
  LogIndex last;
};

/// A centre, as the wires see it.
class NodeSide {
 public:
  virtual ~NodeSide() = default;
  virtual bool is_running() const = 0;  ///< alive, paused or not
  virtual bool is_paused() const = 0;
  virtual std::uint64_t life() const = 0;  ///< of its process; grows
  virtual void peer_frame(SiteId from, std::string bytes, const Promise& promise) = 0;
  virtual void peer_link(SiteId other, bool up) = 0;
  virtual void client_frame(Connection connection, const PublicKey& key, std::string bytes) = 0;
  virtual void client_gone(Connection connection) = 0;
};

/// A client, as the wires see it.
class ClientSide {
 public:
  virtual ~ClientSide() = default;
  virtual void node_frame(Connection connection, const std::string& bytes) = 0;
  virtual void broken(Connection connection) = 0;  ///< refused, or lost
};

class Network final : public Target {
 public:
  /// @param spare Places behind the `sites`.
  Network(World& world, const Profile& profile, int sites, Chance chance, int spare = 0);
  void connect(SiteId site, NodeSide& node) { nodes_.at(site.value) = &node; }

  // From nodes.
  void send_peer(SiteId from, SiteId to, std::string bytes, const Promise& promise);
  void send_client(SiteId from, Connection connection, std::string bytes);
  void process_started(SiteId site);
  void process_ended(SiteId site, std::uint64_t life);
  /// It has other members than before: it hears again who of them is there.
  void tell_again(SiteId site);
  void pause_changed(SiteId site) { refresh(site); }

  // From clients, who sit at `place`: near that centre, and behind the same wires.
  Connection open(ClientSide& client, SiteId place, SiteId to, const PublicKey& key);
  void send_node(Connection connection, std::string bytes);
  void close(Connection connection);
  /// A wire that dies: what the node says comes `late` late, and soon nothing more comes from the
  /// client. Neither end is told.
  void spoil(Connection connection, Time late);

  // From the nemesis. Cuts add up: each must be healed as often as it was made.
  void cut(SiteId from, SiteId to, bool on);
  void clog(SiteId from, SiteId to, Time extra) { path(from, to).clog = extra; }
  void lose(std::uint32_t of_a_million) { extra_loss_ = of_a_million; }
  /// Frames between centres of which `which` says so are lost; empty: none.
  using Which = std::function<bool(SiteId from, SiteId to, const std::string& bytes)>;
  void lose_if(Which which) { lost_if_ = std::move(which); }
  /// The end of faults: nothing is lost, doubled or overtaken any more.
  void calm() { calm_ = true, extra_loss_ = 0; }
  bool is_open(SiteId from, SiteId to) const { return path(from, to).cuts == 0; }

  std::uint64_t frames() const { return frames_; }
  std::uint64_t lost() const { return lost_; }
  std::uint64_t doubled() const { return doubled_; }
  std::uint64_t overtaken() const { return overtaken_; }

  void on_event(std::uint32_t kind, std::uint64_t value) override;

 private:
  enum Kind : std::uint32_t { parcel_due, link_check, lost_notice, broken_notice, gone_notice };
  enum class Way : std::uint8_t { peer, to_node, to_client };
  struct Parcel {
    Way way = Way::peer;
    SiteId from, to;
    Connection connection = 0;
    std::uint64_t generation = 0;  ///< of the link
    std::string bytes;
    Promise promise;
  };
  struct Path {
    Time delay = 0, clog = 0, last = 0;
    int cuts = 0;
    std::deque<std::uint32_t> stuck;
  };
  struct Link {
    bool up = false, wanted = false;
    std::uint32_t epoch = 0;
    std::uint64_t generation = 0;
  };
  struct Open {
    ClientSide* client = nullptr;  ///< null: it has left
    SiteId place, to;
    PublicKey key{};
    Time ready = 0, last_up = 0, last_down = 0;
    std::uint64_t life = 0;      ///< of the process that knows it; 0: none does yet
    Time mute_from = INT64_MAX;  ///< what the client sends from then on is lost
    Time late = 0;               ///< what it is sent takes so much longer
  };

  Path& path(SiteId from, SiteId to) {
    return paths_[from.value * static_cast<std::size_t>(sites_ + 1) + to.value];
  }
  const Path& path(SiteId from, SiteId to) const {
    return paths_[from.value * static_cast<std::size_t>(sites_ + 1) + to.value];
  }
  Link& link(SiteId a, SiteId b) {
    return links_[std::min(a.value, b.value) * static_cast<std::size_t>(sites_ + 1) +
                  std::max(a.value, b.value)];
  }
  bool& told(SiteId node, SiteId peer) {
    return told_[node.value * static_cast<std::size_t>(sites_ + 1) + peer.value];
  }
  NodeSide& node(SiteId site) const { return *nodes_[site.value]; }
  std::uint32_t pack(Parcel parcel);
  void dispatch(Parcel parcel, Time not_before, Time& last);
  Time travel(const Path& way);
  void arrive(std::uint32_t slot);
  void arrive(Parcel& parcel);
  void refresh(SiteId site);
  void refresh(SiteId a, SiteId b);
  void tell(SiteId to, SiteId about, bool up);

  World& world_;
  const Profile profile_;
  const int sites_;
  Chance chance_;
  std::vector<NodeSide*> nodes_;
  std::vector<Path> paths_;
  std::vector<Link> links_;
  std::vector<Parcel> parcels_;
  std::vector<std::uint32_t> free_;
  std::map<Connection, Open> connections_;
  Connection last_connection_ = 0;
  std::uint32_t extra_loss_ = 0;
  bool calm_ = false;
  Which lost_if_;
  std::uint64_t frames_ = 0, lost_ = 0, doubled_ = 0, overtaken_ = 0;
  std::deque<bool> told_;
};

}  // namespace vigie::sim
