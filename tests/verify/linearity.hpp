// The evidence of a real run as the linearizability checker wants it (tests/verify/linear), and its
// findings as a verdict's.
#pragma once

#include "tests/verify/history.hpp"
#include "tests/verify/journal.hpp"
#include "tests/verify/linear/linear.hpp"
#include "tests/verify/verdict.hpp"

namespace vigie::verify {

/// What clients' files and the committed log say, in the checker's words.
linear::History observed(const Journals& journals, const History& history);

/// Judges it: a violation `linear_<kind>` for each fault, figures, and notes on what was not
/// judged.
void check_linearity(const Journals& journals, const History& history, Verdict& verdict);

}  // namespace vigie::verify
