// After the faults: a connected majority must get on within the bounds of the catalogue (faults
// 3.2). All centres may be there, or a minority stays away, down or cut off.
//
//   leader       <= 10 s     one that a majority follows; overseas 15 s, for one split vote
//   calls        <= 30 s     whoever has called is told something, attached or not
//   offers       <=  5 s     no exam stays READY beside a free reader who may have it
//   holds        <= 60 s     nothing stays HELD while somebody is there who may resume it
//   digests      <= 30 s     after the work has stopped: equal on every centre of the majority
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "tests/sim/nemesis.hpp"

namespace vigie::sim {

class Liveness {
 public:
  Liveness(Town& town, Nemesis& nemesis, std::vector<std::unique_ptr<Person>>& people,
           Findings& findings, const Options& options);
  void begin();
  /// When to look next; 0: it is over.
  Time next() const { return next_; }
  void look();

 private:
  bool has_leader() const;
  bool is_in_majority(SiteId site) const { return !away_.contains(site); }
  const actors::Host* leader() const;
  std::string pending();
  void look_at_offers();
  void look_at_holds();
  /// @return where those of the majority stand, empty if all stand at one place with one digest.
  std::string disagreement() const;

  Town& town_;
  Nemesis& nemesis_;
  std::vector<std::unique_ptr<Person>>& people_;
  Findings& findings_;
  const Options& options_;
  std::set<SiteId> away_;
  struct Wait {
    Time since = 0;
    std::uint64_t told = 0;  ///< last words until then
  };
  std::map<const Person*, Wait> waits_;  ///< of who has a call
  Time calm_at_ = 0, next_ = 0;
  Time led_at_ = 0;      ///< when a leader was last seen
  Time idle_since_ = 0;  ///< READY and a free reader, side by side
  ExamId idle_exam_;
};

}  // namespace vigie::sim
