// What was observed of a federation, as values: what clients asked and were told and when, what
// they were shown, and the log that was committed. The linearizability checker (linear.hpp) judges
// it.
//
// Filled by whoever watched: the simulator directly (Recorder), or tests/verify from the files of a
// real run. Times are of one clock that all clients share, in any unit; only their order counts.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/command.hpp"
#include "messages/types/event.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie::linear {

/// Names a request for ever. An attach is request 0 of the incarnation that it asks for.
struct RequestName {
  SessionId session;
  Incarnation incarnation;
  RequestNo request;
  auto operator<=>(const RequestName&) const = default;
};

/// What a request says, as far as histories record it. Equal commands say the same.
struct Said {
  std::string_view command;      ///< static name (name_of)
  ExamId exam;                   ///< 0: none, or by its order
  std::vector<OrderKey> orders;  ///< of a submit or an amend; or the one that names the exam
  Epoch epoch;                   ///< of commands about an assignment
  ReportId report;               ///< of preliminary, sign, settle_late
  std::uint64_t text = 0;        ///< FNV-1a (64 bits) of a report's text
  bool operator==(const Said&) const = default;
};
Said said_by(const Command& command);

/// A last word, or a temporary one (is_temporary). A request that is sent again has several.
struct Reply {
  std::int64_t t = 0;
  Answer answer;
};

/// A numbered request, however often it was sent. Without a last word its outcome is UNKNOWN.
struct Operation {
  std::string where;  ///< for people: who, or file and line
  RequestName name;
  Said said;
  std::int64_t invoked = 0;  ///< when it was sent first
  std::vector<Reply> replies;
};

/// A question about the room (wire.hpp, Query) and what its answer showed.
struct Read {
  struct Seen {
    ExamId exam;
    ExamState state = ExamState::none;
  };
  std::string where;
  std::int64_t invoked = 0, completed = 0;
  bool linearizable = false;  ///< else it only may not be older than `seen`
  LogIndex seen;              ///< what the client asked to be behind it
  LogIndex as_of;
  std::vector<Seen> exams;
  bool all = false;  ///< `exams` is every exam that was open
};

/// An event as some client was shown it; in a view (after a gap): a state, not news.
struct Shown {
  std::string where;
  std::int64_t t = 0;
  SessionId to;  ///< whose subscription; 0: one without a session
  bool view = false;
  Event event;
};

/// A committed entry. No proposal: a leader's no-op or a change of members.
struct Committed {
  LogIndex index;
  FedTime at;
  std::optional<Proposal> proposal;
};

struct History {
  std::vector<Operation> operations;
  std::vector<Read> reads;
  std::vector<Shown> shown;
  /// Consecutive. Empty, or not from 1 on: nothing is swept, only searched.
  std::vector<Committed> log;
  /// True if `shown` has every ReadOffered and ReadAccepted of the log: then a reader was given
  /// nothing that is not there, and answers are predicted sharply.
  bool every_assignment_shown = false;
};

/// True for codes that are not the last word: the request is sent again, and may yet be applied.
bool is_temporary(Errc code);
/// Does a reply of that code speak of the room? A refusal does not; that there is no such open exam
/// does, though it shows none.
bool is_reply(Errc code);

/// Collects operations as they happen.
class Recorder {
 public:
  explicit Recorder(History& history) : history_(history) {}

  /// A request is about to be sent, for the first time or again. Another command under the name of
  /// one that was refused before the log is an operation of its own.
  void asked(std::string where, const RequestName& name, const Command& command, std::int64_t t);
  void asked(std::string where, const RequestName& name, Said said, std::int64_t t);
  /// Its client was told this. @return false if nothing of that name was asked.
  bool told(const RequestName& name, Answer answer, std::int64_t t);

 private:
  History& history_;
  std::map<RequestName, std::size_t> known_;
};

}  // namespace vigie::linear
