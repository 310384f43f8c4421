// Commands: everything that can change the room. Imperative, one struct each, no behaviour.
//
// A client sends a Command in a numbered request; the node whose door took it wraps it in a
// Proposal (who, from where, which request); the leader stamps it; apply() on every node decides
// what it does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "messages/types/directory.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/exam_command.hpp"
#include "messages/types/guard_command.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie {

/// Does a reader accept each offer, or has he asked for the next whatever it is?
enum class AcceptMode : std::uint8_t { manual, automatic };
/// What a reader's session is doing when it has no exam in hand.
enum class ReaderMode : std::uint8_t { off, free, away, rest };
enum class DeclineReason : std::uint8_t { none, images, skill, conflict, other };
enum class DeliveryOutcome : std::uint8_t { none, acked, failed };

/// Opens a session, or takes it over with the next incarnation, from any centre (design D7).
/// A new login of the same person and role takes over his session; the answer names it.
struct Attach {
  SessionId session;
  Incarnation incarnation;  ///< 1, or the current one + 1
  PersonId person;          ///< 0: the key's own person; another only by a concentrator key
  Role role = Role::none;
  SiteId site;  ///< the guard centre whose post the person sits at; 0: none
  std::string post;
  AcceptMode accept = AcceptMode::manual;
  bool operator==(const Attach&) const = default;
};
struct Detach {
  bool operator==(const Detach&) const = default;
};

/// n requests of one message: one commit, all or none.
struct Submit {
  std::vector<Request> requests;
  std::string message_id;  ///< MSH-10 or the client's reference
  bool operator==(const Submit&) const = default;
};
/// The hospital changed its order (HL7 XO): urgency may rise, never fall.
struct Amend {
  Request request;
  std::string message_id;
  bool operator==(const Amend&) const = default;
};
struct Cancel {
  ExamRef exam;
  std::string reason;
  bool operator==(const Cancel&) const = default;
};

// Regulation.
struct Claim {
  ExamId exam;
  bool operator==(const Claim&) const = default;
};
struct ReleaseClaim {
  ExamId exam;
  bool operator==(const ReleaseClaim&) const = default;
};
struct AskInfo {
  ExamId exam;
  std::string question;
  bool operator==(const AskInfo&) const = default;
};
struct ProvideInfo {
  ExamRef exam;
  std::string text;
  bool operator==(const ProvideInfo&) const = default;
};
/// T6: relevant, with this protocol and urgency.
struct Accept {
  ExamId exam;
  std::string relevance;  ///< coded
  std::string protocol;
  Urgency urgency = Urgency::p2;
  Modality modality = Modality::unknown;  ///< set when the request named none
  Region region = Region::unknown;
  bool operator==(const Accept&) const = default;
};
struct Refuse {
  ExamId exam;
  std::string reason;
  bool called_back = false;
  bool operator==(const Refuse&) const = default;
};

// Acquisition.
struct AcquisitionStarted {
  ExamRef exam;
  bool operator==(const AcquisitionStarted&) const = default;
};
struct ImagesProgress {
  ExamRef exam;
  std::uint32_t received = 0;
  std::uint32_t expected = 0;  ///< 0: not known
  bool operator==(const ImagesProgress&) const = default;
};
struct AcquisitionComplete {
  ExamRef exam;
  std::vector<std::string> accessions, studies;
  std::uint32_t images = 0;
  bool partial = false;  ///< forced by a regulator
  bool operator==(const AcquisitionComplete&) const = default;
};

// Reading.
struct SetReader {
  ReaderMode mode = ReaderMode::free;
  AcceptMode accept = AcceptMode::manual;
  bool operator==(const SetReader&) const = default;
};
struct AcceptOffer {
  ExamId exam;
  Epoch epoch;
  bool operator==(const AcceptOffer&) const = default;
};
struct DeclineOffer {
  ExamId exam;
  Epoch epoch;
  DeclineReason reason = DeclineReason::other;
  bool operator==(const DeclineOffer&) const = default;
};
struct Release {
  ExamId exam;
  Epoch epoch;
  std::string reason;
  bool operator==(const Release&) const = default;
};
struct Preliminary {
  ExamId exam;
  Epoch epoch;
  ReportId report;
  std::string text;
  bool operator==(const Preliminary&) const = default;
};
/// A validated report. Kept whatever its epoch (T16b).
struct Sign {
  ExamId exam;
  Epoch epoch;
  ReportId report;
  std::string text;
  std::string critical = {};  ///< coded finding that the hospital must acknowledge; empty: none
  bool operator==(const Sign&) const = default;
};
/// The reader's choice about a LATE report of another (T16b).
struct SettleLate {
  ExamId exam;
  ReportId report;
  bool adopt = false;
  bool operator==(const SettleLate&) const = default;
};

