#include "tests/actors/room/cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "nodes/site/recovery.hpp"

namespace vigie::actors::test {
namespace {

constexpr Millis wire_delay = 1_ms;
const std::vector<SiteId> founders = {lyon, bordeaux, marseille};

telemetry::NodeMetrics& metrics() {
  static telemetry::NodeMetrics all(telemetry::no_metrics(), {});
  return all;
}

Person person(PersonId id, std::string name, Role role, SiteId site) {
  Person p;
  p.id = id;
  p.name = std::move(name);
  p.roles.add(role);
  p.site = site;
  p.rpps = "1000" + std::to_string(id.value);
  if (role == Role::reader) p.privileges = {{Set<Modality>::of(Modality::ct)}};
  if (role == Role::regulator) p.qualifications = {{role}};
  if (role == Role::requester) p.establishment = {301};
  return p;
}

PublicKey bytes_of(std::uint8_t number) {
  PublicKey key{};
  key[0] = number;
  return key;
}

}  // namespace

PublicKey key_of(PersonId id) { return bytes_of(static_cast<std::uint8_t>(100 + id.value)); }

Directory directory() {
  Directory d;
  d.version = 1;
  d.federation = "test";
  const char* names[] = {"lyon", "bordeaux", "marseille"};
  const char* codes[] = {"LYS", "BOD", "MRS"};
  for (std::size_t i = 0; i < 3; ++i) {
    Site s;
    s.id = founders[i];
    s.name = names[i];
    s.code = codes[i];
    s.posts = 8;
    s.node_key = bytes_of(static_cast<std::uint8_t>(founders[i].value));
    Key key;
    key.id = {founders[i].value};
    key.key = s.node_key;
    key.node = s.id;
    d.sites.push_back(std::move(s));
    d.keys.push_back(key);
  }
  d.groups = {{GroupId{1}, "all", founders, {}}};
  Agreement ct;
  ct.name = "ct";
  ct.modalities.add(Modality::ct);
  ct.group = {1};
  ct.regulation = Regulation::none;
  ct.requester = ct.provider = {"signed", {}, {}};
  d.agreements = {ct};
  Establishment timone;
  timone.id = {301};
  timone.name = "timone";
  timone.legal_entity = {301};
  timone.doors = {marseille, lyon, bordeaux};
  timone.recipients = {"timone-ris"};
  d.establishments = {timone};
  d.entities = {{{301}, "timone", {}}};
  d.people = {person(p_requester, "requester", Role::requester, {}),
              person(p_regulator, "regulator", Role::regulator, lyon),
              person(p_anne, "anne", Role::reader, bordeaux),
              person(p_lea, "lea", Role::reader, lyon),
              person(p_admin, "admin", Role::administrator, {}),
              person(p_support, "support", Role::support, {}),
              person(p_head, "head", Role::duty_head, lyon),
              person(p_agency, "agency", Role::agency, {})};
  d.areas = {{{9}, "paca", AreaKind::region, {}}};
  d.establishments[0].area = {9};
  d.people.back().area = {9};
  for (const Person& p : d.people) {
    Key key;
    key.id = {1000 + p.id.value};
    key.key = key_of(p.id);
    key.person = p.id;
    d.keys.push_back(key);
  }
  Protocol tdm;
  tdm.code = "TDM v1";
  tdm.modality = Modality::ct;
  d.protocols = {tdm};
  return d;
}

vigie::Site new_site(SiteId id) {
  vigie::Site site;
  site.id = id;
  site.name = "site-" + std::to_string(id.value);
  site.code = std::string("NE") + static_cast<char>('A' + id.value);
  site.address = "new:" + std::to_string(id.value);
  site.posts = 2;
  site.node_key = bytes_of(static_cast<std::uint8_t>(id.value));
  return site;
}

Request order(const std::string& number) {
  Request r;
  r.establishment = {301};
  r.key = {LegalEntityId{301}, "HOSP", number};
  r.modality = Modality::ct;
  r.region = Region::chest;
  r.age_class = AgeClass::adult;
  r.protocol = "TDM v1";
  r.images_complete = true;
  r.images = 120;
  r.sealed = "sealed " + number;
  return r;
}

// A node.

void Node::start() {
  act([this] { open(); });
}

void Node::open() {
  storage::Identity wanted;
  wanted.federation = "test";
  wanted.site = std::to_string(site_.value);
  wanted.instance = instance ? instance : InstanceId{0, site_.value};
  auto journal = storage::open_memory(disk, storage::OpenMode::write, wanted);
  ASSERT_TRUE(journal) << journal.error().what;
  journal_ = std::move(*journal);
  auto found = site::recover(*journal_);
  ASSERT_TRUE(found) << found.error().what;
  if (cluster_.on_start) cluster_.on_start(site_, *found);
  HostSettings s;
  s.self = site_;
  s.site_name = wanted.site;
  s.federation = "test";
  s.version = "0";
  s.instance = journal_->recovered().identity.instance;
  s.boot = journal_->recovered().identity.boot;
  s.machine_boot = cluster_.machine_boot;
  s.clock_mark = found->clock_mark;
  s.run = cluster_.random_() | 1;
  s.peers_mark = found->peers_mark;
  s.quarantine = quarantine;
  s.black_box = &black_box;
  s.scrub_pause = cluster_.options.scrub_pause;
  s.build = build;
  s.raft.self = site_;
  s.raft.log_bytes_max = cluster_.options.log_bytes_max;
  for (SiteId site : founders) s.raft.members.push_back({site, true, 0, 0});
  if (site_.value > founders.size()) s.raft.members.push_back({site_, false, 0, 0});
  if (cluster_.options.founded && site_.value <= founders.size()) s.founding = directory();
  s.founding.calendars = cluster_.options.calendars;
  s.expand_calendars = cluster_.options.expand_calendars;
  Directory checked = s.founding;
  ASSERT_TRUE(checked.normalise()) << checked.normalise().error().what;
  s.snapshot_log_bytes = makes_snapshots ? cluster_.options.snapshot_log_bytes : SIZE_MAX;
  s.trailing_bytes = cluster_.options.trailing_bytes;
  disk_work_ = std::make_unique<DiskWork>(
      *journal_, metrics(),
      [this](DiskDone done) { host->on_disk_done(cluster_.now(), std::move(done)); },
      [](int code) { throw Left{code}; });
  subscribed.clear();
  left_with = 0;
  events.clear();
  fresh = 0;
  host = std::make_unique<Host>(std::move(s), std::move(found->start), std::move(found->room),
                                cluster_.random_(), cluster_.now(), *this, metrics());
  dirty = true;
}

void Node::kill() {
  led = host && host->replica().is_leader();
  host.reset();
  jobs_.clear();
  disk_work_.reset();
  cluster_.crash_disk(disk);
  journal_.reset();
}

void Node::act(const std::function<void()>& what) {
  const SiteId before = std::exchange(cluster_.acting, site_);
  try {
    what();
  } catch (const Left& left) {
    kill();
    left_with = left.code;
  } catch (const std::exception&) {  // as room_actor.cpp does
    cluster_.kill(site_);
    left_with = 70;
  } catch (const Died&) {
    const bool led_before = led;
    const bool had_host = host != nullptr;
    cluster_.kill(site_);
    if (!had_host) led = led_before;  // it died of its start
  }
  cluster_.acting = before;
}

bool Node::work() {
  bool did = false;
  if (host) act([&] { did = true, did = work_on(); });
  return did;
}

bool Node::work_on() {
  bool did = false;
  if (!jobs_.empty() && !disk_held) {
    std::deque<DiskJob> jobs = std::move(jobs_);
    jobs_.clear();
    disk_work_->work(jobs);
    dirty = did = true;
  }
  if (host->next_deadline(cluster_.now()) <= cluster_.now().boot) {
    host->on_time(cluster_.now());
    dirty = true;
  }
  if (!dirty) return did;
  dirty = host->pump(cluster_.now());
  return true;
}

BootTime Node::next_deadline() const { return host->next_deadline(cluster_.now()); }

void Node::send_peers(std::vector<std::pair<SiteId, std::string>> frames) {
  for (auto& [to, bytes] : frames) {
    if (cluster_.random_() % 100 < cluster_.loss_) continue;
    cluster_.under_way_.emplace(cluster_.now_ + wire_delay,
                                Cluster::Frame{site_, to, std::move(bytes)});
  }
}

void Node::send_clients(std::vector<std::pair<Connection, NodeMessage>> messages) {
  for (auto& [connection, message] : messages) {
    cluster_.all_heard.push_back({site_, connection, cluster_.now_, std::move(message)});
  }
}

void Node::publish(AppliedBatchPtr batch) {
  if (batch->fresh) ++fresh;
  events.insert(events.end(), batch->events.begin(), batch->events.end());
}

// The three of them.

Cluster::Cluster(Options o, std::uint64_t seed) : options(o), random_(seed) {
  for (SiteId site : sites_) nodes_[site] = std::make_unique<Node>(*this, site);
  for (SiteId site : sites_) start(site);
}

void Cluster::link(SiteId a, SiteId b, bool up) {
  if (!at(a).is_up() || !at(b).is_up()) return;
  up ? host(a).on_peer_up(now(), b) : host(a).on_peer_lost(now(), b);
  up ? host(b).on_peer_up(now(), a) : host(b).on_peer_lost(now(), a);
  at(a).dirty = at(b).dirty = true;
}

void Cluster::start(SiteId site) {
  at(site).start();
  for (SiteId other : sites_) {
    if (other != site && connected(site, other)) link(site, other, true);
  }
}

void Cluster::add_machine(SiteId site) {
  sites_.push_back(site);
  nodes_[site] = std::make_unique<Node>(*this, site);
  start(site);
}

void Cluster::kill(SiteId site) {
  at(site).kill();
  for (SiteId other : sites_) {
    if (other == site || !at(other).is_up() || !connected(site, other)) continue;
    host(other).on_peer_lost(now(), site);
    at(other).dirty = true;
  }
}

void Cluster::cut(SiteId site) { cut_.insert(site); }

void Cluster::heal(SiteId site) {
  cut_.erase(site);
  for (SiteId other : sites_) {
    if (other != site && connected(site, other)) link(site, other, true);
  }
}

SiteId Cluster::leader() {
  for (SiteId site : sites_) {
    if (!at(site).is_up() || !host(site).replica().is_settled_leader()) continue;
    std::size_t followers = 0;
    for (SiteId other : sites_) {
      followers += at(other).is_up() && connected(site, other) && !cut_.contains(other) &&
                   host(other).replica().leader() == site;
    }
    if (followers >= 2 && host(site).room().directory().version > 0) return site;
  }
  return {};
}

SiteId Cluster::follower() {
  for (SiteId site : sites_) {
    if (at(site).is_up() && site != leader()) return site;
  }
  return {};
}

BootTime Cluster::next_moment() const {
  BootTime next = now_ + 1_s;
  if (!under_way_.empty()) next = std::min(next, under_way_.begin()->first);
  for (const auto& [site, node] : nodes_) {
    if (!node->is_up()) continue;
    const auto frozen = frozen_.find(site);
    const BootTime due = node->next_deadline();
    next = std::min(next, frozen == frozen_.end() ? due : frozen->second);
  }
  return std::max(next, now_ + 1_ms);
}

void Cluster::step() {
  now_ = next_moment();
  std::erase_if(frozen_, [&](const auto& f) { return f.second <= now_; });
  for (auto at_ = under_way_.begin(); at_ != under_way_.end() && at_->first <= now_;) {
    const SiteId to = at_->second.to;
    if (frozen_.contains(to)) {
      ++at_;
      continue;
    }
    const Frame frame = std::move(at_->second);
    at_ = under_way_.erase(at_);
    if (!nodes_.contains(to) || !at(to).is_up() || !connected(frame.from, to)) continue;
    auto decoded = codec::decode_peer(frame.bytes);
    ASSERT_TRUE(decoded) << decoded.error().what;
    if (on_delivery) on_delivery(frame.from, to, *decoded);
    deliver_frame(to, frame.from, std::move(*decoded));
  }
  bool more = true;
  while (more) {
    more = false;
    for (auto& [site, node] : nodes_) {
      if (!frozen_.contains(site)) more |= node->work();
    }
  }
}

void Cluster::run(Millis span) {
  const BootTime end = now_ + span;
  while (now_ < end) step();
}

bool Cluster::run_until(const std::function<bool()>& what, Millis span) {
  const BootTime end = now_ + span;
  while (!what()) {
    if (now_ >= end) return false;
    step();
  }
  return true;
}

void Cluster::require(const std::function<bool()>& what, Millis span) {
  ASSERT_TRUE(run_until(what, span));
}

bool Cluster::agrees(Millis span) {
  return run_until(
      [&] {
        std::set<std::pair<LogIndex, std::string>> all;
        for (SiteId site : sites_) {
          if (!at(site).is_up()) continue;
          const room::Room& room = host(site).room();
          all.emplace(room.applied(), to_hex(room.digest()));
          if (room.applied() != host(site).replica().last_index()) return false;
        }
        return all.size() == 1;
      },
      span);
}

void Cluster::freeze(SiteId site, Millis span) { frozen_[site] = now_ + span; }

void Cluster::say(SiteId site, Connection connection, PersonId person, ClientMessage message) {
  if (!at(site).is_up()) return;
  at(site).act([&] {
    host(site).on_client(now(), {connection, key_of(person), std::move(message)});
    at(site).dirty = true;
  });
}

void Cluster::gone(SiteId site, Connection connection) { host(site).on_client_gone(connection); }

std::shared_ptr<std::vector<Answer>> Cluster::local(SiteId site, Command command) {
  auto answers = std::make_shared<std::vector<Answer>>();
  at(site).act([&] {
    host(site).on_local(now(), std::move(command),
                        [answers](const Answer& answer) { answers->push_back(answer); });
    at(site).dirty = true;
  });
  return answers;
}

void Cluster::deliver_frame(SiteId to, SiteId from, codec::PeerFrame frame) {
  at(to).act([&] {
    host(to).on_peer(now(), from, std::move(frame));
    at(to).dirty = true;
  });
}

// A client.

bool Client::attach(SiteId where, Millis span) {
  static Connection connections = 1000;
  door = where;
  connection = ++connections;
  ++incarnation.value;
  last = {};
  Attach attach{session, incarnation, {}, role_, site_, "P1", AcceptMode::manual};
  cluster_.say(door, connection, person_, ClientRequest{session, incarnation, {}, {}, attach, 1});
  const bool answered = cluster_.run_until([&] { return !answers({}).empty(); }, span);
  return answered && answers({}).front().code == Errc::ok;
}

RequestNo Client::send(Command command) {
  last = next(last);
  repeat(last, std::move(command));
  return last;
}

void Client::repeat(RequestNo request, Command command) {
  cluster_.say(door, connection, person_,
               ClientRequest{session, incarnation, request, {}, std::move(command), request.value});
}

std::vector<Answer> Client::answers(RequestNo request) const {
  std::vector<Answer> found;
  for (const auto& [heard, message] : cluster_.heard<ClientAnswer>(connection)) {
    if (message.answer.request == request && message.incarnation == incarnation) {
      found.push_back(message.answer);
    }
  }
  return found;
}

Answer Client::ask(Command command, Millis span) {
  const RequestNo request = send(std::move(command));
  EXPECT_TRUE(cluster_.run_until([&] { return !answers(request).empty(); }, span));
  const auto all = answers(request);
  return all.empty() ? Answer{} : all.front();
}

void Client::renew(std::uint64_t mark) {
  cluster_.say(door, connection, person_, Renew{session, incarnation, mark});
}

std::vector<std::pair<Heard, RenewAck>> Client::acks(std::uint64_t mark) const {
  std::vector<std::pair<Heard, RenewAck>> found;
  for (auto& ack : cluster_.heard<RenewAck>(connection)) {
    if (ack.second.mark == mark) found.push_back(ack);
  }
  return found;
}

}  // namespace vigie::actors::test
