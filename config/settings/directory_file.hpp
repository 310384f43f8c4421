// The directory as a file: people write names, the replicated directory has ids.
//
// Read for a federation's first start and by `vigie directory apply`; afterwards the log is what
// counts. config/samples/federation-3/directory.toml shows all of it.
#pragma once

#include <filesystem>
#include <string>

#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"

namespace vigie::settings {

/// Reads, resolves names and normalises. Names of people, sites, groups and establishments are
/// unique in the file; ids are written down, as they must never be reused.
/// @errors As load_site().
Result<Directory> load_directory(const std::filesystem::path& path);

/// The text of such a file, for load_directory() to read back: same directory, if normalised.
std::string write_directory(const Directory& directory);

}  // namespace vigie::settings
