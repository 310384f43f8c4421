#include "config/settings/directory_check.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "config/settings/directory_source.hpp"
#include "config/settings/roster_check.hpp"
#include "config/settings/values.hpp"

namespace vigie::settings {
namespace {

std::string key_of(std::string_view kind, std::size_t number, std::string_view key) {
  std::string text(kind);
  text.append(1, '[').append(std::to_string(number + 1)).append("].").append(key);
  return text;
}

std::string names_of(Set<Modality> set) {
  std::string names;
  for (unsigned bit = 0; bit < 16; ++bit) {
    const auto modality = static_cast<Modality>(bit);
    if (set.contains(modality)) {
      names += (names.empty() ? "" : ", ") + std::string(name_of(modality));
    }
  }
  return names;
}

template <class Enum>
Set<Enum> without(Set<Enum> all, Set<Enum> some) {
  return {static_cast<std::uint16_t>(all.bits & ~some.bits)};
}

template <class Enum>
bool meet(Set<Enum> a, Set<Enum> b) {
  return (a.bits & b.bits) != 0;
}

/// In a directory that is not sorted, too.
const Person* owner_of(const Directory& directory, const vigie::Key& key) {
  const auto at = std::ranges::find(directory.people, key.person, &Person::id);
  return at == directory.people.end() ? nullptr : &*at;
}

class DirectoryChecker {
 public:
  DirectoryChecker(const DirectorySource& source, UtcTime today, Problems& problems,
                   Problems& warnings)
      : s_(source), d_(source.directory), today_(today), problems_(problems), warnings_(warnings) {}

  void check() {
    const bool centres = s_.sites.is_sound && s_.people.is_sound;
    if (centres) check_posts();
    if (centres && s_.shifts.is_sound) check_roster(s_, warnings_);
    if (s_.people.is_sound && today_) check_dates();
    if (centres && s_.keys.is_sound) check_keys();
    if (centres && s_.groups.is_sound) check_groups();
    if (centres && s_.groups.is_sound && s_.agreements.is_sound) check_agreements_are_served();
    if (s_.groups.is_sound && s_.agreements.is_sound) check_pools();
    if (s_.agreements.is_sound) check_terms();
    const bool places = s_.areas.is_sound && s_.entities.is_sound && s_.establishments.is_sound;
    if (places && s_.agreements.is_sound) {
      sort_places();
      check_agreements_apply();
      check_agreements_are_ordered();
      check_establishments_are_covered();
    }
  }

 private:
  const Site& site(SiteId id) const { return *std::ranges::find(d_.sites, id, &Site::id); }
  const ProviderGroup& group(GroupId id) const {
    return *std::ranges::find(d_.groups, id, &ProviderGroup::id);
  }

  void check_posts() const {
    for (std::size_t i = 0; i < d_.people.size(); ++i) {
      const Person& person = d_.people[i];
      if (!person.roles.contains(Role::reader) || site(person.site).posts > 0) continue;
      problems_.add(s_.people.line(i, "site"), key_of("person", i, "site"),
                    in_quotes(site(person.site).name) + ", a site with 0 posts",
                    "a site where a reader can sit down");
    }
  }

  /// Who can no longer do what he has the role for.
  void check_dates() const {
    for (std::size_t i = 0; i < d_.people.size(); ++i) {
      const Person& person = d_.people[i];
      const bool regulates = person.roles.contains(Role::regulator);
      if (regulates && !person.is_qualified(Role::regulator, today_)) {
        warnings_.add(s_.people.line(i, "qualification"), key_of("person", i, "qualification"),
                      in_quotes(person.name) + ", a regulator with none in force today",
                      "one in force: without it he cannot claim a request");
      }
      const bool is_over = !person.privileges.empty() &&
                           std::ranges::all_of(person.privileges, [&](const Privilege& p) {
                             return p.until && p.until <= today_;
                           });
      if (!is_over) continue;
      warnings_.add(s_.people.line(i, "privilege"), key_of("person", i, "privilege"),
                    in_quotes(person.name) + ", a reader all of whose privileges have ended",
                    "one in force: without it he is offered nothing");
    }
  }

  /// A file without anybody's key is a sample, or waits for `vigie init`.
  void check_keys() const {
    const bool has_keys =
        std::ranges::any_of(d_.keys, [](const auto& key) { return static_cast<bool>(key.person); });
    if (!has_keys) {
      return warnings_.add(1, "key", "no key of a person", "one for each who is to log in");
    }
    if (!has_administrator(d_)) {
      problems_.add(1, "key", "no administrator's key that is not revoked",
                    "at least one: without him nobody changes the directory again");
    }
    for (std::size_t i = 0; i < d_.people.size(); ++i) {
      const Person& person = d_.people[i];
      if (!person.roles.contains(Role::reader) || can_log_in(person)) continue;
      problems_.add(s_.people.line(i, "name"), key_of("person", i, "name"),
                    in_quotes(person.name) + ", a reader without a [[key]]",
                    "one of his own, or a concentrator's at his site");
    }
  }

