// What is told at once to whoever organises the guard: what nobody else solved in time, the duty,
// the centres, and who did not come.
#pragma once

#include <string>

#include "messages/types/event.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

bool rings(const Event& event);

struct Ring {
  Json row;
  std::string text;
};
/// @param shifts Of the query `roster`, after a shift_missed: since when he is expected.
Ring ring_of(const Event& event, const Place& place, const Json& shifts = Json::array());

}  // namespace vigie::cli
