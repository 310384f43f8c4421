#include "nodes/vigie/look.hpp"

namespace vigie::cli {

Result<Json> look(const Globals& globals, const std::string& who, QueryKind kind,
                  const std::string& argument) {
  const auto place = who.empty() ? open_place(globals) : place_of(globals, who);
  if (!place) return place.error();
  const auto client = connect(globals, *place);
  if (!client) return client.error();
  return ask(globals, **client, kind, argument);
}

std::string text_of(const Json& value) {
  if (value.is_string()) return printable(value.get<std::string>());
  if (value.is_null()) return "";
  return value.dump();
}

std::string field(const Json& row, const char* key) {
  const auto at = row.find(key);
  return at == row.end() ? std::string() : text_of(*at);
}

std::string clock(const Json& row, const char* key) {
  const std::string at = field(row, key);
  return at.size() >= 19 ? at.substr(11, 8) : at;
}

}  // namespace vigie::cli
