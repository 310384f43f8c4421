#include "tests/sim/administrator.hpp"

#include "messages/types/site_change.hpp"

namespace vigie::sim {
namespace {

constexpr std::uint32_t look = 0, gone = 1;
/// So long it may try to take part with what it has left.
constexpr Time noticed_after = 8 * second;

}  // namespace

Administrator::Administrator(Town& town)
    : town_(town),
      caller_(town.world, town.network, town.records, "administrator", {1},
              doors_from({1}, town.sites), key_of({person_administrator}), town.fork()) {
  town.world.join(*this);
  client::SessionWish wish;
  wish.role = Role::administrator;
  caller_.open(std::move(wish), {});
  town.world.at(town.world.now() + 2 * second, *this, look);
}

void Administrator::on_event(std::uint32_t kind, std::uint64_t value) {
  if (kind == gone) {
    Centre& centre = town_.centre({static_cast<std::uint16_t>(value)});
    // The order is given; but while it alone reaches a majority, nobody else can lead and remove
    // it. A voter's machine is not taken away.
    if (!is_no_member(centre.site)) {
      return town_.world.at(town_.world.now() + 2 * second, *this, gone, value);
    }
    centre.crash(-1);
    centre.stay_down(true);
    stages_[centre.site] = Stage::none;
    return centre.lose_data();
  }
  for (const auto& centre : town_.centres) {
    if (centre) look_after(centre->site);
  }
  town_.world.at(town_.world.now() + 2 * second, *this, look);
}

void Administrator::look_after(SiteId site) {
  Centre& centre = town_.centre(site);
  Stage& stage = stages_[site];
  Time& since = out_since_[site];
  if (!centre.is_out()) since = town_.world.now();
  const bool noticed = town_.world.now() - since >= noticed_after;
  if (stage == Stage::none && noticed) {
    centre.take_out();
    return order(SiteChange::rejoin, site, Stage::joining);
  }
  if (stage == Stage::joining && !centre.is_out()) {
    return order(SiteChange::promote, site, Stage::promoting);
  }
  if (stage == Stage::promoting && is_voter(site)) stage = Stage::none;
}

void Administrator::order(SiteChange what, SiteId site, Stage then) {
  stages_[site] = Stage::ordered;
  ChangeSite change;
  change.what = what;
  change.site = site_named(site);
  town_.world.note("site order", static_cast<std::uint64_t>(what), site.value);
  caller_.send(change, [this, site, then](const Answer& answer) { ordered(site, then, answer); });
}

void Administrator::ordered(SiteId site, Stage then, const Answer& answer) {
  town_.world.note("site ordered", site.value, static_cast<std::uint64_t>(answer.code));
  // A new voter waits for those who are away; everything else is ordered anew.
  const bool refused = answer.code != Errc::ok && then != Stage::promoting;
  stages_[site] = refused ? Stage::none : then;
  if (refused) return;
  Centre& centre = town_.centre(site);
  if (then == Stage::joining) {
    centre.lose_data();
    centre.stay_down(false);
    centre.start();
  } else if (then == Stage::leaving) {
    town_.world.at(town_.world.now() + 15 * second, *this, gone, site.value);
  }
}

/// Null while nobody leads, or while a change of the members is under way.
const std::vector<Member>* Administrator::members() const {
  for (const auto& centre : town_.centres) {
    const actors::Host* host = centre ? centre->host() : nullptr;
    if (!host || !host->replica().is_settled_leader()) continue;
    const replica::Replica& leader = host->replica();
    return leader.members_since() <= leader.commit() ? &leader.members() : nullptr;
  }
  return nullptr;
}

bool Administrator::is_voter(SiteId site) const {
  const std::vector<Member>* all = members();
  const Member* member = all ? replica::find_member(*all, site) : nullptr;
  return member && member->voter;
}

bool Administrator::is_no_member(SiteId site) const {
  const std::vector<Member>* all = members();
  return all && !replica::find_member(*all, site);
}

bool Administrator::grow() {
  if (!is_settled() || town_.centres.size() <= static_cast<std::size_t>(town_.sites) + 1) {
    return false;
  }
  Centre& spare = *town_.centres.back();
  if (spare.is_up() || !is_no_member(spare.site)) return false;
  order(SiteChange::add, spare.site, Stage::joining);
  return true;
}

bool Administrator::shrink() {
  Centre& spare = *town_.centres.back();
  const bool there = spare.site.value > town_.sites && is_settled() && is_voter(spare.site);
  if (there) order(SiteChange::remove, spare.site, Stage::leaving);
  return there;
}

bool Administrator::is_settled() const {
  for (const auto& [site, stage] : stages_) {
    if (stage != Stage::none) return false;
  }
  for (const auto& centre : town_.centres) {
    if (centre && centre->is_out()) return false;
  }
  return true;
}

}  // namespace vigie::sim
