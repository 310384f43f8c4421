// vigie duty: the duty head's desk.
#include "nodes/vigie/organiser.hpp"

namespace vigie::cli {

void add_duty(CLI::App& app, Globals& globals, int& code) {
  Plan plan;
  plan.role = Role::duty_head;
  plan.takes_free_duty = true;
  add_organiser(
      app, globals, code, "duty",
      "be the duty head: a duty that nobody has is taken, what nobody solved in time rings, and "
      "who did not come; the duty is offered to another (passer, prendre), exams are held, taken "
      "over, directed, pinned, read without a protocol (sans-protocole), opened once more "
      "(rouvrir), the roster is changed (renfort, rayer, remplacer, horaires; hours are those of "
      "this machine's clocks), always with a reason.",
      plan);
}

}  // namespace vigie::cli
