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

}  // namespace vigie
