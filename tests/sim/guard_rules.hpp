// The rules of the guard itself, beside the numbered invariants, looked at as the committed log
// goes on and in every node's room:
//
//   R3   one duty head: of one number no two nodes name two; his commands are done for nobody else
//   A1   a finding raises an exam up to its ceiling, not to P0, never down, and so often an hour
//   T14  who declined an exam, gave it back or lost it to the duty head is not given it again
//   O22  no more exams come under an agreement in one guard than its quota
//   O17  what was read is not on the list of what a guard left unread
//   T17  each version of a report is owed to each recipient
#pragma once

#include <map>
#include <set>
#include <string>

#include "actors/core/room/state.hpp"
#include "messages/types/event.hpp"
#include "tests/sim/board.hpp"
#include "tests/sim/findings.hpp"

namespace vigie::sim {

class GuardRules {
 public:
  GuardRules(Findings& findings, const Board& board) : findings_(findings), board_(board) {}

  /// An event of the committed log, in order, once; before the board takes it.
  void take(const Event& event, const Directory& directory);
  /// A node's room has applied more.
  void look(SiteId site, const room::State& state);
  /// At the end, at each node.
  void check_end(SiteId site, const room::State& state);

  /// What happened seldom enough to be counted.
  struct Counts {
    std::uint64_t handed_over = 0;  ///< the duty, to who was offered it
    std::uint64_t followed = 0;     ///< ... to a deputy, by time alone
    std::uint64_t raised = 0;       ///< exams, by an engine
    std::uint64_t capped = 0;       ///< findings of an engine that had raised too many
    std::uint64_t full = 0;         ///< guards in which an agreement's quota was used up
    void add(const Counts& other);
  };
  const Counts& counts() const { return counts_; }

 private:
  void check_finding(const Event& event, const Directory& directory);
  void check_given(const Event& event);
  void check_quota(SiteId site, const room::State& state, const room::GuardCount& count);

  struct Hour {
    FedTime since;
    std::uint32_t raised = 0;
  };
  Findings& findings_;
  const Board& board_;
  std::map<std::uint32_t, PersonId> heads_;   ///< by the duty's number
  std::map<std::string, Hour> hours_;         ///< by engine
  std::map<ExamId, std::set<PersonId>> had_;  ///< who is not to be given it again
  struct Guard {
    FedTime until;
    FedTime begun;  ///< it surely had by then
    bool full = false;
  };
  std::map<std::string, Guard> guards_;  ///< by agreement with a quota
  Counts counts_;
};

}  // namespace vigie::sim
