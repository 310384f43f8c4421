// What the node's replies say of the guard as a whole: what does not work, figures of an area; and
// who may see what.
#pragma once

#include "actors/room/exam_view.hpp"

namespace vigie::actors {

/// What somebody may ask for. Support sees no clinical text (domain R10), an agency figures of its
/// area only (domain R14); who has another role too sees all.
enum class Sight : std::uint8_t { all, unclinical, figures };
Sight sight_of(const Person* asker);

/// Deliveries, images and centres that do not work as they should, and support's tasks.
Json incidents(const View& v);
/// Counts of an area's exams in the room; 0: of all. Those under figures_least are not told.
Json aggregates(const View& v, AreaId area);
inline constexpr std::uint32_t figures_least = 5;

}  // namespace vigie::actors
