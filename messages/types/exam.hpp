// The exam and everything that is part of it: what the room keeps, what screens show.
//
// Words are those of the guard: request, exam, protocol, offer, report, delivery. Patient facts in
// clear are only those that routing needs; the rest is `sealed`, opaque to the room (design D11).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie {

// All enumerations here: numbers are stable on disk and on the wire; 0 is "unknown" or "none".

enum class Modality : std::uint8_t { unknown, ct, mr, cr, dx, us, xa, nm, pt, mg, other };
enum class Region : std::uint8_t {
  unknown,
  head,
  neck,
  chest,
  abdomen_pelvis,
  spine,
  limb,
  whole_body
};
enum class Side : std::uint8_t { none, left, right, both };
enum class AgeClass : std::uint8_t { unknown, adult, child, infant };
/// P0 vital, P1 emergent, P2 urgent, P3 same day. Lower is more urgent.
enum class Urgency : std::uint8_t { p0, p1, p2, p3 };
inline constexpr int urgency_count = 4;
/// What a reader must know. `general` is known by every reader.
enum class Skill : std::uint8_t { general, neuro, chest, body, msk, paediatric };

/// The lifecycle (domain: states). Numbers are stable.
enum class ExamState : std::uint8_t {
  none,
  requested,
  in_regulation,
  needs_info,
  protocolled,
  acquiring,
  ready,
  offered,
  reading,
  preliminary,
  validated,
  delivered,
  closed,
  refused,
  cancelled,
  held,      ///< paused by a regulator or the duty head (T22)
  suspended  ///< its reader set it aside for a P0; it is still his (T24)
};
inline constexpr int exam_state_count = 17;

/// Marks shown beside an exam; a bit set.
enum class ExamFlag : std::uint32_t {
  none = 0,
  modality_unknown = 1,  ///< the regulator must set it
  identity_provisional = 2,
  bad_charset = 4,                 ///< some text could not be decoded
  no_agreement = 8,                ///< no live agreement covers it: the regulator decides
  exceptional = 16,                ///< accepted by the regulator without an agreement
  partial = 32,                    ///< forced ready before all images were there
  reused_number = 64,              ///< the hospital used this order number again
  amended = 128,                   ///< changed after the protocol: shown to the regulator
  late_report = 256,               ///< a report waits for its arbitration
  undelivered = 512,               ///< a delivery failed for good: support
  asked_stat = 1024,               ///< the hospital asked STAT: rings at the regulator's as P0 does
  urgency_mapped = 2048,           ///< the urgency asked was no code of HL7 table 0485
  phoned = 4096,                   ///< began on the phone, before any order (T31)
  pinned = 8192,                   ///< by the duty head: first after the P0s
  critical = 16384,                ///< a critical result that nobody has acknowledged yet
  cancel_asked = 32768,            ///< the hospital asks to cancel what has begun (T21)
  unauthorised_modality = 65536,   ///< its hospital has no authorisation for it (domain O19)
  over_quota = 131072,             ///< its agreement's guard is full: the regulator decides (O22)
  overflow = 262144,               ///< its group was overloaded: the overflow reads it too (O12)
  instead_of_ultrasound = 524288,  ///< an ultrasound would have been the first choice (O6)
  bypassed = 1048576,              ///< to the readers without a protocol, by the duty head (F3)
};
constexpr ExamFlag operator|(ExamFlag a, ExamFlag b) {
  return static_cast<ExamFlag>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool has(ExamFlag set, ExamFlag flag) {
  return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(flag)) != 0;
}

/// How a hospital names an order. Equal keys are the same exam (design D6).
struct OrderKey {
  LegalEntityId legal_entity;
  std::string authority;  ///< assigning authority of the placer number
  std::string number;     ///< placer order number
  auto operator<=>(const OrderKey&) const = default;
};

/// A request for a reading, as a door hands it in.
struct Request {
  OrderKey key;
  EstablishmentId establishment;
  Modality modality = Modality::unknown;
  Region region = Region::unknown;
  Side side = Side::none;
  AgeClass age_class = AgeClass::unknown;
  Urgency asked = Urgency::p2;  ///< what the hospital asked; never p0 (ceiling of a feed is p1)
  ExamFlag flags = ExamFlag::none;
  std::string procedure;  ///< code^text^scheme, verbatim
  std::vector<std::string> accessions;
  std::vector<std::string> studies;  ///< StudyInstanceUIDs
  std::vector<std::string> priors;   ///< StudyInstanceUIDs of earlier examinations, to compare
  PatientKey patient_key;
  std::string callback_phone;
  std::string sealed;  ///< identity and clinical text, opaque; at most limits::sealed_bytes
  /// Set where the agreement says that regulation is not needed: the exam arrives already made.
  std::string protocol;
  bool images_complete = false;
  std::uint32_t images = 0;
  bool operator==(const Request&) const = default;
};

