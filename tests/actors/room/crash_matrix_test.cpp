// The crash matrix (faults H2): every failpoint, in every role that reaches it, and within each
// write. What a role cannot reach is listed with the reason, so that a place that is lost to the
// workload is noticed.
//
// One seed by default; VIGIE_CRASH_SEEDS=N plays N nights, in which the same places are left at
// other moments. A failure prints how to play that one run again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "ops/telemetry/log.hpp"
#include "tests/actors/room/crash_rig.hpp"

namespace vigie::actors::test {
namespace {

constexpr std::size_t floor_places = 150;  ///< pairs of failpoint and role
constexpr std::uint32_t hits_tried = 1;    ///< moments at which a place is left, per seed

struct Unreachable {
  CrashRole role;
  std::vector<Failpoint> points;
  const char* why;
  bool in_some_nights = false;  ///< reached in other nights than the floor's
};

const std::vector<Unreachable>& unreachable() {
  using enum Failpoint;
  using enum CrashRole;
  static const std::vector<Failpoint> receiving = {abandon_before,
                                                   abandon_after,
                                                   replace_log_before,
                                                   replace_log_after,
                                                   stage_before,
                                                   stage_after,
                                                   promote_before,
                                                   promote_after,
                                                   drop_staged_before,
                                                   drop_staged_after,
                                                   received_chunk_before,
                                                   received_chunk_after,
                                                   install_before,
                                                   install_after,
                                                   room_install_before,
                                                   room_install_after,
                                                   gap_found,
                                                   gap_fetched,
                                                   gap_closed};
  static const std::vector<Unreachable> all = {
      {leader, receiving, "a leader is sent no snapshot"},
      {follower, receiving, "who is sent a snapshot is catching up"},
      {leader,
       {overwrite_before, overwrite_after, vote_before, vote_after, term_before, term_after},
       "a leader's log only grows; it voted before it led, and steps down before a new term"},
      {follower, {chunk_read}, "only a leader sends snapshots"},
      {follower, {archive_read}, "the sender of the snapshot is asked first, and answers", true},
      {follower, {leading_begun}, "by then it leads"},
      {catching_up,
       {overwrite_before, overwrite_after, vote_before, vote_after, term_before, term_after},
       "it has no entries of its own; it votes if the sender of its snapshot is lost meanwhile",
       true},
      {catching_up,
       {finish_after, compact_before, compact_after, compact_reclaimed, own_chunk_before,
        own_chunk_after, own_finish_before, own_finish_after, snapshot_begun, snapshot_walked,
        snapshot_known},
       "none of its own is due before it has caught up"},
      {catching_up, {chunk_read, archive_read, leading_begun}, "it does not lead"},
  };
  return all;
}

const Unreachable* why_not(CrashPlace place) {
  for (const Unreachable& u : unreachable()) {
    if (u.role == place.role && std::ranges::count(u.points, place.point) > 0) return &u;
  }
  return nullptr;
}

std::uint64_t seeds() {
  const char* text = std::getenv("VIGIE_CRASH_SEEDS");
  return text ? std::strtoull(text, nullptr, 10) : 1;
}

std::string text_of(CrashPlace place) {
  return std::string(name_of(place.point)) + " as " + name_of(place.role);
}

std::map<CrashPlace, std::uint32_t> places(std::uint64_t seed) {
  CrashRun night(seed, {});
  night.play();
  for (const std::string& wrong : night.wrong()) ADD_FAILURE() << "nobody died: " << wrong;
  return night.reached();
}

/// @return true if somebody died.
bool try_one(std::uint64_t seed, const CrashPlan& plan) {
  CrashRun run(seed, plan);
  run.play();
  for (const std::string& wrong : run.wrong()) {
    ADD_FAILURE() << wrong << "\n  seed " << seed << ": died at " << text_of(plan.place)
                  << ", time " << plan.hit << (plan.in_write ? ", within the next write" : "");
  }
  EXPECT_GT(run.acknowledged(), 150u) << "the night was too quiet to show anything";
  return run.has_died();
}

bool is_before_a_write(Failpoint point) { return name_of(point).ends_with("before"); }

class CrashMatrix : public ::testing::TestWithParam<CrashRole> {
 protected:
  void SetUp() override { telemetry::start_log(telemetry::LogLevel::off, ""); }
  void TearDown() override { telemetry::start_log(telemetry::LogLevel::info, ""); }
};

TEST_P(CrashMatrix, WhoDiesAnywhereComesBackAndNothingIsLost) {
  std::size_t crashes = 0, tried = 0;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    for (const auto& [place, times] : places(seed)) {
      if (place.role != GetParam()) continue;
      ++tried;
      for (std::uint32_t i = 0; i < std::min(times, hits_tried); ++i) {
        const auto hit = 1 + static_cast<std::uint32_t>(seed * 37 + i + tried * 11) % times;
        crashes += try_one(seed, {place, hit, false});
        if (is_before_a_write(place.point)) crashes += try_one(seed, {place, hit, true});
        if (HasFailure()) return;
      }
    }
  }
  std::cout << name_of(GetParam()) << ": " << tried / seeds() << " failpoints, " << crashes
            << " crashes\n";
  EXPECT_GE(crashes, tried) << "some died nowhere";
}

INSTANTIATE_TEST_SUITE_P(Roles, CrashMatrix, ::testing::ValuesIn(crash_roles),
                         [](const auto& role) { return name_of(role.param); });

TEST(CrashMatrixFloor, EveryFailpointIsReachedInEveryRoleThatCanReachIt) {
  telemetry::start_log(telemetry::LogLevel::off, "");
  const auto reached = places(1);
  telemetry::start_log(telemetry::LogLevel::info, "");
  for (std::size_t i = 0; i < failpoint_count; ++i) {
    if (is_of_guard_file(static_cast<Failpoint>(i))) continue;
    bool in_some_role = false;
    for (const CrashRole role : crash_roles) {
      const CrashPlace place{static_cast<Failpoint>(i), role};
      const bool is_reached = reached.contains(place);
      in_some_role = in_some_role || is_reached;
      const Unreachable* const listed = why_not(place);
      EXPECT_TRUE(is_reached || listed) << text_of(place) << ": not reached";
      EXPECT_TRUE(!is_reached || !listed || listed->in_some_nights)
          << text_of(place) << ": reached, but said that " << listed->why;
    }
    EXPECT_TRUE(in_some_role) << name_of(static_cast<Failpoint>(i)) << " is reached by nobody";
  }
  std::cout << failpoint_count << " failpoints, " << reached.size() << " with their roles\n";
  EXPECT_GE(reached.size(), floor_places);
}

}  // namespace
}  // namespace vigie::actors::test
