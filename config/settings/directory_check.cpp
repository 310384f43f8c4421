#include "config/settings/directory_check.hpp"

#include <algorithm>
#include <iterator>

#include "config/settings/directory_source.hpp"
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

bool contains_all(const std::vector<EstablishmentId>& all, std::vector<EstablishmentId> some) {
  return std::ranges::all_of(
      some, [&](EstablishmentId id) { return std::ranges::binary_search(all, id); });
}

/// In a directory that is not sorted, too.
const Person* owner_of(const Directory& directory, const vigie::Key& key) {
  const auto at = std::ranges::find(directory.people, key.person, &Person::id);
  return at == directory.people.end() ? nullptr : &*at;
}

class DirectoryChecker {
 public:
  DirectoryChecker(const DirectorySource& source, Problems& problems, Problems& warnings)
      : s_(source), d_(source.directory), problems_(problems), warnings_(warnings) {}

  void check() const {
    const bool centres = s_.sites.is_sound && s_.people.is_sound;
    if (centres) check_posts();
    if (centres && s_.keys.is_sound) check_keys();
    if (centres && s_.groups.is_sound) check_groups();
    if (centres && s_.groups.is_sound && s_.agreements.is_sound) check_agreements_are_served();
    if (s_.establishments.is_sound && s_.agreements.is_sound) {
      check_agreements_apply();
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

  /// What the readers of a group's sites read together.
  Set<Modality> read_by(const ProviderGroup& group) const {
    Set<Modality> read;
    for (const Person& person : d_.people) {
      const bool sits_there = std::ranges::find(group.sites, person.site) != group.sites.end();
      if (!person.roles.contains(Role::reader) || !sits_there) continue;
      read.bits = static_cast<std::uint16_t>(read.bits | person.modalities.bits);
    }
    return read;
  }

  void check_groups() const {
    for (std::size_t i = 0; i < d_.groups.size(); ++i) {
      if (read_by(d_.groups[i]) != Set<Modality>{}) continue;
      problems_.add(s_.groups.line(i, "sites"), key_of("group", i, "sites"),
                    "no reader at any of its sites", "at least one site with a reader");
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
        if (!covers(d_.agreements[before], d_.agreements[i])) continue;
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

  bool covers(const Agreement& first, const Agreement& second) const {
    if (!covers_in_time(first, second)) return false;
    if (without(second.modalities, first.modalities) != Set<Modality>{}) return false;
    if (first.establishments.empty()) return true;
    std::vector<EstablishmentId> all = first.establishments, some = second.establishments;
    std::ranges::sort(all);
    if (some.empty()) {
      std::ranges::transform(d_.establishments, std::back_inserter(some), &Establishment::id);
    }
    return contains_all(all, some);
  }

  void check_establishments_are_covered() const {
    for (std::size_t i = 0; i < d_.establishments.size(); ++i) {
      const EstablishmentId id = d_.establishments[i].id;
      const bool is_covered = std::ranges::any_of(d_.agreements, [&](const Agreement& a) {
        if (a.bands != Set<Band>{} && !d_.establishments[i].calendar) return false;
        return a.establishments.empty() ||
               std::ranges::find(a.establishments, id) != a.establishments.end();
      });
      if (is_covered) continue;
      warnings_.add(s_.establishments.line(i, "name"), key_of("establishment", i, "name"),
                    in_quotes(d_.establishments[i].name) + ", which no agreement covers",
                    "one that an [[agreement]] names");
    }
  }

  const DirectorySource& s_;
  const Directory& d_;
  Problems& problems_;
  Problems& warnings_;
};

}  // namespace

bool has_administrator(const Directory& directory) {
  return std::ranges::any_of(directory.keys, [&](const auto& key) {
    const Person* owner = owner_of(directory, key);
    return owner && !key.revoked && owner->roles.contains(Role::administrator);
  });
}

Result<DirectoryCheck> check_directory(const std::filesystem::path& path) {
  DirectoryCheck found{{}, Problems(path.string()), Problems(path.string())};
  DirectorySource source;
  const auto read = read_source(found.problems, source);
  if (!read && !found.problems.any()) return read.error();
  DirectoryChecker(source, found.problems, found.warnings).check();
  if (found.problems.any()) return found;
  if (const auto sorted = source.directory.normalise(); !sorted) return sorted.error();
  found.directory = std::move(source.directory);
  return found;
}

}  // namespace vigie::settings
