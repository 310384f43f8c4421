// The figures of the guard: how long exams took, who read whose, what readers were offered.
//
// Plain numbers, counted by Measures from what entries brought; the running node shows them to
// Prometheus, `vigie journal replay --kpi` prints them. What each means is in ops/docs/measures.md.
// Whole numbers and milliseconds throughout: the same log gives the same figures everywhere.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

namespace vigie::kpi {

/// Upper bounds of the classes that spans are counted in, inclusive: the four targets (10, 20, 45
/// and 120 min), the mean of 16 min, and the regulators' 30 s, 2 min and 5 min are among them.
inline constexpr std::array<Millis, 17> bounds = {15_s,   30_s,   60_s,    120_s,   180_s,  300_s,
                                                  450_s,  600_s,  960_s,   20_min,  30_min, 45_min,
                                                  60_min, 90_min, 120_min, 180_min, 360_min};

/// Spans of time, counted by class: what is kept of many of them, in a fixed number of bytes.
struct Distribution {
  std::array<std::uint32_t, bounds.size() + 1> counts{};  ///< the last: beyond all bounds
  std::uint32_t count = 0;
  Millis sum;

  /// A negative span counts as 0.
  void add(Millis span);
  void add(const Distribution& other);
  /// 0 when there is none.
  Millis mean() const { return count == 0 ? Millis{} : sum / count; }
  /// What `percent` of them did not exceed, as Prometheus' histogram_quantile() reckons it: evenly
  /// within a class; the last bound when it lies beyond. 0 when there is none.
  Millis quantile(unsigned percent) const;
  bool operator==(const Distribution&) const = default;
};

/// What is measured of an exam's way. "Report" is the moment when its report is available: every
/// recipient of its hospital has acknowledged it for the first time (DELIVERED).
enum class Span : std::uint8_t {
  request_to_report,
  protocol_to_report,     ///< from the first protocol
  first_image_to_report,  ///< from READY where nobody told of images before
  ready_to_report,
  ready_to_signed,
  request_to_touch,    ///< first claimed by a regulator or an assistant
  request_to_protocol  ///< given by a regulator
};
inline constexpr std::size_t span_count = 7;
std::string_view name_of(Span span);  ///< request_to_report, ...

using ByUrgency = std::array<Distribution, urgency_count>;

/// As DeclineReason: what readers say no for.
inline constexpr std::array<std::string_view, 4> decline_reasons = {"images", "skill", "conflict",
                                                                    "other"};

/// Offers, to readers; readings once more among them.
struct Offers {
  std::uint64_t made = 0;       ///< each to be accepted
  std::uint64_t automatic = 0;  ///< given at once, to who had asked for the next
  std::uint64_t accepted = 0, expired = 0, withdrawn = 0;
  std::array<std::uint64_t, decline_reasons.size()> declined{};
  bool operator==(const Offers&) const = default;
};

/// What there is one of, or one of each class.
struct Totals {
  std::array<ByUrgency, span_count> spans{};
  std::array<std::uint64_t, urgency_count> late{};  ///< report after Exam::deadline
  Offers offers;
  std::uint64_t reads = 0;          ///< begun; taken up again does not count
  std::uint64_t interruptions = 0;  ///< F7; must stay 0
  const ByUrgency& of(Span span) const { return spans[static_cast<std::size_t>(span)]; }
  bool operator==(const Totals&) const = default;
};

/// From the centre whose door took the request to the centre whose reader signed.
struct Flow {
  SiteId origin, reading;
  auto operator<=>(const Flow&) const = default;
};

/// What one establishment had of the guard (Q9).
struct Service {
  std::uint64_t requests = 0;  ///< an order joined to its phone call is one
  std::uint64_t reports = 0;   ///< signed
  std::uint64_t late = 0;
  std::uint64_t instead_of_ultrasound = 0;  ///< of the requests (domain O6)
  ByUrgency request_to_report{};
  bool operator==(const Service&) const = default;
};

/// Readers' time at a centre (Q2).
struct Presence {
  Millis logged, busy;  ///< with a session; with an exam in hand
  bool operator==(const Presence&) const = default;
};

struct Figures {
  Totals totals;
  std::map<Flow, std::uint64_t> flows;                           ///< exams signed
  std::map<std::string, std::uint64_t, std::less<>> agreements;  ///< the same; "": without one
  std::map<EstablishmentId, Service> establishments;
  std::map<SiteId, Presence> presence;
  bool operator==(const Figures&) const = default;
};

/// A hospital that waits longer than the others for the same class (Q10).
struct Slow {
  EstablishmentId establishment;
  Urgency urgency = Urgency::p2;
  std::uint32_t exams = 0;
  Millis mean, others;  ///< of its exams; of all of the class
  bool operator==(const Slow&) const = default;
};
inline constexpr std::uint32_t slow_exams_min = 20;
/// Whose mean from request to report is over one and a half times the class's, with at least
/// slow_exams_min exams. By establishment, then class.
std::vector<Slow> slow_establishments(const Figures& figures);

}  // namespace vigie::kpi