/// addendum, correction and withdrawal come after the final one, each a version of its own (T19,
/// T27).
enum class ReportKind : std::uint8_t {
  none,
  preliminary,
  final_,
  late,
  addendum,
  correction,
  withdrawal
};
/// True for what the hospital gets as a version: the signed text and what came after it.
constexpr bool is_version(ReportKind kind) {
  return kind == ReportKind::final_ || kind >= ReportKind::addendum;
}
/// A report text. `late` ones are kept beside the exam until a reader settles them (T16b).
struct Report {
  ReportId id;            ///< made by the reader's client: signing twice is one report
  ReportVersion version;  ///< 0 while preliminary or late
  ReportKind kind = ReportKind::none;
  bool settled = false;  ///< late only: somebody chose
  Epoch epoch;           ///< what its author held
  PersonId author;
  SiteId site;
  LogIndex index;
  FedTime at;
  std::string text;
  std::string critical = {};  ///< coded finding that the hospital must acknowledge; empty: none
  bool operator==(const Report&) const = default;
};

enum class DeliveryState : std::uint8_t { pending, acked, failed };
/// One line of the delivery ledger: a report version owed to a recipient.
struct Delivery {
  ReportVersion version;
  std::uint8_t recipient = 0;  ///< position in the establishment's recipients
  SiteId owner;                ///< the door that sends it (design D14)
  DeliveryState state = DeliveryState::pending;
  FedTime since;  ///< when this owner was named
  std::string detail;
  bool operator==(const Delivery&) const = default;
};

/// One line of an exam's history. `event` is an EventKind (event.hpp).
struct TimelineItem {
  LogIndex index;
  FedTime at;
  PersonId by;
  SiteId site;
  std::uint8_t event = 0;
  bool operator==(const TimelineItem&) const = default;
};

/// What somebody has to do about an exam, by when. Numbers are stable.
enum class TaskKind : std::uint8_t {
  none,
  call_technologist,    ///< the protocol was not acknowledged (T6)
  find_patient,         ///< no image came (T9)
  call_reader,          ///< his lease ended on a P0 or P1 (T14)
  critical_result,      ///< to be acknowledged by the hospital
  undelivered,          ///< a report does not arrive (T17)
  call_hospital,        ///< tell the result on the phone: it does not arrive (T17)
  images_after_report,  ///< the author looks at what came late (T30)
  new_report,           ///< the only report was withdrawn (T27)
  hand_over             ///< its hospital's guard is over and it is unread: kept or given (O17)
};
inline constexpr int task_kind_count = 10;
/// Open until somebody of its owner's role (owner_of()), or what it waited for, closes it; past
/// `due` it rings at the duty head's, once.
struct Task {
  TaskKind kind = TaskKind::none;
  bool is_overdue = false;
  FedTime since, due;
  bool operator==(const Task&) const = default;
};

/// Why somebody did what needs a reason, or what was said on the phone.
struct Note {
  std::uint8_t event = 0;  ///< EventKind
  PersonId by;
  FedTime at;
  std::string text;
  bool operator==(const Note&) const = default;
};

/// What an AI engine said of an exam, kept beside the report (domain A1, A2).
struct Finding {
  std::string engine, version;
  std::string code;     ///< "haemorrhage"; empty: it found nothing
  bool raised = false;  ///< the exam's urgency rose by it
  FedTime at;
  bool operator==(const Finding&) const = default;
};

/// Why an exam is read once more, as a child of its own (domain §5.2). Numbers are stable.
enum class Purpose : std::uint8_t {
  none,
  opinion,         ///< a colleague's, while it is being read (F8)
  recourse,        ///< a subspecialty's (O16)
  second_opinion,  ///< on a finished exam (F13)
  supervision,     ///< of a reader who is not autonomous (R13)
  region           ///< a part of a polytrauma, of which the parent's reader composes the report
};

/// A reader who was considered, with the terms of his score (lower total is better).
struct Candidate {
  PersonId reader;
  SiteId site;
  std::int32_t idle = 0, skill = 0, territory = 0, continuity = 0, fairness = 0, fatigue = 0,
               balance = 0;
  std::int32_t total() const {
    return idle + skill + territory + continuity + fairness + fatigue + balance;
  }
  bool operator==(const Candidate&) const = default;
};

/// Which hard filter removed a reader (domain §5.5). Numbers are stable.
enum class Filter : std::uint8_t {
  eligible,
  modality,
  skill,
  age,
  group,
  site_unreachable,
  not_free,
  excluded,
  privileges,
  reserved,  ///< kept for another: his own exam come back, or the duty head's choice
  roster,    ///< others are on the roster now, he is not (O21)
  shift_end  ///< he would not be done when his shift ends; at the last step he may
};
inline constexpr int filter_count = 12;

/// A reader at a desk who could not have the exam, and the first filter that said so.
struct Removal {
  PersonId reader;
  Filter filter = Filter::eligible;
  bool operator==(const Removal&) const = default;
};

