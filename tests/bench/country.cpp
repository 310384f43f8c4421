#include "tests/bench/country.hpp"

namespace vigie::bench {
namespace {

template <class Id>
void shift(Id& id) {
  constexpr std::uint32_t by = 20'000;
  if (id) id.value = static_cast<typename Id::rep>(id.value + by);
}

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void add_country(Directory& directory, Directory country) {
  const SiteId here = directory.sites.front().id;
  for (LegalEntity& entity : country.entities) shift(entity.id);
  for (Establishment& e : country.establishments) {
    shift(e.id);
    shift(e.legal_entity);
    e.doors = {here};
    e.recipients.clear();
  }
  for (ProviderGroup& group : country.groups) {
    shift(group.id);
    group.sites = {here};
    for (EstablishmentId& e : group.establishments) shift(e);
  }
  for (Agreement& a : country.agreements) {
    shift(a.group);
    shift(a.overflow);
    a.pool_min = 0;
    for (EstablishmentId& e : a.establishments) shift(e);
    for (LegalEntityId& e : a.entities) shift(e);
    // The bench's hospital is its own agreement's: what is for all is for those of the country.
    const bool for_all = a.establishments.empty() && a.entities.empty() && a.areas.empty();
    if (!for_all) continue;
    for (const Establishment& e : country.establishments) a.establishments.push_back(e.id);
  }
  for (Person& person : country.people) {
    person.id.value += 1'000'000;
    person.site = here;
    shift(person.establishment);
    shift(person.institution);
  }
  append(directory.entities, country.entities);
  append(directory.areas, country.areas);
  append(directory.calendars, country.calendars);
  append(directory.establishments, country.establishments);
  append(directory.groups, country.groups);
  append(directory.people, country.people);
  append(directory.protocols, country.protocols);
  append(directory.engines, country.engines);
  append(country.agreements, directory.agreements);
  directory.agreements = std::move(country.agreements);
}

}  // namespace vigie::bench
