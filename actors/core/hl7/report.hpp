// Vigie to hospital: ORU^R01 for every event that a hospital hears of (interfaces §1.3).
//
// A pure function of its inputs: the same exam, version and recipient give the same bytes, so every
// retry is byte-identical (design D14). Times are inputs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/feed.hpp"
#include "actors/core/hl7/sealed.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

namespace vigie::hl7 {

enum class ReportEvent : std::uint8_t {
  accepted,       ///< with its protocol: ORC-1 OK
  refused,        ///< OC, OBR-25 X; recourse in ORC-16.2
  cancelled,      ///< as asked: CR, X
  cannot_cancel,  ///< UC
  preliminary,    ///< RE, P
  validated,      ///< RE, F
  corrected,      ///< RE, C
  addendum,       ///< whole: C, addendum first; append: F with suffix &ADT
  withdrawn,      ///< wrong patient: C, OBX-11 W (D for CDA feeds)
};

/// A moment as the hospital's clock shows it. utc 0: absent.
struct LocalTime {
  UtcTime utc;
  int offset_minutes = 0;
};
/// HL7 TS: "20260106164418+0100"; empty for utc 0.
std::string timestamp(LocalTime time);

/// A part of a report: LOINC 55752-0 indication, 55111-9 technique, 59776-5 results, 19005-8
/// conclusion.
struct ReportSection {
  std::string code, title, text;
};

struct ReportContent {
  ReportEvent event = ReportEvent::validated;
  std::string message_id;   ///< MSH-10: one per (exam, version, recipient), kept over retries
  std::string exam_number;  ///< ORC-3
  LocalTime sent_at;        ///< MSH-7; must be the same over retries
  LocalTime exam_time, signed_at;
  Clinician reader;                     ///< or regulator, for accepted and refused
  std::vector<std::string> studies;     ///< StudyInstanceUIDs
  std::string text;                     ///< whole current text; UTF-8, lines cut by '\n'
  std::string addendum;                 ///< only its own text
  std::vector<ReportSection> sections;  ///< used when the feed asks for them
  std::string protocol;                 ///< text for the technologist, of accepted
  std::string reason;                   ///< of refused, cancelled, cannot_cancel, withdrawn
  std::string recourse;                 ///< centre and phone, of refused
  std::string cda;                      ///< document bytes for feeds with cda = true
};

/// The message, in the feed's character set, unframed.
/// @errors Errc::malformed: `sealed` cannot be opened. Errc::bad_value: no message id.
Result<std::string> build_report(std::string_view sealed, const ReportContent& content,
                                 const Feed& feed);

}  // namespace vigie::hl7
