#include "nodes/site/site.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <cstdlib>
#include <fstream>
#include <future>
#include <random>

#include "actors/delivery/delivery_actor.hpp"
#include "actors/desk/desk_actor.hpp"
#include "actors/room/disk.hpp"
#include "actors/room/room_actor.hpp"
#include "config/settings/directory_file.hpp"
#include "config/zones/zones.hpp"
#include "nodes/site/black_box_file.hpp"
#include "nodes/site/build_number.hpp"
#include "nodes/site/front.hpp"
#include "nodes/site/gauges.hpp"
#include "nodes/site/guard_figures.hpp"
#include "nodes/site/guard_file.hpp"
#include "nodes/site/link_counts.hpp"
#include "nodes/site/link_times.hpp"
#include "nodes/site/neighbours.hpp"
#include "nodes/site/readiness.hpp"
#include "nodes/site/recovery.hpp"
#include "nodes/site/restarts.hpp"
#include "nodes/site/room_lookup.hpp"
#include "nodes/site/site_ports.hpp"
#include "ops/exporter/http_server.hpp"
#include "ops/exporter/prometheus_metrics.hpp"
#include "ops/telemetry/log.hpp"
#include "storage/rocks/rocks_journal.hpp"

namespace vigie::site {
namespace {

using actors::DeskHandle;
using actors::Disk;
using actors::Host;
using actors::Now;
using actors::RoomHandle;

/// What /readyz asks the room.
struct Seen {
  std::atomic<bool> leader{false}, halted{false};
};

/// CAF without its configuration file, with few workers and without idle work.
struct ActorConfig : caf::actor_system_config {
  explicit ActorConfig(int threads) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", static_cast<std::size_t>(threads));
    set("scheduler.max-throughput", std::size_t{50});
  }
};

/// Which run of this machine it is. Empty if the kernel does not say: then UTC counts after a
/// restart (design D3).
std::string machine_boot() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id") >> std::ws, id);
  return id;
}

std::uint64_t random_number() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

replica::Config raft_config(const settings::SiteSettings& s) {
  replica::Config raft;
  raft.self = s.id;
  raft.members.push_back({s.id, s.voter, s.priority});
  for (const settings::Peer& p : s.peers) raft.members.push_back({p.id, p.voter, p.priority});
  raft.heartbeat = s.timing.heartbeat;
  raft.election_min = s.timing.election_min;
  raft.election_max = s.timing.election_max;
  if (s.profile != settings::Profile::lan) raft.inflight_max = 64;
  return raft;
}

}  // namespace

struct Site::Parts {
  settings::SiteSettings settings;
  std::string version;
  Directory founding;
  exporter::PrometheusMetrics registry;
  telemetry::NodeMetrics metrics;
  ActorConfig config;
  caf::actor_system system;
  DeskHandle desks;
  RoomHandle room;
  RoomLookup lookup{room};
  actors::DeliveryHandle delivery;
  SitePorts ports;
  Front front;
  door::MllpDoor hospitals;
  std::unique_ptr<Disk> disk;
  GuardKeeper guard_keeper;
  BlackBoxFile black_box;  ///< outlives the room
  std::unique_ptr<link::Link> link;
  std::unique_ptr<exporter::HttpServer> http;
  LinkCounts link_counts;
  GuardFigures guard_figures;  ///< on the room's thread
  Restarts restarts;
  bool stopped = false;
  bool is_quarantined = false;  ///< design D16; known before anything is served

  static telemetry::NodeLabels labels(const settings::SiteSettings& s, const std::string& version) {
    telemetry::NodeLabels labels;
    labels.version = version;
    for (const settings::Peer& p : s.peers) labels.peers.push_back(p.site);
    labels.centres = labels.peers;
    labels.centres.push_back(s.site);
    labels.spans = span_bounds();
    for (const settings::FeedSettings& f : s.feeds) labels.feeds.push_back(f.name);
    return labels;
  }

  Parts(const settings::SiteSettings& s, const std::string& v)
      : settings(s),
        version(v),
        registry(s.site),
        metrics(registry, labels(s, v)),
        config(s.limits.actor_threads),
        system(config),
        ports(settings, desks, metrics),
        front(system, room, desks, metrics),
        hospitals(door::door_settings(s), room, lookup, metrics.door) {}

