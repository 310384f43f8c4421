// The centres' journals as the checker sees them: each dump's chain recomputed, all compared, and
// one log of what was committed. Knows the entry's bytes (messages/codec) and no room.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "messages/types/command.hpp"
#include "messages/types/entry.hpp"
#include "tests/verify/records.hpp"
#include "tests/verify/verdict.hpp"

namespace vigie::verify {

/// One entry, reduced to what is compared.
struct Entry {
  Term term;
  bool present = false;
  EntryKind kind = EntryKind::noop;
  std::string_view command;  ///< static name; empty: none, or undecodable
  FedTime at;
  SiteId door;
  SessionId session;
  Incarnation incarnation;
  RequestNo request;
  std::uint64_t content = 0;
  ExamId exam;
  Epoch epoch;
  ReportId report;
};

/// A text that a reader signed, or gave as preliminary, or what came after: an addendum, a
/// correction, the word that a report is withdrawn.
struct ReportText {
  LogIndex index;
  ExamId exam;
  ReportId report;
  bool preliminary = false;
  std::string text;
  bool is_report = false;  ///< its exam's record says that it became a version of the report
  ReportKind kind = ReportKind::final_;  ///< of what is not preliminary
};

/// A delivery that the log says was acknowledged.
struct AckedDelivery {
  LogIndex index;
  ExamId exam;
  ReportVersion version;
};

/// A node's journal, without its payloads.
struct Node {
  std::string site;
  LogIndex first{1}, last;
  Bits128 before;               ///< chain at first - 1
  std::vector<Term> terms;      ///< of [first, last]
  std::vector<Bits128> chains;  ///< recomputed, of [first, last]
  std::optional<std::pair<LogIndex, Bits128>> checkpoint;
  std::optional<LogIndex> commit;
  LogIndex snapshot_index;
  Bits128 snapshot_chain;
  Bits128 snapshot_hash;                                   ///< of its bytes, which are canonical
  std::map<std::pair<LogIndex, ExamId>, Bits128> archive;  ///< hash of each record's bytes
  Records records;

  /// Up to here its archive must be complete: a snapshot waits for it, and several exams close at
  /// one index, so the last one's may be under way.
  LogIndex archive_end() const {
    const LogIndex last_one = archive.empty() ? LogIndex{} : archive.rbegin()->first.first;
    return std::max(snapshot_index, last_one ? previous(last_one) : LogIndex{});
  }
  bool holds(LogIndex i) const { return i >= first && i <= last; }
  /// True if the entry was applied or is held here: an acknowledged one must be.
  bool reaches(LogIndex i) const { return i <= last || i <= snapshot_index; }
  Bits128 chain(LogIndex i) const { return chains[i.value - first.value]; }
  Term term(LogIndex i) const { return terms[i.value - first.value]; }
  Term last_term() const { return terms.empty() ? Term{} : terms.back(); }
};

class Journals {
 public:
  /// Reads all centres' dumps and compares them (I1, I5). A dump that cannot be read is a
  /// violation `journal`.
  void read(const std::vector<std::string>& paths, Verdict& verdict);

  const std::vector<Node>& nodes() const { return nodes_; }
  std::size_t majority() const { return nodes_.size() / 2 + 1; }
  /// First index of which an entry is held anywhere; last + 1 when there is none.
  LogIndex first() const { return base_; }
  LogIndex last() const { return {base_.value + entries_.size() - 1}; }
  /// The entry, or nullptr when no journal holds it any more.
  const Entry* entry(LogIndex i) const;
  /// An exam as the snapshots and archives have it: the one that knows most; nullptr if none does.
  const ExamRecord* record(ExamId exam) const;
  /// Exams of which there is a record.
  std::set<ExamId> recorded() const;
  /// To how many an establishment's reports go; nothing when no directory was kept.
  std::optional<std::size_t> recipients(EstablishmentId establishment) const;
  /// The federation time that the room showed at `i`; nothing when the log does not begin at 1.
  std::optional<FedTime> at(LogIndex i) const;

  const std::vector<ReportText>& texts() const { return texts_; }
  const std::vector<AckedDelivery>& acked() const { return acked_; }
  /// Order hashes of a Submit, in order; and what each order is.
  const std::map<LogIndex, std::vector<std::uint64_t>>& submits() const { return submits_; }
  struct Order {
    std::string number;
    EstablishmentId establishment;
  };
  const std::unordered_map<std::uint64_t, Order>& orders() const { return orders_; }
  /// Numbers of the orders that an exam which began on the phone was joined to.
  const std::multimap<ExamId, std::string>& linked() const { return linked_; }
  /// Adoptions of late reports.
  const std::map<LogIndex, ReportId>& adopted() const { return adopted_; }
  /// Orders and exams whose number may be used again: cancelled, refused, or ultrasound.
  const std::set<std::uint64_t>& freed_orders() const { return freed_orders_; }
  const std::set<ExamId>& freed_exams() const { return freed_exams_; }
  /// The newest directory of the log, if it is still there.
  const std::optional<Directory>& directory() const { return directory_; }
  /// What each command entry says, whole.
  const std::map<LogIndex, Proposal>& proposals() const { return proposals_; }

 private:
  void read_one(const std::string& path, Verdict& verdict);
  void take_entry(Node& node, std::string_view body);
  void compare(Verdict& verdict);
  void decode(LogIndex index, Entry& entry, std::string_view payload);
  void remember(LogIndex index, const Command& command);
  void compare_logs(const Node& a, const Node& b, Verdict& verdict) const;
  void compare_states(const Node& a, const Node& b, Verdict& verdict) const;
  void check_checkpoints(Verdict& verdict);
  void remember_records();

  std::vector<Node> nodes_;
  LogIndex base_{1};
  std::vector<Entry> entries_;  ///< from base_ on
  std::vector<FedTime> stamps_;
  std::vector<ReportText> texts_;
  std::vector<AckedDelivery> acked_;
  std::map<LogIndex, std::vector<std::uint64_t>> submits_;
  std::unordered_map<std::uint64_t, Order> orders_;
  std::map<LogIndex, ReportId> adopted_;
  std::set<std::uint64_t> freed_orders_;
  std::multimap<ExamId, std::string> linked_;
  std::set<ExamId> freed_exams_;
  std::map<LogIndex, Bits128> checkpoints_;  ///< what leaders logged
  std::optional<Directory> directory_;
  std::map<LogIndex, Proposal> proposals_;
};

}  // namespace vigie::verify
