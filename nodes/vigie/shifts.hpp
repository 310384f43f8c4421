// The roster as the query `roster` tells it, and as a desk shows it.
#pragma once

#include <string>
#include <vector>

#include "messages/types/roster.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// @param row One of the reply's `shifts`.
Shift shift_in(const Json& row);
std::vector<Shift> shifts_in(const Json& rows);

/// "lecteur os Lyon lyon 2026-11-23 18:00-08:00", on this machine's clocks; "personne" without one.
std::string shift_text(const Place& place, const Shift& shift);

}  // namespace vigie::cli