  Result<void> start();
  Result<void> start_room();
  Result<void> start_link();
  Result<void> start_http();
  /// Runs `ask` on the room's thread and waits for it, at most a second.
  bool ask_room(std::function<void(Host&, Now)> ask);
  /// `part` failed, and has forgotten all: it is told anew, or the process ends.
  template <class Handle>
  void begin_anew(Part part, Handle& handle, const std::string& why);
};

template <class Handle>
void Site::Parts::begin_anew(Part part, Handle& handle, const std::string& why) {
  const auto name = part_names.at(static_cast<std::size_t>(part));
  telemetry::log_error("part_failed", {{"part", name}, {"what", why}});
  if (!restarts.may_begin_anew(part, actors::read_clocks().boot)) {
    telemetry::log_error("part_fails_again_and_again", {{"part", name}});
    std::_Exit(70);  // EX_SOFTWARE
  }
  // On the room's thread, so that no batch comes between the view and what follows it.
  room.post_one(actors::Ask{[&handle](Host& host, Now) { handle.publish(host.fresh_batch()); }});
}

bool Site::Parts::ask_room(std::function<void(Host&, Now)> ask) {
  auto done = std::make_shared<std::promise<void>>();
  auto waiting = done->get_future();
  room.post_one(actors::Ask{[ask = std::move(ask), done](Host& host, Now now) {
    ask(host, now);
    done->set_value();
  }});
  return waiting.wait_for(std::chrono::seconds(1)) == std::future_status::ready;
}

Result<void> Site::Parts::start_room() {
  storage::Identity wanted;
  wanted.federation = settings.federation;
  wanted.site = settings.site;
  wanted.instance = {random_number(), random_number() | 1};
  std::filesystem::path guard_file = settings.guard_file;
  if (guard_file.empty()) guard_file = settings.data_dir.string() + ".guard";
  const auto guard = read_guard(guard_file);
  ports.guard().make_way();
  auto journal = storage::open_rocks(settings.data_dir.string(), storage::OpenMode::write, wanted);
  if (!journal) return journal.error();
  ports.guard().look();
  auto recovered = recover(**journal);
  if (!recovered) return recovered.error();
  const storage::Recovered found = (*journal)->recovered();
  telemetry::log_info("journal_opened", {{"boot", found.identity.boot},
                                         {"last_index", found.last_index},
                                         {"snapshot", recovered->start.snapshot.index}});
  const bool promised = found.last_index || found.hard.term || found.hard.vote;
  const std::string quarantine =
      judge(guard, {found.identity.instance, found.identity.boot, found.last_index, promised});
  if (quarantine.empty()) {
    GuardMark mark{found.identity.instance, found.identity.boot, {}};
    if (*guard) mark.kept = (*guard)->kept;
    recovered->start.commit_seen = std::max(recovered->start.commit_seen, mark.kept);
    if (auto kept = guard_keeper.start(guard_file, mark); !kept) return kept.error();
    ports.connect(guard_keeper);
  }
  actors::HostSettings host;
  host.quarantine = quarantine;
  is_quarantined = !quarantine.empty();
  host.peers_mark = recovered->peers_mark;
  host.self = settings.id;
  host.site_name = settings.site;
  host.federation = settings.federation;
  host.version = version;
  host.instance = found.identity.instance;
  host.boot = found.identity.boot;
  host.machine_boot = machine_boot();
  host.run = random_number() | 1;
  host.clock_mark = recovered->clock_mark;
  host.raft = raft_config(settings);
  host.founding = founding;
  host.expand_calendars = zones::expand_calendars;
  host.trailing_bytes = settings.limits.log_tail_bytes;
  black_box.open(settings.data_dir / "applying");
  host.black_box = &black_box.box();
  host.build = build_number(version);
  host.site_unreachable = settings.timing.site_unreachable_after;
  disk = std::make_unique<Disk>(std::move(*journal), metrics,
                                [this](actors::DiskDone done) { front.on_disk(std::move(done)); });
  ports.connect(*disk);
  auto node = std::make_shared<RecoveredNode>(std::move(*recovered));
  room.start(
      system,
      [this, host, node] {
        return std::make_unique<Host>(host, std::move(node->start), std::move(node->room),
                                      random_number(), actors::read_clocks(), ports, metrics);
      },
      [this](BootTime due) { front.wake_at(due); });
  return {};
}

