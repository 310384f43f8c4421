// The room's state: tables of records, and the indexes derived from them.
//
// Only apply() changes it, and only through edit_*(); settle() at the end of each entry brings
// digest and indexes up to date. Indexes are never part of snapshots or digests: they can be
// rebuilt.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "actors/core/room/finder.hpp"
#include "actors/core/room/records.hpp"
#include "actors/core/room/table.hpp"
#include "actors/core/routing/queues.hpp"
#include "actors/core/routing/readers.hpp"

namespace vigie::room {

class State {
 public:
  // Records.
  const Table<ExamId, Exam>& exams() const { return exams_; }
  const Table<SessionId, Session>& sessions() const { return sessions_; }
  /// By the exam that each order means now.
  const Table<ExamId, OrderRecord>& orders() const { return orders_; }
  const Table<ReportId, ParkedReport>& parked() const { return parked_; }
  const Scalars& scalars() const { return scalars_; }
  const Directory& directory() const { return directory_; }

  /// Federation time as calendars tell it, and back. Deadlines never go by UTC (design D3).
  UtcTime utc(FedTime at) const { return {(at + scalars_.utc_offset).value}; }
  UtcTime utc() const { return utc(scalars_.at); }
  FedTime fed(UtcTime when) const { return FedTime{when.value} - scalars_.utc_offset; }

  Exam& edit_exam(ExamId id) { return exams_.edit(id); }
  Exam& insert_exam(Exam exam);
  /// Takes the exam out of every index and the table.
  void erase_exam(ExamId id);
  /// Changes an exam's patient key, in the record and in the index.
  void set_patient(ExamId id, const PatientKey& patient);
  Session& edit_session(SessionId id) { return sessions_.edit(id); }
  Session& insert_session(Session session);
  void erase_session(SessionId id);
  OrderRecord& edit_order(ExamId exam);
  OrderRecord& insert_order(OrderRecord record);
  void erase_order(ExamId exam);
  /// Drops closed order keys older than the retention, oldest first, and those beyond its count; at
  /// most limits::deadlines_per_entry at a time.
  void prune_orders(FedTime now);
  void insert_parked(ParkedReport report);
  Scalars& edit_scalars() { return scalars_; }
  /// Cost: linear in the exams when the rules or the protocols changed.
  void set_directory(Directory directory);

  /// Ends an entry: digest and indexes follow the edits. Call before reading any index below.
  void settle();
  /// Brings the indexes up to date with one record in the middle of an entry.
  void reindex(const Exam& exam) { index_exam(exam); }
  void reindex(const Session& session) { index_session(session.id); }

  /// Over all records, the directory and the scalars (design D1).
  Bits128 digest() const;

  // Indexes: valid after settle(), and for what was reindexed since.
  const routing::WaitingQueues& waiting() const { return waiting_; }
  /// Readers' sessions that could take an exam now, longest idle first; as they were when indexed:
  /// see current().
  using FreeReaders = std::map<std::pair<FedTime, SessionId>, const routing::ReaderView*>;
  const FreeReaders& free_readers() const { return free_; }
  /// `indexed` with what depends on its centre and its door as they are now.
  routing::ReaderView current(const routing::ReaderView& indexed) const;
  /// Readers' sessions that are live, whatever they do.
  std::size_t reader_count() const { return indexed_readers_.size(); }
  /// Of those, the first `most` who are not among free_readers(), in the order of their sessions.
  std::vector<PersonId> busy_readers(std::size_t most) const;
  /// Those of a group who read or could: neither off nor away nor resting.
  std::size_t readers_of(GroupId group) const;
  /// (when, exam): the next thing that time alone will do to it.
  const std::set<std::pair<FedTime, ExamId>>& due() const { return due_; }
  /// Exams with a delivery pending, by its owner.
  const std::set<std::pair<SiteId, ExamId>>& owed() const { return owed_; }
  const ExamCounts& counts() const { return counts_; }
  /// Waiting exams (READY, OFFERED) by urgency, oldest first.
  const std::set<std::tuple<Urgency, FedTime, ExamId>>& by_age() const { return by_age_; }
  /// Exams claimed by regulators' sessions.
  const std::set<std::pair<SessionId, ExamId>>& claimed() const { return claimed_; }
  /// The order with that order_hash(); none when it was never seen, or forgotten.
  const OrderRecord* order_of(const Bits128& key) const;
  /// Open exams of a patient, in id order.
  std::vector<ExamId> exams_of(const PatientKey& patient) const;
  /// The person's session for that role; none when he never had one or it was forgotten.
  const Session* session_of(PersonId person, Role role) const;
  /// The reader as routing sees him.
  routing::ReaderView view_of(const Session& session) const;
  bool is_reachable(SiteId door) const;
  SiteWork work_of(SiteId site) const;
  /// Groups whose agreements name an overflow, ascending.
  const std::vector<GroupId>& groups_with_overflow() const { return groups_with_overflow_; }

