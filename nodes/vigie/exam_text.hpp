// One exam as people read it: where it stands, what is to be done, what was said, its reports.
#pragma once

#include "nodes/vigie/look.hpp"

namespace vigie::cli {

/// @param exam What a node replies to QueryKind::exam. Lines, the last without its end.
std::string exam_text(const Json& exam);

}  // namespace vigie::cli
