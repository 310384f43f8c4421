// What the verbs that only look have in common: one question, and the reply's fields as text.
#pragma once

#include <string>

#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// Asks one centre. @param who As whom: id or name; empty: the client file's own.
/// @errors as place_of(), connect() and ask().
Result<Json> look(const Globals& globals, const std::string& who, QueryKind kind,
                  const std::string& argument);

/// A value as people read it; null is empty.
std::string text_of(const Json& value);
/// text_of() what the row has under `key`; empty when it has nothing.
std::string field(const Json& row, const char* key);
/// "21:14:07" of an ISO time.
std::string clock(const Json& row, const char* key);

}  // namespace vigie::cli
