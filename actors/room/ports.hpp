// What the room's shell exchanges with the rest of a node, as interfaces and values. The
// composition root (nodes/site) ties them to the link, the disk thread and the desks; tests tie
// them to twins.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/core/room/state.hpp"
#include "messages/types/command.hpp"
#include "messages/types/event.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/wire.hpp"

namespace vigie::actors {

/// A client's connection, as the link numbers it.
using Connection = std::uint64_t;

/// A report owed by this node's centre, with all that is needed to build its message (design D14).
struct DeliveryJob {
  ExamId exam;
  std::string exam_number;
  Exam record;  ///< as of `index`
  ReportVersion version;
  std::uint8_t recipient = 0;
  std::string feed;    ///< the recipient: a feed's name
  std::string author;  ///< name of the signer, and his RPPS number
  std::string author_rpps;
  UtcTime signed_at;
  LogIndex index;
};

/// What a batch of applied entries (from, to] brought forth. Immutable, shared by every desk.
struct AppliedBatch {
  LogIndex from, to;
  FedTime at;
  Millis utc_offset;
  std::vector<Event> events;
  /// Deliveries that became this node's, by an entry of this batch.
  std::vector<std::shared_ptr<const DeliveryJob>> owed;
  /// True for the first batch after a start or an installed snapshot: desks begin afresh with
  /// `view`, and `owed` is everything owed.
  bool fresh = false;
  std::vector<Event> view;
  /// Set when the directory changed.
  std::shared_ptr<const Directory> directory;
  /// Counts for gauges, as of `to`.
  room::ExamCounts counts{};
  bool live = true;  ///< false while the log's tail is replayed after a start
};
using AppliedBatchPtr = std::shared_ptr<const AppliedBatch>;

/// Who hears of applied batches: the desks. Called on the room's thread; must only pass it on.
using Publish = std::function<void(const AppliedBatchPtr&)>;

/// Where commands of the node itself enter: from HL7 feeds and from the delivery actor.
class Intake {
 public:
  virtual ~Intake() = default;
  /// Proposes `command` in the name of this node. `done` is called once, on the room's thread,
  /// with the answer: from apply, or Errc::timeout, no_leader, busy, stopping when nothing is known
  /// of it (the command may still be applied: it is idempotent by its own key, so try again).
  /// Any thread.
  virtual void propose(Command command, std::function<void(const Answer&)> done) = 0;
};

}  // namespace vigie::actors