/// Why an exam went where it went: recorded by the entry that decided (design D4).
struct Decision {
  LogIndex index;
  PersonId reader;
  std::uint32_t directory_version = 0;
  std::uint8_t relax_step = 0;
  bool by_reader = false;     ///< a reader became free and took the first exam, not the reverse
  std::uint32_t waiting = 0;  ///< exams waiting at that moment
  std::vector<std::uint16_t> removed;  ///< how many readers, by Filter; filter_count long
  std::vector<Removal> removals;       ///< who; at most removals_recorded
  std::vector<Candidate> candidates;   ///< best first, at most candidates_recorded
  bool operator==(const Decision&) const = default;
};

/// An open exam: one record of the room.
struct Exam {
  ExamId id;
  Request request;
  std::uint16_t generation = 1;  ///< of the order number
  std::string message_id;        ///< MSH-10 or client reference of the submit; echoed only
  SiteId origin_site;            ///< the door that took it
  ExamState state = ExamState::none;
  ExamFlag flags = ExamFlag::none;
  Urgency urgency = Urgency::p2;
  Skill skill = Skill::general;
  std::string agreement;   ///< in force when it came; kept for this exam's life
  GroupId group;           ///< its provider group
  GroupId overflow_group;  ///< 0: none
  std::uint8_t relax_step = 0;
  std::uint8_t declines = 0;
  std::uint8_t reminders = 0;  ///< given in the current state
  std::string protocol;        ///< code; empty before T6
  std::string reason;          ///< of a refusal, cancel or question
  /// To questions about the request, opaque as Request::sealed is; at most limits::answers_count.
  std::vector<std::string> answers;
  PersonId regulator;
  SessionId regulator_session;
  Epoch epoch;      ///< of the current or last assignment
  PersonId reader;  ///< to whom it is offered, or who holds it; the signer once signed
  SessionId reader_session;
  PersonId last_reader;  ///< who held it before and lost it without signing
  SiteId reading_site;   ///< centre whose reader holds or held it
  FedTime received_at, first_image_at, images_at, ready_at, deadline;
  FedTime state_since, claimed_until, offered_until, signed_at, delivered_at;
  std::uint32_t images = 0, images_expected = 0;
  // What the guard said about it since.
  ExamState held_from = ExamState::none;
  std::uint16_t protocol_version = 0;  ///< 1 with the first protocol
  std::uint16_t protocol_acked = 0;    ///< newest that the technologist has acknowledged
  FedTime cancel_asked_at;
  PersonId reserved_for;  ///< nobody else is offered it before reserved_until
  FedTime reserved_until;
  std::string critical;  ///< finding of the critical result, coded
  FedTime guard_until;   ///< its hospital's guard under which it came; 0: by day, or handed over
  Purpose purpose = Purpose::none;
  bool is_mandatory = false;      ///< a child without which its parent is not signed
  ExamId parent;                  ///< of a child
  std::vector<ExamId> children;   ///< at most limits::children_count
  std::vector<Task> tasks;        ///< open ones, at most one of a kind
  std::vector<Note> notes;        ///< the newest limits::notes_count
  std::vector<Finding> findings;  ///< at most limits::findings_count
  std::vector<PersonId> excluded;
  std::vector<Report> reports;
  std::vector<Delivery> deliveries;
  std::vector<TimelineItem> timeline;
  std::vector<Decision> decisions;  ///< the last one, once it was offered
  bool operator==(const Exam&) const = default;
};

/// Where on its way the exam is, whatever paused it.
constexpr ExamState stage_of(const Exam& exam) {
  if (exam.state == ExamState::held) return exam.held_from;
  return exam.state == ExamState::suspended ? ExamState::reading : exam.state;
}
/// True before its report, its refusal or its cancellation.
constexpr bool is_open(const Exam& exam) { return stage_of(exam) < ExamState::validated; }

/// How many open exams there are, by state and urgency.
using ExamCounts = std::array<std::array<std::uint32_t, urgency_count>, exam_state_count>;

std::string_view name_of(Modality modality);  ///< DICOM code: CT, MR, ...; "" for unknown
std::string_view name_of(Region region);
std::string_view name_of(AgeClass age);     ///< "" for unknown
std::string_view name_of(Urgency urgency);  ///< p0..p3
std::string_view name_of(Skill skill);
std::string_view name_of(ExamState state);  ///< REQUESTED, ...
std::string_view name_of(Filter filter);
std::string_view name_of(TaskKind kind);
std::string_view name_of(Purpose purpose);
std::string_view name_of(ReportKind kind);
bool task_kind_of(std::string_view name, TaskKind& out);
bool purpose_of(std::string_view name, Purpose& out);
/// The reverse of name_of; `unknown`, `p2`, `general` when the text is none of them.
Modality modality_of(std::string_view name);
Region region_of(std::string_view name);
/// @return true and sets `out` when `name` is one of p0..p3.
bool urgency_of(std::string_view name, Urgency& out);
bool skill_of(std::string_view name, Skill& out);

/// True for states after which nothing but delivery, closing or archive happens.
constexpr bool is_final(ExamState s) {
  return s == ExamState::validated || s == ExamState::delivered || s == ExamState::closed;
}
/// True when the exam is somebody's: READING or PRELIMINARY.
constexpr bool is_held(ExamState s) {
  return s == ExamState::reading || s == ExamState::preliminary;
}

}  // namespace vigie