Result<void> Site::Parts::start_link() {
  auto keys = link::read_key_file(settings.key_file.string());
  if (!keys) return keys.error();
  link::LinkSettings s;
  s.keys = *keys;
  s.client_endpoint = "tcp://" + settings::text_of(settings.client_listen);
  s.peer_endpoint = "tcp://" + settings::text_of(settings.peer_listen);
  s.peers = founding_peers(settings);
  s.allow = allow_list(s.peers, founding);
  s.peer_heartbeat = peer_heartbeat(settings.timing);
  s.handshake = handshake_time(settings.timing);
  s.client_frame_bytes = 2 * limits::client_frame_bytes;  // a little too large is answered so
  s.administrator_frame_bytes = limits::directory_frame_bytes;
  auto started = link::Link::start(std::move(s), front);
  if (!started) return started.error();
  link = std::move(*started);
  room.post_one(actors::Ask{[this](Host& host, Now) { ports.connect(*link, host); }});
  return {};
}

Result<void> Site::Parts::start_http() {
  const auto healthz = [] { return exporter::HttpAnswer{200, "{\"status\":\"alive\"}\n"}; };
  const auto readyz = [this] {
    auto seen = std::make_shared<Seen>();  // outlives an answer that comes late
    const bool asked = ask_room([seen](Host& host, Now) {
      seen->leader = static_cast<bool>(host.replica().leader());
      seen->halted = host.is_halted();
    });
    const ReadyAnswer answer = readiness(
        {asked && seen->leader, asked && seen->halted, is_quarantined, ports.intake_open()});
    return exporter::HttpAnswer{answer.status, answer.body};
  };
  const auto refresh = [this] {
    link_counts.update(link->stats(), metrics.door);
    (void)ask_room([this](Host& host, Now now) {
      set_gauges(host, now, metrics);
      guard_figures.show(host, metrics);
    });
  };
  auto server = exporter::HttpServer::start(
      settings.http_listen.host, settings.http_listen.port, settings.limits.http_threads,
      {exporter::metrics_route(registry, refresh), {"/healthz", healthz}, {"/readyz", readyz}});
  if (!server) return server.error();
  http = std::move(*server);
  return {};
}

Result<void> Site::Parts::start() {
  telemetry::log_info("time_zones", {{"release", zones::version()}});
  if (!settings.directory_file.empty()) {
    auto directory = settings::load_directory(settings.directory_file);
    if (!directory) return directory.error();
    founding = *directory;
    // Said now, to whoever starts it; what is proposed is expanded when it is.
    if (const auto zones = zones::expand_calendars(*directory, actors::read_clocks().utc); !zones) {
      return Error{Errc::bad_configuration,
                   settings.directory_file.string() + ": " + zones.error().what};
    }
  }
  const auto send = [this](std::vector<std::pair<Connection, NodeMessage>> messages) {
    ports.send_clients(std::move(messages));
  };
  desks.start(system, send,
              [this](const std::string& why) { begin_anew(Part::desks, desks, why); });
  delivery.start(system, settings.id, room, hospitals,
                 [this](const std::string& why) { begin_anew(Part::delivery, delivery, why); });
  ports.connect(hospitals, delivery);
  if (auto r = start_room(); !r) return r;
  if (auto r = start_link(); !r) return r;
  if (!is_quarantined) {  // a hospital's engine then goes to the next door
    if (auto r = hospitals.start(); !r) return r;
  }
  return start_http();
}

Site::Site(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<Site>> Site::start(const settings::SiteSettings& settings,
                                          const std::string& version) {
  std::unique_ptr<Site> site(new Site(std::make_unique<Parts>(settings, version)));
  if (auto started = site->parts_->start(); !started) return started.error();
  return site;
}

Site::~Site() { stop(); }

void Site::stop() {
  Parts& p = *parts_;
  if (p.stopped) return;
  p.stopped = true;
  if (p.http) p.http->stop();
  p.hospitals.stop();
  p.room.stop();  // answers who waits, through the link; until then it publishes to those below
  p.delivery.stop();
  p.ports.disconnect_link();
  if (p.link) p.link->stop();
  p.desks.stop();
  if (p.disk) p.disk->stop();
}

}  // namespace vigie::site
