// One node of three dies at one failpoint, its disk loses a part of what was not synced, it comes
// back, and life goes on: what must still be true then (faults H2).
//
// One run is one seed: the same night each time, in which a centre is cut off with proposals that
// nobody else has, one is away until it needs a snapshot and its archive, and all begin anew. What
// reaches which failpoint in which role is found by a run in which nobody dies.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "messages/types/failpoint.hpp"
#include "tests/actors/room/cluster.hpp"

namespace vigie::actors::test {

/// What a node is when it reaches a failpoint; one that starts is what it was when it ended.
enum class CrashRole : std::uint8_t { leader, follower, catching_up };
inline constexpr std::array crash_roles = {CrashRole::leader, CrashRole::follower,
                                           CrashRole::catching_up};
std::string name_of(CrashRole role);

struct CrashPlace {
  Failpoint point;
  CrashRole role;
  auto operator<=>(const CrashPlace&) const = default;
};

/// When a node dies.
struct CrashPlan {
  CrashPlace place;
  std::uint32_t hit = 1;  ///< at the so-manieth time that the place is reached
  bool in_write = false;  ///< not there, but within the next write: some of it may be on the disk
};

class CrashRun {
 public:
  CrashRun(std::uint64_t seed, std::optional<CrashPlan> plan);
  ~CrashRun();
  CrashRun(const CrashRun&) = delete;
  CrashRun& operator=(const CrashRun&) = delete;

  /// Plays the night.
  void play();
  /// How often each place was reached until somebody died.
  const std::map<CrashPlace, std::uint32_t>& reached() const { return reached_; }
  bool has_died() const { return died_; }
  /// What is wrong at the end; empty if nothing is.
  const std::vector<std::string>& wrong() const { return wrong_; }
  std::size_t acknowledged() const { return acknowledged_; }

 private:
  struct Asked {
    std::string number;
    bool cancel = false;
    std::shared_ptr<std::vector<Answer>> answers;
  };

  static void hook(Failpoint point);
  void pass(Failpoint point);
  CrashRole role_of(SiteId site);
  void lose_unsynced(storage::MemoryDisk& disk);

  void run(Millis span);
  void tick();
  void submit(SiteId door, const std::string& number, std::size_t bytes);
  void cancel(SiteId door, const std::string& number);
  SiteId door();
  void fill(const std::string& name, int count, std::size_t bytes);
  void read_one();
  void cut_off_the_leader();
  void be_away();
  void begin_anew();
  void settle();
  void check();
  void check_asked();
  void check_node(SiteId site);
  void expect(bool holds, const std::string& what) {
    if (!holds) wrong_.push_back(what);
  }

  std::mt19937_64 random_;
  std::optional<CrashPlan> plan_;
  std::map<CrashPlace, std::uint32_t> reached_;
  bool counting_ = false;
  bool armed_in_write_ = false;
  bool died_ = false;
  SiteId dead_;
  BootTime back_at_;
  SiteId away_;         ///< not to be started by tick()
  SiteId coming_back_;  ///< has not caught up yet
  LogIndex to_catch_up_to_;
  std::map<Term, SiteId> leaders_;
  std::vector<Asked> asked_;
  std::size_t acknowledged_ = 0;
  std::vector<std::string> wrong_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Client> anne_;
  std::vector<std::pair<ExamId, std::pair<Connection, RequestNo>>> signed_;
};

}  // namespace vigie::actors::test
