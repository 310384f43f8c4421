#include "tests/sim/nemesis.hpp"

#include <algorithm>

namespace vigie::sim {
namespace {

/// How likely each kind is, of the sum.
constexpr std::array<unsigned, fault_kinds> weights = {
    8,  // crash
    8,  // crash_leader
    6,  // crash_in_step
    8,  // crash_at_failpoint
    2,  // crash_again
    2,  // crash_majority
    2,  // crash_all
    4,  // reboot
    5,  // pause
    5,  // pause_leader
    6,  // isolate
    6,  // isolate_leader
    4,  // split
    5,  // one_way
    5,  // partial
    3,  // flap
    3,  // clog
    3,  // loss
    3,  // clock_jump
    3,  // slow_disk
    3,  // disk_full
    3,  // io_error
    3,  // client_drop
    3,  // client_sleep
    4,  // rot
    4,  // rollback
    2,  // long_down
    5,  // half_dead_wire
    6,  // expiry_race
    2,  // hospitals_silent
    6,  // grow
    6,  // shrink
};

FaultKind draw_kind(Chance& chance, const Options& options) {
  if (options.leader_kills_only) return FaultKind::crash_leader;
  auto w = weights;
  if (options.profile.rots) {
    w[static_cast<std::size_t>(FaultKind::rot)] = 4;
    for (FaultKind more : {FaultKind::disk_full, FaultKind::slow_disk, FaultKind::io_error,
                           FaultKind::crash_at_failpoint, FaultKind::crash, FaultKind::long_down,
                           FaultKind::rollback}) {
      w[static_cast<std::size_t>(more)] *= 2;
    }
  }
  unsigned sum = 0;
  for (unsigned one : w) sum += one;
  std::uint64_t roll = chance.below(sum);
  std::size_t kind = 0;
  while (roll >= w[kind]) roll -= w[kind++];
  return static_cast<FaultKind>(kind);
}

}  // namespace

std::vector<Fault> draw_faults(const Options& options) {
  Chance chance(options.seed ^ 0x6e656d6573697321u);
  std::vector<Fault> faults;
  const auto sites = static_cast<std::uint64_t>(options.sites);
  for (Time at = 10 * second; at < options.faults_for;) {
    Fault f;
    f.number = static_cast<std::uint32_t>(faults.size());
    f.kind = draw_kind(chance, options);
    f.at = at;
    const bool is_long = chance.percent(15) && !options.leader_kills_only;
    f.span =
        is_long ? chance.between(20 * second, 120 * second) : chance.between(500 * ms, 20 * second);
    f.a = {static_cast<std::uint16_t>(1 + chance.below(sites))};
    f.b = {static_cast<std::uint16_t>(1 + (f.a.value + chance.below(sites - 1)) % sites)};
    f.x = chance.draw();
    faults.push_back(f);
    at += options.leader_kills_only ? chance.between(25 * second, 35 * second)
                                    : 1 * second + chance.around(options.profile.fault_every);
  }
  std::erase_if(faults, [&](const Fault& f) { return options.without.contains(f.number); });
  return faults;
}

std::string describe(const Fault& f) {
  return "fault " + std::to_string(f.number) + " " +
         std::string(fault_names[static_cast<std::size_t>(f.kind)]) +
         " at=" + std::to_string(f.at / ms) + "ms span=" + std::to_string(f.span / ms) +
         "ms a=" + std::to_string(f.a.value) + " b=" + std::to_string(f.b.value);
}

Nemesis::Nemesis(Town& town, Invariants& invariants, std::vector<std::unique_ptr<Person>>& people,
                 Administrator& administrator, std::vector<Fault> faults, const Options& options)
    : town_(town),
      invariants_(invariants),
      people_(people),
      administrator_(administrator),
      faults_(std::move(faults)),
      options_(options),
      cuts_(faults_.size() + 1) {
  town.world.join(*this);
  for (std::size_t i = 0; i < faults_.size(); ++i) town.world.at(faults_[i].at, *this, begin, i);
}

std::uint64_t Nemesis::total() const {
  std::uint64_t sum = 0;
  for (std::uint64_t n : counts_) sum += n;
  return sum;
}

SiteId Nemesis::target(const Fault& fault) const {
  const bool leader = fault.kind == FaultKind::crash_leader ||
                      fault.kind == FaultKind::pause_leader ||
                      fault.kind == FaultKind::isolate_leader;
  if (!leader) return fault.a;
  SiteId found = fault.a;
  Term term;
  for (const auto& centre : town_.centres) {
    const actors::Host* host = centre ? centre->host() : nullptr;
    if (host && host->replica().is_leader() && host->replica().term() > term) {
      found = centre->site;
      term = host->replica().term();
    }
  }
  return found;
}

void Nemesis::on_event(std::uint32_t kind, std::uint64_t value) {
  if (calm_) return;
  const Fault& fault = faults_[value & 0xffffffff];
  switch (kind) {
    case begin:
      town_.world.note(describe(fault));
      town_.world.at(town_.world.now() + fault.span, *this, end, value);
      return strike(fault);
    case race:
      return run_race();
    case end:
      return lift(fault);
    case turn: {  // of a flapping wire
      auto& mine = cuts_[value];
      mine.empty() ? isolate(value, fault.a, true, true) : heal(value);
      if (town_.world.now() < fault.at + fault.span) {
        town_.world.at(town_.world.now() + 200 * ms + static_cast<Time>(fault.x % 3000) * ms, *this,
                       turn, value);
      } else {
        heal(value);
      }
      return;
    }
    default:
      return;
  }
}

void Nemesis::strike(const Fault& fault) {
  const SiteId at = target(fault);
  switch (fault.kind) {
    case FaultKind::client_drop:
    case FaultKind::client_sleep:
    case FaultKind::half_dead_wire:
    case FaultKind::expiry_race:
      if (strike_client(fault)) count(fault.kind);
      return;
    case FaultKind::rot:
    case FaultKind::rollback:
    case FaultKind::grow:
    case FaultKind::shrink:
      if (strike_data(fault, at)) count(fault.kind);
      return;
    default:
      count(fault.kind);
  }
  switch (fault.kind) {
    case FaultKind::slow_disk:
    case FaultKind::disk_full:
    case FaultKind::io_error:
      return strike_disk(fault, at);
    case FaultKind::isolate:
    case FaultKind::isolate_leader:
    case FaultKind::split:
    case FaultKind::one_way:
    case FaultKind::partial:
    case FaultKind::flap:
    case FaultKind::clog:
    case FaultKind::loss:
      return strike_wires(fault, at);
    default:
      return strike_process(fault, at);
  }
}

void Nemesis::strike_process(const Fault& fault, SiteId at) {
  Centre& centre = town_.centre(at);
  switch (fault.kind) {
    case FaultKind::crash:
    case FaultKind::crash_leader:
      return centre.crash(fault.span / 2);
    case FaultKind::crash_in_step:
      return centre.crash_in(1 + fault.x % 40);
    case FaultKind::crash_at_failpoint:
      return centre.crash_at_failpoint(1 + fault.x % 30);
    case FaultKind::long_down:
      return centre.crash(40 * second + fault.span);
    case FaultKind::hospitals_silent:
      centre.hang_up(30 * second + fault.span);
      return centre.crash_in(1 + fault.x % 2000);
    case FaultKind::crash_again:
      centre.crash(100 * ms);  // and again as often as its life is short: see lift()
      return town_.world.at(town_.world.now() + static_cast<Time>(100 + fault.x % 2000) * ms, *this,
                            end, static_cast<std::uint64_t>(&fault - faults_.data()));
    case FaultKind::crash_majority:
    case FaultKind::crash_all:
      for (std::uint16_t i = 1; i <= town_.sites; ++i) {
        const bool spared = fault.kind == FaultKind::crash_majority && i == at.value;
        if (!spared) town_.centre({i}).crash(static_cast<Time>((fault.x >> i) % 4000) * ms);
      }
      return;
    case FaultKind::reboot:
      return centre.reboot(2 * second + fault.span / 2);
    case FaultKind::pause:
    case FaultKind::pause_leader:
      return centre.pause(fault.span);
    case FaultKind::clock_jump: {
      const auto by = static_cast<std::int64_t>(fault.x % 7'200'000) - 3'600'000;
      return centre.machine().jump({by});
    }
    default:
      return;
  }
}

// Wires.

void Nemesis::cut(std::size_t fault, SiteId from, SiteId to) {
  town_.network.cut(from, to, true);
  cuts_[fault].emplace_back(from, to);
}

void Nemesis::heal(std::size_t fault) {
  for (const auto& [from, to] : cuts_[fault]) town_.network.cut(from, to, false);
  cuts_[fault].clear();
}

void Nemesis::isolate(std::size_t fault, SiteId at, bool out, bool in) {
  for (std::uint16_t i = 1; i <= town_.sites; ++i) {
    if (i == at.value) continue;
    if (out) cut(fault, at, {i});
    if (in) cut(fault, {i}, at);
  }
}

void Nemesis::strike_wires(const Fault& fault, SiteId at) {
  const auto place = static_cast<std::size_t>(&fault - faults_.data());
  switch (fault.kind) {
    case FaultKind::isolate:
    case FaultKind::isolate_leader:
      return isolate(place, at, true, true);
    case FaultKind::one_way:
      return isolate(place, at, fault.x & 1, !(fault.x & 1));
    case FaultKind::partial:
      cut(place, fault.a, fault.b);
      return cut(place, fault.b, fault.a);
    case FaultKind::split:
      for (std::uint16_t i = 1; i <= town_.sites; ++i) {
        for (std::uint16_t j = 1; j <= town_.sites; ++j) {
          if (((fault.x >> i) & 1) != ((fault.x >> j) & 1)) cut(place, {i}, {j});
        }
      }
      return;
    case FaultKind::flap:
      return town_.world.at(town_.world.now(), *this, turn, place);
    case FaultKind::clog:
      for (std::uint16_t i = 1; i <= town_.sites; ++i) {
        const Time extra = static_cast<Time>(fault.x % 1500) * ms;
        if (i != at.value) town_.network.clog(at, {i}, extra), town_.network.clog({i}, at, extra);
      }
      return;
    case FaultKind::loss:
      return town_.network.lose(20'000 + static_cast<std::uint32_t>(fault.x % 300'000));
    default:
      return;
  }
}

