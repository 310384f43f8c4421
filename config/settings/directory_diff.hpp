// What a directory would change in the one that a federation has. Two directories differ where
// their files do (write_directory()): the version, and what only `vigie site` gives a centre, do
// not count.
#pragma once

#include <string>
#include <vector>

#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"

namespace vigie::settings {

/// One item of a directory, such as a person, or its rules.
struct DirectoryItem {
  std::string kind;  ///< as its table is called: site, group, ..., rules
  std::string name;  ///< "501 Anna", "ct"; empty for what is there once
  bool operator==(const DirectoryItem&) const = default;
};
/// One value of an item; "nothing" where there is none.
struct DirectoryChange {
  DirectoryItem item;
  std::string key, from, to;
  bool operator==(const DirectoryChange&) const = default;
};
struct DirectoryDiff {
  std::vector<DirectoryItem> added, removed;
  std::vector<DirectoryChange> changed;
  bool is_empty() const { return added.empty() && removed.empty() && changed.empty(); }
};

/// @param now Normalised. @param wanted As an administrator would apply it in its place.
/// @return In the order of a file's tables. Agreements of one name are numbered: "ct", "ct (2)".
/// @errors Errc::bad_value: why the federation would refuse `wanted`, by replace_directory().
Result<DirectoryDiff> diff_directory(const Directory& now, const Directory& wanted);

/// A line for each item: `+ person 501 Anna`, `- key 7`, `~ agreement ct: regulation required ->
/// none`, by kind; empty when nothing changes.
std::string text_of(const DirectoryDiff& diff);

}  // namespace vigie::settings
