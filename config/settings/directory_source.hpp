// A directory as its file says it: the values in the file's order, and the line of each. What
// directory_check.hpp judges; others want load_directory(). Only this module includes it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings/problems.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"

namespace vigie::settings {

/// The tables of one kind, such as all [[person]].
struct SourceTables {
  bool is_sound = false;  ///< each was read without a problem: what they say together can be judged
  /// By table: the line of each key that it may have, or its own for those that are absent.
  std::vector<std::map<std::string, unsigned, std::less<>>> lines;

  unsigned line(std::size_t number, std::string_view key) const {
    const auto at = lines[number].find(key);
    return at == lines[number].end() ? 1 : at->second;
  }
};

struct DirectorySource {
  Directory directory;  ///< not normalised
  SourceTables areas, entities, sites, calendars, groups, establishments, agreements, people, keys,
      protocols, engines, shifts;
};

/// Reads all of `problems.file()` that can be read.
/// @errors As read_toml(); `source` has what was good.
Result<void> read_source(Problems& problems, DirectorySource& source);

}  // namespace vigie::settings