// Disks.

void Nemesis::strike_disk(const Fault& fault, SiteId at) {
  Centre& centre = town_.centre(at);
  Platter& platter = centre.platter();
  switch (fault.kind) {
    case FaultKind::slow_disk:
      platter.slow = 10 + static_cast<int>(fault.x % 200);
      return;
    case FaultKind::disk_full:
      platter.capacity = platter.disk.bytes() + fault.x % (2 * Platter::reserve);
      return platter.disk.fill_at(platter.capacity);
    case FaultKind::io_error:
      return platter.disk.fail_once(static_cast<std::uint32_t>(fault.x % 4));
    default:
      return;
  }
}

// Healing.

void Nemesis::lift(const Fault& fault) {
  const auto place = static_cast<std::size_t>(&fault - faults_.data());
  switch (fault.kind) {
    case FaultKind::slow_disk:
      town_.centre(fault.a).platter().slow = 1;
      return;
    case FaultKind::disk_full:
      town_.centre(fault.a).platter().capacity = 0;
      return town_.centre(fault.a).platter().disk.fill_at(UINT64_MAX);
    case FaultKind::clog:
      for (std::uint16_t i = 1; i <= town_.sites; ++i) {
        town_.network.clog(fault.a, {i}, 0), town_.network.clog({i}, fault.a, 0);
      }
      return;
    case FaultKind::loss:
      return town_.network.lose(0);
    case FaultKind::crash_again:
      return town_.centre(fault.a).crash(100 * ms);
    case FaultKind::rollback:
      if (!calm_ && roll_back(fault)) count(fault.kind);
      return;
    default:
      return heal(place);
  }
}

void Nemesis::calm() {
  images_.clear();
  if (race_.step > 0) clog_leader(0);
  race_ = {};
  for (const Fault& fault : faults_) {
    if (fault.at <= town_.world.now() && fault.kind != FaultKind::crash_again) lift(fault);
  }
  for (std::size_t i = 0; i < cuts_.size(); ++i) heal(i);
  town_.network.calm();
  calm_ = true;
  for (const auto& centre : town_.centres) {
    if (centre) centre->calm(), centre->start();
  }
}

void Nemesis::leave_out(const std::vector<SiteId>& minority, bool down) {
  for (const SiteId site : minority) {
    if (down) {
      town_.centre(site).stay_down(true);
      town_.centre(site).crash(-1);
    } else {
      isolate(faults_.size(), site, true, true);
    }
  }
}

}  // namespace vigie::sim
