// How many readers sit at each centre, hour by hour.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/result.hpp"
#include "tests/sim/night/load.hpp"

namespace vigie::night {

struct Centre {
  std::string name;
  int posts = 0;
};
/// Eight centres, 47 posts (domain §5.5).
const std::vector<Centre>& eight_centres();

struct Staffing {
  std::vector<Centre> centres;
  std::array<std::vector<int>, 24> readers;  ///< by hour of the day, then by centre

  int total(int hour) const;
  double reader_hours_per_day() const;
};

/// How staffing follows the load: in each hour as many readers as keep each of them busy for
/// `utilisation` of his time, but never fewer than `floor` nor more than `cap` or the posts.
struct StaffingRule {
  double utilisation = 0.9;
  int floor = 6;
  int cap = 1000;
};
/// All centres as one: an hour's readers are spread over the centres by their posts.
Staffing staffing_for(const LoadOptions& load, const StaffingRule& rule,
                      const std::vector<Centre>& centres);
/// Each centre for itself, reading only its own hospitals' exams (homes()); at least one reader.
Staffing staffing_alone(const LoadOptions& load, const StaffingRule& rule,
                        const std::vector<Centre>& centres);
/// The centre whose hospital it is: each centre gets a share of the load like its share of posts.
std::vector<std::size_t> homes(const std::vector<Centre>& centres);

/// CSV: `hour,lyon:16,bordeaux:7,...` (centre and its posts), then a line for each hour 0..23.
std::string to_csv(const Staffing& staffing);
/// @errors Errc::bad_value: line and what is wrong with it.
Result<Staffing> parse_staffing(std::string_view csv);

}  // namespace vigie::night
