// From a frame to what is answered: which feed it belongs to, what it says, what the room makes of
// it, and the acknowledgement. Runs on the door's loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "actors/core/hl7/message.hpp"
#include "messages/types/directory.hpp"
#include "nodes/door/live_feed.hpp"
#include "nodes/door/order_run.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::door {

/// A frame, understood as far as it can be without the room.
struct Prepared {
  hl7::Header header;
  LiveFeed* feed = nullptr;
  /// Errc: no feed can take it now.
  std::variant<std::vector<hl7::Order>, hl7::Refusal, Errc> content;
  /// It must run alone, after what came before it: it reads what that changes.
  bool alone = false;
  std::chrono::steady_clock::time_point arrived;
};

/// What goes back over the connection. close: it cannot be taken now, so nothing and close.
struct Reply {
  std::vector<std::string> messages;
  bool close = false;
};

class FeedIntake {
 public:
  using Tell = std::function<void(LiveFeed&, const Notice&)>;

  /// @param tell Sends a hospital what stands beside the acknowledgement.
  FeedIntake(OrderRun::Ports ports, std::string federation, telemetry::DoorMetrics& metrics,
             Tell tell);

  void set_directory(std::shared_ptr<const Directory> directory) {
    directory_ = std::move(directory);
  }

  /// Among feeds that share a listener and a source, the one whose identifiers the message fits.
  /// @param candidates Not empty.
  Prepared prepare(const std::vector<LiveFeed*>& candidates, const std::string& frame);
  /// @param done Called once, at once or later, unless the loop ends before.
  void run(Prepared prepared, std::function<void(Reply)> done);

 private:
  Prepared understand(LiveFeed& feed, const std::string& frame) const;
  Reply reply_to(const Prepared& prepared, const Verdict& verdict);
  std::string next_id();

  OrderRun::Ports ports_;
  std::string federation_;
  telemetry::DoorMetrics& metrics_;
  Tell tell_;
  std::shared_ptr<const Directory> directory_;
  std::uint64_t answers_ = 0;
};

}  // namespace vigie::door
