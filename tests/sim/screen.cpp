#include "tests/sim/screen.hpp"

namespace vigie::sim {

Screen::Screen(Town& town, std::uint32_t number, SiteId where)
    : caller(town.world, town.network, town.records, "reader" + std::to_string(number), where,
             doors_from(where, town.sites), key_of({number}), town.fork()),
      number_(number) {
  town.tracks.join(*this);
}

ExamId Screen::believes() const {
  const bool shows = !abandoned && !leaving && held && !caller.is_lost() &&
                     caller.session().holds() && caller.session().exam() == held;
  return shows ? held : ExamId{};
}

std::pair<SessionId, Incarnation> Screen::counts_on() const {
  const client::Session& mine = caller.session();
  if (caller.is_lost() || !mine.holds()) return {};
  return {mine.id(), mine.incarnation()};
}

}  // namespace vigie::sim
