// Who has the duty of the federation (domain R3), as far as the log and the answers tell: all the
// ways in which things may stand are kept, and what is observed narrows them.
#include <algorithm>

#include "messages/types/limits.hpp"
#include "tests/verify/linear/model.hpp"

namespace vigie::linear {
namespace {

using Sure = Model::Sure;

/// More ways than these, and nobody knows.
constexpr std::size_t duties_max = 32;

bool is_same_but_for_times(const Model::Duty& a, const Model::Duty& b) {
  return a.head == b.head && a.deputy == b.deputy && a.offered_to == b.offered_to &&
         a.number == b.number && a.offered_at == b.offered_at;
}

}  // namespace

/// Alike but for since when its head is out of reach, they are one: since the earlier, perhaps.
void Model::keep_duties(Duties duties) {
  duties_.clear();
  for (const Duty& one : duties) {
    const auto at = std::find_if(duties_.begin(), duties_.end(), [&](const Duty& kept) {
      return is_same_but_for_times(kept, one);
    });
    if (at == duties_.end()) {
      duties_.push_back(one);
      continue;
    }
    const bool only_one = !at->lost_from || !one.lost_from;
    at->lost_from =
        only_one ? std::max(at->lost_from, one.lost_from) : std::min(at->lost_from, one.lost_from);
    at->lost_by = !at->lost_by || !one.lost_by ? FedTime{} : std::max(at->lost_by, one.lost_by);
  }
  if (duties_.size() > duties_max) duties_.clear();
}

Sure Model::is_door_open(SiteId door) const {
  const Site* site = directory_.site(door);
  if (!site || site->draining || site->membership == Membership::removed) return Sure::no;
  if (unreachable_.contains(door)) return Sure::no;
  return reach_unsure_.contains(door) ? Sure::perhaps : Sure::yes;
}

/// In a session of that role, through a centre that can be reached.
Sure Model::in_reach(PersonId person) const {
  if (!directory_followed_) return Sure::perhaps;
  const Person* who = directory_.person(person);
  if (!who || !who->roles.contains(Role::duty_head)) return Sure::no;
  Sure best = Sure::no;
  for (const auto& [id, s] : sessions_) {
    const bool strange = s.blurred && s.role == Role::none;  // of an Attach that nobody answered
    const bool his = s.person == person && s.role == Role::duty_head;
    Sure here = Sure::no;
    if (strange || (his && s.blurred)) here = Sure::perhaps;
    if (his && !s.blurred && s.alive) here = s.door ? is_door_open(s.door) : Sure::perhaps;
    best = std::max(best, here);
  }
  return best;
}

Sure Model::is_lost_for_long(const Duty& duty) const {
  const Millis succession = directory_.rules.duty_succession;
  if (duty.lost_by && duty.lost_by + succession <= at_) return Sure::yes;
  return duty.lost_from && duty.lost_from + succession <= at_ ? Sure::perhaps : Sure::no;
}

/// Each entry looks, before its command and after it, whether the head is in reach; once he was not
/// for Rules::duty_succession his deputy follows, if he is.
void Model::follow_duty() {
  Duties after;
  for (Duty duty : duties_) {
    const Sure here = in_reach(duty.head), deputy = in_reach(duty.deputy);
    if (!duty.head) {
      after.push_back(duty);
      continue;
    }
    const Sure lost = is_lost_for_long(duty);
    const bool followed = here != Sure::yes && deputy != Sure::no && lost != Sure::no;
    if (followed) after.push_back({duty.deputy, {}, {}, duty.number + 1, {}, {}, {}});
    if (here == Sure::no && deputy == Sure::yes && lost == Sure::yes) continue;
    if (here == Sure::yes) {
      duty.lost_from = {};
    } else if (!duty.lost_from) {
      duty.lost_from = at_;
    }
    if (here != Sure::no) {
      duty.lost_by = {};
    } else if (!duty.lost_by) {
      duty.lost_by = at_;
    }
    after.push_back(duty);
  }
  keep_duties(std::move(after));
}

Sure Model::has_duty(PersonId person) const {
  if (duties_.empty()) return Sure::perhaps;
  const auto his = std::count_if(duties_.begin(), duties_.end(),
                                 [&](const Duty& duty) { return duty.head == person; });
  if (his == 0 || !person) return Sure::no;
  return static_cast<std::size_t>(his) == duties_.size() ? Sure::yes : Sure::perhaps;
}

void Model::has_duty_after_all(PersonId person, bool has) {
  std::erase_if(duties_, [&](const Duty& duty) { return (duty.head == person) != has; });
}

Sure Model::has_seen_all(const Duty& duty, const std::vector<ExamId>& list) const {
  constexpr States over = signed_off | ended;
  bool surely_all = std::none_of(doors_.begin(), doors_.end(), [](const auto& door) {
    return door.second.maybe > 0 || !door.second.gaps.empty();
  });
  std::size_t open = 0;
  bool missed = false;
  for (const auto& [id, exam] : exams_) {
    if (!exam.blurred && (exam.may & ~over) == 0) continue;
    ++open;
    const bool listed = std::find(list.begin(), list.end(), id) != list.end();
    if (listed || (!exam.blurred && exam.received > duty.offered_at)) continue;
    surely_all = false;
    missed |= !exam.blurred && (exam.may & over) == 0;
  }
  if (missed && open <= limits::hand_over_count) return Sure::no;
  return surely_all ? Sure::yes : Sure::perhaps;
}

}  // namespace vigie::linear
