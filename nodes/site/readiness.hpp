// What /readyz answers: is this a node to send people and hospitals to?
#pragma once

#include <string>

namespace vigie::site {

struct Readiness {
  bool has_leader = false;
  bool is_halted = false;  ///< applies nothing more (faults F33)
  bool is_quarantined = false;
  bool intake_open = true;
};

struct ReadyAnswer {
  int status = 503;
  std::string body;  ///< JSON: ready, mode, reason (disk_full, apply_halted)
};

/// 200, or 503 with the reason.
ReadyAnswer readiness(const Readiness& node);

}  // namespace vigie::site
