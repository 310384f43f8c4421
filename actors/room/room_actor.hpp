// The room's CAF actor: one mailbox in front of Host. It gathers what has arrived before it lets
// the host act, so that a batch at the door is a batch in the log, on the disk and to the peers.
#pragma once

#include <caf/fwd.hpp>
#include <cstdlib>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "actors/room/host.hpp"

namespace vigie::actors {

// Inputs of the room actor. Each message carries a vector of them.
struct ClientInputs {
  std::vector<ClientInput> inputs;
};
struct ClientGone {
  Connection connection = 0;
};
struct PeerInput {
  SiteId from;
  codec::PeerFrame frame;
};
struct PeerChange {
  SiteId site;
  bool up = false;
};
struct LocalCommand {
  Command command;
  std::function<void(const Answer&)> done;
};
struct TimePassed {};  ///< behind the other inputs: they are drained before time (design D8)
struct Ask {           ///< runs on the room's thread
  std::function<void(Host&, Now)> ask;
};
using RoomInput = std::variant<ClientInputs, ClientGone, PeerInput, PeerChange, LocalCommand,
                               DiskDone, TimePassed, Ask>;
using RoomInputs = std::shared_ptr<std::vector<RoomInput>>;

/// The clocks of this machine.
Now read_clocks();

/// What lies around the actor. A simulator brings its own clocks, and its own end.
struct Surroundings {
  std::function<Now()> clocks = read_clocks;
  /// The actor threw: ends the process. @param code sysexits.h. If it returns, the actor has ended.
  std::function<void(int code)> leave = [](int code) { std::_Exit(code); };
};

/// The room actor, for those who only send to it. Copyable; any thread.
class RoomHandle : public Intake {
 public:
  RoomHandle();
  ~RoomHandle() override;
  RoomHandle(const RoomHandle&) = delete;
  RoomHandle& operator=(const RoomHandle&) = delete;

  /// Called on the actor's thread: TimePassed is to be posted at `due`, and at no other time.
  using Arm = std::function<void(BootTime due)>;

  /// Spawns the actor in `system`. `make` is called on the actor's thread, first thing.
  void start(caf::actor_system& system, std::function<std::unique_ptr<Host>()> make, Arm arm,
             Surroundings around = {});
  void post(RoomInputs inputs);
  template <class Input>
  void post_one(Input input) {
    auto inputs = std::make_shared<std::vector<RoomInput>>();
    inputs->emplace_back(std::move(input));
    post(std::move(inputs));
  }
  void propose(Command command, std::function<void(const Answer&)> done) override;
  /// Answers who waits, and ends the actor; returns when it has ended.
  void stop();
  /// Ends the actor as its process' end would: nobody is answered, nothing is waited for. Of rigs.
  void kill();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vigie::actors
