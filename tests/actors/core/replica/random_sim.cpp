#include "tests/actors/core/replica/random_sim.hpp"

#include <algorithm>
#include <tuple>

namespace vigie::replica {

RandomSim::RandomSim(std::uint64_t seed, int voters, int learners, int spares)
    : chance_(seed * 2 + 1), members_change_(spares > 0) {
  Config config;
  config.heartbeat = 10_ms;
  config.election_min = 40_ms;
  config.election_max = 80_ms;
  config.leader_lost_delay_max = 5_ms;
  config.append_entries_max = static_cast<std::size_t>(between(1, 8));
  config.inflight_max = static_cast<std::size_t>(between(1, 4));
  for (int i = 1; i <= voters + learners; ++i) {
    config.members.push_back(
        {SiteId{static_cast<std::uint16_t>(i)}, i <= voters, static_cast<int>(between(0, 1))});
  }
  loss_ = static_cast<int>(between(0, 1) * between(0, 8));
  repeat_ = static_cast<int>(between(0, 5));
  link_ms_ = chance(70) ? 4 : 15;
  fault_ms_ = between(15, 60);
  history_.founded(config.members);
  for (int i = 1; i <= voters + learners + spares; ++i) {
    config.self = SiteId{static_cast<std::uint16_t>(i)};
    sites_.emplace_back(config, history_);
    sites_.back().chunks_per_snapshot = static_cast<std::uint32_t>(between(1, 4));
  }
  lives_.resize(sites_.size());
  disk_busy_.resize(sites_.size());
  disk_ms_.resize(sites_.size(), 2);
  reads_checked_.resize(sites_.size());
  for (std::size_t i = 0; i < sites_.size(); ++i) start(i);
  schedule(5, What::client, 0);
  schedule(fault_ms_, What::fault, 0);
}

std::uint64_t RandomSim::draw() {
  chance_ += 0x9e3779b97f4a7c15u;
  std::uint64_t z = chance_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::int64_t RandomSim::between(std::int64_t min, std::int64_t max) {
  return min + static_cast<std::int64_t>(draw() % static_cast<std::uint64_t>(max - min + 1));
}

void RandomSim::schedule(std::int64_t delay, What what, std::size_t site, Envelope envelope) {
  events_.push({now_.value + delay, ++order_, what, site, lives_[site], std::move(envelope)});
}

std::string RandomSim::run(Millis span) {
  const std::int64_t end = now_.value + span.value;
  while (history_.violation().empty() && advance(end)) continue;
  is_calm_ = true;
  cuts_.clear();
  loss_ = 0;
  std::fill(disk_ms_.begin(), disk_ms_.end(), 1);
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (!sites_[i].is_up()) start(i);
  }
  const std::int64_t patience = now_.value + 5000;
  while (history_.violation().empty() && !has_converged()) {
    if (!advance(patience)) history_.fail("no agreement 5 s after the last fault");
  }
  return history_.violation();
}

// Lets the next thing happen: an event, or a timer that is due before it.
bool RandomSim::advance(std::int64_t end) {
  std::size_t due = sites_.size();
  std::int64_t when = events_.empty() ? end : events_.top().at;
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (!sites_[i].is_up() || sites_[i].replica().next_deadline().value >= when) continue;
    when = sites_[i].replica().next_deadline().value;
    due = i;
  }
  if (when >= end) return false;
  now_.value = std::max(now_.value, when);
  if (due < sites_.size()) {
    trace_ = (trace_ ^ (static_cast<std::uint64_t>(now_.value) * 31 + due)) * 0x100000001b3u;
    sites_[due].replica().tick(now_);
    after(due);
    return true;
  }
  const Event event = events_.top();
  events_.pop();
  happen(event);
  return true;
}

void RandomSim::happen(const Event& event) {
  const auto kind =
      static_cast<std::uint64_t>(event.what) * 16 + event.envelope.message.body.index();
  trace_ = (trace_ ^ (static_cast<std::uint64_t>(event.at) * 1024 + kind * 8 + event.site)) *
           0x100000001b3u;
  Site& site = sites_[event.site];
  switch (event.what) {
    case What::client:
      return client();
    case What::fault:
      return fault();
    case What::restart:
      if (!site.is_up()) start(event.site);
      return;
    case What::message:
      if (!site.is_up()) return;
      site.replica().step(now_, event.envelope.from, event.envelope.message);
      return after(event.site);
    case What::disk:
      if (event.life != lives_[event.site] || !site.is_up()) return;
      disk_busy_[event.site] = false;
      for (auto n = between(1, static_cast<std::int64_t>(site.writes.size())); n > 0; --n) {
        site.sync_one(now_);
      }
      return after(event.site);
  }
}

void RandomSim::after(std::size_t index) {
  Site& site = sites_[index];
  site.settle();
  check_reads(index);
  std::vector<Envelope> sent = std::move(site.sent);
  site.sent.clear();
  for (const Envelope& envelope : sent) post(envelope);
  if (disk_busy_[index] || site.writes.empty()) return;
  disk_busy_[index] = true;
  schedule(between(0, disk_ms_[index]), What::disk, index);
}

