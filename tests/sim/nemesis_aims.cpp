// The faults that take aim: at what a disk holds, at a reader's lease, at the list of members. They
// strike only where they can hit, and are counted only then.
#include <algorithm>

#include "tests/sim/nemesis.hpp"

namespace vigie::sim {

// Data.

/// One centre at a time may lose what it promised to keep: a majority must remember.
bool Nemesis::may_lose_data() const {
  if (!administrator_.is_settled()) return false;
  for (std::uint16_t i = 1; i <= town_.sites; ++i) {
    const Centre& centre = *town_.centres[i];
    if (invariants_.is_rolled_back({i}) || !centre.host()) return false;
  }
  return true;
}

bool Nemesis::strike_data(const Fault& fault, SiteId at) {
  Centre& centre = town_.centre(at);
  switch (fault.kind) {
    case FaultKind::grow:
      return administrator_.grow();
    case FaultKind::shrink:
      return administrator_.shrink();
    case FaultKind::rollback:
      if (may_lose_data()) {
        const replica::Replica& replica = centre.host()->replica();
        images_[fault.number] = {centre.platter().disk.image(), centre.platter().guard,
                                 replica.position(replica.stable())};
      }
      return false;  // it is one when the image is put back
    default:
      break;
  }
  const std::uint64_t last = invariants_.committed().value;
  const std::uint64_t back = fault.x % (fault.x & 256 ? 200 : 4);
  const LogIndex index{last > back ? last - back : last};
  if (!may_lose_data() || !centre.platter().disk.rot_log(index, fault.x >> 20)) return false;
  centre.crash(1 * second);
  return true;
}

/// The image goes back. With its guard file only the peers can know: then they must have heard, a
/// while ago, of more than it holds (runbook-rejoin.md, "What three voters cannot promise").
bool Nemesis::roll_back(const Fault& fault) {
  const auto found = images_.extract(fault.number);
  if (found.empty() || !may_lose_data() || fault.span < 5 * second) return false;
  const Image& image = found.mapped();
  Centre& centre = town_.centre(fault.a);
  const bool with_guard = fault.x & 1;
  for (std::uint16_t i = 1; i <= town_.sites; ++i) {
    if (i == fault.a.value) continue;
    const auto& peers = town_.centres[i]->host()->peers();
    const auto peer = peers.find(fault.a);
    if (peer == peers.end() || peer->second.memory.kept <= image.last) return false;
  }
  centre.crash(2 * second);
  invariants_.rolled_back(fault.a);
  centre.platter().disk = image.disk;
  if (with_guard) centre.platter().guard = image.guard;
  centre.is_rolled_back(true);
  return true;
}

// Clients.

bool Nemesis::strike_client(const Fault& fault) {
  Person& person = *people_[fault.x % people_.size()];
  Caller* caller = person.caller();
  if (!caller || caller->is_retired()) return false;
  switch (fault.kind) {
    case FaultKind::client_drop:
      return caller->drop(), true;
    case FaultKind::client_sleep:
      return caller->sleep(fault.span), true;
    case FaultKind::expiry_race:
      return begin_race(fault);
    default:
      break;
  }
  for (std::size_t i = 0; i < people_.size(); ++i) {
    Person& one = *people_[(fault.x + i) % people_.size()];
    const bool fit = one.caller() && one.caller()->is_live() && one.waiting() == 0;
    const Time span = 70 * second + static_cast<Time>(fault.x % 40'000) * ms;
    const Time late = 8 * second + static_cast<Time>((fault.x >> 20) % 25'000) * ms;
    if (fit && one.doze(span, late)) return true;
  }
  return false;
}

/// A lease of a minute that runs out by the leader's clock: just before, its owner attaches at the
/// leader's own door, while what the leader says to the others is slow: the expiry is proposed with
/// the Attach in the log and not applied.
bool Nemesis::begin_race(const Fault& fault) {
  if (race_.person) return false;
  Centre* leader = nullptr;
  for (const auto& centre : town_.centres) {
    const bool leads = centre && centre->host() && centre->host()->replica().is_settled_leader();
    if (leads && !centre->is_paused()) leader = centre.get();
  }
  for (std::size_t i = 0; leader && i < people_.size(); ++i) {
    Person& one = *people_[(fault.x + i) % people_.size()];
    Caller* caller = one.caller();
    const bool fit = caller && caller->is_live() && !caller->is_asleep() && one.waiting() == 0 &&
                     caller->lease() == 60_s;
    if (!fit) continue;
    const Time asked = caller->machine().when(caller->lease_asked());
    const BootTime over = leader->machine().boot(asked) + caller->lease();
    const Time over_at = leader->machine().when(over);
    const Time before = options_.profile.election_min.value * ms / 3;
    if (over_at - 3 * before <= town_.world.now()) continue;
    caller->sleep(over_at - before - town_.world.now());
    race_ = {&one, leader->site, over_at - before, 0};
    town_.world.at(over_at - 3 * before, *this, race);
    return true;
  }
  return false;
}

void Nemesis::clog_leader(Time extra) {
  for (const auto& other : town_.centres) {
    if (!other || other->site == race_.leader) continue;
    town_.network.clog(race_.leader, other->site, extra);
    town_.network.clog(other->site, race_.leader, extra);
  }
}

void Nemesis::run_race() {
  if (!race_.person) return;  // it is calm by now
  const Time slow = options_.profile.election_min.value * ms / 3;
  switch (race_.step++) {
    case 0:
      clog_leader(slow);
      return town_.world.at(race_.wake, *this, race);
    case 1:
      race_.person->caller()->move_to(race_.leader, doors_from(race_.leader, town_.sites));
      return town_.world.at(race_.wake + 5 * slow, *this, race);
    default:
      clog_leader(0);
      race_ = {};
  }
}

}  // namespace vigie::sim
