// Clients' histories, read strictly (ops/docs/format-history.md): a line that says too little, too
// much, or something of the wrong shape is evidence that was touched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/types/command.hpp"
#include "messages/types/event.hpp"
#include "tests/verify/verdict.hpp"

namespace vigie::verify {

/// Where a line stands, for people.
struct Place {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
};

/// Names a request of a session; attach is request 0.
struct RequestName {
  SessionId session;
  Incarnation incarnation;
  RequestNo request;
  auto operator<=>(const RequestName&) const = default;
};

struct Invoke {
  Place place;
  std::int64_t t = 0;
  RequestName name;
  std::string_view command;  ///< static
  std::uint64_t content = 0;
  ExamId exam;
  Epoch epoch;
  std::vector<std::uint64_t> orders;  ///< order hashes of a submit
  std::vector<OrderKey> keys;         ///< the same as they were; or the one that names its exam
  ReportId report;
  std::uint64_t text = 0;
  int attempt = 1;
};

struct AnswerLine {
  Place place;
  std::int64_t t = 0;
  RequestName name;
  std::string_view command;
  Errc code = Errc::ok;
  LogIndex index;
  ExamId exam;
  std::vector<ExamId> exams;
  Epoch epoch;
  bool duplicate = false;
  SessionId attached;
  Incarnation as;
  RequestNo next;
  std::uint32_t invoke = 0;  ///< position in History::invokes of the last one before it
};

struct EventLine {
  Place place;
  std::int64_t t = 0;
  SessionId session;  ///< whose subscription
  EventKind kind = EventKind::none;
  ExamState state = ExamState::none;
  bool view = false;  ///< part of a view after a gap: what is, not what happened
  LogIndex index;
  FedTime at;
  ExamId exam;
  Epoch epoch;
  SessionId whose;
  PersonId by;
  SiteId site;
};

struct LeaseLine {
  Place place;
  std::int64_t t = 0;
  SessionId session;
  Incarnation incarnation;
  Errc code = Errc::ok;
  std::int64_t until = 0;
};

/// A query that was replied to: sent last at `invoked`.
struct ReadLine {
  Place place;  ///< of the reply
  std::int64_t invoked = 0, t = 0;
  bool linearizable = false;
  LogIndex seen;
  Errc code = Errc::ok;
  LogIndex as_of;
  std::vector<std::pair<ExamId, ExamState>> shown;
  bool all = false;  ///< `shown` is every open exam
};

struct History {
  std::vector<std::string> files;
  std::vector<Invoke> invokes;
  std::vector<AnswerLine> answers;
  std::vector<EventLine> events;
  std::vector<LeaseLine> leases;
  std::vector<ReadLine> reads;

  /// Appends a file's lines. What is wrong with it is a violation `history`, named by line.
  void read(const std::string& path, Verdict& verdict);
  std::string at(Place place) const { return files[place.file] + ":" + std::to_string(place.line); }
};

/// True for codes that are not the last word: the request is sent again.
bool is_temporary(Errc code);

}  // namespace vigie::verify
