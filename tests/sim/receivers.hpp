// The hospitals' end of a centre's MLLP door: takes reports from the delivery actor, and
// acknowledges, refuses, dawdles or keeps silent.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "actors/core/room/state.hpp"
#include "messages/types/applied.hpp"
#include "messages/types/report_sender.hpp"
#include "tests/sim/chance.hpp"
#include "tests/sim/watch.hpp"
#include "tests/sim/world.hpp"

namespace vigie::sim {

/// What a hospital does with a report that it is sent.
struct Reception {
  SendOutcome outcome = SendOutcome::delivered;
  Time after = 0;       ///< until it is answered
  bool silent = false;  ///< nobody at home: withdrawing it ends the wait
};

class Receivers final : public ReportSender {
 public:
  using Script = std::function<Reception(const DeliveryJob&)>;
  /// @param answer_at Asks for answer(number) at that time.
  Receivers(SiteId door, Chance& chance, Watch& watch, World& world,
            std::function<void(Time, std::uint64_t)> answer_at)
      : door_(door),
        chance_(chance),
        watch_(watch),
        world_(world),
        answer_at_(std::move(answer_at)) {}

  void send(std::shared_ptr<const DeliveryJob> job,
            std::function<void(SendOutcome, std::string)> done) override;
  void withdraw(ExamId exam, ReportVersion version, std::uint8_t recipient) override;
  void notify(ExamId, EventKind) override {}

  void answer(std::uint64_t number);
  /// What a node owes at its start, or in a snapshot that it took over, must be sent, and soon
  /// (I11); but what this life's delivery actor already has in hand is not sent twice.
  void expect(const AppliedBatch& batch, BootTime now);
  void look(const room::State& state, BootTime now);
  /// From now on nobody is at home, until listen().
  void hang_up() { silent_ = true; }
  void listen() { silent_ = false; }
  /// The faults are over: everybody answers, and soon.
  void calm();
  /// Not chance but `script` says what hospitals do; empty: chance.
  void follow(Script script) { script_ = std::move(script); }

 private:
  using Key = std::tuple<ExamId, ReportVersion, std::uint8_t>;
  struct Waiting {
    std::shared_ptr<const DeliveryJob> job;
    std::function<void(SendOutcome, std::string)> done;
    SendOutcome outcome = SendOutcome::delivered;
    bool silent = false;
  };
  SiteId door_;
  Chance& chance_;
  Watch& watch_;
  World& world_;
  std::function<void(Time, std::uint64_t)> answer_at_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::uint64_t last_ = 0;
  std::map<Key, BootTime> expected_;
  /// Sent by this life and not given back: a hospital may be silent for a minute, and an answer
  /// may wait for a leader.
  std::set<Key> in_hand_;
  bool calm_ = false, silent_ = false;
  Script script_;

  Reception receive(const DeliveryJob& job);
};

}  // namespace vigie::sim
