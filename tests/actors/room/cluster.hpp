// Three Hosts in one process, on one virtual clock: the room's shell without threads, sockets or
// CAF.
//
// The network delays, drops and cuts by order; disks are the journal's twin behind the disk
// thread's own work; clients are recorded messages. Time moves only when run() says so.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/room/disk_work.hpp"
#include "actors/room/host.hpp"
#include "storage/memory/memory_disk.hpp"

namespace vigie::site {
struct RecoveredNode;
}

namespace vigie::actors::test {

inline constexpr SiteId lyon{1}, bordeaux{2}, marseille{3}, nantes{4}, lille{5};
inline constexpr PersonId p_requester{1}, p_regulator{2}, p_anne{3}, p_lea{4}, p_admin{5},
    p_support{6}, p_agency{7}, p_head{8};

Directory directory();
PublicKey key_of(PersonId person);
Request order(const std::string& number);
/// A site that is none yet, as an administrator describes it.
vigie::Site new_site(SiteId site);

/// What a client was sent, and by whom.
struct Heard {
  SiteId by;
  Connection connection = 0;
  BootTime at;
  NodeMessage message;
};

struct Options {
  std::size_t snapshot_log_bytes = 8 * 1024 * 1024;
  std::size_t trailing_bytes = 4 * 1024 * 1024;
  Millis scrub_pause = 3'600_s;
  bool founded = true;                   ///< the nodes have a directory file
  std::vector<Calendar> calendars = {};  ///< of that file
  std::function<Result<void>(Directory&, UtcTime)> expand_calendars = {};
  std::size_t log_bytes_max = 256 * 1024 * 1024;  ///< in memory
};

class Cluster;

class Node final : public Ports {
 public:
  Node(Cluster& cluster, SiteId site) : cluster_(cluster), site_(site) {}

  void start();
  void kill();
  bool is_up() const { return host != nullptr; }
  /// Lets the disk do what waits and the host what it wants; true if anything was done.
  bool work();
  BootTime next_deadline() const;
  /// The last job of an own snapshot waits for the disk.
  bool finishing() const {
    return std::any_of(jobs_.begin(), jobs_.end(), [](const DiskJob& j) { return j.own_finish; });
  }
  LogIndex snapshot_on_disk() const {
    const auto meta = journal_->snapshot();
    return meta ? meta->index : LogIndex{};
  }

  void send_peers(std::vector<std::pair<SiteId, std::string>> frames) override;
  void send_clients(std::vector<std::pair<Connection, NodeMessage>> messages) override;
  void write(DiskJob job) override { jobs_.push_back(std::move(job)); }
  void publish(AppliedBatchPtr batch) override;
  void subscribe(Connection connection, Subscribe wish, EstablishmentId hospital) override {
    subscribed.push_back({connection, wish, hospital, host->room().applied()});
  }
  void directory_changed(std::shared_ptr<const Directory>) override {}
  bool intake_open() override { return intake; }
  void second_passed() override {}
  /// Thrown through the host, which is not used any more.
  struct Left {
    int code;
  };
  [[noreturn]] void leave(int code) override { throw Left{code}; }
  /// Thrown from a failpoint's hook: the process that acts ends there.
  struct Died {};
  /// Does `what`, and buries the process if it ends of that.
  void act(const std::function<void()>& what);

  struct Subscribed {
    Connection connection;
    Subscribe wish;
    EstablishmentId hospital;
    LogIndex applied;
  };
  std::unique_ptr<Host> host;
  storage::MemoryDisk disk;
  bool intake = true;
  bool makes_snapshots = true;  ///< read at its start
  bool disk_held = false;       ///< jobs wait
  InstanceId instance{};        ///< of a folder that is made anew
  BlackBox black_box;           ///< outlives its processes
  std::uint64_t build = 1;      ///< of the program that starts next
  std::string quarantine;       ///< why it must not serve; read at its start
  bool dirty = false;           ///< wants a pump
  std::vector<Subscribed> subscribed;
  std::vector<Event> events;  ///< published since its start
  std::size_t fresh = 0;      ///< fresh batches published
  int left_with = 0;          ///< the code with which its process ended; 0: it did not
  bool led = false;           ///< when its last process ended

 private:
  void open();
  bool work_on();

  Cluster& cluster_;
  SiteId site_;
  std::unique_ptr<storage::Journal> journal_;
  std::unique_ptr<DiskWork> disk_work_;
  std::deque<DiskJob> jobs_;
};

class Cluster {
 public:
  explicit Cluster(Options options = {}, std::uint64_t seed = 1);

