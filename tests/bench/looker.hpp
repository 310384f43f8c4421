// Asks a federation under load, now and then, what it shows: the replies stand in the client's
// history, for the checker to judge. Only the fault rigs look; nothing that is measured does.
#pragma once

#include <cstdint>
#include <string>

#include "nodes/client/client.hpp"

namespace vigie::bench {

/// Of one client, on its thread. At most one question in ten operations and one a second, and one
/// at a time: most wait for the log and must show all that anybody was told.
class Looker {
 public:
  explicit Looker(client::Client& client) : client_(client) {}
  Looker(const Looker&) = delete;
  Looker& operator=(const Looker&) = delete;

  /// An operation about the exam of this order was answered.
  void done(const std::string& order);

 private:
  client::Client& client_;
  int operations_ = 0;
  std::uint64_t looks_ = 0;
  bool waits_ = false;
  BootTime asked_at_;
};

}  // namespace vigie::bench
