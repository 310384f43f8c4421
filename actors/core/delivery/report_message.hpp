// From an exam to the bytes of the message that its hospital gets. The same inputs give the same
// bytes at every door and every try (design D14): no clock, and local time by rule, not by machine.
#pragma once

#include <string>
#include <string_view>

#include "actors/core/hl7/feed.hpp"
#include "actors/core/hl7/report.hpp"
#include "messages/types/applied.hpp"
#include "messages/types/result.hpp"

namespace vigie::delivery {

/// MSH-10 of one message to one recipient: 20 hexadecimal signs of a hash of what it is about.
/// @param what "report" for a report version; else the event that is told, and when it came.
std::string message_id(std::string_view exam_number, ReportVersion version,
                       std::string_view recipient, std::string_view what = "report");

/// French legal time at `utc`: +60 or +120 minutes (last Sundays of March and October, 01:00 UTC).
int legal_offset_minutes(UtcTime utc);
/// `utc` as French clocks show it.
hl7::LocalTime local_time(UtcTime utc);

/// A message, unframed, and its MSH-10.
struct Outgoing {
  std::string id;
  std::string bytes;
};

/// The report of `job`: MSH-7 is when that version was signed.
/// @errors Errc::not_found: the exam has no such version. Those of hl7::build_report.
Result<Outgoing> report_message(const DeliveryJob& job, const hl7::Feed& feed);

/// What a hospital is told beside reports: refused, cancelled or not, a protocol, a preliminary.
/// @param at When that became so; MSH-7.
/// @param utc_offset From federation time to UTC.
Result<Outgoing> notice_message(const Exam& exam, std::string_view exam_number,
                                hl7::ReportEvent event, UtcTime at, Millis utc_offset,
                                const hl7::Feed& feed);

}  // namespace vigie::delivery