// What nodes propose.
struct DeliveryResult {
  ExamId exam;
  ReportVersion version;
  std::uint8_t recipient = 0;
  DeliveryOutcome outcome = DeliveryOutcome::none;
  std::string detail;
  bool operator==(const DeliveryResult&) const = default;
};
/// Compare-and-set: nothing happens when the session has a newer incarnation (design D8).
struct ExpireSession {
  SessionId session;
  Incarnation incarnation;
  bool operator==(const ExpireSession&) const = default;
};
/// The leader lost or regained a centre.
struct SiteContact {
  SiteId site;
  BootCount boot;
  bool reachable = false;
  bool operator==(const SiteContact&) const = default;
};
/// Fires what is due. Also begins a term for the room: OFFERED deadlines restart.
struct Tick {
  bool new_leader = false;
  bool operator==(const Tick&) const = default;
};
/// The leader's digest at an earlier index: a node that differs stops serving (invariant I5).
struct Checkpoint {
  LogIndex index;
  Bits128 digest;
  bool operator==(const Checkpoint&) const = default;
};
/// Bounded: at most a second per command.
struct ClockCorrection {
  Millis offset_change;
  bool operator==(const ClockCorrection&) const = default;
};
struct SetLevel {
  Level level;
  bool operator==(const SetLevel&) const = default;
};
/// Replaces the directory; its version must be the current one + 1.
struct ApplyDirectory {
  Directory directory;
  bool operator==(const ApplyDirectory&) const = default;
};
/// Numbers are stable.
enum class SiteChange : std::uint8_t { none, add, rejoin, promote, remove };
/// A site comes, begins anew after it lost its data, is to vote, or goes (change_site() says what
/// becomes of the directory).
struct ChangeSite {
  SiteChange what = SiteChange::none;
  Site site;  ///< its name says which; the rest is for add, and key and address for rejoin
  bool operator==(const ChangeSite&) const = default;
};
/// A command of a newer protocol: answered `unknown_command`, never dropped.
struct UnknownCommand {
  std::uint16_t number = 0;
  bool operator==(const UnknownCommand&) const = default;
};

using Command =
    std::variant<UnknownCommand, Attach, Detach, Submit, Amend, Cancel, Claim, ReleaseClaim,
                 AskInfo, ProvideInfo, Accept, Refuse, AcquisitionStarted, ImagesProgress,
                 AcquisitionComplete, SetReader, AcceptOffer, DeclineOffer, Release, Preliminary,
                 Sign, SettleLate, DeliveryResult, ExpireSession, SiteContact, Tick, Checkpoint,
                 ClockCorrection, SetLevel, ApplyDirectory, ChangeSite, ReviseProtocol, AckProtocol,
                 SetUrgency, Hold, Resume, Suspend, WantImages, TakeOver, Direct, Pin, AnswerCancel,
                 TellResult, ReviseReport, AckCritical, CloseTask, LinkOrder, AskRead, TakeDuty,
                 OfferDuty, HandOver, AddFinding, SetSite, SetAway, SetShift, Bypass, Reopen>;

/// A command with everything that apply() must know about where it came from.
/// session 0: from a node or a feed, idempotent by its own key; else by (session, request).
struct Proposal {
  KeyId key;                      ///< the sender's, resolved by the door; checked again in apply()
  SiteId door;                    ///< node whose client or feed it is; it answers
  std::uint64_t correlation = 0;  ///< the door's own number, to find who waits for the answer
  SessionId session;
  Incarnation incarnation;
  RequestNo request;
  std::uint64_t content_hash = 0;  ///< of the command's bytes, for Errc::request_reused
  Command command;
  bool operator==(const Proposal&) const = default;
};

/// What a request's sender is told.
struct Answer {
  Errc code = Errc::ok;
  RequestNo request;        ///< echoed
  LogIndex index;           ///< where it was applied; a duplicate names the first
  ExamId exam;              ///< of Submit: the first exam
  Epoch epoch;              ///< current epoch, where it matters
  SessionId session;        ///< of Attach
  Incarnation incarnation;  ///< of Attach: use it in every later request
  RequestNo next;           ///< next number expected (Attach, retry_from)
  bool duplicate = false;
  std::string text;           ///< details for people, such as the recourse centre
  std::vector<ExamId> exams;  ///< of Submit with several orders
  bool operator==(const Answer&) const = default;
};

/// Stable name of a command for logs and metrics ("submit").
std::string_view name_of(const Command& command);

}  // namespace vigie
