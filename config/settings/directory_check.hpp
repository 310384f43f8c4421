// What people get wrong in a directory that reads well: readers who cannot sit down or log in, no
// administrator left, agreements that nobody can serve or that never apply. `vigie directory check`
// tells it, and `vigie directory apply` before it sends anything. load_directory() does not ask: a
// node starts with such a directory, and the room takes it.
#pragma once

#include <filesystem>

#include "config/settings/problems.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"

namespace vigie::settings {

struct DirectoryCheck {
  Directory directory;  ///< normalised; only when there are no problems
  Problems problems;    ///< of reading, and of sense
  Problems warnings;    ///< what may be meant so
};

/// Reads all of the file and judges what was read well: tables that have a problem, or refer to
/// some that have, are not judged as a whole.
/// @param today For what ends on a day; 0: dates are not judged.
/// @errors Errc::not_found: the file cannot be read. Problems are no error here.
Result<DirectoryCheck> check_directory(const std::filesystem::path& path, UtcTime today = {});

/// Has an administrator a key that is good? Else nobody could change the directory again: a sample
/// may be so, a federation's must not.
bool has_administrator(const Directory& directory);

}  // namespace vigie::settings
