#include "tests/actors/room/crash_rig.hpp"

#include "actors/core/replica/invariants.hpp"
#include "actors/core/room/invariants.hpp"
#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

constexpr std::array sites = {lyon, bordeaux, marseille};
CrashRun* current = nullptr;

}  // namespace

std::string name_of(CrashRole role) {
  static constexpr std::array names = {"leader", "follower", "catching_up"};
  return names[static_cast<std::size_t>(role)];
}

CrashRun::CrashRun(std::uint64_t seed, std::optional<CrashPlan> plan)
    : random_(seed * 7919 + 1), plan_(plan) {
  Options options;
  options.snapshot_log_bytes = 128 * 1024;
  options.trailing_bytes = 32 * 1024;
  current = this;
  failpoint_hook = &CrashRun::hook;
  cluster_ = std::make_unique<Cluster>(options, seed);
  cluster_->crash_disk = [this](storage::MemoryDisk& disk) { lose_unsynced(disk); };
}

CrashRun::~CrashRun() {
  failpoint_hook = nullptr;
  current = nullptr;
}

// Where somebody dies.

void CrashRun::hook(Failpoint point) { current->pass(point); }

CrashRole CrashRun::role_of(SiteId site) {
  if (site == coming_back_) return CrashRole::catching_up;
  Node& node = cluster_->at(site);
  const bool leads = node.host ? node.host->replica().is_leader() : node.led;
  return leads ? CrashRole::leader : CrashRole::follower;
}

void CrashRun::pass(Failpoint point) {
  if (!counting_ || !cluster_->acting || died_) return;
  if (armed_in_write_) {
    if (point != Failpoint::store_before_sync || cluster_->acting != dead_) return;
  } else {
    const CrashPlace place{point, role_of(cluster_->acting)};
    const std::uint32_t times = ++reached_[place];
    if (!plan_ || place != plan_->place || times != plan_->hit) return;
    dead_ = cluster_->acting;
    armed_in_write_ = plan_->in_write;
    if (armed_in_write_) return;
  }
  died_ = true;
  back_at_ = cluster_->now().boot + Millis{static_cast<std::int64_t>(random_() % 1500)};
  throw Node::Died{};
}

/// Any number of bytes at the end of the write-ahead log, any of what went past it.
void CrashRun::lose_unsynced(storage::MemoryDisk& disk) {
  disk.crash(random_() % (disk.staged_bytes() + 1), random_() % (disk.unsettled_count() + 1));
}

// The night.

void CrashRun::run(Millis span) {
  const BootTime end = cluster_->now().boot + span;
  while (cluster_->now().boot < end) {
    cluster_->run(5_ms);
    tick();
  }
}

void CrashRun::tick() {
  for (SiteId site : sites) {
    Node& node = cluster_->at(site);
    if (!node.is_up()) {
      expect(node.left_with == 0, "site " + std::to_string(site.value) + " left");
      if (site != away_ && cluster_->now().boot >= back_at_) cluster_->start(site);
      continue;
    }
    if (!node.host->replica().is_leader()) continue;
    const auto [known, first] = leaders_.try_emplace(node.host->replica().term(), site);
    expect(known->second == site, "two leaders in one term");
  }
  if (!coming_back_ || !cluster_->at(coming_back_).is_up()) return;
  const Host& host = cluster_->host(coming_back_);
  if (host.room().applied() >= to_catch_up_to_ && host.is_archive_complete()) coming_back_ = {};
}

SiteId CrashRun::door() {
  const std::size_t first = random_() % sites.size();
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const SiteId site = sites[(first + i) % sites.size()];
    if (cluster_->at(site).is_up()) return site;
  }
  return {};
}

void CrashRun::submit(SiteId at, const std::string& number, std::size_t bytes) {
  if (!at) return;
  Submit wish = one(number);
  wish.requests[0].images_complete = number[0] == 'r';  // others may still be cancelled
  wish.requests[0].sealed.resize(std::max(bytes, wish.requests[0].sealed.size()), '.');
  asked_.push_back({number, false, cluster_->local(at, wish)});
}

