#include "tests/sim/centre.hpp"

#include <utility>

#include "messages/types/failpoint.hpp"

namespace vigie::sim {

FailpointCounts& failpoint_counts() {
  static FailpointCounts counts;
  return counts;
}

Centre::Centre(World& world, Network& network, const Options& options, const Directory& founding,
               Watch& watch, SiteId id, Chance chance)
    : site(id),
      world_(world),
      network_(network),
      options_(options),
      founding_(founding),
      watch_(watch),
      chance_(chance),
      machine_(
          -static_cast<Time>(chance_.below(100 * second)),
          chance_.between(1'000'000 - options.profile.drift, 1'000'000 + options.profile.drift)) {
  world.join(*this);
  network.connect(site, *this);
  failpoint_hook = &Centre::reach;
}

/// Called by the production code at each of its durable steps.
void Centre::reach(Failpoint point) {
  const auto number = static_cast<std::size_t>(point);
  ++failpoint_counts().passed[number];
  if (!acting || acting->passes_left_ == 0 || --acting->passes_left_ > 0) return;
  ++failpoint_counts().died[number];
  acting->world_.note(name_of(point), acting->site.value);
  throw Ended{137};
}

// Lives.

void Centre::start() {
  if (process_ || stays_down_ || out_) return;
  Birth birth;
  birth.site = site;
  birth.life = ++life_;
  birth.seed = chance_.draw();
  birth.instance = {chance_.draw(), site.value | 1u};
  birth.machine_boot = machine_.identity();
  birth.founding = founding_;
  birth.sites = options_.sites;
  due_ = {};
  if (platter_.capacity > 0) platter_.disk.fill_at(platter_.capacity);
  acting = this;
  try {
    auto started =
        Process::start(birth, *this, world_, network_, platter_, options_.profile, chance_, watch_);
    acting = nullptr;
    if (!started) {
      world_.note("does not start", site.value, static_cast<std::uint64_t>(started.error().code));
      platter_.disk.crash();
      out_ = started.error().code == Errc::corrupt;
      if (!out_) world_.at(world_.now() + 1 * second, *this, start_now);
      return;
    }
    process_ = std::move(*started);
  } catch (const Ended&) {
    acting = nullptr;
    platter_.disk.crash();
    return world_.at(world_.now() + 500 * ms, *this, start_now);
  }
  if (calm_) process_->receivers().calm();
  if (silent_until_ > world_.now() && !calm_) process_->receivers().hang_up();
  process_->receivers().follow(hospitals_);
  world_.note("starts", site.value, life_);
  network_.process_started(site);
  soon();
}

void Centre::take_out() {
  end(137, -1);
  out_ = true;
}

void Centre::lose_data() {
  end(137, -1);
  platter_.disk = storage::MemoryDisk{};
  platter_.guard.reset();
  out_ = rolled_back_ = false;
  watch_.data_lost(site);
}

void Centre::end(int code, Time down) {
  if (!process_) return;
  last_code_ = code;
  world_.note("ends", site.value, static_cast<std::uint64_t>(code));
  const std::uint64_t life = life_;
  process_.reset();
  const std::uint64_t unsynced = platter_.disk.staged_bytes();
  platter_.disk.crash(chance_.percent(40) ? 0 : chance_.below(unsynced + 1));
  paused_until_ = 0;
  steps_left_ = passes_left_ = 0;
  network_.process_ended(site, life);
  watch_.ended(site);
  if (down >= 0) world_.at(world_.now() + down, *this, start_now);
}

void Centre::follow(Receivers::Script script) {
  hospitals_ = std::move(script);
  if (process_) process_->receivers().follow(hospitals_);
}

void Centre::crash(Time down) { end(137, down); }

void Centre::reboot(Time down) {
  end(137, down);
  machine_.reboot(world_.now() + down / 2);
}

void Centre::pause(Time span) {
  if (!process_) return;
  paused_until_ = std::max(paused_until_, world_.now() + span);
  network_.pause_changed(site);
  world_.at(paused_until_, *this, resume);
}

void Centre::hang_up(Time span) {
  silent_until_ = world_.now() + span;
  if (process_) process_->receivers().hang_up();
  world_.at(silent_until_, *this, listen);
}

void Centre::calm() {
  calm_ = true;
  platter_.slow = 1;
  platter_.capacity = 0;
  platter_.disk.fill_at(UINT64_MAX);
  steps_left_ = passes_left_ = 0;
  if (!process_) return;
  process_->receivers().calm();
  if (!is_paused()) return;
  paused_until_ = world_.now();
  go_on();
}

/// After a pause. What the disk did meanwhile is heard of now.
void Centre::go_on() {
  network_.pause_changed(site);
  for (const auto& [kind, value] : std::exchange(postponed_, {})) {
    world_.at(world_.now(), *this, kind, value);
  }
  soon();
}

// Acting.

void Centre::soon() {
  if (run_queued_) return;
  run_queued_ = true;
  world_.at(std::max(world_.now(), busy_until_), *this, run_now);
}

void Centre::run() {
  run_queued_ = false;
  if (!process_ || is_paused()) return;
  if (due_ && machine_.boot(world_.now()) >= due_) {
    due_ = {};
    process_->time_passed();
  }
  act();
  busy_until_ = world_.now() + 15 * us + static_cast<Time>(chance_.below(120));
}

void Centre::act() {
  acting = this;
  bool lives = false;
  try {
    const bool counting = steps_left_ > 0;
    lives = process_->run(steps_left_);
    if (counting && steps_left_ == 0) lives = false;
    if (lives) work_disk();
  } catch (const Ended& ended) {
    lives = false;
    last_code_ = ended.code;
  }
  acting = nullptr;
  if (!lives)
    return end(process_->code() ? process_->code() : 137, 200 * ms + chance_.around(2 * second));
  set_timer();
}

void Centre::work_disk() {
  if (!process_->disk_waits()) return;
  const Time takes = process_->disk_begin();
  world_.at(world_.now() + takes, *this, disk_done, life_);
}

void Centre::arm(BootTime due) {
  due_ = due;
  set_timer();
}

/// One event under way for the earliest of what is to be woken for: a later one is armed anew when
/// it comes.
void Centre::set_timer() {
  BootTime next = due_ ? due_ : BootTime{INT64_MAX};
  if (process_) {
    if (const auto timeout = process_->next_timeout()) next = std::min(next, *timeout);
  }
  if (next.value == INT64_MAX) return;
  const Time when = std::max(machine_.when(next), world_.now());
  if (timer_at_ > world_.now() && timer_at_ <= when) return;
  timer_at_ = when;
  world_.at(when, *this, timer, static_cast<std::uint64_t>(when));
}

void Centre::answer_report_at(Time when, std::uint64_t number) {
  world_.at(when, *this, report, (life_ << 32) | number);
}

void Centre::on_event(std::uint32_t kind, std::uint64_t value) {
  switch (kind) {
    case run_now:
      return run();
    case timer:
      if (static_cast<std::uint64_t>(timer_at_) != value) return;
      timer_at_ = 0;
      if (!process_) return;
      if (due_ && machine_.boot(world_.now()) >= due_) return soon();
      if (const auto t = process_->next_timeout(); t && machine_.boot(world_.now()) >= *t) {
        return soon();
      }
      return set_timer();
    case disk_done:
      if (!process_ || value != life_) return;
      if (is_paused()) return void(postponed_.emplace_back(disk_done, value));
      process_->disk_finish();
      return soon();
    case start_now:
      return start();
    case listen:
      if (process_ && world_.now() >= silent_until_) process_->receivers().listen();
      return;
    case resume:
      if (process_ && !is_paused()) go_on();
      return;
    case report:
      if (!process_ || value >> 32 != life_) return;
      if (is_paused()) return void(postponed_.emplace_back(report, value));
      process_->answer_report(value & 0xffffffff);
      return soon();
    default:
      return;
  }
}

// What arrives.

bool Centre::propose(Command command, std::function<void(const Answer&)> done) {
  if (!process_) return false;
  process_->propose(std::move(command), std::move(done));
  soon();
  return true;
}
void Centre::peer_frame(SiteId from, std::string bytes, const Promise& promise) {
  process_->peer_frame(from, std::move(bytes), promise);
  soon();
}
void Centre::peer_link(SiteId other, bool up) {
  process_->peer_link(other, up);
  soon();
}
void Centre::client_frame(Connection connection, const PublicKey& key, std::string bytes) {
  process_->client_frame(connection, key, bytes);
  soon();
}
void Centre::client_gone(Connection connection) {
  process_->client_gone(connection);
  soon();
}

}  // namespace vigie::sim
