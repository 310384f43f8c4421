#include "tests/sim/profile.hpp"

namespace vigie::sim {
namespace {

Profile lan() {
  Profile p;
  p.name = "lan";
  return p;
}

Profile wan() {
  Profile p;
  p.name = "wan";
  p.heartbeat = 100_ms;
  p.election_min = 1000_ms;
  p.election_max = 2000_ms;
  p.inflight_max = 64;
  p.delay = 10 * ms;
  p.jitter = 4 * ms;
  p.loss = 500;
  return p;
}

Profile overseas() {
  Profile p = wan();
  p.name = "overseas";
  p.heartbeat = 250_ms;
  p.election_min = 3000_ms;
  p.election_max = 6000_ms;
  p.site_unreachable = 6000_ms;
  p.overseas_delay = 110 * ms;
  p.loss = 2000;
  p.fault_every = 50 * second;
  return p;
}

/// Small journals on bad disks: snapshots, compaction and full disks all the time.
Profile storage() {
  Profile p = lan();
  p.name = "storage";
  p.sync_min = 1 * ms;
  p.sync_max = 40 * ms;
  p.fault_every = 25 * second;
  p.rots = true;
  p.snapshot_log_bytes = 12 * 1024;
  p.trailing_bytes = 4 * 1024;
  p.close_after = 45_s;
  return p;
}

/// Worse than TCP could ever be.
Profile chaos() {
  Profile p = lan();
  p.name = "chaos";
  p.delay = 1 * ms;
  p.jitter = 10 * ms;
  p.tcp = false;
  p.loss = 15'000;
  p.duplicated = 15'000;
  p.reordered = 20'000;
  p.fault_every = 15 * second;
  return p;
}

}  // namespace

std::optional<Profile> profile_named(std::string_view name) {
  for (const Profile& p : {lan(), wan(), overseas(), storage(), chaos()}) {
    if (p.name == name) return p;
  }
  return {};
}

const std::vector<std::string_view>& profile_names() {
  static const std::vector<std::string_view> names = {"lan", "wan", "overseas", "storage", "chaos"};
  return names;
}

}  // namespace vigie::sim