void CrashRun::cancel(SiteId at, const std::string& number) {
  if (!at) return;
  const Cancel wish{{{}, order(number).key}, "test"};
  asked_.push_back({number, true, cluster_->local(at, wish)});
}

/// Exams of which three quarters are over a second later.
void CrashRun::fill(const std::string& name, int count, std::size_t bytes) {
  for (int i = 0; i < count; ++i) {
    submit(door(), name + std::to_string(i), bytes);
    run(5_ms);
    if (i % 4 != 0) cancel(door(), name + std::to_string(i));
    run(5_ms);
  }
}

/// Anne accepts what she is offered, and signs.
void CrashRun::read_one() {
  if (!cluster_->at(anne_->door).is_up()) return;
  const room::State& state = cluster_->host(anne_->door).room().state();
  const room::Session* session = state.sessions().find(anne_->session);
  const Exam* exam = session && session->exam ? state.exams().find(session->exam) : nullptr;
  if (!exam) return;
  const ExamId id = exam->id;
  const Epoch epoch = exam->epoch;
  (void)anne_->send(AcceptOffer{id, epoch});
  run(20_ms);
  if (!cluster_->at(anne_->door).is_up()) return;
  const RequestNo number = anne_->send(Sign{id, epoch, {id.value}, "normal"});
  signed_.push_back({id, {anne_->connection, number}});
  run(20_ms);
}

/// It goes on proposing what nobody hears; the others elect another, and its log gives way.
void CrashRun::cut_off_the_leader() {
  cluster_->run_until([&] { return static_cast<bool>(cluster_->leader()); });
  const SiteId old = cluster_->leader();
  if (!old) return;
  cluster_->cut(old);
  for (int i = 0; i < 3; ++i) {
    if (cluster_->at(old).is_up()) (void)cluster_->local(old, one("cut" + std::to_string(i)));
    run(5_ms);
  }
  run(2_s);
  for (SiteId site : sites) {
    if (site != old && cluster_->at(site).is_up())
      submit(site, "split" + std::to_string(site.value), 0);
  }
  run(300_ms);
  cluster_->heal(old);
  run(1_s);
}

/// One is away until the log of that time is given up: it comes back by a snapshot, of which the
/// first transfer ends with its sender. The next leader sends its own.
void CrashRun::be_away() {
  if (dead_ && !cluster_->at(dead_).is_up()) run(2_s);
  away_ = cluster_->follower();
  cluster_->kill(away_);
  run(1_s);
  fill("missed", 24, limits::sealed_bytes);
  for (int i = 0; i < 24; ++i) {
    submit(door(), "open" + std::to_string(i), limits::sealed_bytes);
    run(5_ms);
  }
  run(2500_ms);
  const SiteId back = away_;
  bool cut_short = true;
  cluster_->on_delivery = [&](SiteId, SiteId to, codec::PeerFrame& frame) {
    if (!cut_short || to != back) return;
    std::erase_if(frame.raft, [](const replica::Message& m) {
      const auto* chunk = std::get_if<replica::SnapshotChunk>(&m.body);
      return chunk && chunk->number > 0;
    });
  };
  away_ = {};
  coming_back_ = back;
  for (SiteId site : sites) {
    if (cluster_->at(site).is_up()) {
      to_catch_up_to_ = std::max(to_catch_up_to_, cluster_->host(site).room().applied());
    }
  }
  cluster_->start(back);
  run(300_ms);
  if (const SiteId sender = cluster_->leader()) {
    cluster_->kill(sender);
    run(2_s);
  }
  fill("newer", 100, limits::sealed_bytes);
  cut_short = false;
  run(3_s);
  cluster_->on_delivery = nullptr;
}

void CrashRun::begin_anew() {
  for (const bool lead : {true, false}) {
    cluster_->run_until([&] { return static_cast<bool>(cluster_->leader()); });
    const SiteId site = lead ? cluster_->leader() : cluster_->follower();
    if (!site || !cluster_->at(site).is_up()) continue;
    cluster_->kill(site);
    cluster_->start(site);
    run(1500_ms);
    fill(lead ? "anew" : "again", 4, 0);
  }
}

