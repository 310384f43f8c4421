#include "nodes/client/sight.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace vigie::client {
namespace {

using Json = nlohmann::json;

std::optional<ExamState> state_named(std::string_view name) {
  for (std::uint8_t i = 0; i < exam_state_count; ++i) {
    if (name == vigie::name_of(static_cast<ExamState>(i))) return static_cast<ExamState>(i);
  }
  return {};
}

std::string text_at(const Json& row, const char* key) {
  const auto at = row.find(key);
  return at != row.end() && at->is_string() ? at->get<std::string>() : std::string{};
}

/// A row without an id is of a node that does not tell it yet.
void take_row(const Json& row, Sight& sight) {
  const std::string id = text_at(row, "id"), state = text_at(row, "state");
  ExamId exam;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), exam.value);
  const auto known = state_named(state);
  if (read.ptr != id.data() + id.size() || !exam || !known) return;
  sight.exams.emplace_back(exam, *known);
}

}  // namespace

Sight sight_of(const Query& query, const QueryReply& reply) {
  Sight sight;
  const bool shows = query.kind == QueryKind::exams || query.kind == QueryKind::exam;
  if (!shows || reply.code != Errc::ok) return sight;
  const Json json = Json::parse(reply.json, nullptr, false);
  if (!json.is_object()) return sight;
  if (query.kind == QueryKind::exam) return take_row(json, sight), sight;
  const auto rows = json.find("exams");
  if (rows == json.end() || !rows->is_array()) return sight;
  for (const Json& row : *rows) take_row(row, sight);
  const auto complete = json.find("complete");
  sight.all = query.argument.empty() && complete != json.end() && *complete == true &&
              sight.exams.size() == rows->size();
  return sight;
}

std::string_view name_of(QueryKind kind) {
  static constexpr std::string_view names[] = {"none", "status",  "exams",    "exam",
                                               "why",  "readers", "directory"};
  const auto at = static_cast<std::size_t>(kind);
  return at < std::size(names) ? names[at] : names[0];
}

}  // namespace vigie::client
