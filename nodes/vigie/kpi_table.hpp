// The figures of the guard as tables for people and as JSON for programs (ops/docs/measures.md).
#pragma once

#include "actors/core/kpi/figures.hpp"
#include "messages/types/directory.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// What part of the log the figures are of.
struct KpiPeriod {
  LogIndex from, to;  ///< first and last entry that was counted
  FedTime begin, end;
};

/// @param directory Gives the names; what has left it appears by its number.
Json kpi_json(const kpi::Figures& figures, const Directory& directory, const KpiPeriod& period);
void print_kpi(const kpi::Figures& figures, const Directory& directory, const KpiPeriod& period);

}  // namespace vigie::cli
