// What the verbs of `vigie journal` share.
#pragma once

#include <memory>
#include <string>

#include "nodes/vigie/cli.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::cli {

/// @param dir The data folder, or the centre's folder that has one. Opened for reading.
/// @errors as storage::open_rocks().
Result<std::unique_ptr<storage::Journal>> open_journal_folder(const std::string& dir);

/// Says what is wrong, in JSON too when asked for. @return the exit code.
int damaged(const Globals& globals, const Error& error);

/// Adds `replay` below `journal`.
void add_replay(CLI::App& journal_verb, Globals& globals, int& code);

}  // namespace vigie::cli