void RandomSim::post(const Envelope& envelope) {
  if (cuts_.count({envelope.from, envelope.message.to}) != 0) return;
  for (int copies = chance(repeat_) ? 2 : 1; copies > 0; --copies) {
    if (chance(loss_)) continue;
    schedule(between(1, link_ms_), What::message, place(envelope.message.to), envelope);
  }
}

void RandomSim::client() {
  if (is_calm_) return;
  schedule(between(2, 10), What::client, 0);
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    Site& site = sites_[i];
    if (!site.is_up() || !site.replica().is_leader()) continue;
    std::vector<std::pair<EntryKind, Payload>> batch;
    for (auto n = between(1, 3); n > 0; --n) {
      batch.emplace_back(EntryKind::command, Payload("p" + std::to_string(++proposals_)));
    }
    static_cast<void>(static_cast<bool>(site.replica().propose(now_, std::move(batch))));
    if (chance(20)) {
      const std::uint64_t context = ++contexts_;
      read_floor_[context] = history_.committed_count();
      static_cast<void>(static_cast<bool>(site.replica().read_index(now_, context)));
    }
    after(i);
  }
}

void RandomSim::fault() {
  if (is_calm_) return;
  schedule(between(1, fault_ms_ * 2), What::fault, 0);
  const std::size_t victim = any_site();
  Site& site = sites_[victim];
  switch (between(0, members_change_ ? 14 : 9)) {
    case 0:
    case 1:
      return crash(victim);
    case 2:
    case 3:
      return partition();
    case 4:
      cuts_.insert({sites_[any_site()].id(), site.id()});
      return;
    case 5:
      cuts_.clear();
      return;
    case 6:
      disk_ms_[victim] = chance(50) ? 2 : 60;
      return;
    case 7:
      if (!site.is_up()) return;
      static_cast<void>(static_cast<bool>(site.replica().transfer(now_, sites_[any_site()].id())));
      return after(victim);
    case 8:
      if (!site.is_up()) return;
      site.compact(now_, static_cast<std::uint64_t>(between(0, 10)));
      return after(victim);
    case 9:
      if (!site.is_up()) return;
      if (chance(50))
        site.replica().peer_lost(now_, sites_[any_site()].id());
      else
        site.replica().peer_up(now_, sites_[any_site()].id());
      return after(victim);
    default:
      return change_members();
  }
}

// Somebody is to come, to vote or to go, itself perhaps; whoever believes to lead may try.
void RandomSim::change_members() {
  for (std::size_t i = 0; i < sites_.size(); ++i) {
    if (!sites_[i].is_up() || !sites_[i].replica().is_leader()) continue;
    for (bool done = false; !done && !chance(15);) {
      const auto what = static_cast<MemberChange::What>(between(0, 2));
      const MemberChange change{what, {sites_[any_site()].id()}};
      done = static_cast<bool>(sites_[i].replica().change(now_, change));
    }
    after(i);
  }
}

void RandomSim::partition() {
  const std::uint64_t sides = draw();
  for (const Site& a : sites_) {
    for (const Site& b : sites_) {
      if (((sides >> a.id().value) & 1u) != ((sides >> b.id().value) & 1u)) {
        cuts_.insert({a.id(), b.id()});
      }
    }
  }
}

void RandomSim::crash(std::size_t victim) {
  Site& site = sites_[victim];
  if (!site.is_up()) return;
  site.crash(static_cast<std::size_t>(between(0, 2)));
  disk_busy_[victim] = false;
  ++lives_[victim];
  schedule(between(1, 150), What::restart, victim);
  const bool is_noticed = chance(50);
  for (std::size_t i = 0; i < sites_.size() && is_noticed; ++i) {
    if (!sites_[i].is_up()) continue;
    sites_[i].replica().peer_lost(now_, site.id());
    after(i);
  }
}

void RandomSim::start(std::size_t index) {
  ++lives_[index];
  sites_[index].start(draw(), now_);
  after(index);
}

// A read sees everything that was committed when it was asked for.
void RandomSim::check_reads(std::size_t index) {
  const std::vector<ReadState>& reads = sites_[index].reads;
  for (std::size_t& i = reads_checked_[index]; i < reads.size(); ++i) {
    const bool is_stale = reads[i].index.value < read_floor_.at(reads[i].context);
    if (reads[i].index && is_stale) history_.fail("a stale read");
  }
}

bool RandomSim::has_converged() {
  return std::all_of(sites_.begin(), sites_.end(), [&](Site& site) {
    const Replica& r = site.replica();
    if (find_member(history_.members(), site.id()) == nullptr) return true;
    const LogIndex all{history_.committed_count()};
    return r.leader() && site.applied_index() == all && r.commit() == all &&
           site.digest() == history_.digest_at(all);
  });
}

}  // namespace vigie::replica
