// What applying a batch of entries brought forth, as the desks of a node are told it.
//
// The room's shell makes one per batch; every desk gets the same immutable value. It names no
// connection, no actor and no store.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "messages/types/directory.hpp"
#include "messages/types/event.hpp"
#include "messages/types/ids.hpp"

namespace vigie {

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
  ExamCounts counts{};
  /// False for what this node had in its log before it started: it may have been acted upon.
  bool live = true;
};
using AppliedBatchPtr = std::shared_ptr<const AppliedBatch>;

}  // namespace vigie
