// What hospitals, regulators, readers and those who organise the guard type about an exam beyond
// the straight line, or about the guard itself, as commands: one table of words for all their
// desks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/command.hpp"
#include "nodes/vigie/desk.hpp"

namespace vigie::cli {

/// The words of `role`; empty: it has none.
std::vector<Help> words_of(Role role);

/// Does its first word name a shift of the roster?
bool is_of_roster(const std::string& line, Role role);

/// The command that `line` says, if its first word is one of `role`'s.
/// @param place Names exams, people and establishments; its directory must be known.
/// @param roster As it stands, where the line is_of_roster().
/// @return nothing when the word is no such word.
/// @errors bad_value: what is missing or unknown, in words for whoever typed it.
std::optional<Result<Command>> command_in(const std::string& line, Role role, const Place& place,
                                          const std::vector<Shift>& roster = {});

}  // namespace vigie::cli
