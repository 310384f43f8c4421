#include "nodes/site/front.hpp"

#include "messages/codec/client_codec.hpp"
#include "messages/codec/peer_codec.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::site {

void Front::on_started(link::Link& link) {
  loop_ = std::make_unique<actors::Loop>(system_);
  const std::lock_guard lock(link_mutex_);
  link_ = &link;
  link.wake_at(actors::read_clocks().boot);  // whatever the room asked for before
}

void Front::on_stopping() {
  {
    const std::lock_guard lock(link_mutex_);
    link_ = nullptr;
  }
  batch_.reset();
  loop_.reset();
}

void Front::pay(std::size_t frames, std::size_t bytes) {
  const std::lock_guard lock(link_mutex_);
  if (link_) link_->consumed(frames, bytes);
}

void Front::on_disk(actors::DiskDone done) {
  const std::lock_guard lock(link_mutex_);
  if (!link_) return room_.post_one(std::move(done));
  link_->call([this, done = std::move(done)]() mutable { add(std::move(done)); });
}

void Front::wake_at(BootTime due) {
  const std::lock_guard lock(link_mutex_);
  if (link_) link_->wake_at(due);
}

void Front::add(actors::RoomInput input) {
  if (!batch_) batch_ = std::make_shared<std::vector<actors::RoomInput>>();
  batch_->push_back(std::move(input));
}

void Front::complain(link::ConnectionId connection, const Error& error) {
  metrics_.door.rejected_client.of(errc_name(error.code)).add();
  std::vector<link::ToClient> out;
  out.push_back({connection, codec::encode_node({Complaint{error.code, error.what}})});
  link_->send_clients(std::move(out));
}

/// Nothing is served before a Hello: version and federation come first.
bool Front::greeted(const link::ClientFrame& frame, const std::vector<ClientMessage>& messages) {
  if (greeted_.contains(frame.connection.value)) return true;
  if (messages.empty() || !std::holds_alternative<Hello>(messages.front())) return false;
  greeted_.insert(frame.connection.value);
  return true;
}

void Front::on_clients(const std::vector<link::ClientFrame>& frames) {
  for (const link::ClientFrame& frame : frames) {
    ++frames_;
    bytes_ += frame.bytes.size();
    auto messages = codec::decode_client(frame.bytes);
    if (!messages) {
      complain(frame.connection, messages.error());
      continue;
    }
    if (!greeted(frame, *messages)) {
      complain(frame.connection, {Errc::wrong_version, "send Hello first"});
      continue;
    }
    for (ClientMessage& message : *messages) {
      clients_.push_back({frame.connection.value, frame.key, std::move(message)});
    }
  }
}

void Front::on_peers(const std::vector<link::PeerFrame>& frames) {
  for (const link::PeerFrame& frame : frames) {
    auto decoded = codec::decode_peer(frame.bytes);
    if (!decoded) {
      metrics_.door.rejected_peer.of(errc_name(decoded.error().code)).add();
      continue;
    }
    if (decoded->header.site != frame.from) {
      metrics_.door.rejected_peer.of(errc_name(Errc::unauthorised)).add();
      continue;
    }
    add(actors::PeerInput{frame.from, std::move(*decoded)});
  }
}

void Front::on_client_gone(link::ConnectionId connection) {
  greeted_.erase(connection.value);
  // Behind what it sent before; and the desks are told behind what the room passes on to them.
  if (!clients_.empty()) add(actors::ClientInputs{std::move(clients_)});
  clients_.clear();
  add(actors::ClientGone{connection.value});
  add(actors::Ask{[&desks = desks_, connection](actors::Host&, actors::Now) {
    desks.forget(connection.value);
  }});
}

void Front::after_batch() {
  if (!clients_.empty()) add(actors::ClientInputs{std::move(clients_)});
  clients_.clear();
  if (frames_ > 0) {  // credit is paid back once the room has dealt with the batch
    add(actors::Ask{[this, frames = frames_, bytes = bytes_](actors::Host&, actors::Now) {
      pay(frames, bytes);
    }});
    frames_ = bytes_ = 0;
  }
  if (batch_) room_.post(std::move(batch_));
  batch_.reset();
  if (loop_->run()) link_->call([] {});  // no sleep before their next turn
}

}  // namespace vigie::site
