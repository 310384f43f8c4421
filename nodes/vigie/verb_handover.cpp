// vigie handover: the end of a guard, and the beginning of the next.
#include "nodes/vigie/organiser.hpp"

namespace vigie::cli {

void add_handover(CLI::App& app, Globals& globals, int& code) {
  Plan plan;
  plan.role = Role::duty_head;
  plan.shows_sheet = true;
  add_organiser(app, globals, code, "handover",
                "hand over: the sheet of what has no report yet; the duty as the next duty head "
                "(prendre), and what a hospital's guard leaves unread at its end, kept (garder) "
                "or given to its day service (donner; also by a requester of that hospital).",
                plan);
}

}  // namespace vigie::cli
