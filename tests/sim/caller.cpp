#include "tests/sim/caller.hpp"

#include "messages/codec/client_codec.hpp"

namespace vigie::sim {
namespace {

// As nodes/client is set.
constexpr Millis probe_after{500}, silence{1500}, backoff_min{50}, backoff_max{2000},
    leaderless_max{5000};
/// Fewer than a node remembers, so that each must be answered as it was.
constexpr std::size_t asked_again_max = 8;
static_assert(asked_again_max < limits::answers_remembered);

}  // namespace

Caller::Caller(World& world, Network& network, Records& records, std::string name, SiteId place,
               std::vector<SiteId> doors, const PublicKey& key, Chance chance, std::int64_t drift)
    : world_(world),
      network_(network),
      records_(records),
      name_(std::move(name)),
      place_(place),
      doors_(std::move(doors)),
      key_(key),
      chance_(chance),
      machine_(world.now() - static_cast<Time>(chance_.below(100 * second)),
               chance_.between(1'000'000 - drift, 1'000'000 + drift)) {
  world.join(*this);
}

void Caller::open(client::SessionWish wish, client::SessionHandler handler) {
  if (!wish.id) wish.id = SessionId{chance_.draw() | 1};
  session_ = std::make_unique<client::Session>(static_cast<client::Lane&>(*this), std::move(wish),
                                               std::move(handler));
  session_->set_subscription(1);
  connect_at_ = now();
  run_timers();
  arm();
}

void Caller::send(Command command, client::Done done) {
  session_->send(std::move(command), std::move(done));
  flush();
  arm();
}

void Caller::look(QueryKind kind, std::string argument, bool linearizable) {
  const std::uint64_t number = next_look_++;
  Look& look = looks_[number];
  look.query = {number, kind, std::move(argument), seen_, linearizable};
  if (welcomed_) ask(look);
  flush();
  arm();
}

void Caller::ask(Look& look) {
  look.asked = world_.now();
  push(look.query);
}

// Connecting.

void Caller::connect() {
  connection_ = network_.open(*this, place_, door(), key_);
  world_.note(name_ + " connects", door().value, connection_);
  connecting_ = true;
  heard_at_ = probed_at_ = now();
  outbox_.insert(outbox_.begin(), Hello{"sim", protocol_version_min, protocol_version, name_});
}

void Caller::leave() {
  if (connection_ == 0) return;
  world_.note(name_ + " leaves", door().value, connection_);
  network_.close(connection_);
  connection_ = 0;
  connecting_ = welcomed_ = false;
  outbox_.clear();
  for (auto& [number, look] : looks_) look.json.clear();
  session_->on_disconnected();
  door_ = (door_ + 1) % doors_.size();
  const std::size_t rounds = ++failures_ / doors_.size();
  connect_at_ = now();
  if (failures_ % doors_.size() == 0) {
    const Millis pause = backoff_min * (1ll << std::min<std::size_t>(rounds - 1, 10));
    connect_at_ = connect_at_ + std::min(pause, backoff_max);
  }
  arm();
}

void Caller::broken(Connection connection) {
  if (connection != connection_ || is_asleep() || retired_) return;
  leave();
}

void Caller::run_timers() {
  if (retired_ || is_asleep() || is_lost()) return;
  const BootTime at = now();
  if (connection_ == 0) {
    if (at >= connect_at_) connect();
    return;
  }
  const bool owed = is_owed();
  if (!std::exchange(was_owed_, owed) || !owed) heard_at_ = at;  // silence was no sign so far
  if (owed) {
    if (at - heard_at_ >= silence && at - probed_at_ >= probe_after) return leave();
    if (welcomed_ && at - heard_at_ >= probe_after && probed_at_ <= heard_at_) {
      probed_at_ = at;
      push(Hello{"sim", protocol_version_min, protocol_version, name_});
    }
  }
  if (session_->next_time() <= at) session_->on_time();
}

void Caller::flush() {
  if (outbox_.empty() || connection_ == 0) return;
  std::vector<ClientMessage> batch;
  std::size_t bytes = 0;
  for (ClientMessage& message : outbox_) {
    const std::size_t more = client::frame_bytes(message);
    if (bytes + more > limits::client_frame_bytes) {
      network_.send_node(connection_, codec::encode_client(batch));
      batch.clear();
      bytes = 0;
    }
    bytes += more;
    batch.push_back(std::move(message));
  }
  outbox_.clear();
  network_.send_node(connection_, codec::encode_client(batch));
}

/// One event under way, for the earliest time that anything is to be done.
void Caller::arm() {
  if (retired_ || !session_ || is_lost()) return;
  BootTime next = connect_at_;
  if (connection_ != 0) {
    next = session_->next_time();
    if (is_owed()) {
      const bool probed = connecting_ || probed_at_ > heard_at_;
      BootTime look = heard_at_ + (probed ? silence : probe_after);
      if (probed) look = std::max(look, probed_at_ + probe_after);
      next = std::min(next, look);
    }
  }
  if (next.value == INT64_MAX) return;
  const Time when = std::max({machine_.when(next), world_.now(), asleep_until_});
  if (timer_at_ > world_.now() && timer_at_ <= when) return;
  timer_at_ = when;
  world_.at(when, *this, 0, static_cast<std::uint64_t>(when));
}

void Caller::on_event(std::uint32_t, std::uint64_t value) {
  if (static_cast<std::uint64_t>(timer_at_) != value) return;
  timer_at_ = 0;
  run_timers();
  flush();
  arm();
}

void Caller::sleep(Time span) {
  asleep_until_ = world_.now() + span;
  leave();
  arm();
}

void Caller::move_to(SiteId place, std::vector<SiteId> doors) {
  leave();
  place_ = place;
  doors_ = std::move(doors);
  door_ = 0;
  failures_ = 0;
  connect_at_ = now();
  run_timers();
  flush();
  arm();
}

void Caller::retire() {
  leave();
  retired_ = true;
}

// Sending and receiving.

void Caller::push(ClientMessage message) {
  if (!std::exchange(was_owed_, true)) heard_at_ = now();
  if (const auto* request = std::get_if<ClientRequest>(&message)) {
    records_.asked(name_, *request, world_.now());
    note_asked(*request);
  }
  outbox_.push_back(std::move(message));
}

void Caller::note_asked(const ClientRequest& request) {
  if (!request.request) return;
  if (!asked_.empty() && asked_.back().incarnation != request.incarnation) asked_.clear();
  for (ClientRequest& one : asked_) {  // or its number was left over by one refused before the log
    if (one.request == request.request) return void(one = request);
  }
  if (!asked_.empty() && request.request < asked_.back().request) return;
  asked_.push_back(request);
  if (asked_.size() > asked_again_max) asked_.pop_front();
}

/// What was answered: what is under way the session alone may send again, for it counts how often.
void Caller::ask_again() {
  if (session_->unanswered() > 0) return;
  if (!is_live() || asked_.empty() || asked_.front().incarnation != session_->incarnation()) return;
  push(asked_[chance_.below(asked_.size())]);
  flush();
  arm();
}

void Caller::node_frame(Connection connection, const std::string& bytes) {
  if (connection != connection_ || is_asleep() || retired_) return;
  auto messages = codec::decode_node(bytes);
  heard_at_ = now();
  if (!messages) {
    records_.broken_frame(name_, messages.error());
    return leave();
  }
  for (NodeMessage& message : *messages) {
    if (connection != connection_) return;
    std::visit([&](auto& m) { handle(m); }, message);
  }
  run_timers();
  flush();
  arm();
}

void Caller::handle(Welcome& welcome) {
  if (welcome.mode == NodeMode::quarantined) return leave();
  if (welcomed_) return;
  connecting_ = false;
  welcomed_ = true;
  failures_ = 0;
  session_->on_connected();
  for (auto& [number, look] : looks_) ask(look);
  if (on_welcome) on_welcome();
}

void Caller::handle(QueryReply& reply) {
  const auto at = looks_.find(reply.query);
  if (at == looks_.end()) return;
  Look& look = at->second;
  look.json += reply.json;
  if (!reply.last) return;
  reply.json = std::move(look.json);
  seen_ = std::max(seen_, reply.as_of);
  records_.looked(name_, look.query, reply, look.asked, world_.now());
  looks_.erase(at);
}

void Caller::handle(ClientAnswer& answer) {
  seen_ = std::max(seen_, answer.answer.index);
  // A node cut off from the others goes on saying so; another centre may be with the majority.
  const bool leaderless = answer.answer.code == Errc::no_leader;
  if (!leaderless) leaderless_since_ = {};
  if (leaderless && !leaderless_since_) leaderless_since_ = now();
  const bool leaving = answer.answer.code == Errc::stopping ||
                       answer.answer.code == Errc::timeout ||
                       (leaderless && now() - leaderless_since_ >= leaderless_max);
  if (leaving) leaderless_since_ = {};
  records_.told(name_, answer, world_.now());
  last_words_ += client::is_temporary(answer.answer.code) ? 0 : 1;
  const bool lately = !asked_.empty() && answer.incarnation == asked_.front().incarnation &&
                      answer.answer.request >= asked_.front().request;
  if (lately && answer.answer.code == Errc::old_request) records_.forgotten(name_, answer);
  if (answer.session == session_->id()) session_->on_answer(answer);
  if (leaving) leave();
}

void Caller::handle(RenewAck& ack) {
  if (ack.code == Errc::ok && ack.incarnation == session_->incarnation()) {
    lease_asked_ = std::max(lease_asked_, BootTime{static_cast<std::int64_t>(ack.mark)});
    lease_ = ack.lease;
  }
  if (ack.session == session_->id()) session_->on_renewed(ack);
}

void Caller::handle(Cover& cover) {
  seen_ = std::max(seen_, cover.to);
  session_->on_cover(cover);
}

void Caller::handle(Gap& gap) { session_->on_gap(gap); }

void Caller::handle(Complaint& complaint) {
  if (!welcomed_) return leave();
  if (complaint.what == "subscribe") session_->on_complaint();
}

}  // namespace vigie::sim
