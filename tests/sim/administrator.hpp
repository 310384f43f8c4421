// Whoever runs the federation: takes centres that lost their data in anew, lets a spare one come
// and go. Gives the orders that `vigie site add|rejoin|promote|remove` gives, through the SDK, and
// does on the machines what the runbook says.
#pragma once

#include <map>

#include "tests/sim/town.hpp"

namespace vigie::sim {

class Administrator final : public Person {
 public:
  explicit Administrator(Town& town);

  Caller* caller() override { return &caller_; }
  std::size_t waiting() const override { return caller_.session().unanswered(); }
  void on_event(std::uint32_t kind, std::uint64_t value) override;

  /// The spare centre comes, or goes. False: it is not the time for that.
  bool grow();
  bool shrink();
  /// Nobody is on the way in or out, and every centre that is to vote does.
  bool is_settled() const;

 private:
  enum class Stage : std::uint8_t { none, ordered, joining, promoting, leaving };
  void look_after(SiteId site);
  void order(SiteChange what, SiteId site, Stage then);
  void ordered(SiteId site, Stage then, const Answer& answer);
  const std::vector<Member>* members() const;
  bool is_voter(SiteId site) const;
  bool is_no_member(SiteId site) const;

  Town& town_;
  std::map<SiteId, Stage> stages_;
  std::map<SiteId, Time> out_since_;
  Caller caller_;
};

}  // namespace vigie::sim