void CrashRun::play() {
  cluster_->elect();
  Directory quick = directory();
  quick.version = 2;
  quick.rules.close_after = 1_s;
  (void)cluster_->local(cluster_->leader(), ApplyDirectory{quick});
  anne_ = std::make_unique<Client>(*cluster_, p_anne, Role::reader, bordeaux);
  expect(anne_->attach(bordeaux), "the reader could not attach");
  (void)anne_->send(SetReader{ReaderMode::free, AcceptMode::manual});
  run(50_ms);
  counting_ = true;
  for (int i = 0; i < 3; ++i) {
    submit(door(), "r" + std::to_string(i), 0);
    run(20_ms);
    read_one();
  }
  fill("first", 24, limits::sealed_bytes / 2);
  run(1500_ms);
  cut_off_the_leader();
  be_away();
  begin_anew();
  settle();
  check();
}

// What must be true.

void CrashRun::settle() {
  counting_ = false;
  run(2_s);
  expect(cluster_->run_until([&] { return static_cast<bool>(cluster_->leader()); }), "no leader");
  submit(cluster_->leader(), "last", 0);
  run(1500_ms);
  expect(!asked_.back().answers->empty() && asked_.back().answers->front().code == Errc::ok,
         "nothing is accepted any more");
}

void CrashRun::check() {
  for (SiteId site : sites) {
    if (!cluster_->at(site).is_up()) return expect(false, "a node is down at the end");
  }
  expect(cluster_->agrees(30_s), "the nodes differ");
  run(1100_ms);  // what closed is archived once a second
  expect(cluster_->agrees(30_s), "the nodes differ at last");
  check_asked();
  for (SiteId site : sites) check_node(site);
}

/// What was acknowledged has happened, at every node.
void CrashRun::check_asked() {
  for (const Asked& asked : asked_) {
    if (asked.answers->empty() || asked.answers->front().code != Errc::ok) continue;
    ++acknowledged_;
    expect(asked.answers->size() == 1, asked.number + " was answered twice");
    for (SiteId site : sites) {
      const room::State& state = cluster_->host(site).room().state();
      const room::OrderRecord* record = state.order_of(room::order_hash(order(asked.number).key));
      if (!record) {
        wrong_.push_back("acknowledged and lost: " + asked.number);
        continue;
      }
      const Exam* exam = state.exams().find(record->exam);
      expect(!asked.cancel || !exam || exam->state == ExamState::cancelled,
             "cancelled, and not: " + asked.number);
    }
  }
  for (const auto& [id, request] : signed_) {
    bool acknowledged = false;
    for (const auto& [heard, message] : cluster_->heard<ClientAnswer>(request.first)) {
      acknowledged = acknowledged ||
                     (message.answer.request == request.second && message.answer.code == Errc::ok);
    }
    if (!acknowledged) continue;
    ++acknowledged_;
    const Exam* exam = cluster_->host(lyon).room().state().exams().find(id);
    expect(exam && exam->reports.size() == 1, "a report was acknowledged and lost");
  }
}

void CrashRun::check_node(SiteId site) {
  const std::string who = "site " + std::to_string(site.value) + ": ";
  const Host& host = cluster_->host(site);
  for (const std::string& violation : room::violations(host.room())) expect(false, who + violation);
  const std::string violation = replica::find_violation(host.replica());
  expect(violation.empty(), who + violation);
  const auto journal = storage::open_memory(cluster_->at(site).disk, storage::OpenMode::read, {});
  if (!journal) return expect(false, who + journal.error().what);
  const auto fine = (*journal)->verify();
  expect(static_cast<bool>(fine), who + (fine ? "" : fine.error().what));
  room::ArchiveEnd end;
  const auto scanned = (*journal)->scan_archive({}, [&](const storage::ArchiveRecord& r) {
    end.add(r.index, r.exam, r.bytes);
    return true;
  });
  expect(scanned && end == host.room().archive_end(), who + "its archive is not whole");
}

}  // namespace vigie::actors::test
