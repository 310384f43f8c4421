#include "config/settings/roster_check.hpp"

#include <algorithm>
#include <chrono>

#include "config/settings/values.hpp"

namespace vigie::settings {
namespace {

/// Of his working hours, how many a radiologist may guard (G4 charter, version 4).
constexpr std::int64_t share_max_percent = 20;

class RosterChecker {
 public:
  RosterChecker(const DirectorySource& source, Problems& warnings)
      : s_(source), roster_(source.directory.roster), warnings_(warnings) {}

  void check() {
    for (std::size_t i = 0; i < roster_.size(); ++i) check_post(i);
    for (const Person& person : s_.directory.people) check_share(person);
  }

 private:
  void warn(std::size_t shift, const char* key, const std::string& was,
            const std::string& wanted) const {
    warnings_.add(s_.shifts.line(shift, key), "shift[" + std::to_string(shift + 1) + "]." + key,
                  was, wanted);
  }
  /// Told once for each shift that comes when all posts are taken.
  void check_post(std::size_t i) {
    const Shift& shift = roster_[i];
    const auto site = std::ranges::find(s_.directory.sites, shift.site, &Site::id);
    const auto there = std::ranges::count_if(roster_, [&](const Shift& other) {
      const bool earlier = other.from < shift.from || (other.from == shift.from && &other < &shift);
      return other.site == shift.site && earlier && shift.from < other.until;
    });
    if (there < site->posts) return;
    warn(i, "site",
         in_quotes(site->name) + ", where " + std::to_string(there) + " are on guard at " +
             moment_text(shift.from),
         "a centre with a post left: it has " + std::to_string(site->posts));
  }

  struct Month {
    std::chrono::year_month which;
    std::size_t first = 0;  ///< shift
    std::size_t count = 0;
    Millis guarded;
  };
  std::vector<Month> months_of(PersonId who) const {
    std::vector<Month> months;
    for (std::size_t i = 0; i < roster_.size(); ++i) {
      if (roster_[i].person != who) continue;
      const std::chrono::sys_days day{std::chrono::days{roster_[i].from.value / (24_h).value}};
      const std::chrono::year_month_day date{day};
      const std::chrono::year_month which = date.year() / date.month();
      auto at = std::ranges::find(months, which, &Month::which);
      if (at == months.end()) at = months.insert(months.end(), {which, i, 0, {}});
      ++at->count;
      at->guarded = at->guarded + (roster_[i].until - roster_[i].from);
    }
    return months;
  }

  void check_share(const Person& who) {
    if (who.home_hours == 0) return;
    for (const Month& month : months_of(who.id)) {
      const auto last = std::chrono::sys_days{month.which / std::chrono::last};
      const auto days = (last - std::chrono::sys_days{month.which / 1}).count() + 1;
      const std::int64_t home = (1_h * who.home_hours).value * days / 7;
      const std::int64_t percent = 100 * month.guarded.value / (home + month.guarded.value);
      if (percent <= share_max_percent) continue;
      warn(month.first, "person",
           in_quotes(who.name) + ", who with " + std::to_string(month.count) +
               " shifts guards for " + std::to_string(percent) + " % of his hours in " +
               date_text(roster_[month.first].from).substr(0, 7),
           "at most " + std::to_string(share_max_percent) + " %");
    }
  }

  const DirectorySource& s_;
  const std::vector<Shift>& roster_;
  Problems& warnings_;
};

}  // namespace

void check_roster(const DirectorySource& source, Problems& warnings) {
  RosterChecker(source, warnings).check();
}

}  // namespace vigie::settings
