// Message to orders, by tables 1.1 and 1.2 of the interface: ORC-1 and ORC-5 decide, then OBR-4.1,
// never MSH-9 alone; each field is the first non-empty of its places, left to right.
#pragma once

#include <string>
#include <vector>

#include "actors/core/hl7/feed.hpp"
#include "actors/core/hl7/message.hpp"
#include "actors/core/hl7/order.hpp"
#include "actors/core/hl7/refusal.hpp"

namespace vigie::hl7 {

/// All orders of a message, or none. Groups with the same key and action are one order with several
/// studies. `today` is only used for the age. At most limits::orders_per_message.
/// @errors a Refusal to be answered AE (build_ack); nothing may be stored.
Checked<std::vector<Order>> map_message(const Message& message, const Feed& feed, Day today);

/// What one field of a request became, and from where ("ORC-2.1"); for `ops/check hl7`.
/// Values are the hospital's own text: for the operator who holds the file, never for a log.
struct Described {
  std::string field;
  std::string source;  ///< "ORC-2.1", "feed", "-" (nowhere)
  std::string value;
};
std::vector<Described> describe(const Message& message, const Feed& feed, Day today);

}  // namespace vigie::hl7
