// One exam as people read it: where it stands, what is to be done, what was said, its reports.
#pragma once

#include "actors/core/hl7/sealed.hpp"
#include "messages/types/event.hpp"
#include "nodes/vigie/look.hpp"

namespace vigie::cli {

/// @param exam What a node replies to QueryKind::exam. Lines, the last without its end.
std::string exam_text(const Json& exam);

/// What the hospital said of the patient: why, what matters for him as far as what is sealed can be
/// opened, and its answers to questions ("answer").
std::vector<hl7::ContextItem> context_of(const ExamCard& card);
Json json_of(const std::vector<hl7::ContextItem>& context);  ///< code, text
/// Each as ", code : text".
std::string text_of(const std::vector<hl7::ContextItem>& context);

}  // namespace vigie::cli
