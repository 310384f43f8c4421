// What the room's shell asks for, carried to those who do it: link, disk, desks, delivery, door,
// guard file.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/delivery/delivery_actor.hpp"
#include "actors/desk/desk_actor.hpp"
#include "actors/room/disk.hpp"
#include "actors/room/host.hpp"
#include "config/settings/settings.hpp"
#include "nodes/door/mllp_door.hpp"
#include "nodes/link/link.hpp"
#include "nodes/site/commit_times.hpp"
#include "nodes/site/disk_guard.hpp"
#include "nodes/site/guard_file.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::site {

class SitePorts final : public actors::Ports {
 public:
  SitePorts(const settings::SiteSettings& settings, actors::DeskHandle& desks,
            telemetry::NodeMetrics& metrics);

  // Before the room starts.
  void connect(actors::Disk& disk) { disk_ = &disk; }
  /// A quarantined node's guard file stays as it is.
  void connect(GuardKeeper& keeper) { keeper_ = &keeper; }
  void connect(door::MllpDoor& door, actors::DeliveryHandle& delivery);
  /// Before the room starts; then the room's thread alone looks.
  DiskGuard& guard() { return guard_; }

  /// Who may connect is said by one thread only, the room's: nobody else has a Host. So what the
  /// link hears last is what holds.
  void connect(link::Link& link, const actors::Host& host);
  void disconnect_link() { link_.store(nullptr); }

  void send_peers(std::vector<std::pair<SiteId, std::string>> frames) override;
  void send_clients(std::vector<std::pair<Connection, NodeMessage>> messages) override;
  void write(actors::DiskJob job) override;
  void publish(AppliedBatchPtr batch) override;
  void subscribe(Connection connection, Subscribe wish, EstablishmentId hospital) override;
  void directory_changed(std::shared_ptr<const Directory> directory) override;
  void members_changed() override;
  bool intake_open() override { return guard_.intake_open(); }
  void second_passed() override;
  [[noreturn]] void leave(int code) override { std::_Exit(code); }

 private:
  bool concerns_delivery(const AppliedBatch& batch) const;

  const settings::SiteSettings& settings_;
  actors::DeskHandle& desks_;
  telemetry::NodeMetrics& metrics_;
  CommitTimes commit_times_;
  DiskGuard guard_;
  bool notices_ = false;  ///< some feed wants to hear of protocols or preliminary reports
  door::MllpDoor* door_ = nullptr;
  actors::DeliveryHandle* delivery_ = nullptr;
  actors::Disk* disk_ = nullptr;
  GuardKeeper* keeper_ = nullptr;
  const actors::Host* host_ = nullptr;  ///< once the link is there; its thread only
  std::atomic<link::Link*> link_{nullptr};
};

}  // namespace vigie::site
