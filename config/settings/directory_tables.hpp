// The small words and tables inside the tables of a directory file: what more than one of them has,
// or what stands between the brackets of one. Only directory_reader.cpp includes it.
#pragma once

#include <optional>
#include <string_view>

#include "config/settings/table_reader.hpp"
#include "messages/types/directory.hpp"

namespace vigie::settings {

inline constexpr std::string_view modalities_allowed =
    "CT, MR, CR, DX, XA, NM, PT, MG, OT (not US)";
inline constexpr std::string_view skills_allowed = "general, neuro, chest, body, msk, paediatric";
inline constexpr std::string_view regions_allowed =
    "head, neck, chest, abdomen_pelvis, spine, limb, whole_body";

/// One word each; nothing when it is not allowed.
std::optional<Modality> remote_modality(std::string_view text);
std::optional<Skill> known_skill(std::string_view text);
std::optional<Region> known_region(std::string_view text);
std::optional<AgeClass> known_age(std::string_view text);
// Each adds what the table says to its last argument, and problems for what is not allowed.

void read_modalities(TableReader& r, Key key, Set<Modality>& out);
void read_skills(TableReader& r, Set<Skill>& out);
void read_roles(TableReader& r, Set<Role>& out);
/// A [[site.post]].
void read_post(TableReader& r, Site& site);
/// `side`: requester or provider; one that is missing is a problem.
void read_signature(TableReader& r, const char* side, Signature& out);
/// "guard" stands for all of its bands.
void read_bands(TableReader& r, Set<Band>& out);
/// A [[person.privilege]], a [[person.qualification]].
void read_privilege(TableReader& r, Person& person);
void read_qualification(TableReader& r, Person& person);

}  // namespace vigie::settings
