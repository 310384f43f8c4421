// What became of each exam, by the events of the committed log alone, each taken once in log order:
// who holds it, under which epoch, how it ended. And what readers' screens believe meanwhile.
#pragma once

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "messages/types/command.hpp"
#include "messages/types/event.hpp"
#include "tests/sim/board.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/records.hpp"

namespace vigie::sim {

inline constexpr std::size_t event_kinds = event_kind_count;

/// A reader's screen.
class Believer {
 public:
  virtual ~Believer() = default;
  /// The exam that it shows as its reader's own, now; 0: none. A lapsed lease shows nothing.
  virtual ExamId believes() const = 0;
  virtual PersonId person() const = 0;
  /// The session that its client counts on still, by the lease that it was promised.
  virtual std::pair<SessionId, Incarnation> counts_on() const = 0;
};

class ExamTracks {
 public:
  ExamTracks(Findings& findings, Records& records) : findings_(findings), records_(records) {}

  void join(const Believer& reader) { readers_.push_back(&reader); }
  /// An event of the committed log, in order, once.
  void take(const Event& event);
  /// An entry of the committed log that may end a session; before the events that it made.
  void expiry(LogIndex index, const ExpireSession& command);
  /// An entry asks to attach; to be said before its events.
  void login(LogIndex index, const Attach& command);
  /// A screen began to show `exam` as its own, or does so for longer (I9).
  void believed(ExamId exam) { check_holders(exam); }

  /// Where in a session's stream one is who has taken everything up to `cursor`.
  std::size_t place_in_stream(SessionId session, LogIndex cursor) const;
  /// A reader's desk showed `event` next: `place` moves on (I17).
  void shown(SessionId session, std::size_t& place, const Event& event);

  struct Counts {
    std::uint64_t exams = 0, offers = 0, accepted = 0, reports = 0, late = 0, expired = 0,
                  closed = 0, ended_unread = 0;
    std::array<std::uint64_t, event_kinds> events{};  ///< by EventKind
  };
  const Counts& counts() const { return counts_; }
  const Board& board() const { return board_; }

 private:
  struct Track {
    Epoch epoch;
    PersonId holder;  ///< 0: nobody
    bool ended = false, final = false;
    std::set<PersonId> taken_from;  ///< by the duty head; their screens may not know it yet
  };
  struct Place {
    LogIndex index;
    ExamId exam;
    EventKind kind;
  };
  void give(const Event& event, Track& track, bool held);
  void check_holders(ExamId exam);
  void check_expiry(const Event& event);

  Findings& findings_;
  Records& records_;
  std::map<ExamId, Track> tracks_;
  std::map<SessionId, std::vector<Place>> streams_;
  std::vector<const Believer*> readers_;
  std::map<SessionId, Incarnation> incarnations_;
  std::map<LogIndex, SessionId> logins_;  ///< the sessions that they name
  std::map<LogIndex, ExpireSession> expiries_;
  Counts counts_;
  Board board_;
};

}  // namespace vigie::sim
