// Who plays: the centres, hospitals and people that every scenario knows, and their names. The same
// in each file, so that whoever has read one scenario knows the cast of the others
// (tests/scenarios/README.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/directory.hpp"

namespace vigie::scenarios {

inline constexpr int centres_min = 3, centres_max = 5;

/// The directory of a guard of the first `centres` centres: Lyon, Bordeaux, Marseille, Rennes,
/// Strasbourg; with those hospitals and people that they have.
Directory cast_of(int centres);

PublicKey key_of(PersonId person);

/// "Lyon" of "lyon": as the trace writes names.
std::string capital(std::string_view name);

// By name, in any case. Nothing when the directory does not know it.
std::optional<SiteId> centre_named(const Directory& directory, std::string_view name);
const Establishment* hospital_named(const Directory& directory, std::string_view name);
/// Somebody with `role`.
const Person* person_named(const Directory& directory, std::string_view name, Role role);

std::string name_of(const Directory& directory, SiteId site);
std::string name_of(const Directory& directory, PersonId person);
std::string name_of(const Directory& directory, EstablishmentId hospital);

}  // namespace vigie::scenarios
