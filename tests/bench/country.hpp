// A whole country around the bench's own hospital, so that what is measured has a real directory to
// search.
#pragma once

#include "messages/types/directory.hpp"

namespace vigie::bench {

/// Adds the hospitals, people, groups and agreements of `country` to `directory`; all its people
/// sit at the first centre, and its agreements come before those of `directory`. Its centres and
/// keys, of which no node runs, stay out. Ids are shifted out of the way.
void add_country(Directory& directory, Directory country);

}  // namespace vigie::bench
