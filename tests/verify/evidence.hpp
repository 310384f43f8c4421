// A folder of evidence: what a run left behind, and what the checker makes of it.
//
//   DIR/histories/*.jsonl   clients' histories (ops/docs/format-history.md)
//   DIR/reports/*.hl7       reports as the hospitals received them; absent: not recorded
//   DUMPS/*.dump            the centres' journals, laid open (dump_format.hpp)
#pragma once

#include <string>
#include <vector>

#include "tests/verify/verdict.hpp"

namespace vigie::verify {

struct Evidence {
  std::string dir;
  std::string dumps;
  std::vector<Violation> found;  ///< by whoever looked before: sums, journals that do not open
};

/// Reads everything and checks it. Evidence that is not there is a violation `missing`.
Verdict verify(const Evidence& evidence);

}  // namespace vigie::verify
