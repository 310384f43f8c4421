// What the clients of a run asked and were told, and the log that was committed: kept as the
// history that the linearizability checker (tests/verify/linear) judges at the end, and checked on
// the way for what can be said of one answer alone.
#pragma once

#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "messages/types/wire.hpp"
#include "tests/sim/findings.hpp"
#include "tests/verify/linear/history.hpp"

namespace vigie::sim {

class Records {
 public:
  explicit Records(Findings& findings) : findings_(findings) {
    history_.every_assignment_shown = true;
  }

  // From clients.
  void asked(const std::string& who, const ClientRequest& request, Time now);
  void told(const std::string& who, const ClientAnswer& answer, Time now);
  /// A query, sent at `asked`, got its whole reply.
  void looked(const std::string& who, const Query& query, const QueryReply& reply, Time asked,
              Time now);
  void broken_frame(const std::string& who, const Error& error);
  /// One of a session's last few requests is not remembered any more (I12).
  void forgotten(const std::string& who, const ClientAnswer& answer);
  // From the watch.
  /// Consecutive, each once.
  void committed(LogIndex index, FedTime at, const Proposal* proposal);
  /// Of every offer and every reading that began, in order.
  void shown(const std::string& who, const Event& event);

  /// At the end: everything that was answered is where its answer says (I6).
  void check_all();
  const linear::History& history() const { return history_; }
  std::uint64_t operations() const { return history_.operations.size(); }
  std::uint64_t answers() const { return answers_; }
  /// Commands that were answered OK, each once, by their place in the variant.
  using Done = std::array<std::uint64_t, std::variant_size_v<Command>>;
  const Done& done() const { return done_; }
  /// Reports whose signer was told OK, or that it is kept (I11).
  const std::map<ReportId, std::pair<ExamId, LogIndex>>& kept_reports() const { return reports_; }
  /// Exams of submits that were answered OK (I8).
  const std::map<ExamId, LogIndex>& kept_exams() const { return exams_; }

 private:
  struct Open {
    std::size_t kind = 0;  ///< of command, in its variant
    LogIndex floor;        ///< highest index that anybody was told before this was asked
    Errc code = Errc::ok;
    LogIndex index;
    bool answered = false, duplicate = false;
    Command command;
  };
  void judge(Open& open, const ClientAnswer& answer);
  void judge_epoch(const Open& open, const Answer& answer);
  Findings& findings_;
  linear::History history_;
  linear::Recorder recorder_{history_};
  std::map<linear::RequestName, Open> open_;
  LogIndex told_max_;
  std::uint64_t answers_ = 0;
  Done done_{};
  std::map<ReportId, std::pair<ExamId, LogIndex>> reports_;
  std::map<ExamId, LogIndex> exams_;

 public:
  /// Epochs that an exam has had: (from index, epoch), for I10.
  std::map<ExamId, std::vector<std::pair<LogIndex, Epoch>>> epochs;
};

}  // namespace vigie::sim
