// vigie lead: a site lead's desk.
#include "nodes/vigie/organiser.hpp"

namespace vigie::cli {

void add_lead(CLI::App& app, Globals& globals, int& code) {
  Plan plan;
  plan.role = Role::site_lead;
  add_organiser(app, globals, code, "lead",
                "be a centre's site lead: posts are closed and opened, the centre is declared "
                "degraded, its readers are marked away, its part of the roster is changed "
                "(renfort, rayer, remplacer, horaires; hours are those of this machine's clocks).",
                plan);
}

}  // namespace vigie::cli
