// What became of each exam, by the events of the committed log alone, each taken once in log order:
// who holds it, under which epoch, how it ended. And what readers' screens believe meanwhile.
#pragma once

#include <map>
#include <vector>

#include "messages/types/event.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/records.hpp"

namespace vigie::sim {

/// A reader's screen.
class Believer {
 public:
  virtual ~Believer() = default;
  /// The exam that it shows as its reader's own, now; 0: none. A lapsed lease shows nothing.
  virtual ExamId believes() const = 0;
  virtual PersonId person() const = 0;
};

class ExamTracks {
 public:
  ExamTracks(Findings& findings, Records& records) : findings_(findings), records_(records) {}

  void join(const Believer& reader) { readers_.push_back(&reader); }
  /// An event of the committed log, in order, once.
  void take(const Event& event);
  /// A screen began to show `exam` as its own, or does so for longer (I9).
  void believed(ExamId exam) { check_holders(exam); }

  /// Where in a session's stream one is who has taken everything up to `cursor`.
  std::size_t place_in_stream(SessionId session, LogIndex cursor) const;
  /// A reader's desk showed `event` next: `place` moves on (I17).
  void shown(SessionId session, std::size_t& place, const Event& event);

  struct Counts {
    std::uint64_t exams = 0, offers = 0, accepted = 0, reports = 0, late = 0, expired = 0,
                  closed = 0, ended_unread = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Track {
    Epoch epoch;
    PersonId holder;  ///< 0: nobody
    bool ended = false, final = false;
  };
  struct Place {
    LogIndex index;
    ExamId exam;
    EventKind kind;
  };
  void give(const Event& event, Track& track, bool held);
  void check_holders(ExamId exam);

  Findings& findings_;
  Records& records_;
  std::map<ExamId, Track> tracks_;
  std::map<SessionId, std::vector<Place>> streams_;
  std::vector<const Believer*> readers_;
  Counts counts_;
};

}  // namespace vigie::sim
