// Counts the figures of the guard from what each applied entry brought: its events, and the room's
// record of the exam where an event does not say enough.
//
// The same code in the running node and in `vigie journal replay --kpi`, fed entry by entry, so
// that both come to the same figures. It only looks: the room knows nothing of it, and no decision
// depends on it. Memory: by establishment, agreement, pair of centres, live reader, and exam that
// is delivered and not yet closed; nothing by event.
#pragma once

#include <map>
#include <set>
#include <span>

#include "actors/core/kpi/figures.hpp"
#include "actors/core/room/state.hpp"
#include "messages/types/event.hpp"

namespace vigie::kpi {

class Measures {
 public:
  /// Goes on from `state`, which entries that were not taken led to: a snapshot. What was counted
  /// stays; readers' time counts as if nothing had changed in between. Cost: linear in the records.
  void begin(const room::State& state);
  /// Counts what one entry brought.
  /// @param state After that entry.
  /// @param entry Its events, all of them, in order.
  /// Cost: some 100 ns for an event of an exam's or a reader's.
  void take(const room::State& state, std::span<const Event> entry);

  /// Readers' time up to `now` (the room's), with what goes on still.
  Figures figures(FedTime now) const;
  const Totals& totals() const { return figures_.totals; }
  const std::map<Flow, std::uint64_t>& flows() const { return figures_.flows; }
  std::map<SiteId, Presence> presence(FedTime now) const;
  std::vector<Slow> slow() const { return slow_establishments(figures_); }

  /// A reader at his post, as last seen.
  struct Seat {
    SiteId site;
    FedTime since;  ///< counted up to here
    ExamId exam;    ///< in his hand, READING or PRELIMINARY
    bool operator==(const Seat&) const = default;
  };
  const std::map<SessionId, Seat>& seats() const { return seats_; }
  /// Exams that it remembers: delivered, and not yet closed.
  std::size_t remembered() const { return delivered_.size(); }

 private:
  void count(const room::State& state, std::span<const Event> entry, const Event& event);
  void count_offer(const Event& event);
  void requested(const Exam& exam);
  void joined(const Exam& exam, std::span<const Event> entry);
  void touched(const Exam& exam, const Event& event);
  void protocolled(const Exam& exam, const Event& event);
  void read(const Exam& exam);
  void delivered(const Exam& exam, FedTime at);
  void follow(const room::State& state, SessionId session);
  void follow_holder(const room::State& state, const Event& event);
  void add(Span span, Urgency urgency, Millis value);

  Figures figures_;
  std::map<SessionId, Seat> seats_;  ///< of live readers
  std::set<ExamId> delivered_;       ///< and not yet closed: each counts once, whatever is added
};

}  // namespace vigie::kpi
