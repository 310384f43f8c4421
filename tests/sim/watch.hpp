// Who looks at a simulated world without taking part in it: the invariants. The parts of the world
// tell it what happens; it never answers.
#pragma once

#include <string_view>
#include <vector>

#include "actors/core/replica/config.hpp"
#include "actors/room/host.hpp"
#include "messages/codec/peer_codec.hpp"
#include "messages/types/applied.hpp"
#include "messages/types/report_sender.hpp"
#include "messages/types/wire.hpp"
#include "nodes/client/session.hpp"
#include "tests/sim/network.hpp"

namespace vigie::sim {

/// One write of a disk, as far as it concerns the log.
struct WriteMark {
  std::optional<HardState> hard;
  std::vector<LogEntry> entries;
  std::optional<SnapshotMeta> installed;
};

class Watch {
 public:
  virtual ~Watch() = default;
  // Nodes.
  virtual void started(SiteId site, const replica::Start& found) = 0;
  virtual void synced(SiteId site, const WriteMark& write) = 0;
  virtual void applied(SiteId site, const actors::Host& host, const AppliedBatch& batch) = 0;
  /// After the room acted.
  virtual void acted(SiteId site, const actors::Host& host) = 0;
  virtual void peer_frame(SiteId from, SiteId to, const codec::PeerFrame& frame,
                          const Promise& promise) = 0;
  virtual void ended(SiteId site) = 0;
  /// Once a second of its own.
  virtual void second_passed(SiteId, const actors::Host&, BootTime) {}
  /// Its data folder is a new, empty one.
  virtual void data_lost(SiteId) {}
  // Hospitals.
  /// A report that the node owed when it started was not sent to its hospital.
  virtual void not_sent(SiteId, ExamId) {}
  virtual void delivered(SiteId door, const DeliveryJob& job) = 0;
};

}  // namespace vigie::sim
