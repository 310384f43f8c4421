// What duty, lead and handover share: the desk of whoever organises the guard. What rings comes up;
// the duty is taken and handed over; exams, centres and the roster are steered, always with a
// reason.
#pragma once

#include <string>
#include <vector>

#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// What a desk is there for.
struct Plan {
  Role role = Role::duty_head;
  bool takes_free_duty = false;
  bool shows_sheet = false;         ///< of what is open, first of all
  bool hands_over = false;          ///< by itself, then it ends
  std::vector<std::string> orders;  ///< what was said on the command line; then it ends
  bool takes_desk = false;          ///< even where this person sits at a desk already
};

/// Adds the verb `name`, its options and what it does. `globals` and `code` outlive it.
void add_organiser(CLI::App& app, const Globals& globals, int& code, const std::string& name,
                   const std::string& help, const Plan& plan);

}  // namespace vigie::cli
