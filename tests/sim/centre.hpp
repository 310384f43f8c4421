// A guard centre: its machine, its disk, and the process that lives there, one life after another.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "messages/types/failpoint.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/process.hpp"

namespace vigie::sim {

class Centre final : public Target, public NodeSide, public Ground {
 public:
  Centre(World& world, Network& network, const Options& options, const Directory& founding,
         Watch& watch, SiteId site, Chance chance);

  // The nemesis' handles.
  void start();
  /// kill -9, now. It starts again by itself after `down` unless that is negative.
  void crash(Time down);
  /// The same once its actors have taken that many more messages: in the middle of something.
  void crash_in(std::uint64_t steps) { steps_left_ = steps; }
  /// The same at the `passes`-th failpoint that it comes to.
  void crash_at_failpoint(std::uint64_t passes) { passes_left_ = passes; }
  void pause(Time span);
  void reboot(Time down);
  void stay_down(bool down) { stays_down_ = down; }
  /// Stopped by its people, who will bring it back without its data.
  void take_out();
  /// No hospital answers at its door for `span`.
  void hang_up(Time span);
  /// Its disk is an older one than it was: nobody may count on it before it begins anew.
  void is_rolled_back(bool is) { rolled_back_ = is; }
  /// Its hospitals do as `script` says, not as chance has it; in later lives too.
  void follow(Receivers::Script script);
  Platter& platter() { return platter_; }
  Machine& machine() { return machine_; }
  void calm();

  bool is_up() const { return process_ != nullptr; }
  /// It must not serve with what it has: its journal could not be opened, or it is quarantined.
  /// What brings it back is a new, empty member (Administrator).
  bool is_out() const { return out_ || rolled_back_ || (host() && host()->is_quarantined()); }
  /// The data folder and its guard file are moved away. Ends the process.
  void lose_data();
  const actors::Host* host() const { return process_ ? process_->host() : nullptr; }
  Process* process() { return process_.get(); }
  std::uint64_t restarts() const { return life_; }
  int last_code() const { return last_code_; }
  /// A command of a hospital's feed at this door. @return false: nobody is there.
  bool propose(Command command, std::function<void(const Answer&)> done);

  // NodeSide.
  bool is_running() const override { return process_ != nullptr; }
  bool is_paused() const override { return paused_until_ > world_.now(); }
  std::uint64_t life() const override { return life_; }
  void peer_frame(SiteId from, std::string bytes, const Promise& promise) override;
  void peer_link(SiteId other, bool up) override;
  void client_frame(Connection connection, const PublicKey& key, std::string bytes) override;
  void client_gone(Connection connection) override;
  // Ground.
  actors::Now clocks() const override {
    return {machine_.boot(world_.now()), machine_.utc(world_.now())};
  }
  void arm(BootTime due) override;
  void answer_report_at(Time when, std::uint64_t number) override;

  void on_event(std::uint32_t kind, std::uint64_t value) override;

  const SiteId site;

 private:
  enum Kind : std::uint32_t { run_now, timer, disk_done, start_now, resume, report, listen };
  void go_on();
  void soon();
  void run();
  void act();
  void work_disk();
  void end(int code, Time down);
  void set_timer();
  static void reach(Failpoint point);
  static inline Centre* acting = nullptr;  ///< whose production code runs now

  World& world_;
  Network& network_;
  const Options& options_;
  const Directory& founding_;
  Watch& watch_;
  Chance chance_;
  Machine machine_;
  Platter platter_;
  std::unique_ptr<Process> process_;
  std::uint64_t life_ = 0;
  Time silent_until_ = 0;  ///< the hospitals at its door
  Time paused_until_ = 0, busy_until_ = 0, timer_at_ = 0;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> postponed_;  ///< events, to the pause's end
  bool run_queued_ = false, stays_down_ = false, out_ = false, rolled_back_ = false, calm_ = false;
  BootTime due_;
  std::uint64_t steps_left_ = 0, passes_left_ = 0;
  int last_code_ = 0;
  Receivers::Script hospitals_;
};

/// How often each failpoint was passed, in this process; and at which a centre died.
struct FailpointCounts {
  std::array<std::uint64_t, failpoint_count> passed{}, died{};
};
FailpointCounts& failpoint_counts();

}  // namespace vigie::sim
