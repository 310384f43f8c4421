#include "tests/sim/process.hpp"

#include <map>

#include "messages/codec/client_codec.hpp"
#include "messages/codec/peer_codec.hpp"
#include "nodes/site/recovery.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::sim {
namespace {

telemetry::NodeMetrics& metrics() {
  static telemetry::NodeMetrics all(telemetry::no_metrics(), {});
  return all;
}

/// What the delivery actor is woken for, as in nodes/site.
bool concerns_delivery(const AppliedBatch& batch) {
  if (batch.fresh || batch.directory || !batch.owed.empty()) return true;
  for (const Event& event : batch.events) {
    if (event.kind >= EventKind::delivery_owed && event.kind <= EventKind::exam_closed) return true;
  }
  return false;
}

/// As nodes/site does: why this folder must not serve, or the guard file for this life.
std::string guard(const storage::Journal& journal, Platter& platter, replica::Start& start) {
  const storage::Recovered& found = journal.recovered();
  const bool promised = found.last_index || found.hard.term || found.hard.vote;
  const std::string why = site::judge(
      platter.guard, {found.identity.instance, found.identity.boot, found.last_index, promised});
  if (!why.empty()) return why;
  const LogIndex kept = platter.guard ? platter.guard->kept : LogIndex{};
  platter.guard = {found.identity.instance, found.identity.boot, kept};
  start.commit_seen = std::max(start.commit_seen, kept);
  return {};
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const Birth& birth, Ground& ground, World& world,
                                                Network& network, Platter& platter,
                                                const Profile& profile, Chance& chance,
                                                Watch& watch) {
  storage::Identity wanted;
  wanted.federation = "sim";
  wanted.site = "site" + std::to_string(birth.site.value);
  wanted.instance = birth.instance;
  platter.disk.hold_sync(false);
  auto journal = storage::open_memory(platter.disk, storage::OpenMode::write, wanted);
  if (!journal) return journal.error();
  auto found = site::recover(**journal);
  if (!found) return found.error();
  platter.disk.hold_sync(true);
  const std::string quarantine = guard(**journal, platter, found->start);
  watch.started(birth.site, found->start);
  std::unique_ptr<Process> process(new Process(birth, ground, world, network, platter,
                                               std::move(*journal), profile, chance, watch));
  process->begin(birth, profile, std::move(*found), quarantine);
  return process;
}

Process::Process(const Birth& birth, Ground& ground, World& world, Network& network,
                 Platter& platter, std::unique_ptr<storage::Journal> journal,
                 const Profile& profile, Chance& chance, Watch& watch)
    : site_(birth.site),
      ground_(ground),
      world_(world),
      network_(network),
      platter_(platter),
      chance_(chance),
      watch_(watch),
      disk_(platter, std::move(journal), metrics(), profile, chance),
      receivers_(birth.site, chance, watch, world,
                 [this](Time when, std::uint64_t n) { ground_.answer_report_at(when, n); }) {
  actors_.set_time(ground.clocks().boot);
}

template <class Handle>
void Process::begin_anew(Handle& handle) {
  room_.post_one(actors::Ask{
      [&handle](actors::Host& host, actors::Now) { handle.publish(host.fresh_batch()); }});
}

void Process::begin(const Birth& birth, const Profile& profile, site::RecoveredNode recovered,
                    std::string quarantine) {
  const storage::Recovered& found = disk_.journal().recovered();
  promise_ = {recovered.start.hard.term, recovered.start.hard.vote, found.last_index};
  actors::HostSettings s;
  s.self = site_;
  s.site_name = found.identity.site;
  s.federation = "sim";
  s.version = "sim";
  s.instance = found.identity.instance;
  s.boot = found.identity.boot;
  s.machine_boot = birth.machine_boot;
  s.run = birth.seed | 1;
  s.clock_mark = std::move(recovered.clock_mark);
  s.peers_mark = std::move(recovered.peers_mark);
  s.quarantine = std::move(quarantine);
  s.founding = birth.founding;
  s.site_unreachable = profile.site_unreachable;
  s.snapshot_log_bytes = profile.snapshot_log_bytes;
  s.trailing_bytes = profile.trailing_bytes;
  s.raft.self = site_;
  s.raft.heartbeat = profile.heartbeat;
  s.raft.election_min = profile.election_min;
  s.raft.election_max = profile.election_max;
  s.raft.inflight_max = profile.inflight_max;
  for (std::uint16_t i = 1; i <= birth.sites; ++i) {
    const bool overseas = profile.overseas_delay > 0 && i == birth.sites;
    s.raft.members.push_back({{i}, true, overseas ? 0 : 1});
  }
  if (site_.value > birth.sites) s.raft.members.push_back({site_, false, 0});
  desks_.start(
      actors_.system(), [this](auto messages) { send_clients(std::move(messages)); },
      [this](const std::string&) { begin_anew(desks_); });
  delivery_.start(actors_.system(), site_, room_, receivers_,
                  [this](const std::string&) { begin_anew(delivery_); });
  auto node = std::make_shared<site::RecoveredNode>(std::move(recovered));
  actors::Surroundings around;
  around.clocks = [this] { return ground_.clocks(); };
  around.leave = [this](int code) {
    if (code_ == 0) code_ = code;
    host_ = nullptr;
  };
  room_.start(
      actors_.system(),
      [this, s, node, seed = birth.seed] {
        auto host = std::make_unique<actors::Host>(s, std::move(node->start), std::move(node->room),
                                                   seed, ground_.clocks(), *this, metrics());
        host_ = host.get();
        return host;
      },
      [this](BootTime due) { ground_.arm(due); }, std::move(around));
}

Process::~Process() {
  if (code_ == 0) code_ = 137;
  host_ = nullptr;
  desks_.kill();
  delivery_.kill();
  room_.kill();
  actors_.run_all(chance_);
}

// Inputs, as nodes/site/front has them.

void Process::add(actors::RoomInput input) {
  if (!batch_) batch_ = std::make_shared<std::vector<actors::RoomInput>>();
  batch_->push_back(std::move(input));
}

void Process::peer_frame(SiteId from, std::string bytes, const Promise& promise) {
  auto decoded = codec::decode_peer(bytes);
  if (!decoded || decoded->header.site != from) return;
  watch_.peer_frame(from, site_, *decoded, promise);
  add(actors::PeerInput{from, std::move(*decoded)});
}

void Process::client_frame(Connection connection, const PublicKey& key, const std::string& bytes) {
  auto messages = codec::decode_client(bytes);
  const bool hello =
      messages && !messages->empty() && std::holds_alternative<Hello>(messages->front());
  if (hello) greeted_.insert(connection);
  if (!messages || !greeted_.contains(connection)) {
    const Complaint complaint{messages ? Errc::wrong_version : messages.error().code, "refused"};
    return network_.send_client(site_, connection, codec::encode_node({complaint}));
  }
  for (ClientMessage& message : *messages)
    clients_.push_back({connection, key, std::move(message)});
}

void Process::client_gone(Connection connection) {
  greeted_.erase(connection);
  if (!clients_.empty()) add(actors::ClientInputs{std::move(clients_)});
  clients_.clear();
  add(actors::ClientGone{connection});
  add(actors::Ask{
      [&desks = desks_, connection](actors::Host&, actors::Now) { desks.forget(connection); }});
}

void Process::propose(Command command, std::function<void(const Answer&)> done) {
  add(actors::LocalCommand{std::move(command), std::move(done)});
}

void Process::close_round() {
  if (!clients_.empty()) add(actors::ClientInputs{std::move(clients_)});
  clients_.clear();
  if (is_time_) add(actors::TimePassed{});
  is_time_ = false;
  if (batch_) room_.post(std::move(batch_));
  batch_.reset();
}

bool Process::run(std::uint64_t& steps_left) {
  actors_.set_time(ground_.clocks().boot);
  close_round();
  while (code_ == 0 && !actors_.is_idle()) {
    if (steps_left > 0 && --steps_left == 0) return false;
    actors_.run_one(chance_);
  }
  if (code_ == 0 && host_) watch_.acted(site_, *host_);
  return code_ == 0;
}

void Process::disk_finish() {
  std::vector<WriteMark> marks;
  for (actors::DiskDone& done : disk_.finish(marks)) add(std::move(done));
  for (const WriteMark& mark : marks) {
    if (mark.hard) promise_.term = mark.hard->term, promise_.vote = mark.hard->vote;
    if (mark.installed) promise_.last = mark.installed->index;
    if (!mark.entries.empty()) promise_.last = mark.entries.back().index;
    watch_.synced(site_, mark);
  }
}

// Outputs.

void Process::leave(int code) {
  code_ = code;
  throw Ended{code};
}

void Process::send_peers(std::vector<std::pair<SiteId, std::string>> frames) {
  if (code_ != 0) return;
  for (auto& [to, bytes] : frames) network_.send_peer(site_, to, std::move(bytes), promise_);
}

void Process::send_clients(std::vector<std::pair<Connection, NodeMessage>> messages) {
  if (code_ != 0) return;
  std::map<Connection, std::vector<NodeMessage>> by_connection;
  for (auto& [connection, message] : messages) {
    by_connection[connection].push_back(std::move(message));
  }
  for (const auto& [connection, mine] : by_connection) {
    for (std::string& frame : codec::encode_node_frames(mine)) {
      network_.send_client(site_, connection, std::move(frame));
    }
  }
}

void Process::publish(AppliedBatchPtr batch) {
  if (host_) watch_.applied(site_, *host_, *batch);
  if (batch->fresh) receivers_.expect(*batch, ground_.clocks().boot);
  desks_.publish(batch);
  if (concerns_delivery(*batch)) delivery_.publish(std::move(batch));
}

/// As nodes/site keeps its guard file.
void Process::second_passed() {
  desks_.heartbeat();
  if (host_ && platter_.guard && !host_->is_quarantined()) {
    const replica::Replica& replica = host_->replica();
    platter_.guard->kept =
        std::max(platter_.guard->kept, std::min(replica.stable(), replica.commit()));
  }
  if (host_) receivers_.look(host_->room().state(), ground_.clocks().boot);
  if (host_) watch_.second_passed(site_, *host_, ground_.clocks().boot);
}

void Process::members_changed() { network_.tell_again(site_); }

void Process::subscribe(Connection connection, Subscribe wish, EstablishmentId hospital) {
  desks_.subscribe(connection, std::move(wish), hospital);
}

}  // namespace vigie::sim
