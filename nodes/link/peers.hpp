// The connections to the other nodes: one DEALER each, with a monitor that tells when it is up and
// when it is lost. Internal to nodes/link, owned by the link thread.
#pragma once

#include <map>
#include <memory>
#include <vector>
#include <zmq.hpp>

#include "nodes/link/link.hpp"
#include "nodes/link/sockets.hpp"

namespace vigie::link {

class Peers {
 public:
  Peers(zmq::context_t& context, const LinkSettings& settings, Stats& stats, Handler& handler)
      : context_(context), settings_(settings), stats_(stats), handler_(handler) {}

  /// Closes what is no longer in `addresses` or has changed, connects what is new.
  /// @errors Errc::bad_configuration: an endpoint ZeroMQ does not understand; the others are done.
  Result<void> set(const std::vector<PeerAddress>& addresses);

  /// Sends or drops, never waits.
  void send(ToPeer&& frame);

  /// Reads every monitor's events and tells the handler. True if it was told anything.
  bool watch();

  /// One descriptor of each monitor, to wait on. Changes only in set().
  std::vector<int> descriptors();

 private:
  struct Peer {
    Peer(zmq::context_t& context, const LinkSettings& settings, const PeerAddress& to,
         std::uint64_t number);
    PeerAddress address;
    zmq::socket_t dealer;
    Monitor monitor;  ///< after `dealer`: destroyed first
    bool up = false;
  };

  Result<void> connect(const PeerAddress& address);
  bool take_event(Peer& peer, int event);
  void lose(Peer& peer);

  zmq::context_t& context_;
  const LinkSettings& settings_;
  Stats& stats_;
  Handler& handler_;
  std::uint64_t made_ = 0;  ///< names monitors: an inproc name may not be free again at once
  std::map<SiteId, std::unique_ptr<Peer>> peers_;
};

}  // namespace vigie::link
