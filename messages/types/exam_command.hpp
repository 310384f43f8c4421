// Commands about an exam under way, beyond the straight line from request to report: protocol
// revised, urgency changed, paused, set aside, taken over, read once more, reported again.
//
// Part of command.hpp, which includes it. Every reason is 1 to 128 bytes and is kept as a note.
#pragma once

#include <cstdint>
#include <string>

#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"

namespace vigie {

/// Names an exam by id, or by its hospital's order number when `id` is 0.
struct ExamRef {
  ExamId id;
  OrderKey key;
  bool operator==(const ExamRef&) const = default;
};

// Regulation.

/// T8: another protocol, before acquisition; a new version, to be acknowledged anew.
struct ReviseProtocol {
  ExamId exam;
  std::string protocol;
  std::string reason;
  bool operator==(const ReviseProtocol&) const = default;
};
/// The technologist has seen the protocol in that version (F4).
struct AckProtocol {
  ExamRef exam;
  std::uint16_t version = 0;
  bool operator==(const AckProtocol&) const = default;
};
/// T28: by a hospital upwards only, to p1 at most; by a regulator or the duty head to any class.
struct SetUrgency {
  ExamRef exam;
  Urgency urgency = Urgency::p2;
  std::string reason;
  bool operator==(const SetUrgency&) const = default;
};
/// T22: paused. What is being read only the duty head may pause: it leaves its reader's hand.
struct Hold {
  ExamId exam;
  std::string reason;
  bool operator==(const Hold&) const = default;
};
/// Ends Hold, or by its reader Suspend.
struct Resume {
  ExamId exam;
  bool operator==(const Resume&) const = default;
};
/// T31: the order of an exam that began on the phone. Later news of that order are this exam's; an
/// exam that the order has become meanwhile is joined to it, unless its protocol was given.
struct LinkOrder {
  ExamId exam;
  OrderKey key;
  bool operator==(const LinkOrder&) const = default;
};
/// T21: the answer to a hospital that asks to cancel what has begun.
struct AnswerCancel {
  ExamId exam;
  bool granted = false;
  std::string reason;
  bool operator==(const AnswerCancel&) const = default;
};
/// O17: its hospital's guard is over and it is unread. Kept, to be read all the same; or given to
/// the day service, which says so itself or is named in the reason: it is CANCELLED here.
struct HandOver {
  ExamRef exam;
  bool kept = false;
  std::string reason;
  bool operator==(const HandOver&) const = default;
};
/// A1: the result of an engine of the directory. Raises the urgency up to its finding's ceiling,
/// never lowers it; nothing waits for it.
struct AddFinding {
  ExamRef exam;
  std::string engine, version;
  std::string finding;  ///< coded; empty: it found nothing
  bool operator==(const AddFinding&) const = default;
};
/// Done, with a word on how.
struct CloseTask {
  ExamId exam;
  TaskKind task = TaskKind::none;
  std::string reason;
  bool operator==(const CloseTask&) const = default;
};

// Reading.

/// T24: sets a P2 or P3 aside for a P0. One at a time; it returns when the P0 is signed.
struct Suspend {
  ExamId exam;
  Epoch epoch;
  bool operator==(const Suspend&) const = default;
};
/// T23: more images are needed. Back to acquisition; then it is kept for its reader.
struct WantImages {
  ExamId exam;
  Epoch epoch;
  std::string reason;
  bool operator==(const WantImages&) const = default;
};
/// T25: a result was told by word of mouth.
struct TellResult {
  ExamId exam;
  std::string to;    ///< function of who was told
  std::string text;  ///< what, in short; never a patient's data
  bool operator==(const TellResult&) const = default;
};
/// One more reading of an exam, by another reader: a child with a life of its own.
struct AskRead {
  ExamId exam;
  Purpose purpose = Purpose::none;
  Skill skill = Skill::general;
  Region region = Region::unknown;  ///< of Purpose::region
  PersonId reader;                  ///< asked by name; 0: whoever is best
  bool is_mandatory = false;
  std::string question;  ///< coded or short; never a patient's data
  bool operator==(const AskRead&) const = default;
};
/// T19, T27: an addendum, a correction or a withdrawal of a validated report.
struct ReviseReport {
  ExamId exam;
  ReportId report;  ///< made by the client: sent twice it is one version
  ReportKind kind = ReportKind::none;
  std::string text;
  bool operator==(const ReviseReport&) const = default;
};
/// The hospital has taken note of the critical result.
struct AckCritical {
  ExamRef exam;
  bool operator==(const AckCritical&) const = default;
};

// The duty head, always with a reason.

/// T14: takes an exam out of its reader's hand, or out of an offer.
struct TakeOver {
  ExamId exam;
  std::string reason;
  bool operator==(const TakeOver&) const = default;
};
/// To this reader, whatever the routing prefers; a resting one is called.
struct Direct {
  ExamId exam;
  PersonId reader;
  std::string reason;
  bool operator==(const Direct&) const = default;
};
/// F3: to the readers at once, without protocol or the word that its images are there.
struct Bypass {
  ExamId exam;
  std::string reason;
  bool operator==(const Bypass&) const = default;
};
/// T29: what was closed is VALIDATED once more, so that its report may be amended.
struct Reopen {
  ExamId exam;
  std::string reason;
  /// As it was archived; filled in by the node that takes the command, from its own disk. The room
  /// has its hash.
  std::string record = {};
  bool operator==(const Reopen&) const = default;
};
/// Before all but the P0s; off again with `on` false.
struct Pin {
  ExamId exam;
  bool on = true;
  std::string reason;
  bool operator==(const Pin&) const = default;
};

}  // namespace vigie
