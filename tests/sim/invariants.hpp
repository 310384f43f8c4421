// The invariants of the catalogue (faults I1 to I20), each under its number, checked as the world
// runs: what an event changed, never all there is. Where one is checked:
//
//   I1   equal logs                        applied(): every entry against the first node's
//   I2   a leader has what was committed   acted(): when a term begins
//   I3   one leader per term               acted()
//   I4   persist before promise            peer_frame(): what an answer promises, against the
//                                          sender's disk when it left; acted(): a leader's own vote
//   I5   equal index, equal digest         applied(), started()
//   I6   committed is on a majority        applied(): at the moment it is first applied anywhere;
//                                          started(): nothing synced and committed is missing;
//                                          Records::check_all(): answers are where they say
//   I7   LOCAL intake of an island         not yet: it comes with islands
//   I8   every exam accounted for          applied(): counts; ExamTracks: ends are ends
//   I9   one holder                        ExamTracks: the room's and what screens believe
//   I10  epochs grow and fence             ExamTracks; Records: what an answer says was done
//   I11  reports are kept                  check_end(): every report whose signer was told so
//   I12  same request, same answer         Records; the linearizability checker (double_effect)
//   I13  order of exams                    the linearizability checker (bad_assignment)
//   I14  who may pass                      as I13: deadlines of P2 and P3
//   I15  assignments of an island          not yet, as I7
//   I16  linearizable                      Records: real time; the checker: everything else
//   I17  streams without holes             ExamTracks::shown()
//   I18  hash chain                        check_end(): equal at equal index, on every journal
//   I19  bounded tables                    applied()
//   R3.. the guard's own rules            GuardRules
//   I20  no patient in logs                program: canaries in what was logged
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "tests/sim/exam_tracks.hpp"
#include "tests/sim/findings.hpp"
#include "tests/sim/guard_rules.hpp"
#include "tests/sim/records.hpp"
#include "tests/sim/watch.hpp"

namespace vigie::sim {

class Invariants final : public Watch {
 public:
  Invariants(World& world, Findings& findings, Records& records, int sites);

  void started(SiteId site, const replica::Start& found) override;
  void synced(SiteId site, const WriteMark& write) override;
  void applied(SiteId site, const actors::Host& host, const AppliedBatch& batch) override;
  void acted(SiteId site, const actors::Host& host) override;
  void peer_frame(SiteId from, SiteId to, const codec::PeerFrame& frame,
                  const Promise& promise) override;
  void ended(SiteId site) override;
  void second_passed(SiteId site, const actors::Host& host, BootTime now) override;
  void data_lost(SiteId site) override;
  void not_sent(SiteId door, ExamId exam) override;
  void delivered(SiteId door, const DeliveryJob& job) override;

  /// At the end, with every centre that is up: its room, its journal.
  void check_end(SiteId site, const actors::Host& host, const storage::Journal& journal);
  /// Its disk is older than it was, on purpose: what it promises from now on must not count, until
  /// it begins anew.
  void rolled_back(SiteId site) { nodes_.at(site.value).damaged = true; }
  bool is_rolled_back(SiteId site) const { return nodes_.at(site.value).damaged; }

  ExamTracks& exams() { return exams_; }
  const GuardRules& guard() const { return guard_; }
  LogIndex committed() const { return {log_.size()}; }
  std::uint64_t failovers() const { return failovers_; }
  /// Without a leader that a majority follows: when the last one was lost, until the next led.
  const std::vector<Time>& gaps() const { return gaps_; }
  /// Committed ones, by their place in the variant.
  using Commands = std::array<std::uint64_t, std::variant_size_v<Command>>;
  const Commands& commands() const { return commands_; }
  /// Snapshots that followers were sent, and took.
  std::uint64_t installs() const { return installs_; }
  std::uint64_t reports_delivered() const { return delivered_.size(); }

 private:
  struct Mark {
    Term term;
    std::uint64_t hash = 0;
    bool operator==(const Mark&) const = default;
  };
  struct Node {
    HardState hard;
    LogIndex base;             ///< of the snapshot
    std::deque<Mark> durable;  ///< from base + 1 on
    Term led;                  ///< last term that it led
    bool leads = false, damaged = false;
    LogIndex last() const { return {base.value + durable.size()}; }
  };
  static Mark mark_of(const LogEntry& entry);
  void commit(SiteId site, const actors::Host& host, const LogEntry& entry);
  void check_majority(LogIndex index, SiteId site, const actors::Host& host);
  void check_votes(SiteId site, const replica::Replica& replica);
  bool has(const Node& node, LogIndex index) const;
  void check_reports(SiteId site, const actors::Host& host, const storage::Journal& journal);
  void check_digest(SiteId site, const actors::Host& host, LogIndex at);
  void check_room(SiteId site, const actors::Host& host);
  bool is_archived(ExamId exam, const storage::Journal& journal, ReportId report = {}) const;
  void begin_term(SiteId site, const replica::Replica& replica);

  World& world_;
  Findings& findings_;
  Records& records_;
  std::vector<Node> nodes_;
  std::vector<Mark> log_;  ///< committed, from index 1 on
  /// In which term at most: the term of who applied it first.
  std::vector<Term> committed_in_;
  std::map<LogIndex, Bits128> digests_;
  std::map<Term, SiteId> leaders_;
  std::map<LogIndex, Bits128> chains_;
  std::set<ExamId> cancelled_;  ///< and in the room yet
  std::map<ExamId, Time> closed_at_;
  ExamTracks exams_;
  GuardRules guard_;
  Commands commands_{};
  std::vector<Member> members_;                                ///< by the committed log
  std::map<std::pair<Term, SiteId>, std::set<SiteId>> votes_;  ///< synced: for whom, by whom
  std::uint64_t installs_ = 0;
  std::set<std::tuple<ExamId, ReportVersion, std::uint8_t>> delivered_;
  std::uint64_t failovers_ = 0;
  Time led_last_ = 0;
  bool had_leader_ = false;
  std::vector<Time> gaps_;
};

}  // namespace vigie::sim
