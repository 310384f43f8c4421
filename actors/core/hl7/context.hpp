// What the reader should know, and what came with the request: the "question, context", "done" and
// "attachments" rows of table 1.2. Internal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/group.hpp"
#include "actors/core/hl7/sealed.hpp"

namespace vigie::hl7 {

/// Most important first; codes: question, history, pregnancy, allergy, creatinine, weight, height,
/// product, device, viewer, note, observation.
std::vector<ContextItem> context_of(const Group& group);

/// OBX of type ED, but the viewer's address.
std::vector<Attachment> attachments_of(const Group& group);

/// SHA-256 of the parts, joined by CR; 32 bytes.
std::string sha256(const std::vector<std::string_view>& parts);

}  // namespace vigie::hl7