  /// Or could once: who left keeps his revoked key.
  bool can_log_in(const Person& reader) const {
    return std::ranges::any_of(d_.keys, [&](const auto& key) {
      if (key.person == reader.id) return true;
      if (!key.concentrator || key.revoked) return false;
      const Person* owner = owner_of(d_, key);
      return owner && owner->site == reader.site;
    });
  }

  /// What the readers of a group read together.
  Set<Modality> read_by(const ProviderGroup& group) const {
    Set<Modality> read;
    for (const Person& person : d_.people) {
      const auto& hospitals = group.establishments;
      const bool is_of_it = std::ranges::find(group.sites, person.site) != group.sites.end() ||
                            (person.institution &&
                             std::ranges::find(hospitals, person.institution) != hospitals.end());
      if (!person.roles.contains(Role::reader) || !is_of_it) continue;
      read.bits = static_cast<std::uint16_t>(read.bits | person.modalities().bits);
    }
    return read;
  }

  void check_groups() const {
    for (std::size_t i = 0; i < d_.groups.size(); ++i) {
      if (read_by(d_.groups[i]) != Set<Modality>{}) continue;
      problems_.add(s_.groups.line(i, "sites"), key_of("group", i, "sites"),
                    "no reader at any of its sites or establishments",
                    "at least one site or establishment with a reader");
    }
  }

  void check_terms() const {
    for (std::size_t i = 0; i < d_.agreements.size(); ++i) {
      const Agreement& a = d_.agreements[i];
      if (a.until && a.until <= a.from) {
        problems_.add(s_.agreements.line(i, "until"), key_of("agreement", i, "until"),
                      in_quotes(a.name) + ", which ends before it begins", "later than `from`");
      }
      if (a.kind == AgreementKind::none || !a.legal_basis.empty()) continue;
      warnings_.add(s_.agreements.line(i, "name"), key_of("agreement", i, "legal_basis"),
                    in_quotes(a.name) + ", which names none",
                    "the text that it rests on, such as \"CSP L. 6146-2\"");
    }
  }

  void check_agreements_are_served() const {
    for (std::size_t i = 0; i < d_.agreements.size(); ++i) {
      const Agreement& agreement = d_.agreements[i];
      Set<Modality> unread = without(agreement.modalities, read_by(group(agreement.group)));
      if (agreement.overflow) unread = without(unread, read_by(group(agreement.overflow)));
      if (unread == Set<Modality>{}) continue;
      problems_.add(s_.agreements.line(i, "modalities"), key_of("agreement", i, "modalities"),
                    names_of(unread) + ", which nobody of its group reads",
                    "what a reader at a site of its group or overflow reads");
    }
  }

  /// The first agreement that covers an exam counts (Directory::agreement()).
  void check_agreements_apply() const {
    for (std::size_t i = 0; i < d_.agreements.size(); ++i) {
      for (std::size_t before = 0; before < i; ++before) {
        if (!covers(before, i)) continue;
        problems_.add(s_.agreements.line(i, "name"), key_of("agreement", i, "name"),
                      in_quotes(d_.agreements[i].name) + ", which never applies: " +
                          in_quotes(d_.agreements[before].name) + " in line " +
                          std::to_string(s_.agreements.line(before, "name")) + " covers all of it",
                      "one that comes first, or covers more");
        break;
      }
    }
  }

  /// At each hour and day at which the second would be in force, the first is.
  static bool covers_in_time(const Agreement& first, const Agreement& second) {
    const bool hours =
        first.bands == Set<Band>{} ||
        (second.bands != Set<Band>{} && without(second.bands, first.bands) == Set<Band>{});
    const bool begins = first.from <= second.from;
    const bool ends = !first.until || (second.until && second.until <= first.until);
    return hours && begins && ends;
  }

  bool covers(std::size_t before, std::size_t number) const {
    const Agreement& first = d_.agreements[before];
    const Agreement& second = d_.agreements[number];
    if (!covers_in_time(first, second)) return false;
    if (without(second.modalities, first.modalities) != Set<Modality>{}) return false;
    return std::ranges::includes(places_[before], places_[number]);
  }

  /// Is there an hour at which both would be in force?
  static bool meet_in_time(const Agreement& a, const Agreement& b) {
    const bool hours = a.bands == Set<Band>{} || b.bands == Set<Band>{} || meet(a.bands, b.bands);
    return hours && (!a.until || b.from < a.until) && (!b.until || a.from < b.until);
  }

