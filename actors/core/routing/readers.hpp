// The order of readers: who may read an exam, who is best, and why (domain §5.5).
//
// Integers only. Every term of the score is kept in the Candidate that the decision records, so
// that `vigie why` prints what was weighed. Knows readers as it is given them, not sessions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "actors/core/routing/queues.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/exam.hpp"

namespace vigie::routing {

/// A reader as routing sees him.
struct ReaderView {
  PersonId person;
  SessionId session;
  SiteId site;                                         ///< the centre whose post he sits at
  SiteId door;                                         ///< the node that carries his session
  EstablishmentId institution;                         ///< his home hospital; 0: none
  AreaPath areas;                                      ///< of the centre
  const std::vector<Privilege>* privileges = nullptr;  ///< in the directory; null: none
  Set<Skill> skills;
  bool reachable = true;  ///< the node that carries his session is, and is not draining
  bool free = true;
  bool only_vital = false;  ///< has set an exam aside: takes nothing but P0
  FedTime idle_since, shift_start;
  std::uint32_t units = 0;              ///< expected minutes of what he read this shift
  UtcTime utc;                          ///< now, for when privileges end
  std::uint16_t site_busy_percent = 0;  ///< of his centre's readers, how many hold an exam
  bool site_degraded = false;           ///< his centre works badly: preferred last
  bool off_roster = false;              ///< others are on the roster now, he is not
  UtcTime shift_until;                  ///< by the roster; 0: it does not say
  bool operator==(const ReaderView&) const = default;
};

/// What about the exam matters for one decision.
struct ExamView {
  const Exam* exam = nullptr;
  AreaPath areas;         ///< of its establishment
  PersonId same_patient;  ///< who has another exam of this patient in hand or just had
};

/// Weights of the score, in points; lower is better. One place, so that they can be argued about.
namespace weight {
inline constexpr std::int32_t idle_point_ms = 10'000;  ///< one point less per 10 s idle ...
inline constexpr std::int32_t idle_max = 60;           ///< ... up to ten minutes
inline constexpr std::int32_t skill = 40;              ///< his subspecialty is the exam's
inline constexpr std::int32_t region = 10;             ///< the patient's region, elsewhere in it
inline constexpr std::int32_t territory = 20;       ///< neither the patient's territory nor region
inline constexpr std::int32_t continuity = 200;     ///< has the same patient
inline constexpr std::int32_t units_per_point = 6;  ///< expected minutes read this shift ...
inline constexpr std::int32_t fairness_max = 80;    ///< ... up to this
inline constexpr std::int32_t fatigue_8h = 30;
inline constexpr std::int32_t fatigue_10h = 90;
inline constexpr std::int32_t balance_max = 20;  ///< a centre all of whose readers are busy
inline constexpr std::int32_t degraded = 600;    ///< one that works badly: after all others
}  // namespace weight

/// May readers of this kind read from this queue? The filters that do not depend on the exam
/// itself.
Filter filter_for(const Directory& directory, const QueueKey& key, const ReaderView& reader);
/// Is he one of the group's readers, by his centre or his home hospital?
bool in_group(const Directory& directory, GroupId group, const ReaderView& reader);
/// The first filter that removes `reader` from `exam`; Filter::eligible when none does.
Filter filter_for(const Directory& directory, const Exam& exam, const ReaderView& reader);

Candidate score(const ExamView& exam, const ReaderView& reader, FedTime now);

/// Counts a reader by what `filter` said of him, and names him if it removed him.
void note(Decision& decision, PersonId reader, Filter filter);

/// Picks the best of `readers` for `exam`. `decision` gets each of them by note(), and the best
/// candidates, best first. Ties go to the lower person id.
/// @return position in `readers`, or nothing when nobody is eligible.
std::optional<std::size_t> choose_reader(const Directory& directory, const ExamView& exam,
                                         const std::vector<ReaderView>& readers, FedTime now,
                                         Decision& decision);

}  // namespace vigie::routing
