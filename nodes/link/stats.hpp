// What the link counts. Written by the link thread alone, read by any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace vigie::link {

/// A count with one writer. Copying it reads it.
class Counter {
 public:
  Counter() = default;
  Counter(const Counter& o) : n_(o.value()) {}
  Counter& operator=(const Counter& o) {
    n_.store(o.value(), std::memory_order_relaxed);
    return *this;
  }
  std::uint64_t value() const { return n_.load(std::memory_order_relaxed); }
  /// Owning thread only.
  void add(std::uint64_t n = 1) { n_.store(value() + n, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> n_{0};
};

/// Frames and their bytes, one direction, one kind of partner. Only what was handed over.
struct Flow {
  Counter frames;
  Counter bytes;
};

/// Since start. Every frame that came in or was to go out is in exactly one count.
struct Stats {
  Flow clients_in;   ///< handed to Handler::on_clients
  Flow clients_out;  ///< given to ZeroMQ
  Flow peers_in;     ///< handed to Handler::on_peers
  Flow peers_out;    ///< given to ZeroMQ

  struct Rejected {       ///< came in, handed to nobody
    Counter no_key;       ///< without an authenticated key: a defect of the set-up, never seen
    Counter unknown_key;  ///< key no longer (or never) allowed
    Counter revoked_key;
    Counter malformed;  ///< other than one frame, empty, or a routing id of the client's own making
    Counter too_large;
  } rejected;

  struct Refused {  ///< connections refused in the handshake (ZAP)
    Counter unknown_key;
    Counter revoked_key;
    Counter malformed;
  } refused;

  struct Dropped {         ///< was to go out, did not
    Counter client_gone;   ///< connection closed: Handler::on_client_gone
    Counter client_full;   ///< the client reads too slowly: Handler::on_client_slow
    Counter peer_down;     ///< not connected
    Counter peer_full;     ///< connected, its queue full
    Counter peer_unknown;  ///< no such peer
    Counter too_large;     ///< above the limit of its kind
  } dropped;

  Counter peers_up;       ///< connections to peers made
  Counter peers_lost;     ///< and lost
  Counter credit_pauses;  ///< times that clients were not read for lack of credit
  Counter wakeups;        ///< returns from the blocking wait
};

}  // namespace vigie::link
