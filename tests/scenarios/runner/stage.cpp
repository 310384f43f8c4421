#include "tests/scenarios/runner/stage.hpp"

#include <algorithm>

#include "actors/core/room/invariants.hpp"
#include "messages/types/exam_number.hpp"
#include "tests/verify/linear/linear.hpp"

namespace vigie::scenarios {
namespace {

using sim::Time;

constexpr Time begins_after = 10 * sim::second, heals_within = 60 * sim::second;
constexpr SiteId lyon{1};

/// The mainland (design: timings), and nothing that chance would do to it.
sim::Profile mainland() {
  sim::Profile p = *sim::profile_named("wan");
  p.jitter = 0;
  p.loss = 0;
  p.drift = 0;
  p.sync_min = p.sync_max = 1 * sim::ms;
  return p;
}

}  // namespace

Stage::Stage(int centres, std::uint64_t seed)
    : directory_(cast_of(centres)),
      chance_(seed),
      invariants_(world_, findings_, records_, centres),
      narrator_(invariants_, trace_, labels_, directory_),
      network_(world_, mainland(), centres, chance_.fork()) {
  options_.seed = seed;
  options_.profile = mainland();
  options_.sites = centres;
  centres_.resize(1);
  for (std::uint16_t i = 1; i <= centres; ++i) {
    centres_.push_back(std::make_unique<sim::Centre>(world_, network_, options_, directory_,
                                                     narrator_, SiteId{i}, chance_.fork()));
    centres_.back()->follow([this](const DeliveryJob& job) { return receive(job); });
  }
  for (std::size_t i = 1; i < centres_.size(); ++i) centres_[i]->start();
  run(begins_after);
}

/// Who leads first is chance's; the seeds are tried in order until it is Lyon.
std::unique_ptr<Stage> Stage::open(int centres) {
  for (std::uint64_t seed = 1; seed <= 64; ++seed) {
    std::unique_ptr<Stage> stage(new Stage(centres, seed));
    if (stage->leader() == lyon) return stage;
  }
  return nullptr;
}

void Stage::run(Time span) {
  const Time until = world_.now() + span;
  while (!findings_.any() && world_.step(until)) {
    for (const auto& screen : screens_) screen->look();
  }
}

// Looking.

const actors::Host* Stage::host() const {
  const actors::Host* best = nullptr;
  for (const auto& centre : centres_) {
    const actors::Host* host = centre ? centre->host() : nullptr;
    if (host && (!best || host->room().applied() > best->room().applied())) best = host;
  }
  return best;
}

SiteId Stage::leader() const {
  SiteId found;
  Term term;
  for (const auto& centre : centres_) {
    const actors::Host* host = centre ? centre->host() : nullptr;
    if (!host || !host->replica().is_settled_leader() || host->replica().term() <= term) continue;
    found = centre->site;
    term = host->replica().term();
  }
  return found;
}

std::vector<SiteId> Stage::doors_from(SiteId home) const {
  std::vector<SiteId> doors = {home};
  for (const Site& site : directory_.sites) {
    if (site.id != home) doors.push_back(site.id);
  }
  return doors;
}

std::vector<std::string> Stage::violations() {
  std::vector<std::string> wrong;
  for (const sim::Violation& v : findings_.all()) {
    wrong.push_back("VIOLATION " + v.invariant + ": " + v.what);
  }
  for (const auto& centre : centres_) {
    const actors::Host* host = centre ? centre->host() : nullptr;
    if (!host) continue;
    for (const std::string& what : room::violations(host->room())) {
      wrong.push_back("VIOLATION at " + name_of(directory_, centre->site) + ": " + what);
    }
  }
  return wrong;
}

// The end.

std::vector<std::string> Stage::end() {
  heal();
  network_.lose_if({});
  for (auto& [name, listener] : listeners_) listener = {};
  for (std::size_t i = 1; i < centres_.size(); ++i) {
    centres_[i]->calm();
    centres_[i]->start();
  }
  const Time until = world_.now() + heals_within;
  const auto is_settled = [this] {
    const actors::Host* furthest = host();
    return furthest && leader() &&
           std::all_of(centres_.begin() + 1, centres_.end(), [&](const auto& c) {
             return c->host() && c->host()->room().applied() == furthest->room().applied();
           });
  };
  do {
    run(5 * sim::second);
  } while (!findings_.any() && !is_settled() && world_.now() < until);
  std::vector<std::string> wrong = violations();
  if (wrong.empty()) check_end(wrong);
  return wrong;
}

void Stage::check_end(std::vector<std::string>& wrong) {
  const actors::Host* furthest = host();
  if (!furthest || !leader()) return wrong.push_back("VIOLATION in the end nobody leads");
  for (std::size_t i = 1; i < centres_.size(); ++i) {
    sim::Centre& centre = *centres_[i];
    const std::string name = name_of(directory_, centre.site);
    if (!centre.host() || centre.host()->room().digest() != furthest->room().digest()) {
      wrong.push_back("VIOLATION in the end " + name + " holds another room, or none");
      continue;
    }
    invariants_.check_end(centre.site, *centre.host(), centre.process()->journal());
    for (const auto& [exam, label] : promised_) {
      const auto archived = centre.process()->journal().archived(exam);
      const bool kept = centre.host()->room().state().exams().find(exam) || (archived && *archived);
      if (!kept) wrong.push_back("VIOLATION in the end " + name + " has lost " + label);
    }
  }
  records_.check_all();
  for (const linear::Fault& fault : linear::sweep(records_.history()).faults) {
    findings_.add("I16", fault.kind + ": " + fault.what, fault.index, fault.exam);
  }
  for (const std::string& what : violations()) wrong.push_back(what);
}

// The script's hands.

void Stage::acknowledged(const std::string& who, SiteId door, const Command& command,
                         const Answer& answer) {
  std::string words = words_of(answer);
  if (answer.code == Errc::ok && std::holds_alternative<Submit>(command)) {
    promised_.emplace(answer.exam, exam_number(directory_, answer.exam));
    words = exam_number(directory_, answer.exam) + (words.empty() ? "" : ", " + words);
    if (!answer.text.empty()) words += ", " + answer.text;
  }
  if (!words.empty()) trace_.say(who + " is told by " + name_of(directory_, door) + ": " + words);
}

void Stage::hand_in(SiteId door, const std::string& who, Command command) {
  const auto kept = std::make_shared<Command>(command);
  const bool there = centre(door).propose(
      std::move(command),
      [this, who, door, kept](const Answer& answer) { acknowledged(who, door, *kept, answer); });
  if (!there) trace_.say("nobody answers " + who + " at the door of " + name_of(directory_, door));
}

Screen& Stage::log_in(PersonId person, Role role, SiteId at, AcceptMode accept) {
  if (Screen* older = screen_of(person)) older->leave();
  screens_.push_back(std::make_unique<Screen>(*this, person, role, at, accept));
  return *screens_.back();
}

Screen* Stage::screen_of(PersonId person) {
  Screen* newest = nullptr;
  for (auto at = screens_.rbegin(); at != screens_.rend(); ++at) {
    if ((*at)->person() != person) continue;
    if (!newest) newest = at->get();
    if ((*at)->is_shut_out()) continue;
    (*at)->come_back();
    return at->get();
  }
  return newest;
}

Screen* Stage::older_screen_of(PersonId person) {
  const Screen* newest = screen_of(person);
  for (auto at = screens_.rbegin(); at != screens_.rend(); ++at) {
    if ((*at)->person() == person && at->get() != newest) return at->get();
  }
  return nullptr;
}

void Stage::cut(SiteId a, SiteId b) {
  network_.cut(a, b, true);
  network_.cut(b, a, true);
  cuts_.emplace_back(a, b);
}

void Stage::heal() {
  for (const auto& [a, b] : cuts_) {
    network_.cut(a, b, false);
    network_.cut(b, a, false);
  }
  cuts_.clear();
}

sim::Reception Stage::receive(const DeliveryJob& job) {
  const Listener& listener = listeners_[job.feed];
  sim::Reception r;
  r.after = listener.after;
  if (listener.refuses) r.outcome = SendOutcome::failed;
  if (listener.down) r.silent = true, r.after = 24 * 60 * sim::minute;
  return r;
}

}  // namespace vigie::scenarios
