// What whoever plans the roster should see, by `vigie directory check`.
#pragma once

#include "config/settings/directory_source.hpp"

namespace vigie::settings {

/// Judges the [[shift]] tables, where sites, people and they themselves were read without a
/// problem: more readers than posts (domain R6), and who guards for more than a fifth of his hours
/// in a month (domain R11, G4 charter).
void check_roster(const DirectorySource& source, Problems& warnings);

}  // namespace vigie::settings
