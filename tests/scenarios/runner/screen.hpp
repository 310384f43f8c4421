// A person at a screen, with the SDK behind it: does what the script says, shows what the desk
// tells. A reader's screen also says for how long it may show an exam as its reader's own.
#pragma once

#include <map>
#include <string>

#include "tests/scenarios/runner/trace.hpp"
#include "tests/sim/caller.hpp"
#include "tests/sim/exam_tracks.hpp"

namespace vigie::scenarios {

class Stage;

class Screen final : public sim::Believer {
 public:
  /// Logs in at once. @param at The centre of the post, and where the person stands.
  Screen(Stage& stage, PersonId person, Role role, SiteId at, AcceptMode accept);

  ExamId believes() const override;
  PersonId person() const override { return person_; }
  /// The session that its client counts on still, by the lease that it was promised.
  std::pair<SessionId, Incarnation> counts_on() const;
  Role role() const { return role_; }
  const std::string& name() const { return name_; }
  sim::Caller& caller() { return caller_; }

  /// Sends; what is answered goes into the trace.
  void send(Command command);
  /// As this screen last knew it.
  Epoch epoch_of(ExamId exam) const;
  /// For ever: the console is dead.
  void die();
  /// Its owner has logged in elsewhere: nobody looks at it any more.
  void leave() { left_ = true; }
  /// That login was shut out: its owner sits here again.
  void come_back() { left_ = false; }
  bool is_shut_out() const { return dead_ || caller_.is_lost(); }
  /// Says what has changed on it by the passing of time.
  void look();

 private:
  void open();
  void attached(const Answer& answer);
  void see(const Event& event);
  void show(const std::vector<Event>& view);
  void given(const Event& event);

  Stage& stage_;
  const PersonId person_;
  const Role role_;
  const SiteId at_;
  AcceptMode accept_;
  const std::string name_;
  sim::Caller caller_;
  std::size_t place_ = 0;  ///< in the stream of its session
  SessionId session_;
  ExamId held_;   ///< shown as accepted, not only offered
  ExamId shown_;  ///< as its reader's own, when last looked at
  bool left_ = false, lapsed_ = false, dead_ = false;
  std::map<ExamId, Epoch> epochs_;
};

}  // namespace vigie::scenarios
