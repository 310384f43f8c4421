// What must be true of clients' histories beside the journals. Each check adds violations of the
// kinds named with it; none knows how the room decides.
#pragma once

#include "tests/verify/history.hpp"
#include "tests/verify/journal.hpp"
#include "tests/verify/reports.hpp"
#include "tests/verify/verdict.hpp"

namespace vigie::verify {

/// Every promise is in the log (I6), one exam an order (I8), one answer a request (I12).
/// Kinds: lost, answer_differs, answers_differ, no_index, order_of_two_exams, exam_of_two_orders,
/// two_finals.
void check_answers(const Journals& journals, const History& history, Verdict& verdict);

/// What clients were shown is what the log made true, and epochs grow (I10).
/// Kinds: event_differs, events_differ, epoch.
void check_events(const Journals& journals, const History& history, Verdict& verdict);

/// Nobody holds what another holds: by epoch, by the log's order, by the clients' clock and leases
/// (I9). Kind: double_assignment.
void check_holders(const History& history, Verdict& verdict);

/// Reports at the hospitals are the signed texts of their orders, and what came after them;
/// retries are byte-identical; each version of what was signed arrived, and of readings once more
/// none did, for these go to their parents (I11). Kinds: report, report_text, report_order,
/// report_retry, report_unsigned, report_of_child, undelivered.
void check_reports(const Journals& journals, const History& history, const Reports& reports,
                   Verdict& verdict);

/// Exams that the evidence knows of.
std::uint64_t count_exams(const Journals& journals, const History& history);

/// Signs whose text became an exam's report: answered `ok`, shown as ReportValidated, or adopted;
/// and what became a later version of it; by log index. A Sign whose outcome nobody saw is in
/// `unknown`.
struct FinalSigns {
  std::map<LogIndex, ExamId> known;
  std::map<LogIndex, ExamId> unknown;
};
FinalSigns final_signs(const Journals& journals, const History& history);

}  // namespace vigie::verify
