// What a node's snapshot and archive say of exams, for what its log has given up: as laid open by
// vigie-journal-dump (frames `d` and `x`), reduced to what is compared.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "messages/types/event.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/result.hpp"

namespace vigie::verify {

/// A report as its exam's record keeps it.
struct RecordedReport {
  ReportId id;
  ReportKind kind = ReportKind::none;
  ReportVersion version;
  LogIndex index;
  std::string text;
};

struct ExamRecord {
  ExamId exam;
  std::uint64_t order = 0;  ///< order_hash()
  std::string number;       ///< placer order number
  EstablishmentId establishment;
  ExamState state = ExamState::none;
  LogIndex closed;                 ///< 0: open at the snapshot
  std::vector<LogIndex> timeline;  ///< log indexes that changed it
  bool timeline_complete = true;   ///< false: it was cut for its length
  std::vector<RecordedReport> reports;
  std::vector<ReportVersion> acked;  ///< versions that some recipient acknowledged

  bool changed_at(LogIndex index) const;
  const RecordedReport* report(ReportId id) const;
};

/// One node's.
struct Records {
  bool known = false;  ///< the dump has them
  std::unordered_map<std::uint64_t, ExamRecord> exams;
  std::map<EstablishmentId, std::size_t> recipients;  ///< by the snapshot's directory

  const ExamRecord* find(ExamId exam) const;
  /// Frames `d` and `x`. @errors malformed.
  Result<void> take_directory(const std::string& body);
  Result<void> take_exam(const std::string& body);
};

}  // namespace vigie::verify