  /// An establishment that both cover for a modality; 0: none.
  EstablishmentId meeting_place(std::size_t before, std::size_t number) const {
    const Agreement& first = d_.agreements[before];
    const Agreement& second = d_.agreements[number];
    if (!meet(first.modalities, second.modalities) || !meet_in_time(first, second)) return {};
    const auto at = std::ranges::find_if(places_[number], [&](EstablishmentId id) {
      return std::ranges::binary_search(places_[before], id);
    });
    return at == places_[number].end() ? EstablishmentId{} : *at;
  }

  /// Does it say, itself or by those that it names, that it comes after the other?
  bool follows(const Agreement& agreement, const std::string& other) const {
    return std::ranges::any_of(agreement.after, [&](const std::string& name) {
      if (name == other) return true;
      const auto at = std::ranges::find(d_.agreements, name, &Agreement::name);
      return at != d_.agreements.end() &&
             at < d_.agreements.begin() + (&agreement - &d_.agreements[0]) && follows(*at, other);
    });
  }

  /// Where two apply, the file says in words which comes first (domain O11).
  void check_agreements_are_ordered() const {
    for (std::size_t i = 0; i < d_.agreements.size(); ++i) {
      for (std::size_t before = 0; before < i; ++before) {
        const std::string& other = d_.agreements[before].name;
        const EstablishmentId where = meeting_place(before, i);
        if (!where || covers(before, i) || follows(d_.agreements[i], other)) continue;
        const auto place = std::ranges::find(d_.establishments, where, &Establishment::id);
        problems_.add(s_.agreements.line(i, "name"), key_of("agreement", i, "after"),
                      "no word on " + in_quotes(other) + " in line " +
                          std::to_string(s_.agreements.line(before, "name")) +
                          ", which applies to " + in_quotes(place->name) + " as well",
                      "after = [" + in_quotes(other) + "], or agreements that never meet");
      }
    }
  }

  /// The floor under what a pool's readers must bear (domain O14).
  void check_pools() const {
    for (std::size_t i = 0; i < d_.agreements.size(); ++i) {
      const Agreement& agreement = d_.agreements[i];
      const ProviderGroup& pool = group(agreement.group);
      const std::size_t size = pool.sites.size() + pool.establishments.size();
      if (size >= agreement.pool_min) continue;
      problems_.add(s_.agreements.line(i, "pool_min"), key_of("agreement", i, "pool_min"),
                    std::to_string(agreement.pool_min) + ", and " + in_quotes(pool.name) + " has " +
                        std::to_string(size),
                    "a group of at least so many centres and establishments");
    }
  }

  /// The establishments of each agreement, sorted.
  void sort_places() {
    Directory sorted;
    sorted.areas = d_.areas;
    sorted.establishments = d_.establishments;
    std::ranges::sort(sorted.areas, {}, &Area::id);
    std::ranges::sort(sorted.establishments, {}, &Establishment::id);
    for (Agreement agreement : d_.agreements) {
      std::ranges::sort(agreement.establishments);
      auto& places = places_.emplace_back();
      for (const Establishment& e : sorted.establishments) {
        const bool has_hours = agreement.bands == Set<Band>{} || e.calendar;
        const Modality any = static_cast<Modality>(std::countr_zero(agreement.modalities.bits));
        if (has_hours && agreement.covers(sorted.place(e.id), any)) places.push_back(e.id);
      }
    }
  }

  void check_establishments_are_covered() const {
    for (std::size_t i = 0; i < d_.establishments.size(); ++i) {
      const EstablishmentId id = d_.establishments[i].id;
      const bool is_covered = std::ranges::any_of(
          places_, [&](const auto& places) { return std::ranges::binary_search(places, id); });
      if (is_covered) continue;
      warnings_.add(s_.establishments.line(i, "name"), key_of("establishment", i, "name"),
                    in_quotes(d_.establishments[i].name) + ", which no agreement covers",
                    "one that an [[agreement]] names");
    }
  }

  const DirectorySource& s_;
  const Directory& d_;
  UtcTime today_;
  Problems& problems_;
  Problems& warnings_;
  std::vector<std::vector<EstablishmentId>> places_;  ///< of each agreement; by sort_places()
};

}  // namespace

bool has_administrator(const Directory& directory) {
  return std::ranges::any_of(directory.keys, [&](const auto& key) {
    const Person* owner = owner_of(directory, key);
    return owner && !key.revoked && owner->roles.contains(Role::administrator);
  });
}

Result<DirectoryCheck> check_directory(const std::filesystem::path& path, UtcTime today) {
  DirectoryCheck found{{}, Problems(path.string()), Problems(path.string())};
  DirectorySource source;
  const auto read = read_source(found.problems, source);
  if (!read && !found.problems.any()) return read.error();
  DirectoryChecker(source, today, found.problems, found.warnings).check();
  if (found.problems.any()) return found;
  if (const auto sorted = source.directory.normalise(); !sorted) return sorted.error();
  found.directory = std::move(source.directory);
  return found;
}

}  // namespace vigie::settings
