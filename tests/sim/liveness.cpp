#include "tests/sim/liveness.hpp"

#include <algorithm>

namespace vigie::sim {
namespace {

// Overseas an election's timeout is 3 to 6 s: a leader within 6 s, two round trips and a sync; one
// split vote more makes it 12 s.
constexpr Time leader_within = 10 * second, leader_within_overseas = 15 * second;
constexpr Time calls_within = 30 * second, offers_within = 5 * second;
constexpr Millis held_max = 60_s;
constexpr Time work_for = 60 * second, digests_within = 30 * second;

bool reads_for(const Directory& directory, GroupId id, SiteId site) {
  const ProviderGroup* group = directory.group(id);
  return group && std::find(group->sites.begin(), group->sites.end(), site) != group->sites.end();
}

/// By its agreement; of the overflow when that is open, by its own wait or by load.
bool may_be_read_at(const Directory& directory, const Exam& exam, SiteId site) {
  if (reads_for(directory, exam.group, site)) return true;
  const bool open = exam.relax_step >= 2 || has(exam.flags, ExamFlag::overflow);
  return open && exam.overflow_group && reads_for(directory, exam.overflow_group, site);
}

/// Others are on guard and he is not, or his shift may end before he would have read it.
bool is_kept_by_roster(const room::State& state, const Exam& exam, PersonId reader) {
  const UtcTime now = state.utc();
  const OnRoster roster = on_roster(state.directory().roster, reader, now);
  return roster.anybody && (!roster.own || exam.relax_step < 2);
}

}  // namespace

Liveness::Liveness(Town& town, Nemesis& nemesis, std::vector<std::unique_ptr<Person>>& people,
                   Findings& findings, const Options& options)
    : town_(town), nemesis_(nemesis), people_(people), findings_(findings), options_(options) {}

void Liveness::begin() {
  Chance chance(options_.seed ^ 0x6c6976656e657373u);
  nemesis_.calm();
  town_.calm = true;
  calm_at_ = led_at_ = town_.world.now();
  next_ = calm_at_ + 1 * second;
  std::size_t out = 0;
  for (const auto& centre : town_.centres) out += centre && centre->is_out();
  const auto spare = static_cast<std::size_t>((town_.sites - 1) / 2);
  if (out >= spare || !nemesis_.is_whole() || chance.percent(50)) return;
  std::vector<SiteId> minority;
  while (minority.size() < spare - out) {
    const SiteId site{
        static_cast<std::uint16_t>(1 + chance.below(static_cast<std::uint64_t>(town_.sites)))};
    const bool again = std::find(minority.begin(), minority.end(), site) != minority.end();
    if (!again && !town_.centre(site).is_out()) minority.push_back(site);
  }
  away_.insert(minority.begin(), minority.end());
  nemesis_.leave_out(minority, chance.percent(50));
}

const actors::Host* Liveness::leader() const {
  for (const auto& centre : town_.centres) {
    const actors::Host* host = centre ? centre->host() : nullptr;
    if (!host || !is_in_majority(centre->site) || !host->replica().is_settled_leader()) continue;
    std::size_t followers = 0;
    for (const auto& other : town_.centres) {
      const actors::Host* theirs = other ? other->host() : nullptr;
      followers +=
          theirs && is_in_majority(other->site) && theirs->replica().leader() == centre->site;
    }
    if (2 * followers > static_cast<std::size_t>(town_.sites)) return host;
  }
  return nullptr;
}

bool Liveness::has_leader() const { return leader() != nullptr; }

/// Who of those whose place is in the majority has waited too long, if anybody.
std::string Liveness::pending() {
  std::string found;
  for (const auto& person : people_) {
    const Caller* caller = person->caller();
    const bool excused =
        caller->is_lost() || caller->is_asleep() || !is_in_majority(caller->place());
    if (excused || person->waiting() == 0) {
      waits_.erase(person.get());
      continue;
    }
    const Wait now{town_.world.now(), caller->last_words()};
    Wait& wait = waits_.try_emplace(person.get(), now).first->second;
    if (wait.told != now.told) wait = now;
    if (now.since - wait.since < calls_within) continue;
    found = caller->name() +
            (caller->is_live() ? " gets no answer" : "'s session is not attached") + ", at door " +
            std::to_string(caller->door().value);
  }
  return found;
}

/// No exam may stay READY for long beside a reader who is free and may have it.
void Liveness::look_at_offers() {
  const actors::Host* host = leader();
  if (!host) return;
  const room::State& state = host->room().state();
  ExamId waits;
  for (const auto& [urgency, since, id] : state.by_age()) {
    const Exam* exam = state.exams().find(id);
    if (!exam || exam->state != ExamState::ready) continue;
    for (const auto& [place, view] : state.free_readers()) {
      const bool may = std::find(exam->excluded.begin(), exam->excluded.end(), view->person) ==
                           exam->excluded.end() &&
                       exam->skill == Skill::general && state.is_reachable(view->door) &&
                       (!exam->reserved_for || exam->reserved_for == view->person) &&
                       (!view->only_vital || exam->urgency == Urgency::p0) &&
                       !is_kept_by_roster(state, *exam, view->person) &&
                       may_be_read_at(state.directory(), *exam, view->site);
      if (may) waits = id;
    }
    if (waits) break;
  }
  if (!waits || waits != idle_exam_) idle_since_ = town_.world.now();
  idle_exam_ = waits;
  if (waits && town_.world.now() - idle_since_ > offers_within) {
    findings_.add("liveness", "an exam stays READY beside a free reader", host->room().applied(),
                  waits, host->settings().self);
  }
}

/// Whoever organises the guard has resumed it meanwhile, if he could.
void Liveness::look_at_holds() {
  const actors::Host* host = leader();
  const bool somebody = std::any_of(people_.begin(), people_.end(), [&](const auto& person) {
    const Caller* caller = person->caller();
    return person->may_resume() && is_in_majority(caller->place()) && caller->is_live();
  });
  if (!host || !somebody) return;
  const room::State& state = host->room().state();
  for (const auto& [id, slot] : state.exams().slots()) {
    const Exam& exam = slot.record;
    if (exam.state != ExamState::held || exam.state_since + held_max > state.scalars().at) continue;
    findings_.add("liveness", "an exam stays on hold", host->room().applied(), id,
                  host->settings().self);
  }
}

std::string Liveness::disagreement() const {
  std::set<std::pair<LogIndex, Bits128>> all;
  std::string who;
  for (const auto& centre : town_.centres) {
    if (!centre || !is_in_majority(centre->site) || centre->is_out()) continue;
    if (centre->site.value > town_.sites && !centre->host()) continue;  // the spare one
    if (!centre->host()) return "centre " + std::to_string(centre->site.value) + " is down";
    if (!centre->host()->replica().is_member()) continue;
    const LogIndex applied = centre->host()->room().applied();
    all.emplace(applied, centre->host()->room().digest());
    who += (who.empty() ? "" : ", ") + std::to_string(centre->site.value) + " at " +
           std::to_string(applied.value);
  }
  return all.size() == 1 ? std::string{} : who;
}

void Liveness::look() {
  const Time since = town_.world.now() - calm_at_;
  next_ = town_.world.now() + 1 * second;
  // A leader overseas hands over to one on the mainland: for a moment there is none again.
  if (has_leader()) led_at_ = town_.world.now();
  const bool overseas = options_.profile.overseas_delay > 0;
  const Time within = overseas ? leader_within_overseas : leader_within;
  if (since < work_for && town_.world.now() - led_at_ >= within) {
    findings_.add("liveness", "no leader that a majority follows, " +
                                  std::to_string(since / second) + " s after the faults");
  }
  if (const std::string who = pending(); !who.empty()) findings_.add("liveness", who);
  if (since >= calls_within) look_at_offers();
  if (since >= work_for) town_.closing = true;
  const Time stop = work_for + digests_within;
  if (since < stop) return;
  const std::string apart = disagreement();
  if (apart.empty()) {
    look_at_holds();
    next_ = 0;
  } else if (since >= stop + digests_within) {
    findings_.add("liveness", "the centres of the majority do not agree: " + apart);
    next_ = 0;
  }
}

}  // namespace vigie::sim
