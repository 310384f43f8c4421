// What the desks tell people, in French: what was done, what happened, why not. Programs go by the
// names and codes of the JSON lines.
#pragma once

#include <string>

#include "messages/types/command.hpp"
#include "messages/types/event.hpp"
#include "messages/types/result.hpp"

namespace vigie::cli {

/// "mise en attente"; the command's name where nothing better is known.
std::string said(const Command& command);
/// "annulation demandée"
std::string said(EventKind kind);
/// "impossible, l'examen est READY"
std::string why_not(Errc code, const std::string& detail);

/// The exam that `command` is about; 0: none.
ExamId exam_of(const Command& command);

}  // namespace vigie::cli
