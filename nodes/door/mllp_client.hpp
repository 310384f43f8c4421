// One hospital's results address: one connection, one message outstanding, the same bytes until it
// is acknowledged (interfaces §1.4). Runs on the door's loop.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "actors/core/hl7/mllp.hpp"
#include "messages/types/report_sender.hpp"
#include "nodes/door/door_times.hpp"
#include "nodes/door/live_feed.hpp"
#include "nodes/door/loop.hpp"

namespace vigie::door {

class MllpClient {
 public:
  /// Called once with what the hospital said.
  using Done = std::function<void(SendOutcome, std::string)>;

  /// @param feed Has a results address. Outlives the client, as `loop` and `times` do.
  MllpClient(Loop& loop, const DoorTimes& times, const LiveFeed& feed);
  ~MllpClient();
  MllpClient(const MllpClient&) = delete;
  MllpClient& operator=(const MllpClient&) = delete;

  /// Puts a message behind those that wait. @param id Its MSH-10.
  void enqueue(std::string id, std::string bytes, Done done);
  /// Takes a waiting message back (outcome `withdrawn`); one whose answer is awaited stays.
  void withdraw(std::string_view id);
  bool has(std::string_view id) const;
  std::size_t waiting() const { return queue_.size(); }

 private:
  struct Message {
    std::string id;
    std::string bytes;
    Done done;
    int refusals = 0;  ///< answers AR
  };

  void pump();
  void connect();
  void resolve();
  void connect_to(std::uint32_t address);
  void connected(std::uint32_t events);
  void opened();
  void ready(std::uint32_t events);
  void send_front();
  void answered(const std::string& frame);
  void settle(SendOutcome outcome, std::string detail);
  void trouble(std::string_view why);
  void back_off();
  void close();
  Millis next_delay();

  Loop& loop_;
  const DoorTimes& times_;
  const LiveFeed& feed_;
  std::deque<Message> queue_;
  std::string last_id_;       ///< settled before: a second answer to it is ignored
  bool outstanding_ = false;  ///< the front is on its way
  bool resolving_ = false;
  int connecting_fd_ = -1;
  std::unique_ptr<Stream> stream_;
  hl7::MllpReader reader_;
  WatchId watch_ = 0;
  TimerId deadline_ = 0;  ///< for connecting, then for the answer
  TimerId retry_ = 0;
  int troubles_ = 0;  ///< in a row
  std::chrono::steady_clock::time_point trouble_since_;
};

}  // namespace vigie::door
