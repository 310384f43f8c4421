// The speakable exam number: `MRS-7K2Q`. Three letters of the door, then the exam's number at that
// door in base 32 without I, L, O, U (Crockford), at least three signs, then one check sign.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/directory.hpp"
#include "messages/types/ids.hpp"

namespace vigie {

/// Exam number `sequence` (1, 2, ...) of door `site`.
constexpr ExamId make_exam_id(SiteId site, std::uint64_t sequence) {
  return {(static_cast<std::uint64_t>(site.value) << 44) | sequence};
}
constexpr SiteId door_of(ExamId id) { return {static_cast<std::uint16_t>(id.value >> 44)}; }
constexpr std::uint64_t sequence_of(ExamId id) { return id.value & ((1ull << 44) - 1); }

/// `code` is the door's three letters.
std::string exam_number(std::string_view code, ExamId id);
/// With the door's letters from the directory; `???` when the door is unknown.
std::string exam_number(const Directory& directory, ExamId id);
/// Accepts lower case and the usual confusions (O for 0, I and L for 1).
/// @errors Errc::bad_value: unknown door, wrong check sign or not a number.
Result<ExamId> parse_exam_number(const Directory& directory, std::string_view text);

}  // namespace vigie
