// Hospitals' connections: who may connect, frames in, answers out in the order of the messages.
//
// Messages that only submit run side by side; any other runs alone, as it reads what those before
// it change. It knows sockets and turns; what a message means is FeedIntake's.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/mllp.hpp"
#include "nodes/door/door_times.hpp"
#include "nodes/door/feed_intake.hpp"
#include "nodes/door/live_feed.hpp"
#include "nodes/door/loop.hpp"

namespace vigie::door {

class MllpServer {
 public:
  /// All outlive the server. @param feeds Those that this centre may listen for.
  MllpServer(Loop& loop, const DoorTimes& times, FeedIntake& intake, std::vector<LiveFeed*> feeds,
             telemetry::DoorMetrics& metrics);
  ~MllpServer();
  MllpServer(const MllpServer&) = delete;
  MllpServer& operator=(const MllpServer&) = delete;

  /// Binds every address; feeds with the same one share it.
  /// @errors Errc::port_in_use, Errc::bad_configuration.
  Result<void> listen();
  /// 0: it does not listen.
  std::uint16_t port_of(std::string_view feed) const;

 private:
  struct Listener {
    settings::Endpoint endpoint;
    int fd = -1;
    WatchId watch = 0;
    std::vector<LiveFeed*> feeds;
  };
  /// A message whose answer is owed.
  struct Turn {
    std::uint64_t number = 0;
    bool alone = false;
    std::optional<Reply> reply;
    TimerId deadline = 0;
  };
  struct Connection {
    std::vector<LiveFeed*> candidates;
    std::unique_ptr<Stream> stream;
    hl7::MllpReader reader;
    WatchId watch = 0;
    TimerId frame_deadline = 0;
    std::deque<std::string> frames;  ///< complete, not begun
    std::optional<Prepared> next;    ///< the first of them, understood, waiting to run alone
    std::deque<Turn> turns;          ///< begun, not answered
    bool ended = false;              ///< the sender has finished; answers may still go
    std::size_t held_bytes() const;
  };
  using ConnectionId = std::uint64_t;

  void accept_all(Listener& listener);
  void admit(Listener& listener, int fd, std::uint32_t source);
  void ready(ConnectionId id, std::uint32_t events);
  bool take_bytes(Connection& connection);
  void relieve();
  void guard_frame(ConnectionId id, Connection& connection, bool finished_some);
  void begin_turns(ConnectionId id);
  void begin(ConnectionId id, Connection& connection, Prepared prepared);
  void replied(ConnectionId id, std::uint64_t turn, Reply reply);
  void answer_in_order(ConnectionId id);
  void settle(ConnectionId id);
  void close(ConnectionId id);
  void close(ConnectionId id, Errc reason);
  bool may_tell();
  Connection* find(ConnectionId id);

  Loop& loop_;
  const DoorTimes& times_;
  FeedIntake& intake_;
  telemetry::DoorMetrics& metrics_;
  std::vector<LiveFeed*> feeds_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
  std::uint64_t next_id_ = 1;
  std::uint64_t told_ = 0;  ///< in this second
};

}  // namespace vigie::door