  Node& at(SiteId site) { return *nodes_.at(site); }
  Host& host(SiteId site) { return *at(site).host; }
  void start(SiteId site);
  /// A machine of its own, whose site.toml lists the three founders: started, but no member.
  void add_machine(SiteId site);
  /// As kill -9: what the disk has not done yet is lost.
  void kill(SiteId site);
  void cut(SiteId site);
  void heal(SiteId site);
  /// Messages in `percent` of the frames get lost.
  void lose(unsigned percent) { loss_ = percent; }
  /// 0 while there is none that leads and is followed by a majority.
  SiteId leader();
  SiteId follower();
  void elect() {
    require([&] { return static_cast<bool>(leader()); });
  }

  Now now() const { return {now_, UtcTime{1'700'000'000'000 + now_.value} + utc_error}; }
  void run(Millis span);
  /// True as soon as `what` holds; false if it does not within `span`.
  bool run_until(const std::function<bool()>& what, Millis span = 10_s);
  void require(const std::function<bool()>& what, Millis span = 10_s);
  /// Same index and digest on all that are up, within `span`.
  bool agrees(Millis span = 10_s);
  /// The loop of a node stands still: nothing of it happens meanwhile.
  void freeze(SiteId site, Millis span);

  /// A client's message at `site`'s door.
  void say(SiteId site, Connection connection, PersonId person, ClientMessage message);
  void gone(SiteId site, Connection connection);
  /// A command of the node itself; its answers are appended.
  std::shared_ptr<std::vector<Answer>> local(SiteId site, Command command);
  void deliver_frame(SiteId to, SiteId from, codec::PeerFrame frame);
  template <class T>
  std::vector<std::pair<Heard, T>> heard(Connection connection) const {
    std::vector<std::pair<Heard, T>> found;
    for (const Heard& h : all_heard) {
      const T* m = std::get_if<T>(&h.message);
      if (m && h.connection == connection) found.emplace_back(h, *m);
    }
    return found;
  }

  std::vector<Heard> all_heard;
  Millis utc_error;                     ///< of every machine's wall clock
  std::string machine_boot = "boot 1";  ///< identity of the machines' run, for nodes that start
  /// May change what is about to be handed to a node.
  std::function<void(SiteId from, SiteId to, codec::PeerFrame& frame)> on_delivery;
  /// What a process' end does to its disk.
  std::function<void(storage::MemoryDisk&)> crash_disk = [](storage::MemoryDisk& d) { d.crash(); };
  /// May change what a node is about to start with.
  std::function<void(SiteId site, site::RecoveredNode& found)> on_start;
  SiteId acting;  ///< whose code runs now
  const Options options;

 private:
  friend class Node;
  struct Frame {
    SiteId from, to;
    std::string bytes;
  };
  void step();
  BootTime next_moment() const;
  bool connected(SiteId a, SiteId b) const { return !cut_.contains(a) && !cut_.contains(b); }
  void link(SiteId a, SiteId b, bool up);

  BootTime now_{1'000'000};
  std::vector<SiteId> sites_{lyon, bordeaux, marseille};
  std::map<SiteId, std::unique_ptr<Node>> nodes_;
  std::multimap<BootTime, Frame> under_way_;
  std::set<SiteId> cut_;
  std::map<SiteId, BootTime> frozen_;
  unsigned loss_ = 0;
  std::mt19937_64 random_;
};

/// A person at a screen, or a program: numbers requests as the SDK does.
class Client {
 public:
  Client(Cluster& cluster, PersonId person, Role role, SiteId site = {})
      : cluster_(cluster), person_(person), role_(role), site_(site), session{100 + person.value} {}

  /// Attaches at `door`; false if refused or not answered.
  bool attach(SiteId door, Millis span = 10_s);
  /// Sends the next numbered request; does not wait.
  RequestNo send(Command command);
  /// Sends again what was numbered before.
  void repeat(RequestNo request, Command command);
  std::vector<Answer> answers(RequestNo request) const;
  /// Sends and waits.
  Answer ask(Command command, Millis span = 10_s);
  void renew(std::uint64_t mark);
  std::vector<std::pair<Heard, RenewAck>> acks(std::uint64_t mark) const;

 private:
  Cluster& cluster_;
  PersonId person_;
  Role role_;
  SiteId site_;

 public:
  SessionId session;
  Incarnation incarnation;
  RequestNo last;
  SiteId door;
  Connection connection = 0;
};

}  // namespace vigie::actors::test
