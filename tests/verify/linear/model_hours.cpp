// What goes by UTC, which is federation time and what the clocks were corrected by: calendars,
// dated qualifications and agreements, the roster (domain O21, design D3).
#include <algorithm>

#include "tests/verify/linear/model.hpp"

namespace vigie::linear {

using Sure = Model::Sure;

namespace {

/// Has he one in force of which `is_right` is true?
template <class Is>
bool any_privilege(const Person* person, UtcTime now, const Is& is_right) {
  return person && std::any_of(person->privileges.begin(), person->privileges.end(),
                               [&](const Privilege& p) { return p.holds(now) && is_right(p); });
}

}  // namespace

std::optional<UtcTime> Model::utc(FedTime at) const {
  if (!utc_offset_) return {};
  return UtcTime{(at + *utc_offset_).value};
}

void Model::keep_hours() {
  if (const auto now = utc(at_); now && !hours_before_) hours_before_ = {*now, directory_.roster};
}

void Model::correct_clock(Millis change) {
  keep_hours();
  if (utc_offset_) utc_offset_ = *utc_offset_ + change;
}

void Model::take_directory(Directory directory) {
  keep_hours();
  const bool same_steps = directory.rules.relax_overflow == directory_.rules.relax_overflow;
  directory_ = std::move(directory);
  if (same_steps) return;
  for (auto& [id, exam] : exams_) exam.relaxed_maybe |= static_cast<bool>(exam.first_ready);
}

template <class Is>
Sure Model::in_this_entry(const Is& is) const {
  const auto now = utc(at_);
  if (!directory_followed_ || !now) return Sure::perhaps;
  const bool so = is(*now, directory_.roster);
  if (hours_before_ && is(hours_before_->now, hours_before_->roster) != so) return Sure::perhaps;
  return so ? Sure::yes : Sure::no;
}

Sure Model::is_on_guard(PersonId reader) const {
  return in_this_entry([&](UtcTime now, const std::vector<Shift>& roster) {
    const OnRoster on = on_roster(roster, reader, now);
    return !on.anybody || on.own;
  });
}

Sure Model::ends_in_time(PersonId reader, Millis reading) const {
  return in_this_entry([&](UtcTime now, const std::vector<Shift>& roster) {
    const Shift* own = on_roster(roster, reader, now).own;
    return !own || now + std::min(reading, longest_reading) <= own->until;
  });
}

Sure Model::has_privilege(PersonId reader, Modality modality) const {
  return in_this_entry([&](UtcTime now, const auto&) {
    return any_privilege(directory_.person(reader), now,
                         [&](const Privilege& p) { return p.modalities.contains(modality); });
  });
}

Sure Model::has_privilege(PersonId reader, const Request& asked) const {
  return in_this_entry([&](UtcTime now, const auto&) {
    return any_privilege(directory_.person(reader), now, [&](const Privilege& p) {
      return p.covers(asked.modality, asked.region, asked.age_class);
    });
  });
}

std::optional<Millis> Model::reading_time(const Exam& exam) const {
  if (exam.agreement_maybe) return {};
  const Protocol* protocol = exam.protocol ? directory_.protocol(exam.protocol->code) : nullptr;
  return 1_min * (protocol ? protocol->expected_minutes : mean_read_minutes);
}

/// The last step is by time, and never undone; what was vital once is there.
void Model::note_relaxed(Exam& exam) {
  if (!exam.first_ready) exam.first_ready = at_;
  exam.relaxed_maybe |= exam.urgency == Urgency::p0 || !exam.urgency_known;
}

bool Model::is_relaxed(const Exam& exam) const {
  return exam.relaxed_maybe || exam.first_ready + directory_.rules.relax_overflow <= at_;
}

}  // namespace vigie::linear
