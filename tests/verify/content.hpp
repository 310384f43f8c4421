// What a command says, as one number: computed once from a history's line and once from a log
// entry, by two ways that share no code with the product, and compared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/command.hpp"

namespace vigie::verify {

/// FNV-1a, 64 bits, continuing from `before`.
std::uint64_t fnv(std::string_view text, std::uint64_t before = 0xcbf29ce484222325ull);

/// Names an order: legal entity, authority, number.
std::uint64_t order_hash(std::uint32_t legal_entity, std::string_view authority,
                         std::string_view number);

/// The fields of a command that a history records, in a fixed order; absent ones are 0 or empty.
struct Content {
  std::string_view command;
  std::uint64_t exam = 0;
  std::uint64_t orders = 0;  ///< order_hash() of each, folded with fold()
  Epoch epoch;
  std::uint64_t report = 0;
  std::uint64_t text = 0;  ///< FNV-1a of a report's text
  std::string_view urgency;
  std::string_view message;
  std::uint64_t person = 0;
  std::string_view role;
  std::uint64_t site = 0;
  std::uint64_t version = 0;
};
std::uint64_t fold(std::uint64_t orders, std::uint64_t order);
std::uint64_t hash_of(const Content& content);

/// The same of a command that was in the log.
std::uint64_t content_of(const Command& command);

}  // namespace vigie::verify
