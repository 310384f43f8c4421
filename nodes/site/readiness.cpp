#include "nodes/site/readiness.hpp"

namespace vigie::site {

ReadyAnswer readiness(const Readiness& node) {
  const bool ready = node.has_leader && node.intake_open && !node.is_halted;
  const std::string mode = node.is_halted        ? "HALTED"
                           : node.has_leader     ? "CONNECTED"
                           : node.is_quarantined ? "QUARANTINED"
                                                 : "STARTING";
  const std::string reason = node.is_halted ? "apply_halted" : !node.intake_open ? "disk_full" : "";
  return {ready ? 200 : 503, "{\"ready\":" + std::string(ready ? "true" : "false") +
                                 ",\"mode\":\"" + mode + "\"" +
                                 (reason.empty() ? "" : ",\"reason\":\"" + reason + "\"") + "}\n"};
}

}  // namespace vigie::site