  // Snapshots (snapshot.hpp): the photograph of the tables.
  void begin_walk();
  void end_walk();
  Table<ExamId, Exam>& exams_for_walk() { return exams_; }
  Table<SessionId, Session>& sessions_for_walk() { return sessions_; }
  Table<ExamId, OrderRecord>& orders_for_walk() { return orders_; }
  Table<ReportId, ParkedReport>& parked_for_walk() { return parked_; }

  /// Sum of what every record alone says: equals digest() unless something is broken.
  Bits128 recomputed_digest() const;

 private:
  /// Where an exam stands in the indexes, as last indexed.
  struct Indexed {
    ExamState state = ExamState::none;
    Urgency urgency = Urgency::p2;
    std::optional<std::pair<routing::QueueKey, routing::Rank>> waiting;
    FedTime due;
    FedTime age;
    SessionId claimed;
    std::vector<SiteId> owed;
    bool operator==(const Indexed&) const = default;
  };
  /// Where a reader's session stands in the indexes, as last indexed.
  struct IndexedReader {
    routing::ReaderView view;  ///< but for what current() fills in
    bool busy = false;
    bool operator==(const IndexedReader&) const = default;
  };
  struct SiteLoad {
    std::uint16_t readers = 0, busy = 0;
  };
  routing::ReaderView indexed_view_of(const Session& session) const;
  Indexed place_of(const Exam& exam) const;
  void enter_place(ExamId id, const Indexed& place);
  void leave_place(ExamId id, const Indexed& place);
  void index_exam(const Exam& exam);
  void index_session(SessionId id);
  Bits128 singles_digest() const;

  Table<ExamId, Exam> exams_;
  Table<SessionId, Session> sessions_;
  Table<ExamId, OrderRecord> orders_;
  Table<ReportId, ParkedReport> parked_;
  Scalars scalars_;
  Directory directory_;
  Bits128 directory_hash_;
  std::vector<GroupId> groups_with_overflow_;

  std::map<ExamId, Indexed> indexed_;
  std::map<SessionId, IndexedReader> indexed_readers_;
  std::map<SiteId, SiteLoad> load_;
  routing::WaitingQueues waiting_;
  FreeReaders free_;  ///< into indexed_readers_
  std::set<std::pair<FedTime, ExamId>> due_;
  std::set<std::pair<SiteId, ExamId>> owed_;
  std::set<std::tuple<Urgency, FedTime, ExamId>> by_age_;
  Finder by_patient_;
  Finder by_order_;
  std::set<std::pair<SessionId, ExamId>> claimed_;
  std::map<std::pair<PersonId, Role>, SessionId> by_person_;
  std::set<std::pair<FedTime, ExamId>> closed_orders_;
  ExamCounts counts_{};
};

/// Is it to be done?
bool has_task(const Exam& exam, TaskKind kind);

/// When time alone next does something to `exam`; 0: never. Pure function of the record.
FedTime next_due(const Exam& exam, const Directory& directory);

}  // namespace vigie::room
