#include "nodes/site/restarts.hpp"

namespace vigie::site {

bool Restarts::may_begin_anew(Part part, BootTime now) {
  const std::lock_guard lock(mutex_);
  std::deque<BootTime>& failures = failures_.at(static_cast<std::size_t>(part));
  while (!failures.empty() && now - failures.front() >= restarts_within) failures.pop_front();
  failures.push_back(now);
  return failures.size() <= restarts_max;
}

}  // namespace vigie::site
