// One life of a centre's process: what nodes/site puts together, with twins for the link, the disk
// thread and the hospitals. It knows nothing of crashes: its centre ends it where it stands.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "actors/delivery/delivery_actor.hpp"
#include "actors/desk/desk_actor.hpp"
#include "actors/room/room_actor.hpp"
#include "nodes/site/recovery.hpp"
#include "tests/sim/actor_system.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/receivers.hpp"

namespace vigie::sim {

/// What a process needs of its centre.
class Ground {
 public:
  virtual ~Ground() = default;
  virtual actors::Now clocks() const = 0;
  virtual void arm(BootTime due) = 0;
  virtual void answer_report_at(Time when, std::uint64_t number) = 0;
};

struct Birth {
  SiteId site;
  std::uint64_t life = 0;
  std::uint64_t seed = 0;
  InstanceId instance;  ///< of its data folder, should it be a new one
  std::string machine_boot;
  Directory founding;
  int sites = 3;
};

class Process final : public actors::Ports {
 public:
  /// Opens the journal and recovers, as nodes/site does.
  /// @errors As storage::open_memory() and site::recover(): it cannot serve. May throw Ended.
  static Result<std::unique_ptr<Process>> start(const Birth& birth, Ground& ground, World& world,
                                                Network& network, Platter& platter,
                                                const Profile& profile, Chance& chance,
                                                Watch& watch);
  ~Process() override;

  // What arrives. Acted upon by run().
  void peer_frame(SiteId from, std::string bytes, const Promise& promise);
  void peer_link(SiteId other, bool up) { add(actors::PeerChange{other, up}); }
  void client_frame(Connection connection, const PublicKey& key, const std::string& bytes);
  void client_gone(Connection connection);
  void time_passed() { is_time_ = true; }
  void propose(Command command, std::function<void(const Answer&)> done);
  void answer_report(std::uint64_t number) { receivers_.answer(number); }

  /// Lets the actors act until all is done; one message less than `steps_left` if it is not 0.
  /// @return false: the process has ended meanwhile.
  bool run(std::uint64_t& steps_left);
  /// When a delayed message of its actors is due.
  std::optional<BootTime> next_timeout() const { return actors_.next_timeout(); }

  /// The disk: begin() when it has work and is not busy, finish() when the time has passed.
  bool disk_waits() const { return disk_.has_work() && !disk_.is_busy(); }
  Time disk_begin() { return disk_.begin(); }
  void disk_finish();

  const actors::Host* host() const { return host_; }
  int code() const { return code_; }  ///< with which it has ended; 0: it runs
  const storage::Journal& journal() { return disk_.journal(); }
  const Promise& promise() const { return promise_; }
  Receivers& receivers() { return receivers_; }

  // Ports.
  void send_peers(std::vector<std::pair<SiteId, std::string>> frames) override;
  void send_clients(std::vector<std::pair<Connection, NodeMessage>> messages) override;
  void write(actors::DiskJob job) override { disk_.post(std::move(job)); }
  void publish(AppliedBatchPtr batch) override;
  void subscribe(Connection connection, Subscribe wish, EstablishmentId hospital) override;
  void directory_changed(std::shared_ptr<const Directory>) override {}
  bool intake_open() override { return platter_.intake_open(); }
  void second_passed() override;
  void members_changed() override;
  [[noreturn]] void leave(int code) override;

 private:
  Process(const Birth& birth, Ground& ground, World& world, Network& network, Platter& platter,
          std::unique_ptr<storage::Journal> journal, const Profile& profile, Chance& chance,
          Watch& watch);
  void begin(const Birth& birth, const Profile& profile, site::RecoveredNode recovered,
             std::string quarantine);
  void add(actors::RoomInput input);
  void close_round();
  template <class Handle>
  void begin_anew(Handle& handle);

  const SiteId site_;
  Ground& ground_;
  World& world_;
  Network& network_;
  Platter& platter_;
  Chance& chance_;
  Watch& watch_;
  ActorSystem actors_;
  Disk disk_;
  Receivers receivers_;
  actors::DeskHandle desks_;
  actors::RoomHandle room_;
  actors::DeliveryHandle delivery_;
  const actors::Host* host_ = nullptr;
  int code_ = 0;
  Promise promise_;
  actors::RoomInputs batch_;
  std::vector<actors::ClientInput> clients_;
  std::unordered_set<Connection> greeted_;
  bool is_time_ = false;
};

}  // namespace vigie::sim
