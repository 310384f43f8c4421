// The people and hospitals around the centres, and the directory that names them. Each person is a
// model that goes about a day's work through the SDK: asks, dawdles, forgets, walks away, comes
// back elsewhere. None of them knows of faults; they only suffer them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "tests/sim/caller.hpp"
#include "tests/sim/centre.hpp"
#include "tests/sim/invariants.hpp"

namespace vigie::sim {

inline constexpr std::uint32_t person_hospital = 100, person_regulator = 300,
                               person_administrator = 400, person_reader = 500,
                               person_assistant = 350, person_duty_head = 360,
                               person_steering = 370, person_site_lead = 380,
                               person_requester = 600, person_technologist = 700;
inline constexpr int hospitals_per_site = 1, readers_per_site = 3, regulators = 2, duty_heads = 2;

/// Everyone in it is known; version 1 is proposed by the first leader.
Directory town_directory(int sites, Millis close_after = 5_min);
PublicKey key_of(PersonId person);
/// As a directory names it: of the founding ones, or the spare one behind them.
Site site_named(SiteId id);
/// `home` first, the others behind it in their order.
std::vector<SiteId> doors_from(SiteId home, int sites);

/// What every person has to do with.
struct Town {
  World& world;
  Network& network;
  Records& records;
  ExamTracks& tracks;
  std::vector<std::unique_ptr<Centre>>& centres;  ///< by number; 0 is nobody
  int sites;  ///< that founded the federation; a spare one may stand behind them
  Chance chance;
  /// What people tell each other by telephone: late reports that wait, questions of regulators.
  std::map<ExamId, ReportId> late_reports{};
  std::map<EstablishmentId, std::vector<ExamId>> questions{};
  /// Exams of which a reader wants more images, or that have no order to be made under.
  std::map<EstablishmentId, std::vector<ExamId>> more_images{};
  /// Orders that are told on the phone, before or after they are sent.
  struct Call {
    Request request;
  };
  std::deque<Call> calls{};
  bool calm = false;     ///< nobody dawdles or wanders any more
  bool closing = false;  ///< no new work
  Centre& centre(SiteId site) { return *centres[site.value]; }
  Chance fork() { return chance.fork(); }
};

class Person : public Target {
 public:
  /// The faults are over, or the nemesis wants something.
  virtual Caller* caller() = 0;
  /// Calls without an answer.
  virtual std::size_t waiting() const = 0;
  /// One who resumes what is on hold, whoever paused it.
  virtual bool may_resume() const { return false; }
  /// Looks away for `span` on a wire that is half dead (Network::spoil()). False: not now.
  virtual bool doze(Time, Time) { return false; }
};

std::unique_ptr<Person> make_hospital(Town& town, std::uint32_t number, SiteId home);
std::unique_ptr<Person> make_regulator(Town& town, std::uint32_t number, SiteId home);
/// A requester or a technologist of a house; an assistant, a duty head, a regulator who organises,
/// the lead of a site.
std::unique_ptr<Person> make_staff(Town& town, Role role, std::uint32_t number, SiteId home,
                                   EstablishmentId house = {});
std::unique_ptr<Person> make_reader(Town& town, std::uint32_t number, SiteId home);

}  // namespace vigie::sim
