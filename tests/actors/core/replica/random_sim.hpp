// A seeded random life of a small federation: crashes that lose what is unsynced, partitions, cuts
// in one direction, loss, repetition, reordering, slow disks, restarts, transfers, snapshots,
// reads. The invariants of history.hpp are checked after each event. One seed is one life, to the
// last bit.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/core/replica/site.hpp"

namespace vigie::replica {

class RandomSim {
 public:
  /// @param spares Sites that are no members at first; with any, members come and go.
  RandomSim(std::uint64_t seed, int voters, int learners, int spares = 0);

  /// Lives for `span` with faults, then without until all agree.
  /// @return the first violation, "" if none.
  std::string run(Millis span);
  /// Hash over every event: equal seeds give equal traces.
  std::uint64_t trace() const { return trace_; }
  std::size_t committed() const { return history_.committed_count(); }
  /// Changes of members committed.
  std::size_t changes() const { return history_.changes(); }

 private:
  enum class What : std::uint8_t { message, disk, client, fault, restart };
  struct Event {
    std::int64_t at;
    std::uint64_t order;
    What what;
    std::size_t site;
    std::uint64_t life;
    Envelope envelope;
    bool operator>(const Event& o) const { return std::tie(at, order) > std::tie(o.at, o.order); }
  };

  std::uint64_t draw();
  std::int64_t between(std::int64_t min, std::int64_t max);
  bool chance(int percent) { return between(1, 100) <= percent; }
  std::size_t any_site() { return static_cast<std::size_t>(between(0, count() - 1)); }
  std::int64_t count() const { return static_cast<std::int64_t>(sites_.size()); }
  static std::size_t place(SiteId site) { return site.value - 1u; }

  void schedule(std::int64_t delay, What what, std::size_t site, Envelope envelope = {});
  bool advance(std::int64_t end);
  void happen(const Event& event);
  void after(std::size_t site);
  void post(const Envelope& envelope);
  void client();
  void fault();
  void change_members();
  void partition();
  void crash(std::size_t site);
  void start(std::size_t site);
  void check_reads(std::size_t site);
  bool has_converged();

  History history_;
  std::uint64_t chance_;
  BootTime now_{1000};
  std::uint64_t order_ = 0;
  std::uint64_t trace_ = 0;
  std::vector<Site> sites_;
  std::vector<std::uint64_t> lives_;
  std::vector<bool> disk_busy_;
  std::vector<std::int64_t> disk_ms_;
  std::vector<std::size_t> reads_checked_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::set<std::pair<SiteId, SiteId>> cuts_;
  std::map<std::uint64_t, std::size_t> read_floor_;  ///< context to what was committed when asked
  std::uint64_t contexts_ = 0;
  std::uint64_t proposals_ = 0;
  bool is_calm_ = false;
  bool members_change_ = false;
  int loss_ = 0;
  int repeat_ = 0;
  std::int64_t link_ms_ = 0;
  std::int64_t fault_ms_ = 0;
};

}  // namespace vigie::replica
