#include "nodes/site/site_ports.hpp"

#include <algorithm>
#include <map>

#include "messages/codec/client_codec.hpp"
#include "nodes/site/neighbours.hpp"

namespace vigie::site {

SitePorts::SitePorts(const settings::SiteSettings& settings, actors::DeskHandle& desks,
                     telemetry::NodeMetrics& metrics)
    : settings_(settings),
      desks_(desks),
      metrics_(metrics),
      commit_times_(metrics.raft.commit_seconds),
      guard_(settings.data_dir, settings.limits.intake_reserve_bytes) {
  for (const settings::FeedSettings& feed : settings.feeds) {
    notices_ =
        notices_ || feed.preliminary || feed.protocol_ack == settings::FeedProtocolAck::client;
  }
}

void SitePorts::connect(door::MllpDoor& door, actors::DeliveryHandle& delivery) {
  door_ = &door;
  delivery_ = &delivery;
}

void SitePorts::connect(link::Link& link, const actors::Host& host) {
  link_.store(&link);
  host_ = &host;
  members_changed();
}

void SitePorts::send_peers(std::vector<std::pair<SiteId, std::string>> frames) {
  link::Link* link = link_.load();
  if (!link) return;
  std::vector<link::ToPeer> out;
  out.reserve(frames.size());
  for (auto& [site, bytes] : frames) out.push_back({site, std::move(bytes)});
  link->send_peers(std::move(out));
}

void SitePorts::send_clients(std::vector<std::pair<Connection, NodeMessage>> messages) {
  link::Link* link = link_.load();
  if (!link) return;
  // One frame per connection and batch: CURVE costs per frame.
  std::map<Connection, std::vector<NodeMessage>> by_connection;
  for (auto& [connection, message] : messages) {
    if (const auto* complaint = std::get_if<Complaint>(&message)) {
      metrics_.door.rejected_client.of(errc_name(complaint->code)).add();
    }
    const auto* gap = std::get_if<Gap>(&message);
    if (gap && gap->from) metrics_.door.event_gaps.add();  // else it is a first view
    by_connection[connection].push_back(std::move(message));
  }
  std::vector<link::ToClient> out;
  for (const auto& [connection, mine] : by_connection) {
    for (std::string& frame : codec::encode_node_frames(mine)) {
      out.push_back({link::ConnectionId{connection}, std::move(frame)});
    }
  }
  link->send_clients(std::move(out));
}

void SitePorts::write(actors::DiskJob job) {
  if (!host_ || !host_->replica().is_leader()) {
    commit_times_.forget();
  } else if (!job.batch.entries.empty()) {
    commit_times_.appended(job.batch.entries.back().index, CommitTimes::Clock::now());
  }
  disk_->post(std::move(job));
}

void SitePorts::publish(AppliedBatchPtr batch) {
  commit_times_.committed(batch->to, CommitTimes::Clock::now());
  desks_.publish(batch);
  if (delivery_ && concerns_delivery(*batch)) delivery_->publish(std::move(batch));
}

void SitePorts::subscribe(Connection connection, Subscribe wish, EstablishmentId hospital) {
  desks_.subscribe(connection, std::move(wish), hospital);
}

void SitePorts::directory_changed(std::shared_ptr<const Directory> directory) {
  if (link::Link* link = link_.load()) {
    link->allow(
        allow_list(host_ ? peers_of(*host_, settings_) : founding_peers(settings_), *directory));
  }
  if (door_) door_->directory_changed(std::move(directory));
}

void SitePorts::members_changed() {
  link::Link* link = link_.load();
  if (!link || !host_) return;
  auto peers = peers_of(*host_, settings_);
  link->allow(allow_list(peers, host_->directory()));
  link->set_peers(std::move(peers));
}

void SitePorts::second_passed() {
  guard_.look();
  metrics_.storage.free_bytes.set(guard_.space().free);
  metrics_.storage.size_bytes.set(guard_.space().size);
  metrics_.storage.intake_stopped.set(guard_.intake_open() ? 0 : 1);
  if (keeper_ && host_) {
    const replica::Replica& replica = host_->replica();
    keeper_->keep(std::min(replica.stable(), replica.commit()));
  }
  desks_.heartbeat();
  if (door_) door_->second_passed();
}

/// Spares the delivery actor, and a thread its waking, where nothing is for hospitals.
bool SitePorts::concerns_delivery(const AppliedBatch& batch) const {
  if (batch.fresh || batch.directory || !batch.owed.empty()) return true;
  return std::any_of(batch.events.begin(), batch.events.end(), [this](const Event& event) {
    switch (event.kind) {
      case EventKind::protocol_assigned:
      case EventKind::report_preliminary:
        return notices_;
      case EventKind::delivery_owed:
      case EventKind::delivery_acked:
      case EventKind::delivery_failed:
      case EventKind::exam_closed:
        return true;
      case EventKind::exam_delivered:
        return !settings_.feeds.empty();
      default:
        return false;
    }
  });
}

}  // namespace vigie::site
