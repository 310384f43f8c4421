#include "tests/sim/simulation.hpp"

#include <chrono>
#include <cstdio>

#include "tests/sim/invariants.hpp"
#include "tests/sim/liveness.hpp"
#include "tests/sim/town.hpp"
#include "tests/verify/linear/linear.hpp"

namespace vigie::sim {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class Simulation {
 public:
  explicit Simulation(const Options& options)
      : options_(options),
        trace_(options.trace.empty() ? nullptr : std::fopen(options.trace.c_str(), "w")),
        chance_(options.seed),
        world_(trace_.get()),
        findings_(world_),
        records_(findings_),
        invariants_(world_, findings_, records_, options.sites),
        network_(world_, options.profile, options.sites, chance_.fork(), 1),
        founding_(founding(options)),
        town_{world_,   network_,      records_,      invariants_.exams(),
              centres_, options.sites, chance_.fork()} {
    centres_.resize(1);
    for (std::uint16_t i = 1; i <= options.sites + 1; ++i) {  // one is spare
      centres_.push_back(std::make_unique<Centre>(world_, network_, options_, founding_,
                                                  invariants_, SiteId{i}, chance_.fork()));
    }
    centres_.back()->stay_down(true);
    for (std::size_t i = 1; i < centres_.size(); ++i) centres_[i]->start();
    populate();
    administrator_ = std::make_unique<Administrator>(town_);
    nemesis_ = std::make_unique<Nemesis>(town_, invariants_, people_, *administrator_,
                                         draw_faults(options), options_);
  }

  Outcome run();

 private:
  static Directory founding(const Options& options) {
    Directory d = town_directory(options.sites, options.profile.close_after);
    const auto sound = d.normalise();
    VIGIE_ASSERT(static_cast<bool>(sound));
    return d;
  }
  void populate();
  bool pass(Time until) {
    while (!findings_.any() && world_.step(until)) {
    }
    return !findings_.any();
  }
  void judge(Outcome& out);

  const Options options_;
  std::unique_ptr<std::FILE, CloseFile> trace_;
  Chance chance_;
  World world_;
  Findings findings_;
  Records records_;
  Invariants invariants_;
  Network network_;
  const Directory founding_;
  std::vector<std::unique_ptr<Centre>> centres_;
  Town town_;
  std::vector<std::unique_ptr<Person>> people_;
  std::unique_ptr<Administrator> administrator_;
  std::unique_ptr<Nemesis> nemesis_;
};

void Simulation::populate() {
  std::uint32_t hospital = person_hospital;
  // Some nights are thin: then the same reader is given the same exam again and again. And some
  // are short of staff: then exams wait for readers, and their order matters.
  const std::uint64_t night = chance_.below(100);
  const int readers = night < 10 ? 1 : night < 20 ? 2 : readers_per_site;
  for (std::uint16_t i = 1; i <= options_.sites; ++i) {
    for (int n = 0; n < hospitals_per_site; ++n) {
      const std::uint32_t house = hospital - person_hospital;
      people_.push_back(make_hospital(town_, hospital, {i}));
      people_.push_back(
          make_staff(town_, Role::requester, person_requester + house, {i}, {hospital}));
      people_.push_back(
          make_staff(town_, Role::technologist, person_technologist + house, {i}, {hospital}));
      ++hospital;
    }
    std::uint32_t reader = person_reader + (i - 1u) * readers_per_site;
    for (int n = 0; n < readers; ++n, ++reader) people_.push_back(make_reader(town_, reader, {i}));
  }
  for (std::uint32_t n = 0; n < regulators; ++n) {
    const auto at = static_cast<std::uint16_t>(1 + n % static_cast<std::uint32_t>(options_.sites));
    people_.push_back(make_regulator(town_, person_regulator + n, {at}));
  }
  people_.push_back(make_staff(town_, Role::regulator, person_steering, {1}));
  people_.push_back(make_staff(town_, Role::assistant, person_assistant, {2}));
  people_.push_back(make_staff(town_, Role::duty_head, person_duty_head, {3}));
  people_.push_back(make_staff(town_, Role::duty_head, person_duty_head + 1, {2}));
  for (std::uint16_t i = 1; i <= options_.sites; ++i) {
    people_.push_back(make_staff(town_, Role::site_lead, person_site_lead + i, {i}));
  }
}

/// What only the whole history can tell.
void Simulation::judge(Outcome& out) {
  if (findings_.is_unsafe()) return;
  for (const auto& centre : centres_) {
    if (findings_.any() || !centre || !centre->host()) continue;  // it ended before its end
    invariants_.check_end(centre->site, *centre->host(), centre->process()->journal());
  }
  records_.check_all();
  const linear::Findings found = linear::sweep(records_.history());
  out.judged = found.swept;
  out.reads = found.reads;
  out.in_order = found.in_order;
  out.by_deadline = found.by_deadline;
  for (const linear::Fault& fault : found.faults) {
    findings_.add("I16", fault.kind + ": " + fault.what + " (" + fault.where + ")", fault.index,
                  fault.exam);
  }
}

Outcome Simulation::run() {
  const auto begun = std::chrono::steady_clock::now();
  Outcome out;
  out.seed = options_.seed;
  if (pass(options_.faults_for)) {
    Liveness liveness(town_, *nemesis_, people_, findings_, options_);
    liveness.begin();
    while (const Time until = liveness.next()) {
      if (!pass(until)) break;
      liveness.look();
    }
  }
  judge(out);
  out.hash = world_.hash();
  out.violations = findings_.all();
  out.simulated = world_.now();
  out.events = world_.events();
  out.operations = records_.operations();
  out.entries = invariants_.committed().value;
  for (const auto& centre : centres_) {
    out.restarts += centre && centre->restarts() > 0 ? centre->restarts() - 1 : 0;
  }
  out.failovers = invariants_.failovers();
  out.frames = network_.frames();
  out.lost = network_.lost();
  out.doubled = network_.doubled();
  out.overtaken = network_.overtaken();
  out.faults = nemesis_->counts();
  out.exams = invariants_.exams().counts();
  out.guard = invariants_.guard().counts();
  out.commands = invariants_.commands();
  out.done = records_.done();
  out.installs = invariants_.installs();
  out.gaps = invariants_.gaps();
  out.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return out;
}

}  // namespace

std::uint64_t Outcome::fault_count() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t n : faults) sum += n;
  return sum;
}

Outcome run(const Options& options) { return Simulation(options).run(); }

}  // namespace vigie::sim
