// What an order about one site (ChangeSite) makes of the directory. The directory says what is
// wanted; the leader makes the members of the federation follow it, one at a time (design D2).
#pragma once

#include <string>

#include "messages/types/command.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"

namespace vigie {

/// Sites that are to vote, by the directory.
std::size_t wanted_voters(const Directory& directory);

/// Carries `change` out: version + 1.
/// @return What people should know, such as that the voters are now even in number; may be empty.
/// @errors Errc::bad_value, Errc::limit_reached, Errc::not_found: in words; nothing is changed.
Result<std::string> change_site(Directory& directory, const ChangeSite& change);

/// The directory that an administrator wants in place of `now`: what only change_site() gives a
/// site (its membership, generation, priority, address and key) stays as it is, and a site that
/// once was removed stays known. normalise() has not looked at it.
/// @errors Errc::bad_value: a site of the federation is missing, or a node's key is none of its
/// own.
Result<Directory> replace_directory(const Directory& now, Directory wanted);

}  // namespace vigie
