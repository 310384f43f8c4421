// What regulators, readers and the duty head type about an exam beyond the straight line, as
// commands: one table of words for all their desks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/types/command.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// By id, by name, or by a part of the name that only one person has.
/// @errors bad_value: nobody, or several.
Result<PersonId> person_in(const Directory& directory, const std::string& typed);

/// The words of `role`, for its usage line; empty: it has none.
std::string words_of(Role role);

/// The command that `line` says, if its first word is one of `role`'s.
/// @param place names exams, people and establishments; its directory must be known.
/// @return nothing when the word is no such word.
/// @errors bad_value: what is missing or unknown, in words for whoever typed it.
std::optional<Result<Command>> command_in(const std::string& line, Role role, const Place& place);

}  // namespace vigie::cli
