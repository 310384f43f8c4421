// The figures that the domain study got from its own simulation (domain §5.6), beside those that
// the production room gives under the same assumptions.
#pragma once

#include <iosfwd>
#include <string>

namespace vigie::night {

struct ReferenceOptions {
  int seeds = 8;
  int days = 5;
};

/// Runs every line of the table and prints it. Returns its CSV: see csv_header().
std::string print_reference(std::ostream& out, const ReferenceOptions& options);

}  // namespace vigie::night
