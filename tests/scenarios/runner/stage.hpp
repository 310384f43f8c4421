// The stage of a scenario: complete centres of tests/sim on virtual time, with nobody and nothing
// of their own will on it. Clocks run true, wires are good (20 ms there and back), until the script
// says otherwise. The same script is the same play, on every machine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/scenarios/runner/cast.hpp"
#include "tests/scenarios/runner/narrator.hpp"
#include "tests/scenarios/runner/screen.hpp"
#include "tests/sim/centre.hpp"

namespace vigie::scenarios {

/// What a hospital's listener does with reports.
struct Listener {
  bool down = false;
  bool refuses = false;
  sim::Time after = 30 * sim::ms;
};

class Stage {
 public:
  /// A guard of `centres` centres that has begun, led by Lyon; nobody has logged in.
  static std::unique_ptr<Stage> open(int centres);

  /// Lets time pass.
  void run(sim::Time span);
  /// What is wrong now, by the invariants; empty: nothing.
  std::vector<std::string> violations();
  /// The end of a scenario: everything is healed, and a while later every centre holds the same
  /// room, with every exam that a hospital was promised in it. What is wrong.
  std::vector<std::string> end();

  // The script's hands.
  /// A hospital's message at a door, as its HL7 listener hands it in.
  void hand_in(SiteId door, const std::string& who, Command command);
  Screen& log_in(PersonId person, Role role, SiteId at, AcceptMode accept);
  /// Where that person sits: the newest screen that was not shut out, else the newest; nullptr: has
  /// never logged in.
  Screen* screen_of(PersonId person);
  Screen* older_screen_of(PersonId person);
  void cut(SiteId a, SiteId b);
  void heal();
  sim::Centre& centre(SiteId site) { return *centres_[site.value]; }
  Listener& listener(const std::string& hospital) { return listeners_[hospital]; }
  /// Of a hospital's message: no two new ones have the same.
  std::string next_message() { return "message " + std::to_string(++last_message_); }
  std::map<std::string, Command>& messages() { return messages_; }  ///< as first sent, by order

  // For those who play on it.
  int centres() const { return static_cast<int>(centres_.size()) - 1; }
  const Directory& directory() const { return directory_; }
  /// The room of a centre that is up, the furthest one; nullptr: all are down.
  const actors::Host* host() const;
  SiteId leader() const;
  std::vector<SiteId> doors_from(SiteId home) const;
  sim::World& world() { return world_; }
  sim::Network& network() { return network_; }
  sim::Records& records() { return records_; }
  sim::ExamTracks& tracks() { return invariants_.exams(); }
  Trace& trace() { return trace_; }
  Labels& labels() { return labels_; }
  const Narrator& narrator() const { return narrator_; }
  sim::Chance fork() { return chance_.fork(); }

 private:
  Stage(int centres, std::uint64_t seed);
  sim::Reception receive(const DeliveryJob& job);
  void acknowledged(const std::string& who, SiteId door, const Command& command,
                    const Answer& answer);
  void check_end(std::vector<std::string>& wrong);

  const Directory directory_;
  sim::Options options_;
  sim::Chance chance_;
  sim::World world_{nullptr};
  sim::Findings findings_{world_};
  sim::Records records_{findings_};
  sim::Invariants invariants_;
  Trace trace_{world_};
  Labels labels_;
  Narrator narrator_;
  sim::Network network_;
  std::vector<std::unique_ptr<sim::Centre>> centres_;  ///< by number; 0 is nobody
  std::vector<std::unique_ptr<Screen>> screens_;
  std::vector<std::pair<SiteId, SiteId>> cuts_;
  std::map<std::string, Listener> listeners_;
  std::map<std::string, Command> messages_;
  std::uint64_t last_message_ = 0;
  std::map<ExamId, std::string> promised_;  ///< exams that a hospital was acknowledged
};

}  // namespace vigie::scenarios
