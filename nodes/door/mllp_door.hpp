// The hospital side of a node: HL7 v2 over MLLP, in and out, on one thread of its own.
//
//   hospital -> MllpServer -> orders -> Intake (the room)      answered once it is committed
//   delivery actor -> ReportSender -> MllpClient -> hospital   until it is acknowledged
//
// It knows the feeds of the settings, the directory as last told, and two ports into the room. It
// decides nothing about an exam.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings/settings.hpp"
#include "messages/types/exam_lookup.hpp"
#include "messages/types/intake.hpp"
#include "messages/types/report_sender.hpp"
#include "messages/types/result.hpp"
#include "nodes/door/door_times.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::door {

struct DoorSettings {
  SiteId self;
  std::string site;  ///< its name, as feeds' `doors` write it
  std::string federation;
  settings::FederationMode mode = settings::FederationMode::production;
  std::vector<settings::FeedSettings> feeds;
  DoorTimes times;
};
/// The part of a site's settings that the door needs.
DoorSettings door_settings(const settings::SiteSettings& site);

class MllpDoor : public ReportSender {
 public:
  /// `intake`, `lookup` and `metrics` must outlive it.
  MllpDoor(DoorSettings settings, Intake& intake, ExamLookup& lookup,
           telemetry::DoorMetrics& metrics);
  ~MllpDoor() override;
  MllpDoor(const MllpDoor&) = delete;
  MllpDoor& operator=(const MllpDoor&) = delete;

  /// Binds every listener of feeds whose `doors` name this site, and starts the thread. Until the
  /// first directory arrives nothing is taken: connections are closed at their first message.
  /// @errors Errc::port_in_use, Errc::bad_configuration (an address or a certificate).
  Result<void> start();
  /// Closes everything and ends the thread. Nobody is called back afterwards.
  void stop();
  /// Feeds are mapped anew. Any thread.
  void directory_changed(std::shared_ptr<const Directory> directory);
  /// Brings the gauges of silent feeds up to date; call about once a second. Any thread.
  void second_passed();
  /// The port that `feed` listens on; 0: it does not. For settings with port 0. After start().
  std::uint16_t port_of(std::string_view feed) const;

  void send(std::shared_ptr<const DeliveryJob> job,
            std::function<void(SendOutcome, std::string)> done) override;
  void withdraw(ExamId exam, ReportVersion version, std::uint8_t recipient) override;
  void notify(ExamId exam, EventKind event) override;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vigie::door
