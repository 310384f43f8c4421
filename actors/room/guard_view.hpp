// What the node's replies say of the guard as a whole: what does not work, figures of an area; and
// who may see what.
#pragma once

#include "actors/room/exam_view.hpp"

namespace vigie::actors {

/// What somebody may ask for. A hospital's people see its exams only, support no clinical text
/// (domain R10), an agency figures of its area only (domain R14), unless they have another role
/// too.
enum class Sight : std::uint8_t { nothing, all, own, unclinical, figures };
/// `nothing`: no key of the directory, or revoked. Of several limited roles the narrowest counts.
Sight sight_of(const Directory& directory, const PublicKey& key);

/// Deliveries, images and centres that do not work as they should, and support's tasks.
Json incidents(const View& v);
/// Counts of an area's exams in the room; 0: of all. Those under figures_least are not told.
Json aggregates(const View& v, AreaId area);
inline constexpr std::uint32_t figures_least = 5;

}  // namespace vigie::actors
