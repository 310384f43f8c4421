// One exam as a sequential object, for the search (search.cpp): what its clients may be told,
// knowing nothing of the log. Small and lenient: what deadlines, nodes and feeds may do unseen is
// allowed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/verify/linear/linear.hpp"

namespace vigie::linear {

/// An operation or a read, as far as it concerns one exam.
struct Step {
  std::string_view what;  ///< the command's name, or "read"
  std::string where;
  SessionId session;
  Incarnation incarnation;
  ExamId exam;
  Epoch epoch;
  ReportId report;
  ExamState shown = ExamState::none;  ///< of a read
  std::int64_t invoked = 0, completed = 0;
  bool answered = false;  ///< else UNKNOWN: it may take effect at any time after, or never
  bool duplicate = false;
  Errc code = Errc::ok;
  LogIndex index;
  std::int64_t session_ended_after = 0;  ///< its session was there when it sent this, at least
  std::set<SessionId> pair;              ///< who may regulate as one with its session (R1)
};

/// False for answers that say nothing of the exam.
bool says_something(const Step& step);

/// Why no order can go on with a step: a kind of Fault, and words.
struct Refused {
  std::string_view kind = "impossible";
  std::string what;
};

class ExamSpec {
 public:
  /// A session in one incarnation.
  using Attached = std::pair<SessionId, Incarnation>;

  enum class Stage : std::uint8_t {
    none,
    requested,
    in_regulation,
    needs_info,
    protocolled,
    acquiring,
    ready,
    reading,
    preliminary,
    suspended,
    final_,
    gone
  };
  struct State {
    Stage stage = Stage::none;
    ExamId exam;     ///< which of its order's exams
    SessionId who;   ///< the claimer, or the reader
    Incarnation as;  ///< the reader's, when he was given it
    std::uint64_t epoch = 0;
    bool imaged = false;          ///< its images were complete before it had a protocol
    bool paused = false;          ///< on hold: `stage` is where it goes on
    bool back = false;            ///< taken up again, under an epoch that nobody was told
    ReportId report;              ///< the final one
    std::set<SessionId> readers;  ///< who had it
    std::set<ReportId> kept;      ///< late ones
    auto operator<=>(const State&) const = default;
  };

  /// Learns from the steps what must have happened unseen: a feed's submit, a standing protocol.
  /// @param may_end_unseen somebody who is not among them may have cancelled or refused it.
  ExamSpec(const std::vector<Step>& steps, bool may_end_unseen);

  State start() const;
  /// The states in which the exam may be after `step`, told what it was told. Empty: it cannot have
  /// been told that here. `later` are sessions that act on the exam after it, so have not ended.
  std::vector<State> apply(const State& before, const Step& step, const std::set<Attached>& later,
                           Refused& why) const;

 private:
  std::vector<State> unseen(const State& state, const Step& step,
                            const std::set<Attached>& later) const;
  bool done(State& state, const Step& step, Refused& why) const;
  bool refused(const State& state, const Step& step, Refused& why) const;
  bool pause(State& s, const Step& step, Refused& why) const;
  bool steer(State& s, const Step& step, Refused& why) const;
  bool regulate(State& s, const Step& step, Refused& why) const;
  bool read_exam(State& s, const Step& step, Refused& why) const;
  bool sign(State& s, const Step& step, Refused& why) const;
  bool take(State& s, const Step& step, Refused& why) const;

  bool submitted_ = false;  ///< a client submitted it
  bool accepted_ = false;   ///< a client accepted it
  bool completed_ = false;  ///< a client said that its images are complete
  bool images_ = false;     ///< a client spoke of images
  bool may_end_unseen_;
  ExamId first_;
  std::map<Attached, std::int64_t> seen_alive_;  ///< at least until then
};

}  // namespace vigie::linear
