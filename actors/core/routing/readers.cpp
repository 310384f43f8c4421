#include "actors/core/routing/readers.hpp"

#include <algorithm>

#include "messages/types/limits.hpp"

namespace vigie::routing {
namespace {

/// Has he one in force of which `is_right` is true?
template <class Is>
bool any_privilege(const ReaderView& reader, const Is& is_right) {
  return reader.privileges &&
         std::any_of(reader.privileges->begin(), reader.privileges->end(),
                     [&](const Privilege& p) { return p.holds(reader.utc) && is_right(p); });
}

template <class Id>
bool has(const std::vector<Id>& ids, Id id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// "Subsidiarity from near to far" (G4 charter): territory, then region, then anywhere. A GHT
/// counts for its territory, or stands for one where there is none around it.
std::int32_t farness(const AreaPath& a, const AreaPath& b) {
  const auto territory = [](const AreaPath& path) {
    return path.territory ? path.territory : path.ght;
  };
  if (territory(a) == territory(b) && a.region == b.region) return 0;
  return a.region && a.region == b.region ? weight::region : weight::territory;
}

std::int32_t fatigue(Millis on_shift) {
  if (on_shift >= 10_h) return weight::fatigue_10h;
  return on_shift >= 8_h ? weight::fatigue_8h : 0;
}

bool better(const Candidate& a, const Candidate& b) {
  return a.total() != b.total() ? a.total() < b.total() : a.reader < b.reader;
}

}  // namespace

bool in_group(const Directory& directory, GroupId group, const ReaderView& reader) {
  const ProviderGroup* found = directory.group(group);
  return found && (has(found->sites, reader.site) ||
                   (reader.institution && has(found->establishments, reader.institution)));
}

Filter filter_for(const Directory& directory, const QueueKey& key, const ReaderView& reader) {
  if (!reader.free) return Filter::not_free;
  if (!reader.reachable) return Filter::site_unreachable;
  if (!any_privilege(reader,
                     [&](const Privilege& p) { return p.modalities.contains(key.modality); })) {
    return Filter::modality;
  }
  if (key.child && !reader.skills.contains(Skill::paediatric)) return Filter::age;
  if (key.reserved) return key.reserved == reader.person ? Filter::eligible : Filter::reserved;
  if (reader.off_roster) return Filter::roster;
  if (!key.any_skill && key.skill != Skill::general && !reader.skills.contains(key.skill)) {
    return Filter::skill;
  }
  const bool everywhere = !key.group;
  if (!everywhere && !in_group(directory, key.group, reader) &&
      !(key.overflow && in_group(directory, key.overflow, reader))) {
    return Filter::group;
  }
  return Filter::eligible;
}

namespace {

/// Would he be done when his shift ends? At the last step it is read by whoever is there.
bool ends_in_time(const Directory& directory, const Exam& exam, const ReaderView& reader) {
  constexpr Millis longest = 1_min * 240;
  const bool at_any_hour = !reader.shift_until || exam.relax_step >= 2 || exam.reserved_for;
  if (at_any_hour || reader.shift_until - reader.utc >= longest) return true;
  const Protocol* protocol = directory.protocol(exam.protocol);
  const std::uint16_t minutes = protocol ? protocol->expected_minutes : mean_read_minutes;
  return reader.utc + 1_min * minutes <= reader.shift_until;
}

Filter filter_for(const Directory& directory, const QueueKey& key, const Exam& exam,
                  const ReaderView& reader) {
  const Filter filter = filter_for(directory, key, reader);
  if (filter != Filter::eligible) return filter;
  const Request& asked = exam.request;
  const bool supervises = exam.purpose == Purpose::supervision;
  const bool may_read = any_privilege(reader, [&](const Privilege& p) {
    return p.covers(asked.modality, asked.region, asked.age_class) &&
           (!supervises || p.status == PrivilegeStatus::autonomous);
  });
  if (!may_read) return Filter::privileges;
  if (reader.only_vital && exam.urgency != Urgency::p0) return Filter::not_free;
  const auto& excluded = exam.excluded;
  const bool is_excluded =
      std::find(excluded.begin(), excluded.end(), reader.person) != excluded.end();
  if (is_excluded) return Filter::excluded;
  return ends_in_time(directory, exam, reader) ? Filter::eligible : Filter::shift_end;
}

}  // namespace

Filter filter_for(const Directory& directory, const Exam& exam, const ReaderView& reader) {
  return filter_for(directory, queue_key_of(exam), exam, reader);
}

Candidate score(const ExamView& view, const ReaderView& reader, FedTime now) {
  Candidate c;
  c.reader = reader.person;
  c.site = reader.site;
  const std::int64_t idle = (now - reader.idle_since).value / weight::idle_point_ms;
  c.idle = -static_cast<std::int32_t>(std::clamp<std::int64_t>(idle, 0, weight::idle_max));
  const Skill skill = view.exam->skill;
  if (skill != Skill::general && reader.skills.contains(skill)) c.skill = -weight::skill;
  c.territory = farness(reader.areas, view.areas);
  if (view.same_patient && view.same_patient == reader.person) c.continuity = -weight::continuity;
  c.fairness = std::min(static_cast<std::int32_t>(reader.units) / weight::units_per_point,
                        weight::fairness_max);
  c.fatigue = fatigue(now - reader.shift_start);
  c.balance = weight::balance_max * reader.site_busy_percent / 100;
  if (reader.site_degraded) c.balance += weight::degraded;
  return c;
}

void note(Decision& decision, PersonId reader, Filter filter) {
  if (decision.removed.empty()) decision.removed.resize(filter_count);
  ++decision.removed[static_cast<std::size_t>(filter)];
  const bool is_named =
      filter != Filter::eligible && decision.removals.size() < limits::removals_recorded;
  if (is_named) decision.removals.push_back({reader, filter});
}

std::optional<std::size_t> choose_reader(const Directory& directory, const ExamView& exam,
                                         const std::vector<ReaderView>& readers, FedTime now,
                                         Decision& decision) {
  decision.candidates.reserve(limits::candidates_recorded + 1);
  const QueueKey key = queue_key_of(*exam.exam);
  std::optional<std::size_t> best;
  Candidate best_candidate;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    const Filter filter = filter_for(directory, key, *exam.exam, readers[i]);
    note(decision, readers[i].person, filter);
    if (filter != Filter::eligible) continue;
    const Candidate candidate = score(exam, readers[i], now);
    auto& kept = decision.candidates;
    if (kept.size() < limits::candidates_recorded || better(candidate, kept.back())) {
      kept.insert(std::upper_bound(kept.begin(), kept.end(), candidate, better), candidate);
      if (kept.size() > limits::candidates_recorded) kept.pop_back();
    }
    if (!best || better(candidate, best_candidate)) {
      best = i;
      best_candidate = candidate;
    }
  }
  return best;
}

}  // namespace vigie::routing
