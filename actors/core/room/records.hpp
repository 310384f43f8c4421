// The room's other records: sessions, order keys, parked reports, and the few values of which there
// is one. Exams are in messages/types/exam.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/core/room/canonical.hpp"
#include "messages/types/command.hpp"
#include "messages/types/member.hpp"
#include "messages/types/planted.hpp"
#include "messages/types/wire.hpp"

namespace vigie::room {

/// An answer given, kept so that the same request gets it again (design D6).
struct Remembered {
  RequestNo request;
  std::uint64_t content_hash = 0;
  Answer answer;
};
template <class F, Is<Remembered> T>
void fields(F&& f, T& x) {
  f(x.request, x.content_hash, x.answer);
}

/// A person's or system's session. It outlives connections and centres (design D7).
struct Session {
  SessionId id;
  Incarnation incarnation;
  bool live = false;  ///< false after Detach or expiry; an Attach revives it
  KeyId key;
  PersonId person;
  Role role = Role::none;
  SiteId site;  ///< centre of its post
  SiteId door;  ///< node that carries it
  std::string post;
  AcceptMode accept = AcceptMode::manual;
  ReaderMode mode = ReaderMode::off;
  ExamId exam;         ///< a reader's: offered to him or in his hands
  ExamId suspended;    ///< set aside for a P0 (T24)
  FedTime idle_since;  ///< since when nothing is
  FedTime shift_start;
  std::uint32_t units = 0;  ///< expected minutes of what he signed this shift
  FedTime ended_at;         ///< when `live` became false
  RequestNo last_request;   ///< applied, of this incarnation
  Bits128 answers_hash;     ///< chain over every answer remembered: stands for them in digests
  std::vector<Remembered> answers;  ///< ring of limits::answers_remembered, by request number
};
template <class F, Is<Session> T>
void scalar_fields(F&& f, T& x) {
  f(x.id, x.incarnation, x.live, x.key, x.person, x.role, x.site, x.door, x.post, x.accept, x.mode,
    x.exam, x.suspended, x.idle_since, x.shift_start, x.units, x.ended_at, x.last_request,
    x.answers_hash);
}
template <class F, Is<Session> T>
void fields(F&& f, T& x) {
  scalar_fields(f, x);
  if (!is_planted(Bug::answers_not_in_snapshot)) f(x.answers);
}
/// What a session adds to the digest: its answers count through their chained hash.
struct SessionInDigest {
  const Session& session;
};
template <class F, Is<SessionInDigest> T>
void fields(F&& f, T& x) {
  scalar_fields(f, x.session);
}
inline SessionInDigest record_in_digest(const Session& x) { return {x}; }

/// Which exam an order number means. Stays after the exam has left, for design D6's 90 days.
struct OrderRecord {
  Bits128 key;  ///< order_hash()
  ExamId exam;
  std::uint16_t generation = 1;
  LogIndex index;                  ///< of the submit
  std::uint64_t message_hash = 0;  ///< of the message id that made it
  Bits128 content;                 ///< of the request
  FedTime closed_at;               ///< 0 while the exam is open
  bool unread = false;             ///< the exam was cancelled or refused
  LogIndex archived_at;            ///< where its record is in every node's archive ...
  Bits128 record;                  ///< ... and that record's hash (T29)
};
template <class F, Is<OrderRecord> T>
void fields(F&& f, T& x) {
  f(x.key, x.exam, x.generation, x.index, x.message_hash, x.content, x.closed_at, x.unread,
    x.archived_at, x.record);
}

/// A signed report for an exam that the room no longer holds (invariant I11): never dropped.
struct ParkedReport {
  ReportId id;
  ExamId exam;
  Report report;
};
template <class F, Is<ParkedReport> T>
void fields(F&& f, T& x) {
  f(x.id, x.exam, x.report);
}

/// The number of the last exam of each door.
struct DoorCounter {
  SiteId door;
  std::uint64_t last = 0;
};
template <class F, Is<DoorCounter> T>
void fields(F&& f, T& x) {
  f(x.door, x.last);
}

/// Who has the duty of the federation (R3). `number` grows with each who takes it.
struct Duty {
  PersonId head;  ///< 0: nobody
  PersonId deputy;
  PersonId offered_to;
  std::uint32_t number = 0;
  FedTime since, offered_at;
  FedTime lost_since;  ///< 0: he is in reach
};
template <class F, Is<Duty> T>
void fields(F&& f, T& x) {
  f(x.head, x.deputy, x.offered_to, x.number, x.since, x.offered_at, x.lost_since);
}

/// How a centre works, where it is not as the directory says (R4).
struct SiteWork {
  SiteId site;
  std::uint16_t closed_posts = 0;
  bool degraded = false;
};
template <class F, Is<SiteWork> T>
void fields(F&& f, T& x) {
  f(x.site, x.closed_posts, x.degraded);
}

/// Exams that came under an agreement with a quota, in the guard that ends then (O22).
struct GuardCount {
  std::string agreement;
  FedTime until;
  std::uint32_t count = 0;
};
template <class F, Is<GuardCount> T>
void fields(F&& f, T& x) {
  f(x.agreement, x.until, x.count);
}

/// How often an engine raised an exam, in the hour that began then (A1).
struct EngineCount {
  std::string engine;
  FedTime since;
  std::uint32_t raised = 0;
};
template <class F, Is<EngineCount> T>
void fields(F&& f, T& x) {
  f(x.engine, x.since, x.raised);
}

/// What there is one of.
struct Scalars {
  LogIndex index;     ///< last applied
  FedTime at;         ///< its stamp
  Millis utc_offset;  ///< utc = at + utc_offset
  Level level{1};
  std::vector<DoorCounter> doors;
  std::vector<SiteId> unreachable;
  Bits128 archive_hash;  ///< rolling, over everything that left the room
  std::uint64_t archived = 0;
  std::uint64_t submitted = 0;  ///< exams ever made
  std::uint64_t reopened = 0;   ///< and brought back from the archive
  /// By the newest configuration entry; empty: as the site files said at first.
  std::vector<Member> members;
  Duty duty;
  std::vector<SiteWork> site_work;
  std::vector<GuardCount> guard_counts;
  std::vector<EngineCount> engine_counts;
  std::vector<GroupId> overflowing;  ///< whose overflow is open (O12), ascending
  UtcTime roster_seen;               ///< until when the roster's turns were followed (O21)
};
template <class F, Is<Member> T>
void fields(F&& f, T& x) {
  f(x.site, x.voter, x.priority, x.generation);
}
template <class F, Is<Scalars> T>
void fields(F&& f, T& x) {
  f(x.index, x.at, x.utc_offset, x.level, x.doors, x.unreachable, x.archive_hash, x.archived,
    x.submitted, x.reopened, x.members, x.duty, x.site_work, x.guard_counts, x.engine_counts,
    x.overflowing, x.roster_seen);
}

/// Digest's and index's name of an order key.
inline Bits128 order_hash(const OrderKey& key) { return hash_canonical(key); }

}  // namespace vigie::room
