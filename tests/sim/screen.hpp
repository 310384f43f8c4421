// One login of a reader: a screen with the SDK behind it, and what it shows as his.
#pragma once

#include "tests/sim/town.hpp"

namespace vigie::sim {

class Screen final : public Believer {
 public:
  Screen(Town& town, std::uint32_t number, SiteId place);
  ExamId believes() const override;
  PersonId person() const override { return {number_}; }
  std::pair<SessionId, Incarnation> counts_on() const override;

  Caller caller;
  std::size_t place = 0;   ///< in the stream of its session
  SessionId session;       ///< of that stream
  ExamId held;             ///< shown as accepted, not only offered
  bool abandoned = false;  ///< its owner works at another one
  bool leaving = false;    ///< logging out: what comes meanwhile is not taken in hand

 private:
  const std::uint32_t number_;
};

}  // namespace vigie::sim
